"""Which element belongs to the row, card or group that holds a text."""

from __future__ import annotations

from collections.abc import Sequence

from agent_judge.drive.candidates import Candidate
from agent_judge.drive.roles import ENTRIES
from agent_judge.drive.similarity import normalise, says
from agent_judge.drive.snapshot import Node

_ELSEWHERE = 0.35
"""What belongs to another entry is not meant."""
_BESIDE = 0.85
"""What only stands apart from a text may still be meant."""
_ABSENT = 0.95


class Nearness:
    """How well candidates belong to a ``near`` text: the tightest group with the text and a candidate decides."""

    def __init__(self, candidates: Sequence[Candidate], near: str, entered: Sequence[str]) -> None:
        self._near = near
        self._sources = _smallest_holding(candidates[0].node.root, near) if candidates else []
        self._around = {id(node) for source in self._sources for node in (source, *source.ancestors())}
        self._sizes = {id(one): self._group_size(one) for one in candidates}
        self._tightest = min(self._sizes.values(), default=float("inf"))
        self.about_an_entry = any(normalise(text) == normalise(near) for text in entered) or any(
            node.role in ENTRIES for source in self._sources for node in source.ancestors()
        )

    def fit(self, candidate: Candidate, *, has_name: bool) -> float:
        """How well a candidate belongs to the text, 0 to 1."""
        if self._says_it(candidate):
            return 1.0
        if not self._sources:
            return self._fit_without_text(has_name)
        if self.belongs(candidate):
            return 1.0
        return _ELSEWHERE if self.about_an_entry or not has_name else _BESIDE

    @property
    def found(self) -> bool:
        """Whether the text is on the page."""
        return bool(self._sources)

    def belongs(self, candidate: Candidate) -> bool:
        """Whether a candidate stands in the text's own group."""
        return bool(self._sources) and self._sizes.get(id(candidate)) == self._tightest

    def gap(self, candidate: Candidate) -> float:
        """How far the text is from a candidate, in lines or in document order; for those that share a group."""
        gaps = []
        for source in self._sources:
            if candidate.rect and source.rect and source.role != "text":
                gaps.append(abs(candidate.rect.middle[1] - source.rect.middle[1]) / 10)
            behind = candidate.order - source.order
            gaps.append(behind if behind >= 0 else 2 - behind)
        return min(gaps, default=float("inf"))

    def _says_it(self, candidate: Candidate) -> bool:
        return any(says(name, self._near) for name in candidate.names.values())

    def _fit_without_text(self, has_name: bool) -> float:
        """The text is not on the page: that rules out an entry, but not what only stands elsewhere here."""
        return _ABSENT if has_name and not self.about_an_entry else 0.0

    def _group_size(self, candidate: Candidate) -> float:
        """Size of the smallest group that holds both the candidate and the text."""
        own: list[Node] = [] if self._says_it(candidate) else [candidate.node]  # The text itself is no group.
        for node in [*own, *candidate.node.ancestors()]:
            if id(node) in self._around:
                return node.size
        return float("inf")


def _smallest_holding(root: Node, near: str) -> list[Node]:
    """The smallest elements that show a text; the best readings only."""
    holding = [node for node in root.walk() if node.role != "fragment" and says(node.name, near)]
    exact = [node for node in holding if normalise(node.name) == normalise(near)]
    holding = exact or holding
    outer = {id(ancestor) for node in holding for ancestor in node.ancestors()}
    return [node for node in holding if id(node) not in outer]

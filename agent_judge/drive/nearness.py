"""Which element belongs to the row, card or group that holds a text."""

from __future__ import annotations

from collections.abc import Sequence

from agent_judge.drive.candidates import Candidate
from agent_judge.drive.roles import ENTRIES
from agent_judge.drive.similarity import alike, normalise, says
from agent_judge.drive.snapshot import Node

_ALIKE = 0.85
_ELSEWHERE = 0.35
_ABSENT = 0.8


class Nearness:
    """How well candidates fit a ``near`` text: the tightest group around the text decides."""

    def __init__(self, candidates: Sequence[Candidate], near: str) -> None:
        self._near = near
        root = _root(candidates)
        self._sources = _smallest_holding(root, near) if root else []
        self._around = {id(node): source for source in self._sources for node in (source, *source.ancestors())}
        self._tightness = {id(one): self._group_size(one) for one in candidates}
        self._tightest = min(self._tightness.values(), default=float("inf"))
        self._rivals = [one for one in candidates if self._tightness[id(one)] == self._tightest]

    def fit(self, candidate: Candidate, *, has_name: bool, entered: Sequence[str]) -> float:
        """How well a candidate belongs to the text, 0 to 1."""
        if any(alike(name, self._near) >= _ALIKE or says(name, self._near) for name in candidate.names.values()):
            return 1.0
        if not self._sources:
            return self._fit_without_text(candidate, has_name, entered)
        if self._tightness[id(candidate)] > self._tightest:
            return _ELSEWHERE
        if len(self._rivals) == 1:
            return 1.0
        nearest = min(self._rivals, key=self._gap)
        return 1.0 if self._gap(candidate) == self._gap(nearest) else 0.6

    def _fit_without_text(self, candidate: Candidate, has_name: bool, entered: Sequence[str]) -> float:
        """The text is not on the page: that rules out an entry, but not a control whose surroundings read otherwise."""
        about_an_entry = any(normalise(text) == normalise(self._near) for text in entered)
        in_entry = any(node.role in ENTRIES for node in candidate.node.ancestors())
        return _ABSENT if has_name and not about_an_entry and not in_entry else 0.0

    def _group_size(self, candidate: Candidate) -> float:
        """Size of the smallest group that holds both the candidate and the text."""
        for node in (candidate.node, *candidate.node.ancestors()):
            if id(node) in self._around:
                return sum(1 for _ in node.walk())
        return float("inf")

    def _gap(self, candidate: Candidate) -> float:
        """How far the text is from a candidate that shares its group with others, in lines or in document order."""
        gaps = []
        for source in self._sources:
            if candidate.rect and source.rect and source.role != "text":
                gaps.append(abs(candidate.rect.middle[1] - source.rect.middle[1]) / 10)
            behind = candidate.order - source.order
            gaps.append(behind if behind >= 0 else 2 - behind)
        return min(gaps, default=float("inf"))


def _root(candidates: Sequence[Candidate]) -> Node | None:
    if not candidates:
        return None
    node = candidates[0].node
    return list(node.ancestors())[-1] if node.parent else node


def _smallest_holding(root: Node, near: str) -> list[Node]:
    """The smallest elements that show a text; the best readings only."""
    holding = [
        node
        for node in root.walk()
        if node.role != "fragment" and (alike(node.name, near) >= _ALIKE or says(node.name, near))
    ]
    exact = [node for node in holding if normalise(node.name) == normalise(near)]
    holding = exact or holding
    outer = {id(ancestor) for node in holding for ancestor in node.ancestors()}
    return [node for node in holding if id(node) not in outer]

"""Which element belongs to the row, card or group that holds a text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from agent_judge.drive.candidates import Candidate
from agent_judge.drive.entries import About, smallest_holding
from agent_judge.drive.lazy import cached_property
from agent_judge.drive.lexicon import normalise, says
from agent_judge.drive.lists import entry_of, twins_of
from agent_judge.drive.roles import ENTRIES
from agent_judge.drive.snapshot import Node

_ELSEWHERE = 0.35
"""What belongs to another entry is not meant."""
_BESIDE = 0.85
"""What only stands apart from a text may still be meant."""
_LOOSELY = 0.93
"""What stands apart from a text that the step does not speak of is hardly less likely."""
_ABSENT = 0.95


class Nearness:
    """How well candidates belong to a text: the tightest group with the text and a candidate decides."""

    def __init__(self, candidates: Sequence[Candidate], about: About, entered: Sequence[str]) -> None:
        self._near, self._sure = about.text, about.sure
        self._sources = smallest_holding(candidates[0].node.root, self._near) if candidates else []
        entries = {id(source): entry_of(source) for source in self._sources}
        self._entries = [entry for entry in entries.values() if entry]
        self._belonging = self._closest(candidates, [one for one in self._sources if not entries[id(one)]])
        was_entered = any(normalise(text) == normalise(self._near) for text in entered)
        self.about_an_entry = (was_entered and about.sure) or any(
            node.role in ENTRIES for source in self._sources for node in source.ancestors()
        )
        self.about_an_entry = self.about_an_entry or (about.sure and bool(self._entries))

    def fit(self, candidate: Candidate, *, has_name: bool) -> float:
        """How well a candidate belongs to the text, 0 to 1."""
        if self._says_it(candidate):
            return 1.0
        if not self._sources:
            return self._fit_without_text(has_name)
        if self.belongs(candidate):
            return 1.0
        if self.about_an_entry or not has_name:
            return _ELSEWHERE
        return _BESIDE if self._sure else _LOOSELY

    @property
    def places(self) -> Sequence[Node]:
        """Where the text stands."""
        return self._sources

    @property
    def found(self) -> bool:
        """Whether the text is on the page."""
        return bool(self._sources)

    def belongs(self, candidate: Candidate) -> bool:
        """Whether a candidate stands in the text's own group."""
        return id(candidate) in self._belonging or any(entry.holds(candidate.node) for entry in self._entries)

    def in_twin(self, candidate: Candidate) -> bool:
        """Whether a candidate stands in another entry of the same list."""
        return not self.belongs(candidate) and any(twin.holds(candidate.node) for twin in self._twins)

    @cached_property
    def _twins(self) -> list[Node]:
        return [twin for entry in self._entries for twin in twins_of(entry)]

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
        if not self._sure and not self.about_an_entry:
            return 1.0
        return _ABSENT if has_name and not self.about_an_entry else 0.0

    def _closest(self, candidates: Sequence[Candidate], sources: Sequence[Node]) -> frozenset[int]:
        """Candidates (by ``id``) in the tightest group with one of the texts, for texts that are part of no entry."""
        if not sources:
            return frozenset()
        holding: dict[int, list[int]] = {}
        for number, source in enumerate(sources):
            for node in (source, *source.ancestors()):
                holding.setdefault(id(node), []).append(number)
        sizes = [(id(one), self._group_sizes(one, holding, len(sources))) for one in candidates]
        tightest: dict[int, int] = {}
        for _, groups in sizes:
            for number, size in groups.items():
                tightest[number] = min(size, tightest.get(number, size))
        return frozenset(
            one for one, groups in sizes if any(size == tightest[number] for number, size in groups.items())
        )

    def _group_sizes(self, candidate: Candidate, holding: Mapping[int, Sequence[int]], most: int) -> dict[int, int]:
        """For every place of the text, the size of the smallest group that holds both the candidate and the text."""
        sizes: dict[int, int] = {}
        own: list[Node] = [] if self._says_it(candidate) else [candidate.node]  # The text itself is no group.
        for node in [*own, *candidate.node.ancestors()]:
            for number in holding.get(id(node), ()):
                sizes.setdefault(number, node.size)
            if len(sizes) == most:
                break
        return sizes


def repeated(candidates: Sequence[Candidate]) -> frozenset[int]:
    """Candidates (by ``id``) that others equal in kind and name: the same control of every entry of a list."""
    likes: dict[tuple[object, ...], list[Candidate]] = {}
    for one in candidates:
        likes.setdefault((one.roles, one.called), []).append(one)
    found: set[int] = set()
    for group in likes.values():
        if len(group) > 1 and len({one.rect.middle if one.rect else None for one in group}) > 1:
            found.update(id(one) for one in group)
    return frozenset(found)

"""Keys of a game that a person held at the same time: running and jumping."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

_ON_PURPOSE = 250.0
"""Keys that are down together for so many milliseconds are held together; for less, a quick hand has not let go yet."""
_LEAST = 20.0
"""Milliseconds for which no game could tell which keys are down."""


@dataclass(frozen=True)
class Held:
    """A key, and from when to when it was down, in milliseconds."""

    key: str
    since: float
    until: float

    def shared(self, other: Held) -> float:
        """How long both were down."""
        return min(self.until, other.until) - max(self.since, other.since)


def runs_of(keys: Sequence[Held]) -> Iterator[tuple[int, int]]:
    """The runs of keys of which each goes down before all of the earlier ones are up, as indices.

    Args:
        keys: In the order in which they went down.
    """
    start, until = 0, float("-inf")
    for index, one in enumerate(keys):
        if one.since >= until and index:
            yield start, index
            start = index
        until = max(until, one.until)
    if keys:
        yield start, len(keys)


def held_together(keys: Sequence[Held]) -> bool:
    """Whether keys of a run were held together on purpose: one while another was held long, or both for long."""
    return any(_on_purpose(one, other) for one in keys for other in keys if one is not other)


def _on_purpose(one: Held, other: Held) -> bool:
    within = one.since <= other.since and other.until <= one.until and one.until - one.since >= _ON_PURPOSE
    return one.key != other.key and (within or one.shared(other) >= _ON_PURPOSE)


def chords(keys: Sequence[Held]) -> list[tuple[str, float]]:
    """What was down one after the other, and for how many milliseconds; as chords where it was more than one key."""
    moments = sorted({moment for one in keys for moment in (one.since, one.until)})
    found: list[tuple[str, float]] = []
    for since, until in pairwise(moments):
        down = list(dict.fromkeys(one.key for one in keys if one.since <= since and until <= one.until))
        if down and until - since >= _LEAST:
            found.append(("+".join(down), until - since))
    return found

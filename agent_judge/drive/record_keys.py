"""Keys of a game that a person held at the same time: running and jumping."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

_ON_PURPOSE = 250.0
"""Keys that are down together for so many milliseconds are held together; for less, a quick hand has not let go yet."""
_LEAST = 20.0
"""No key is held for fewer milliseconds, so that a game that looks once in a frame sees it."""


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
    """What was down one after the other, and for how many milliseconds; as chords where it was more than one key.

    Every key is in one of them, however short it was tapped.
    """
    keys = [replace(one, until=max(one.until, one.since + _LEAST)) for one in keys]
    moments = sorted({moment for one in keys for moment in (one.since, one.until)})
    parts = [(_down(keys, since, until), until - since) for since, until in pairwise(moments)]
    told: list[tuple[list[str], float]] = []
    for place, (down, ms) in enumerate(parts):
        before, after = told[-1][0] if told else [], parts[place + 1][0] if place + 1 < len(parts) else []
        if told and down == before:
            told[-1] = (down, told[-1][1] + ms)
        elif down and (ms >= _LEAST or not {*down} <= {*before, *after}):
            told.append((down, max(ms, _LEAST)))
    return [("+".join(down), ms) for down, ms in told]


def _down(keys: Sequence[Held], since: float, until: float) -> list[str]:
    return list(dict.fromkeys(one.key for one in keys if one.since <= since and until <= one.until))

"""What a judge likes that people do not: a position, length, its own relatives.

Each measure is a difference between the judge's and the people's preference on
the same pairs, in shares of pairs with ties as half: 0.05 means that the judge
prefers it in five more pairs of a hundred than people do.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np

from agent_judge.agree.resample import Array, Measured, measured, sums_over_tasks
from agent_judge.agree.votes import Judged
from agent_judge.schema import Model

_FOR_A = {"A": 1.0, "B": 0.0, "tie": 0.5, "both_bad": 0.5}


class Preference(Model):
    """How often something is preferred."""

    judge: float
    """Share in which the judge prefers it."""
    people: float
    difference: Measured
    pairs: int
    """Pairs in which the two answers differ in it."""


class Biases(Model):
    """What cannot be measured on the data is left out."""

    position: Preference | None
    """Of the answer that the judge saw first."""
    length: Preference | None
    """Of the longer answer."""
    own_family: Preference | None
    """Of the answer by a model of the judge's own family, against one of another."""
    consistency: Measured | None
    """Of pairs judged in both orders, the share with the same verdict."""


def biases(items: Sequence[Judged], judge: str = "", rounds: int = 1000, seed: int = 0) -> Biases:
    """Measures biases over pairs that have a verdict.

    Args:
        items: Votes with verdicts; the same id twice, once ``swapped``, where a judge saw both orders.
        judge: Name of the judge's model, for its family.
        rounds: Bootstrap rounds over tasks.
        seed: Of the bootstrap.
    """
    known = [item for item in items if item.verdict is not None]
    own = family_of(judge)

    def family(item: Judged) -> int:
        return (family_of(item.model_a) == own) - (family_of(item.model_b) == own) if own else 0

    return Biases(
        position=_preference(known, [-1 if item.swapped else 1 for item in known], rounds, seed),
        length=_preference(known, [int(np.sign(item.length_a - item.length_b)) for item in known], rounds, seed),
        own_family=_preference(known, [family(item) for item in known], rounds, seed),
        consistency=_consistency(known, rounds, seed),
    )


@cache
def _families() -> dict[str, str]:
    data = tomllib.loads(Path(__file__).with_name("families.toml").read_text(encoding="utf-8"))
    return {word: family for family, words in data.items() for word in words}


def family_of(model: str) -> str:
    """The maker of a model, by its name; nothing where it is not known."""
    words = [word.rstrip("0123456789") or word for word in re.split(r"[^a-z0-9]+", model.lower())]
    parts = {*re.split(r"[^a-z0-9]+", model.lower()), *words}
    return next((family for word, family in _families().items() if word in parts), "")


def _preference(items: Sequence[Judged], sides: Sequence[int], rounds: int, seed: int) -> Preference | None:
    """Of the side that is a where ``sides`` is 1, b where it is -1, and undecided where it is 0."""
    used = [(item, side) for item, side in zip(items, sides, strict=True) if side]
    if not used:
        return None
    rows = np.array([[_share(item.verdict, side), _share(item.vote, side), 1] for item, side in used])
    whole, drawn = sums_over_tasks(rows, [item.task_id for item, _ in used], rounds, seed)
    difference = measured(whole, drawn, lambda sums: (sums[..., 0] - sums[..., 1]) / sums[..., 2])
    assert difference is not None
    return Preference(judge=whole[0] / whole[2], people=whole[1] / whole[2], difference=difference, pairs=len(used))


def _share(winner: str | None, side: int) -> float:
    for_a = _FOR_A[winner or "tie"]
    return for_a if side > 0 else 1 - for_a


def _consistency(items: Sequence[Judged], rounds: int, seed: int) -> Measured | None:
    straight = {item.id: item for item in items if not item.swapped}
    both = [(straight[item.id], item) for item in items if item.swapped and item.id in straight]
    if not both:
        return None
    rows = np.array([[first.verdict == second.verdict, 1] for first, second in both], dtype=float)
    whole, drawn = sums_over_tasks(rows, [first.task_id for first, _ in both], rounds, seed)

    def share(sums: Array) -> Array:
        out: Array = sums[..., 0] / sums[..., 1]
        return out

    return measured(whole, drawn, share)

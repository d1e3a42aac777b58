"""Agreement among several raters: people who voted on the same pairs, or members of a panel."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence

import numpy as np

from agent_judge.agree.metrics import kappa
from agent_judge.agree.resample import Array, Measured, measured, sums_over_tasks
from agent_judge.errors import BadInput
from agent_judge.schema import Model


class Rating(Model):
    """What one rater said of one pair."""

    item: str
    rater: str
    value: str
    task: str = ""
    """The item's task; the item itself if not given. Intervals are by bootstrap over tasks."""


class RaterPair(Model):
    """Two raters on the items that both rated."""

    first: str
    second: str
    items: int
    agreement: float
    kappa: float | None
    """``None`` where both always said the same one thing."""


class RaterAgreement(Model):
    """How reliable the raters are together."""

    raters: int
    items: int
    """Items with at least two ratings; others say nothing."""
    alpha: Measured | None
    """Krippendorff's alpha for nominal values: 1 is perfect, 0 is chance. ``None`` where everything is the same."""
    pairs: tuple[RaterPair, ...]


def rater_agreement(ratings: Sequence[Rating], rounds: int = 1000, seed: int = 0) -> RaterAgreement:
    """Computes Krippendorff's alpha and the agreement of every two raters.

    Raises:
        BadInput: No item has two ratings, or a rater rated an item twice.
    """
    by_item: dict[str, dict[str, str]] = {}
    for rating in ratings:
        given = by_item.setdefault(rating.item, {})
        if rating.rater in given:
            raise BadInput(f"{rating.rater!r} rated {rating.item!r} twice; keep one rating")
        given[rating.rater] = rating.value
    shared = {item: given for item, given in by_item.items() if len(given) > 1}
    if not shared:
        raise BadInput("no item was rated by two raters, so there is no agreement to measure")
    tasks = {rating.item: rating.task or rating.item for rating in ratings}
    values = sorted({value for given in shared.values() for value in given.values()})
    rows = np.stack(
        [_coincidences([values.index(v) for v in given.values()], len(values)) for given in shared.values()]
    )
    whole, drawn = sums_over_tasks(rows, [tasks[item] for item in shared], rounds, seed)
    return RaterAgreement(
        raters=len({rater for given in shared.values() for rater in given}),
        items=len(shared),
        alpha=measured(whole, drawn, _alpha),
        pairs=_pairs(shared, values),
    )


def _coincidences(given: Sequence[int], k: int) -> Array:
    """(k*k,) ordered pairs of values within one item, weighted so that the item counts as many as it has ratings."""
    out = np.zeros((k, k))
    for first, second in itertools.permutations(given, 2):
        out[first, second] += 1 / (len(given) - 1)
    return out.ravel()


def _alpha(sums: Array) -> Array:
    """Krippendorff (2004), nominal: 1 - observed / expected disagreement, from coincidences (..., k*k)."""
    k = round(sums.shape[-1] ** 0.5)
    matrix = sums.reshape(*sums.shape[:-1], k, k)
    totals = matrix.sum(axis=-1)
    n = totals.sum(axis=-1)
    observed = n - np.trace(matrix, axis1=-2, axis2=-1)
    expected = (n**2 - (totals**2).sum(axis=-1)) / (n - 1)
    out: Array = 1 - observed / expected
    return out


def _pairs(shared: Mapping[str, Mapping[str, str]], values: Sequence[str]) -> tuple[RaterPair, ...]:
    counts: dict[tuple[str, str], Array] = {}
    for given in shared.values():
        for first, second in itertools.combinations(sorted(given), 2):
            matrix = counts.setdefault((first, second), np.zeros((len(values), len(values))))
            matrix[values.index(given[first]), values.index(given[second])] += 1
    found = []
    for (first, second), matrix in sorted(counts.items()):
        with np.errstate(divide="ignore", invalid="ignore"):
            value = float(kappa(matrix))
        items = int(matrix.sum())
        agreement = float(np.trace(matrix)) / items
        found.append(
            RaterPair(
                first=first,
                second=second,
                items=items,
                agreement=agreement,
                kappa=value if np.isfinite(value) else None,
            )
        )
    return tuple(found)

"""Whether a judge's confidence means what it says."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from agent_judge.agree.resample import Array, Measured, measured, sums_over_tasks
from agent_judge.agree.votes import Judged
from agent_judge.schema import Model

BINS = 10


class Bin(Model):
    """Verdicts of about the same confidence."""

    lower: float
    upper: float
    pairs: int
    confidence: float
    """Mean confidence."""
    accuracy: float
    """Share that agrees with the vote."""


class Calibration(Model):
    """The reliability diagram, and its summaries."""

    bins: tuple[Bin, ...]
    """Without empty ones."""
    expected_error: Measured
    """Expected calibration error: mean distance of confidence and accuracy over bins (Naeini et al. 2015)."""
    brier: Measured
    """Mean squared distance of confidence and correctness."""


def calibration(items: Sequence[Judged], rounds: int = 1000, seed: int = 0) -> Calibration | None:
    """Compares confidence with agreement in three classes (A, B, neither); None where no verdict has a confidence.

    The interval of the expected error is of the plain estimate, which is biased
    upwards when bins hold few pairs.
    """
    known = [(i, i.verdict, i.confidence) for i in items if i.verdict is not None and i.confidence is not None]
    if not known:
        return None
    confidence = np.array([c for _, _, c in known], dtype=float)
    right = np.array([_plain(item.vote) == _plain(verdict) for item, verdict, _ in known], dtype=float)
    place = np.minimum((confidence * BINS).astype(int), BINS - 1)
    rows = np.zeros((len(known), 3 * BINS + 1))
    number = np.arange(len(known))
    rows[number, place], rows[number, BINS + place], rows[number, 2 * BINS + place] = 1, confidence, right
    rows[:, -1] = (confidence - right) ** 2
    whole, drawn = sums_over_tasks(rows, [item.task_id for item, _, _ in known], rounds, seed)
    error = measured(whole, drawn, _expected_error)
    brier = measured(whole, drawn, lambda sums: sums[..., -1] / sums[..., :BINS].sum(axis=-1))
    assert error is not None
    assert brier is not None
    bins = tuple(
        Bin(
            lower=i / BINS,
            upper=(i + 1) / BINS,
            pairs=int(whole[i]),
            confidence=whole[BINS + i] / whole[i],
            accuracy=whole[2 * BINS + i] / whole[i],
        )
        for i in range(BINS)
        if whole[i]
    )
    return Calibration(bins=bins, expected_error=error, brier=brier)


def _plain(winner: str) -> str:
    return winner if winner in ("A", "B") else "neither"


def _expected_error(sums: Array) -> Array:
    number, confidence, right = sums[..., :BINS], sums[..., BINS : 2 * BINS], sums[..., 2 * BINS : 3 * BINS]
    out: Array = np.abs(confidence - right).sum(axis=-1) / number.sum(axis=-1)
    return out


def plot_reliability(found: Calibration) -> Figure:
    """Accuracy against confidence, a dot per bin as large as its share of pairs; on the diagonal all is well."""
    figure = Figure(figsize=(4.6, 4.4), layout="constrained")
    axes = figure.add_subplot()
    axes.plot([0, 1], [0, 1], color="#59636e", linewidth=0.9, linestyle=(0, (4, 4)))
    total = sum(one.pairs for one in found.bins)
    x, y = [one.confidence for one in found.bins], [one.accuracy for one in found.bins]
    axes.plot(x, y, color="#0b63ce", linewidth=1.4)
    axes.scatter(x, y, s=[20 + 400 * one.pairs / total for one in found.bins], color="#0b63ce", alpha=0.75)
    for one in found.bins:
        axes.annotate(
            str(one.pairs), (one.confidence, one.accuracy), xytext=(9, -3), textcoords="offset points", fontsize=8
        )
    axes.set(xlim=(0, 1.02), ylim=(0, 1.02), xlabel="confidence of the judge", ylabel="agreement with people")
    error = found.expected_error
    axes.set_title(f"expected calibration error {error.value:.3f} [{error.lower:.3f}, {error.upper:.3f}]", fontsize=9)
    axes.grid(color="#d8dee4", linewidth=0.8)
    axes.set_axisbelow(True)
    return figure

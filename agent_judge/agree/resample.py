"""Bootstrap over tasks for statistics that are sums over pairs, or functions of such sums."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from agent_judge.schema import Model

Array = npt.NDArray[Any]
_BATCH = 4_000_000


class Measured(Model):
    """A number with its 95 % interval by bootstrap over tasks. NaN-free: what cannot be measured is left out."""

    value: float
    lower: float
    upper: float


def sums_over_tasks(rows: Array, tasks: Sequence[str], rounds: int, seed: int) -> tuple[Array, Array]:
    """Sums rows over all pairs, and over the pairs of resampled tasks.

    Args:
        rows: (n, K) what is summed.
        tasks: (n,) the task of each pair.
        rounds: R.
        seed: The same seed gives the same rounds.

    Returns:
        (K,) and (R, K).
    """
    names, codes = np.unique(np.asarray(tasks, dtype=object).astype(str), return_inverse=True)
    per_task = np.zeros((len(names), rows.shape[1]))
    np.add.at(per_task, codes, rows)
    order = np.lexsort(per_task.T)  # by content, so that names do not touch the random numbers
    per_task = per_task[order]
    generator = np.random.default_rng(seed)
    parts, left = [], rounds
    while left > 0:
        size = min(left, max(1, _BATCH // len(names)))
        weights = generator.multinomial(len(names), np.full(len(names), 1 / len(names)), size=size)
        parts.append(weights @ per_task)
        left -= size
    return per_task.sum(axis=0), np.concatenate(parts) if parts else np.empty((0, rows.shape[1]))


def measured(whole: Array, rounds: Array, statistic: Callable[[Array], Array]) -> Measured | None:
    """A statistic of sums, (..., K) to (...), with its interval; None where it is undefined.

    Rounds in which it is undefined (no pair of a kind was drawn) are left out.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        value = float(statistic(whole))
        samples = statistic(rounds)
    samples = samples[np.isfinite(samples)]
    if not np.isfinite(value):
        return None
    lower, upper = np.quantile(samples, (0.025, 0.975)) if len(samples) else (value, value)
    return Measured(value=value, lower=min(float(lower), value), upper=max(float(upper), value))

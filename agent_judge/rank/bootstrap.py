"""Draws bootstrap rounds and fits them, in batches of bounded memory."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import numpy.typing as npt
import scipy.stats

from agent_judge.rank.cells import Units
from agent_judge.rank.fit import Likelihood, fit_rounds
from agent_judge.rank.links import Array
from agent_judge.rank.table import Floats

_BATCH_NUMBERS = 3_000_000
"""Greatest number of 32-bit numbers in the largest array of a batch; about ten such arrays live at once."""
_LARGEST_BATCH = 128
_EXACT_UNITS = 20_000
"""Up to so many units a round draws exactly as many as there are; beyond, their number is Poisson (within 1 %)."""
_TABLE_BITS = 16


def batches(rounds: int, numbers: int) -> Iterator[int]:
    """Splits rounds so that ``numbers`` per round stay within the memory bound; depends on nothing else."""
    size = int(np.clip(_BATCH_NUMBERS // max(numbers, 1), 1, _LARGEST_BATCH))
    while rounds > 0:
        yield min(size, rounds)
        rounds -= size


def draw(units: Units, rounds: int, generator: np.random.Generator) -> npt.NDArray[np.float32]:
    """How often each kind of unit is drawn in each round: (C, R)."""
    if units.total <= _EXACT_UNITS:
        kind = np.repeat(np.arange(len(units)), units.many)
        drawn = kind[generator.integers(0, units.total, (rounds, units.total), dtype=np.uint32)]
        drawn += (np.arange(rounds) * len(units))[:, None]
        flat = np.bincount(drawn.ravel(), minlength=rounds * len(units))
        return np.ascontiguousarray(flat.reshape(rounds, len(units)).T, dtype=np.float32)
    out = np.empty((len(units), rounds), dtype=np.float32)
    means, inverse = np.unique(units.many, return_inverse=True)
    if means[-1] > 10_000 or len(means) * 20 > len(units):
        out[:] = generator.poisson(units.many[:, None], out.shape)
        return out
    for i, mean in enumerate(means.tolist()):
        rows = np.flatnonzero(inverse == i)
        uniform = generator.integers(0, 1 << _TABLE_BITS, (len(rows), rounds), dtype=np.uint16)
        out[rows] = _poisson_table(mean)[uniform]
    return out


def _poisson_table(mean: int) -> npt.NDArray[np.float32]:
    """A Poisson variable as a function of a uniform 16-bit number: its quantiles, many times faster than drawing."""
    middle = (np.arange(1 << _TABLE_BITS) + 0.5) / (1 << _TABLE_BITS)
    top = int(scipy.stats.poisson.ppf(middle[-1], mean))
    steps = scipy.stats.poisson.cdf(np.arange(top + 1), mean)
    return np.searchsorted(steps, middle).astype(np.float32)


def bootstrap(
    likelihood: Likelihood, units: Units, point: Floats, inverse: Floats | None, rounds: int, seed: int
) -> Array:
    """Fits every round of a bootstrap over units.

    Args:
        likelihood: What is fitted.
        units: What is drawn with replacement.
        point: (D,) fit to all battles.
        inverse: (D, D) of :func:`~agent_judge.rank.fit.covariance`, or None.
        rounds: R.
        seed: The same seed gives the same rounds, whatever the number of cores.

    Returns:
        (D, R), 32-bit.
    """
    cells = len(likelihood.cells)
    sizes = list(batches(rounds, max(3 * cells, len(units), likelihood.size)))
    seeds = np.random.SeedSequence(seed).spawn(len(sizes))

    def one(size: int, own: np.random.SeedSequence) -> Array:
        drawn = draw(units, size, np.random.default_rng(own))
        counts = (units.counts @ drawn).reshape(3, cells, size)
        return fit_rounds(likelihood, counts, point, inverse)

    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        parts = list(pool.map(one, sizes, seeds))
    return np.concatenate(parts, axis=1) if parts else np.empty((likelihood.size, 0), np.float32)

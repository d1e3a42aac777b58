"""From ratings and bootstrap rounds to intervals, rank ranges, top-k chances and corrected p-values."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy.stats

from agent_judge.rank.estimate import FEW_UNITS, Estimate
from agent_judge.rank.links import Array
from agent_judge.rank.table import Floats

LEVEL = 0.95
_TAILS = ((1 - LEVEL) / 2, (1 + LEVEL) / 2)
_NORMAL = float(scipy.stats.norm.ppf(_TAILS[1]))
_EQUAL = 1e-3
"""Ratings closer than this, in Elo points, share a rank; it is above the rounding of a 32-bit round."""
Ranks = npt.NDArray[np.int64]


@dataclass
class Spread:
    """Of M models."""

    lower: Floats
    upper: Floats
    rank: Ranks
    rank_lower: Ranks
    rank_upper: Ranks
    top: dict[int, Floats]
    """k to (M,) probability of being among the best k; empty without bootstrap rounds."""
    sandwich: Floats | None
    """(2, M)"""


def spread_of(estimate: Estimate, units: int) -> Spread:
    """Intervals and ranks: by percentiles of the rounds where there are any, else by the sandwich covariance.

    Of fewer than :data:`~agent_judge.rank.estimate.FEW_UNITS` units (tasks, or whatever is drawn) neither learns how
    much units differ. Then intervals and ranks are widened to at least what the likelihood itself allows.
    """
    rating, samples = estimate.rating, estimate.samples
    rank, _ = ranks(np.round(rating / _EQUAL)[:, None])
    analytic = None
    if estimate.covariance is not None:
        half = _NORMAL * np.sqrt(np.maximum(np.diag(estimate.covariance), 0))
        analytic = np.stack([rating - half, rating + half])
    if samples.shape[1]:
        low, high = percentile_interval(samples)
        lower, upper = np.minimum(low, rating), np.maximum(high, rating)
        best, worst = ranks(np.round(samples / np.float32(_EQUAL)))
        rank_lower = np.quantile(best, _TAILS[0], axis=1, method="lower").astype(np.int64)
        rank_upper = np.quantile(worst, _TAILS[1], axis=1, method="higher").astype(np.int64)
        top = {k: _among_best(k, best, worst) for k in (1, 3, 5, 10) if k < len(rating)}
    elif analytic is not None:
        lower, upper = analytic
        rank_lower, rank_upper = _overlapping(lower, upper)
        top = {}
    else:
        lower = upper = rating
        rank_lower = rank_upper = rank[:, 0]
        top = {}
    if units < FEW_UNITS and estimate.deviation is not None:
        half = _NORMAL * estimate.deviation
        lower, upper = np.minimum(lower, rating - half), np.maximum(upper, rating + half)
        rank_lower = np.minimum(rank_lower, _overlapping(lower, upper)[0])
        rank_upper = np.maximum(rank_upper, _overlapping(lower, upper)[1])
    own = rank[:, 0]
    return Spread(lower, upper, own, np.minimum(rank_lower, own), np.maximum(rank_upper, own), top, analytic)


def _among_best(k: int, best: Ranks, worst: Ranks) -> Floats:
    """(M,) probability of being among the best k; who share ranks in a round share the places that are left."""
    share: Floats = np.clip((k + 1 - best) / (worst - best + 1), 0, 1).mean(axis=1)
    return share


def _overlapping(lower: Floats, upper: Floats) -> tuple[Ranks, Ranks]:
    """Best and worst rank of each model among those whose intervals overlap its own."""
    best = 1 + np.array([np.count_nonzero(lower > own) for own in upper])
    worst = np.array([np.count_nonzero(upper >= own) for own in lower])
    return best, worst


def percentile_interval(samples: Array) -> tuple[Floats, Floats]:
    """The 2.5 % and 97.5 % percentiles along the last axis."""
    low, high = np.quantile(samples, _TAILS, axis=-1)
    return low, high


def normal_interval(value: float, deviation: float) -> tuple[float, float]:
    """The 95 % interval of a normal estimate."""
    return value - _NORMAL * deviation, value + _NORMAL * deviation


def ranks(scores: Array) -> tuple[Ranks, Ranks]:
    """(M, R) best and worst rank of each model in each round; equal scores share them."""
    models, rounds = scores.shape
    best, worst = np.empty(scores.shape, np.int64), np.empty(scores.shape, np.int64)
    for r in range(rounds):
        ordered = np.sort(scores[:, r])
        best[:, r] = models + 1 - np.searchsorted(ordered, scores[:, r], side="right")
        worst[:, r] = models - np.searchsorted(ordered, scores[:, r], side="left")
    return best, worst


@dataclass
class Pairwise:
    """For K pairs of models, the better rated first."""

    better: Ranks
    worse: Ranks
    probability: Floats
    corrected: Floats
    """p-values after Benjamini and Hochberg (1995)."""


def compare_pairs(estimate: Estimate, order: Ranks, units: int) -> Pairwise:
    """Compares every pair of models.

    Args:
        estimate: Has bootstrap rounds or a covariance.
        order: (M,) models from best to worst.
        units: How many were drawn from. Even if all of n agree, that has chance 2^(1-n), so no p-value is lower.

    Returns:
        With probability: the share of rounds in which the better rated is better, ties as half; without rounds,
        by the normal distribution of the difference. Two-sided p-values accordingly.
    """
    first, second = np.triu_indices(len(order), 1)
    better, worse = order[first], order[second]
    rounds = estimate.samples.shape[1]
    if rounds:
        scores = np.round(estimate.samples[order] / np.float32(_EQUAL)).astype(np.int32)
        above, equal = np.empty(len(better)), np.empty(len(better))
        start = 0
        for i in range(len(order) - 1):
            rest = scores[i + 1 :]
            stop = start + len(rest)
            above[start:stop] = np.count_nonzero(rest < scores[i], axis=1)
            equal[start:stop] = np.count_nonzero(rest == scores[i], axis=1)
            start = stop
        probability = (above + equal / 2) / rounds
        against = np.minimum(above + equal, rounds - above)
        p_value = np.minimum(1, 2 * (against + 1) / (rounds + 1))
    else:
        assert estimate.covariance is not None
        covariance = estimate.covariance
        variance = covariance[better, better] + covariance[worse, worse] - 2 * covariance[better, worse]
        difference = estimate.rating[better] - estimate.rating[worse]
        z = np.divide(difference, np.sqrt(np.maximum(variance, 0)), out=np.zeros(len(better)), where=variance > 1e-12)
        probability = scipy.stats.norm.cdf(z)
        p_value = 2 * scipy.stats.norm.sf(np.abs(z))
    p_value = np.maximum(p_value, 2.0 ** (1 - min(units, 1000)))
    corrected = scipy.stats.false_discovery_control(p_value, method="bh") if len(p_value) else p_value
    return Pairwise(better, worse, probability, corrected)

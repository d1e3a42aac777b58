"""Fits the evidence judge's weights and tie band to votes, and says only what held-out tasks support."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy.optimize
import scipy.special
from sklearn.model_selection import GroupKFold

from agent_judge.agree.resample import Array, Measured, measured, sums_over_tasks
from agent_judge.errors import BadInput
from agent_judge.judge.weights import CRITERIA, Weights
from agent_judge.rank.blas import one_blas_thread
from agent_judge.schema import Criterion, Model, Winner
from agent_judge.wording import counted

FOLDS = 5
FEWEST_TASKS = 10
_PENALTIES = (0.03, 0.3, 3.0, 30.0)
_SMALLEST_BAND = 1e-2
_VOTES = {"A": 1, "B": -1, "tie": 0, "both_bad": 0}


class VotedCriteria(Model):
    """A vote, and what the evidence judge measured on the two answers."""

    task_id: str
    vote: Winner
    differences: dict[str, float]
    """Criterion to score of a less score of b; only what was measured on both."""


def voted_criteria(task_id: str, vote: Winner, criteria: Sequence[Criterion]) -> VotedCriteria:
    """Puts a vote beside the result of :meth:`~agent_judge.judge.evidence.EvidenceJudge.criteria`."""
    return VotedCriteria(task_id=task_id, vote=vote, differences={c.criterion: c.a - c.b for c in criteria})


class Calibrated(Model):
    """Fitted weights, and what they are worth on tasks that they were not fitted to."""

    weights: Weights
    """Fitted to all votes."""
    pairs: int
    tasks: int
    before: Measured
    """Agreement with people in three classes (A, B, neither), by the weights started from."""
    after: Measured
    """The same by fitted weights, each pair judged by weights fitted to other tasks."""
    gain: Measured
    supported: bool
    """Whether the interval of the gain lies above zero; if not, keep the weights started from."""
    claim: str
    """One sentence that the interval supports."""


def calibrate(cases: Sequence[VotedCriteria], start: Weights, *, rounds: int = 1000, seed: int = 0) -> Calibrated:
    """Fits weights to votes by penalised maximum likelihood of the judge's own model.

    The model is the ordered logistic one that the judge reads its score by:
    ``P(A) = s(x - t)``, ``P(B) = s(-x - t)``, else neither, with x the weighted
    differences. No weight is negative. Weights are pulled towards a multiple of
    the ones started from, the harder the less the data say: how hard is chosen
    by cross-validation within the training tasks.

    Args:
        cases: Votes with what was measured.
        start: The judge's present weights; all but the criteria's weights, tie band and scale is kept.
        rounds: Bootstrap rounds over tasks, for the intervals.
        seed: Of the bootstrap.

    Raises:
        BadInput: Votes on fewer than ten tasks, or all votes say the same.
    """
    tasks = np.array([case.task_id for case in cases], dtype=object).astype(str)
    number = len(set(tasks.tolist()))
    if number < FEWEST_TASKS:
        few = counted(number, "task")
        raise BadInput(f"votes on {few} cannot calibrate weights; {FEWEST_TASKS} or more are needed")
    x = np.array([[case.differences.get(name, 0.0) for name in CRITERIA] for case in cases])
    votes = np.array([_VOTES[case.vote] for case in cases])
    if len(set(votes.tolist())) == 1:
        raise BadInput("all votes say the same; weights cannot be fitted to them")
    base = np.array([start.criteria.get(name, 0.0) for name in CRITERIA])
    right_before = _decide(x @ base, start.tie_band) == votes
    right_after = np.zeros(len(votes), dtype=bool)
    with one_blas_thread():
        for train, test in GroupKFold(FOLDS).split(x, votes, tasks):
            fitted = _fit(x[train], votes[train], tasks[train], base)
            right_after[test] = _decide(x[test] @ fitted.weights, fitted.band) == votes[test]
        final = _fit(x, votes, tasks, base)
    rows = np.stack([right_before, right_after, np.ones(len(votes))], axis=1).astype(float)
    before, after, gain = _shares(rows, tasks, rounds, seed)
    supported = gain.lower > 0
    return Calibrated(
        weights=_as_weights(final, start, x, base),
        pairs=len(votes),
        tasks=number,
        before=before,
        after=after,
        gain=gain,
        supported=supported,
        claim=_claim(before, after, gain, supported),
    )


@dataclass
class _Fitted:
    weights: Array
    band: float


def _fit(x: Array, votes: Array, tasks: Array, base: Array) -> _Fitted:
    """Chooses the penalty by cross-validated likelihood, fits, then sets the band that decides best."""
    losses = []
    for penalty in _PENALTIES:
        loss = 0.0
        for train, test in GroupKFold(min(FOLDS, len(set(tasks.tolist())))).split(x, votes, tasks):
            weights, band = _maximise(x[train], votes[train], base, penalty)
            loss += _loss(x[test] @ weights, band, votes[test])[0]
        losses.append(loss)
    weights, band = _maximise(x, votes, base, _PENALTIES[int(np.argmin(losses))])
    return _Fitted(weights, _best_band(x @ weights, votes, band))


def _maximise(x: Array, votes: Array, base: Array, penalty: float) -> tuple[Array, float]:
    """Penalised likelihood over weights, their common multiple of the base, and the band."""
    k = x.shape[1]
    unit = base / max(float(np.abs(base).max()), 1e-12)

    def objective(parameters: Array) -> tuple[float, Array]:
        weights, multiple, band = parameters[:k], parameters[k], parameters[k + 1]
        loss, slope_x, slope_band = _loss(x @ weights, band, votes)
        apart = weights - multiple * unit
        gradient = np.concatenate(
            [x.T @ slope_x + 2 * penalty * apart, [-2 * penalty * float(apart @ unit)], [slope_band]]
        )
        return loss + penalty * float(apart @ apart), gradient

    start = np.concatenate([unit, [1.0, 0.3]])
    bounds = [(0.0, None)] * (k + 1) + [(_SMALLEST_BAND, None)]
    found = scipy.optimize.minimize(objective, start, jac=True, method="L-BFGS-B", bounds=bounds)
    return found.x[:k], float(found.x[k + 1])


def _loss(x: Array, band: float, votes: Array) -> tuple[float, Array, float]:
    """Negative log-likelihood of votes (1 for A, -1 for B, 0 for neither), its slope against x (n,) and the band."""
    high, low = scipy.special.expit(x + band), scipy.special.expit(x - band)
    between = np.maximum(high - low, 1e-12)
    steep_high, steep_low = high * (1 - high), low * (1 - low)
    log = np.select(
        [votes > 0, votes < 0], [scipy.special.log_expit(x - band), scipy.special.log_expit(-x - band)], np.log(between)
    )
    slope_x = np.select([votes > 0, votes < 0], [1 - low, -high], (steep_high - steep_low) / between)
    slope_band = np.select([votes > 0, votes < 0], [low - 1, -high], (steep_high + steep_low) / between)
    return -float(log.sum()), -slope_x, -float(slope_band.sum())


def _best_band(x: Array, votes: Array, likely: float) -> float:
    """The band whose decisions agree most with the votes; of equally good ones the one nearest to the likely one."""
    candidates = np.concatenate([[0.0, likely], np.quantile(np.abs(x), np.linspace(0.02, 0.6, 30))])
    agreement = np.array([np.mean(_decide(x, band) == votes) for band in candidates])
    best = candidates[agreement >= agreement.max() - 1e-12]
    return float(best[np.argmin(np.abs(best - likely))])


def _decide(x: Array, band: float) -> Array:
    out: Array = np.where(np.abs(x) <= band, 0, np.sign(x)).astype(int)
    return out


def _shares(rows: Array, tasks: Array, rounds: int, seed: int) -> tuple[Measured, Measured, Measured]:
    whole, drawn = sums_over_tasks(rows, tasks.tolist(), rounds, seed)
    before = measured(whole, drawn, lambda sums: sums[..., 0] / sums[..., 2])
    after = measured(whole, drawn, lambda sums: sums[..., 1] / sums[..., 2])
    gain = measured(whole, drawn, lambda sums: (sums[..., 1] - sums[..., 0]) / sums[..., 2])
    assert before is not None
    assert after is not None
    assert gain is not None
    return before, after, gain


def _as_weights(fitted: _Fitted, start: Weights, x: Array, base: Array) -> Weights:
    """The file's form; ``decisive`` keeps its proportion to what differences typically are."""
    typical_before = float(np.sqrt(np.mean((x @ base) ** 2)))
    typical_after = float(np.sqrt(np.mean((x @ fitted.weights) ** 2)))
    scale = typical_after / typical_before if typical_before > 0 and typical_after > 0 else 1.0
    criteria = {name: round(float(weight), 4) for name, weight in zip(CRITERIA, fitted.weights, strict=True)}
    return start.model_copy(
        update={"criteria": criteria, "tie_band": round(fitted.band, 4), "decisive": round(start.decisive * scale, 4)}
    )


def _claim(before: Measured, after: Measured, gain: Measured, supported: bool) -> str:
    interval = f"{100 * gain.value:+.1f} points, 95 % interval {100 * gain.lower:+.1f} to {100 * gain.upper:+.1f}"
    numbers = (
        f"agreement on held-out tasks {100 * before.value:.1f} % before, {100 * after.value:.1f} % after ({interval})"
    )
    if supported:
        return f"The fitted weights agree better with people: {numbers}."
    return f"No gain is supported: {numbers}. Keep the present weights, or gather more votes."

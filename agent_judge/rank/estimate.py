"""Ratings with their uncertainty, before they become a leaderboard."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from agent_judge.errors import BadInput
from agent_judge.rank.bootstrap import bootstrap
from agent_judge.rank.cells import Units, count_cells, group_units
from agent_judge.rank.fit import LARGEST_DENSE, Likelihood, covariance, fit
from agent_judge.rank.links import LINKS, Array
from agent_judge.rank.table import BattleTable, Floats, Ints

ELO = 400 / np.log(10)
"""Elo points per natural unit of strength."""
AVERAGE = 1000.0
FEW_UNITS = 20
"""A leaderboard that rests on fewer tasks (or battles, or judges, whatever is drawn) is marked."""
Method = Literal["bradley-terry", "davidson", "rao-kupper", "elo", "win-rate"]
Resample = Literal["task", "battle", "judge"]
POSITION = "position"


@dataclass(frozen=True)
class RankOptions:
    """How to rank; see :func:`agent_judge.rank.rank`."""

    rounds: int = 1000
    seed: int = 0
    baseline: str = ""
    method: Method = "bradley-terry"
    both_bad: Literal["tie", "skip"] = "tie"
    resample: Resample = "task"
    control: tuple[str, ...] = ()
    judge_aware: bool = False
    anchor: str = ""


@dataclass
class Estimate:
    """Ratings of M models. Everything is on the scale of the leaderboard."""

    rating: Floats
    """(M,)"""
    samples: Array
    """(M, R) ratings in each bootstrap round, widened where they rest on few units; R may be 0."""
    covariance: Floats | None = None
    """(M, M) sandwich covariance of the ratings, where it can be had."""
    deviation: Floats | None = None
    """(M,) standard deviations by the likelihood alone, as if all battles were independent."""
    extras: dict[str, tuple[float, Array]] = field(default_factory=dict)
    """Further parameters by name: value and its (R,) bootstrap rounds. See ``EFFECT`` and ``JUDGE``."""
    extra_deviation: dict[str, float] = field(default_factory=dict)
    """Sandwich standard deviation of those."""


EFFECT = "effect:"
JUDGE = "judge:"


def bradley_terry(table: BattleTable, options: RankOptions) -> Estimate:
    """Fits the Bradley–Terry family that the options name.

    Models are numbered by their rating, not by their name, and units by what
    they contain, so that neither names nor the order of battles touch the
    random numbers of the bootstrap.
    """
    place = _canonical(table)
    judges, known = _judges(table, options)
    x = _covariates(table, options.control)
    cells = count_cells(table, place, judges, x)
    ties = options.method if options.method in ("davidson", "rao-kupper") else "half"
    likelihood = Likelihood(cells, len(table.models), LINKS[ties], known)
    point = fit(likelihood)
    inverse = covariance(likelihood, point) if likelihood.size <= LARGEST_DENSE else None
    units = group_units(cells, units_of(table, options.resample))
    samples = bootstrap(likelihood, units, point, inverse, options.rounds, options.seed)
    if inverse is not None and units.total < FEW_UNITS and options.rounds > 1:
        samples = widened(samples, inverse, options.seed)
    spread = None if inverse is None else sandwich(likelihood, units, point, inverse)
    return _scaled(table, options, likelihood, place, point, samples, spread, inverse)


def widened(samples: Array, inverse: Floats, seed: int) -> Array:
    """Adds what rounds over few units lack of the doubt that the likelihood alone leaves.

    A few tasks that all say the same give rounds that hardly differ, as if the next task could not say something
    else. Normal noise is added where, and as far as, the rounds vary less than the likelihood allows.

    Args:
        samples: (D, R) parameters in each round.
        inverse: (D, D) covariance by the likelihood.
        seed: Of the noise.

    Returns:
        (D, R)
    """
    lacking, direction = np.linalg.eigh(inverse - np.cov(samples.astype(np.float64)))
    draws = np.random.default_rng([seed, 1]).standard_normal(samples.shape)
    root = (direction * np.sqrt(np.maximum(lacking, 0))) @ direction.T  # the same whatever basis eigh finds
    out: Array = samples + (root @ draws).astype(samples.dtype)
    return out


def _canonical(table: BattleTable) -> Ints:
    """Each model's place when ordered by its plain rating; equal ratings by name."""
    models = len(table.models)
    cells = count_cells(table, np.arange(models, dtype=np.int32), None, np.empty((len(table), 0)))
    rating = fit(Likelihood(cells, models, LINKS["half"]))
    order = np.lexsort((np.arange(models), -np.round(rating, 6)))
    place = np.empty(models, dtype=np.int32)
    place[order] = np.arange(models, dtype=np.int32)
    return place


def _judges(table: BattleTable, options: RankOptions) -> tuple[Ints | None, int]:
    """Numbers of the judges with the anchor last, and how many have a discrimination to be fitted."""
    if not options.judge_aware:
        return None, 0
    column = table.labels.get("judge")
    if column is None:
        raise BadInput("judge-aware ranking needs a column 'judge'; the battles name no judge")
    present = sorted({column.values[i] for i in np.unique(column.codes)})
    if options.anchor and options.anchor not in present:
        raise BadInput(f"no battle was judged by the anchor {options.anchor!r}; judges are: {', '.join(present)}")
    order = [name for name in present if name != options.anchor] + ([options.anchor] if options.anchor else [])
    place = {name: i for i, name in enumerate(order)}
    codes = np.array([place.get(value, 0) for value in column.values], dtype=np.int32)[column.codes]
    return codes, len(order) - bool(options.anchor)


def judge_names(table: BattleTable, options: RankOptions) -> list[str]:
    """The judges whose discrimination is fitted, in the order of the parameters."""
    column = table.labels["judge"]
    present = {column.values[i] for i in np.unique(column.codes)}
    return [name for name in sorted(present) if name != options.anchor]


def _covariates(table: BattleTable, control: tuple[str, ...]) -> Floats:
    """(n, K): as seen from model_a, in standard deviations; the position is 1."""
    columns = []
    for name in control:
        if name == POSITION:
            columns.append(np.ones(len(table)))
            continue
        if name not in table.covariates:
            known = ", ".join([POSITION, *sorted(table.covariates)])
            raise BadInput(f"cannot control for {name!r}: needs columns {name}_a and {name}_b; there are: {known}")
        first, second = table.covariates[name]
        total = np.abs(first) + np.abs(second)
        share = np.divide(first - second, total, out=np.zeros(len(total)), where=total > 0)
        deviation = np.sqrt(np.mean(share**2))
        columns.append(share / deviation if deviation > 0 else share)
    return np.stack(columns, axis=1) if columns else np.empty((len(table), 0))


def units_of(table: BattleTable, resample: Resample) -> Ints | None:
    """(n,) number of the unit that a bootstrap draws each battle with; None where each battle is one."""
    if resample == "battle":
        return None
    if resample == "judge":
        column = table.labels.get("judge")
        if column is None or len(np.unique(column.codes)) < 2:
            raise BadInput("a bootstrap over judges needs battles of at least two judges; the column 'judge' has fewer")
        return column.codes
    alone = int(np.max(np.bincount(table.task))) == 1
    return None if alone else table.task


def sandwich(likelihood: Likelihood, units: Units, point: Floats, inverse: Floats) -> Floats:
    """(D, D) cluster-robust covariance: bread × squared scores of units × bread (Liang and Zeger 1986)."""
    cells, column = len(likelihood.cells), point[:, None]
    d, t = likelihood.difference(column), likelihood.split(column)[3]
    slopes_d, slopes_t = [], []
    for outcome in range(3):
        one = [np.full((cells, 1), float(outcome == o)) for o in range(3)]
        slope_d, slope_t = likelihood.link.slope(likelihood.link.prepare(*one), d, t)
        slopes_d.append(slope_d[:, 0])
        slopes_t.append(slope_t[:, 0] if likelihood.link.parameters else slope_d[:0, 0])
    jacobian = likelihood.jacobian(column)
    per_outcome = sp.hstack([jacobian.T.multiply(slope[None, :]) for slope in slopes_d])
    scores = sp.csr_array(per_outcome) @ units.counts.astype(np.float64)
    if likelihood.link.parameters:
        scores = sp.vstack([scores, sp.csr_array(np.concatenate(slopes_t)[None, :] @ units.counts)])
    middle = _squared(sp.csr_array(scores), units.many) * (units.total / max(units.total - 1, 1))
    out: Floats = inverse @ middle @ inverse
    return out


def _squared(scores: sp.csr_array, many: npt.NDArray[np.int64]) -> Floats:
    """(D, D): sum over kinds of ``many`` times the outer product of their scores."""
    if scores.nnz < 0.05 * scores.shape[0] * scores.shape[1]:
        sparse: Floats = (scores.multiply(many[None, :]) @ scores.T).toarray()
        return sparse
    out = np.zeros((scores.shape[0], scores.shape[0]))
    by_kind = sp.csc_array(scores)
    for start in range(0, scores.shape[1], 4096):
        part = by_kind[:, start : start + 4096].toarray()
        out += (part * many[start : start + 4096]) @ part.T
    return out


def _scaled(
    table: BattleTable, options: RankOptions, likelihood: Likelihood, place: Ints, point: Floats, samples: Array,
    spread: Floats | None,
    inverse: Floats | None,
) -> Estimate:  # fmt: skip
    """Moves parameters to the Elo scale, in the table's order of models, with one gauge for all rounds."""
    models, effects = likelihood.models, likelihood.effects
    first_judge = models + effects
    if likelihood.judges and not options.anchor:
        point, samples, spread = _usual_judge(likelihood, point, samples, spread)
    base = place[table.models.index(options.baseline)] if options.baseline in table.models else None

    def gauge(strength: Array) -> Array:
        """Named and relative to the baseline, or to the mean."""
        zero = strength.mean(axis=0) if base is None else strength[base]
        named: Array = (strength - zero)[place]
        return named

    rating = AVERAGE + ELO * gauge(point[:models])
    rounds = (AVERAGE + np.float32(ELO) * gauge(samples[:models])).astype(np.float32)
    whole = None if spread is None else ELO**2 * gauge(gauge(spread[:models, :models]).T)
    extras: dict[str, tuple[float, Array]] = {}
    deviations: dict[str, float] = {}
    for k, name in enumerate(options.control):
        extras[EFFECT + name] = (ELO * point[models + k], ELO * samples[models + k])
        if spread is not None:
            deviations[EFFECT + name] = ELO * float(np.sqrt(spread[models + k, models + k]))
    for j, name in enumerate(judge_names(table, options) if likelihood.judges else []):
        extras[JUDGE + name] = (float(np.exp(point[first_judge + j])), np.exp(samples[first_judge + j]))
        if spread is not None:
            deviations[JUDGE + name] = extras[JUDGE + name][0] * float(
                np.sqrt(spread[first_judge + j, first_judge + j])
            )
    own = None if inverse is None else ELO * np.sqrt(np.diag(gauge(gauge(inverse[:models, :models]).T)))
    return Estimate(rating, rounds, whole, own, extras, deviations)


def _usual_judge(
    likelihood: Likelihood, point: Floats, samples: Array, spread: Floats | None
) -> tuple[Floats, Array, Floats | None]:
    """Fixes the scale: the geometric mean of discriminations, weighted by battles, is 1."""
    models, first = likelihood.models, likelihood.models + likelihood.effects
    judge = likelihood.cells.judge
    assert judge is not None
    weight = np.bincount(judge, likelihood.cells.counts.sum(axis=0), likelihood.judges)
    weight = weight / weight.sum()
    rows = slice(first, first + likelihood.judges)

    def rescale(parameters: Array) -> Array:
        out = parameters.copy()
        shift = weight.astype(parameters.dtype) @ parameters[rows]
        out[rows] -= shift
        out[:models] *= np.exp(shift)
        return out

    moved = rescale(point)
    if spread is not None:
        change = np.eye(len(point))
        change[:models, :models] *= np.exp(weight @ point[rows])
        change[:models, rows] = moved[:models, None] * weight[None, :]
        change[rows, rows] -= weight[None, :]
        spread = change @ spread @ change.T
    return moved, rescale(samples), spread

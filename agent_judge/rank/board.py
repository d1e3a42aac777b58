"""Makes a Leaderboard of an Estimate: what readers see, and the notes they must know."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from pydantic import TypeAdapter

from agent_judge.rank.estimate import EFFECT, FEW_UNITS, JUDGE, Estimate, RankOptions
from agent_judge.rank.significance import (
    Ranks,
    compare_pairs,
    normal_interval,
    percentile_interval,
    spread_of,
)
from agent_judge.rank.table import A_WON, B_WON, BattleTable, Floats, Ints
from agent_judge.schema import Comparison, Effect, JudgeWeight, Leaderboard, ModelRating

FEW_BATTLES = 20
"""A model with fewer battles is marked."""
_MOST_COMPARED = 300
_DENSE_COUNTS = 1_000_000
_COMPARISONS = TypeAdapter(tuple[Comparison, ...])
_DISAGREEMENT = 1.5


@dataclass
class Tally:
    """Battles counted by pair of models."""

    met: sp.csr_array
    """(M, M) battles of row against column."""
    won: sp.csr_array
    """(M, M) battles that the row won."""

    @property
    def battles(self) -> Ranks:
        """Battles of each model."""
        return np.asarray(self.met.sum(axis=1)).astype(np.int64)

    @property
    def wins(self) -> Ranks:
        """Wins of each model."""
        return np.asarray(self.won.sum(axis=1)).astype(np.int64)

    @property
    def losses(self) -> Ranks:
        """Losses of each model."""
        return np.asarray(self.won.sum(axis=0)).astype(np.int64)


def tally(table: BattleTable) -> Tally:
    """Counts meetings and wins."""
    a_won, b_won = table.winner == A_WON, table.winner == B_WON
    met = _count(table.a, table.b, len(table.models))
    won = _count(table.a[a_won], table.b[a_won], len(table.models))
    lost = _count(table.a[b_won], table.b[b_won], len(table.models))
    return Tally(sp.csr_array(met + met.T), sp.csr_array(won + lost.T))


def _count(row: Ints, column: Ints, models: int) -> sp.csr_array:
    """(M, M) how often each pair occurs."""
    if models**2 <= _DENSE_COUNTS:  # counting into a table is much faster than sorting
        code = row.astype(np.int64) * models + column
        return sp.csr_array(np.bincount(code, minlength=models**2).reshape(models, models))
    return sp.coo_array((np.ones(len(row), np.int64), (row, column)), (models, models)).tocsr()


def win_rates(names: tuple[str, ...], counted: Tally) -> dict[str, dict[str, float]]:
    """``[a][b]``: share of battles of a against b that a won, ties as half; pairs that never met are left out."""
    met = counted.met.tocoo()
    won = counted.won - counted.won.T
    lead = sp.csr_array(won)[met.row, met.col]
    shares = 0.5 + 0.5 * np.asarray(lead).ravel() / met.data
    out: dict[str, dict[str, float]] = {name: {} for name in names}
    for row, column, share in zip(met.row.tolist(), met.col.tolist(), shares.tolist(), strict=True):
        out[names[row]][names[column]] = share
    return out


def board(table: BattleTable, estimate: Estimate, options: RankOptions, notes: tuple[str, ...] = ()) -> Leaderboard:
    """Puts an estimate into words and tables.

    Args:
        table: The battles that the estimate rests on.
        estimate: Ratings of ``table.models``.
        options: As ranked.
        notes: What to tell first.
    """
    units = _units(table, options)
    spread, counted = spread_of(estimate, units), tally(table)
    order = np.lexsort((np.arange(len(table.models)), -np.round(estimate.rating, 6)))
    battles, wins, losses = counted.battles, counted.wins, counted.losses
    rows = []
    for i in order.tolist():
        rows.append(
            ModelRating(
                model=table.models[i],
                rating=float(estimate.rating[i]),
                lower=float(spread.lower[i]),
                upper=float(spread.upper[i]),
                rank=int(spread.rank[i]),
                rank_lower=int(spread.rank_lower[i]),
                rank_upper=int(spread.rank_upper[i]),
                battles=int(battles[i]),
                wins=int(wins[i]),
                losses=int(losses[i]),
                top={k: float(chance[i]) for k, chance in spread.top.items()},
                few=bool(battles[i] < FEW_BATTLES),
                sandwich=None if spread.sandwich is None else (
                    float(spread.sandwich[0, i]), float(spread.sandwich[1, i])
                ),
            )
        )  # fmt: skip
    return Leaderboard(
        models=tuple(rows),
        win_rates=win_rates(table.models, counted),
        rounds=options.rounds,
        seed=options.seed,
        notes=(*notes, *_notes(table, options, battles, units, spread.lower, spread.upper, spread.sandwich)),
        method=options.method,
        interval=f"{'bootstrap' if options.rounds else 'sandwich'} over {options.resample}s",
        battles=len(table),
        tasks=_distinct(table.task),
        too_few=units < FEW_UNITS,
        comparisons=_comparisons(table, estimate, order, counted, units),
        effects=_effects(estimate),
        judges=_judge_weights(table, estimate),
    )


def _units(table: BattleTable, options: RankOptions) -> int:
    if options.resample == "battle":
        return len(table)
    column = table.task if options.resample == "task" else table.labels["judge"].codes
    return _distinct(column)


def _distinct(codes: Ints) -> int:
    return int(np.count_nonzero(np.bincount(codes)))


def _comparisons(
    table: BattleTable, estimate: Estimate, order: Ranks, counted: Tally, units: int
) -> tuple[Comparison, ...]:
    sure = estimate.samples.shape[1] > 0 or estimate.covariance is not None
    if not sure or not 2 <= len(order) <= _MOST_COMPARED:
        return ()
    pairs = compare_pairs(estimate, order, units)
    direct = np.asarray(counted.met[pairs.better, pairs.worse]).ravel()
    names = np.array(table.models, dtype=object)
    columns = {
        "better": names[pairs.better],
        "worse": names[pairs.worse],
        "probability": pairs.probability,
        "p_value": pairs.corrected,
        "significant": pairs.corrected <= 0.05,
        "battles": direct,
    }
    rows = zip(*(column.tolist() for column in columns.values()), strict=True)
    return _COMPARISONS.validate_python([dict(zip(columns, row, strict=True)) for row in rows])


def _interval(estimate: Estimate, name: str) -> tuple[float, float]:
    value, samples = estimate.extras[name]
    if len(samples):
        low, high = percentile_interval(samples)
        return float(low), float(high)
    return normal_interval(value, estimate.extra_deviation.get(name, 0.0))


def _effects(estimate: Estimate) -> tuple[Effect, ...]:
    found = []
    for name, (value, _) in estimate.extras.items():
        if name.startswith(EFFECT):
            lower, upper = _interval(estimate, name)
            found.append(Effect(name=name.removeprefix(EFFECT), elo=value, lower=lower, upper=upper))
    return tuple(found)


def _judge_weights(table: BattleTable, estimate: Estimate) -> tuple[JudgeWeight, ...]:
    found = []
    for name, (value, _) in estimate.extras.items():
        if name.startswith(JUDGE):
            judge, column = name.removeprefix(JUDGE), table.labels["judge"]
            battles = int(np.count_nonzero(column.codes == column.values.index(judge)))
            lower, upper = _interval(estimate, name)
            found.append(JudgeWeight(judge=judge, discrimination=value, lower=lower, upper=upper, battles=battles))
    return tuple(found)


def _notes(
    table: BattleTable, options: RankOptions, battles: Ranks, units: int, lower: Floats, upper: Floats,
    sandwich: Floats | None,
) -> tuple[str, ...]:  # fmt: skip
    notes = []
    if len(table.models) == 1:
        notes.append(f"only one model, {table.models[0]}: there is nothing to compare it with")
    if options.baseline and options.baseline not in table.models:
        notes.append(f"the baseline {options.baseline} has no battle here; ratings have the mean 1000 instead")
    if units < FEW_UNITS:
        what = options.resample if units == 1 else options.resample + "s"
        notes.append(
            f"too few to trust: {units} {what}, where {FEW_UNITS} or more are needed; "
            "intervals are widened to what the likelihood allows"
        )
    few = [name for name, count in zip(table.models, battles.tolist(), strict=True) if count < FEW_BATTLES]
    if few and len(few) < len(table.models):
        shown = ", ".join(few[:5]) + (f" and {len(few) - 5} more" if len(few) > 5 else "")
        notes.append(f"fewer than {FEW_BATTLES} battles: {shown}")
    if len(table.models) > _MOST_COMPARED:
        notes.append(f"more than {_MOST_COMPARED} models: pairs are not compared one by one")
    if options.rounds and sandwich is not None and units >= FEW_UNITS:
        width = sandwich[1] - sandwich[0]
        ratio = float(np.median((upper - lower)[width > 0] / width[width > 0])) if (width > 0).any() else 1.0
        if not 1 / _DISAGREEMENT < ratio < _DISAGREEMENT:
            notes.append(
                f"bootstrap intervals are {ratio:.1f} times as wide as the analytic ones: "
                "the battles are too few or too one-sided for either to be trusted"
            )
    return tuple(notes)

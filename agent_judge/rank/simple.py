"""The two ratings that people compare with: online Elo, and win rate against a baseline."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp

from agent_judge.rank.bootstrap import batches, draw
from agent_judge.rank.cells import Codes, Units
from agent_judge.rank.estimate import AVERAGE, Estimate, RankOptions, units_of
from agent_judge.rank.links import Array
from agent_judge.rank.table import BattleTable, Floats

ELO_STEP = 4.0
"""K, the most that one battle moves a rating; the value that arenas used."""
_SCORE = np.array([1.0, 0.5, 0.0, 0.5])
"""Of model_a, by the winner's place in ``WINNERS``."""
_ELO_BATCH_BYTES = 1 << 28


def online_elo(table: BattleTable, options: RankOptions) -> Estimate:
    """Elo (1978) in the order of the battles, everyone starting at 1000.

    It depends on that order and on K, and never converges: kept for comparison.
    In a bootstrap round a battle drawn w times moves ratings by w times as much.
    """
    codes, units = _units(table, options)
    generator = np.random.default_rng(options.seed)
    rating = _elo(table, np.ones((len(table), 1), np.uint8))
    samples = []
    left, most = options.rounds, max(_ELO_BATCH_BYTES // len(table), 1)
    while left > 0:
        drawn = draw(units, min(left, most), generator).astype(np.uint8)
        samples.append(_elo(table, drawn[codes]))
        left -= drawn.shape[1]
    rounds = np.concatenate([rating[:, :0], *samples], axis=1)
    if options.baseline in table.models:
        base = table.models.index(options.baseline)
        rating, rounds = rating - rating[base] + AVERAGE, rounds - rounds[base] + AVERAGE
    return Estimate(rating[:, 0], rounds.astype(np.float32))


def _elo(table: BattleTable, weights: Array) -> Floats:
    """(M, R) ratings after all battles, each with its (n, R) weights."""
    rating = np.full((len(table.models), weights.shape[1]), AVERAGE)
    scores = _SCORE[table.winner].tolist()
    for a, b, score, weight in zip(table.a.tolist(), table.b.tolist(), scores, weights, strict=True):
        expected = 1 / (1 + 10 ** ((rating[b] - rating[a]) / 400))
        change = ELO_STEP * weight * (score - expected)
        rating[a] += change
        rating[b] -= change
    return rating


def win_rate(table: BattleTable, options: RankOptions) -> Estimate:
    """Percent of battles that each model won, ties as half; the baseline itself has 50.

    Args:
        table: Battles against the baseline only.
        options: Name the baseline.
    """
    base = table.models.index(options.baseline)
    other = np.where(table.a == base, table.b, table.a)
    score = np.where(table.a == base, 1 - _SCORE[table.winner], _SCORE[table.winner])
    codes, units = _units(table, options)
    shape = (len(table.models), len(units))
    met = sp.coo_array((np.ones(len(table)), (other, codes)), shape).tocsr()
    won = sp.coo_array((score, (other, codes)), shape).tocsr()

    def percent(weights: Array) -> Array:
        # The baseline meets nobody but itself; and a round that drew no battle of a model knows nothing of it.
        number, points = met @ weights, won @ weights
        share: Array = np.divide(points, number, out=np.full(number.shape, 0.5), where=number > 0)
        return 100 * share

    generator = np.random.default_rng(options.seed)
    rating = percent(np.ones((len(units), 1)))
    samples = [percent(draw(units, size, generator)) for size in batches(options.rounds, sum(shape))]
    return Estimate(rating[:, 0], np.concatenate([rating[:, :0], *samples], axis=1).astype(np.float32))


def _units(table: BattleTable, options: RankOptions) -> tuple[Codes, Units]:
    """The unit of each battle, (n,), and the units, each of a kind of its own."""
    unit = units_of(table, options.resample)
    codes: Codes = np.arange(len(table)) if unit is None else np.unique(unit, return_inverse=True)[1]
    total = int(np.max(codes)) + 1
    return codes, Units(np.ones(total, np.int64), sp.csr_array((0, total)), total)

"""Two leaderboards of the same models, by people and by a judge: do they say the same?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import scipy.sparse as sp
import scipy.stats

from agent_judge.agree.resample import Array, Measured
from agent_judge.errors import BadInput
from agent_judge.rank.bootstrap import draw
from agent_judge.rank.cells import Units, count_cells
from agent_judge.rank.fit import Likelihood, covariance, fit, fit_rounds
from agent_judge.rank.links import LINKS
from agent_judge.rank.table import BattleTable
from agent_judge.schema import Battle, Model
from agent_judge.wording import counted

_BATCH = 64


class BoardAgreement(Model):
    """Correlations of ratings of the models that both leaderboards rank."""

    models: int
    spearman: Measured
    kendall: Measured
    pearson: Measured
    note: str = ""


def compare_leaderboards(
    people: Sequence[Battle], judge: Sequence[Battle], rounds: int = 1000, seed: int = 0
) -> BoardAgreement:
    """Correlates two rankings, with intervals by a bootstrap that draws the same tasks for both.

    Raises:
        BadInput: Fewer than three models are in both.
    """
    names = sorted(
        {n for x in people for n in (x.model_a, x.model_b)} & {n for x in judge for n in (x.model_a, x.model_b)}
    )
    if len(names) < 3:
        raise BadInput(f"two leaderboards need at least three models in common to be correlated, not {len(names)}")
    known = set(names)
    used = [[x for x in battles if {x.model_a, x.model_b} <= known] for battles in (people, judge)]
    place = {task: i for i, task in enumerate(sorted({x.task_id for battles in used for x in battles}))}
    boards = [_Board(names, battles, place) for battles in used]
    every = Units(np.ones(len(place), np.int64), sp.csr_array((0, len(place))), len(place))
    generator, samples, left = np.random.default_rng(seed), [], rounds
    while left > 0:
        weights = draw(every, min(left, _BATCH), generator)
        first, second = (board.rounds(weights) for board in boards)
        samples += [_correlations(first[:, r], second[:, r]) for r in range(weights.shape[1])]
        left -= weights.shape[1]
    whole = _correlations(boards[0].point, boards[1].point)
    return _summary(len(names), whole, np.array(samples).reshape(-1, 3), len(place))


class _Board:
    """A fit that can be repeated with other weights of tasks; models stand in the order of their names."""

    def __init__(self, names: Sequence[str], battles: Sequence[Battle], place: Mapping[str, int]) -> None:
        table = BattleTable.from_battles(battles)
        if list(table.models) != list(names):
            missing = next(name for name in names if name not in table.models)
            raise BadInput(
                f"{missing!r} never meets a model that is in both leaderboards; rank the same models in both"
            )
        self._cells = count_cells(table, np.arange(len(names), dtype=np.int32), None, np.empty((len(table), 0)))
        self._likelihood = Likelihood(self._cells, len(names), LINKS["half"])
        self.point = fit(self._likelihood)
        self._inverse = covariance(self._likelihood, self.point)
        task = np.array([place[x.task_id] for x in battles])
        counted = (np.ones(len(battles), np.float32), (self._cells.column, task))
        self._by_task = sp.coo_array(counted, (3 * len(self._cells), len(place))).tocsr()

    def rounds(self, weights: Array) -> Array:
        """(M, R)."""
        counts = (self._by_task @ weights).reshape(3, len(self._cells), weights.shape[1])
        return fit_rounds(self._likelihood, counts, self.point, self._inverse)


def _correlations(first: Array, second: Array) -> tuple[float, float, float]:
    if np.ptp(first) == 0 or np.ptp(second) == 0:
        return (np.nan, np.nan, np.nan)
    return (
        float(scipy.stats.spearmanr(first, second).statistic),
        float(scipy.stats.kendalltau(first, second).statistic),
        float(scipy.stats.pearsonr(first, second).statistic),
    )


def _summary(models: int, whole: tuple[float, float, float], samples: Array, tasks: int) -> BoardAgreement:
    if not np.isfinite(whole).all():
        raise BadInput("all models are rated the same in one of the leaderboards; there is nothing to correlate")
    samples = samples[np.isfinite(samples).all(axis=1)]
    low, high = np.quantile(samples, (0.025, 0.975), axis=0) if len(samples) else (whole, whole)
    spearman, kendall, pearson = (
        Measured(value=value, lower=min(float(a), value), upper=max(float(b), value))
        for value, a, b in zip(whole, low, high, strict=True)
    )
    few = f"only {counted(models, 'model')} and {counted(tasks, 'task')}: a correlation of so few says little"
    note = few if models < 8 else ""
    return BoardAgreement(models=models, spearman=spearman, kendall=kendall, pearson=pearson, note=note)

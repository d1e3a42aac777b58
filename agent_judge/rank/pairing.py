"""Which pairs to judge next, so that the order of models settles with few battles."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import scipy.special

from agent_judge.rank.blas import one_blas_thread
from agent_judge.rank.cells import count_cells
from agent_judge.rank.fit import Likelihood, covariance, fit
from agent_judge.rank.links import LINKS
from agent_judge.rank.table import BattleTable, Floats
from agent_judge.schema import Battle

Candidate = tuple[str, str, str]
"""A battle that could be fought: task_id, model_a, model_b."""
Places = npt.NDArray[np.intp]

SETTLED_BATTLES = 3
"""A model with fewer battles is new: its pairs weigh more, the more so the fewer it has."""


def next_pairs(
    battles: Sequence[Battle],
    candidates: Sequence[Candidate],
    count: int,
    *,
    seed: int = 0,
) -> list[Candidate]:
    """Chooses which of the battles that could be fought tell most about the order.

    Each choice takes the pair whose battle is expected to settle most of the
    order of all models; pairs of models with few battles count up to double. Then
    the battle is taken as fought, and the next is chosen, so that a batch does
    not ask the same thing twice.

    Args:
        battles: What is known.
        candidates: Battles that can be fought, as (task_id, model_a, model_b).
        count: How many to choose; fewer come back where there are fewer candidates.
        seed: Breaks ties between equally telling candidates.

    Returns:
        Candidates, the most telling first.
    """
    if not candidates:
        return []
    generator = np.random.default_rng(seed)
    shuffled = sorted(candidates)
    generator.shuffle(shuffled)
    names = sorted({name for _, *pair in [*shuffled, *_met(battles)] for name in pair})
    state = _State(names, battles)
    waiting: dict[tuple[int, int], list[Candidate]] = {}
    for candidate in shuffled:
        pair = sorted((names.index(candidate[1]), names.index(candidate[2])))
        waiting.setdefault((pair[0], pair[1]), []).append(candidate)
    with one_blas_thread():
        return _choose(state, waiting, count)


def _choose(state: _State, waiting: dict[tuple[int, int], list[Candidate]], count: int) -> list[Candidate]:
    pairs = list(waiting)
    first, second = np.array(pairs, dtype=np.intp).T
    on_task = dict.fromkeys((task for same in waiting.values() for task, _, _ in same), 0)
    chosen: list[Candidate] = []
    while len(chosen) < count and any(waiting.values()):
        left = np.array([bool(waiting[pair]) for pair in pairs])
        best = int(np.argmax(np.where(left, state.gain(first, second), -1)))
        same = waiting[pairs[best]]
        fewest = min(range(len(same)), key=lambda i: on_task[same[i][0]])  # spreads the battles over tasks
        chosen.append(same.pop(fewest))
        on_task[chosen[-1][0]] += 1
        state.fight(int(first[best]), int(second[best]))
    return chosen


def _met(battles: Sequence[Battle]) -> list[Candidate]:
    return [(battle.task_id, battle.model_a, battle.model_b) for battle in battles]


class _State:
    """What is known of the strengths: their fit, its covariance, and how many battles each model has."""

    def __init__(self, names: Sequence[str], battles: Sequence[Battle]) -> None:
        known = BattleTable.from_battles(battles)
        place = np.array([names.index(name) for name in known.models], dtype=np.int32)
        table = BattleTable(tuple(names), place[known.a], place[known.b], known.winner, known.task)
        cells = count_cells(table, np.arange(len(names), dtype=np.int32), None, np.empty((len(table), 0)))
        likelihood = Likelihood(cells, len(names), LINKS["half"])
        self.strength = fit(likelihood)
        self.covariance = covariance(likelihood, self.strength)
        self._all = np.triu_indices(len(names), 1)
        self.battles = np.bincount(np.r_[table.a, table.b], minlength=len(names)).astype(np.float64)

    def gain(self, first: Places, second: Places) -> Floats:
        """(K,) how much a battle of each pair is expected to settle the order of all models.

        The doubt about the order of two models grows with the chance that it is
        wrong, and falls as the variance of their difference does. A battle
        shrinks the variances of all differences that it bears on; its gain is
        the sum of these shares, each times its doubt: a quadratic form in the
        covariance, so one matrix product serves all pairs.
        """
        variance, _ = self._spread(*self._all)
        difference = np.abs(self.strength[self._all[0]] - self.strength[self._all[1]])
        doubt = scipy.special.ndtr(-difference / np.sqrt(variance)) / variance
        form = np.zeros_like(self.covariance)
        form[self._all] = form[self._all[::-1]] = -doubt
        form[np.diag_indices_from(form)] = -form.sum(axis=0)
        settled = self.covariance @ form @ self.covariance
        variance, information = self._spread(first, second)
        told = settled[first, first] + settled[second, second] - 2 * settled[first, second]
        shortage = 1 - np.minimum(self.battles[first], self.battles[second]) / SETTLED_BATTLES
        gain: Floats = told * information / (1 + information * variance) * (1 + np.maximum(shortage, 0))
        return gain

    def _spread(self, first: Places, second: Places) -> tuple[Floats, Floats]:
        """Variance of the difference of each pair, and Fisher information of one battle about it."""
        c = self.covariance
        variance = c[first, first] + c[second, second] - 2 * c[first, second]
        p = np.asarray(scipy.special.expit(self.strength[first] - self.strength[second]), np.float64)
        return np.maximum(variance, 1e-12), p * (1 - p)

    def fight(self, first: int, second: int) -> None:
        """Takes a battle as fought, its outcome still unknown: the covariance shrinks (Sherman–Morrison)."""
        variance, information = self._spread(np.array([first]), np.array([second]))
        along = self.covariance[:, first] - self.covariance[:, second]
        self.covariance -= np.outer(along, along) * (information / (1 + information * variance))
        self.battles[[first, second]] += 1

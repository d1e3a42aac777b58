"""The simulation of many replicas at once chooses as the rule that runs use."""

from __future__ import annotations

import numpy as np
import pytest

from agent_judge.rank import next_pairs
from agent_judge.schema import Battle, BattleWinner
from eval.benchmarks.pairing import FIELDS
from eval.benchmarks.pairing_bounds import Replicas, adaptive, uniform

EVEN, NORMAL = list(FIELDS)[:2]


@pytest.mark.parametrize(("name", "waves"), [(EVEN, 6), (EVEN, 12), (NORMAL, 4), (NORMAL, 30)])
def test_chooses_the_pairs_that_a_run_would(name: str, waves: int) -> None:
    field = Replicas(name, range(5, 6))
    for _ in range(waves):
        for a, b in uniform(field):
            field.fight(a, b)
    field.fit()
    names = [f"m{number:02d}" for number in range(field.truth.shape[1])]
    candidates = [
        (f"t{number}", names[a], names[b])
        for number in range(20)
        for a, b in zip(field.first, field.second, strict=True)
    ]

    theirs = next_pairs(_battles(field, names), candidates, 20)

    ours = [tuple(sorted((names[int(a[0])], names[int(b[0])]))) for a, b in adaptive()(field)]
    assert ours == [tuple(sorted((a, b))) for _, a, b in theirs]


def _battles(field: Replicas, names: list[str]) -> list[Battle]:
    """The battles that were fought, whatever their order: wins, losses and ties that come to the same scores."""
    battles: list[Battle] = []
    tie: list[BattleWinner] = ["tie"]
    first: list[BattleWinner] = ["model_a"]
    second: list[BattleWinner] = ["model_b"]
    met, score = field.met[0], field.score[0]
    for i, j in zip(*np.triu_indices(len(names), 1), strict=True):
        count, won = int(met[i, j]), float(score[i, j])
        ties = round(won % 1 * 2)
        outcomes = tie * ties + first * int(won) + second * (count - ties - int(won))
        battles += [Battle(task_id="t", model_a=names[i], model_b=names[j], winner=one) for one in outcomes]
    return battles

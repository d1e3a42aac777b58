from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from agent_judge.schema import Battle, BattleWinner

Simulate = Callable[..., list[Battle]]


@pytest.fixture
def simulate() -> Simulate:
    """Battles between models of known strength, every pair on every task."""

    def make(
        strengths: dict[str, float], tasks: int = 60, ties: float = 0.2, seed: int = 0, **columns: str
    ) -> list[Battle]:
        rng = np.random.default_rng(seed)
        names = sorted(strengths)
        battles = []
        for task in range(tasks):
            for i, a in enumerate(names):
                for b in names[i + 1 :]:
                    first, second = (a, b) if rng.random() < 0.5 else (b, a)
                    chance = 1 / (1 + np.exp(strengths[second] - strengths[first]))
                    winner: BattleWinner = "model_a" if rng.random() < chance else "model_b"
                    if rng.random() < ties:
                        winner = "tie" if rng.random() < 0.5 else "both_bad"
                    battles.append(Battle(task_id=f"t{task}", model_a=first, model_b=second, winner=winner, **columns))
        return battles

    return make

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from agent_judge.agree import Judged
from agent_judge.schema import Winner

Vote = Callable[..., list[Judged]]


@pytest.fixture
def vote() -> Vote:
    """Pairs with votes, and a judge that agrees with a given chance and else guesses."""

    def make(agrees: float = 0.7, pairs: int = 300, tasks: int = 100, seed: int = 0) -> list[Judged]:
        rng = np.random.default_rng(seed)
        classes: tuple[Winner, ...] = ("A", "B", "tie", "both_bad")
        found = []
        for i in range(pairs):
            people = classes[rng.choice(4, p=[0.4, 0.35, 0.15, 0.1])]
            verdict = people if rng.random() < agrees else classes[rng.choice(4)]
            found.append(
                Judged(
                    id=f"p{i}",
                    task_id=f"t{i % tasks}",
                    vote=people,
                    verdict=verdict,
                    confidence=agrees + (1 - agrees) / 3,
                    model_a=f"m{i % 3}",
                    model_b=f"m{(i + 1) % 3}",
                    length_a=int(rng.integers(100, 2000)),
                    length_b=int(rng.integers(100, 2000)),
                    category="game" if i % 2 else "web",
                )
            )
        return found

    return make

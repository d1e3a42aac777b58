from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable

from agent_judge.rank import next_pairs
from agent_judge.schema import Battle

Simulate = Callable[..., list[Battle]]


def all_pairs(models: str, tasks: int = 5) -> list[tuple[str, str, str]]:
    return [(f"new{t}", a, b) for t in range(tasks) for a, b in itertools.combinations(models, 2)]


def test_asks_about_neighbours_whose_order_is_open(simulate: Simulate) -> None:
    battles = simulate({"a": 3.0, "b": 0.05, "c": -0.05, "d": -3.0}, tasks=60)
    chosen = next_pairs(battles, all_pairs("abcd"), 5)
    assert {pair[1:] for pair in chosen} == {("b", "c")}
    assert len({pair[0] for pair in chosen}) == 5


def test_new_models_get_battles_first(simulate: Simulate) -> None:
    battles = simulate({"a": 1.0, "b": 0.0, "c": -1.0}, tasks=60)
    chosen = next_pairs(battles, all_pairs("abcn"), 5)
    assert all("n" in pair for pair in chosen)


def test_starts_evenly_when_nothing_is_known() -> None:
    chosen = next_pairs([], all_pairs("abcdef"), 6)
    assert max(Counter(name for _, *pair in chosen for name in pair).values()) <= 3


def test_each_candidate_once_and_no_more_than_there_are(simulate: Simulate) -> None:
    candidates = all_pairs("abc", tasks=2)
    chosen = next_pairs(simulate({"a": 1.0, "b": 0.0, "c": 0.0}), candidates, 100)
    assert sorted(chosen) == sorted(candidates)
    assert next_pairs([], [], 3) == []


def test_same_seed_same_choice_whatever_the_order(simulate: Simulate) -> None:
    battles, candidates = simulate({"a": 1.0, "b": 0.0, "c": 0.0}, tasks=4), all_pairs("abc")
    assert next_pairs(battles, candidates, 6, seed=1) == next_pairs(battles, candidates[::-1], 6, seed=1)

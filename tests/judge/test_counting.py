from __future__ import annotations

import random

import pytest

from agent_judge.judge.counting import OPTIONS, count, learn_reliability, weight_of
from agent_judge.schema import Vote, Winner


def votes(*winners: Winner) -> list[Vote]:
    return [Vote(voter=f"m{i}", winner=winner, confidence=0.9) for i, winner in enumerate(winners)]


@pytest.mark.parametrize(
    ("winners", "expected", "share"),
    [
        (("A", "A", "B"), "A", 2 / 3),
        (("B",), "B", 1.0),
        (("A", "B"), "tie", 0.5),
        (("A", "tie", "both_bad"), "tie", 2 / 3),
        (("A", "both_bad", "both_bad"), "both_bad", 2 / 3),
        (("A", "B", "tie"), "tie", 1 / 3),
        (("tie", "both_bad"), "tie", 1.0),
    ],
)
def test_most_votes_win(winners: tuple[Winner, ...], expected: Winner, share: float) -> None:
    winner, got = count(votes(*winners), [1.0] * len(winners))
    assert winner == expected
    assert got == pytest.approx(share)


def test_weights_can_outvote_a_majority() -> None:
    assert count(votes("A", "A", "B"), [1, 1, 3])[0] == "B"


def test_counting_is_symmetric() -> None:
    chance = random.Random(1)
    for _ in range(200):
        cast = votes(*(chance.choice(OPTIONS) for _ in range(5)))
        weights = [chance.choice([0.5, 1.0, 2.0]) for _ in cast]
        winner, share = count(cast, weights)
        flipped, same_share = count([vote.flipped() for vote in cast], weights)
        assert {"A": "B", "B": "A"}.get(winner, winner) == flipped
        assert share == pytest.approx(same_share)


def test_who_agrees_with_the_truth_is_learnt_from_votes_alone() -> None:
    chance = random.Random(3)
    skill = {"good": 0.9, "fair": 0.7, "as fair": 0.7, "guessing": 0.25}
    battles = []
    for _ in range(400):
        truth = chance.choice(OPTIONS)
        battles.append(
            [
                Vote(
                    voter=name,
                    winner=truth if chance.random() < p else chance.choice([o for o in OPTIONS if o != truth]),
                    confidence=1,
                )
                for name, p in skill.items()
            ]
        )
    learnt = learn_reliability(battles)
    assert learnt["good"] > learnt["fair"] > learnt["guessing"]
    for name, p in skill.items():
        assert learnt[name] == pytest.approx(p, abs=0.1)


def test_a_guess_weighs_nothing_and_nobody_weighs_all() -> None:
    assert weight_of(0.25) == pytest.approx(0)
    assert weight_of(0.1) == 0
    assert 0 < weight_of(0.6) < weight_of(0.9) <= weight_of(1.0) < 5


def test_without_votes_nothing_is_learnt() -> None:
    assert learn_reliability([]) == {}

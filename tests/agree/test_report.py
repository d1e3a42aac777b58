from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, cohen_kappa_score, f1_score, matthews_corrcoef

from agent_judge.agree import Judged, agreement, compare_judges, compare_leaderboards, plot_reliability
from agent_judge.agree.bias import family_of
from agent_judge.agree.report import to_markdown
from agent_judge.agree.votes import PEOPLE, battles_of
from agent_judge.errors import BadInput
from agent_judge.rank.plots import save_figure
from agent_judge.schema import Battle, Winner

Vote = Callable[..., list[Judged]]


def plain(item: Winner | None, classes: tuple[str, ...]) -> str:
    return item if item in classes else "neither"


@pytest.mark.parametrize("seed", range(4))
def test_scores_are_those_of_scikit_learn(vote: Vote, seed: int) -> None:
    items = vote(pairs=120, seed=seed)
    found = agreement(items, rounds=50)
    for scores in (found.three, found.four):
        true = [plain(item.vote, scores.classes) for item in items]
        said = [plain(item.verdict, scores.classes) for item in items]
        assert scores.accuracy.value == pytest.approx(accuracy_score(true, said))
        assert scores.macro_f1 is not None
        assert scores.macro_f1.value == pytest.approx(f1_score(true, said, average="macro"))
        assert scores.kappa is not None
        assert scores.kappa.value == pytest.approx(cohen_kappa_score(true, said))
        assert scores.matthews is not None
        assert scores.matthews.value == pytest.approx(matthews_corrcoef(true, said))
        assert scores.accuracy.lower < scores.accuracy.value < scores.accuracy.upper


def test_intervals_know_that_pairs_of_a_task_are_not_independent(vote: Vote) -> None:
    items = vote(pairs=100, tasks=100)
    copied = [item.model_copy(update={"id": f"{item.id}-{k}"}) for item in items for k in range(20)]
    once, many = agreement(items).three.accuracy, agreement(copied).three.accuracy
    assert many.upper - many.lower == pytest.approx(once.upper - once.lower, rel=0.15)


def test_pairs_without_a_verdict_are_left_out_and_told(vote: Vote) -> None:
    items = vote(pairs=60)
    silent = [item.model_copy(update={"verdict": None}) if i < 10 else item for i, item in enumerate(items)]
    found = agreement(silent, rounds=20)
    assert (found.pairs, found.unjudged) == (50, 10)
    assert found.three.accuracy.value == agreement(items[10:], rounds=20).three.accuracy.value
    assert any("10 pairs without a verdict" in note for note in found.notes)
    with pytest.raises(BadInput, match="no verdict on any pair"):
        agreement([item.model_copy(update={"verdict": None}) for item in items])


def test_slices_tell_how_many_pairs_they_rest_on(vote: Vote) -> None:
    found = agreement(vote(pairs=70), rounds=20)
    assert {name: part.pairs for name, part in found.slices["category"].items()} == {"game": 35, "web": 35}
    assert "category game (35)" in to_markdown(found)


def test_a_judge_that_likes_the_first_and_the_longer_answer_is_found_out(vote: Vote) -> None:
    items = vote(agrees=1.0, pairs=400)
    first = [item.model_copy(update={"verdict": "A"}) if i % 4 == 0 else item for i, item in enumerate(items)]
    position = agreement(first).biases.position
    assert position is not None
    assert position.difference.lower > 0.05
    longer: list[Judged] = [
        item.model_copy(update={"verdict": "A" if item.length_a > item.length_b else "B"}) if i % 4 == 0 else item
        for i, item in enumerate(items)
    ]
    length = agreement(longer).biases.length
    assert length is not None
    assert length.difference.lower > 0.05
    fair = agreement(items).biases
    assert fair.position is not None
    assert fair.length is not None
    assert fair.position.difference.value == fair.length.difference.value == 0


def test_liking_its_own_family_is_found_out(vote: Vote) -> None:
    names = {"m0": "claude-opus-5", "m1": "gpt-6", "m2": "qwen4-coder"}
    items: list[Judged] = []
    for item in vote(agrees=1.0, pairs=400):
        renamed = item.model_copy(update={"model_a": names[item.model_a], "model_b": names[item.model_b]})
        if "claude" in renamed.model_a and len(items) % 2:
            renamed = renamed.model_copy(update={"verdict": "A"})
        items.append(renamed)
    own = agreement(items, judge="claude-sonnet-5").biases.own_family
    assert own is not None
    assert own.difference.lower > 0.05
    assert own.pairs == sum("claude" in item.model_a or "claude" in item.model_b for item in items)
    assert agreement(items, judge="evidence", rounds=20).biases.own_family is None


@pytest.mark.parametrize(
    ("model", "family"),
    [
        ("gpt-4o-mini", "openai"),
        ("o3", "openai"),
        ("Qwen2.5-Coder", "alibaba"),
        ("claude-3-5", "anthropic"),
        ("solo", ""),
    ],
)
def test_family_of_a_model(model: str, family: str) -> None:
    assert family_of(model) == family


def test_consistency_of_both_orders(vote: Vote) -> None:
    items = vote(pairs=40)
    swapped = [item.model_copy(update={"swapped": True}) for item in items]
    swapped[0] = swapped[0].model_copy(update={"verdict": "A" if items[0].verdict != "A" else "B"})
    found = agreement([*items, *swapped], rounds=50)
    assert found.pairs == 40
    assert found.biases.consistency is not None
    assert found.biases.consistency.value == pytest.approx(39 / 40)


def test_calibration_tells_an_overconfident_judge(vote: Vote, tmp_path: Path) -> None:
    honest = agreement(vote(agrees=0.6, pairs=2000), rounds=50).calibration
    assert honest is not None
    assert honest.expected_error.value < 0.06
    boasting = [item.model_copy(update={"confidence": 0.99}) for item in vote(agrees=0.6, pairs=500)]
    found = agreement(boasting, rounds=50).calibration
    assert found is not None
    assert found.expected_error.lower > 0.15
    assert sum(one.pairs for one in found.bins) == 500
    assert all(file.stat().st_size > 1000 for file in save_figure(plot_reliability(found), tmp_path / "reliability"))
    silent = [item.model_copy(update={"confidence": None}) for item in boasting]
    assert agreement(silent, rounds=10).calibration is None


def test_a_better_judge_is_told_from_a_worse_one_and_not_from_itself(vote: Vote) -> None:
    good, bad = vote(agrees=0.9, seed=1), vote(agrees=0.4, seed=1)
    bad = [item.model_copy(update={"vote": other.vote}) for item, other in zip(bad, good, strict=True)]
    found = compare_judges(bad, good)
    assert found.significant
    assert found.difference.lower > 0.1
    assert found.second - found.first == pytest.approx(found.difference.value)
    assert found.only_second - found.only_first == round(found.difference.value * found.pairs)
    same = compare_judges(good, good)
    assert (same.difference.value, same.p_value, same.significant) == (0, 1, False)
    with pytest.raises(BadInput, match="no pair in common"):
        compare_judges(good, [item.model_copy(update={"id": item.id + "x"}) for item in good])


def test_leaderboards_of_people_and_of_a_judge_correlate(vote: Vote) -> None:
    rng = np.random.default_rng(0)
    strength = np.linspace(2, -2, 8)
    people: list[Battle] = []
    judge: list[Battle] = []
    for task in range(60):
        for i in range(8):
            j = int((i + rng.integers(1, 8)) % 8)
            for battles, noise in ((people, 0.3), (judge, 0.6)):
                won = rng.random() < 1 / (1 + np.exp((strength[j] - strength[i]) / (1 + noise)))
                battles.append(
                    Battle(task_id=f"t{task}", model_a=f"m{i}", model_b=f"m{j}", winner="model_a" if won else "model_b")
                )
    found = compare_leaderboards(people, judge, rounds=100)
    assert found.models == 8
    for value in (found.spearman, found.kendall, found.pearson):
        assert 0.5 < value.lower <= value.value <= value.upper <= 1
    assert compare_leaderboards(people, people, rounds=20).spearman.lower == pytest.approx(1)
    with pytest.raises(BadInput, match="at least three models"):
        compare_leaderboards(people, [Battle(task_id="t", model_a="x", model_b="y", winner="tie")])


def test_votes_and_verdicts_become_battles(vote: Vote) -> None:
    items = vote(pairs=12)
    items[3] = items[3].model_copy(update={"verdict": None})
    people, judge = battles_of(items, PEOPLE), battles_of(items, "evidence")
    assert (len(people), len(judge)) == (12, 11)
    assert {battle.judge for battle in judge} == {"evidence"}
    names = {"A": "model_a", "B": "model_b", "tie": "tie", "both_bad": "both_bad"}
    assert [battle.winner for battle in people] == [names[item.vote] for item in items]

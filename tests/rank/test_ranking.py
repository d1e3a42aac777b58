from __future__ import annotations

import itertools
from collections.abc import Callable
from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agent_judge.errors import BadInput
from agent_judge.rank import BattleTable, rank
from agent_judge.rank.estimate import Method
from agent_judge.rank.table import WINNERS
from agent_judge.schema import Battle, BattleWinner, Leaderboard

Simulate = Callable[..., list[Battle]]
FLIPPED: dict[BattleWinner, BattleWinner] = {
    "model_a": "model_b",
    "model_b": "model_a",
    "tie": "tie",
    "both_bad": "both_bad",
}
QUICK = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@st.composite
def some_battles(draw: st.DrawFn) -> list[Battle]:
    """Connected battles of two to five models, on a few tasks."""
    models = [f"m{i}" for i in range(draw(st.integers(2, 5)))]
    pairs = list(itertools.combinations(models, 2))
    chosen = [(models[i], models[i + 1]) for i in range(len(models) - 1)]
    chosen += draw(st.lists(st.sampled_from(pairs), max_size=25))
    return [
        Battle(
            task_id=f"t{draw(st.integers(0, 6))}", model_a=a, model_b=b, winner=draw(st.sampled_from(WINNERS))
        )
        for a, b in chosen
    ]  # fmt: skip


def numbers(board: Leaderboard) -> dict[str, tuple[float, ...]]:
    return {
        row.model: (row.rating, row.lower, row.upper, row.rank, row.rank_lower, row.rank_upper) for row in board.models
    }


def assert_same(first: Leaderboard, second: Leaderboard, tolerance: float = 0.02) -> None:
    one, other = numbers(first), numbers(second)
    assert one.keys() == other.keys()
    for model in one:
        assert one[model] == pytest.approx(other[model], abs=tolerance), model


def battle(a: str, b: str, winner: BattleWinner = "model_a", task: str = "t") -> Battle:
    return Battle(task_id=task, model_a=a, model_b=b, winner=winner)


@given(some_battles(), st.randoms(use_true_random=False))
@QUICK
def test_order_of_battles_does_not_matter(battles: list[Battle], random: Random) -> None:
    shuffled = battles.copy()
    random.shuffle(shuffled)
    assert_same(rank(battles, rounds=50), rank(shuffled, rounds=50))


@given(some_battles())
@QUICK
def test_sides_do_not_matter(battles: list[Battle]) -> None:
    flipped = [
        x.model_copy(update={"model_a": x.model_b, "model_b": x.model_a, "winner": FLIPPED[x.winner]}) for x in battles
    ]
    assert_same(rank(battles, rounds=50), rank(flipped, rounds=50))


def test_names_of_models_and_tasks_do_not_matter(simulate: Simulate) -> None:
    battles = simulate({"a": 1.0, "b": 0.4, "c": 0.1, "d": -1.5})
    new = {"a": "zz", "b": "q", "c": "aa", "d": "mm"}
    renamed = [
        x.model_copy(
            update={
                "model_a": new[x.model_a],
                "model_b": new[x.model_b],
                "task_id": x.task_id[::-1] + "!",
            }
        )
        for x in battles
    ]
    before, after = numbers(rank(battles, rounds=200)), numbers(rank(renamed, rounds=200))
    for model, line in before.items():
        assert line == pytest.approx(after[new[model]], abs=0.01)


def test_same_seed_same_leaderboard_and_another_seed_another_bootstrap(simulate: Simulate) -> None:
    battles = simulate({"a": 1.0, "b": 0.0, "c": -1.0})
    assert rank(battles, rounds=100, seed=3) == rank(battles, rounds=100, seed=3)
    first, second = rank(battles, rounds=100, seed=3), rank(battles, rounds=100, seed=4)
    assert [m.rating for m in first.models] == [m.rating for m in second.models]
    assert [m.lower for m in first.models] != [m.lower for m in second.models]


def test_a_baseline_only_adds_a_constant(simulate: Simulate) -> None:
    battles = simulate({"a": 1.0, "b": 0.0, "c": -1.0})
    free, anchored = rank(battles, rounds=0), rank(battles, rounds=0, baseline="b")
    assert np.mean([row.rating for row in free.models]) == pytest.approx(1000)
    moved = {row.model: row.rating for row in anchored.models}
    assert moved["b"] == pytest.approx(1000)
    assert len({round(row.rating - moved[row.model], 6) for row in free.models}) == 1
    base = next(row for row in anchored.models if row.model == "b")
    assert base.lower == base.upper == pytest.approx(1000)


@pytest.mark.parametrize("method", ["bradley-terry", "davidson", "rao-kupper"])
def test_finds_the_strengths_that_made_the_battles(simulate: Simulate, method: Method) -> None:
    truth = {"a": 0.9, "b": 0.3, "c": -0.2, "d": -1.0}
    board = rank(simulate(truth, tasks=1500, ties=0.0), rounds=0, method=method)
    for row in board.models:
        assert row.rating == pytest.approx(1000 + truth[row.model] * 400 / np.log(10), abs=25)
    assert [row.model for row in board.models] == ["a", "b", "c", "d"]


def test_davidson_recovers_strengths_that_half_wins_shrink() -> None:
    rng = np.random.default_rng(0)
    n, d, tie = 40_000, 1.0, 1.0  # odds e^(d/2) : e^tie : e^(-d/2)
    chances = np.exp([d / 2, tie, -d / 2])
    drawn = rng.choice(3, size=n, p=chances / chances.sum()).astype(np.int8)
    table = BattleTable(("a", "b"), np.zeros(n, np.int32), np.ones(n, np.int32), drawn, np.arange(n, dtype=np.int32))

    def gap(method: Method) -> float:
        board = rank(table, rounds=0, method=method)
        return float((board.models[0].rating - board.models[1].rating) * np.log(10) / 400)

    assert gap("davidson") == pytest.approx(1.0, abs=0.06)
    assert gap("bradley-terry") < 0.7


def test_bradley_terry_is_the_maximum_of_the_likelihood(simulate: Simulate) -> None:
    from sklearn.linear_model import LogisticRegression

    battles = simulate({"a": 1.0, "b": 0.4, "c": -0.1, "d": -1.3}, tasks=600)
    names = ["a", "b", "c", "d"]
    sides = np.array([[(x.model_a == name) - (x.model_b == name) for name in names] for x in battles], dtype=float)
    share = np.array([{"model_a": 1.0, "model_b": 0.0}.get(x.winner, 0.5) for x in battles])
    x, y, weight = np.r_[sides, sides], np.repeat([1, 0], len(sides)), np.r_[share, 1 - share]
    fitted = LogisticRegression(fit_intercept=False, C=1e6, tol=1e-8, max_iter=1000).fit(x, y, weight).coef_[0]
    ratings = 1000 + (fitted - fitted.mean()) * 400 / np.log(10)
    ours = {row.model: row.rating for row in rank(battles, rounds=0).models}
    assert [ours[name] for name in names] == pytest.approx(ratings.tolist(), abs=0.5)


def test_whoever_wins_or_loses_everything_stays_finite_and_first_or_last(simulate: Simulate) -> None:
    battles = simulate({"b": 0.5, "c": -0.5}, tasks=30)
    battles += [battle("best", other, "model_a", f"t{i}") for i in range(30) for other in ("b", "c", "worst")]
    battles += [battle(other, "worst", "model_a", f"t{i}") for i in range(30) for other in ("b", "c")]
    board = rank(battles, rounds=200)
    assert [board.models[0].model, board.models[-1].model] == ["best", "worst"]
    assert all(np.isfinite([row.rating, row.lower, row.upper]).all() for row in board.models)
    assert 0 < board.models[-1].rating < board.models[0].rating < 3000
    assert board.models[0].top[1] > 0.99


def test_groups_that_never_met_are_ranked_apart() -> None:
    battles = [battle("a", "b", task=f"t{i}") for i in range(40)] + [
        battle("b", "c", "tie", f"t{i}") for i in range(40)
    ]
    battles += [battle("x", "y", task=f"t{i}") for i in range(40)]
    board = rank(battles, rounds=50)
    assert {row.model for row in board.models} == {"a", "b", "c"}
    assert [row.model for row in board.groups[0].models] == ["x", "y"]
    assert any("never met" in note and "x, y" in note for note in board.notes)
    assert all({x.better, x.worse} <= {"a", "b", "c"} for x in board.comparisons)


def test_one_battle_is_ranked_and_said_to_be_too_little() -> None:
    board = rank([battle("a", "b")], rounds=100)
    assert [row.model for row in board.models] == ["a", "b"]
    assert board.too_few
    assert all(row.few for row in board.models)
    assert any("too few" in note for note in board.notes)
    assert not board.comparisons[0].significant
    assert board.models[0].lower < board.models[1].rating
    assert (board.models[0].rank_lower, board.models[0].rank_upper) == (1, 2)


def test_the_best_place_is_shared_by_who_are_equal() -> None:
    battles = [battle(a, b, "tie", f"t{i}") for i in range(40) for a, b in itertools.combinations("abcd", 2)]
    for row in rank(battles, rounds=50).models:
        assert row.top == pytest.approx({1: 1 / 4, 3: 3 / 4})
        assert (row.rank_lower, row.rank_upper) == (1, 4)


@given(some_battles(), st.booleans())
@QUICK
def test_chances_of_being_among_the_best_add_up(battles: list[Battle], many: bool) -> None:
    if many:
        battles = [x.model_copy(update={"task_id": f"{x.task_id}-{i}"}) for x in battles for i in range(20)]
    board = rank(battles, rounds=100)
    for k in board.models[0].top:
        assert sum(row.top[k] for row in board.models) == pytest.approx(k)


def test_a_few_tasks_that_agree_do_not_make_anyone_the_best_for_sure() -> None:
    """Every round is the same then, and the next task may still say something else."""
    battles = [battle(a, b, "model_a", f"t{i}") for i in range(3) for a, b in itertools.combinations("abcd", 2)]
    board = rank(battles, rounds=500)
    first = board.models[0]
    assert first.rank_upper > 1
    assert 0.5 < first.top[1] < 0.97
    assert all(comparison.probability < 0.999 for comparison in board.comparisons)
    surer = rank([x.model_copy(update={"task_id": f"{x.task_id}{i}"}) for x in battles for i in range(10)], rounds=500)
    assert surer.models[0].top[1] > first.top[1]


def test_ten_thousand_models() -> None:
    rng = np.random.default_rng(0)
    models, n = 10_000, 60_000
    strength = np.sort(rng.normal(size=models))[::-1]
    a = np.r_[np.arange(models - 1), rng.integers(0, models, n)]
    b = np.r_[np.arange(1, models), (a[models - 1 :] + rng.integers(1, models, n)) % models]
    won = rng.random(len(a)) < 1 / (1 + np.exp(strength[b] - strength[a]))
    table = BattleTable(
        tuple(f"m{i:05d}" for i in range(models)),
        a.astype(np.int32),
        b.astype(np.int32),
        np.where(won, 0, 2).astype(np.int8),
        np.arange(len(a), dtype=np.int32),
    )
    board = rank(table, rounds=8)
    assert len(board.models) == models
    found = np.array([int(row.model[1:]) for row in board.models])
    assert np.corrcoef(found, np.arange(models))[0, 1] > 0.75
    assert all(row.lower <= row.rating <= row.upper for row in board.models)


def test_copies_of_a_task_do_not_make_the_leaderboard_surer_over_tasks(simulate: Simulate) -> None:
    """Fifty copies of each verdict are no news: an interval over tasks keeps its width, one over battles does not."""
    battles = simulate({"a": 0.5, "b": 0.0, "c": -0.5}, tasks=50)
    copied = [x for x in battles for _ in range(50)]

    def width(board: Leaderboard) -> float:
        return float(np.mean([row.upper - row.lower for row in board.models]))

    once, tasks = width(rank(battles, rounds=400)), width(rank(copied, rounds=400))
    assert tasks == pytest.approx(once, rel=0.15)
    assert width(rank(copied, rounds=400, resample="battle")) < once / 4


@pytest.mark.parametrize("method", ["bradley-terry", "davidson", "rao-kupper"])
def test_bootstrap_and_sandwich_agree_where_battles_are_many(simulate: Simulate, method: Method) -> None:
    board = rank(simulate({"a": 0.6, "b": 0.1, "c": -0.4}, tasks=400), rounds=1000, method=method)
    for row in board.models:
        assert row.sandwich is not None
        assert row.upper - row.lower == pytest.approx(row.sandwich[1] - row.sandwich[0], rel=0.15)


def test_many_tasks_are_drawn_as_few_are(simulate: Simulate) -> None:
    """Beyond some ten thousand units rounds are drawn another way, to the same effect."""
    rng = np.random.default_rng(5)
    n = 60_000
    winner = rng.choice(3, size=n, p=[0.5, 0.1, 0.4]).astype(np.int8)
    a, b = np.zeros(n, np.int32), np.ones(n, np.int32)
    board = rank(BattleTable(("x", "y"), a, b, winner, np.arange(n, dtype=np.int32)), rounds=2000)
    sandwich = board.models[0].sandwich
    assert sandwich is not None
    assert [board.models[0].lower, board.models[0].upper] == pytest.approx(list(sandwich), abs=0.15)


def test_both_bad_is_a_tie_or_is_left_out() -> None:
    battles = [battle("a", "b", "model_a", f"t{i}") for i in range(10)]
    battles += [battle("a", "b", "both_bad", f"u{i}") for i in range(10)]
    tied, skipped = rank(battles, rounds=0), rank(battles, rounds=0, both_bad="skip")
    assert tied.battles == 20
    assert skipped.battles == 10
    assert tied.models[0].rating < skipped.models[0].rating
    assert tied.win_rates["a"]["b"] == 0.75
    assert skipped.win_rates["a"]["b"] == 1.0


def test_slices_rank_parts_and_tell_how_many_battles_are_behind_each(simulate: Simulate) -> None:
    strong, weak = {"a": 1.0, "b": -1.0}, {"a": -1.0, "b": 1.0}
    battles = simulate(strong, tasks=50, environment="html", category="game")
    battles += simulate(weak, tasks=30, seed=1, environment="react", category="chart")
    battles += simulate(weak, tasks=5, seed=2, environment="mixed", category="chart")
    board = rank(battles, rounds=50, by=["environment", "category"])
    assert board.slices["environment"]["html"].models[0].model == "a"
    assert board.slices["environment"]["react"].models[0].model == "b"
    assert board.slices["environment"]["html"].battles == 50
    assert board.slices["environment"]["mixed"].too_few
    assert board.slices["environment"]["same environment"].battles == 80
    assert board.slices["category"]["chart"].battles == 35
    assert board.slices["category"]["chart"].win_rates["b"]["a"] > 0.5


def test_significance_is_corrected_for_the_number_of_pairs(simulate: Simulate) -> None:
    equal = simulate({f"m{i}": 0.0 for i in range(12)}, tasks=40)
    found = [x for x in rank(equal, rounds=1000).comparisons if x.significant]
    assert len(rank(equal, rounds=10).comparisons) == 66
    assert len(found) <= 3
    clear = rank(simulate({"a": 2.0, "b": 0.0}, tasks=60), rounds=1000).comparisons[0]
    assert (clear.better, clear.worse, clear.significant, clear.battles) == ("a", "b", True, 60)
    assert clear.probability > 0.99


def test_style_control_takes_the_effect_of_length_out_of_the_ratings() -> None:
    rng = np.random.default_rng(0)
    n = 6000
    a = rng.integers(0, 2, n).astype(np.int32)
    length = np.where(np.stack([a, 1 - a]) == 0, 3000, 1000) * rng.lognormal(0, 0.8, (2, n))  # model 0 writes more
    share = (length[0] - length[1]) / length.sum(axis=0)
    won = rng.random(n) < 1 / (1 + np.exp(-1.5 * share))  # judges like length, and nothing else
    table = BattleTable(
        ("long", "short"),
        a,
        (1 - a).astype(np.int32),
        np.where(won, 0, 2).astype(np.int8),
        np.arange(n, dtype=np.int32),
        covariates={"length": (length[0], length[1])},
    )
    plain, controlled = rank(table, rounds=0), rank(table, rounds=40, control=["length", "position"])
    assert plain.models[0].rating - plain.models[1].rating > 80
    assert abs(controlled.models[0].rating - controlled.models[1].rating) < 35
    effects = {effect.name: effect for effect in controlled.effects}
    assert effects["length"].lower > 50
    assert effects["position"].lower < 0 < effects["position"].upper


def test_position_control_finds_that_the_first_is_preferred() -> None:
    rng = np.random.default_rng(1)
    n = 4000
    won = rng.random(n) < 1 / (1 + np.exp(-0.8))
    a = rng.integers(0, 2, n).astype(np.int32)
    table = BattleTable(
        ("x", "y"), a, (1 - a).astype(np.int32), np.where(won, 0, 2).astype(np.int8), np.arange(n, dtype=np.int32)
    )
    effect = rank(table, rounds=100, control=["position"]).effects[0]
    assert effect.elo == pytest.approx(0.8 * 400 / np.log(10), abs=15)
    assert effect.lower < effect.elo < effect.upper


def test_a_noisy_judge_counts_less(simulate: Simulate) -> None:
    truth = {"a": 1.2, "b": 0.2, "c": -0.4, "d": -1.0}
    noise = dict.fromkeys(truth, 0.0)
    battles = simulate(truth, tasks=150, judge="sharp") + simulate(noise, tasks=150, seed=9, judge="coin")
    board = rank(battles, rounds=200, judge_aware=True)
    weights = {weight.judge: weight for weight in board.judges}
    assert weights["sharp"].discrimination > 5 * weights["coin"].discrimination
    assert weights["sharp"].battles == 900
    anchored = rank(battles, rounds=200, judge_aware=True, anchor="sharp")
    alone = rank([x for x in battles if x.judge == "sharp"], rounds=200)
    assert [weight.judge for weight in anchored.judges] == ["coin"]
    for row, other in zip(anchored.models, alone.models, strict=True):
        assert row.rating == pytest.approx(other.rating, abs=10)


def test_a_bootstrap_over_judges_is_as_wide_as_judges_disagree(simulate: Simulate) -> None:
    agreeing = [x for i in range(24) for x in simulate({"a": 0.5, "b": -0.5}, seed=0, judge=f"j{i}")]
    opposed = [x for i in range(24) for x in simulate({"a": i % 6 - 2.5, "b": 0.0}, seed=i, judge=f"j{i}")]

    def width(battles: list[Battle]) -> float:
        row = rank(battles, rounds=300, resample="judge").models[0]
        return row.upper - row.lower

    assert width(agreeing) < 1e-3
    assert width(opposed) > 50


def test_elo_and_win_rates_order_models_alike(simulate: Simulate) -> None:
    battles = simulate({"a": 1.0, "b": 0.0, "c": -1.0}, tasks=100)
    elo = rank(battles, rounds=50, method="elo")
    assert [row.model for row in elo.models] == ["a", "b", "c"]
    assert sum(row.rating for row in elo.models) == pytest.approx(3000)
    rates = rank(battles, rounds=50, method="win-rate", baseline="b")
    assert [row.model for row in rates.models] == ["a", "b", "c"]
    against = {row.model: row.rating for row in rates.models}
    assert against["b"] == 50
    assert against["a"] == pytest.approx(100 * rank(battles, rounds=0).win_rates["a"]["b"])
    assert rates.models[0].lower > 50 > rates.models[2].upper


def test_win_rates_leave_out_who_never_met_the_baseline() -> None:
    battles = [battle("a", "b", task=f"t{i}") for i in range(5)] + [battle("c", "a", task="t9")]
    board = rank(battles, rounds=10, method="win-rate", baseline="b")
    assert {row.model for row in board.models} == {"a", "b"}
    assert any("left out: c" in note for note in board.notes)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"by": ["size"]}, "cannot rank by 'size'"),
        ({"by": ["language"]}, "no such column"),
        ({"baseline": "nobody"}, "no battle with the baseline 'nobody'"),
        ({"rounds": -1}, "rounds must be 0 or more"),
        ({"control": ["length"]}, "needs columns length_a and length_b"),
        ({"judge_aware": True}, "needs a column 'judge'"),
        ({"resample": "judge"}, "at least two judges"),
        ({"method": "win-rate"}, "needs a baseline"),
    ],
)
def test_says_what_an_option_needs(options: dict[str, Any], message: str) -> None:
    with pytest.raises(BadInput, match=message) as error:
        rank([battle("a", "b")], **options)
    assert "\n" not in str(error.value)


def test_refuses_no_battles_and_self_battles() -> None:
    with pytest.raises(BadInput, match="no battles"):
        rank([])
    with pytest.raises(BadInput, match="battle 2: model_a and model_b are both 'b'"):
        rank([battle("a", "b"), battle("b", "b")])


def test_one_model_that_is_left_is_said_to_have_no_rival() -> None:
    with pytest.raises(BadInput, match="both_bad"):
        rank([battle("a", "b", "both_bad")], both_bad="skip")


def judged(
    model_a: str, model_b: str, judge: str, task: str, category: str, winner: BattleWinner = "model_a"
) -> Battle:
    return battle(model_a, model_b, winner, task).model_copy(update={"judge": judge, "category": category})


def test_a_slice_or_a_group_of_one_judge_is_ranked_without_drawing_or_weighing_judges() -> None:
    battles = [
        judged("a", "b", judge, f"{judge}{number}", "game", "model_a" if number % 3 else "model_b")
        for judge in ("one", "two")
        for number in range(6)
    ]
    battles += [judged("a", "b", "one", f"t{number}", "chart") for number in range(3)]
    battles += [judged("x", "y", "two", f"x{number}", "game") for number in range(3)]
    every: list[dict[str, Any]] = [{"resample": "judge"}, {"judge_aware": True, "anchor": "two"}]
    for options in every:
        board = rank(battles, rounds=20, by=("category",), **options)
        assert {row.model for row in board.slices["category"]["chart"].models} == {"a", "b"}
        assert "judges are neither drawn nor weighed" in board.slices["category"]["chart"].notes[0]
        assert {row.model for row in board.groups[0].models} == {"x", "y"}


def test_battles_of_no_environment_are_none_of_the_same() -> None:
    told = [battle("a", "b").model_copy(update={"environment": name}) for name in ("html", "react", "mixed", "")]
    board = rank(told, rounds=0, by=("environment",))
    assert board.slices["environment"]["same environment"].battles == 2


def test_a_baseline_that_was_only_ever_as_bad_is_named() -> None:
    battles = [battle("a", "b", "both_bad"), battle("a", "c", "model_a")]
    with pytest.raises(BadInput, match="every battle with the baseline 'b' is both_bad"):
        rank(battles, method="win-rate", baseline="b", both_bad="skip")

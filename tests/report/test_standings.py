"""How a leaderboard is drawn."""

from __future__ import annotations

import math

from agent_judge.report.standings import certainty_matrix, scale_of, slices, standings
from agent_judge.schema import Comparison, Leaderboard, ModelRating


def rating(model: str, value: float, lower: float, upper: float) -> ModelRating:
    return ModelRating(
        model=model, rating=value, lower=lower, upper=upper, rank=1, rank_lower=1, rank_upper=2, battles=4, wins=2
    )


def board(*models: ModelRating, **more: object) -> Leaderboard:
    return Leaderboard.model_validate({"models": models, "rounds": 100, "seed": 0, **more})


def test_every_interval_lies_within_its_axis() -> None:
    drawn = standings(board(rating("a", 1100, 1020, 1400), rating("b", 900, 610, 960)))
    for row in drawn.rows:
        assert 0 < row.left < row.middle < row.right < 100
    assert all(0 <= drawn.scale.at(tick) <= 100 for tick in drawn.scale.ticks)
    assert 3 <= len(drawn.scale.ticks) <= 7


def test_axis_of_one_model_without_uncertainty_still_has_a_width() -> None:
    scale = scale_of([rating("a", 1000, 1000, 1000)])
    assert scale.at(1000) == 50


def test_axis_leaves_out_what_is_not_finite() -> None:
    scale = scale_of([rating("a", 1000, -math.inf, math.inf), rating("b", 900, 850, 950)])
    assert math.isfinite(scale.low)
    assert math.isfinite(scale.high)


def test_certainty_is_told_from_both_sides() -> None:
    known = Comparison(better="a", worse="b", probability=0.97, p_value=0.01, significant=True, battles=4)
    models = rating("a", 1100, 1050, 1150), rating("b", 900, 850, 950)
    cells = certainty_matrix(board(*models, comparisons=(known,)))
    assert cells[0][0].share is None
    assert cells[0][1].share == 0.97
    assert math.isclose(cells[1][0].share or 0, 0.03)
    assert cells[0][1].tone == "win-5"
    assert cells[1][0].tone == "lose-5"
    assert cells[1][0].significant
    assert certainty_matrix(board(*models)) == []


def test_slices_stand_on_one_scale_with_the_mixed_one_last() -> None:
    small = board(rating("a", 1000, 990, 1010), battles=3)
    mixed = board(rating("a", 1200, 1100, 1500), battles=30)
    parts = slices(board(slices={"language": {"mixed": mixed, "html": small}, "judge": {}}))
    assert list(parts) == ["language"]
    assert [part.name for part in parts["language"]] == ["html", "mixed"]
    assert parts["language"][0].scale == parts["language"][1].scale

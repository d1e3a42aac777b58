from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from agent_judge.errors import BadInput
from agent_judge.rank import rank, rank_history, save_plots, write_leaderboard
from agent_judge.schema import Battle, Leaderboard

Simulate = Callable[..., list[Battle]]


@pytest.fixture
def board(simulate: Simulate) -> Leaderboard:
    battles = simulate({"a|b": 1.0, "m_1 & co": 0.0, "z": -1.0}, tasks=25, category="game")
    return rank(battles, rounds=100, by=["category"])


def test_json_comes_back_as_it_was(board: Leaderboard, tmp_path: Path) -> None:
    write_leaderboard(board, tmp_path / "board.json")
    assert Leaderboard.model_validate_json((tmp_path / "board.json").read_text(encoding="utf-8")) == board


def test_csv_has_a_line_per_model_and_slice(board: Leaderboard, tmp_path: Path) -> None:
    write_leaderboard(board, tmp_path / "board.csv")
    with (tmp_path / "board.csv").open(encoding="utf-8") as stream:
        lines = list(csv.DictReader(stream))
    assert [(line["slice"], line["model"]) for line in lines] == [
        (part, model) for part in ("all", "category=game") for model in ("a|b", "m_1 & co", "z")
    ]
    assert float(lines[0]["rating"]) == board.models[0].rating


def test_markdown_and_latex_escape_names(board: Leaderboard, tmp_path: Path) -> None:
    write_leaderboard(board, tmp_path / "board.md")
    write_leaderboard(board, tmp_path / "board.tex")
    assert "| a\\|b |" in (tmp_path / "board.md").read_text(encoding="utf-8")
    assert "m\\_1 \\& co" in (tmp_path / "board.tex").read_text(encoding="utf-8")


def test_an_unknown_format_is_refused(board: Leaderboard, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"end the name in \.json, \.csv, \.md, \.tex"):
        write_leaderboard(board, tmp_path / "board.xls")
    with pytest.raises(BadInput, match="cannot be written"):
        write_leaderboard(board, tmp_path / "missing" / "board.md")


def test_plots_are_written_as_svg_and_png(simulate: Simulate, board: Leaderboard, tmp_path: Path) -> None:
    history = rank_history(simulate({"a|b": 1.0, "m_1 & co": 0.0, "z": -1.0}, tasks=25), points=4, rounds=20)
    assert [part.battles for part in history] == [19, 38, 56, 75]
    files = save_plots(board, tmp_path / "plots", history)
    assert {file.name for file in files} == {
        f"{name}.{kind}" for name in ("ratings", "win-matrix", "rank-history") for kind in ("svg", "png")
    }
    for file in files:
        if file.suffix == ".png":
            with Image.open(file) as image:
                assert len(image.convert("RGB").getcolors(1 << 20) or range(9)) > 8
        else:
            assert "m_1 &amp; co" in file.read_text(encoding="utf-8")

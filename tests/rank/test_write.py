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


def test_tables_mark_what_is_too_few(simulate: Simulate, tmp_path: Path) -> None:
    few = simulate({"a": 1.0, "b": 0.0, "z": -1.0}, tasks=3, category="game")
    many = simulate({"a": 1.0, "b": 0.0}, tasks=30, category="web")
    board = rank([*few, *many], rounds=20, by=["category"])
    for name in ("b.tex", "b.md", "b.csv"):
        write_leaderboard(board, tmp_path / name)
    latex = (tmp_path / "b.tex").read_text(encoding="utf-8")
    assert "{category=game: 9 battles, too few to trust}" in latex
    assert "{category=web: 30 battles}" in latex
    assert "& 6 (few) " in latex
    assert latex.count(r"\begin{tabular}") == latex.count(r"\end{tabular}") == 3
    assert "category=game (9 battles, too few to trust)" in (tmp_path / "b.md").read_text(encoding="utf-8")
    with (tmp_path / "b.csv").open(encoding="utf-8") as stream:
        marks = {(line["slice"], line["slice_too_few"]) for line in csv.DictReader(stream)}
    assert marks == {("all", "0"), ("category=game", "1"), ("category=web", "0")}


def test_every_slice_has_a_win_matrix(simulate: Simulate, tmp_path: Path) -> None:
    battles = [
        battle
        for category in ("web design", "web/design", "$x$")
        for battle in simulate({"a": 1.0, "b": 0.0}, tasks=2, category=category)
    ]
    names = {file.stem for file in save_plots(rank(battles, rounds=5, by=["category"]), tmp_path)}
    assert {name for name in names if name.startswith("win")} == {
        "win-matrix", "win-matrix-category-x", "win-matrix-category-web-design", "win-matrix-category-web-design~2",
    }  # fmt: skip


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
        f"{name}.{kind}"
        for name in ("ratings", "win-matrix", "rank-history", "ratings-category-game", "win-matrix-category-game")
        for kind in ("svg", "png")
    }
    for file in files:
        if file.suffix == ".png":
            with Image.open(file) as image:
                assert len(image.convert("RGB").getcolors(1 << 20) or range(9)) > 8
        else:
            assert "m_1 &amp; co" in file.read_text(encoding="utf-8")


def test_a_history_is_ranked_as_the_whole_is(simulate: Simulate) -> None:
    battles = simulate({"a": 1.0, "b": 0.0, "c": -1.0}, tasks=20)
    last = rank_history(battles, points=3, rounds=0, method="elo")[-1]
    assert last.models == rank(battles, rounds=0, method="elo").models
    late = [battle for battle in battles if "c" not in (battle.model_a, battle.model_b)]
    late += [battle for battle in battles if "c" in (battle.model_a, battle.model_b)]
    rates = rank_history(late, points=6, rounds=0, method="win-rate", baseline="c")
    assert 0 < len(rates) < 6  # None before the baseline's first battle.

"""Rankings through the command line."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from agent_judge.cli import main

STRENGTH = {"alpha": 1.6, "beta": 0.0, "gamma": -1.6}
TIE = "tie (bothbad)"


@dataclass
class Answer:
    """How a command ended."""

    code: int
    out: str
    err: str


Cli = Callable[..., Answer]


@pytest.fixture
def cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Cli:
    """Runs a command in ``tmp_path``, on a wide terminal."""

    def run(*arguments: str | Path) -> Answer:
        monkeypatch.chdir(tmp_path)
        monkeypatch.setenv("COLUMNS", "160")
        monkeypatch.setattr(sys, "argv", ["agent-judge", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        assert isinstance(ended.value.code, int)
        said = capfd.readouterr()
        return Answer(ended.value.code, said.out, said.err)

    return run


def battles() -> list[dict[str, Any]]:
    """Forty tasks, five of them games; alpha beats beta beats gamma, mostly."""
    generator = np.random.default_rng(5)
    found: list[dict[str, Any]] = []
    for task in range(40):
        for a, b in (("alpha", "beta"), ("gamma", "alpha"), ("beta", "gamma")):
            chance = 1 / (1 + np.exp(STRENGTH[b] - STRENGTH[a]))
            winner = TIE if task % 13 == 0 else "model_a" if generator.random() < chance else "model_b"
            found.append(
                {
                    "task_id": f"t{task}",
                    "model_a": a,
                    "model_b": b,
                    "winner": winner,
                    "judge": "people" if task % 2 else "machine",
                    "category": "game" if task % 8 == 0 else "web",
                    "environment": "html",
                    "language": "html",
                    "length_a": int(generator.integers(100, 900)),
                    "length_b": int(generator.integers(100, 900)),
                }
            )
    return found


def write(path: Path, rows: list[dict[str, Any]]) -> Path:
    if path.suffix == ".parquet":
        pq.write_table(pa.Table.from_pylist(rows), path)
    elif path.suffix == ".csv":
        with path.open("w", newline="") as stream:
            writer = csv.DictWriter(stream, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
    else:
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


@pytest.mark.parametrize("name", ["b.jsonl", "b.csv", "b.parquet"])
def test_every_format_gives_the_same_ranking(cli: Cli, tmp_path: Path, name: str) -> None:
    answer = cli("rank", write(tmp_path / name, battles()), "--rounds", "0", "--json", "-")
    board = json.loads(answer.out)
    assert [line["model"] for line in board["models"]] == ["alpha", "beta", "gamma"]
    assert board["battles"] == 120
    assert board["interval"] == "sandwich over tasks"
    assert "told apart" in answer.err


def test_slices_stand_below_the_whole_with_their_battles_and_a_mark_where_they_are_few(
    cli: Cli, tmp_path: Path
) -> None:
    said = cli("rank", write(tmp_path / "b.csv", battles()), "--rounds", "50", "--by", "category", "--by", "judge").out
    assert "Leaderboard, 120 battles of 40 tasks\n" in "\n".join(line.rstrip() for line in said.splitlines()) + "\n"
    assert "category: game, 15 battles of 5 tasks, too few to trust" in said
    assert "category: web, 105 battles of 35 tasks" in said
    assert "judge: people, 60 battles of 20 tasks" in said
    assert said.index("Leaderboard") < said.index("Who is better") < said.index("category: game")


def test_pairs_are_told_apart_only_where_the_battles_do(cli: Cli, tmp_path: Path) -> None:
    said = cli("rank", write(tmp_path / "b.csv", battles()), "--rounds", "500", "--json", "r.json").out
    pairs = {(one["better"], one["worse"]): one for one in json.loads((tmp_path / "r.json").read_text())["comparisons"]}
    row = next(line for line in said.splitlines() if "alpha" in line and "gamma" in line)
    assert pairs["alpha", "gamma"]["significant"]
    assert "yes" in row
    assert ">99.9%" in row
    assert "100.0%" not in said
    apart = sum(one["significant"] for one in pairs.values())
    assert f"{apart} of 3 pairs of models are told apart" in said
    few = [row for row in battles() if row["task_id"] in ("t1", "t2")]
    assert "0 of 3 pairs" in cli("rank", write(tmp_path / "few.csv", few), "--rounds", "50").out


@pytest.mark.parametrize(
    "options",
    [
        ("--method", "davidson"),
        ("--method", "rao-kupper"),
        ("--method", "elo"),
        ("--method", "win-rate", "--baseline", "beta"),
        ("--both-bad", "skip"),
        ("--resample", "battle"),
        ("--resample", "judge"),
        ("--control", "position", "--control", "length"),
        ("--judge-aware", "--anchor", "people"),
    ],
    ids=" ".join,
)
def test_every_way_to_rank_finds_the_best(cli: Cli, tmp_path: Path, options: tuple[str, ...]) -> None:
    answer = cli("rank", write(tmp_path / "b.csv", battles()), "--rounds", "40", *options, "--json", "-")
    assert answer.code == 0, answer.err
    assert json.loads(answer.out)["models"][0]["model"] == "alpha"
    if "--control" in options:
        assert "standing first: " in answer.err
        assert "one standard deviation more length: " in answer.err
    if "--judge-aware" in options:
        assert "judge machine: tells models apart" in answer.err


def test_tables_and_plots_are_written(cli: Cli, tmp_path: Path) -> None:
    outs = [part for end in ("json", "csv", "md", "tex") for part in ("-o", f"board.{end}")]
    answer = cli(
        "rank", write(tmp_path / "b.jsonl", battles()), "--rounds", "20", "--by", "category", *outs, "--plots", "p"
    )
    assert answer.code == 0, answer.err
    assert json.loads((tmp_path / "board.json").read_text())["slices"]["category"]["game"]["too_few"]
    rows = list(csv.DictReader((tmp_path / "board.csv").open()))
    assert {row["slice"] for row in rows} == {"all", "category=game", "category=web"}
    assert "| 1" in (tmp_path / "board.md").read_text()
    assert r"\begin{tabular}" in (tmp_path / "board.tex").read_text()
    for plot in ("ratings", "win-matrix", "rank-history"):
        assert (tmp_path / "p" / f"{plot}.png").read_bytes().startswith(b"\x89PNG")
        assert "<svg" in (tmp_path / "p" / f"{plot}.svg").read_text()


def test_models_that_never_met_are_ranked_apart(cli: Cli, tmp_path: Path) -> None:
    apart = [{"model_a": a, "model_b": b, "winner": "model_a"} for a, b in (("p", "q"), ("x", "y"), ("y", "x"))]
    said = cli("rank", write(tmp_path / "g.csv", apart), "--rounds", "20").out
    assert "Group 1 of 2" in said
    assert "Group 2 of 2" in said
    assert "2 groups of models never met" in said


BAD = {
    "unknown winner": ("b.csv", "model_a,model_b,winner\nx,y,model_a\nx,y,banana\n", "line 3, column winner"),
    "no column": ("b.csv", "model_a,winner\nx,model_a\n", "no column 'model_b'"),
    "empty": ("b.jsonl", "", "is empty"),
    "only a header": ("b.csv", "model_a,model_b,winner\n", "no battles"),
    "NaN for a winner": ("b.jsonl", '{"model_a":"x","model_b":"y","winner":NaN}\n', "line 1, column winner"),
    "NaN for a model": ("b.jsonl", '{"model_a":NaN,"model_b":"y","winner":"tie"}\n', "line 1, column model_a"),
    "a covariate without a number": (
        "b.csv",
        "model_a,model_b,winner,n_a,n_b\nx,y,tie,1,2\nx,y,tie,,3\n",
        "line 3, column n_a",
    ),
    "not a Parquet": ("b.parquet", "hello", "not readable as parquet"),
    "with itself": ("b.csv", "model_a,model_b,winner\nx,y,tie\nz,z,tie\n", "line 3, column model_b"),
    "a short row": ("b.csv", "model_a,model_b,winner\nx,y,tie\nx,y\n", "line 3: 2 columns"),
    "not JSON": ("b.jsonl", '{"model_a":\n', "line 1: not JSON"),
}


@pytest.mark.parametrize(("name", "content", "says"), BAD.values(), ids=BAD.keys())
def test_bad_battles_end_in_one_line_that_names_the_place(
    cli: Cli, tmp_path: Path, name: str, content: str, says: str
) -> None:
    (tmp_path / name).write_text(content)
    answer = cli("rank", name)
    assert answer.code == 2
    assert answer.out == ""
    assert answer.err.count("\n") == 1
    assert says in answer.err
    assert name in answer.err


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--by", "colour"), "cannot rank by 'colour'"),
        (("--method", "win-rate"), "needs a baseline"),
        (("--baseline", "nobody"), "no battle with the baseline 'nobody'"),
        (("--control", "mood"), "cannot control for 'mood'"),
        (("--anchor", "people"), "needs --judge-aware"),
        (("--judge-aware", "--anchor", "nobody"), "no battle was judged by the anchor"),
        (("-o", "board.pdf"), "cannot tell the format"),
        (("-o", "nowhere/board.md"), "there is no folder nowhere"),
        (("--plots", "b.csv/plots"), "cannot be made"),
        (("--json", "nowhere/r.json"), "there is no folder nowhere"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_options_that_cannot_be_met_end_in_one_line(
    cli: Cli, tmp_path: Path, options: tuple[str, ...], says: str
) -> None:
    answer = cli("rank", write(tmp_path / "b.csv", battles()), "--rounds", "5", *options)
    assert answer.code == 2
    assert answer.err.count("\n") == 1
    assert says in answer.err


def test_a_folder_is_no_file_of_battles(cli: Cli, tmp_path: Path) -> None:
    assert "is a folder" in cli("rank", tmp_path).err

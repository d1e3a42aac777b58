"""A run in Markdown."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from agent_judge.errors import BadInput
from agent_judge.report import markdown_summary
from agent_judge.store import RunFolder


def rows_of(summary: str, title: str) -> list[list[str]]:
    part = summary.split(f"## {title}\n\n")[1].split("\n\n")[0]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in part.splitlines()[2:]]


def test_summary_holds_leaderboard_battles_and_what_was_left_out(new_run: Callable[..., Path]) -> None:
    summary = markdown_summary(new_run(tasks=3, models=4))
    assert summary.startswith("# Synthetic suite\n")
    assert "4 models, 3 tasks, 18 battles, judged by evidence, claude. Cost: $0." in summary
    board = rows_of(summary, "Leaderboard")
    assert board[0] == ["1 (1–2)", "amber-7b", "1120", "1065 – 1186", "7 · 2 · 0"]
    battles = rows_of(summary, "Battles")
    assert len(battles) == 36
    assert {len(row) for row in battles} == {7}
    assert "- dune-mini on tip-calculator: node is not installed" in summary


def test_no_text_becomes_markup_or_breaks_the_table(new_run: Callable[..., Path]) -> None:
    folder = new_run(tasks=1, models=2)
    files = RunFolder(folder)
    decisions = files.read_decisions()
    verdict = decisions[0].verdict
    assert verdict is not None
    bad = verdict.model_copy(update={"rationale": "a | b\n<img src=x> **bold** [link](javascript:1)"})
    files.write_results([decisions[0].model_copy(update={"verdict": bad})], [])
    (row,) = rows_of(markdown_summary(folder), "Battles")
    assert row[6] == r"a \| b &lt;img src=x&gt; \*\*bold\*\* \[link\](javascript:1)"


def test_summary_of_what_is_no_run_is_bad_input(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="not a run folder"):
        markdown_summary(tmp_path)

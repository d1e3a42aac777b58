"""Votes of several people on the same two answers are judged once, whichever stood first."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from agent_judge.agree import read_votes
from agent_judge.agreement import judge_votes, meetings_of, suite_of
from tests.run.counters import CLICKS, PAGE
from tests.run.test_run import Watcher

GOOD, BAD, OTHER = (PAGE.format(click=CLICKS[name]) for name in ("counts", "throws", "doubles"))


@pytest.fixture
def votes(tmp_path: Path) -> Path:
    """Ann, Bob and Cleo on the same two answers, Bob with the other one first; then other answers, another task."""
    asked = {"instruction": "Make a counter", "model_a": "x", "model_b": "y"}
    rows = [
        {**asked, "answer_a": GOOD, "answer_b": BAD, "vote": "A", "rater": "ann"},
        {**asked, "model_a": "y", "model_b": "x", "answer_a": BAD, "answer_b": GOOD, "vote": "B", "rater": "bob"},
        {**asked, "answer_a": GOOD, "answer_b": BAD, "vote": "tie", "rater": "cleo"},
        {**asked, "answer_a": GOOD, "answer_b": OTHER, "vote": "A", "rater": "ann"},
        {**asked, "instruction": "Count", "answer_a": GOOD, "answer_b": BAD, "vote": "A", "rater": "ann"},
    ]
    file = tmp_path / "votes.jsonl"
    file.write_text("".join(json.dumps({**row, "id": str(number)}) + "\n" for number, row in enumerate(rows)))
    return file


def test_the_same_two_answers_meet_in_one_place(votes: Path) -> None:
    pairs = read_votes(votes)
    assert [(meeting.task_id[-1], meeting.swapped) for meeting in meetings_of(pairs)] == [
        ("1", False), ("1", True), ("1", False), ("4", False), ("5", False),
    ]  # fmt: skip
    suite = suite_of(pairs, "evidence")
    assert [task.instruction for task in suite.tasks] == ["Make a counter", "Make a counter", "Count"]
    assert suite.solutions["pair-000001"]["A"].files["index.html"] == GOOD.encode()


async def test_each_page_is_launched_once_and_every_vote_has_its_verdict(
    votes: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("agent_judge.run.shared_evidence", lambda: tmp_path / "shared")
    keep(votes, 3)
    watcher = Watcher()
    items = await judge_votes(votes, tmp_path / "run", progress=watcher)
    assert (watcher.launches, watcher.battles) == (2, 1)
    assert [item.beside_vote().verdict for item in items] == ["A", "B", "A"]
    assert [item.beside_vote().vote for item in items] == ["A", "B", "tie"]


def keep(votes: Path, number: int) -> None:
    votes.write_text("".join(votes.read_text().splitlines(keepends=True)[:number]))

"""A run uses every solution once, ranks by what use showed, and can be told what to leave out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from agent_judge import run_suite
from agent_judge.errors import BadInput
from agent_judge.store import RunFolder
from tests.run.counters import write_suite


class Watcher:
    """Remembers what a run told."""

    def __init__(self) -> None:
        self.launches = 0
        self.reused = 0
        self.battles = 0

    def examined(self, task_id: str, model: str, scenario: int, *, reused: bool) -> None:
        self.launches += not reused
        self.reused += reused

    def compared(self, task_id: str, pair: tuple[str, str], judge: str) -> None:
        self.battles += 1

    def task_done(self, task_id: str) -> None:
        pass


@pytest.fixture(autouse=True)
def own_evidence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is known from other tests."""
    monkeypatch.setattr("agent_judge.run.shared_evidence", lambda: tmp_path / "shared")


async def test_use_decides_and_nothing_is_used_twice(tmp_path: Path) -> None:
    suite = write_suite(tmp_path / "suite")
    first, second = Watcher(), Watcher()

    leaderboard = await run_suite(suite, tmp_path / "one", progress=first)
    again = await run_suite(suite, tmp_path / "two", progress=second)

    assert [line.model for line in leaderboard.models][:2] == ["counts", "throws"]
    assert (first.launches, first.reused, first.battles) == (8, 0, 12)
    assert (second.launches, second.reused, second.battles) == (0, 8, 12)
    assert again == leaderboard
    run = RunFolder(tmp_path / "two").read_run()
    pictures = [tmp_path / "two" / "evidence" / key / "step-000.png" for e in run.entries for key in e.evidence]
    assert len(pictures) == 8
    assert all(picture.read_bytes().startswith(b"\x89PNG") for picture in pictures)
    assert run.finished
    assert (tmp_path / "two" / "report.html").exists()


async def test_a_baseline_meets_everybody_and_nobody_else_meets(tmp_path: Path) -> None:
    suite = write_suite(tmp_path / "suite", tasks=1)
    settings = suite / "suite.toml"
    settings.write_text(settings.read_text().replace('"all"', '"baseline"') + 'baseline = "ignores"\n')
    leaderboard = await run_suite(suite, tmp_path / "run", interaction=False)
    pairs = {(b["model_a"], b["model_b"]) for b in battles(tmp_path / "run")}
    assert pairs == {("ignores", "counts"), ("ignores", "doubles"), ("ignores", "throws")}
    assert {line.model: line.rating for line in leaderboard.models}["ignores"] == pytest.approx(1000)


async def test_adaptive_pairing_fights_as_many_battles_as_it_may_and_none_twice(tmp_path: Path) -> None:
    suite = write_suite(tmp_path / "suite", tasks=3)
    settings = suite / "suite.toml"
    settings.write_text(settings.read_text().replace('"all"', '"adaptive"') + "battles = 11\n")
    await run_suite(suite, tmp_path / "run", interaction=False)
    met = [(b["task_id"], b["model_a"], b["model_b"]) for b in battles(tmp_path / "run")]
    assert len(met) == len(set(met)) == 11
    assert {model for _, *pair in met for model in pair} == {"counts", "doubles", "ignores", "throws"}


async def test_a_changed_suite_is_not_resumed(tmp_path: Path) -> None:
    suite = write_suite(tmp_path / "suite", tasks=1, models=("counts", "doubles"))
    await run_suite(suite, tmp_path / "run", interaction=False)
    answers = suite / "answers" / "doubles.jsonl"
    answers.write_text(answers.read_text().replace("+= 2", "+= 3"))
    with pytest.raises(BadInput, match="has changed"):
        await run_suite(suite, tmp_path / "run", resume=True)


def battles(run: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in (run / "battles.jsonl").read_text().splitlines()]

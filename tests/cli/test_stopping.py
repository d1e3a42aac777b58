"""Ctrl-C ends every command in a line that says how to go on."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Cli
from tests.run.counters import CLICKS, PAGE, write_suite


def interrupt(*_: object, **__: object) -> None:
    raise KeyboardInterrupt


@pytest.fixture
def page(tmp_path: Path) -> Path:
    path = tmp_path / "page.html"
    path.write_text(PAGE.format(click=CLICKS["counts"]))
    return path


def test_a_command_that_keeps_nothing_says_to_begin_again(
    page: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("agent_judge.api.audit", interrupt)
    ended = cli("audit", page)
    assert ended.code == 130
    assert "there is nothing to resume: give the same command to begin again" in ended.last_line


def test_a_comparison_names_its_folder_once_there_is_one(
    page: Path, tmp_path: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("agent_judge.api.compare", interrupt)
    command = ("compare", page, page, "--task", "a counter", "--out", "my run")
    assert "there is nothing to resume" in cli(*command).last_line
    (tmp_path / "my run").mkdir()
    (tmp_path / "my run" / "run.json").write_text("{}")
    assert cli(*command).last_line.endswith("Go on with the same command and: --out 'my run' --resume")


def test_a_run_that_had_begun_nothing_says_so(tmp_path: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agent_judge.cli.run_command.run_suite", interrupt)
    ended = cli("run", write_suite(tmp_path / "suite"), "--out", tmp_path / "run")
    assert ended.code == 130
    assert "stopped before anything was used; there is nothing to resume" in ended.last_line


def test_a_command_that_can_be_resumed_says_with_what(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agent_judge.cli.agreement_command.read_votes", interrupt)
    ended = cli("agreement", "votes.jsonl")
    assert ended.code == 130
    assert "go on with --resume" in ended.last_line


def test_being_stopped_while_the_program_is_loaded_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "typer.py").write_text("raise KeyboardInterrupt")
    done = subprocess.run(
        [sys.executable, "-c", "from agent_judge.cli import main; main()"],
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
    )
    assert done.returncode == 130
    assert done.stderr.strip() == "agent-judge: stopped before anything was begun"

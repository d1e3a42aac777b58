"""A program of the demo that a machine cannot run is left out, said to be so, and everything else goes on."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from agent_judge import run_suite
from agent_judge.places import demo_suite
from agent_judge.store import RunFolder

_TASK = "scoreboard"


@pytest.fixture
def one_task(tmp_path: Path) -> Path:
    """The demo with nothing but its task in several environments."""
    suite = tmp_path / "suite"
    shutil.copytree(demo_suite(), suite)
    for file in (suite / "tasks.jsonl", *(suite / "answers").glob("*.jsonl")):
        kept = [line for line in file.read_text().splitlines() if _TASK in json.loads(line).values()]
        file.write_text("\n".join(kept) + "\n") if kept else file.unlink()
    for folder in (suite / "solutions").iterdir():
        for file in folder.iterdir():
            if file.stem != _TASK:
                file.unlink()
        if not any(folder.iterdir()):
            folder.rmdir()
    for folder in (suite / "scenarios").iterdir():
        if folder.name != _TASK:
            shutil.rmtree(folder)
    return suite


@pytest.fixture
def without_screens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without what gives desktop programs a screen."""
    commands = tmp_path / "commands"
    commands.mkdir()
    for folder in map(Path, os.environ["PATH"].split(os.pathsep)):
        for command in folder.iterdir() if folder.is_dir() else ():
            if command.name != "Xvnc" and not (commands / command.name).is_symlink():
                (commands / command.name).symlink_to(command)
    monkeypatch.setenv("PATH", str(commands))


@pytest.mark.usefixtures("without_screens")
async def test_what_cannot_be_run_here_is_left_out_and_named(one_task: Path, tmp_path: Path) -> None:
    leaderboard = await run_suite(one_task, tmp_path / "run", interaction=False)

    folder = RunFolder(tmp_path / "run")
    (note,) = (note for note in folder.read_run().notes if note.startswith("cedar"))
    assert note.startswith(f"cedar on {_TASK}: left out: ")
    assert note.endswith("sudo apt-get install -y tigervnc-standalone-server")
    assert {"amber", "dune"} <= {line.model for line in leaderboard.models}
    assert "cedar" not in {line.model for line in leaderboard.models}
    assert "tigervnc-standalone-server" in folder.report.read_text()

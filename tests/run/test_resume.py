"""A run that is killed goes on where it was, and ends like one that was left alone."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.run.conftest import Cli
from tests.run.counters import write_suite

KILLS = 10


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, float]:
    """A suite, the folder of a run of it that nobody disturbed, and how long that took, in seconds."""
    place = tmp_path_factory.mktemp("undisturbed")
    suite = write_suite(place / "suite")
    begun = time.monotonic()
    done = subprocess.run(command(suite, place / "run"), capture_output=True, text=True, timeout=180)
    assert done.returncode == 0, done.stderr
    return suite, place / "run", time.monotonic() - begun


@pytest.mark.parametrize("kill", range(KILLS))
def test_killed_at_any_moment_and_resumed_ends_the_same(
    kill: int, undisturbed: tuple[Path, Path, float], tmp_path: Path, cli: Cli
) -> None:
    suite, whole, seconds = undisturbed
    moment = random.Random(kill).uniform(0.3, 1.0) * seconds * (kill + 1) / KILLS + 0.3
    run = tmp_path / "run"
    process = subprocess.Popen(command(suite, run), stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    try:
        process.wait(timeout=moment)
    except subprocess.TimeoutExpired:
        started = psutil.Process(process.pid).children(recursive=True)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        _, alive = psutil.wait_procs(started, timeout=20)
        assert alive == [], "a killed run left processes behind"

    resumed = cli("run", suite, "--out", run, "--fresh", "--resume")

    assert resumed.returncode == 0, resumed.stderr
    assert results(run) == results(whole)
    keys = [key[:4] for key in results(run)[1]]
    assert len(keys) == len(set(keys)) == 2 * 6  # two tasks, six pairs of four models
    assert not list((run / "evidence").glob(".gathering-*"))


def test_ctrl_c_stops_cleanly_and_says_how_to_go_on(tmp_path: Path, cli: Cli) -> None:
    suite, run = write_suite(tmp_path / "suite", tasks=5), tmp_path / "run"
    process = subprocess.Popen(command(suite, run), stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
    assert process.stderr is not None
    first = process.stderr.readline()  # a task is done: others are under way
    started = psutil.Process(process.pid).children(recursive=True)
    process.send_signal(signal.SIGINT)
    said = process.stderr.read()

    assert process.wait(timeout=60) == 130, said
    assert "1/5 tasks" in first
    assert f"agent-judge run {suite} --out {run} --resume" in said
    assert "Traceback" not in said
    _, alive = psutil.wait_procs(started, timeout=20)
    assert alive == []
    resumed = cli("run", suite, "--out", run, "--fresh", "--resume")
    assert resumed.returncode == 0, resumed.stderr
    assert len(results(run)[1]) == 5 * 6


def command(suite: Path, run: Path) -> list[str]:
    return [sys.executable, "-m", "agent_judge", "run", str(suite), "--out", str(run), "--fresh", "--jobs", "2"]


def results(folder: Path) -> tuple[Any, list[tuple[Any, ...]]]:
    """What a run found: the leaderboard, and the battles in order."""
    battles = [json.loads(line) for line in (folder / "battles.jsonl").read_text().splitlines()]
    keys = [(b["task_id"], b["model_a"], b["model_b"], b["judge"], b["winner"]) for b in battles]
    return json.loads((folder / "leaderboard.json").read_text()), keys

"""The wheel carries its data: installed into an empty environment, it does the demo, which comes out as truth says."""

from __future__ import annotations

import asyncio
import itertools
import subprocess
import sys
import tomllib
import venv
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from agent_judge.judge import load_judge
from agent_judge.launch.local import LocalBackend
from agent_judge.places import demo_suite
from agent_judge.read.suite import load_suite
from agent_judge.schema import Decision, Evidence, Run, Task, Winner
from agent_judge.store import EvidenceStore, RunFolder, joined

ROOT = Path(__file__).resolve().parent.parent
TRUTH: dict[str, Any] = tomllib.loads((ROOT / "eval" / "suites" / "demo" / "truth.toml").read_text())


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The commands' folder of an environment that has only the wheel and what it depends on."""
    place = tmp_path_factory.mktemp("wheel")
    call(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", place / "dist", ROOT)
    (wheel,) = (place / "dist").glob("*.whl")
    venv.create(place / "venv", with_pip=True)
    python = place / "venv" / "bin" / "python"
    call(python, "-m", "pip", "install", "--quiet", "--constraint", ROOT / "requirements.lock", wheel)
    return python.parent


@pytest.fixture(scope="module")
def demo(installed: Path, tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """A run of the demo by the wheel, from a folder that is not ours."""
    place = tmp_path_factory.mktemp("demo")
    call(installed / "agent-judge", "demo", "--out", place / "run", cwd=place)
    return RunFolder(place / "run")


def test_the_demo_runs_every_program_and_ranks_every_model(demo: RunFolder) -> None:
    run = demo.read_run()
    assert run.finished
    assert bool(run.notes) == bool(left_out())
    models = {line.model for line in demo.read_leaderboard().models}
    assert models == set(run.models) == {"amber", "birch", "cedar", "dune"}
    assert demo.report.read_text().startswith("<!doctype html>")


def test_every_battle_of_truth_comes_out_in_both_orders(demo: RunFolder) -> None:
    run, decisions = demo.read_run(), demo.read_decisions()
    wrong = []
    for battle in TRUTH["battle"]:
        if left_out() & {(battle["task"], battle["better"]), (battle["task"], battle["worse"])}:
            continue
        for a, b in itertools.permutations((battle["better"], battle["worse"])):
            winner = winner_of(demo, run, battle["task"], a, b)
            if winner != ("A" if a == battle["better"] else "B"):
                wrong.append(f"{battle['task']}: {a} against {b} is {winner}")
        assert decided(decisions, battle["task"], battle["better"], battle["worse"]) == battle["better"]
    assert wrong == []


def test_look_alikes_are_ties_for_who_only_looks(installed: Path, tmp_path: Path) -> None:
    call(installed / "agent-judge", "demo", "--no-interaction", "--out", tmp_path / "run", cwd=tmp_path)
    decisions = RunFolder(tmp_path / "run").read_decisions()
    assert len(TRUTH["lookalike"]) >= 3
    for pair in TRUTH["lookalike"]:
        if left_out() & {(pair["task"], model) for model in pair["models"]}:
            continue
        assert decided(decisions, pair["task"], *pair["models"]) == "tie", pair


@cache
def left_out() -> frozenset[tuple[str, str]]:
    """The demo's programs, by task and model, that this machine cannot run; the report says so."""
    backend, programs = LocalBackend(), load_suite(demo_suite()).solutions
    return frozenset(
        (task, model)
        for task, by_model in programs.items()
        for model, solution in by_model.items()
        if backend.missing(solution.environment)
    )


def decided(decisions: list[Decision], task: str, one: str, other: str) -> str:
    """The model that won, or ``tie`` or ``both_bad``."""
    (decision,) = (d for d in decisions if d.task_id == task and {d.model_a, d.model_b} == {one, other})
    assert decision.verdict is not None, decision.problem
    return {"A": decision.model_a, "B": decision.model_b}.get(decision.verdict.winner, decision.verdict.winner)


def winner_of(demo: RunFolder, run: Run, task_id: str, a: str, b: str) -> Winner:
    """Judges a pair anew, in the given order."""
    (task,) = (task for task in run.tasks if task.id == task_id)
    judge = load_judge("evidence")
    return asyncio.run(judge.judge(task, evidence(demo, run, task, a), evidence(demo, run, task, b))).winner


def evidence(demo: RunFolder, run: Run, task: Task, model: str) -> Evidence:
    store = EvidenceStore(demo.evidence, None)
    (entry,) = (e for e in run.entries if (e.task_id, e.model) == (task.id, model))
    return joined([part for key in entry.evidence if (part := store.get(key)) is not None])


def call(*command: str | Path, cwd: Path = ROOT) -> None:
    done = subprocess.run(list(map(str, command)), cwd=cwd, capture_output=True, text=True, timeout=1500)
    assert done.returncode == 0, done.stderr

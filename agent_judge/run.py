"""A run: a suite's tasks go through the graph, their verdicts become battles, a leaderboard and a report."""

from __future__ import annotations

import asyncio
import platform
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from langgraph.checkpoint.memory import InMemorySaver
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver

from agent_judge.drive import DRIVER_VERSION
from agent_judge.errors import BadInput, MissingRequirement
from agent_judge.graph import (
    Bench,
    Pair,
    Progress,
    TaskGraph,
    TaskState,
    build_graph,
    evidence_by_model,
    run_task,
)
from agent_judge.judge import Estimate, estimate
from agent_judge.judging import Judging, Models, make_models
from agent_judge.launch.local import LocalBackend
from agent_judge.plan import all_pairs, contest_of, meetings
from agent_judge.rank import next_pairs, rank
from agent_judge.read.suite import Suite, load_suite
from agent_judge.report import write_report
from agent_judge.results import battles_of, decisions_of, entries_of, outcome_of
from agent_judge.schema import Battle, Decision, Entry, Leaderboard, Run
from agent_judge.store import EvidenceStore, RunFolder, VerdictStore, shared_evidence

SLICES = ("environment", "language", "category")


_SMALLEST_WAVE = 8
"""Battles that adaptive pairing chooses at once, at least."""


class Silent:
    """Progress that nobody watches."""

    def examined(self, task_id: str, model: str, scenario: int, *, reused: bool) -> None:
        """Says nothing."""

    def compared(self, task_id: str, pair: Pair, judge: str) -> None:
        """Says nothing."""

    def task_done(self, task_id: str) -> None:
        """Says nothing."""


async def run_suite(
    suite: str | Path | Suite,
    out: str | Path,
    *,
    judges: Sequence[str] = (),
    jobs: int = 2,
    interaction: bool = True,
    resume: bool = False,
    reuse: bool = True,
    judging: Judging | None = None,
    progress: Progress | None = None,
) -> Leaderboard:
    """Uses and judges every solution of a suite, and ranks the models.

    Args:
        suite: A suite's folder, or a suite that is read already.
        out: The run folder; it is made, and must not hold a run unless ``resume``.
        judges: Names of judges; the suite's own if none are given.
        jobs: How many solutions are used at the same time.
        interaction: Whether solutions are used; else judges see only what they look like after launch.
        resume: Whether to go on with the run that ``out`` holds.
        reuse: Whether evidence that earlier runs gathered under the same conditions serves again.
        judging: How the judges judge.
        progress: Is told what has been done.

    Raises:
        BadInput: The suite cannot be read, or ``out`` does not fit ``resume``.
        MissingRequirement: This machine can run none of the solutions.
    """
    loaded = suite if isinstance(suite, Suite) else load_suite(Path(suite))
    folder = RunFolder(Path(out))
    with folder.held():
        names = tuple(judges) or loaded.judges
        run = _resumed(folder, loaded) if resume and folder.exists() else _new(folder, loaded, names, interaction)
        how, watched = judging or Judging(), progress or Silent()
        async with _checkpointer(folder) as saver:
            models = make_models(run.judges, how, loaded, folder, saver)
            folder.write_run(run)
            async with _bench(folder, run, loaded, models, jobs, reuse, watched) as bench:
                # One task more than launches, so that judging holds nothing up; a batch waits for all there is to ask.
                threads = _Threads(bench, build_graph(bench, saver), len(loaded.tasks) if how.batch else jobs + 1)
                if loaded.pairing == "adaptive":
                    states = await _adaptively(threads, loaded)
                else:
                    states = await threads.run(all_pairs(loaded))
            decisions = [decision for state in states for decision in decisions_of(state, bench.verdicts)]
        return _conclude(folder, run, loaded, states, decisions)


async def estimate_suite(
    suite: Suite,
    judges: Sequence[str],
    *,
    judging: Judging,
    jobs: int = 2,
    interaction: bool = True,
    progress: Progress | None = None,
) -> Estimate:
    """What judging a suite would send and cost. Its solutions are used for this; nothing is asked.

    Args:
        suite: The suite.
        judges: Names of judges; the suite's own if none are given.
        judging: How the judges judge.
        jobs: How many solutions are used at the same time.
        interaction: Whether solutions are used, or only looked at.
        progress: Is told what has been done.
    """
    with tempfile.TemporaryDirectory(prefix="agent-judge-") as temporary:
        folder = RunFolder(Path(temporary) / "run")
        run = _new(folder, suite, tuple(judges) or suite.judges, interaction)
        models = make_models(run.judges, judging, suite, folder)
        total = Estimate(0, 0, 0, 0.0, 0.0)
        async with _bench(folder, run, suite, models, jobs, True, progress or Silent()) as bench:
            bench.judges = {}
            for state in await _Threads(bench, build_graph(bench, InMemorySaver()), jobs + 1).run(all_pairs(suite)):
                keys, task = evidence_by_model(state["examined"]), bench.contests[state["task_id"]].task
                met = [(keys[a], keys[b]) for a, b in state["pairs"] if a in keys and b in keys]
                for a, b in met:
                    sides = bench.evidence_of(a), bench.evidence_of(b)
                    total = sum((estimate(judge, task, *sides) for judge in models.judges.values()), total)
    return total


class _Threads:
    """Takes tasks through the graph, as many at a time as keep the launches busy."""

    def __init__(self, bench: Bench, graph: TaskGraph, at_once: int) -> None:
        self.bench = bench
        self._graph = graph
        self._slots = asyncio.Semaphore(max(at_once, 1))

    async def run(self, pairs: Mapping[str, Sequence[Pair]], wave: str = "") -> list[TaskState]:
        """Fights the given pairs of each task; the first error stops all, and is raised as it is."""
        try:
            async with asyncio.TaskGroup() as group:
                started = [group.create_task(self._one(task_id, wave, met)) for task_id, met in pairs.items()]
        except BaseExceptionGroup as failed:
            raise failed.exceptions[0] from failed
        return [task.result() for task in started]

    async def _one(self, task_id: str, wave: str, pairs: Sequence[Pair]) -> TaskState:
        async with self._slots:
            return await run_task(self._graph, self.bench, task_id, pairs, wave)


async def _adaptively(threads: _Threads, suite: Suite) -> list[TaskState]:
    """Fights in waves: each takes the pairs that, after the waves before it, tell most about the order.

    A wave depends on the outcomes of those before it and on the seed alone, so a resumed run chooses the same.
    """
    left = [(task_id, a, b) for task_id, pairs in all_pairs(suite).items() for a, b in pairs]
    states, battles, due = list[TaskState](), list[Battle](), meetings(suite)
    wave = 0
    while due:
        chosen = next_pairs(battles, left, min(due, max(len(suite.models), _SMALLEST_WAVE)), seed=suite.seed + wave)
        left = [candidate for candidate in left if candidate not in set(chosen)]
        by_task: dict[str, list[Pair]] = {}
        for task_id, a, b in sorted(chosen):
            by_task.setdefault(task_id, []).append((a, b))
        fought = await threads.run(by_task, f"wave {wave}")
        states += fought
        decided = [decision for state in fought for decision in decisions_of(state, threads.bench.verdicts)]
        battles += [battle for decision in decided if (battle := outcome_of(decision))]
        due -= len(chosen)
        wave += 1
    return states


# --- Beginning ------------------------------------------------------------------------------------


def _new(folder: RunFolder, suite: Suite, judges: tuple[str, ...], interaction: bool) -> Run:
    if folder.exists():
        raise BadInput(f"{folder.path} holds a run already: continue it with --resume, or choose another --out")
    return Run(
        id=folder.path.resolve().name,
        suite=suite.name,
        suite_digest=suite.digest,
        description=suite.description,
        created=_now(),
        tasks=suite.tasks,
        models=suite.models,
        judges=judges,
        baseline=suite.baseline,
        interaction=interaction,
        rounds=suite.rounds,
        seed=suite.seed,
        versions={
            "agent-judge": version("agent-judge"),
            "driver": DRIVER_VERSION,
            "playwright": version("playwright"),
            "python": platform.python_version(),
        },
    )


def _resumed(folder: RunFolder, suite: Suite) -> Run:
    run = folder.read_run()
    if run.suite_digest != suite.digest:
        raise BadInput(
            f"{folder.path} holds a run of another suite, or {suite.name} has changed since it began: "
            "run it anew without --resume"
        )
    return run


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


@asynccontextmanager
async def _bench(
    folder: RunFolder,
    run: Run,
    suite: Suite,
    models: Models,
    jobs: int,
    reuse: bool,
    progress: Progress,
) -> AsyncIterator[Bench]:
    evidence = EvidenceStore(folder.evidence, shared_evidence() if reuse else None)
    evidence.forget_unfinished()
    async with LocalBackend(suite.limits_for) as backend:
        yield Bench(
            contests={task.id: contest_of(suite, task) for task in suite.tasks},
            backend=backend,
            evidence=evidence,
            verdicts=VerdictStore(folder.verdicts),
            judges=models.judges,
            jobs=jobs,
            progress=progress,
            interaction=run.interaction,
            driver=models.driver,
            seed=run.seed,
        )


@asynccontextmanager
async def _checkpointer(folder: RunFolder) -> AsyncIterator[AsyncSqliteSaver]:
    async with AsyncSqliteSaver.from_conn_string(str(folder.checkpoints)) as saver:
        yield saver


# --- Ending ---------------------------------------------------------------------------------------


def _conclude(
    folder: RunFolder, run: Run, suite: Suite, states: Sequence[TaskState], decisions: Sequence[Decision]
) -> Leaderboard:
    entries = [entry for task in suite.tasks for entry in entries_of(task, states, suite)]
    _refuse_nothing(entries)
    battles = battles_of(decisions, entries, run)
    leaderboard = _ranked(battles, run)
    notes = [f"{entry.model} on {entry.task_id}: {entry.problem}" for entry in entries if entry.problem]
    notes += [
        f"{decision.judge} on {decision.task_id}, {decision.model_a} and {decision.model_b}: {decision.problem}"
        for decision in decisions
        if decision.verdict is None
    ]
    folder.write_results(decisions, battles)
    folder.write_leaderboard(leaderboard)
    folder.write_run(
        run.model_copy(update={"entries": tuple(entries), "notes": tuple(notes), "finished": _now()}),
    )
    write_report(folder.path)
    return leaderboard


def _ranked(battles: Sequence[Battle], run: Run) -> Leaderboard:
    if not battles:
        notes = ("no battle has a verdict, so that nothing can be ranked",)
        return Leaderboard(models=(), rounds=run.rounds, seed=run.seed, notes=notes)
    told = tuple(column for column in SLICES if any(getattr(battle, column) for battle in battles))
    met = any(run.baseline in (battle.model_a, battle.model_b) for battle in battles)
    return rank(battles, rounds=run.rounds, seed=run.seed, by=told, baseline=run.baseline if met else "")


def _refuse_nothing(entries: Sequence[Entry]) -> None:
    if entries and all(entry.problem for entry in entries):
        raise MissingRequirement(f"no solution could be run: {entries[0].problem}")

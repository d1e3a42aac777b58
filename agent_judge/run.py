"""A run: a suite's tasks go through the graph, their verdicts become battles, a leaderboard and a report."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver

from agent_judge.begin import Wishes, begin, now, with_fingerprints
from agent_judge.errors import DriverError, MissingRequirement
from agent_judge.graph import (
    LEFT_OUT,
    Bench,
    Pair,
    Progress,
    TaskGraph,
    TaskState,
    build_graph,
    common_evidence,
    evidence_by_model,
    run_task,
)
from agent_judge.judge import Estimate, estimate
from agent_judge.judging import Models, make_models
from agent_judge.launch.backends import backend_of
from agent_judge.plan import all_pairs, contest_of, meetings
from agent_judge.rank import next_pairs, rank
from agent_judge.read.explain import and_more
from agent_judge.read.suite import Suite, load_suite
from agent_judge.report import write_report
from agent_judge.results import battles_of, decisions_of, entries_of, notes_of, outcome_of, totals_of
from agent_judge.schema import Battle, Decision, Entry, Judging, Leaderboard, Run
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
    interaction: bool | None = None,
    resume: bool = False,
    reuse: bool | None = None,
    judging: Judging | None = None,
    sandbox: str = "",
    progress: Progress | None = None,
) -> Leaderboard:
    """Uses and judges every solution of a suite, and ranks the models.

    A resumed run keeps the settings that it was begun with. Those that are given all
    the same must not differ, with the exception of ``jobs`` and of what judging may cost.

    Args:
        suite: A suite's folder, or a suite that is read already.
        out: The run folder; it is made, and must not hold a run unless ``resume``.
        judges: Names of judges; the suite's own if none are given.
        jobs: How many solutions are used at the same time.
        interaction: Whether solutions are used, as they are by default; else judges see only what they look
            like after launch.
        resume: Whether to go on with the run that ``out`` holds.
        reuse: Whether evidence that earlier runs gathered under the same conditions serves again, as by default.
        judging: How the judges judge.
        sandbox: Where solutions run, ``local``, ``docker`` or ``e2b``; where the suite says if not given.
        progress: Is told what has been done.

    Raises:
        BadInput: The suite cannot be read, or ``out`` does not fit ``resume`` or the settings.
        MissingRequirement: This machine can run none of the solutions.
        DriverError: None of the solutions could be used, and that is our own fault. What is known is kept.
    """
    loaded = suite if isinstance(suite, Suite) else load_suite(Path(suite))
    folder = RunFolder(Path(out))
    with folder.held():
        run = begin(folder, loaded, Wishes(tuple(judges), interaction, reuse, judging, sandbox), resume=resume)
        async with _checkpointer(folder, run) as saver:
            models = make_models(run.judges, run.judging, loaded, folder, saver)
            run = with_fingerprints(run, models.fingerprints(), folder)
            folder.write_run(run)
            async with _bench(folder, run, loaded, models, jobs, progress or Silent()) as bench:
                # One task more than launches, so that judging holds nothing up; a batch waits for all there is to ask.
                at_once = len(loaded.tasks) if run.judging.batch else jobs + 1
                threads = _Threads(bench, build_graph(bench, saver), at_once)
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
    sandbox: str = "",
    progress: Progress | None = None,
) -> Estimate:
    """What judging a suite would send and cost. Its solutions are used for this; nothing is asked.

    Args:
        suite: The suite.
        judges: Names of judges; the suite's own if none are given.
        judging: How the judges judge.
        jobs: How many solutions are used at the same time.
        interaction: Whether solutions are used, or only looked at.
        sandbox: Where solutions run; where the suite says if not given.
        progress: Is told what has been done.
    """
    with tempfile.TemporaryDirectory(prefix="agent-judge-") as temporary:
        folder = RunFolder(Path(temporary) / "run")
        run = begin(folder, suite, Wishes(tuple(judges), interaction, judging=judging, sandbox=sandbox), resume=False)
        models = make_models(run.judges, judging, suite, folder)
        total = Estimate(0, 0, 0, 0.0, 0.0)
        async with _bench(folder, run, suite, models, jobs, progress or Silent()) as bench:
            bench.judges = {}
            for state in await _Threads(bench, build_graph(bench, InMemorySaver()), jobs + 1).run(all_pairs(suite)):
                keys, task = evidence_by_model(state["examined"]), bench.contests[state["task_id"]].task
                for a, b in (common_evidence(keys, *pair) for pair in state["pairs"]):
                    if not a:
                        continue
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


@asynccontextmanager
async def _bench(
    folder: RunFolder,
    run: Run,
    suite: Suite,
    models: Models,
    jobs: int,
    progress: Progress,
) -> AsyncIterator[Bench]:
    evidence = EvidenceStore(folder.evidence, shared_evidence() if run.reuse else None)
    evidence.forget_unfinished()
    async with backend_of(run.sandbox, suite.limits_for, at_once=jobs) as backend:
        yield Bench(
            contests={task.id: contest_of(suite, task) for task in suite.tasks},
            backend=backend,
            evidence=evidence,
            verdicts=VerdictStore(folder.verdicts),
            anew=run.judging.replay_responses,
            judges=models.judges,
            jobs=jobs,
            progress=progress,
            interaction=run.interaction,
            driver=models.driver,
            chooser=models.chooser,
            seed=run.seed,
        )


@asynccontextmanager
async def _checkpointer(folder: RunFolder, run: Run) -> AsyncIterator[BaseCheckpointSaver[str]]:
    if run.judging.replay_responses:  # decides everything once more
        yield InMemorySaver()
        return
    async with AsyncSqliteSaver.from_conn_string(str(folder.checkpoints)) as saver:
        yield saver


# --- Ending ---------------------------------------------------------------------------------------


def _conclude(
    folder: RunFolder, run: Run, suite: Suite, states: Sequence[TaskState], decisions: Sequence[Decision]
) -> Leaderboard:
    entries = [entry for task in suite.tasks for entry in entries_of(task, states, suite)]
    battles = battles_of(decisions, entries, run)
    leaderboard = _ranked(battles, run)
    folder.write_results(decisions, battles)
    folder.write_leaderboard(leaderboard)
    outcome = {
        "entries": tuple(entries),
        "notes": tuple(notes_of(entries, decisions)),
        "totals": totals_of(decisions, folder.read_payments()),
        "finished": now(),
    }
    folder.write_run(run.model_copy(update=outcome))
    write_report(folder.path)
    _refuse_nothing(entries)
    return leaderboard


def _ranked(battles: Sequence[Battle], run: Run) -> Leaderboard:
    if not battles:
        notes = ("no battle has a verdict, so that nothing can be ranked",)
        return Leaderboard(models=(), rounds=run.rounds, seed=run.seed, notes=notes)
    told = tuple(column for column in SLICES if any(getattr(battle, column) for battle in battles))
    met = any(run.baseline in (battle.model_a, battle.model_b) for battle in battles)
    return rank(battles, rounds=run.rounds, seed=run.seed, by=told, baseline=run.baseline if met else "")


def _refuse_nothing(entries: Sequence[Entry]) -> None:
    problems = [entry.problem if not entry.evidence else "" for entry in entries]
    if not problems or not all(problems):
        return
    ours = [problem for problem in problems if not problem.startswith(LEFT_OUT)]
    if ours:
        raise DriverError(f"no solution could be used: {ours[0]}{and_more(len(ours))}")
    raise MissingRequirement(f"no solution could be run: {problems[0].removeprefix(LEFT_OUT)}")

"""A run: a suite's tasks go through the graph, their verdicts become battles, a leaderboard and a report."""

from __future__ import annotations

import asyncio
import itertools
import platform
from collections.abc import AsyncIterator, Coroutine, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver

from agent_judge.drive import DRIVER_VERSION
from agent_judge.errors import BadInput, MissingRequirement
from agent_judge.graph import Bench, Contest, Pair, Progress, TaskState, build_graph, evidence_by_model, run_task
from agent_judge.judge import load_judge
from agent_judge.launch.local import LocalBackend
from agent_judge.rank import rank
from agent_judge.read.suite import Suite, load_suite
from agent_judge.report import write_report
from agent_judge.schema import Battle, BattleWinner, Decision, Entry, Leaderboard, Run, Task, Winner
from agent_judge.store import EvidenceStore, RunFolder, VerdictStore, shared_evidence

SLICES = ("environment", "language", "category")
_BATTLE_WINNERS: dict[Winner, BattleWinner] = {"A": "model_a", "B": "model_b", "tie": "tie", "both_bad": "both_bad"}


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
        progress: Is told what has been done.

    Raises:
        BadInput: The suite cannot be read, or ``out`` does not fit ``resume``.
        MissingRequirement: This machine can run none of the solutions.
    """
    loaded = suite if isinstance(suite, Suite) else load_suite(Path(suite))
    folder = RunFolder(Path(out))
    with folder.held():
        if resume:
            run = _resumed(folder, loaded)
        else:
            run = _begun(folder, loaded, tuple(judges) or loaded.judges, interaction)
        watched = progress or Silent()
        async with _bench(folder, run, loaded, jobs, reuse, watched) as bench, _checkpointer(folder) as saver:
            graph = build_graph(bench, saver)
            slots = asyncio.Semaphore(jobs + 1)  # one task more than launches, so that judging does not hold them up

            async def one(task_id: str) -> TaskState:
                async with slots:
                    return await run_task(graph, bench, task_id, pairs_of(loaded, task_id))

            states = await _all([one(task.id) for task in loaded.tasks])
            decisions = [decision for state in states for decision in _decisions(state, bench.verdicts)]
        return _conclude(folder, run, loaded, states, decisions)


async def _all(threads: Sequence[Coroutine[Any, Any, TaskState]]) -> list[TaskState]:
    """Runs all to their end; the first that fails stops the others, and its error is raised as it is."""
    try:
        async with asyncio.TaskGroup() as group:
            started = [group.create_task(thread) for thread in threads]
    except BaseExceptionGroup as failed:
        raise failed.exceptions[0] from failed
    return [task.result() for task in started]


def pairs_of(suite: Suite, task_id: str) -> list[Pair]:
    """Which models meet on a task: all with all, or all with the baseline."""
    models = sorted(suite.solutions.get(task_id, {}))
    if suite.pairing == "baseline":
        return [(suite.baseline, model) for model in models if model != suite.baseline and suite.baseline in models]
    return list(itertools.combinations(models, 2))


@dataclass(frozen=True)
class Plan:
    """How much there is to do in a run."""

    tasks: int
    launches: int
    battles: int


def plan_of(suite: Suite, judges: int, interaction: bool) -> Plan:
    """Counts what a run of a suite does at most; what earlier runs have done already counts too."""
    pairs = {task.id: pairs_of(suite, task.id) for task in suite.tasks}
    launches = sum(
        len({model for pair in pairs[task.id] for model in pair}) * len(_contest(suite, task).uses(interaction))
        for task in suite.tasks
    )
    return Plan(len(suite.tasks), launches, judges * sum(len(found) for found in pairs.values()))


def _contest(suite: Suite, task: Task) -> Contest:
    return Contest(task, suite.solutions.get(task.id, {}), suite.scenarios.get(task.id, ()))


# --- Beginning ------------------------------------------------------------------------------------


def _begun(folder: RunFolder, suite: Suite, judges: tuple[str, ...], interaction: bool) -> Run:
    if folder.exists():
        raise BadInput(f"{folder.path} holds a run already: continue it with --resume, or choose another --out")
    run = Run(
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
    folder.write_run(run)
    return run


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
    folder: RunFolder, run: Run, suite: Suite, jobs: int, reuse: bool, progress: Progress
) -> AsyncIterator[Bench]:
    evidence = EvidenceStore(folder.evidence, shared_evidence() if reuse else None)
    evidence.forget_unfinished()
    judges = {name: load_judge(name) for name in run.judges}
    async with LocalBackend() as backend:
        yield Bench(
            contests={task.id: _contest(suite, task) for task in suite.tasks},
            backend=backend,
            evidence=evidence,
            verdicts=VerdictStore(folder.verdicts),
            judges=judges,
            jobs=jobs,
            progress=progress,
            interaction=run.interaction,
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
    entries = [entry for state in states for entry in _entries(state, suite)]
    _refuse_nothing(entries)
    battles = _battles(decisions, entries, run)
    leaderboard = rank(battles, rounds=run.rounds, seed=run.seed, by=SLICES, baseline=run.baseline)
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


def _entries(state: TaskState, suite: Suite) -> list[Entry]:
    keys = evidence_by_model(state)
    problems = {item["model"]: item["problem"] for item in reversed(state["examined"]) if item["problem"]}
    return [
        Entry(
            task_id=state["task_id"],
            model=model,
            solution=solution.digest,
            environment=solution.environment,
            language=solution.language,
            evidence=tuple(keys.get(model, ())),
            problem=problems.get(model, ""),
        )
        for model, solution in sorted(suite.solutions.get(state["task_id"], {}).items())
    ]


def _refuse_nothing(entries: Sequence[Entry]) -> None:
    if entries and all(entry.problem for entry in entries):
        raise MissingRequirement(f"no solution could be run: {entries[0].problem}")


def _decisions(state: TaskState, verdicts: VerdictStore) -> list[Decision]:
    decisions = [
        Decision(
            task_id=state["task_id"],
            model_a=item["model_a"],
            model_b=item["model_b"],
            judge=item["judge"],
            verdict=verdicts.get(item["verdict"]) if item["verdict"] else None,
            problem=item["problem"],
        )
        for item in state["compared"]
    ]
    return sorted(decisions, key=lambda decision: (decision.model_a, decision.model_b, decision.judge))


def _battles(decisions: Sequence[Decision], entries: Sequence[Entry], run: Run) -> list[Battle]:
    by_place = {(entry.task_id, entry.model): entry for entry in entries}
    categories = {task.id: task.category for task in run.tasks}
    battles = []
    for decision in decisions:
        if decision.verdict is None:
            continue
        a, b = by_place[decision.task_id, decision.model_a], by_place[decision.task_id, decision.model_b]
        battles.append(
            Battle(
                task_id=decision.task_id,
                model_a=decision.model_a,
                model_b=decision.model_b,
                winner=_BATTLE_WINNERS[decision.verdict.winner],
                judge=decision.judge,
                environment=a.environment if a.environment == b.environment else "mixed",
                language=a.language if a.language == b.language else "mixed",
                category=categories[decision.task_id],
                confidence=decision.verdict.confidence,
                run_id=run.id,
            )
        )
    return battles

"""One comparison, one audit, one replay: what the commands of these names do, for Python."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from agent_judge.errors import BadInput, DriverError, JudgeError, MissingRequirement
from agent_judge.graph import Bench, Contest, Progress
from agent_judge.judge import findings
from agent_judge.judging import Judging
from agent_judge.launch.local import LocalBackend
from agent_judge.protocols import Backend
from agent_judge.read.scenario import load_scenario
from agent_judge.read.solution import solution_from_path
from agent_judge.read.suite import Suite
from agent_judge.run import Silent, run_suite
from agent_judge.schema import (
    AuditResult,
    CompareResult,
    Evidence,
    ReplayedStep,
    ReplayResult,
    Scenario,
    Sides,
    Solution,
    SolutionSummary,
    Task,
)
from agent_judge.store import EvidenceStore, RunFolder, VerdictStore, joined, shared_evidence


async def compare(
    a: str | Path,
    b: str | Path,
    task: str,
    *,
    scenarios: Sequence[str | Path | Scenario] = (),
    judge: str = "evidence",
    out: str | Path | None = None,
    interaction: bool = True,
    reuse: bool = True,
    judging: Judging | None = None,
    progress: Progress | None = None,
) -> CompareResult:
    """Decides which of two solutions is the better answer to a task.

    Args:
        a: A file, a folder, or the URL of something that is running.
        b: The other one.
        task: What was asked for, in words.
        scenarios: How to use both; without any, both are explored.
        judge: Name of a judge.
        out: Run folder to make, with screenshots and ``report.html``; nothing is kept if not given.
        interaction: Whether the solutions are used, or only looked at.
        reuse: Whether evidence that earlier runs gathered under the same conditions serves again.
        judging: How the judge judges.
        progress: Is told what has been done.

    Raises:
        BadInput: A file cannot be used.
        MissingRequirement: This machine cannot run one of the solutions.
        DriverError: Our own side failed, so there is no verdict.
        JudgeError: The judge did not answer.
    """
    solutions = {"A": solution_from_path(a), "B": solution_from_path(b)}
    _refuse_missing(LocalBackend(), *solutions.values())
    question = Task(id="comparison", instruction=task)
    suite = Suite(
        name="comparison",
        description=f"A: {_short_name(a)}, B: {_short_name(b)}",
        tasks=(question,),
        solutions={question.id: solutions},
        scenarios={question.id: tuple(_read_scenario(scenario) for scenario in scenarios)},
        judges=(judge,),
    )
    with _folder(out) as folder:
        await run_suite(suite, folder.path, interaction=interaction, reuse=reuse, judging=judging, progress=progress)
        entries = {entry.model: entry for entry in folder.read_run().entries}
        for model, entry in entries.items():
            if entry.problem:
                raise DriverError(f"no verdict: {model} could not be used: {entry.problem}")
        (decision,) = folder.read_decisions()
        if decision.verdict is None:
            raise JudgeError(f"no verdict: {decision.problem}")
        store = EvidenceStore(folder.evidence, None)
        sides = {model: _kept(store, entry.evidence) for model, entry in entries.items()}
    return CompareResult(verdict=decision.verdict, evidence=Sides(A=sides["A"], B=sides["B"]))


async def audit(
    solution: str | Path,
    task: str = "",
    *,
    scenarios: Sequence[str | Path | Scenario] = (),
    out: str | Path | None = None,
    reuse: bool = True,
    progress: Progress | None = None,
) -> AuditResult:
    """Launches and uses one solution, and tells what was found.

    Args:
        solution: A file, a folder, or the URL of something that is running.
        task: What was asked for, in words.
        scenarios: How to use it; without any, it is explored.
        out: Folder for ``evidence/`` with the screenshots; nothing is kept if not given.
        reuse: Whether evidence that earlier runs gathered under the same conditions serves again.
        progress: Is told what has been done.

    Raises:
        BadInput: A file cannot be used.
        MissingRequirement: This machine cannot run the solution.
        DriverError: Our own side failed.
    """
    read = solution_from_path(solution)
    used = [_read_scenario(scenario) for scenario in scenarios]
    with _folder(out) as folder:
        parts = await _examined(read, Task(id="audit", instruction=task), used, folder, reuse, progress)
    evidence = joined(parts)
    if all(part.driver_error for part in parts):
        raise DriverError(evidence.driver_error)
    return AuditResult(
        solution=SolutionSummary.of(read), launch=evidence.launch, findings=findings(evidence), evidence=evidence
    )


async def replay(
    scenario: str | Path | Scenario,
    solution: str | Path,
    *,
    out: str | Path | None = None,
    reuse: bool = True,
) -> ReplayResult:
    """Uses a solution as a scenario says, and tells how each step went.

    Args:
        scenario: A scenario or its file.
        solution: A file, a folder, or the URL of something that is running.
        out: Folder for ``evidence/`` with the screenshots; nothing is kept if not given.
        reuse: Whether evidence that earlier runs gathered under the same conditions serves again.

    Raises:
        BadInput: A file cannot be used.
        MissingRequirement: This machine cannot run the solution.
        DriverError: Our own side failed.
    """
    read = solution_from_path(solution)
    recorded = _read_scenario(scenario)
    with _folder(out) as folder:
        (part,) = await _examined(read, Task(id=recorded.task or "replay", instruction=""), [recorded], folder, reuse)
    if part.driver_error:
        raise DriverError(part.driver_error)
    (trajectory,) = part.trajectories
    return ReplayResult(
        scenario=recorded.id,
        solution=SolutionSummary.of(read),
        launch=trajectory.launch,
        completed=trajectory.completed,
        steps=tuple(
            ReplayedStep(
                index=step.index,
                do=step.do,
                intent=step.intent,
                outcome=step.outcome,
                reason=step.reason,
                grounding=step.grounding,
                expectations=step.expectations,
            )
            for step in trajectory.steps
        ),
    )


async def _examined(
    solution: Solution,
    task: Task,
    scenarios: Sequence[Scenario],
    folder: RunFolder,
    reuse: bool,
    progress: Progress | None = None,
) -> list[Evidence]:
    contest = Contest(task, {"": solution}, scenarios)
    told = progress or Silent()
    parts = []
    async with _bench(contest, folder, reuse) as bench:
        _refuse_missing(bench.backend, solution)
        for index, scenario in enumerate(contest.uses(interaction=True)):
            evidence, reused = await bench.examine(contest, solution, scenario)
            told.examined(task.id, "", index, reused=reused)
            parts.append(evidence)
    return parts


@asynccontextmanager
async def _bench(contest: Contest, folder: RunFolder, reuse: bool) -> AsyncIterator[Bench]:
    async with LocalBackend() as backend:
        yield Bench(
            contests={contest.task.id: contest},
            backend=backend,
            evidence=EvidenceStore(folder.evidence, shared_evidence() if reuse else None),
            verdicts=VerdictStore(folder.verdicts),
            judges={},
            jobs=1,
            progress=Silent(),
        )


def _refuse_missing(backend: Backend, *solutions: Solution) -> None:
    for solution in solutions:
        for missing in backend.missing(solution.environment):
            raise MissingRequirement(f"{solution.environment} needs {missing.what}: {missing.command}")


def _read_scenario(scenario: str | Path | Scenario) -> Scenario:
    return scenario if isinstance(scenario, Scenario) else load_scenario(Path(scenario))


def _short_name(source: str | Path) -> str:
    return Path(source).name if isinstance(source, Path) or "://" not in source else source


def _kept(store: EvidenceStore, keys: Sequence[str]) -> Evidence:
    parts = [store.get(key) for key in keys]
    return joined([part for part in parts if part is not None])


@contextmanager
def _folder(out: str | Path | None) -> Iterator[RunFolder]:
    if out is not None:
        if Path(out).is_file():
            raise BadInput(f"{out} is a file; --out takes a folder")
        yield RunFolder(Path(out))
        return
    with tempfile.TemporaryDirectory(prefix="agent-judge-") as temporary:
        yield RunFolder(Path(temporary) / "run")

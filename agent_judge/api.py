"""One comparison, one audit, one replay: what the commands of these names do, for Python."""

from __future__ import annotations

import re
import tempfile
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from agent_judge.errors import BadInput, DriverError, JudgeError, MissingRequirement
from agent_judge.graph import Bench, Contest, Progress
from agent_judge.judge import findings
from agent_judge.launch.backends import backend_of
from agent_judge.protocols import Backend
from agent_judge.read.scenario import load_scenario
from agent_judge.read.solution import solution_from_path
from agent_judge.read.suite import Suite
from agent_judge.run import Silent, run_suite
from agent_judge.schema import (
    AuditResult,
    CompareResult,
    Evidence,
    Judging,
    ReplayedStep,
    ReplayResult,
    Scenario,
    Sides,
    Solution,
    SolutionSummary,
    Task,
)
from agent_judge.store import EvidenceStore, RunFolder, VerdictStore, joined, shared_evidence

_LONGEST_NAME = 100


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
    resume: bool = False,
    judging: Judging | None = None,
    sandbox: str = "local",
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
        resume: Whether to go on with the comparison that ``out`` holds.
        judging: How the judge judges.
        sandbox: Where the solutions run: ``local``, ``docker`` or ``e2b``.
        progress: Is told what has been done.

    Raises:
        BadInput: A file cannot be used, nobody answers at a URL, or the task is empty.
        MissingRequirement: This machine cannot run one of the solutions.
        DriverError: Our own side failed, so there is no verdict.
        JudgeError: The judge did not answer.
    """
    suite = comparison_of(a, b, task, scenarios, judge=judge, sandbox=sandbox)
    with _folder(out) as folder:
        await run_suite(
            suite,
            folder.path,
            interaction=interaction,
            resume=resume,
            reuse=reuse,
            judging=judging,
            sandbox=sandbox,
            progress=progress,
        )
        entries = {entry.model: entry for entry in folder.read_run().entries}
        for model, entry in entries.items():
            if entry.problem and not entry.evidence:
                raise DriverError(f"no verdict: {model} could not be used: {entry.problem}")
        decision = next(iter(folder.read_decisions()), None)
        if decision is None:
            problem = next(entry.problem for entry in entries.values() if entry.problem)
            raise DriverError(f"no verdict: there is no scenario under which both could be used: {problem}")
        if decision.verdict is None:
            raise JudgeError(f"no verdict: {decision.problem}")
        store = EvidenceStore(folder.evidence, None)
        sides = {model[0]: _kept(store, entry.evidence) for model, entry in entries.items()}
    return CompareResult(verdict=decision.verdict, evidence=Sides(A=sides["A"], B=sides["B"]))


def comparison_of(
    a: str | Path,
    b: str | Path,
    task: str,
    scenarios: Sequence[str | Path | Scenario] = (),
    *,
    judge: str = "evidence",
    sandbox: str = "local",
) -> Suite:
    """A comparison of two solutions as the smallest suite: one task, and a model for each side.

    Args:
        a: As for :func:`compare`, like all others.
        b: The other one.
        task: What was asked for, in words.
        scenarios: How to use both.
        judge: Name of a judge.
        sandbox: Where the solutions run.

    Raises:
        BadInput: A file cannot be used, or the task is empty.
        MissingRequirement: This machine cannot run one of the solutions.
    """
    if not task.strip():
        raise BadInput("the task (--task) is empty: say in words what was asked for")
    names = _side_names(a, b)
    solutions = {name: solution_from_path(source) for name, source in zip(names, (a, b), strict=True)}
    _refuse_missing(backend_of(sandbox), *solutions.values())
    question = Task(id="comparison", instruction=task)
    return Suite(
        name="comparison",
        description=", ".join(names),
        tasks=(question,),
        solutions={question.id: solutions},
        scenarios={question.id: tuple(_read_scenario(scenario) for scenario in scenarios)},
        judges=(judge,),
    )


async def audit(
    solution: str | Path,
    task: str = "",
    *,
    scenarios: Sequence[str | Path | Scenario] = (),
    out: str | Path | None = None,
    reuse: bool = True,
    sandbox: str = "local",
    progress: Progress | None = None,
) -> AuditResult:
    """Launches and uses one solution, and tells what was found.

    Args:
        solution: A file, a folder, or the URL of something that is running.
        task: What was asked for, in words.
        scenarios: How to use it; without any, it is explored.
        out: Folder for ``evidence/`` with the screenshots; nothing is kept if not given.
        reuse: Whether evidence that earlier runs gathered under the same conditions serves again.
        sandbox: Where the solution runs: ``local``, ``docker`` or ``e2b``.
        progress: Is told what has been done.

    Raises:
        BadInput: A file cannot be used.
        MissingRequirement: This machine cannot run the solution.
        DriverError: Our own side failed.
    """
    read = solution_from_path(solution)
    used = [_read_scenario(scenario) for scenario in scenarios]
    with _folder(out) as folder, folder.held():
        question = Task(id="audit", instruction=task)
        parts = await _examined(read, question, used, folder, reuse, sandbox, progress)
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
    sandbox: str = "local",
) -> ReplayResult:
    """Uses a solution as a scenario says, and tells how each step went.

    Args:
        scenario: A scenario or its file.
        solution: A file, a folder, or the URL of something that is running.
        out: Folder for ``evidence/`` with the screenshots; nothing is kept if not given.
        reuse: Whether evidence that earlier runs gathered under the same conditions serves again.
        sandbox: Where the solution runs: ``local``, ``docker`` or ``e2b``.

    Raises:
        BadInput: A file cannot be used.
        MissingRequirement: This machine cannot run the solution.
        DriverError: Our own side failed.
    """
    read = solution_from_path(solution)
    recorded = _read_scenario(scenario)
    with _folder(out) as folder, folder.held():
        question = Task(id=recorded.task or "replay", instruction="")
        (part,) = await _examined(read, question, [recorded], folder, reuse, sandbox)
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
                detail=step.detail,
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
    sandbox: str,
    progress: Progress | None = None,
) -> list[Evidence]:
    contest = Contest(task, {"": solution}, scenarios)
    told = progress or Silent()
    parts = []
    async with _bench(contest, folder, reuse, sandbox) as bench:
        _refuse_missing(bench.backend, solution)
        for index, scenario in enumerate(contest.uses(interaction=True)):
            evidence, reused = await bench.examine(contest, solution, scenario, anew=not reuse)
            told.examined(task.id, "", index, reused=reused)
            parts.append(evidence)
    return parts


@asynccontextmanager
async def _bench(contest: Contest, folder: RunFolder, reuse: bool, sandbox: str) -> AsyncIterator[Bench]:
    async with backend_of(sandbox) as backend:
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


def _side_names(a: str | Path, b: str | Path) -> tuple[str, str]:
    """What the sides are called in reports: by their letters, which come first in any order of names, and files."""
    short = [_short_name(source) for source in (a, b)]
    if short[0] == short[1]:
        short = [
            " ".join(part for part in (Path(source).parent.name, name) if part)
            for source, name in zip((a, b), short, strict=True)
        ]
    return f"A: {short[0]}", f"B: {short[1]}"


def _short_name(source: str | Path) -> str:
    """A file's name, or a URL's host, as it can stand in a name."""
    text = str(source)
    name = urlsplit(text).netloc.rpartition("@")[2] if "://" in text else Path(text).resolve().name
    return re.sub(r"[/\\\x00-\x1f]", " ", name)[:_LONGEST_NAME].strip(" .")


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

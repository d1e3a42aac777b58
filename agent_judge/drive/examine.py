"""From a Solution to its Evidence: launch, drive, probe, close."""

from __future__ import annotations

from pathlib import Path

from agent_judge.drive.probe import Prober
from agent_judge.drive.version import DRIVER_VERSION
from agent_judge.errors import DriverError
from agent_judge.protocols import Backend, Policy, Session
from agent_judge.schema import (
    BlockedRequest,
    Evidence,
    LaunchReport,
    Probes,
    Scenario,
    Solution,
    Task,
    Trajectory,
    Viewport,
)


async def examine(
    backend: Backend,
    task: Task,
    solution: Solution,
    scenario: Scenario | None,
    policy: Policy,
    folder: Path,
    *,
    key: str,
    seed: int,
    retries: int = 2,
) -> Evidence:
    """Launches a solution, uses it, and gathers the Evidence of one trajectory.

    Args:
        backend: Where to launch it.
        task: What it was made for.
        solution: What to launch.
        scenario: How to use it; ``None`` leaves that to the policy.
        policy: Who uses it.
        folder: Where screenshots go.
        key: The Evidence's key in the store.
        seed: Seeds the page's randomness.
        retries: How often to try again when our own side fails; what fails then is recorded as ``driver_error``.

    Raises:
        MissingRequirement: This machine lacks what the solution's environment needs.
    """
    for attempt in range(retries + 1):
        _clear(folder)
        evidence = await _attempt(backend, task, solution, scenario, policy, folder, key, seed)
        if not evidence.driver_error or attempt == retries:
            break
    return evidence


async def _attempt(
    backend: Backend,
    task: Task,
    solution: Solution,
    scenario: Scenario | None,
    policy: Policy,
    folder: Path,
    key: str,
    seed: int,
) -> Evidence:
    blocked: tuple[BlockedRequest, ...] = ()
    probes = Probes()
    try:
        session = await backend.launch(solution, scenario.viewport if scenario else Viewport(), seed)
    except DriverError as error:
        trajectory = _failed(scenario, LaunchReport(outcome="never_ready", reason="our own side failed"), str(error))
    else:
        try:
            trajectory, probes = await _use(session, task, scenario, policy, folder)
        finally:
            await session.close()
        blocked = tuple(dict.fromkeys(session.blocked_requests))
    return Evidence(
        key=key,
        solution=solution.digest,
        environment=solution.environment,
        language=solution.language,
        launch=trajectory.launch,
        trajectories=(trajectory,),
        probes=probes,
        blocked_requests=blocked,
        versions={"driver": DRIVER_VERSION, **backend.versions(solution.environment)},
    )


async def _use(
    session: Session, task: Task, scenario: Scenario | None, policy: Policy, folder: Path
) -> tuple[Trajectory, Probes]:
    prober = Prober(session.page)
    try:
        await prober.begin()
        trajectory = await policy.drive(session, task, scenario, folder)
    except DriverError as error:
        return _failed(scenario, session.report, str(error)), Probes()
    return trajectory, await prober.finish(task, trajectory, folder)


def _failed(scenario: Scenario | None, launch: LaunchReport, message: str) -> Trajectory:
    return Trajectory(
        scenario=scenario.id if scenario else "look",
        title=scenario.title if scenario else "",
        policy="replay" if scenario else "look",
        launch=launch,
        driver_error=message,
    )


def _clear(folder: Path) -> None:
    """Removes what an earlier attempt left."""
    for picture in folder.glob("step-*.png"):
        picture.unlink()

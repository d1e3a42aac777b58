"""Compact builder of Evidence for tests: says only what matters, the rest is a healthy page."""

from __future__ import annotations

from typing import Any

from agent_judge.schema import (
    BlockedRequest,
    Change,
    ConsoleMessage,
    Evidence,
    ExpectationResult,
    LaunchReport,
    Observation,
    Probes,
    StepOutcome,
    StepRecord,
    Trajectory,
)

READY = LaunchReport(outcome="ready", seconds=0.3)
HEALTHY = Probes(frame_rate=60, accessibility=(), overflow=0, blank=False, substance=0.6, coverage=0.8)
LETTERS: dict[str, StepOutcome] = {
    "d": "done",
    "n": "no_effect",
    "f": "not_found",
    "c": "crashed",
    "e": "driver_error",
}


def step(index: int, outcome: StepOutcome, intent: str = "", **more: Any) -> StepRecord:
    held = outcome == "done"
    expectations = (
        ()
        if outcome in ("not_found", "driver_error")
        else (
            ExpectationResult(kind="text", held=held, expected="the text “Total: 7”", seen="" if held else "Total: 3"),
        )
    )
    fields: dict[str, Any] = {
        "index": index,
        "do": "click",
        "intent": intent or f"do thing {index}",
        "detail": f'click button "Thing {index}"',
        "outcome": outcome,
        "expectations": expectations,
        "before": index,
        "after": index + 1,
        "change": Change(pixels=0.1 if held else 0),
    }
    return StepRecord.model_validate(fields | more)


def trajectory(outcomes: str = "", scenario: str = "use", **more: Any) -> Trajectory:
    """``outcomes`` has one letter per step: d(one) n(o effect) f (not found) c(rashed) e (driver error)."""
    steps = tuple(step(i, LETTERS[letter]) for i, letter in enumerate(outcomes))
    policy = scenario if scenario in ("look", "explore") else "replay"
    fields: dict[str, Any] = {
        "scenario": scenario,
        "policy": policy,
        "launch": READY,
        "observations": tuple(observation(i) for i in range(len(steps) + 1)),
        "steps": steps,
    }
    return Trajectory.model_validate(fields | more)


def observation(index: int, **more: Any) -> Observation:
    return Observation.model_validate({"at": float(index), "url": "http://app/", "text": "Hello"} | more)


def complain(
    trajectory: Trajectory,
    at: int,
    errors: tuple[str, ...] = (),
    console: tuple[str, ...] = (),
    requests: tuple[str, ...] = (),
) -> Trajectory:
    """The trajectory with exceptions, console errors and failed requests in one observation."""
    observations = list(trajectory.observations)
    observations[at] = observations[at].model_copy(
        update={
            "errors": errors,
            "console": tuple(ConsoleMessage(level="error", text=text) for text in console),
            "failed_requests": requests,
        }
    )
    return trajectory.model_copy(update={"observations": tuple(observations)})


def evidence(
    *trajectories: Trajectory,
    name: str = "one",
    launch: LaunchReport = READY,
    blocked: tuple[BlockedRequest, ...] = (),
    **probes: Any,
) -> Evidence:
    return Evidence(
        key=name,
        solution=name,
        environment="html",
        language="html",
        launch=launch,
        trajectories=trajectories,
        probes=HEALTHY.model_copy(update=probes) if launch.outcome == "ready" else Probes(),
        blocked_requests=blocked,
    )

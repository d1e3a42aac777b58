"""Which parts of two Evidences are compared: what both sides had the chance to show, and nothing else.

A recorded step is compared only where our own side worked for both solutions, so
that a driver's failure is held against neither. Steps that a solution did not live
to see count against it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from agent_judge.schema import (
    Evidence,
    ExpectationResult,
    LaunchReport,
    Observation,
    StepOutcome,
    StepRecord,
    Trajectory,
)

_RUNS = ("ready", "finished")


@dataclass(frozen=True)
class TriedStep:
    """A recorded step that both solutions were asked to do, and how it went in one of them."""

    scenario: str
    index: int
    outcome: StepOutcome
    held: int
    """How many of its expectations held."""
    expected: int
    """How many expectations it has, also where the solution did not get that far."""
    record: StepRecord | None
    """``None`` where the solution was dead by then."""
    other_done: bool
    """Whether the other solution did it."""

    @property
    def reference(self) -> str:
        """The step as evidence is cited: ``<scenario>#<index>``."""
        return f"{self.scenario}#{self.index}"


@dataclass(frozen=True)
class FreeStep:
    """A step of an exploration, which each solution has its own of."""

    scenario: str
    record: StepRecord
    spoke: bool = False
    """Whether a dialog box came up."""

    @property
    def outcome(self) -> StepOutcome:
        """How it went."""
        return self.record.outcome

    @property
    def control(self) -> str:
        """What was used, and how."""
        return self.record.detail or self.reference

    @property
    def effective(self) -> bool:
        """Whether it did something that a person could notice."""
        return self.outcome == "done" and (self.record.change.any or self.spoke)

    @property
    def dead(self) -> bool:
        """Whether it did not do what it must.

        Some controls rightly do nothing in some states, and what could not be used at
        all may have been our own mistake, as it was us who chose it.
        """
        return self.outcome == "crashed" or any(not one.held for one in self.record.expectations)

    @property
    def reference(self) -> str:
        """The step as evidence is cited: ``<scenario>#<index>``."""
        return f"{self.scenario}#{self.record.index}"


@dataclass(frozen=True)
class Seen:
    """An observation that counts, and the step (or launch) that led to it."""

    reference: str
    observation: Observation


@dataclass(frozen=True)
class Side:
    """What counts of one solution's Evidence in a comparison."""

    evidence: Evidence
    launches: tuple[tuple[str, LaunchReport], ...]
    """Reference and report of every launch that counts."""
    tried: tuple[TriedStep, ...]
    free: tuple[FreeStep, ...]
    seen: tuple[Seen, ...]

    @property
    def used(self) -> tuple[TriedStep | FreeStep, ...]:
        """Every step that counts."""
        return (*self.tried, *self.free)


def sides(a: Evidence, b: Evidence) -> tuple[Side, Side]:
    """Takes from two Evidences what can fairly be compared; symmetric."""
    return _side(a, b), _side(b, a)


def reference_of(trajectory: Trajectory, observation: int) -> str:
    """Names the step, or the launch, that led to an observation."""
    if trajectory.steps and observation > trajectory.steps[0].before:
        for step in trajectory.steps:
            if observation <= step.after:
                return f"{trajectory.scenario}#{step.index}"
        return f"{trajectory.scenario}#{trajectory.steps[-1].index}"
    return f"{trajectory.scenario}#launch"


def launch_failed(report: LaunchReport) -> bool:
    """Whether the solution itself is to blame for not running; what the sandbox refused is not its fault."""
    return report.outcome not in (*_RUNS, "blocked")


def _side(own: Evidence, other: Evidence) -> Side:
    ours = {t.scenario: t for t in own.trajectories}
    theirs = {t.scenario: t for t in other.trajectories}
    tried: list[TriedStep] = []
    free: list[FreeStep] = []
    seen: list[Seen] = []
    launches: list[tuple[str, LaunchReport]] = []
    for scenario in sorted(ours.keys() | theirs.keys()):
        mine = ours.get(scenario) or _unstarted(own, theirs[scenario])
        yours = theirs.get(scenario) or _unstarted(other, mine) if mine else None
        if mine is None or yours is None or _unfair(mine) or _unfair(yours):
            continue
        launches.append((f"{scenario}#launch", mine.launch))
        if "replay" in (mine.policy, yours.policy):
            tried += _tried(mine, yours)
        else:
            free += _free(mine)
        counted = {f"{scenario}#launch", *(step.reference for step in tried), *(step.reference for step in free)}
        seen += [s for s in _seen(mine) if s.reference in counted]
    if not ours and not theirs and own.launch.outcome != "blocked" and other.launch.outcome != "blocked":
        launches.append(("#launch", own.launch))
    return Side(own, tuple(launches), tuple(tried), tuple(free), tuple(seen))


def _unstarted(evidence: Evidence, like: Trajectory) -> Trajectory | None:
    """The trajectory that a solution which never ran did not get; ``None`` where it simply was not tried."""
    if evidence.trajectories or not launch_failed(evidence.launch):
        return None
    return Trajectory(scenario=like.scenario, policy=like.policy, launch=evidence.launch)


def _unfair(trajectory: Trajectory) -> bool:
    """Whether a trajectory says nothing about its solution, because ours or the sandbox's limits ended it at once."""
    if trajectory.launch.outcome == "blocked":
        return True
    return bool(trajectory.driver_error) and not any(s.outcome != "driver_error" for s in trajectory.steps)


def _tried(mine: Trajectory, yours: Trajectory) -> Iterator[TriedStep]:
    own, other = ({step.index: step for step in t.steps} for t in (mine, yours))
    for index in sorted(own.keys() | other.keys()):
        if _unknown(index, own, mine) or _unknown(index, other, yours):
            continue
        step, counterpart = own.get(index), other.get(index)
        yield TriedStep(
            scenario=mine.scenario,
            index=index,
            outcome=step.outcome if step else "crashed",
            held=_held(step.expectations) if step else 0,
            expected=max(len(s.expectations) for s in (step, counterpart) if s),
            record=step,
            other_done=counterpart is not None and counterpart.outcome == "done",
        )


def _free(trajectory: Trajectory) -> Iterator[FreeStep]:
    for step in trajectory.steps:
        if step.outcome != "driver_error":
            # A step after which nothing was observed any more has the observation before it.
            said = trajectory.observations[step.before + 1 : step.after + 1]
            yield FreeStep(trajectory.scenario, step, any(seen.dialogs for seen in said))


def _unknown(index: int, steps: dict[int, StepRecord], trajectory: Trajectory) -> bool:
    """Whether our own side failed to find out how a step would have gone."""
    step = steps.get(index)
    return step.outcome == "driver_error" if step else bool(trajectory.driver_error)


def _held(expectations: tuple[ExpectationResult, ...]) -> int:
    return sum(e.held for e in expectations)


def _seen(trajectory: Trajectory) -> Iterator[Seen]:
    for index, observation in enumerate(trajectory.observations):
        yield Seen(reference_of(trajectory, index), observation)

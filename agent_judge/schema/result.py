"""What the commands answer."""

from __future__ import annotations

from agent_judge.schema.base import Model
from agent_judge.schema.evidence import Evidence, ExpectationResult, Finding, Grounding, LaunchReport, StepOutcome
from agent_judge.schema.solution import SolutionSummary
from agent_judge.schema.verdict import Verdict


class Sides(Model):
    """The evidence of both sides of a comparison."""

    A: Evidence
    B: Evidence


class CompareResult(Model):
    """What ``compare`` answers."""

    verdict: Verdict
    evidence: Sides


class AuditResult(Model):
    """What ``audit`` answers: one solution, how it started, what was found."""

    solution: SolutionSummary
    launch: LaunchReport
    findings: tuple[Finding, ...]
    evidence: Evidence


class ReplayedStep(Model):
    """One step of a replay, in short."""

    index: int
    do: str
    intent: str = ""
    detail: str = ""
    """The action in words: ``fill textbox "Name" with "Ann"``."""
    outcome: StepOutcome
    reason: str = ""
    grounding: Grounding | None = None
    expectations: tuple[ExpectationResult, ...] = ()


class ReplayResult(Model):
    """What ``replay`` answers: how far a scenario came on a solution."""

    scenario: str
    solution: SolutionSummary
    launch: LaunchReport
    completed: bool
    steps: tuple[ReplayedStep, ...]

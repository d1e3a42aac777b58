"""The words of agent-judge as pydantic models; every other module speaks in these.

Nothing here imports anything of ours. Models that users write by hand
(:class:`Scenario`, :class:`Task`, ...) refuse unknown keys, so that a typing
error is reported instead of being ignored.
"""

from __future__ import annotations

from agent_judge.schema.base import SCHEMA_VERSION, Model, digest_of
from agent_judge.schema.cost import Cost
from agent_judge.schema.evidence import (
    AccessibilityViolation,
    BlockedRequest,
    Change,
    ConsoleMessage,
    DriverClaim,
    Evidence,
    ExpectationResult,
    Finding,
    Grounding,
    LaunchOutcome,
    LaunchReport,
    Observation,
    Probes,
    Severity,
    StepOutcome,
    StepRecord,
    Trajectory,
)
from agent_judge.schema.ranking import Comparison, Effect, JudgeWeight, Leaderboard, ModelRating
from agent_judge.schema.result import AuditResult, CompareResult, ReplayedStep, ReplayResult, Sides
from agent_judge.schema.run import Decision, Entry, Judging, Mode, Run, Sandbox, Totals
from agent_judge.schema.scenario import ActionName, CountOf, Expectation, ExpectationKind, Scenario, Step, ValueOf
from agent_judge.schema.solution import Answer, Solution, SolutionSummary, Task
from agent_judge.schema.target import Box, Point, Target, Viewport
from agent_judge.schema.verdict import Battle, BattleWinner, Claim, Criterion, Verdict, Vote, Winner

__all__ = [
    "SCHEMA_VERSION",
    "AccessibilityViolation",
    "ActionName",
    "Answer",
    "AuditResult",
    "Battle",
    "BattleWinner",
    "BlockedRequest",
    "Box",
    "Change",
    "Claim",
    "CompareResult",
    "Comparison",
    "ConsoleMessage",
    "Cost",
    "CountOf",
    "Criterion",
    "Decision",
    "DriverClaim",
    "Effect",
    "Entry",
    "Evidence",
    "Expectation",
    "ExpectationKind",
    "ExpectationResult",
    "Finding",
    "Grounding",
    "JudgeWeight",
    "Judging",
    "LaunchOutcome",
    "LaunchReport",
    "Leaderboard",
    "Mode",
    "Model",
    "ModelRating",
    "Observation",
    "Point",
    "Probes",
    "ReplayResult",
    "ReplayedStep",
    "Run",
    "Sandbox",
    "Scenario",
    "Severity",
    "Sides",
    "Solution",
    "SolutionSummary",
    "Step",
    "StepOutcome",
    "StepRecord",
    "Target",
    "Task",
    "Totals",
    "Trajectory",
    "ValueOf",
    "Verdict",
    "Viewport",
    "Vote",
    "Winner",
    "digest_of",
]

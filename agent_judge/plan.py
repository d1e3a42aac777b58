"""Who meets whom in a suite, and how much there is to do."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

from agent_judge.graph import Contest, Pair
from agent_judge.read.suite import Suite
from agent_judge.schema import Task


@dataclass(frozen=True)
class Plan:
    """How much there is to do in a run at most; what earlier runs have done counts too."""

    tasks: int
    launches: int
    battles: int


def plan_of(suite: Suite, judges: int, interaction: bool) -> Plan:
    """Counts what a run of a suite does."""
    launches = sum(
        len({model for pair in pairs for model in pair}) * len(contest_of(suite, task).uses(interaction))
        for task, pairs in zip(suite.tasks, all_pairs(suite).values(), strict=True)
    )
    return Plan(len(suite.tasks), launches, judges * meetings(suite))


def contest_of(suite: Suite, task: Task) -> Contest:
    """One task with the solutions that met it and its scenarios."""
    return Contest(task, suite.solutions.get(task.id, {}), suite.scenarios.get(task.id, ()))


def all_pairs(suite: Suite) -> dict[str, list[Pair]]:
    """By task, which models can meet: all with all, or all with the baseline."""
    return {task.id: _pairs(suite, task.id) for task in suite.tasks}


def meetings(suite: Suite) -> int:
    """How many pairs meet: all that can, or with adaptive pairing half of them, or as many as the suite says."""
    possible = sum(len(pairs) for pairs in all_pairs(suite).values())
    if suite.pairing != "adaptive":
        return possible
    return min(suite.battles or (possible + 1) // 2, possible)


def _pairs(suite: Suite, task_id: str) -> list[Pair]:
    models = sorted(suite.solutions.get(task_id, {}))
    if suite.pairing == "baseline":
        return [(suite.baseline, model) for model in models if model != suite.baseline and suite.baseline in models]
    return list(itertools.combinations(models, 2))

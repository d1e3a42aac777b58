"""What a run came to: entries, decisions and battles from the threads of its tasks."""

from __future__ import annotations

from collections.abc import Sequence

from agent_judge.graph import TaskState, evidence_by_model
from agent_judge.read.suite import Suite
from agent_judge.schema import Battle, BattleWinner, Decision, Entry, Run, Task, Winner
from agent_judge.store import VerdictStore

_BATTLE_WINNERS: dict[Winner, BattleWinner] = {"A": "model_a", "B": "model_b", "tie": "tie", "both_bad": "both_bad"}


def entries_of(task: Task, states: Sequence[TaskState], suite: Suite) -> list[Entry]:
    """What became of each model's solution to a task; models that met nobody are left out."""
    examined = [item for state in states if state["task_id"] == task.id for item in state["examined"]]
    keys = evidence_by_model(examined)
    problems = {item["model"]: item["problem"] for item in reversed(examined) if item["problem"]}
    return [
        Entry(
            task_id=task.id,
            model=model,
            solution=solution.digest,
            environment=solution.environment,
            language=solution.language,
            evidence=tuple(keys.get(model, ())),
            problem=problems.get(model, ""),
        )
        for model, solution in sorted(suite.solutions.get(task.id, {}).items())
        if model in keys or model in problems
    ]


def decisions_of(state: TaskState, verdicts: VerdictStore) -> list[Decision]:
    """Every judge's answer about every pair of a thread, in the order of the models' names."""
    kept = {item["verdict"]: verdicts.get(item["verdict"]) for item in state["compared"] if item["verdict"]}
    decisions = [
        Decision(
            task_id=state["task_id"],
            model_a=item["model_a"],
            model_b=item["model_b"],
            judge=item["judge"],
            verdict=kept.get(item["verdict"]),
            problem=item["problem"] or ("" if kept.get(item["verdict"]) else "its verdict is gone from the run folder"),
        )
        for item in state["compared"]
    ]
    return sorted(decisions, key=lambda decision: (decision.model_a, decision.model_b, decision.judge))


def battles_of(decisions: Sequence[Decision], entries: Sequence[Entry], run: Run) -> list[Battle]:
    """The decisions with a verdict, as they enter the ranking."""
    by_place = {(entry.task_id, entry.model): entry for entry in entries}
    categories = {task.id: task.category for task in run.tasks}
    battles = []
    for decision in decisions:
        outcome = outcome_of(decision)
        if outcome is None:
            continue
        a, b = by_place[decision.task_id, decision.model_a], by_place[decision.task_id, decision.model_b]
        environments, languages = {a.environment, b.environment}, {a.language, b.language}
        more = {
            "environment": a.environment if len(environments) == 1 else "mixed",
            "language": a.language if len(languages) == 1 else "mixed",
            "category": categories[decision.task_id],
            "run_id": run.id,
        }
        battles.append(outcome.model_copy(update=more))
    return battles


def outcome_of(decision: Decision) -> Battle | None:
    """The battle that a decision is, without what the run knows of it; none where there is no verdict."""
    if decision.verdict is None:
        return None
    return Battle(
        task_id=decision.task_id,
        model_a=decision.model_a,
        model_b=decision.model_b,
        winner=_BATTLE_WINNERS[decision.verdict.winner],
        judge=decision.judge,
        confidence=decision.verdict.confidence,
    )

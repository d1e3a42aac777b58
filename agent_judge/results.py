"""What a run came to: entries, decisions and battles from the threads of its tasks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from agent_judge.graph import Examined, TaskState, evidence_by_model
from agent_judge.read.suite import Suite
from agent_judge.schema import Battle, BattleWinner, Cost, Decision, Entry, Run, Task, Totals, Winner
from agent_judge.schema.cost import together
from agent_judge.store import VerdictStore
from agent_judge.wording import counted

_BATTLE_WINNERS: dict[Winner, BattleWinner] = {"A": "model_a", "B": "model_b", "tie": "tie", "both_bad": "both_bad"}


def entries_of(task: Task, states: Sequence[TaskState], suite: Suite) -> list[Entry]:
    """What became of each model's solution to a task; models that met nobody are left out."""
    examined = [item for state in states if state["task_id"] == task.id for item in state["examined"]]
    keys = evidence_by_model(examined)
    problems = _problems(examined, keys)
    return [
        Entry(
            task_id=task.id,
            model=model,
            solution=solution.digest,
            environment=solution.environment,
            language=solution.language,
            evidence=tuple(keys[model].values()) if model in keys else (),
            problem=problems.get(model, ""),
        )
        for model, solution in sorted(suite.solutions.get(task.id, {}).items())
        if model in keys or model in problems
    ]


def _problems(examined: Sequence[Examined], keys: Mapping[str, Mapping[int, str]]) -> dict[str, str]:
    """By model, why it is left out, or what it is judged without."""
    failed: dict[str, dict[int, str]] = {}
    for item in examined:
        if item["problem"] and item["scenario"] not in keys.get(item["model"], {}):
            failed.setdefault(item["model"], {}).setdefault(item["scenario"], item["problem"])
    problems = {}
    for model, by_scenario in failed.items():
        first, sound = by_scenario[min(by_scenario)], len(keys.get(model, {}))
        without = f"judged without {len(by_scenario)} of {counted(sound + len(by_scenario), 'scenario')}: "
        problems[model] = f"{without if sound else ''}{first}"
    return problems


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


def totals_of(decisions: Sequence[Decision], payments: Sequence[Cost]) -> Totals:
    """What judging came to."""
    missing = Counter(decision.problem for decision in decisions if decision.verdict is None)
    return Totals(
        verdicts=len(decisions) - missing.total(),
        no_verdicts=dict(missing.most_common()),
        position_bias=sum(bool(decision.verdict and decision.verdict.position_bias) for decision in decisions),
        paid=together(tuple(payments)) if payments else Cost(),
    )


def notes_of(entries: Sequence[Entry], decisions: Sequence[Decision]) -> list[str]:
    """What a reader must know: which solutions and which verdicts are missing, and why."""
    missing = Counter((decision.judge, decision.problem) for decision in decisions if decision.verdict is None)
    return [
        *(f"{entry.model} on {entry.task_id}: {entry.problem}" for entry in entries if entry.problem),
        *(f"{judge} gave no verdict on {counted(number, 'pair')}: {why}" for (judge, why), number in missing.items()),
    ]

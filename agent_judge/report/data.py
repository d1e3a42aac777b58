"""What the page's script draws battles from: compact data, in blocks that are read only when opened."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from agent_judge.report.material import Material, Pair
from agent_judge.report.pictures import Pictures
from agent_judge.schema import Decision, Entry, Evidence, Observation, StepOutcome, Trajectory

_LONGEST_LOG = 20_000
"""Characters of a log that enter the report; all of it stands in the evidence."""
_LETTERS: dict[StepOutcome, str] = {
    "done": "d", "no_effect": "e", "not_found": "f", "crashed": "c", "driver_error": "o",
}  # fmt: skip
_LONGEST_LINE = 2_000
_MOST_LINES = 60
"""Messages of one kind per observation, and changed lines per step."""


def index_data(material: Material, pictures: Pictures) -> dict[str, Any]:
    """What the lists and filters need: tasks, entries, and every pair with its winners."""
    run = material.run
    deciding = {decision.judge for pair in material.pairs for decision in pair.decisions}
    judges = [*run.judges, *sorted(deciding - set(run.judges))]
    return {
        "run": run.id,
        "judges": judges,
        "tasks": [task.model_dump() for task in run.tasks],
        "models": list(run.models),
        "entries": [_entry_data(entry, material, pictures) for entry in run.entries],
        "battles": [_pair_data(pair, judges) for pair in material.pairs],
    }


def decisions_data(pair: Pair) -> list[dict[str, Any]]:
    """What every judge said about a pair."""
    return [_decision_data(decision) for decision in pair.decisions]


def evidence_data(evidence: Evidence, pictures: Pictures) -> dict[str, Any]:
    """How a solution was used: without what only a judge reads (snapshots, page text)."""
    shared = evidence.model_dump(
        mode="json", exclude_defaults=True, include={"environment", "language", "probes", "blocked_requests"}
    )
    return {
        **shared,
        "key": evidence.key,
        "launch": _shortened(evidence.launch.model_dump(mode="json", exclude_defaults=True)),
        "trajectories": [_trajectory_data(trajectory, pictures) for trajectory in evidence.trajectories],
    }


def _entry_data(entry: Entry, material: Material, pictures: Pictures) -> dict[str, Any]:
    uses = material.entry_evidence(entry)
    trajectories = [trajectory for evidence in uses for trajectory in evidence.trajectories]
    seen = [shot for trajectory in trajectories for shot in trajectory.observations]
    return {
        "task": entry.task_id,
        "model": entry.model,
        "environment": entry.environment,
        "language": entry.language,
        "evidence": [evidence.key for evidence in uses],
        "problem": entry.problem,
        "launch": uses[0].launch.outcome if uses else "",
        "steps": "".join(_LETTERS[step.outcome] for trajectory in trajectories for step in trajectory.steps),
        "errors": sum(len(_error_lines(shot)) for shot in seen),
        "picture": _last_picture(trajectories, pictures),
    }


def _error_lines(shot: Observation) -> list[str]:
    console = [line.text for line in shot.console if line.level == "error"]
    return [*shot.errors, *console, *shot.failed_requests]


def _last_picture(trajectories: Iterable[Trajectory], pictures: Pictures) -> str:
    """The last thing seen of the first use that shows anything."""
    for trajectory in trajectories:
        for shot in reversed(trajectory.observations):
            if name := pictures.add(shot.screenshot):
                return name
    return ""


def _pair_data(pair: Pair, judges: list[str]) -> dict[str, Any]:
    return {
        "slug": pair.slug,
        "task": pair.task_id,
        "a": pair.model_a,
        "b": pair.model_b,
        "winners": [_winner_data(decision, judges) for decision in pair.decisions],
        "split": pair.disagreement,
    }


def _winner_data(decision: Decision, judges: list[str]) -> tuple[int, str, float]:
    """Judge, winner and confidence; no winner is no verdict."""
    verdict = decision.verdict
    return judges.index(decision.judge), verdict.winner if verdict else "", verdict.confidence if verdict else 0.0


def _decision_data(decision: Decision) -> dict[str, Any]:
    data: dict[str, Any] = {"judge": decision.judge, "problem": decision.problem}
    if decision.verdict:
        data["verdict"] = decision.verdict.model_dump(mode="json", exclude={"judge", "records"})
    return data


def _trajectory_data(trajectory: Trajectory, pictures: Pictures) -> dict[str, Any]:
    data = trajectory.model_dump(mode="json", exclude_defaults=True, exclude={"observations", "launch", "steps"})
    steps = [step.model_dump(mode="json", exclude_defaults=True) for step in trajectory.steps]
    for step in steps:
        change = step.get("change", {})
        for side in ("added", "removed"):
            if side in change:
                change[side] = _clipped(change[side])
    return {
        **data,
        "launch": _shortened(trajectory.launch.model_dump(mode="json", exclude_defaults=True)),
        "frames": [_frame_data(shot, pictures) for shot in trajectory.observations],
        "steps": steps,
    }


def _frame_data(shot: Observation, pictures: Pictures) -> dict[str, Any]:
    data = shot.model_dump(mode="json", exclude_defaults=True, exclude={"snapshot", "text", "screenshot", "console"})
    for kind in ("errors", "failed_requests", "dialogs"):
        if kind in data:
            data[kind] = _clipped(data[kind])
    told = [line for line in shot.console if line.level in ("error", "warning")]
    if told:
        data["console"] = [[line.level, line.text[:_LONGEST_LINE]] for line in told[:_MOST_LINES]]
    if name := pictures.add(shot.screenshot):
        data |= {"picture": name, "file": f"evidence/{shot.screenshot}"}
    return data


def _clipped(lines: list[str]) -> list[str]:
    rest = len(lines) - _MOST_LINES
    kept = [line[:_LONGEST_LINE] for line in lines[:_MOST_LINES]]
    return [*kept, f"… and {rest} more"] if rest > 0 else kept


def _shortened(launch: dict[str, Any]) -> dict[str, Any]:
    """Keeps the beginning and the end of long logs: the first error, and how it ended."""
    for stream in ("build_log", "stdout", "stderr"):
        text = launch.get(stream, "")
        if len(text) > _LONGEST_LOG:
            half = _LONGEST_LOG // 2
            launch[stream] = f"{text[:half]}\n\n… {len(text) - 2 * half:,} characters left out …\n\n{text[-half:]}"
    return launch

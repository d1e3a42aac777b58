"""Puts a task and what is known of a solution into the words and pictures that a model judge sees."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import get_args

from agent_judge.judge.anonymise import anonymise
from agent_judge.judge.faults import faults
from agent_judge.judge.question import Block, Text, quoted
from agent_judge.judge.sides import Seen, reference_of
from agent_judge.schema import Evidence, LaunchReport, Mode, Solution, StepRecord, Task, Trajectory

MODES: tuple[Mode, ...] = get_args(Mode)

_TEXT_FILES = re.compile(
    r"\.(html?|css|m?js|jsx|tsx?|vue|svelte|py|json|md|mmd|svg|txt|toml|ya?ml|sh|c|h|cpp|go|rs|java)$", re.IGNORECASE
)
_BOX = re.compile(r"- \w+:?")


@dataclass(frozen=True)
class Limits:
    """How much text of one solution is shown; what is cut off is said."""

    code: int = 60_000
    """Characters of code."""
    log: int = 4_000
    """Characters of each log."""
    page: int = 3_000
    """Characters of the visible text."""
    steps: int = 120
    """Number of steps."""


LIMITS = Limits()


def shows_code(mode: Mode) -> bool:
    """Whether a mode shows the code."""
    return mode.startswith("code")


def shows_run(mode: Mode) -> bool:
    """Whether a mode shows how the program ran."""
    return mode != "code"


def shows_steps(mode: Mode) -> bool:
    """Whether a mode shows what was done with the program."""
    return mode.endswith("interaction")


def task_blocks(task: Task) -> tuple[Block, ...]:
    """The task in words."""
    category = f" (category: {task.category})" if task.category else ""
    return (Text(f"# The task{category}\n\n{quoted(task.instruction)}"),)


def solution_blocks(
    evidence: Evidence, solution: Solution | None, mode: Mode, pictures: tuple[Block, ...] = ()
) -> tuple[Block, ...]:
    """What is known of one solution.

    Args:
        evidence: What it did.
        solution: Its code; ``None`` where it is not to be shown.
        mode: What is shown.
        pictures: Its frames, with what they show.
    """
    parts = [f"This program is written in {evidence.language}, for the environment {evidence.environment}."]
    if shows_run(mode):
        parts += [*_launches(evidence), *_first_text(evidence)]
    if shows_steps(mode):
        parts += [_steps(trajectory) for trajectory in evidence.trajectories if trajectory.steps]
    if shows_run(mode):
        parts += [_complaints(evidence, shows_steps(mode)), *_limits(evidence)]
    if shows_code(mode):
        parts.append(_code(solution))
    return (Text("\n\n".join(part for part in parts if part)), *(pictures if shows_run(mode) else ()))


def _launches(evidence: Evidence) -> Iterator[str]:
    reports = {f"{t.scenario}#launch": t.launch for t in evidence.trajectories} or {"#launch": evidence.launch}
    told: dict[str, list[str]] = {}
    for reference, report in reports.items():
        told.setdefault(_launch(report), []).append(reference)
    for text, references in told.items():
        yield f"## Start ({', '.join(references)})\n\n{text}"


def _launch(report: LaunchReport) -> str:
    lines = [f"Outcome: {report.outcome}"]
    if report.exit_code is not None:
        lines.append(f"Exit code: {report.exit_code}")
    if report.reason:
        lines.append("Reason:\n" + _data(report.reason, LIMITS.log))
    for title, text in (("Build log", report.build_log), ("Output", report.stdout), ("Error output", report.stderr)):
        if text.strip():
            lines.append(f"{title}:\n{_data(text, LIMITS.log)}")
    return "\n".join(lines)


def _first_text(evidence: Evidence) -> Iterator[str]:
    for trajectory in evidence.trajectories[:1]:
        for observation in trajectory.observations[:1]:
            if observation.text.strip() or observation.title:
                text = f"{observation.title}\n{observation.text}".strip()
                yield "## What it shows first\n\n" + _data(text, LIMITS.page)


def _steps(trajectory: Trajectory) -> str:
    if trajectory.policy == "replay":
        head = f"## Scenario {trajectory.scenario}: steps that a person recorded"
    else:
        head = f"## Scenario {trajectory.scenario}: steps chosen by looking at this program"
    lines = [line for step in trajectory.steps[: LIMITS.steps] for line in _step(trajectory, step)]
    if len(trajectory.steps) > LIMITS.steps:
        lines.append(f"({len(trajectory.steps) - LIMITS.steps} more steps are not shown)")
    claims = [f"{c.step} ({c.severity}): {c.message}; it saw: {c.quote}" for c in trajectory.claims if c.supported]
    if claims:
        lines.append("What the model that chose these steps found wrong, each with words that were there:")
        lines.append(_data("\n".join(claims), LIMITS.log))
    if trajectory.driver_error:
        lines.append("Then our own test driver failed, which says nothing about the program.")
    return head + "\n\n" + "\n".join(lines)


def _step(trajectory: Trajectory, step: StepRecord) -> Iterator[str]:
    yield f"{trajectory.scenario}#{step.index} {step.do}: {step.outcome}"
    told = [f"intent: {step.intent}"] if step.intent else []
    told += [f"action: {step.detail}"] if step.detail else []
    told += [f"reason: {step.reason}"] if step.reason and step.outcome != "driver_error" else []
    for expectation in step.expectations:
        seen = f", seen: {expectation.seen}" if expectation.seen and not expectation.held else ""
        told.append(f"expected: {expectation.expected}: {'held' if expectation.held else 'did not hold'}{seen}")
    told += [f"appeared: {line}" for line in _telling(step.change.added)]
    told += [f"vanished: {line}" for line in _telling(step.change.removed)]
    if told:
        yield _data("\n".join(told), LIMITS.log)


def _telling(lines: tuple[str, ...]) -> list[str]:
    """The first lines of a snapshot that say more than that there is a box."""
    return [line.strip() for line in lines if not _BOX.fullmatch(line.strip())][:6]


def _complaints(evidence: Evidence, all_steps: bool) -> str:
    seen = [
        Seen(reference_of(trajectory, index), observation)
        for trajectory in evidence.trajectories
        for index, observation in enumerate(trajectory.observations)
    ]
    if not all_steps:
        seen = [s for s in seen if s.reference.endswith("#launch")]
    lines = [f"{f.kind} at {f.reference}: {f.text}" for f in faults(seen, evidence.blocked_requests)]
    if not lines:
        return ""
    return "## Exceptions, console errors and failed requests\n\n" + _data("\n".join(lines), LIMITS.log)


def _limits(evidence: Evidence) -> Iterator[str]:
    if evidence.blocked_requests:
        urls = "\n".join(dict.fromkeys(f"{r.kind} {r.url}" for r in evidence.blocked_requests))
        yield "## Refused by the closed network (never a fault of the program)\n\n" + _data(urls, LIMITS.log)


def _code(solution: Solution | None) -> str:
    if solution is None or not solution.files:
        return "## Code\n\nThere is no code to show."
    names = sorted(solution.files, key=lambda name: (name != solution.entry, name))
    parts, left = [], LIMITS.code
    for name in names:
        if not _TEXT_FILES.search(name) or left <= 0:
            parts.append(f"File, not shown:\n{_data(name, 300)}")
            continue
        text = solution.files[name].decode("utf-8", errors="replace")
        parts.append(f"File:\n{_data(name, 300)}\n{_data(text, left)}")
        left -= len(text)
    return "## Code\n\n" + "\n\n".join(parts)


def _data(text: str, limit: int) -> str:
    clean = anonymise(text)
    if len(clean) <= limit:
        return quoted(clean)
    return f"{quoted(clean[:limit])}\n({len(clean) - limit} more characters are not shown)"

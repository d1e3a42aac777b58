"""The evidence judge's reasons in words.

The words never say "A" or "B": they speak of the winner and the other, so that a
verdict and the verdict with the two exchanged have the same rationale.
"""

from __future__ import annotations

from agent_judge.judge.sides import Side, TriedStep, launch_failed
from agent_judge.schema import Criterion
from agent_judge.wording import counted

_AT_MOST = 3
_NEVER_CITED_ALONE = {"steps", "completed", "expectations", "stability"}
"""Criteria that the broken steps themselves tell better."""


def reasons_to_win(winner: Side, loser: Side, criteria: tuple[Criterion, ...]) -> str:
    """Says what decided, most decisive first.

    Args:
        winner: The better side.
        loser: The other side.
        criteria: With ``a`` as the winner's score and ``b`` as the loser's.
    """
    weighty = sorted((c for c in criteria if c.weight * (c.a - c.b) > 0), key=lambda c: -c.weight * (c.a - c.b))
    parts = [f"the other {_launch_failure(loser)}"] if _launch_failure(loser) else _broken_steps(loser)
    if not _launch_failure(loser):
        total = sum(c.weight * (c.a - c.b) for c in weighty)
        for criterion in weighty:
            telling = criterion.weight * (criterion.a - criterion.b) > 0.15 * total
            if criterion.criterion not in _NEVER_CITED_ALONE and (telling or not parts):
                parts.append(f"{criterion.criterion.replace('_', ' ')}: {criterion.message}")
    if winner.tried:
        parts.append(f"the winner did {_done(winner)} and the other {sum(s.outcome == 'done' for s in loser.tried)}")
    against = [c for c in criteria if c.weight * (c.b - c.a) > 0.5]
    sentence = _sentence(parts[: _AT_MOST + 1])
    if against:
        sentence += " Against it: " + "; ".join(c.message for c in against[:2]) + "."
    return sentence


def reasons_to_tie(one: Side, two: Side, criteria: tuple[Criterion, ...]) -> str:
    """Says why the difference is too small to decide."""
    if one.tried or two.tried:
        what = f"Both did the recorded steps about equally well ({_joined({_done(one), _done(two)})})"
    elif one.free or two.free:
        what = "Both respond to input about equally well"
    else:
        what = "Neither was used; what they show at first is about equally good"
    small = sorted((c for c in criteria if c.weight * abs(c.a - c.b) > 0.25), key=lambda c: -c.weight * abs(c.a - c.b))
    rest = "; ".join(c.message for c in small[:2])
    return f"{what}. What differs is too little to decide: {rest}." if rest else f"{what}."


def reasons_for_both_bad(one: Side, two: Side) -> str:
    """Says that neither works, and why."""
    return "Neither works: " + _joined({_failure(one), _failure(two)}) + "."


def step_in_words(step: TriedStep) -> str:
    """What went wrong at a step, with its reference."""
    record = step.record
    what = (record.intent or record.detail or record.do) if record else ""
    at = f"“{what}”" if what else "this step"
    because = f": {_trimmed(record.reason)}" if record and record.reason else ""
    if step.outcome == "crashed":
        return f"crashed at {at}{because} ({step.reference})" if record else f"was dead by then ({step.reference})"
    if step.outcome == "not_found":
        return f"has nothing that fits {at} ({step.reference})"
    return f"did not do what was expected at {at}{because} ({step.reference})"


def _broken_steps(loser: Side) -> list[str]:
    """The first step per scenario that only the loser failed at; what follows is often only its consequence."""
    first: dict[str, TriedStep] = {}
    for step in loser.tried:
        if step.outcome != "done" and step.other_done:
            first.setdefault(step.scenario, step)
    parts = [f"the other {step_in_words(step)}" for step in list(first.values())[:_AT_MOST]]
    crash = next((s for s in loser.used if s.outcome == "crashed"), None)
    if crash and not any(crash.reference in part for part in parts):
        told = step_in_words(crash) if isinstance(crash, TriedStep) else f"crashed ({crash.reference})"
        parts.insert(0, f"the other {told}")
    return parts


def _failure(side: Side) -> str:
    return "one " + (
        _launch_failure(side)
        or (f"did {_done(side)}" if side.tried and not side.evidence.probes.blank else "shows a blank page")
    )


def _launch_failure(side: Side) -> str:
    for reference, report in side.launches:
        if launch_failed(report):
            what = {
                "build_failed": "does not build",
                "never_ready": "never got ready",
                "crashed": "crashed at the start",
                "killed": "was stopped at a limit",
            }[report.outcome]
            return f"{what}{': ' + _trimmed(report.reason) if report.reason else ''} ({reference})"
    return ""


def _done(side: Side) -> str:
    return f"{sum(s.outcome == 'done' for s in side.tried)} of {counted(len(side.tried), 'step')}"


def _joined(words: set[str]) -> str:
    return "; ".join(sorted(words))


def _sentence(parts: list[str]) -> str:
    text = "; ".join(parts)
    return text[:1].upper() + text[1:] + "."


def _trimmed(text: str, limit: int = 160) -> str:
    line = " ".join(text.split()).rstrip(".")
    return line if len(line) <= limit else line[: limit - 1] + "…"

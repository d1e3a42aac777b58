"""What the evidence judge measures: pure functions from one side of a comparison to a score.

Every score lies between 0 and 1, and more is always better. A function gives
``None`` where its subject was not measured or does not apply; a criterion counts
only where both sides have a score.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from statistics import fmean

from agent_judge.drive.complaints import Complaint
from agent_judge.judge.faults import Fault, faults
from agent_judge.judge.sides import Side, TriedStep
from agent_judge.judge.weights import StepCredit
from agent_judge.schema import LaunchReport

SMOOTH = 30.0
"""Frames per second from which on an idling page counts as smooth."""
MANY_CONTROLS = 6.0
"""With this many working controls, a page has about two thirds of the score for them."""
SCROLLBAR = 2.0
"""Overflow of up to this many CSS pixels is rounding."""
IMPACT = {"minor": 0.1, "moderate": 0.25, "serious": 0.5, "critical": 1.0}


@dataclass(frozen=True)
class Measure:
    """How one side did by one criterion."""

    score: float
    words: str
    steps: tuple[str, ...] = ()
    """References to the steps that cost it something."""


Feature = Callable[[Side, StepCredit], Measure | None]


def measure(side: Side, credit: StepCredit) -> Mapping[str, Measure | None]:
    """Measures one side by every criterion."""
    return {name: feature(side, credit) for name, feature in _FEATURES.items()}


def _launched(side: Side, credit: StepCredit) -> Measure | None:
    """Mean over the launches: 1 runs, 0.4 ran to a failing end, 0 did not run."""
    if not side.launches:
        return None
    scores = [_launch_score(report) for _, report in side.launches]
    failed = [(ref, report) for (ref, report), score in zip(side.launches, scores, strict=True) if score < 1]
    words = _launch_words(failed[0][1]) if failed else "starts"
    return Measure(fmean(scores), words, tuple(ref for ref, _ in failed))


def _launch_score(report: LaunchReport) -> float:
    if report.outcome not in ("ready", "finished"):
        return 0.0
    return 1.0 if not report.exit_code else 0.4


def _launch_words(report: LaunchReport) -> str:
    what = {
        "build_failed": "does not build",
        "never_ready": "never gets ready",
        "crashed": "crashes at the start",
        "killed": "is stopped at a limit",
    }.get(report.outcome, f"ends with exit code {report.exit_code}")
    return f"{what}: {report.reason}" if report.reason else what


def _visible(side: Side, credit: StepCredit) -> Measure | None:
    """1 when the first screenshot shows something, 0 when it is blank."""
    blank = side.evidence.probes.blank
    if blank is None:
        return None
    return Measure(0.0 if blank else 1.0, "the page is blank" if blank else "shows something")


def _stability(side: Side, credit: StepCredit) -> Measure | None:
    """1 over 1 plus the number of scenarios that it died in."""
    outcomes = [(s.scenario, s.reference, s.outcome) for s in side.used]
    if not outcomes:
        return None
    died: dict[str, str] = {}
    for scenario, reference, outcome in outcomes:
        if outcome == "crashed":
            died.setdefault(scenario, reference)
    words = f"crashes in {_count(len(died), 'scenario')}" if died else "does not crash"
    return Measure(1 / (1 + len(died)), words, tuple(died.values()))


def _steps(side: Side, credit: StepCredit) -> Measure | None:
    """Mean credit of the recorded steps, each scenario counting the same."""
    if not side.tried:
        return None
    worth = credit.model_dump()
    means = [fmean(worth[s.outcome] for s in steps) for steps in _by_scenario(side).values()]
    done = sum(s.outcome == "done" for s in side.tried)
    failed = tuple(s.reference for s in side.tried if s.outcome != "done")
    return Measure(fmean(means), f"{done} of {_count(len(side.tried), 'step')} done", failed)


def _completed(side: Side, credit: StepCredit) -> Measure | None:
    """Share of scenarios in which every step was done."""
    if not side.tried:
        return None
    scenarios = _by_scenario(side)
    whole = [all(s.outcome == "done" for s in steps) for steps in scenarios.values()]
    breaks = tuple(
        next(s.reference for s in steps if s.outcome != "done")
        for steps, complete in zip(scenarios.values(), whole, strict=True)
        if not complete
    )
    return Measure(fmean(whole), f"{sum(whole)} of {_count(len(whole), 'scenario')} completed", breaks)


def _expectations(side: Side, credit: StepCredit) -> Measure | None:
    """Share of the scenarios' expectations that held."""
    expected = sum(s.expected for s in side.tried)
    if not expected:
        return None
    held = sum(s.held for s in side.tried)
    missed = tuple(s.reference for s in side.tried if s.held < s.expected)
    return Measure(held / expected, f"{held} of {_count(expected, 'expectation')} held", missed)


def _responsiveness(side: Side, credit: StepCredit) -> Measure | None:
    """Of the controls that an exploration tells something of: half the share that work, half 1 over 1 plus the dead.

    One button that does nothing is a defect, however many others there are. A control
    that did something at any time is not dead.
    """
    working, dead = _controls(side)
    if not (working or dead):
        return None
    score = (len(working) / (len(working) + len(dead)) + 1 / (1 + len(dead))) / 2
    words = f"{_count(len(dead), 'control')} without effect" if dead else "every control works"
    return Measure(score, words, tuple(dead.values()))


def _working_controls(side: Side, credit: StepCredit) -> Measure | None:
    """How many different controls had an effect when explored: 1 - exp(-n/6)."""
    if not side.free:
        return None
    working, _ = _controls(side)
    return Measure(-math.expm1(-len(working) / MANY_CONTROLS), _count(len(working), "working control"))


def _controls(side: Side) -> tuple[set[str], dict[str, str]]:
    """The controls that had an effect, and those that never had one with the steps that show it."""
    steps = [step for step in side.free if step.record.do != "scroll"]
    working = {step.control for step in steps if step.effective}
    dead: dict[str, str] = {}
    for step in steps:
        if step.dead and step.control not in working:
            dead.setdefault(step.control, step.reference)
    return working, dead


def _exceptions(side: Side, credit: StepCredit) -> Measure | None:
    """1 over 1 plus the number of different uncaught exceptions."""
    return _few(side, ("exception",), 1.0, "uncaught exception")


def _console(side: Side, credit: StepCredit) -> Measure | None:
    """1 over 1 plus half the number of different console errors and failed requests."""
    return _few(side, ("console", "request"), 0.5, "console error or failed request")


def _few(side: Side, kinds: tuple[Complaint, ...], each: float, noun: str) -> Measure | None:
    if not side.seen:
        return None
    found: list[Fault] = [f for f in faults(side.seen, side.evidence.blocked_requests) if f.kind in kinds]
    references = tuple(dict.fromkeys(f.reference for f in found))
    words = f"{noun}: {_short(found[0].text)}" if len(found) == 1 else _count(len(found), noun)
    return Measure(1 / (1 + each * len(found)), words, references)


def _substance(side: Side, credit: StepCredit) -> Measure | None:
    """How much there is to see in the first screenshot."""
    substance = side.evidence.probes.substance
    return None if substance is None else Measure(substance, f"visual substance {substance:.2f}")


def _coverage(side: Side, credit: StepCredit) -> Measure | None:
    """Share of the task's telling words that the page shows."""
    coverage = side.evidence.probes.coverage
    return None if coverage is None else Measure(coverage, f"{coverage:.0%} of the task's words on the page")


def _accessibility(side: Side, credit: StepCredit) -> Measure | None:
    """1 over 1 plus half the violated rules of axe-core by impact, repeated ones counting logarithmically."""
    violations = side.evidence.probes.accessibility
    if violations is None:
        return None
    burden = sum(IMPACT.get(v.impact, 0.25) * (1 + math.log2(max(v.count, 1))) for v in violations)
    return Measure(1 / (1 + burden / 2), _count(len(violations), "accessibility rule") + " broken")


def _layout(side: Side, credit: StepCredit) -> Measure | None:
    """1 when nothing sticks out of the viewport's width, one half at 100 CSS pixels."""
    overflow = side.evidence.probes.overflow
    if overflow is None:
        return None
    excess = overflow if overflow > SCROLLBAR else 0.0
    return Measure(1 / (1 + excess / 100), f"{overflow:.0f} px wider than the window" if excess else "fits the window")


def _frame_rate(side: Side, credit: StepCredit) -> Measure | None:
    """Frame rate while idling, up to what the eye takes as smooth."""
    rate = side.evidence.probes.frame_rate
    return None if rate is None else Measure(min(rate / SMOOTH, 1.0), "smooth" if rate >= SMOOTH else f"{rate:.0f} fps")


_FEATURES: dict[str, Feature] = {
    "launched": _launched,
    "visible": _visible,
    "stability": _stability,
    "steps": _steps,
    "completed": _completed,
    "expectations": _expectations,
    "responsiveness": _responsiveness,
    "working_controls": _working_controls,
    "exceptions": _exceptions,
    "console": _console,
    "substance": _substance,
    "coverage": _coverage,
    "accessibility": _accessibility,
    "layout": _layout,
    "frame_rate": _frame_rate,
}


def _by_scenario(side: Side) -> dict[str, list[TriedStep]]:
    grouped: dict[str, list[TriedStep]] = {}
    for step in side.tried:
        grouped.setdefault(step.scenario, []).append(step)
    return grouped


def _count(number: int, noun: str) -> str:
    return f"{number or 'no'} {noun}{'' if number == 1 else 's'}"


def _short(text: str, limit: int = 120) -> str:
    line = " ".join(text.split())
    return line if len(line) <= limit else line[: limit - 1] + "…"

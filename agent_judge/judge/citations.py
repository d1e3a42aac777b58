"""Checks what a model judge cites: the steps exist, and the quoted words are in the evidence."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal

from agent_judge.judge.ballot import Ballot, BallotFinding
from agent_judge.schema import Claim, Evidence, LaunchReport, Observation, Solution, StepRecord

_SHORTEST_QUOTE = 2
_REFERENCE = re.compile(r"^.*#(?:\d+|launch)$")


class Sources:
    """What one solution's claims can point at."""

    def __init__(self, evidence: Evidence, code: Solution | None = None, shown: str = "") -> None:
        """Gathers what was there to be seen.

        Args:
            evidence: What the solution did.
            code: Its code, where it is shown.
            shown: What the judge was told of it, from which names are gone and which has our words for outcomes.
        """
        self.steps = frozenset(_steps(evidence))
        self._text = _plain("\n".join([*_texts(evidence), *_code(code)])) + "\n" + _plain(shown)

    def problem_with(self, steps: tuple[str, ...], quotes: tuple[str, ...]) -> str:
        """Says why a claim with these citations is not supported, or nothing."""
        if not steps and not quotes:
            return "it cites nothing"
        for step in steps:
            if step not in self.steps:
                return f"there is no step {step}" if _REFERENCE.match(step) else f"{step!r} does not name a step"
        for quote in quotes:
            plain = _plain(quote)
            if len(plain) < _SHORTEST_QUOTE or not _contained(plain, self._text):
                return f"“{quote[:80]}” is not in the evidence"
        return ""


def checked(ballot: Ballot, first: Literal["A", "B"], sources: dict[str, Sources]) -> tuple[Claim, ...]:
    """Turns a ballot's findings into claims, each marked with whether its citations hold.

    Args:
        ballot: What the model answered.
        first: Which side it saw first.
        sources: What the sides ``A`` and ``B`` hold.
    """
    return tuple(_claim(finding, first, sources) for finding in ballot.findings)


def share_supported(claims: tuple[Claim, ...]) -> float | None:
    """Share of the claims that the evidence bears out; ``None`` where there are none."""
    return sum(claim.supported for claim in claims) / len(claims) if claims else None


def _claim(finding: BallotFinding, first: Literal["A", "B"], sources: dict[str, Sources]) -> Claim:
    second: Literal["A", "B"] = "B" if first == "A" else "A"
    side = first if finding.program == "first" else second
    steps, quotes = tuple(finding.steps), tuple(finding.quotes)
    problem = sources[side].problem_with(steps, quotes)
    return Claim(
        side=side,
        severity="info" if finding.good else finding.severity,
        criterion=finding.criterion,
        message=finding.message,
        steps=steps,
        quotes=quotes,
        supported=not problem,
        problem=problem,
    )


def _contained(quote: str, text: str) -> bool:
    """Whether a quote occurs; ``...`` within it stands for words left out."""
    parts = [part.strip() for part in re.split(r"\.\.\.|…", quote) if part.strip()]
    at = 0
    for part in parts:
        at = text.find(part, at)
        if at < 0:
            return False
        at += len(part)
    return bool(parts)


def _plain(text: str) -> str:
    unquoted = re.sub(r"^\| ?", "", text, flags=re.MULTILINE)
    return " ".join(unquoted.split()).casefold()


def _steps(evidence: Evidence) -> Iterator[str]:
    if not evidence.trajectories:
        yield "#launch"
    for trajectory in evidence.trajectories:
        yield f"{trajectory.scenario}#launch"
        for step in trajectory.steps:
            yield f"{trajectory.scenario}#{step.index}"


def _texts(evidence: Evidence) -> Iterator[str]:
    yield from _launch_texts(evidence.launch)
    for trajectory in evidence.trajectories:
        yield from _launch_texts(trajectory.launch)
        for step in trajectory.steps:
            yield from _step_texts(step)
        for observation in trajectory.observations:
            yield from _observation_texts(observation)
    for violation in evidence.probes.accessibility or ():
        yield f"{violation.rule} {violation.help}"


def _launch_texts(report: LaunchReport) -> Iterator[str]:
    yield from (report.reason, report.build_log, report.stdout, report.stderr)


def _step_texts(step: StepRecord) -> Iterator[str]:
    yield from (step.intent, step.detail, step.reason)
    for expectation in step.expectations:
        yield from (expectation.expected, expectation.seen)
    yield from (*step.change.added, *step.change.removed)


def _observation_texts(observation: Observation) -> Iterator[str]:
    yield from (observation.title, observation.url, observation.text, observation.snapshot)
    yield from (*observation.errors, *observation.failed_requests, *observation.dialogs)
    yield from (message.text for message in observation.console)


def _code(code: Solution | None) -> Iterator[str]:
    for path, content in (code.files if code else {}).items():
        yield path
        yield content.decode("utf-8", errors="replace")

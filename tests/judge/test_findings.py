from __future__ import annotations

import pytest

from agent_judge.judge import findings
from agent_judge.schema import AccessibilityViolation, BlockedRequest, Evidence, Finding, LaunchReport
from tests.judge.evidence_builder import READY, complain, evidence, trajectory


def only(evidence: Evidence) -> Finding:
    (finding,) = findings(evidence)
    return finding


def test_a_flawless_solution_has_none() -> None:
    assert findings(evidence(trajectory("dddd"), trajectory(scenario="look"))) == ()


@pytest.mark.parametrize(
    ("letter", "severity", "criterion", "words"),
    [
        ("n", "major", "expectations", "expected the text “Total: 7”, saw Total: 3"),
        ("f", "major", "steps", "nothing on the page fits “do thing 1”"),
        ("c", "critical", "stability", "crashes at “do thing 1”"),
        ("e", "info", "driver", "our own side failed"),
    ],
)
def test_every_outcome_but_done_is_told_with_its_step(letter: str, severity: str, criterion: str, words: str) -> None:
    finding = only(evidence(trajectory(f"d{letter}d")))
    assert (finding.severity, finding.criterion, finding.steps) == (severity, criterion, ("use#1",))
    assert words in finding.message


@pytest.mark.parametrize("outcome", ["build_failed", "never_ready", "crashed", "killed"])
def test_a_solution_that_does_not_start_is_critical(outcome: str) -> None:
    report = LaunchReport.model_validate({"outcome": outcome, "reason": "the reason"})
    finding = only(evidence(launch=report))
    assert (finding.severity, finding.criterion) == ("critical", "launched")
    assert finding.message.endswith(": the reason")


def test_the_same_failure_to_start_in_two_scenarios_is_one_finding() -> None:
    report = LaunchReport(outcome="crashed", reason="boom")
    both = evidence(trajectory(launch=report), trajectory(scenario="two", launch=report), launch=report)
    assert only(both).steps == ("use#launch", "two#launch")


def test_a_blocked_launch_is_no_fault() -> None:
    assert only(evidence(launch=LaunchReport(outcome="blocked", reason="needs a GPU"))).severity == "info"


def test_a_program_that_ends_badly_is_major() -> None:
    ended = READY.model_copy(update={"outcome": "finished", "exit_code": 3})
    finding = only(evidence(trajectory(scenario="look", launch=ended)))
    assert (finding.severity, finding.message) == ("major", "it ends with exit code 3")


def test_what_the_page_complains_about_is_told_where_it_first_happened() -> None:
    noisy = complain(trajectory("ddd"), 2, errors=("TypeError: x",), console=("bad prop",), requests=("GET /api 404",))
    noisy = complain(noisy, 3, errors=("TypeError: x",))
    told = {f.message: f for f in findings(evidence(noisy))}
    assert set(told) == {"uncaught exception: TypeError: x", "console error: bad prop", "failed request: GET /api 404"}
    assert {f.steps for f in told.values()} == {("use#1",)}
    assert told["uncaught exception: TypeError: x"].severity == "major"


def test_refused_requests_are_told_once_each_as_a_limit_of_the_sandbox() -> None:
    blocked = BlockedRequest(url="https://api.example/v1", kind="fetch")
    finding = only(evidence(trajectory("d"), blocked=(blocked, blocked)))
    assert (finding.severity, finding.criterion) == ("info", "environment")


def test_probes_that_found_something_are_told() -> None:
    violation = AccessibilityViolation(rule="label", impact="critical", help="Fields need labels", count=2)
    told = findings(evidence(trajectory("d"), accessibility=(violation,), overflow=80.0, frame_rate=4.0, blank=True))
    assert [f.criterion for f in told] == ["visible", "accessibility", "layout", "frame_rate"]
    assert all(f.steps == ("use#launch",) for f in told)


def test_the_gravest_come_first() -> None:
    told = findings(evidence(complain(trajectory("dnc"), 0, console=("odd",)), overflow=50.0))
    assert [f.severity for f in told] == ["critical", "major", "minor", "minor"]


def test_our_own_failure_is_told_but_counts_against_nobody() -> None:
    finding = only(evidence(trajectory("d", driver_error="the browser is gone")))
    assert (finding.severity, finding.criterion) == ("info", "driver")

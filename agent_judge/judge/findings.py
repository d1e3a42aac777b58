"""What an audit tells about one solution: every problem its Evidence shows, with the steps that show it."""

from __future__ import annotations

from collections.abc import Iterator

from agent_judge.drive.complaints import Complaint
from agent_judge.judge.faults import faults
from agent_judge.judge.features import SCROLLBAR, SMOOTH
from agent_judge.judge.sides import Seen, reference_of
from agent_judge.schema import Evidence, Finding, LaunchReport, Severity, StepRecord, Trajectory

_ORDER: dict[Severity, int] = {"critical": 0, "major": 1, "minor": 2, "info": 3}
_IMPACT: dict[str, Severity] = {"critical": "major", "serious": "major", "moderate": "minor", "minor": "minor"}
_LAUNCH: dict[str, tuple[Severity, str]] = {
    "build_failed": ("critical", "it does not build"),
    "never_ready": ("critical", "it never gets ready"),
    "crashed": ("critical", "it crashes at the start"),
    "killed": ("critical", "it was stopped at a limit"),
    "blocked": ("info", "it needs what the sandbox refuses"),
}


def findings(evidence: Evidence) -> tuple[Finding, ...]:
    """Lists what is wrong with a solution, the gravest first; equal ones in the order of the steps."""
    found = [
        *_launches(evidence),
        *_page(evidence),
        *(f for trajectory in evidence.trajectories for f in _trajectory(trajectory)),
        *_complaints(evidence),
        *_probes(evidence),
        *_limits(evidence),
    ]
    return tuple(sorted(found, key=lambda f: _ORDER[f.severity]))


def _launches(evidence: Evidence) -> Iterator[Finding]:
    reports = {f"{t.scenario}#launch": t.launch for t in evidence.trajectories if not t.driver_error}
    same: dict[tuple[str, str, int | None], list[str]] = {}
    for reference, report in reports.items():
        same.setdefault((report.outcome, report.reason, report.exit_code), []).append(reference)
    if not evidence.trajectories:
        same[(evidence.launch.outcome, evidence.launch.reason, evidence.launch.exit_code)] = []
    for (outcome, reason, exit_code), references in same.items():
        report = LaunchReport.model_validate({"outcome": outcome, "reason": reason, "exit_code": exit_code})
        told = _launch(report)
        if told:
            yield Finding(severity=told[0], criterion="launched", message=told[1], steps=tuple(references))


def _launch(report: LaunchReport) -> tuple[Severity, str] | None:
    if report.outcome in _LAUNCH:
        severity, what = _LAUNCH[report.outcome]
        return severity, f"{what}: {report.reason}" if report.reason else what
    if report.exit_code:
        return "major", f"it ends with exit code {report.exit_code}"
    return None


def _page(evidence: Evidence) -> Iterator[Finding]:
    if evidence.probes.blank:
        yield Finding(
            severity="critical", criterion="visible", message="the page is blank", steps=_launch_steps(evidence)
        )


def _trajectory(trajectory: Trajectory) -> Iterator[Finding]:
    for step in trajectory.steps:
        finding = _step(trajectory, step)
        if finding:
            yield finding
    for claim in trajectory.claims:
        if claim.supported:
            message = f"{claim.message} (“{claim.quote}”)"
            yield Finding(severity=claim.severity, criterion="agent", message=message, steps=(claim.step,))
    if trajectory.driver_error:
        message = f"our own side failed, which counts against nobody: {trajectory.driver_error}"
        yield Finding(severity="info", criterion="driver", message=message, steps=(f"{trajectory.scenario}#launch",))


def _step(trajectory: Trajectory, step: StepRecord) -> Finding | None:
    what = step.intent or step.detail or step.do
    because = f": {step.reason}" if step.reason else ""
    severity: Severity
    match step.outcome:
        case "done":
            return None
        case "crashed":
            severity, criterion, message = "critical", "stability", f"crashes at “{what}”{because}"
        case "not_found":
            severity, criterion, message = "major", "steps", f"nothing on the page fits “{what}”{because}"
        case "driver_error":
            severity, criterion, message = "info", "driver", f"our own side failed at “{what}”{because}"
        case "no_effect":
            missed = "; ".join(
                f"expected {e.expected}" + (f", saw {e.seen}" if e.seen else "")
                for e in step.expectations
                if not e.held
            )
            # What was chosen without being asked for may have been the wrong thing to use.
            severity = "major" if trajectory.policy == "replay" else "minor" if missed else "info"
            criterion = "expectations" if missed else "responsiveness"
            message = (
                f"“{what}” has no effect{because}" if not missed else f"“{what}” does not do what it should: {missed}"
            )
    reference = f"{trajectory.scenario}#{step.index}"
    return Finding(severity=severity, criterion=criterion, message=message, steps=(reference,))


def _complaints(evidence: Evidence) -> Iterator[Finding]:
    told: dict[Complaint, tuple[Severity, str, str]] = {
        "exception": ("major", "exceptions", "uncaught exception: "),
        "console": ("minor", "console", "console error: "),
        "request": ("minor", "console", "failed request: "),
    }
    seen = (Seen(reference_of(t, i), o) for t in evidence.trajectories for i, o in enumerate(t.observations))
    for fault in faults(seen, evidence.blocked_requests):
        severity, criterion, label = told[fault.kind]
        message = label + " ".join(fault.text.split())
        yield Finding(severity=severity, criterion=criterion, message=message, steps=(fault.reference,))


def _probes(evidence: Evidence) -> Iterator[Finding]:
    probes, steps = evidence.probes, _launch_steps(evidence)
    for violation in probes.accessibility or ():
        message = f"{violation.help} ({violation.rule}, {violation.count}×)"
        severity = _IMPACT.get(violation.impact, "minor")
        yield Finding(severity=severity, criterion="accessibility", message=message, steps=steps)
    if probes.overflow is not None and probes.overflow > SCROLLBAR:
        message = f"the page is {probes.overflow:.0f} px wider than the window"
        yield Finding(severity="minor", criterion="layout", message=message, steps=steps)
    if probes.frame_rate is not None and probes.frame_rate < SMOOTH:
        message = f"only {probes.frame_rate:.0f} frames per second while idle"
        yield Finding(severity="minor", criterion="frame_rate", message=message, steps=steps)


def _limits(evidence: Evidence) -> Iterator[Finding]:
    for request in dict.fromkeys(evidence.blocked_requests):
        message = f"the closed network refused {request.url} ({request.kind}): a limit of the sandbox"
        yield Finding(severity="info", criterion="environment", message=message)


def _launch_steps(evidence: Evidence) -> tuple[str, ...]:
    return tuple(f"{t.scenario}#launch" for t in evidence.trajectories[:1])

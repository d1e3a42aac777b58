"""What happened when a solution was launched and used, and what was seen."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from agent_judge.schema.base import Gathered
from agent_judge.schema.cost import Cost
from agent_judge.schema.scenario import ExpectationKind
from agent_judge.schema.target import Box

LaunchOutcome = Literal["ready", "finished", "build_failed", "never_ready", "crashed", "killed", "blocked"]
StepOutcome = Literal["done", "no_effect", "not_found", "crashed", "driver_error"]


class BlockedRequest(Gathered):
    """A request that the closed network refused: a limit of the sandbox, not a fault of the solution."""

    url: str
    kind: str
    """Playwright's resource type (``script``, ``fetch``, ...), or ``websocket``."""


class LaunchReport(Gathered):
    """How starting a Solution went."""

    outcome: LaunchOutcome
    reason: str = ""
    """Why it is not ``ready`` or ``finished``: one line, naming the limit or the error."""
    seconds: float = 0.0
    build_log: str = ""
    stdout: str = ""
    stderr: str = ""
    exit_code: int | None = None
    artifacts: tuple[str, ...] = ()
    """Files that a finished program made."""
    packages: dict[str, str] = Field(default_factory=dict)
    """Packages from a registry that it ran with, by name, at the versions that its wishes were resolved to."""


class ConsoleMessage(Gathered):
    """A line of the page's console."""

    level: str
    text: str


class Observation(Gathered):
    """What is seen at one moment; console, errors and requests are those since the one before."""

    at: float
    """Seconds since the session was ready."""
    url: str
    title: str = ""
    screenshot: str = ""
    """Path within the store (``<key>/step-003.png``); empty when the page could not be pictured."""
    snapshot: str = ""
    """Accessibility snapshot, as Playwright's YAML."""
    text: str = ""
    """Visible text."""
    console: tuple[ConsoleMessage, ...] = ()
    errors: tuple[str, ...] = ()
    """Uncaught exceptions and unhandled rejections."""
    failed_requests: tuple[str, ...] = ()
    """Requests to the solution itself that failed."""
    dialogs: tuple[str, ...] = ()
    """Texts of alert, confirm and prompt boxes, which are dismissed or accepted at once."""


class Change(Gathered):
    """What a step changed, from the Observation before it to the one after it."""

    pixels: float = 0.0
    """Share of pixels that differ, 0 to 1."""
    added: tuple[str, ...] = ()
    """Lines that the accessibility snapshot gained."""
    removed: tuple[str, ...] = ()
    url: bool = False

    @property
    def any(self) -> bool:
        """Whether anything a person could notice changed."""
        return bool(self.pixels > 0 or self.added or self.removed or self.url)


class Grounding(Gathered):
    """Which element a Target was found to mean."""

    score: float
    """0 to 1; the greater, the surer."""
    method: str
    """What decided: ``role+name``, ``near``, ``synonym``, ``selector``, ``box``, ..."""
    element: str
    """The element in words: role and name."""
    box: Box | None = None
    alternatives: tuple[str, ...] = ()
    """The next best candidates, in words with their scores."""


class ExpectationResult(Gathered):
    """Whether one Expectation came true."""

    kind: ExpectationKind
    held: bool
    expected: str
    """The expectation in words."""
    seen: str = ""
    """What was there instead, where it did not hold."""


class StepRecord(Gathered):
    """An executed Step. ``before`` and ``after`` index the Trajectory's observations."""

    index: int
    do: str
    intent: str = ""
    detail: str = ""
    """The action in words: ``fill textbox "Name" with "Ann"``."""
    outcome: StepOutcome
    reason: str = ""
    """Why the outcome is not ``done``."""
    grounding: Grounding | None = None
    expectations: tuple[ExpectationResult, ...] = ()
    before: int
    after: int
    change: Change = Change()
    seconds: float = 0.0


Severity = Literal["info", "minor", "major", "critical"]


class DriverClaim(Gathered):
    """What a model that drove a solution says it found at a step, and whether that step's evidence bears it out."""

    step: str
    """Reference ``<scenario>#<step index>``."""
    severity: Severity
    message: str
    quote: str
    """Text that it says it saw after the step."""
    supported: bool
    problem: str = ""
    """Why it is not supported; it does not count then."""


class Trajectory(Gathered):
    """The executed steps of one scenario, or of one exploration, with what was seen."""

    scenario: str
    """The scenario's id, or ``explore`` / ``look``."""
    title: str = ""
    policy: Literal["replay", "explore", "agent", "look"]
    launch: LaunchReport
    observations: tuple[Observation, ...] = ()
    steps: tuple[StepRecord, ...] = ()
    exercised: float | None = None
    """Share of the page's distinct controls that were used; for ``explore`` only."""
    driver_error: str = ""
    """Set when our own side failed; such a trajectory is never held against the solution."""
    claims: tuple[DriverClaim, ...] = ()
    """What the model found that drove; for ``agent`` only."""
    cost: Cost = Cost()
    """What asking models cost, for actions or for which element a step means."""

    @property
    def completed(self) -> bool:
        """Whether every step was done."""
        return bool(self.steps) and all(step.outcome == "done" for step in self.steps)


class AccessibilityViolation(Gathered):
    """A rule of axe-core that the page breaks."""

    rule: str
    impact: str
    """``minor``, ``moderate``, ``serious`` or ``critical``."""
    help: str
    count: int


class Probes(Gathered):
    """Measurements beside the scenarios. ``None`` is: could not be measured."""

    first_contentful_paint: float | None = None
    """Milliseconds from navigation."""
    frame_rate: float | None = None
    """Frames per second over a second of idling."""
    accessibility: tuple[AccessibilityViolation, ...] | None = None
    overflow: float | None = None
    """By how many CSS pixels the page is wider than its viewport."""
    blank: bool | None = None
    """Whether the first screenshot shows nothing."""
    substance: float | None = None
    """How much there is to see, 0 (one flat colour) to 1 (rich), from the first screenshot."""
    coverage: float | None = None
    """Share of the task's telling words that occur in the visible text or names."""


class Finding(Gathered):
    """Something worth telling about a solution, and the steps that show it."""

    severity: Severity
    criterion: str
    message: str
    steps: tuple[str, ...] = ()
    """References ``<scenario>#<step index>``; ``<scenario>#launch`` is the launch itself."""


class Evidence(Gathered):
    """Everything gathered about one Solution under its scenarios."""

    key: str
    """Digest of all that determines it; names its folder in the store."""
    solution: str
    """The Solution's digest."""
    environment: str
    language: str
    launch: LaunchReport
    trajectories: tuple[Trajectory, ...] = ()
    probes: Probes = Probes()
    blocked_requests: tuple[BlockedRequest, ...] = ()
    versions: dict[str, str] = Field(default_factory=dict)
    """Versions of the driver and of the browser."""

    @property
    def driver_error(self) -> str:
        """The first failure of our own side, or nothing."""
        return next((t.driver_error for t in self.trajectories if t.driver_error), "")

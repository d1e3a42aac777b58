"""The words of agent-judge as pydantic models; every other module speaks in these.

Nothing here imports anything of ours. Models that users write by hand
(:class:`Scenario`, :class:`Task`, ...) refuse unknown keys, so that a typing
error is reported instead of being ignored.
"""

from __future__ import annotations

import hashlib
import json
from typing import Annotated, Any, Literal, cast

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

SCHEMA_VERSION = 1


class Model(BaseModel):
    """Base of all words: immutable, strict about unknown keys, bytes as base64."""

    model_config = ConfigDict(extra="forbid", frozen=True, ser_json_bytes="base64", val_json_bytes="base64")


def digest_of(value: Any) -> str:
    """Names a JSON-serialisable value by its content: 32 hexadecimal digits of SHA-256."""
    canonical = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()[:32]


# --- What was asked and what was answered -------------------------------------------------


class Task(Model):
    """A prompt given to models."""

    id: str
    instruction: str
    category: str = ""


class Answer(Model):
    """What one model replied, raw."""

    task_id: str
    response: str
    model: str = ""


class Solution(Model):
    """Runnable files made from an Answer, or given as files.

    ``problem`` is set when nothing can be run ("the answer holds no code"): it is
    the solution's own fault, launching it gives ``build_failed`` with this reason.
    """

    environment: str
    language: str
    entry: str
    files: dict[str, bytes] = {}
    """Relative POSIX path to content. Never absolute, never with ``..``."""
    dependencies: tuple[str, ...] = ()
    """Packages that the solution asks for, as the language's package manager names them."""
    url: str = ""
    """Address of something that is running already; then there are no files."""
    problem: str = ""

    @property
    def digest(self) -> str:
        """Content digest: equal for solutions that run the same."""
        files = {path: hashlib.sha256(data).hexdigest() for path, data in self.files.items()}
        return digest_of(
            [self.environment, self.language, self.entry, files, sorted(self.dependencies), self.url, self.problem]
        )


# --- Scenarios ------------------------------------------------------------------------------

ActionName = Literal[
    "click", "dblclick", "hover", "fill", "type", "press", "scroll", "drag", "select",
    "check", "uncheck", "wait", "goto", "resize", "upload",
]  # fmt: skip


class Viewport(Model):
    """Size of the page in CSS pixels."""

    width: int = Field(1280, ge=200, le=4096)
    height: int = Field(800, ge=200, le=4096)


class Box(Model):
    """A rectangle in CSS pixels, relative to the viewport's top left corner."""

    x: float
    y: float
    width: float
    height: float


class Point(Model):
    """A place inside an element, as shares of its width and height; (0.5, 0.5) is the middle."""

    x: float = Field(0.5, ge=0, le=1)
    y: float = Field(0.5, ge=0, le=1)


class Target(Model):
    """How a step names its element. At least one field must be given; more make it surer."""

    role: str = ""
    name: str = ""
    """Accessible name."""
    label: str = ""
    placeholder: str = ""
    text: str = ""
    near: str = ""
    """Text of the row, card or group that the element belongs to."""
    test_id: str = ""
    title: str = ""
    selectors: tuple[str, ...] = ()
    """CSS selectors that matched when recorded, most stable first."""
    box: Box | None = None
    """Where it was when recorded."""
    index: int | None = None
    """Which one, counted from 0 in document order, where several fit equally well."""

    @model_validator(mode="after")
    def _names_something(self) -> Target:
        if not any((self.role, self.name, self.label, self.placeholder, self.text, self.near, self.test_id,
                    self.title, self.selectors, self.box)):  # fmt: skip
            raise ValueError("a target must name something: role, name, label, placeholder, text, near, ...")
        return self


class CountOf(Target):
    """How many elements fit a target: exactly, at least or at most."""

    equals: int | None = Field(None, ge=0)
    at_least: int | None = Field(None, ge=0)
    at_most: int | None = Field(None, ge=0)

    @model_validator(mode="after")
    def _bounded(self) -> CountOf:
        if self.equals is None and self.at_least is None and self.at_most is None:
            raise ValueError("count needs equals, at_least or at_most")
        return self


class ValueOf(Target):
    """The value that a field or the text that an element should have."""

    equals: str | None = None
    contains: str | None = None
    number: float | None = None
    tolerance: float = Field(1e-9, ge=0)
    """Greatest allowed absolute difference from ``number``."""

    @field_validator("equals", "contains", mode="before")
    @classmethod
    def _plain(cls, value: Any) -> Any:
        return str(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else value

    @model_validator(mode="after")
    def _compared(self) -> ValueOf:
        if self.equals is None and self.contains is None and self.number is None:
            raise ValueError("value needs equals, contains or number")
        return self


ExpectationKind = Literal[
    "text", "no_text", "element", "no_element", "count", "value", "checked", "unchecked",
    "url", "changed", "no_errors",
]  # fmt: skip


class Expectation(Model):
    """One thing that must hold after a step. Exactly one field is set.

    Written by hand, an element is expected by its target fields alone
    (``{role: heading, name: Done}``), and ``count`` and ``value`` may stand beside
    them (``{role: listitem, count: 2}``).
    """

    text: str | None = None
    """Visible somewhere on the page, ignoring case and runs of white space."""
    no_text: str | None = None
    element: Target | None = None
    no_element: Target | None = None
    count: CountOf | None = None
    value: ValueOf | None = None
    checked: Target | None = None
    unchecked: Target | None = None
    url: str | None = None
    """Part of the address."""
    changed: bool | None = None
    """Whether the page looks or reads differently from before the step."""
    no_errors: bool | None = None
    """No new exception, console error or failed request."""

    @model_validator(mode="before")
    @classmethod
    def _from_short_form(cls, data: Any) -> Any:
        if not isinstance(data, dict):
            return data
        place = {k: v for k, v in data.items() if k in Target.model_fields and k != "text"}
        rest = {k: v for k, v in data.items() if k not in place}
        if not place:
            return rest
        if "text" in rest:
            place["text"] = rest.pop("text")
        for kind in ("count", "value"):
            if isinstance(rest.get(kind), (int, float, str)):
                return {kind: {**place, "equals": rest.pop(kind)}, **rest}
        return {"element": place, **rest}

    @model_validator(mode="after")
    def _exactly_one(self) -> Expectation:
        if len(self.model_dump(exclude_none=True)) != 1:
            raise ValueError(f"an expectation says exactly one thing, one of: {', '.join(type(self).model_fields)}")
        return self

    @property
    def kind(self) -> ExpectationKind:
        """Name of the one field that is set."""
        return cast(ExpectationKind, next(iter(self.model_dump(exclude_none=True))))


_NEEDS_TARGET = {"click", "dblclick", "hover", "fill", "drag", "select", "check", "uncheck", "upload"}
_NEEDS_VALUE = {"fill", "type", "select"}


class Step(Model):
    """One action of a person, with what it was for and what should follow."""

    do: ActionName
    intent: str = ""
    target: Target | None = None
    value: str | tuple[str, ...] | None = None
    """Text for ``fill`` and ``type``, option label(s) or value(s) for ``select``."""
    key: str | None = None
    """Key or chord for ``press``: ``Enter``, ``ArrowLeft``, ``Control+A`` (Playwright's names)."""
    times: int = Field(1, ge=1, le=1000)
    """How often a key is pressed or a click is repeated."""
    hold: float = Field(0, ge=0, le=60_000)
    """How long each press is held, in milliseconds."""
    at: Point | None = None
    """Where in the target to click or start dragging; its middle if not given."""
    to: Target | None = None
    """Where a drag ends; the target itself if not given."""
    to_at: Point | None = None
    """Where in ``to`` a drag ends."""
    by: tuple[float, float] | None = None
    """Scroll distance (x, y) in CSS pixels; without it ``scroll`` brings the target into view."""
    ms: float | None = Field(None, ge=0, le=120_000)
    """For ``wait``: how long. Without it, waits until the step's expectations hold."""
    url: str | None = None
    """For ``goto``: relative to the solution's own address."""
    size: Viewport | None = None
    """For ``resize``."""
    files: tuple[str, ...] = ()
    """For ``upload``: names relative to the scenario file."""
    expect: tuple[Expectation, ...] = ()
    timeout: float = Field(3000, gt=0, le=120_000)
    """How long the expectations may take to come true, in milliseconds."""

    @field_validator("value", mode="before")
    @classmethod
    def _plain_value(cls, value: Any) -> Any:
        return str(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else value

    @model_validator(mode="after")
    def _complete(self) -> Step:
        if self.do in _NEEDS_TARGET and self.target is None:
            raise ValueError(f"{self.do} needs a target")
        if self.do in _NEEDS_VALUE and self.value is None:
            raise ValueError(f"{self.do} needs a value")
        if self.do == "press" and not self.key:
            raise ValueError("press needs a key")
        if self.do == "goto" and not self.url:
            raise ValueError("goto needs a url")
        if self.do == "resize" and self.size is None:
            raise ValueError("resize needs a size")
        if self.do == "upload" and not self.files:
            raise ValueError("upload needs files")
        if self.do == "scroll" and self.target is None and self.by is None:
            raise ValueError("scroll needs a target or by: [x, y]")
        if self.do == "drag" and self.to is None and self.to_at is None:
            raise ValueError("drag needs to or to_at")
        if self.do == "wait" and self.ms is None and not self.expect:
            raise ValueError("wait needs ms or something to expect")
        return self


class Scenario(Model):
    """A recorded use of an app."""

    id: str
    title: str = ""
    task: str = ""
    viewport: Viewport = Viewport()
    steps: Annotated[tuple[Step, ...], Field(min_length=1)]

    @property
    def digest(self) -> str:
        """Content digest."""
        return digest_of(self.model_dump(mode="json"))


# --- What happened ----------------------------------------------------------------------------

LaunchOutcome = Literal["ready", "finished", "build_failed", "never_ready", "crashed", "killed", "blocked"]
StepOutcome = Literal["done", "no_effect", "not_found", "crashed", "driver_error"]


class BlockedRequest(Model):
    """A request that the closed network refused: a limit of the sandbox, not a fault of the solution."""

    url: str
    kind: str
    """Playwright's resource type (``script``, ``fetch``, ...), or ``websocket``."""


class LaunchReport(Model):
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


class ConsoleMessage(Model):
    """A line of the page's console."""

    level: str
    text: str


class Observation(Model):
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


class Change(Model):
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


class Grounding(Model):
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


class ExpectationResult(Model):
    """Whether one Expectation came true."""

    kind: ExpectationKind
    held: bool
    expected: str
    """The expectation in words."""
    seen: str = ""
    """What was there instead, where it did not hold."""


class StepRecord(Model):
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


class Cost(Model):
    """What asking models cost."""

    input_tokens: int = 0
    cached_tokens: int = 0
    output_tokens: int = 0
    usd: float | None = None
    """``None`` where the price is not known."""
    seconds: float = 0.0


Severity = Literal["info", "minor", "major", "critical"]


class DriverClaim(Model):
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


class Trajectory(Model):
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
    """What driving cost; for ``agent`` only."""

    @property
    def completed(self) -> bool:
        """Whether every step was done."""
        return bool(self.steps) and all(step.outcome == "done" for step in self.steps)


class AccessibilityViolation(Model):
    """A rule of axe-core that the page breaks."""

    rule: str
    impact: str
    """``minor``, ``moderate``, ``serious`` or ``critical``."""
    help: str
    count: int


class Probes(Model):
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


class Finding(Model):
    """Something worth telling about a solution, and the steps that show it."""

    severity: Severity
    criterion: str
    message: str
    steps: tuple[str, ...] = ()
    """References ``<scenario>#<step index>``; ``<scenario>#launch`` is the launch itself."""


class Evidence(Model):
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
    versions: dict[str, str] = {}
    """Versions of the driver and of the browser."""

    @property
    def driver_error(self) -> str:
        """The first failure of our own side, or nothing."""
        return next((t.driver_error for t in self.trajectories if t.driver_error), "")


# --- Judging and ranking ------------------------------------------------------------------------

Winner = Literal["A", "B", "tie", "both_bad"]
_FLIPPED: dict[Winner, Winner] = {"A": "B", "B": "A", "tie": "tie", "both_bad": "both_bad"}


class Criterion(Model):
    """One criterion of a Verdict: how each side did, and the steps it rests on."""

    criterion: str
    a: float
    """Score of A, 0 to 1."""
    b: float
    weight: float
    message: str = ""
    steps_a: tuple[str, ...] = ()
    """References into A's evidence, as in :class:`Finding`."""
    steps_b: tuple[str, ...] = ()

    def flipped(self) -> Criterion:
        """The same with A and B exchanged."""
        return self.model_copy(update={"a": self.b, "b": self.a, "steps_a": self.steps_b, "steps_b": self.steps_a})


class Claim(Model):
    """A model judge's finding about one solution, and whether the evidence bears it out."""

    side: Literal["A", "B"]
    severity: Severity
    criterion: str
    message: str
    steps: tuple[str, ...] = ()
    """References into that side's evidence, as in :class:`Finding`."""
    quotes: tuple[str, ...] = ()
    """Text that the judge says it saw there."""
    supported: bool = True
    """Whether every cited step exists and every quote is in the evidence; what is not supported does not count."""
    problem: str = ""
    """Why it is not supported."""

    def flipped(self) -> Claim:
        """The same with A and B exchanged."""
        return self.model_copy(update={"side": "B" if self.side == "A" else "A"})


class Vote(Model):
    """One voice within a Verdict: one order of the two, one member of a panel, one person."""

    voter: str
    winner: Winner
    confidence: float = Field(ge=0, le=1)
    rationale: str = ""
    first: Literal["A", "B", ""] = ""
    """Which of the two was shown first, where the vote is one order's."""
    round: int = 1
    weight: float = 1.0
    claims: tuple[Claim, ...] = ()
    cost: Cost = Cost()

    def flipped(self) -> Vote:
        """The same with A and B exchanged."""
        claims = tuple(claim.flipped() for claim in self.claims)
        first = {"A": "B", "B": "A"}.get(self.first, "")
        return self.model_copy(update={"winner": _FLIPPED[self.winner], "claims": claims, "first": first})


class Verdict(Model):
    """Which of two solutions is better, how surely, and why."""

    winner: Winner
    strength: float = Field(ge=0, le=1)
    """How much better: 0 (equal) to 1 (incomparable)."""
    confidence: float = Field(ge=0, le=1)
    """Probability that the winner is right, as the judge sees it."""
    rationale: str
    criteria: tuple[Criterion, ...] = ()
    judge: str = ""
    cost: Cost = Cost()
    votes: tuple[Vote, ...] = ()
    """Who voted what and why, where several voices made the verdict."""
    claims: tuple[Claim, ...] = ()
    """What a model judge found, each checked against the evidence."""
    supported: float | None = None
    """Share of the claims that the evidence bears out; ``None`` where there are none."""
    position_bias: bool | None = None
    """Whether the judge decided differently when the two were shown in the other order."""
    prompt: str = ""
    """Names and versions of the prompts that it rests on."""
    records: tuple[str, ...] = ()
    """Names of the kept requests and answers."""

    def flipped(self) -> Verdict:
        """The verdict with A and B exchanged; the rationale keeps its words."""
        return self.model_copy(
            update={
                "winner": _FLIPPED[self.winner],
                "criteria": tuple(c.flipped() for c in self.criteria),
                "votes": tuple(v.flipped() for v in self.votes),
                "claims": tuple(c.flipped() for c in self.claims),
            }
        )


BattleWinner = Literal["model_a", "model_b", "tie", "both_bad"]


class Battle(BaseModel):
    """One Verdict between two models on one Task, in the columns that arena tools share."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    task_id: str
    model_a: str
    model_b: str
    winner: BattleWinner
    judge: str = ""
    environment: str = ""
    """The environment of both, or ``mixed``."""
    language: str = ""
    category: str = ""
    confidence: float | None = None
    run_id: str = ""


class ModelRating(Model):
    """One line of a Leaderboard."""

    model: str
    rating: float
    """Elo scale."""
    lower: float
    upper: float
    rank: int
    rank_lower: int
    """Best rank within the interval."""
    rank_upper: int
    battles: int
    wins: int = 0
    losses: int = 0
    top: dict[int, float] = {}
    """``top[k]``: probability of being among the best k."""
    few: bool = False
    """Whether its battles are too few to trust its interval."""
    sandwich: tuple[float, float] | None = None
    """The interval by the cluster-robust sandwich formula, as a cross-check of a bootstrap."""


class Comparison(Model):
    """How sure it is that one model is better than another."""

    better: str
    worse: str
    probability: float
    """That ``better`` is better, as share of the bootstrap rounds."""
    p_value: float
    """Two-sided, corrected by Benjamini and Hochberg over all pairs of the leaderboard."""
    significant: bool
    """Whether the corrected p-value is at most 0.05."""
    battles: int
    """Direct ones."""


class Effect(Model):
    """What a covariate (answer length, position, ...) is worth, held apart from the ratings."""

    name: str
    elo: float
    """Rating points for one standard deviation of the covariate's difference; for a position, for standing first."""
    lower: float
    upper: float


class JudgeWeight(Model):
    """How sharply a judge tells models apart: 1 is usual, 0 is noise."""

    judge: str
    discrimination: float
    lower: float
    upper: float
    battles: int


class Leaderboard(Model):
    """Models with rating, 95 % interval and rank range, best first."""

    models: tuple[ModelRating, ...]
    win_rates: dict[str, dict[str, float]] = {}
    """``win_rates[a][b]``: share of battles of a against b that a won, ties as half."""
    rounds: int
    seed: int
    slices: dict[str, dict[str, Leaderboard]] = {}
    """``slices["category"]["game"]``: the same over a part of the battles."""
    notes: tuple[str, ...] = ()
    """What a reader must know: models left out, groups that never met, too few battles."""
    method: str = "bradley-terry"
    """``bradley-terry``, ``davidson``, ``rao-kupper``, ``elo`` or ``win-rate``."""
    interval: str = ""
    """What the intervals rest on: ``bootstrap over tasks``, ``sandwich over tasks``, ..."""
    battles: int = 0
    tasks: int = 0
    too_few: bool = False
    """Whether the battles are too few to trust the intervals."""
    comparisons: tuple[Comparison, ...] = ()
    """Every pair of models, the better rated first."""
    effects: tuple[Effect, ...] = ()
    judges: tuple[JudgeWeight, ...] = ()
    groups: tuple[Leaderboard, ...] = ()
    """Models that never met those above, not even through others: each group ranked by itself."""


# --- A run, as its folder tells it --------------------------------------------------------------


class Entry(Model):
    """One model's solution to one task, as a run met it."""

    task_id: str
    model: str
    solution: str
    """The Solution's digest."""
    environment: str
    language: str
    evidence: tuple[str, ...] = ()
    """Keys of its Evidence in the store, one per scenario, in the order of the scenarios."""
    problem: str = ""
    """Why there is no evidence although the run is over: our own side failed, or this machine lacks something."""


class Decision(Model):
    """One judge's answer about one pair: a Verdict, or the reason why there is none."""

    task_id: str
    model_a: str
    model_b: str
    judge: str
    verdict: Verdict | None
    problem: str = ""
    """Why there is no verdict; such a pair makes no Battle."""


class Run(Model):
    """What was run, with what: ``run.json``. Results stand beside it."""

    id: str
    suite: str
    suite_digest: str = ""
    """Content digest of the suite; a run is resumed only with the same one."""
    description: str = ""
    created: str
    """ISO 8601, UTC."""
    finished: str = ""
    """ISO 8601, UTC; empty while the run is not over."""
    tasks: tuple[Task, ...]
    models: tuple[str, ...]
    judges: tuple[str, ...]
    entries: tuple[Entry, ...] = ()
    baseline: str = ""
    interaction: bool = True
    rounds: int
    seed: int
    versions: dict[str, str] = {}
    notes: tuple[str, ...] = ()
    """What a reader must know: what was left out and why."""


# --- What the commands answer -------------------------------------------------------------------


class Sides(Model):
    """The evidence of both sides of a comparison."""

    A: Evidence
    B: Evidence


class CompareResult(Model):
    """What ``compare`` answers."""

    verdict: Verdict
    evidence: Sides


class SolutionSummary(Model):
    """A Solution without its files."""

    environment: str
    language: str
    digest: str
    entry: str = ""
    files: tuple[str, ...] = ()
    dependencies: tuple[str, ...] = ()
    url: str = ""

    @classmethod
    def of(cls, solution: Solution) -> SolutionSummary:
        """Leaves the files' content out."""
        return cls(
            environment=solution.environment,
            language=solution.language,
            digest=solution.digest,
            entry=solution.entry,
            files=tuple(sorted(solution.files)),
            dependencies=solution.dependencies,
            url=solution.url,
        )


class AuditResult(Model):
    """What ``audit`` answers: one solution, how it started, what was found."""

    solution: SolutionSummary
    launch: LaunchReport
    findings: tuple[Finding, ...]
    evidence: Evidence


class ReplayedStep(Model):
    """One step of a replay, in short."""

    index: int
    do: str
    intent: str = ""
    outcome: StepOutcome
    reason: str = ""
    grounding: Grounding | None = None
    expectations: tuple[ExpectationResult, ...] = ()


class ReplayResult(Model):
    """What ``replay`` answers: how far a scenario came on a solution."""

    scenario: str
    solution: SolutionSummary
    launch: LaunchReport
    completed: bool
    steps: tuple[ReplayedStep, ...]

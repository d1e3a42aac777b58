"""The agent policy: a model chooses the next action from what it sees, with a scenario's intents as its goals."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any, Protocol

from playwright.async_api import Error
from pydantic import BaseModel, Field, ValidationError

from agent_judge.drive.candidates import collect, enrich, snapshot_candidates
from agent_judge.drive.driver import DriveConfig, Driver
from agent_judge.drive.ground import Found
from agent_judge.drive.wording import step_in_words
from agent_judge.errors import DriverError
from agent_judge.launch.own_world import ask
from agent_judge.protocols import Session
from agent_judge.schema import (
    Cost,
    DriverClaim,
    Grounding,
    Observation,
    Scenario,
    Severity,
    Step,
    StepRecord,
    Target,
    Task,
    Trajectory,
    digest_of,
)

_PROMPT = (files(__package__) / "agent.md").read_text(encoding="utf-8")
_TOOLS: list[dict[str, Any]] = json.loads((files(__package__) / "agent_tools.json").read_text(encoding="utf-8"))
_TAG = "element => element.localName"


@dataclass(frozen=True)
class Call:
    """A tool that the model wants used."""

    id: str
    name: str
    given: dict[str, Any]


@dataclass(frozen=True)
class Told:
    """What the model is told: the result of a call, or, without one, something by itself."""

    text: str
    call: str = ""
    picture: bytes = b""
    """A PNG."""
    wrong: bool = False
    """Whether the call could not be carried out."""


class Conversation(Protocol):
    """A conversation with a model that has tools."""

    cost: Cost
    """What it has cost so far."""

    async def tell(self, parts: Sequence[Told]) -> tuple[Call, ...]:
        """Tells the model something and takes the calls that it answers with; none if it only talks.

        Raises:
            DriverError: It does not answer, or may not cost more.
        """
        ...


class Mind(Protocol):
    """A model that can drive."""

    def fingerprint(self) -> str:
        """Names the model and its settings."""
        ...

    def converse(self, prompt: str, tools: list[dict[str, Any]]) -> Conversation:
        """Begins a conversation."""
        ...


class AgentConfig(BaseModel):
    """How far an agent goes."""

    steps: int = Field(30, gt=0)
    """The most actions on the page."""
    turns: int = Field(60, gt=0)
    """The most answers of the model, looking and mistakes included."""
    output_tokens: int = Field(60_000, gt=0)
    """No further answer is asked for after so many tokens."""
    usd: float = Field(2.0, gt=0)
    """No further answer is asked for after so many US dollars, where the price is known."""
    tree: int = Field(12_000, gt=0)
    """The most characters of the page's tree that are shown."""


class _Claim(BaseModel):
    step: int
    severity: Severity
    message: str
    quote: str


@dataclass
class _Use:
    """One use of a program under way."""

    driver: Driver
    scenario: Scenario | None
    goals: dict[int, list[int]] = field(default_factory=dict)
    """Goal to the steps that tried to fulfil it."""
    claims: list[_Claim] = field(default_factory=list)
    log: list[dict[str, Any]] = field(default_factory=list)
    """Calls and what was answered, for the record."""


class Mistake(Exception):
    """The model wants something that cannot be done: its own fault, never the program's."""


class Agent:
    """Lets a model use the program."""

    def __init__(self, mind: Mind, config: AgentConfig | None = None, drive: DriveConfig | None = None) -> None:
        self._mind = mind
        self._config = config or AgentConfig()
        self._drive = drive

    def fingerprint(self) -> str:
        """Names all that determines what it does: model, prompt, tools and limits."""
        return digest_of([self._mind.fingerprint(), _PROMPT, _TOOLS, self._config.model_dump(mode="json")])

    async def drive(self, session: Session, task: Task, scenario: Scenario | None, folder: Path) -> Trajectory:
        """Uses a launched solution; what was said is kept in ``agent.json`` beside the screenshots."""
        name = scenario.id if scenario else "agent"
        if session.page is None:
            return Trajectory(scenario=name, policy="agent", launch=session.report)
        use = _Use(Driver(session, session.page, folder, self._drive), scenario)
        await use.driver.begin()
        conversation = self._mind.converse(_PROMPT.split("\n---\n", 1)[1].strip(), _TOOLS)
        if not (use.driver.dead or use.driver.failed):
            try:
                await self._talk(use, conversation, task)
            except DriverError as error:
                use.driver.failed = str(error)
        (folder / "agent.json").write_text(json.dumps(use.log, ensure_ascii=False, indent=1), encoding="utf-8")
        trajectory = await use.driver.finish("agent", scenario)
        steps = tuple(_without_mistakes(trajectory.steps, use.goals))
        claims = tuple(_checked(claim, name, trajectory) for claim in use.claims)
        return trajectory.model_copy(update={"steps": steps, "claims": claims, "cost": conversation.cost})

    async def _talk(self, use: _Use, conversation: Conversation, task: Task) -> None:
        parts: list[Told] = [Told(_opening(task, use.scenario) + "\n\n" + self._page(use.driver))]
        for _ in range(self._config.turns):
            if self._spent(conversation.cost) or use.driver.dead or use.driver.failed:
                return
            calls = await conversation.tell(parts)
            parts = [] if calls else [Told("Go on with a tool, or call finish.")]
            for call in calls:
                if call.name == "finish":
                    use.claims = _claims_of(call)
                    return
                parts.append(await self._answer(use, call))

    def _spent(self, cost: Cost) -> bool:
        return cost.output_tokens >= self._config.output_tokens or (cost.usd or 0) >= self._config.usd

    async def _answer(self, use: _Use, call: Call) -> Told:
        try:
            told = await self._carry_out(use, call)
        except Mistake as mistake:
            told = Told(f"This cannot be done: {mistake}", call.id, wrong=True)
        use.log.append({"call": call.name, "given": call.given, "told": told.text})
        return told

    async def _carry_out(self, use: _Use, call: Call) -> Told:
        if call.name == "look":
            return Told("The window now:", call.id, picture=use.driver.view.picture)
        if len(use.driver.records) >= self._config.steps:
            raise Mistake("there are no steps left; call finish")
        goal = _goal_of(call, use.scenario)
        found = await _found(use.driver, str(call.given["ref"])) if call.given.get("ref") else None
        step = await _step_of(call, found)
        if goal is not None and use.scenario:
            wanted = use.scenario.steps[goal]
            step = step.model_copy(
                update={"intent": wanted.intent, "expect": (*wanted.expect, *step.expect), "timeout": wanted.timeout}
            )
        record = await use.driver.perform(step, found)
        if goal is not None:
            use.goals.setdefault(goal, []).append(record.index)
        return Told(f"{_report(record, use.driver)}\n\n{self._page(use.driver)}", call.id)

    def _page(self, driver: Driver) -> str:
        if driver.dead:
            return f"The program is gone:\n{as_material(driver.dead)}"
        view = driver.view
        tree = "\n".join(line for line in (view.title, view.snapshot[: self._config.tree]) if line)
        if not tree:
            return "The page is empty."
        cut = len(view.snapshot) - self._config.tree
        return f"The page:\n{as_material(tree)}" + (f"\n({cut} more characters are not shown)" if cut > 0 else "")


def _opening(task: Task, scenario: Scenario | None) -> str:
    parts = [f"What the program was made for:\n{as_material(task.instruction or 'not told')}"]
    if scenario:
        goals = [f"{i}. {step.intent or step_in_words(step)}" for i, step in enumerate(scenario.steps)]
        parts.append("Goals:\n" + as_material("\n".join(goals)))
    return "\n\n".join(parts)


def _goal_of(call: Call, scenario: Scenario | None) -> int | None:
    goal = call.given.get("goal")
    if goal is None:
        return None
    if scenario is None or not isinstance(goal, int) or not 0 <= goal < len(scenario.steps):
        raise Mistake(f"there is no goal {goal}")
    return goal


async def _found(driver: Driver, ref: str) -> Found:
    """The element of a reference in the page as it is now."""
    view = await driver.observer.read()
    collected = await collect(driver.page, (), ())
    candidates = enrich(view.tree, snapshot_candidates(view.tree), collected)
    control = next((one for one in candidates if one.ref == ref), None)
    if control is None:
        raise Mistake(f"there is no element {ref} on the page now")
    box = control.rect.box() if control.rect else None
    return Found(
        control, driver.page.get_by_ref(ref), Grounding(score=1, method="agent", element=control.words, box=box)
    )


async def _step_of(call: Call, found: Found | None) -> Step:
    """The action that a call asks for.

    Raises:
        Mistake: There is no such action, or what it needs is not given.
    """
    given = call.given
    target = Target(role=found.candidate.roles[0], name=found.candidate.name) if found else None
    fields: dict[str, Any] = {"target": target, "expect": [{"text": given["expect"]}] if given.get("expect") else []}
    match call.name:
        case "click":
            fields["do"] = "dblclick" if given.get("twice") else "click"
        case "fill":
            fields |= {"do": "select" if found and await _is_select(found) else "fill", "value": given.get("text")}
        case "press":
            fields |= {"do": "press", "key": given.get("key")}
            fields |= {"times": min(int(given.get("times") or 1), 50), "hold": min(int(given.get("hold") or 0), 5000)}
        case "scroll":
            fields |= {"do": "scroll", "by": None if found else (0, given.get("down") or 600)}
        case "drag":
            fields |= {"do": "drag", "to_at": {"x": given.get("to_x"), "y": given.get("to_y")}}
            fields["at"] = {"x": given.get("from_x", 0.5), "y": given.get("from_y", 0.5)}
        case _:
            raise Mistake(f"there is no tool {call.name}")
    try:
        return Step.model_validate(fields)
    except (ValidationError, ValueError) as error:
        first = error.errors()[0]["msg"] if isinstance(error, ValidationError) else str(error)
        raise Mistake(first) from error


async def _is_select(found: Found) -> bool:
    try:
        return bool(await ask(found.place, _TAG) == "select")
    except Error as error:
        raise Mistake("the element went away") from error


def _report(record: StepRecord, driver: Driver) -> str:
    seen = driver.observer.observations[record.after]
    lines = [f"Step {record.index}: {record.outcome}"]
    told = [record.reason] if record.reason else []
    if not (record.change.added or record.change.removed or record.change.url):
        told.append("nothing changed in the tree")
    told += [f"error: {text}" for text in (*seen.errors, *seen.failed_requests)]
    told += [f"console: {message.text}" for message in seen.console if message.level == "error"]
    told += [f"dialog: {text}" for text in seen.dialogs]
    return "\n".join([*lines, as_material("\n".join(told))]) if told else lines[0]


def _claims_of(call: Call) -> list[_Claim]:
    found = []
    for given in call.given.get("claims") or []:
        try:
            found.append(_Claim.model_validate(given))
        except ValidationError:
            continue  # What is not even a claim cannot be checked.
    return found


def _checked(claim: _Claim, scenario: str, trajectory: Trajectory) -> DriverClaim:
    """Marks whether a claim's step exists and its words were there after it."""
    step = next((step for step in trajectory.steps if step.index == claim.step), None)
    problem = ""
    if step is None or step.after >= len(trajectory.observations):
        problem = f"there is no step {claim.step}"
    elif not _plain(claim.quote) or _plain(claim.quote) not in _plain(_words(trajectory.observations[step.after])):
        problem = f"“{claim.quote[:80]}” was not there after step {claim.step}"
    return DriverClaim(
        step=f"{scenario}#{claim.step}",
        severity=claim.severity,
        message=claim.message,
        quote=claim.quote,
        supported=not problem,
        problem=problem,
    )


def _words(seen: Observation) -> str:
    said = (message.text for message in seen.console)
    return "\n".join(
        [seen.title, seen.url, seen.text, seen.snapshot, *seen.errors, *said, *seen.failed_requests, *seen.dialogs]
    )


def _without_mistakes(steps: Sequence[StepRecord], goals: dict[int, list[int]]) -> list[StepRecord]:
    """Turns the model's own mistakes into driver errors, which count against nobody.

    An element that cannot be used that way was badly chosen; and a try at a goal
    that succeeded later was the wrong way to it.
    """
    outcome = {step.index: step.outcome for step in steps}
    retried = {index for tries in goals.values() for index in tries[:-1] if any(outcome[i] == "done" for i in tries)}
    return [
        step.model_copy(update={"outcome": "driver_error", "reason": f"the model's own mistake: {step.reason}"})
        if step.outcome in ("no_effect", "not_found") and (not step.expectations or step.index in retried)
        else step
        for step in steps
    ]


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()


def as_material(text: str) -> str:
    """Marks every line of a text as something to look at, not an instruction."""
    return "\n".join(f"| {line}" for line in text.splitlines())

"""The explore policy: no scenario at hand, so what the page offers is exercised systematically."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.async_api import Error
from pydantic import BaseModel

from agent_judge.drive.candidates import Candidate, Collected, collect, enrich, snapshot_candidates
from agent_judge.drive.driver import DriveConfig, Driver
from agent_judge.drive.ground import Found
from agent_judge.drive.plausible import plausible_value
from agent_judge.drive.roles import INTERACTIVE
from agent_judge.drive.similarity import normalise, read_name
from agent_judge.protocols import Session
from agent_judge.schema import Grounding, Scenario, Step, Target, Task, Trajectory, digest_of

_TOGGLES = frozenset(("checkbox", "switch", "radio", "menuitemcheckbox", "menuitemradio"))
_BUTTONS = frozenset(("button", "clickable", "menuitem"))
_LATE = frozenset(("delete", "clear", "cancel", "close", "signout", "restart", "stop", "previous", "undo"))
"""Actions that take away what others need: done last."""
_MAY_DO_NOTHING = _LATE | {
    *("complete", "pause", "redo", "decrease", "copy", "download", "filter", "sort", "all", "active", "home"),
    *("sum", "subtract", "multiply", "divide", "decimal", "backspace", "sign", "percent", "root", "power"),
    *("equals", "search"),
}
"""Actions that rightly do nothing in some states, so that nothing is said against them."""
_IN_STATE = ("selected", "pressed", "checked", "expanded", "disabled", "current")
_STATE_WORDS = frozenset(("on", "off", "active", "selected", "current", "open", "checked", "is", "hover", "focus"))
_KEYS = ("ArrowRight", "ArrowLeft", "ArrowUp", "ArrowDown", "Space")
_INPUT = """element => ({
  type: element.localName === "input" ? element.type : element.localName,
  readOnly: !!element.readOnly,
  options: element.localName === "select" ? [...element.options].filter((o) => !o.disabled).map((o) => o.label) : [],
  selected: element.localName === "select" ? element.selectedIndex : -1,
  covered: (({ x, y, width, height }) => {
    const [left, top] = [x + width / 2, y + height / 2];
    const over = element.getRootNode().elementFromPoint(left, top);  // Nothing where that is out of view.
    return !!over && !element.contains(over) && !over.contains(element) && !over.closest("label");
  })(element.getBoundingClientRect()),
  leaves: element.localName === "a" && !!element.href && new URL(element.href, location).origin !== location.origin
    && !element.href.startsWith("javascript:"),
})"""


class ExploreConfig(BaseModel):
    """How far an exploration goes."""

    seed: int = 0
    """Decides the order among controls that are as good to try."""
    steps: int = 24
    """The most steps."""
    seconds: float = 45
    """No further control is tried after so long."""
    again: int = 3
    """How many of the buttons that did nothing are tried once more at the end."""
    hold: float = 300
    """How long keys are held on a canvas, in milliseconds."""


@dataclass
class _Seen:
    """The distinct controls of the app, and which have been used."""

    all: set[str] = field(default_factory=set)
    used: set[str] = field(default_factory=set)
    elsewhere: set[str] = field(default_factory=set)
    """Those that would lead out of the app, or ask for a file: they do not count."""
    silent: dict[str, None] = field(default_factory=dict)
    """Those that did nothing, in the order in which they were tried."""


class Explore:
    """Uses every distinct control once, with plausible values; bounded, repeatable, never leaves the app."""

    def __init__(self, config: DriveConfig | None = None, explore: ExploreConfig | None = None) -> None:
        self._config = config
        self._explore = explore or ExploreConfig()

    async def drive(self, session: Session, task: Task, scenario: Scenario | None, folder: Path) -> Trajectory:
        """Uses a launched solution without a scenario."""
        if session.page is None:
            return Trajectory(scenario="explore", policy="explore", launch=session.report)
        driver = Driver(session, session.page, folder, self._config)
        await driver.begin()
        seen = _Seen()
        if not (driver.dead or driver.failed):
            await self._exercise(driver, seen, random.Random(digest_of([self._explore.seed, task.id])))
        trajectory = await driver.finish("explore")
        exercised = round(len(seen.used & seen.all) / len(seen.all), 4) if seen.all else None
        return trajectory.model_copy(update={"exercised": exercised})

    async def _exercise(self, driver: Driver, seen: _Seen, chance: random.Random) -> None:
        until = time.monotonic() + self._explore.seconds
        taste: dict[
            str, float
        ] = {}  # The seed decides once per control, so that the order does not depend on how often it is seen.
        while self._may_go_on(driver, until, self._explore.again + 1):
            collected, controls = await self._controls(driver)
            for key in sorted(controls):
                taste.setdefault(key, chance.random())
            seen.all |= controls.keys() - seen.elsewhere
            fresh = [key for key in controls if key not in seen.used]
            fresh.sort(key=lambda one: (_urgency(controls[one]), taste[one]))
            for key in fresh:
                if await self._try(driver, collected, controls[key], key, seen):
                    break
            else:
                break
        if self._may_go_on(driver, until, self._explore.again + 1):
            await driver.perform(Step(do="scroll", intent="look at the rest of the page", by=(0, 20_000)))
        await self._try_again(driver, seen, until)

    def _may_go_on(self, driver: Driver, until: float, kept: int) -> bool:
        enough = len(driver.records) >= self._explore.steps - kept
        return not (driver.dead or driver.failed or enough or time.monotonic() >= until)

    async def _try(self, driver: Driver, collected: Collected, control: Candidate, key: str, seen: _Seen) -> bool:
        """Uses a control; says whether that could be done now."""
        found = await _found(driver, collected, control)
        if found is None:
            return False
        try:
            about: dict[str, Any] = await found.place.evaluate(_INPUT)
        except Error:
            return False  # It went away, which the next look at the page will show.
        if about["covered"]:
            return False
        seen.used.add(key)
        if about["leaves"] or about["type"] == "file":
            seen.all.discard(key)
            seen.elsewhere.add(key)
            return False
        for step in self._steps_for(control, about):
            record = await driver.perform(step, found if step.target else None)
            if record.outcome != "done":
                return True
        if control.role in _BUTTONS and not record.change.any and not _may_do_nothing(control):
            seen.silent[key] = None
        return True

    def _steps_for(self, control: Candidate, about: dict[str, Any]) -> list[Step]:
        target = Target(role=control.roles[0], name=control.name)
        if control.role == "canvas":
            hold = self._explore.hold
            keys = [Step(do="press", intent="play with the keyboard", key=key, hold=hold) for key in _KEYS]
            return [Step(do="click", intent="play with the mouse", target=target), *keys]
        if about["options"]:
            other = about["options"][1 if about["selected"] <= 0 and len(about["options"]) > 1 else 0]
            return [Step(do="select", intent="choose something else", target=target, value=other)]
        if control.is_field and control.role != "listbox" and not about["readOnly"] and about["type"] != "button":
            value = plausible_value(control, about["type"])
            steps = [Step(do="fill", intent="enter something plausible", target=target, value=value)]
            return steps if _has_button_beside(control) else [*steps, Step(do="press", intent="confirm", key="Enter")]
        if control.role in _TOGGLES:
            on = control.node.states.get("checked") == "true" and control.role != "radio"
            return [Step(do="uncheck" if on else "check", intent="switch it", target=target)]
        return [Step(do="click", intent="see what it does", target=target)]

    async def _try_again(self, driver: Driver, seen: _Seen, until: float) -> None:
        """Buttons that did nothing get a second chance now that everything else has been used."""
        for key in list(seen.silent)[: self._explore.again]:
            if not self._may_go_on(driver, until, 0):
                return
            collected, controls = await self._controls(driver)
            if key not in controls or _may_do_nothing(controls[key]):
                continue
            found = await _found(driver, collected, controls[key])
            if found is None:
                continue
            step = Step.model_validate(
                {
                    "do": "click",
                    "intent": "see whether it does anything at all",
                    "target": {"role": controls[key].roles[0], "name": controls[key].name},
                    "expect": [{"changed": True}],
                    "timeout": 800,
                }
            )
            await driver.perform(step, found)

    async def _controls(self, driver: Driver) -> tuple[Collected, dict[str, Candidate]]:
        """The distinct controls that can be used now, by what makes them distinct."""
        try:
            view = await driver.observer.read()
            collected = await collect(driver.page, (), ())
        except Error:
            return Collected(), {}
        candidates = enrich(view.tree, snapshot_candidates(view.tree), collected)
        controls: dict[str, Candidate] = {}
        for one in sorted(candidates, key=lambda one: one.order):
            if one.disabled or not any(role in INTERACTIVE for role in one.roles) or not (one.rect and one.rect.area):
                continue
            controls.setdefault(_identity(one), one)
        return collected, controls


async def _found(driver: Driver, collected: Collected, control: Candidate) -> Found | None:
    place = driver.page.get_by_ref(control.ref) if control.ref else await collected.handle(control)
    if place is None:
        return None
    box = control.rect.box() if control.rect else None
    return Found(control, place, Grounding(score=1.0, method="explored", element=control.words, box=box))


def _identity(control: Candidate) -> str:
    """What makes a control a different one: its kind and name, not its state or which row of a list it stands in."""
    name = next((text for where, text in control.names.items() if where != "icon"), "")
    name = name or " ".join(word for word in control.drawn.split() if word not in _STATE_WORDS) or control.test_id
    if not name and control.node.parent:
        name = f"number {sum(1 for one in control.node.parent.children if one.order < control.node.order)}"
    return f"{control.role} {normalise(name)}"


def _meanings(control: Candidate) -> frozenset[str]:
    names = [control.name, control.title, *([] if control.is_field else [control.drawn])]
    return frozenset(meaning for name in names if name for unit in read_name(name) for meaning in unit.meanings)


def _may_do_nothing(control: Candidate) -> bool:
    """Whether it is no fault if using it changes nothing: it is in that state already, or it depends on others."""
    if any(state in control.node.states for state in _IN_STATE):
        return True
    numbers = any(unit.kind == "number" for unit in read_name(control.name))
    return numbers or bool(_meanings(control) & _MAY_DO_NOTHING)


def _urgency(control: Candidate) -> tuple[int, int]:
    """What to try first: an open dialog before the page behind it, fields before buttons, what destroys last."""
    in_dialog = any(node.role in ("dialog", "alertdialog") for node in control.node.ancestors())
    late = bool(_meanings(control) & _LATE)
    if control.is_field:
        kind = 0
    elif control.role in _TOGGLES:
        kind = 1
    elif control.role in _BUTTONS:
        kind = 2
    else:
        kind = 3
    return (0 if in_dialog else 1) + (2 if late else 0), kind


def _has_button_beside(control: Candidate) -> bool:
    """Whether there is a button in the field's form or group, which will be tried too."""
    near = list(control.node.ancestors())[:3]
    return any(node.role == "button" or "cursor" in node.states for around in near for node in around.walk())

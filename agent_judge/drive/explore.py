"""The explore policy: no scenario at hand, so what the page offers is exercised systematically.

Every distinct control is used once, fields before the buttons that use them and what
destroys last. Then buttons are used once more, since some faults come only with use,
and what takes away entries until none is left. A button is said to have no effect only
where it did nothing both times that a person could see, nor anything hidden (it copied,
saved, asked for something), and where that is no fault of its state: see ``controls``.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.async_api import Error
from pydantic import BaseModel

from agent_judge.drive.candidates import Candidate, Collected
from agent_judge.drive.controls import (
    BUTTONS,
    TOGGLES,
    adds,
    comes_late,
    has_button_beside,
    is_same_group,
    may_do_nothing,
    removes_entry,
    urgency,
    usable_controls,
)
from agent_judge.drive.driver import DriveConfig, Driver
from agent_judge.drive.ground import Found
from agent_judge.drive.hidden import WROTE_THE_SAME, hidden_effects, watch_for_hidden_effects
from agent_judge.drive.plausible import plausible_value
from agent_judge.launch.own_world import ask, was_left
from agent_judge.launch.patience import Alarm
from agent_judge.protocols import Session
from agent_judge.schema import Expectation, Grounding, Scenario, Step, StepRecord, Target, Task, Trajectory, digest_of

_KEYS = ("ArrowRight", "ArrowLeft", "ArrowUp", "ArrowDown", "Space")
_TYPED = frozenset(("textbox", "searchbox", "spinbutton"))
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
    """The most steps of the first use of everything."""
    steps_again: int = 24
    """The most steps of using things once more."""
    seconds: float = 60
    """No further control is tried after so long."""
    uses: int = 3
    """How often a button that works is used, at most: twice in a row at the end."""
    removals: int = 4
    """How often what takes away entries is used, at most."""
    patience: float = 1000
    """How long a button that did nothing before may take to do something, in milliseconds."""
    hold: float = 300
    """How long keys are held on a canvas, in milliseconds."""


@dataclass
class _Seen:
    """The distinct controls of the app, and what came of using them."""

    all: set[str] = field(default_factory=set)
    uses: Counter[str] = field(default_factory=Counter)
    elsewhere: set[str] = field(default_factory=set)
    """Those that would lead out of the app, or ask for a file: they do not count."""
    worked: set[str] = field(default_factory=set)
    """Those that had an effect."""
    silent: set[str] = field(default_factory=set)
    """Those that did nothing, seen or hidden."""
    taste: dict[str, float] = field(default_factory=dict)
    """The seed decides once per control, so that the order does not depend on how often it is seen."""


class Explore:
    """Uses every distinct control with plausible values; bounded, repeatable, never leaves the app."""

    def __init__(self, config: DriveConfig | None = None, explore: ExploreConfig | None = None) -> None:
        self._config = config
        self._explore = explore or ExploreConfig()

    async def drive(self, session: Session, task: Task, scenario: Scenario | None, folder: Path) -> Trajectory:
        """Uses a launched solution without a scenario."""
        if session.page is None:
            return Trajectory(scenario="explore", policy="explore", launch=session.report)
        driver = Driver(session, session.page, folder, self._config)
        await driver.begin()
        exploration = _Exploration(driver, self._explore, random.Random(digest_of([self._explore.seed, task.id])))
        await exploration.run()
        trajectory = await driver.finish("explore")
        return trajectory.model_copy(update={"exercised": exploration.exercised})


class _Exploration:
    """One exploration under way."""

    def __init__(self, driver: Driver, config: ExploreConfig, chance: random.Random) -> None:
        self._driver = driver
        self._config = config
        self._chance = chance
        self._seen = _Seen()
        self._patience: Alarm | None = None

    @property
    def exercised(self) -> float | None:
        """Share of the distinct controls that were used; ``None`` where there are none."""
        seen = self._seen
        return round(len(seen.uses.keys() & seen.all) / len(seen.all), 4) if seen.all else None

    async def run(self) -> None:
        """Uses everything once, then what may break with use again."""
        patience = self._patience = Alarm(self._config.seconds)
        try:
            await self._use_all()
        finally:
            patience.cancel()

    async def _use_all(self) -> None:
        most = self._config.steps - 1
        while self._may_go_on(most) and await self._use_next(self._fresh):
            pass
        if self._may_go_on(most + 1):
            await self._driver.perform(Step(do="scroll", intent="look at the rest of the page", by=(0, 20_000)))
        most = len(self._driver.records) + self._config.steps_again
        while self._may_go_on(most) and await self._use_next(self._again):
            pass

    def _may_go_on(self, most: int) -> bool:
        driver = self._driver
        enough = len(driver.records) >= most
        return not (driver.dead or driver.failed or enough or not (self._patience and self._patience.left))

    async def _use_next(self, choose: Callable[[Mapping[str, Candidate]], list[str]]) -> bool:
        """Uses the next control that is worth it; says whether there was one."""
        looked = await self._driver.look(_controls(self._driver))
        if looked is None:
            return False
        collected, controls = looked
        for key in sorted(controls):
            self._seen.taste.setdefault(key, self._chance.random())
        self._seen.all |= controls.keys() - self._seen.elsewhere
        for key in choose(controls):
            if await self._use(collected, controls, key):
                return True
        return False

    def _fresh(self, controls: Mapping[str, Candidate]) -> list[str]:
        """Controls that have not been used, in the order in which to try them."""
        seen = self._seen
        fresh = [key for key in controls if key not in seen.uses]
        return sorted(fresh, key=lambda one: (urgency(controls[one]), seen.taste[one]))

    def _again(self, controls: Mapping[str, Candidate]) -> list[str]:
        """What has come up meanwhile, then buttons that were used before, first those that did nothing."""
        seen = self._seen
        used = [key for key, one in controls.items() if key in seen.uses and self._is_worth_more(key, one)]
        used.sort(key=lambda one: (urgency(controls[one])[0], one not in seen.silent, seen.uses[one], seen.taste[one]))
        return [*self._fresh(controls), *used]

    def _is_worth_more(self, key: str, control: Candidate) -> bool:
        if control.roles[0] not in BUTTONS or key in self._seen.elsewhere:
            return False
        if removes_entry(control):
            return self._seen.uses[key] < self._config.removals
        return self._seen.uses[key] < (self._config.uses if key in self._seen.worked else 2)

    async def _use(self, collected: Collected, controls: Mapping[str, Candidate], key: str) -> bool:
        """Uses a control; says whether that could be done now."""
        control = controls[key]
        looked = await self._driver.look(_found(self._driver, collected, control))
        if looked is None:
            return False
        found, about = looked
        if about["covered"]:
            return False
        seen = self._seen
        again = key in seen.uses
        seen.uses[key] += 1
        if about["leaves"] or about["type"] == "file":
            seen.all.discard(key)
            seen.elsewhere.add(key)
            return False
        if again and not comes_late(control):
            await self._fill_in(collected, controls, control)
        if control.roles[0] in BUTTONS:
            await self._press(found, controls, key)
            return True
        for step in self._steps_for(control, about):
            record = await self._driver.perform(step, found if step.target else None)
            if record.outcome != "done":
                break
        return True

    async def _press(self, found: Found, controls: Mapping[str, Candidate], key: str) -> None:
        """Clicks a button, and holds it against it if that does nothing for the second time, and it is no excuse."""
        driver, seen, control = self._driver, self._seen, controls[key]
        again = seen.uses[key] > 1
        as_at_first = driver.view.text == driver.observer.observations[0].text
        excused = may_do_nothing(control, controls, seen.worked, as_at_first=as_at_first)
        suspected = again and key in seen.silent and not excused
        step = Step(
            do="click",
            intent="see whether it works again" if again else "see what it does",
            target=Target(role=control.roles[0], name=control.name),
            expect=(Expectation(changed=True),) if suspected else (),
            timeout=self._config.patience,
        )
        refused = len(driver.session.blocked_requests)
        await watch_for_hidden_effects(driver.page)
        record = await driver.perform(step, found)
        if driver.dead or driver.failed:
            return
        if self._had_effect(record):
            seen.worked.add(key)
            seen.silent.discard(key)
            return
        hidden = await hidden_effects(driver.page)
        if removes_entry(control) or adds(control):
            hidden -= {WROTE_THE_SAME}
        if hidden or len(driver.session.blocked_requests) > refused:
            seen.silent.discard(key)
            if suspected:
                driver.withdraw_expectations()
        elif not again:
            seen.silent.add(key)

    def _had_effect(self, record: StepRecord) -> bool:
        return record.change.any or bool(self._driver.observer.observations[record.after].dialogs)

    async def _fill_in(self, collected: Collected, controls: Mapping[str, Candidate], button: Candidate) -> None:
        """Enters something once more into the fields that a button has emptied."""
        for key, one in controls.items():
            if one.role not in _TYPED or one.node.own_text or key not in self._seen.uses:
                continue
            if not is_same_group(button, one):
                continue
            if looked := await self._driver.look(_found(self._driver, collected, one)):
                found, about = looked
                await self._driver.perform(_fill(one, about), found)

    def _steps_for(self, control: Candidate, about: Mapping[str, Any]) -> list[Step]:
        target = Target(role=control.roles[0], name=control.name)
        if control.role == "canvas":
            hold = self._config.hold
            keys = [Step(do="press", intent="play with the keyboard", key=key, hold=hold) for key in _KEYS]
            return [Step(do="click", intent="play with the mouse", target=target), *keys]
        if about["options"]:
            other = about["options"][1 if about["selected"] <= 0 and len(about["options"]) > 1 else 0]
            return [Step(do="select", intent="choose something else", target=target, value=other)]
        if control.is_field and control.role != "listbox" and not about["readOnly"] and about["type"] != "button":
            steps = [_fill(control, about)]
            return steps if has_button_beside(control) else [*steps, Step(do="press", intent="confirm", key="Enter")]
        if control.role in TOGGLES:
            on = control.node.states.get("checked") == "true" and control.role != "radio"
            return [Step(do="uncheck" if on else "check", intent="switch it", target=target)]
        return [Step(do="click", intent="see what it does", target=target)]


def _fill(field: Candidate, about: Mapping[str, Any]) -> Step:
    target = Target(role=field.roles[0], name=field.name)
    value = plausible_value(field, about["type"])
    return Step(do="fill", intent="enter something plausible", target=target, value=value)


async def _controls(driver: Driver) -> tuple[Collected, dict[str, Candidate]] | None:
    try:
        return await usable_controls(driver)
    except Error as error:
        if was_left(error):
            return None  # It is going elsewhere, which the next step waits for.
        raise


async def _found(driver: Driver, collected: Collected, control: Candidate) -> tuple[Found, dict[str, Any]] | None:
    """A control, and what the document tells of it; one that has gone away is not waited for."""
    try:
        place = driver.page.get_by_ref(control.ref) if control.ref else await collected.handle(control)
        if place is None:
            return None
        about: dict[str, Any] = await ask(place, _INPUT)
    except Error:
        if driver.page.is_closed():
            raise
        return None  # The next look at the page will show what is there in its place.
    box = control.rect.box() if control.rect else None
    return Found(control, place, Grounding(score=1.0, method="explored", element=control.words, box=box)), about

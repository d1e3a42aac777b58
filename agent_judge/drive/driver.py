"""One trajectory under way: ground, act, settle, observe, and tell what came of each step."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal, TypeVar
from urllib.parse import urlsplit

from playwright.async_api import Locator, Page
from playwright.async_api import TimeoutError as PlaywrightTimeout
from pydantic import BaseModel

from agent_judge.drive.act import Hands, NoEffect
from agent_judge.drive.change import pixel_change, reading_change
from agent_judge.drive.complaints import follows_from
from agent_judge.drive.effect import Eye
from agent_judge.drive.expect import Scene, check, needs_picture, passes
from agent_judge.drive.failures import Crash, guard
from agent_judge.drive.ground import Found, GroundConfig, Grounder, NotFound, in_words
from agent_judge.drive.ground_scenario import meant
from agent_judge.drive.intent import CHOSEN, Chosen, Undecided, choose_for_step, take
from agent_judge.drive.likeness import Wanted
from agent_judge.drive.observe import Observer, View
from agent_judge.drive.reveal import REVEALING, point_at_what_reveals
from agent_judge.drive.settle import SettleConfig
from agent_judge.drive.ways import redone
from agent_judge.drive.wording import step_in_words
from agent_judge.errors import DriverError
from agent_judge.launch.patience import Patience
from agent_judge.protocols import Ambiguity, Chooser, Session
from agent_judge.schema import (
    Change,
    Cost,
    ExpectationResult,
    Grounding,
    Scenario,
    Step,
    StepOutcome,
    StepRecord,
    Target,
    Trajectory,
)
from agent_judge.schema.cost import together

T = TypeVar("T")
_LOAD_TIMEOUT = 15_000


class DriveConfig(BaseModel):
    """How patient the driver is. Times are in milliseconds unless said otherwise."""

    settle: SettleConfig = SettleConfig()
    ground: GroundConfig = GroundConfig()
    appear: float = 1500
    """How long a target may take to appear."""
    usable: float = 2000
    """How long an element may take to become usable: enabled, uncovered, at rest."""
    hang_seconds: float = 8
    """A page that does not answer for so long has hung."""


@dataclass
class _Result:
    """What came of a step."""

    outcome: StepOutcome
    reason: str = ""
    grounding: Grounding | None = None
    detail: str = ""
    expectations: tuple[ExpectationResult, ...] = ()
    change: Change = field(default_factory=Change)
    pixels: asyncio.Task[float] | None = None
    """Comparing pictures takes a while, and can go on while the next step is done."""


class Driver:
    """Does steps on a session's page and records them."""

    def __init__(
        self,
        session: Session,
        page: Page,
        folder: Path,
        config: DriveConfig | None = None,
        chooser: Chooser | None = None,
    ) -> None:
        """Prepares to use a page.

        Args:
            session: The launched solution.
            page: Its page.
            folder: Where screenshots go.
            config: How patient to be.
            chooser: Who says which element a step means where rules do not tell.
        """
        self.config = config or DriveConfig()
        self._chooser = chooser
        self._asked: list[Cost] = []
        self.session = session
        self.page = page
        self.observer = Observer(session, page, folder, self.config.settle)
        self.grounder = Grounder(page, self.config.ground)
        self.hands = Hands(page, session.address, self._find_further, self.config.usable)
        self.dead = ""
        """Why the app cannot be used any more, or nothing."""
        self.failed = ""
        """How our own side failed, or nothing."""
        self._records: list[tuple[StepRecord, asyncio.Task[float] | None]] = []
        self._eye = Eye(self.observer)

    @property
    def view(self) -> View:
        """The page as last observed."""
        return self.observer.views[-1]

    @property
    def records(self) -> list[StepRecord]:
        """The steps so far; their pixels may still be counted."""
        return [record for record, _ in self._records]

    async def begin(self) -> None:
        """Makes the first Observation."""
        try:
            self.observer.keep(await self._guard(self.observer.settled_view(), 0))
        except Crash as crash:
            self._die(str(crash))
        except DriverError as error:
            self.failed = str(error)

    async def perform(self, step: Step, found: Found | None = None) -> StepRecord:
        """Does one step and records it; never raises for the app's or our own failures.

        Args:
            step: What to do.
            found: The step's element, where it is known already.
        """
        began = time.monotonic()
        before = len(self.observer.observations) - 1
        try:
            result = await self._attempt(step, found)
        except Crash as crash:
            self._die(str(crash))
            result = _Result("crashed", str(crash))
        except DriverError as error:
            self.failed = str(error)
            result = _Result("driver_error", str(error))
        record = StepRecord(
            index=len(self._records),
            do=step.do,
            intent=step.intent,
            detail=result.detail or step_in_words(step),
            outcome=result.outcome,
            reason=result.reason,
            grounding=result.grounding,
            expectations=result.expectations,
            before=max(before, 0),
            after=max(len(self.observer.observations) - 1, 0),
            change=result.change,
            seconds=round(time.monotonic() - began, 3),
        )
        self._records.append((record, result.pixels))
        return record

    def withdraw_expectations(self) -> None:
        """Expects nothing of the last step after all, as it turned out to do what cannot be seen."""
        record, pixels = self._records[-1]
        self._records[-1] = (record.model_copy(update={"outcome": "done", "reason": "", "expectations": ()}), pixels)

    async def finish(
        self, policy: Literal["replay", "explore", "agent", "look"], scenario: Scenario | None = None
    ) -> Trajectory:
        """Ends the trajectory and gives what was recorded."""
        self.observer.close()
        steps = []
        for record, pixels in self._records:
            if pixels is not None:
                record = record.model_copy(update={"change": record.change.model_copy(update={"pixels": await pixels})})
            steps.append(record)
        return Trajectory(
            scenario=scenario.id if scenario else policy,
            title=scenario.title if scenario else "",
            policy=policy,
            launch=self.session.report,
            observations=tuple(self.observer.observations),
            steps=tuple(steps),
            driver_error=self.failed,
            cost=together(tuple(self._asked)) if self._asked else Cost(),
        )

    async def look(self, doing: Awaitable[T]) -> T | None:
        """What is found out about the page between steps; nothing where the app died or our own side failed.

        That becomes the outcome of a step then, as nothing else would tell of it.
        """
        try:
            return await self._guard(doing, 0)
        except Crash as crash:
            self._die(str(crash))
        except DriverError as error:
            self.failed = str(error)
        await self.perform(Step(do="wait", intent="look at the page", ms=0))
        return None

    async def choose(self, step: Step) -> Chosen | NotFound:
        """Finds a step's element, or another way to do what it intends, giving it a while to appear."""
        return await self._patiently(lambda view: choose_for_step(self.grounder, view, step))

    async def _revealed(self, step: Step) -> Chosen | None:
        """Finds a step's element where that shows itself only under the pointer."""
        view = await self.observer.read()
        about = self.grounder.about(meant(step), view.tree)
        patience, pointed = Patience(REVEALING / 1000), False
        async for _ in point_at_what_reveals(self.page, view.tree, about):
            pointed = True
            await self.observer.settler.rest()
            chosen = await choose_for_step(self.grounder, await self.observer.read(), step)
            if isinstance(chosen, Chosen):
                return chosen
            if patience.left() <= 0:
                break
        if pointed:
            await self.page.mouse.move(0, 0)
            await self.observer.settler.rest()
        return None

    async def _patiently(self, look: Callable[[View], Awaitable[T | NotFound]]) -> T | NotFound:
        patience = Patience(self.config.appear / 1000)
        view = await self.observer.read() if self.observer.settler.eternal else self.view
        while True:
            found = await look(view)
            left = patience.left() * 1000
            if not isinstance(found, NotFound) or left <= 0:
                return found
            await self.observer.next_change(left)
            view = await self.observer.read()

    async def _attempt(self, step: Step, found: Found | None) -> _Result:
        if self.failed:
            return _Result("driver_error", self.failed)
        if self.dead:
            return _Result("crashed", self.dead)
        before = self.view
        self.grounder.memory.looks.begin(step.do, before)
        to: Found | None = None
        if step.target and not found:
            chosen = await self._guard(self.choose(step), self.config.appear)
            if isinstance(chosen, Undecided) and self._chooser:
                chosen = await self._settled(chosen, step, step.target, self._chooser)
                before = await self._guard(self.observer.settled_view(), 0)  # It may have moved on meanwhile.
            if isinstance(chosen, NotFound) and (shown := await self._guard(self._revealed(step), REVEALING)):
                chosen = shown
                before = await self._guard(
                    self.observer.settled_view(), 0
                )  # What pointing did is no effect of the step.
            if isinstance(chosen, NotFound):
                return self._nothing(chosen)
            found, step = chosen.found, chosen.step
        if step.to:
            end = Wanted(step.to)
            there = await self._guard(self._patiently(lambda view: self.grounder.find(view, end)), self.config.appear)
            if isinstance(there, NotFound):
                return self._nothing(there)
            to = there
        grounding = found.grounding if found else None
        detail = step_in_words(step, found, to)
        try:
            await self._guard(self._act(step, found, to), _duration(step))
        except NoEffect as nothing:
            if step.do == "goto":  # The page that it went back to is another, though it reads the same.
                self.observer.keep(await self._guard(self.observer.settled_view(), 0))
            return _Result("no_effect", f"{detail}: {nothing}", grounding, detail)
        if found and step.target:
            self.grounder.memory.remember(step.target, found.candidate)
        if isinstance(step.value, str) and step.do in ("fill", "type"):
            self.grounder.memory.entered.append(step.value)
            self.grounder.memory.entered_in[step.value] = found.candidate.ref if found else ""
        result = await self._guard(self._follow(step, found, before), step.timeout)
        result.grounding, result.detail = grounding, detail
        if button := await self._button_instead(step, result):
            other = await self._attempt(button.step, button.found)
            other.detail = f"{detail}, which nothing took notice of; {other.detail}"
            return other
        return result

    async def _settled(self, undecided: Undecided, step: Step, target: Target, chooser: Chooser) -> Chosen | NotFound:
        """What the chooser says is meant; the page owes no answer while it thinks."""
        likely = [way.choice.candidate for way in undecided.options]
        options = tuple(f"{one.words} [ref={one.ref}]" if one.ref else one.words for one in likely)
        settled = await chooser.choose(Ambiguity(step.do, step.intent, in_words(target), options, undecided.snapshot))
        self._asked.append(settled.cost)
        if settled.option is None:
            return undecided
        chosen = await self._guard(take(self.grounder, undecided, settled.option), 0)
        if isinstance(chosen, NotFound):
            raise DriverError("the element that was chosen went away while it was chosen")
        return chosen

    async def _button_instead(self, step: Step, result: _Result) -> Chosen | None:
        """The button that does what Enter should have done, where the application takes no Enter."""
        ignored = result.outcome == "no_effect" and not result.change.any
        if step.key != "Enter" or not step.intent or not ignored or not self.grounder.memory.entered:
            return None
        click = redone(step, "click", target={"role": "button"})
        chosen = await self._guard(choose_for_step(self.grounder, self.view, click), 0)
        return chosen if isinstance(chosen, Chosen) else None

    def _nothing(self, choice: NotFound) -> _Result:
        nearest = f"; nearest: {', '.join(choice.alternatives)}" if choice.alternatives else ""
        return _Result("not_found", choice.reason + nearest)

    async def _act(self, step: Step, found: Found | None, to: Found | None) -> None:
        try:
            await self.hands.do(step, found, to)
        except PlaywrightTimeout:
            if not (found and step.target and isinstance(found.place, Locator) and not await found.place.count()):
                raise
            # The page put another element in its place since it was looked at.
            again = await choose_for_step(self.grounder, await self.observer.read(), step)
            if isinstance(again, NotFound):
                if found.grounding.method == CHOSEN:
                    raise DriverError("the element that was chosen went away while it was chosen") from None
                raise NoEffect("it went away before it could be used") from None
            await self.hands.do(again.step, again.found, to)

    async def _follow(self, step: Step, found: Found | None, before: View) -> _Result:
        """Waits for what follows an action and judges it."""
        self._eye.point(step.do, found)
        view = await self.observer.settled_view()
        view, _scene, results = await self._await_expectations(step, before, view)
        self.observer.keep(view)
        if death := self._death(before, view):
            raise Crash(death)
        change = reading_change(before, view)
        pixels: asyncio.Task[float] | None = None
        if change.any:
            pixels = asyncio.create_task(asyncio.to_thread(_share, before.picture, view.picture))
        else:
            change = Change(pixels=await self._eye.change(step.do, before, view))
        failed = next((result for result in results if not result.held), None)
        reason = f"expected {failed.expected}, but saw: {failed.seen}" if failed else ""
        if left := await self._return_to_app():
            reason = "; ".join(filter(None, (reason, left)))
        return _Result("no_effect" if failed else "done", reason, None, "", results, change, pixels)

    async def _await_expectations(
        self, step: Step, before: View, view: View
    ) -> tuple[View, Scene, tuple[ExpectationResult, ...]]:
        """Looks until all expectations hold, or time is up: ``passes`` says which need to hold only once."""
        patience = Patience(step.timeout / 1000)
        passed: dict[int, ExpectationResult] = {}
        while True:
            scene = Scene(before, view, self.observer.listen(), refused=self.session.blocked_requests)
            if any(needs_picture(one, scene) for one in step.expect):
                scene = replace(scene, picture_changed=await self._eye.change(step.do, before, view) > 0)
            results = tuple(
                passed.get(number) or check(one, scene, self.grounder) for number, one in enumerate(step.expect)
            )
            passed |= {n: result for n, result in enumerate(results) if result.held and passes(step.expect[n])}
            left = patience.left() * 1000
            if all(result.held for result in results) or left <= 0:
                break
            await self.observer.next_change(min(left, 150))
            fresh = await self.observer.read()
            view = fresh if not fresh.reads_like(view) else view
            watched = {number for number, one in enumerate(step.expect) if one.changed is not None}
            if watched - passed.keys() or (watched and not view.picture):
                # A picture each time: what is drawn may change without a word that reads differently.
                view = replace(view, picture=await self.observer.picture())
        return (view if view.picture else await self.observer.view()), scene, results

    async def _return_to_app(self) -> str:
        """Goes back if the step led out of the app; says where it led."""
        url = self.page.url
        home = self.session.address
        if not home or urlsplit(url)[:2] == urlsplit(home)[:2] or url.startswith(("about:", "data:", "blob:")):
            return ""
        await self.page.go_back(wait_until="load", timeout=self.config.settle.bound)
        if urlsplit(self.page.url)[:2] != urlsplit(home)[:2]:
            await self.page.goto(home, wait_until="load")
        return f"it led out of the app, to {url}"

    def _death(self, before: View, after: View) -> str:
        if reason := self.session.death():
            return reason
        refused = self.session.blocked_requests
        errors = [one for one in self.observer.observations[-1].errors if not follows_from(one, refused)]
        if errors and before.text.strip() and not after.text.strip() and len(list(after.tree.walk())) <= 2:
            return f"the page went blank: {errors[0].splitlines()[0]}"
        return ""

    def _die(self, reason: str) -> None:
        """Records that the app is gone, with what it last said."""
        self.dead = reason
        log = self.observer.listen()
        if log.console or log.errors or log.failed_requests or log.dialogs or not self.observer.observations:
            last = self.observer.views[-1] if self.observer.views else View(self.page.url, "", "", "")
            self.observer.keep(View(last.url, last.title, "", ""))

    async def _guard(self, doing: Awaitable[T], milliseconds: float) -> T:
        return await guard(self.session, self.page, doing, self.config.hang_seconds + milliseconds / 1000)

    async def _find_further(self, target: Target, action: str) -> Found | NotFound:
        await self.observer.settler.rest()
        return await self.grounder.find(await self.observer.read(), Wanted(target, action))


def _duration(step: Step) -> float:
    """How long an action takes by itself, in milliseconds."""
    return (
        (step.ms or 0)
        + step.times * (step.hold + 100)
        + 20 * len(step.value or "")
        + (_LOAD_TIMEOUT if step.url else 0)
    )


def _share(before: bytes, after: bytes) -> float:
    return pixel_change(before, after).share

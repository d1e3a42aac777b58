"""Finds what a log of coordinates met, by doing it again on the solution that it was recorded on."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from dataclasses import dataclass, field

from playwright.async_api import Error, Page

from agent_judge.drive.record_events import RecordedEvent, recorded_event, recorder_script
from agent_judge.drive.settle import SettleConfig, Settler
from agent_judge.errors import BadInput
from agent_judge.launch.own_world import ask
from agent_judge.protocols import Session
from agent_judge.read.formats.arena_log import ArenaEvent, ElementAt
from agent_judge.read.formats.devtools_keys import playwright_key
from agent_judge.read.formats.imported import viewport_of
from agent_judge.schema import Viewport

_LONGEST_PAUSE = 2.0
"""Pauses on a page that moves by itself are kept, up to so many seconds: longer ones are thinking."""
_DESCRIBE = f"(window.__agentJudgeDescribe ??= {recorder_script()}(null, false))"
_SCROLL = "([x, y]) => (document.scrollingElement || document.documentElement).scrollTo(x, y)"


@dataclass(frozen=True)
class Resolved:
    """What the events of a log met."""

    elements: dict[int, ElementAt]
    """By the index of the event."""
    died: str = ""
    """Why the solution could not be used to the end, where that is so."""


def size_of(events: Sequence[ArenaEvent]) -> Viewport:
    """The size of the page that a log begins with."""
    for event in events:
        if event.type == "resize":
            return viewport_of(event.width or 0, event.height or 0)
        if event.type in ("click", "keydown"):
            break
    return Viewport()


async def resolve_arena(session: Session, events: Sequence[ArenaEvent]) -> Resolved:
    """Does what a log says, event by event, and finds the element at each click and under each key.

    Args:
        session: The solution that the log was recorded on, launched with :func:`size_of` the log.
        events: The log.

    Raises:
        BadInput: The solution cannot be launched.
    """
    page = session.page
    if page is None or session.report.outcome != "ready":
        raise BadInput(f"the log cannot be replayed: {session.report.outcome}: {session.report.reason}")
    again = _Again(page, Settler(page, SettleConfig()))
    page.on("framenavigated", lambda frame: again.known.clear() if frame == page.main_frame else None)
    before = events[0] if events else None
    for index, event in enumerate(events):
        try:
            await again.settle((event.time - before.time).total_seconds() if before else 0)
            await again.do(index, event)
        except Error as error:
            return Resolved(again.elements, session.death() or error.message.splitlines()[0])
        if reason := session.death():
            return Resolved(again.elements, reason)
        before = event
    return Resolved(again.elements)


@dataclass
class _Again:
    page: Page
    settler: Settler
    elements: dict[int, ElementAt] = field(default_factory=dict)
    known: dict[int, ElementAt] = field(default_factory=dict)
    """Elements as they were when first met: the same one is the same target, whatever the page made of it since."""
    loaded: bool = False

    async def settle(self, pause: float) -> None:
        """Waits until the page has come to rest; as long as the person did, where it never rests."""
        await self.settler.rest()
        if self.settler.eternal:
            await asyncio.sleep(min(max(pause, 0), _LONGEST_PAUSE))

    async def do(self, index: int, event: ArenaEvent) -> None:
        """Does one event."""
        if event.type == "click":
            await self._click(index, event.x or 0, event.y or 0)
        elif event.type == "keydown":
            await self._key(index, playwright_key(event.key or ""))
        elif event.type == "scroll":
            await ask(self.page, _SCROLL, [event.scrollLeft or 0, event.scrollTop or 0])
        elif event.type == "resize":
            size = viewport_of(event.width or 0, event.height or 0)
            await self.page.set_viewport_size({"width": size.width, "height": size.height})
        elif event.type == "load":
            if self.loaded:
                await self.page.reload(wait_until="load")
            self.loaded = True

    async def _click(self, index: int, x: float, y: float) -> None:
        met = await ask(self.page, f"([x, y]) => {_DESCRIBE}.at(x, y)", [x, y])
        if met:
            self.elements[index] = self._element(recorded_event({"type": "click", "time": 0, **met}))
        await self.page.mouse.click(x, y)

    async def _key(self, index: int, key: str) -> None:
        met = await ask(self.page, f"() => {_DESCRIBE}.focused()")
        focused = recorded_event({"type": "click", "time": 0, **met}) if met else None
        if focused and focused.takes == "text":
            self.elements[index] = self._element(focused)
        with contextlib.suppress(Error):  # A key that this keyboard does not have.
            await self.page.keyboard.press(key)

    def _element(self, met: RecordedEvent) -> ElementAt:
        strokes = met.takes in ("strokes", "value")
        if met.element in self.known and not strokes:
            return self.known[met.element]
        if met.target is None:
            raise BadInput("the recorder describes an element without a target")
        takes = met.takes if met.takes in ("text", "choice") else "nothing"
        element = ElementAt(met.target, takes, met.at if strokes else None)
        if met.element is not None and takes == "text":
            self.known[met.element] = element
        return element

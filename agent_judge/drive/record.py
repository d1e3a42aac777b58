"""Records a person who uses a launched solution: what is done on its page becomes a Scenario."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass, field

from playwright.async_api import Error, Frame, Page

from agent_judge.drive.record_events import RecordedEvent, recorded_event, recorder_script
from agent_judge.drive.record_steps import scenario_from_recording
from agent_judge.errors import BadInput, DriverError
from agent_judge.launch.own_world import ask, hear
from agent_judge.protocols import Session
from agent_judge.read.formats.imported import Imported

_MOST_EVENTS = 100_000
_LOOK_SECONDS = 0.5
_LISTEN = f"""() => {{
  const own = globalThis[Symbol.for("agent-judge")];
  if (own.recorded) return;
  own.recorded = true;
  {recorder_script()}((event) => own.tell(event), false);
}}"""


@dataclass
class Recorder:
    """Listens to one page, through reloads and in all its frames."""

    page: Page
    events: list[RecordedEvent] = field(default_factory=list)
    _listening: set[asyncio.Task[None]] = field(default_factory=set, repr=False)

    async def start(self) -> None:
        """Begins to listen.

        Raises:
            DriverError: The page is gone.
        """
        hear(self.page, self._told)
        self.page.on("framenavigated", self._listen_soon)
        try:
            for frame in self.page.frames:
                await ask(frame, _LISTEN)
        except Error as error:
            raise DriverError(f"the page cannot be listened to: {error.message.splitlines()[0]}") from error

    def _listen_soon(self, frame: Frame) -> None:
        listening = asyncio.create_task(_listen(frame))
        self._listening.add(listening)
        listening.add_done_callback(self._listening.discard)

    def _told(self, data: object) -> None:
        """Keeps an event; what it says of the page is the page's word, and may be too much to believe."""
        if len(self.events) < _MOST_EVENTS:
            with contextlib.suppress(BadInput):
                self.events.append(recorded_event(data))

    def scenario(self, name: str, title: str = "") -> Imported:
        """What was done so far, as a Scenario.

        Raises:
            BadInput: Nothing was done.
        """
        return scenario_from_recording(self.events, name, title)


async def _listen(frame: Frame) -> None:
    with contextlib.suppress(Error):  # A frame that is replaced again has its next document listened to.
        await ask(frame, _LISTEN)


async def until_left(session: Session, stop: asyncio.Event) -> str:
    """Waits until the person closes the window, the solution dies, or ``stop`` is set.

    Returns:
        Why the solution died, or nothing.
    """
    page = session.page
    if page is None:
        return ""
    page.on("close", lambda _: stop.set())
    while not stop.is_set():
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_LOOK_SECONDS):
                await stop.wait()
        with contextlib.suppress(DriverError):  # The window was closed, and with it the browser.
            if reason := session.death():
                return "" if page.is_closed() and "closed itself" in reason else reason
            continue
        return ""
    return ""

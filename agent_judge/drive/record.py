"""Records a person who uses a launched solution: what is done on its page becomes a Scenario."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass, field

from playwright.async_api import Error, Frame, Page
from playwright.async_api import TimeoutError as PlaywrightTimeout

from agent_judge.drive.record_events import RecordedEvent, recorded_event, recorder_script
from agent_judge.drive.record_steps import scenario_from_recording
from agent_judge.errors import BadInput, DriverError
from agent_judge.protocols import Session
from agent_judge.read.formats.imported import Imported

_BINDING = "__agentJudgeTell"
_MOST_EVENTS = 100_000
_LOOK_SECONDS = 0.5


@dataclass
class Recorder:
    """Listens to one page, through reloads and in all its frames."""

    page: Page
    events: list[RecordedEvent] = field(default_factory=list)

    async def start(self) -> None:
        """Begins to listen.

        Raises:
            DriverError: The page is gone.
        """
        script = f"""if (window.{_BINDING} && !window.{_BINDING}.used) {{
          const tell = window.{_BINDING};
          tell.used = true;
          {recorder_script()}((event) => tell(event), false);
        }}"""
        try:
            await self.page.context.expose_function(_BINDING, self._told)
            await self.page.add_init_script(script)
            for frame in self.page.frames:
                await _listen(frame, script)
        except Error as error:
            raise DriverError(f"the page cannot be listened to: {error.message.splitlines()[0]}") from error

    def _told(self, data: object) -> None:
        """Keeps an event. What is no event of the recorder comes from the page itself, which is not to be believed."""
        if len(self.events) < _MOST_EVENTS:
            with contextlib.suppress(BadInput):
                self.events.append(recorded_event(data))

    def scenario(self, name: str, title: str = "") -> Imported:
        """What was done so far, as a Scenario.

        Raises:
            BadInput: Nothing was done.
        """
        return scenario_from_recording(self.events, name, title)


async def _listen(frame: Frame, script: str) -> None:
    with contextlib.suppress(PlaywrightTimeout):  # A frame that is being replaced gets the script when it is there.
        await frame.evaluate(f"() => {{ {script} }}")


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

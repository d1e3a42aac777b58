"""A guest made ready for its solution: its browser runs, its pages are bounded, and an empty one is open."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass

from playwright.async_api import Browser, Error, Playwright

from agent_judge.errors import DriverError
from agent_judge.launch.chromium import SandboxedBrowser, browser_arguments
from agent_judge.launch.guest import Flavour, Guest, GuestProcess, Provider
from agent_judge.launch.renderers import Overruns
from agent_judge.launch.show import LOOPBACK
from agent_judge.launch.spare import SparePage

_WATCH = ("/usr/bin/python3", "-I", "-S", "/guest/renderers.py")
_CLOSE_SECONDS = 5
_WARM_SECONDS = 20


class GuestWatch:
    """Listens to ``sandbox/guest/renderers.py``; implements :class:`~agent_judge.launch.renderers.PageWatch`."""

    def __init__(self, process: GuestProcess, limit_mib: int) -> None:
        self._ended = Overruns(limit_mib)
        self._reader = asyncio.create_task(self._read(process))

    def overrun(self) -> str:
        """What the renderer of a page that has just crashed was ended for, or nothing; each is told once."""
        return self._ended.next()

    def stop(self) -> None:
        """Listens no more."""
        self._reader.cancel()

    async def _read(self, process: GuestProcess) -> None:
        try:
            async for _ in process.lines():
                self._ended.add()
        finally:
            await process.end()


class GuestBrowser(SandboxedBrowser):
    """The one browser of a guest. Whoever shows a page in it leaves it open: it ends with its guest."""

    async def close(self) -> None:
        """Leaves it open."""


class OnlyPage(SparePage):
    """The one empty page of a guest: there is no other after it."""

    def open(self, browser: Browser) -> None:
        """Starts to open it."""
        super().refill(browser)

    def refill(self, browser: Browser) -> None:
        """Opens no other."""

    async def draw(self) -> None:
        """Waits until it is open and a first picture of it is drawn, for which the browser starts what draws.

        Raises:
            DriverError: The browser gives no page.
            Error: The page takes no picture.
        """
        if self._opening:
            # Who waits no longer leaves it to open: its solution still wants it.
            await (await asyncio.shield(self._opening)).page.screenshot()


@dataclass
class ReadyGuest:
    """A guest with its browser and an empty page."""

    guest: Guest
    opened: GuestBrowser
    spare: OnlyPage

    @classmethod
    async def make(cls, provider: Provider, playwright: Playwright, flavour: Flavour) -> ReadyGuest:
        """Makes one.

        Raises:
            MissingRequirement: This machine lacks what that takes.
            DriverError: It did not come up.
        """
        guest = await provider.create(flavour)
        try:
            arguments = browser_arguments("joined" if flavour.loopback else "closed")
            browser = await guest.open_browser(playwright, arguments)
            watching = await guest.start([*_WATCH, str(flavour.page_memory_mib)], "browser")
            watch = GuestWatch(watching, flavour.page_memory_mib)
        except BaseException:
            await guest.close()
            raise
        spare = OnlyPage(LOOPBACK if flavour.loopback else None)
        spare.open(browser)
        return cls(guest, GuestBrowser(browser, watch), spare)

    async def warm_up(self) -> None:
        """Waits until what a solution would wait for is there; what does not come, its launch makes up for or tells."""
        with contextlib.suppress(Error, DriverError, TimeoutError):
            async with asyncio.timeout(_WARM_SECONDS):
                await self.spare.draw()
                await self.opened.bench.rest()

    async def healthy(self) -> bool:
        """Whether it can still be used."""
        return self.opened.browser.is_connected() and await self.guest.alive()

    async def close(self) -> None:
        """Ends it and all that runs in it; safe to call twice."""
        self.opened.watch.stop()
        await self.guest.close()
        with contextlib.suppress(Error, TimeoutError, DriverError):
            async with asyncio.timeout(_CLOSE_SECONDS):
                await self.opened.bench.close()
                await self.spare.close()
                await self.opened.browser.close()

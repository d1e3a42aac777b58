"""Keeps one empty page ready, since a browser takes longer to open one than most solutions take to load."""

from __future__ import annotations

import asyncio
import contextlib
import re

from playwright.async_api import Browser

from agent_judge.errors import DriverError
from agent_judge.launch.hardened import HardenedPage, open_hardened_page

_FIRST_LOOK_SECONDS = 1.0


class SparePage:
    """At most one page, in a context of its own that nothing has been in."""

    def __init__(self, live: re.Pattern[str] | None = None) -> None:
        """Prepares for pages that contact some addresses, or none."""
        self._live = live
        self._browser: Browser | None = None
        self._opening: asyncio.Task[HardenedPage] | None = None
        self._planned: asyncio.TimerHandle | None = None

    async def take(self, browser: Browser) -> HardenedPage:
        """Gives the spare page, or opens one where there is none.

        Raises:
            DriverError: The browser gives no page.
        """
        self._put_off()
        opening, self._opening = self._opening, None
        if opening and self._browser is browser:
            with contextlib.suppress(DriverError):
                return await opening
        elif opening:
            await _ended(opening)
        return await open_hardened_page(browser, self._live)

    def refill_later(self, browser: Browser) -> None:
        """Lets what was just launched be pictured first, which opening another page would slow down."""
        self._put_off()
        self._planned = asyncio.get_running_loop().call_later(_FIRST_LOOK_SECONDS, self.refill, browser)

    def refill(self, browser: Browser) -> None:
        """Starts to open the next one."""
        self._put_off()
        if self._opening is None and browser.is_connected():
            self._browser = browser
            self._opening = asyncio.create_task(open_hardened_page(browser, self._live))

    async def close(self) -> None:
        """Closes the spare page."""
        self._put_off()
        opening, self._opening = self._opening, None
        if opening:
            await _ended(opening)

    def _put_off(self) -> None:
        if self._planned:
            self._planned.cancel()
        self._planned = None


async def _ended(opening: asyncio.Task[HardenedPage]) -> None:
    with contextlib.suppress(DriverError):
        await (await opening).close()

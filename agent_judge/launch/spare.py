"""Keeps one empty page ready, since a browser takes longer to open one than most solutions take to load."""

from __future__ import annotations

import asyncio
import contextlib

from playwright.async_api import Browser

from agent_judge.errors import DriverError
from agent_judge.launch.hardened import HardenedPage, open_hardened_page


class SparePage:
    """At most one page, in a context of its own that nothing has been in."""

    def __init__(self) -> None:
        self._browser: Browser | None = None
        self._opening: asyncio.Task[HardenedPage] | None = None

    async def take(self, browser: Browser) -> HardenedPage:
        """Gives the spare page, or opens one where there is none.

        Raises:
            DriverError: The browser gives no page.
        """
        opening, self._opening = self._opening, None
        if opening and self._browser is browser:
            with contextlib.suppress(DriverError):
                return await opening
        elif opening:
            await _ended(opening)
        return await open_hardened_page(browser)

    def refill(self, browser: Browser) -> None:
        """Starts to open the next one."""
        if self._opening is None and browser.is_connected():
            self._browser = browser
            self._opening = asyncio.create_task(open_hardened_page(browser))

    async def close(self) -> None:
        """Closes the spare page."""
        opening, self._opening = self._opening, None
        if opening:
            await _ended(opening)


async def _ended(opening: asyncio.Task[HardenedPage]) -> None:
    with contextlib.suppress(DriverError):
        await (await opening).close()

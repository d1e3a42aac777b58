"""The page that is kept ready is there for its solution, whoever else waited for it."""

from __future__ import annotations

import asyncio
import re

import pytest
from playwright.async_api import Browser

from agent_judge.launch import spare
from agent_judge.launch.guest_browser import OnlyPage
from agent_judge.launch.hardened import HardenedPage, open_hardened_page


async def test_a_page_that_takes_long_to_open_is_not_lost_by_who_waits_no_longer(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = asyncio.Event()

    async def slow(browser: Browser, live: re.Pattern[str] | None = None) -> HardenedPage:
        await opened.wait()
        return await open_hardened_page(browser, live)

    monkeypatch.setattr(spare, "open_hardened_page", slow)
    page = OnlyPage()
    page.open(browser)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await page.draw()
    opened.set()
    taken = await page.take(browser)
    assert taken.page.url == "about:blank"
    await taken.close()

"""Whether a browser itself still answers, apart from what a page in it does."""

from __future__ import annotations

from playwright.async_api import Browser, Error

from agent_judge.launch.patience import patiently

_BROWSER_SECONDS = 15


async def browser_answers(browser: Browser | None) -> bool:
    """Whether the browser is there and can be talked to.

    A page that hangs leaves its browser as it is. Where that does not answer either, it is gone, or so is the way to
    it: its sandbox was frozen, or the connection is dead and nobody said so. That is not the page's fault.

    Args:
        browser: The browser, if the page has one of its own.
    """
    if browser is None:
        return True
    try:
        async with patiently(_BROWSER_SECONDS):
            context = await browser.new_context()
            await context.close()
    except (Error, TimeoutError):
        return False
    return True

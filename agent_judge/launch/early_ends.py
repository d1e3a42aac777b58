"""Lets Playwright bear browsers that end in the moment in which they are handed over."""

from __future__ import annotations

from collections.abc import Callable

from playwright._impl.browser_context import BrowserContext

_close: Callable[[BrowserContext], None] = BrowserContext._on_close


def bear_early_ends() -> None:
    """Makes it safe that a browser ends before whoever asked for it has it, as those in sandboxes elsewhere may.

    Playwright 1.65 then fails while it takes note of that, and raises the failure from the next call that anybody
    makes: from that of another solution's page.
    """
    BrowserContext._on_close = _noted  # type: ignore[method-assign,assignment]  # there is no other place to mend it


def _noted(context: BrowserContext) -> None:
    browser = context._browser
    if browser is not None and browser._browser_type is None:
        # Nobody has it yet, so nobody needs to be told.
        browser._contexts.pop(context, None)
        context._browser = None
    _close(context)

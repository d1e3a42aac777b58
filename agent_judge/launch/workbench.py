"""Pages of our own in the browser that has no network, in which compilers work on what solutions say."""

from __future__ import annotations

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass

from playwright.async_api import Browser, Error, Page, Route

from agent_judge.errors import DriverError
from agent_judge.launch.patience import patiently

_ADDRESS = "http://localhost"
_REST_SECONDS = 1.0
"""What a compiler's work was for is to be seen first, which making it ready for the next would slow down."""


@dataclass(frozen=True)
class Tool:
    """A page that compiles something."""

    name: str
    files: Mapping[str, tuple[str, bytes]]
    """Path to content type and content; ``/`` is the page, whose scripts set ``ready`` when they are done."""
    afresh: str = ""
    """JavaScript that makes it forget what it was used for, where it does not by itself; its next use may do so too,
    and takes longer then."""


class Workbench:
    """Tools that are open in one browser."""

    def __init__(self, *, keeps: bool = True) -> None:
        """Prepares an empty one.

        Args:
            keeps: Whether a tool stays open for the next use.
        """
        self._keeps = keeps
        self._pages: dict[str, Page] = {}
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._planned: dict[str, asyncio.TimerHandle] = {}
        self._working: set[asyncio.Task[None]] = set()

    async def use(self, browser: Browser, tool: Tool, function: str, argument: object, seconds: float) -> object:
        """Calls a function of a tool.

        Args:
            browser: Where it is, or is opened.
            tool: What is used.
            function: The function's name.
            argument: What it is given.
            seconds: How long it may take.

        Raises:
            TimeoutError: It took longer.
            DriverError: The tool does not work.
        """
        if planned := self._planned.pop(tool.name, None):
            planned.cancel()
        async with self._locks[tool.name]:
            try:
                page = await self._open(browser, tool)
                async with patiently(seconds):
                    given = await page.evaluate(function, argument)
            except Error as error:
                self.drop(tool)
                raise DriverError(f"{tool.name} failed: {error.message.splitlines()[0]}") from error
            except (TimeoutError, asyncio.CancelledError):
                self.drop(tool)  # It may still be at work.
                raise
            if not self._keeps:
                self.drop(tool)
        if self._keeps and tool.afresh:
            self._planned[tool.name] = asyncio.get_running_loop().call_later(
                _REST_SECONDS, self.make_ready, browser, tool
            )
        return given

    def make_ready(self, browser: Browser, tool: Tool) -> None:
        """Starts to open a tool ahead of its use, or makes it forget its last one."""
        self._begin(self._refresh(browser, tool))

    async def rest(self) -> None:
        """Waits until nothing is being made ready or closed."""
        if self._working:
            await asyncio.wait(self._working)

    async def close(self) -> None:
        """Ends what goes on; the tools close with their browser."""
        for planned in self._planned.values():
            planned.cancel()
        for working in self._working:
            working.cancel()
        await asyncio.gather(*self._working, return_exceptions=True)

    async def _open(self, browser: Browser, tool: Tool) -> Page:
        if tool.name not in self._pages:
            self._pages[tool.name] = await _opened(browser, tool)
        return self._pages[tool.name]

    def drop(self, tool: Tool) -> None:
        """Closes a tool that may not work any more; its next use opens another."""
        if page := self._pages.pop(tool.name, None):
            self._begin(_closed(page))

    def _begin(self, work: Coroutine[None, None, None]) -> None:
        working = asyncio.create_task(work)
        self._working.add(working)
        working.add_done_callback(self._working.discard)

    async def _refresh(self, browser: Browser, tool: Tool) -> None:
        async with self._locks[tool.name]:
            try:
                page = await self._open(browser, tool)
                if tool.afresh:
                    await page.evaluate(tool.afresh)
            except Error:  # Its next use opens another, and tells what is wrong.
                self.drop(tool)


async def _closed(page: Page) -> None:
    with contextlib.suppress(Error):
        await page.context.close()


async def _opened(browser: Browser, tool: Tool) -> Page:
    async def answer(route: Route) -> None:
        kind, body = tool.files.get(route.request.url.removeprefix(_ADDRESS), ("text/plain", b""))
        await route.fulfill(body=body, content_type=kind)

    context = await browser.new_context()
    try:
        await context.route("**/*", answer)
        page = await context.new_page()
        await page.goto(f"{_ADDRESS}/")
        await page.wait_for_function("window.ready", timeout=0)
    except BaseException:
        with contextlib.suppress(Error):
            await context.close()
        raise
    return page

"""Our own scripts in a page, in a world of their own: the same document, but nothing that its scripts made of it.

A page may give names of the browser's to something else (``class Map {}``, ``document.querySelectorAll = ...``), and
is no worse for it. Playwright's ``evaluate`` needs these names, and would get the page's; here are the browser's. The
world is the one in which Playwright's own scripts run.
"""

from __future__ import annotations

import asyncio
import json
import re
import secrets
from collections.abc import Callable
from importlib.resources import files
from typing import Any

from playwright.async_api import ConsoleMessage, Error, Frame, JSHandle, Locator, Page, Playwright
from playwright.async_api import TimeoutError as PlaywrightTimeout

_ENGINE = "agent_judge"
_TOKEN = secrets.token_hex(16)
"""What no page knows: by it the two sides know each other."""
_TELLS = f"{_TOKEN} tell "
_MEETING_SECONDS = 10
_LEFT = re.compile("context was destroyed|Cannot find context")
"""What Playwright says where the document was left, or another put in its place."""

Where = Page | Frame | Locator


def _script(name: str) -> str:
    return (files(__package__) / name).read_text(encoding="utf-8").replace("__TOKEN__", _TOKEN)


PAGE_WORLD = _script("page_world.js")
"""What is to run before a page's own scripts, so that it can be asked for what only its own world knows."""


async def prepare_own_world(playwright: Playwright) -> None:
    """Makes pages have such a world; before the first is opened."""
    await playwright.selectors.register(_ENGINE, _script("own_world.js"), content_script=True)


def is_ours(line: str) -> bool:
    """Whether a line of the console comes from our own scripts."""
    return line.startswith(_TOKEN)


async def ask(where: Where, script: str, argument: object = None, *, again: bool = True) -> Any:
    """Calls a function in the world of our own and gives what it returns.

    Args:
        where: The page or frame, or an element, which the function is given first.
        script: The function.
        argument: What it is given.
        again: Whether it is called again in the next document where this one was left meanwhile.

    Raises:
        playwright.async_api.TimeoutError: The element is not there.
        playwright.async_api.Error: The page or the frame is gone, or was left.
    """
    try:
        return await (await _world(where)).evaluate(_call(where, script), argument)
    except Error as error:
        if not _is_left(where, error) or not again:
            raise
    return await (await _world(where)).evaluate(_call(where, script), argument)


async def ask_handle(where: Where, script: str, argument: object = None) -> JSHandle:
    """The same, for what stays in the page; its ``evaluate`` runs in the world of our own, too."""
    try:
        return await (await _world(where)).evaluate_handle(_call(where, script), argument)
    except Error as error:
        if not _is_left(where, error):
            raise
    return await (await _world(where)).evaluate_handle(_call(where, script), argument)


def has_answered(frame: Frame) -> bool:
    """Whether scripts of ours have run in a frame's present document."""
    return _worlds_of(frame.page).has_met(frame)


def was_left(error: Error) -> bool:
    """Whether an error says that the document was left meanwhile."""
    return _LEFT.search(error.message) is not None


def kept_element(frame: Frame, collection: int, index: int) -> Locator:
    """An element that a script of ours kept, as long as it is in the document.

    Args:
        frame: Where it is.
        collection: What ``keep`` said (see ``own_world.js``).
        index: Its place among what was kept.
    """
    return frame.locator(f"{_ENGINE}=kept {collection} {index}")


def hear(page: Page, listener: Callable[[object], None]) -> None:
    """Calls ``listener`` with all that scripts of ours tell from now on (see ``tell`` in ``own_world.js``)."""

    def on_console(message: ConsoleMessage) -> None:
        if message.text.startswith(_TELLS):
            listener(json.loads(message.text.removeprefix(_TELLS)))

    page.on("console", on_console)


class _Worlds:
    """Our own worlds in the frames of one page, each met once in the life of a document."""

    def __init__(self, page: Page) -> None:
        self._met: dict[Frame, JSHandle] = {}
        self._meeting: dict[str, asyncio.Future[JSHandle]] = {}
        page.on("console", self._on_console)
        page.on("framenavigated", self.forget)
        page.on("framedetached", self.forget)

    def forget(self, frame: Frame) -> None:
        """Takes note that a frame has another document."""
        self._met.pop(frame, None)

    def has_met(self, frame: Frame) -> bool:
        """Whether the world in a frame was met."""
        return frame in self._met

    async def of(self, frame: Frame) -> JSHandle:
        """The world in a frame, as an object that has its document."""
        if frame not in self._met:
            self._met[frame] = await self.meet(frame)
        return self._met[frame]

    async def meet(self, where: Frame | Locator) -> JSHandle:
        """The world of a frame or an element, as an object that has its document, or it."""
        number = secrets.token_hex(8)
        self._meeting[number] = asyncio.get_running_loop().create_future()
        try:
            if not await where.locator(f"{_ENGINE}=meet {number}").count():
                raise PlaywrightTimeout("the element is not there any more")
            async with asyncio.timeout(_MEETING_SECONDS):
                return await self._meeting[number]
        except TimeoutError as error:
            raise Error("the page does not let our own scripts be found") from error
        finally:
            del self._meeting[number]

    def _on_console(self, message: ConsoleMessage) -> None:
        if not is_ours(message.text):
            return
        meeting = self._meeting.get(message.text.split(" ")[1])
        if meeting and not meeting.done():
            meeting.set_result(message.args[1])


_worlds: dict[Page, _Worlds] = {}


def _forget(page: Page) -> None:
    _worlds.pop(page, None)


def _worlds_of(page: Page) -> _Worlds:
    if page not in _worlds:
        _worlds[page] = _Worlds(page)
        page.on("close", _forget)
    return _worlds[page]


async def _world(where: Where) -> JSHandle:
    if isinstance(where, Locator):
        return await _worlds_of(where.page).meet(where)
    frame = where.main_frame if isinstance(where, Page) else where
    return await _worlds_of(frame.page).of(frame)


def _is_left(where: Where, error: Error) -> bool:
    """Whether an error says that the document was left; its world is not used again."""
    if not was_left(error):
        return False
    if not isinstance(where, Locator):
        frame = where.main_frame if isinstance(where, Page) else where
        _worlds_of(frame.page).forget(frame)
    return True


def _call(where: Where, script: str) -> str:
    given = "root, argument" if isinstance(where, Locator) else "argument"
    return f"({{ root }}, argument) => ({script}\n)({given})"

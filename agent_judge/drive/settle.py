"""Waiting until a page has come to rest, without fixed sleeps, and with a bound."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from playwright.async_api import Error, Frame, Page, Request
from pydantic import BaseModel

from agent_judge.launch.own_world import ask

_SETTLE = (files(__package__) / "settle.js").read_text(encoding="utf-8")
_WAITED_FOR = {"document", "stylesheet", "image", "font", "script", "xhr", "fetch"}


class SettleConfig(BaseModel):
    """How long to wait for what. All in milliseconds."""

    quiet: float = 50
    """No DOM change and no scrolling for so long is rest."""
    bound: float = 2000
    """The longest wait for rest."""
    animation: float = 1000
    """Finite animations that end within this time are waited for; longer ones belong to what the app does."""
    eternal_bound: float = 150
    """The longest wait on a page that has been seen to move forever."""
    network: float = 2000
    """The longest wait for requests that are under way."""


@dataclass(frozen=True)
class Rest:
    """How a page came to rest."""

    settled: bool
    """Whether it did, before the bound."""
    stirred: bool
    """Whether anything happened while waiting, so that what was captured meanwhile is out of date."""


class Network:
    """Counts the page's requests that are under way."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._pending: set[Request] = set()
        self._idle = asyncio.Event()
        self._idle.set()
        page.on("request", self._started)
        page.on("requestfinished", self._ended)
        page.on("requestfailed", self._ended)

    def close(self) -> None:
        """Stops listening."""
        self._page.remove_listener("request", self._started)
        self._page.remove_listener("requestfinished", self._ended)
        self._page.remove_listener("requestfailed", self._ended)

    @property
    def busy(self) -> bool:
        """Whether a request is under way."""
        return bool(self._pending)

    async def quiet(self, milliseconds: float) -> bool:
        """Waits until no request is under way; says whether that was so in time."""
        try:
            await asyncio.wait_for(self._idle.wait(), milliseconds / 1000)
        except TimeoutError:
            self._pending.clear()  # A long poll: not worth waiting for again.
            self._idle.set()
            return False
        return True

    def _started(self, request: Request) -> None:
        if request.resource_type in _WAITED_FOR:
            self._pending.add(request)
            self._idle.clear()

    def _ended(self, request: Request) -> None:
        self._pending.discard(request)
        if not self._pending:
            self._idle.set()


class Settler:
    """Waits for rest, and remembers whether the page is one that moves forever."""

    def __init__(self, page: Page, config: SettleConfig) -> None:
        self._page = page
        self._config = config
        self._network = Network(page)
        self.eternal = False
        """The page changes with every frame: it is sampled in time instead of waited for."""

    def close(self) -> None:
        """Stops listening to the page."""
        self._network.close()

    async def rest(self) -> Rest:
        """Waits until DOM (of frames too) and network are quiet and finite animations end, or until the bound."""
        stirred = False
        settled = False
        for _ in range(5):
            seen = await self._watch()
            stirred |= seen.stirred
            settled = seen.settled
            if not self._network.busy:
                break
            stirred = True
            if not await self._network.quiet(self._config.network):
                break
        return Rest(settled, stirred)

    async def _watch(self) -> Rest:
        config = self._config
        options = {
            "quiet": config.quiet,
            "bound": config.eternal_bound if self.eternal else config.bound,
            "patience": config.animation,
        }
        for _ in range(5):
            try:
                main, *inner = await asyncio.gather(
                    ask(self._page, _SETTLE, options, again=False),
                    *(_watch_inner(frame, options) for frame in self._page.frames[1:]),
                )
            except Error as error:
                if not _navigated(error):
                    raise
                await self._page.wait_for_load_state("domcontentloaded", timeout=config.network)
            else:
                watched = [main, *(seen for seen in inner if seen is not None)]
                settled = all(seen["settled"] for seen in watched)
                self.eternal = any(seen["eternal"] for seen in watched) or (self.eternal and not settled)
                return Rest(settled, any(seen["late"] or seen["animated"] for seen in watched))
        return Rest(settled=False, stirred=True)


async def _watch_inner(frame: Frame, options: dict[str, float]) -> dict[str, Any] | None:
    """Waits until a frame within the page rests; ``None`` for one that goes away or loads anew meanwhile."""
    try:
        seen: dict[str, Any] = await ask(frame, _SETTLE, options, again=False)
    except Error:
        return None
    return seen


def _navigated(error: Error) -> bool:
    message = error.message
    return "context was destroyed" in message or "navigation" in message or "Cannot find context" in message

"""The running solution as the driver sees it: a page with its log, or nothing but a report."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Protocol

from playwright.async_api import Page

from agent_judge.protocols import PageLog
from agent_judge.schema import BlockedRequest, LaunchOutcome, LaunchReport


class Guarded(Protocol):
    """A hardened page with everything that it said and tried (see :mod:`agent_judge.launch.hardened`)."""

    page: Page
    blocked_requests: list[BlockedRequest]

    def drain(self) -> PageLog:
        """Takes what the page said since the last call."""
        ...

    def death(self) -> str:
        """Why the page cannot be driven any more, or nothing."""
        ...

    async def close(self) -> None:
        """Closes the page and its context; bounded, safe to call twice."""
        ...


class BrowserSession:
    """A launched Solution. Launchers add what must be watched and ended besides the page."""

    def __init__(self, report: LaunchReport, guarded: Guarded | None = None, address: str = "") -> None:
        self.report = report
        self.address = address
        self.page: Page | None = guarded.page if guarded else None
        self.blocked_requests: list[BlockedRequest] = guarded.blocked_requests if guarded else []
        self._guarded = guarded
        self._watched: list[Callable[[], str]] = []
        self._ended: list[Callable[[], Awaitable[None]]] = []
        self._heard: list[Callable[[], list[str]]] = []

    @classmethod
    def failed(cls, outcome: LaunchOutcome, reason: str, *, build_log: str = "") -> BrowserSession:
        """A solution that could not be launched: a report and no page."""
        return cls(LaunchReport(outcome=outcome, reason=reason, build_log=build_log))

    def watch(self, death: Callable[[], str]) -> None:
        """Asks ``death`` too whenever the session is asked why it died; the page is asked last."""
        self._watched.append(death)

    def hear(self, errors: Callable[[], list[str]]) -> None:
        """Adds to the page's uncaught exceptions those that ``errors`` gives, which has each only once."""
        self._heard.append(errors)

    def on_close(self, end: Callable[[], Awaitable[None]], *, last: bool = False) -> None:
        """Calls ``end`` when the session is closed, after the page is gone.

        Args:
            end: What to call; of several the last added is called first.
            last: Whether it is called after all others all the same, since they are inside of what it ends.
        """
        self._ended.insert(0 if last else len(self._ended), end)

    def drain(self) -> PageLog:
        """Takes what the page said since the last call."""
        log = self._guarded.drain() if self._guarded else PageLog()
        for errors in self._heard:
            log.errors += errors()
        return log

    def death(self) -> str:
        """Why the solution cannot be driven any more, or nothing."""
        for watched in self._watched:
            if reason := watched():
                return reason
        return self._guarded.death() if self._guarded else ""

    async def close(self) -> None:
        """Ends everything the solution started; safe to call twice."""
        ended, self._ended = self._ended, []
        try:
            if self._guarded:
                await self._guarded.close()
        finally:
            for end in reversed(ended):
                await end()

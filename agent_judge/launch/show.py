"""Shows what was launched: files from memory in the warm browser, or a server in a browser that joins its network."""

from __future__ import annotations

import re
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from playwright.async_api import Playwright, Request

from agent_judge.launch.cdn import Cdn
from agent_judge.launch.chromium import Network, SandboxedBrowser, open_browser
from agent_judge.launch.content_type import content_type
from agent_judge.launch.hardened import HardenedPage, Rules, Served, load, open_hardened_page
from agent_judge.launch.session import BrowserSession
from agent_judge.launch.spare import SparePage
from agent_judge.read.environment import Limits
from agent_judge.schema import LaunchReport, Viewport

ADDRESS = "http://localhost/"
"""Where pages from memory are: a secure context, as what a person opens while developing."""
_JOINED = re.compile(r"(?:https?|wss?)://(?:localhost|127\.0\.0\.1|\[::1\])(?::\d+)?(?:[/?#]|$)", re.IGNORECASE)
"""What a page may reach in a network that it joined: the one loopback there, by each of its names."""
_SETTLE_SECONDS = 5.0
_TEXTS = (".html", ".htm", ".js", ".mjs", ".css", ".svg")
_LONGEST_SOURCE = 2_000_000


@dataclass
class Showing:
    """One launch under way; implements :class:`~agent_judge.launch.launching.Launching`."""

    playwright: Playwright
    viewport: Viewport
    seed: int
    limits: Limits
    warm: Callable[[], Awaitable[SandboxedBrowser]]
    spare: SparePage
    visible: bool = False
    """Whether browsers show their windows to a person, who should see no empty ones."""

    async def warm_browser(self) -> SandboxedBrowser:
        """The browser that has no network, which pages from memory share."""
        return await self.warm()

    async def show_files(
        self, files: Mapping[str, bytes], entry: str = "index.html", *, any_path: bool = False
    ) -> BrowserSession:
        """Opens ``entry`` in the warm browser; its files are answered from memory."""
        opened = await self.warm_browser()
        opened.watch.allow(self.limits.memory_mib)
        cdn = Cdn()
        await cdn.prepare(_sources(files))
        own = _memory(files, entry, any_path)
        rules = Rules(ADDRESS, own=own, library=cdn.answer, overrun=opened.watch.overrun)
        page = await self.spare.take(opened.browser)
        try:
            return await self._shown(page, rules, _SETTLE_SECONDS)
        finally:
            if not self.visible:
                self.spare.refill(opened.browser)

    async def show_server(self, pid: int, address: str, *, settle_seconds: float = 10) -> BrowserSession:
        """Opens ``address`` in a browser of its own that joins the network namespace of ``pid``."""
        opened = await open_browser(self.playwright, Network("joined", pid), visible=self.visible)
        rules = Rules(address, library=Cdn().answer, overrun=opened.watch.overrun)
        return await self._show_live(opened, rules, _JOINED, settle_seconds)

    async def show_address(self, address: str) -> BrowserSession:
        """Opens something that the user runs already; its own origin is reached, nothing else."""
        opened = await open_browser(self.playwright, Network("open"), visible=self.visible)
        parts = urlsplit(address)
        live = re.compile(rf"(?:{parts.scheme}|wss?)://{re.escape(parts.netloc)}(?:[/?#]|$)")
        rules = Rules(address, overrun=opened.watch.overrun)
        return await self._show_live(opened, rules, live, _SETTLE_SECONDS)

    async def _show_live(
        self, opened: SandboxedBrowser, rules: Rules, live: re.Pattern[str], settle_seconds: float
    ) -> BrowserSession:
        try:
            page = await open_hardened_page(opened.browser, live)
            session = await self._shown(page, rules, settle_seconds)
        except BaseException:
            await opened.close()
            raise
        session.on_close(opened.close)
        return session

    async def _shown(self, page: HardenedPage, rules: Rules, settle_seconds: float) -> BrowserSession:
        began = time.monotonic()
        try:
            await page.make_ready(rules, self.viewport, self.seed)
            await load(page, rules.address, self.limits.start_seconds, settle_seconds)
            reason = page.death()
        except BaseException:
            await page.close()
            raise
        if not reason:
            page.feel_pulse()
        report = LaunchReport(outcome=page.ended_as, reason=reason, seconds=time.monotonic() - began)
        return BrowserSession(report, page, rules.address)


def _memory(files: Mapping[str, bytes], entry: str, any_path: bool) -> Callable[[Request], Awaitable[Served | None]]:
    folder = entry.rpartition("/")[0]
    places = (f"{folder}/", "") if folder else ("",)

    async def answer(request: Request) -> Served | None:
        path = unquote(urlsplit(request.url).path).lstrip("/")
        if not path or path == entry:
            return Served(files[entry], content_type(entry))
        for place in places:
            for end in ("", "/index.html", ".html"):
                candidate = f"{place}{path.rstrip('/')}{end}"
                if candidate in files:
                    return Served(files[candidate], content_type(candidate))
        if path == "favicon.ico":
            return Served(b"", "image/x-icon", 204)
        if any_path and request.is_navigation_request():
            return Served(files[entry], content_type(entry))
        return Served(b"Not found", "text/plain", 404)

    return answer


def _sources(files: Mapping[str, bytes]) -> list[str]:
    """The texts that may mention libraries; what we added mentions none that is not asked for."""
    return [
        content.decode("utf-8", errors="replace")
        for path, content in files.items()
        if path.endswith(_TEXTS) and not path.startswith("__agent_judge/") and len(content) < _LONGEST_SOURCE
    ]

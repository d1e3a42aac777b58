"""Shows what was launched: files from memory in the warm browser, or a server in a browser that joins its network."""

from __future__ import annotations

import re
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from playwright.async_api import Browser, Error, Playwright, Request

from agent_judge.errors import BadInput
from agent_judge.launch.box import Box
from agent_judge.launch.box_command import Plan
from agent_judge.launch.cdn import Cdn
from agent_judge.launch.chromium import Network, SandboxedBrowser, open_browser
from agent_judge.launch.content_type import content_type
from agent_judge.launch.hardened import HardenedPage, Rules, Served, load, open_hardened_page
from agent_judge.launch.launching import OpenBox
from agent_judge.launch.session import BrowserSession
from agent_judge.launch.spare import SparePage
from agent_judge.launch.toolchain import Toolchain, toolchain
from agent_judge.read.environment import Limits
from agent_judge.schema import LaunchReport, Viewport

ADDRESS = "http://localhost/"
"""Where pages from memory are: a secure context, as what a person opens while developing."""
LOOPBACK = re.compile(r"(?:https?|wss?)://(?:localhost|127\.0\.0\.1|\[::1\])(?::\d+)?(?:[/?#]|$)", re.IGNORECASE)
"""What a page may reach in a network that it joined: the one loopback there, by each of its names."""
_NOBODY = re.compile(
    r"net::ERR_(CONNECTION_\w+|NAME_\w+|ADDRESS_\w+|UNSAFE_PORT|INTERNET_\w+|TIMED_OUT|EMPTY_RESPONSE|SSL_\w+|CERT_\w+)"
)
"""The browser's words for an address where there is no program to look at."""
_SETTLE_SECONDS = 5.0
_TEXTS = (".html", ".htm", ".js", ".mjs", ".css", ".svg")
_LONGEST_SOURCE = 2_000_000


_PARTS = """(address) => {
  const url = new URL(address), words = [url.username, url.password].map(decodeURIComponent).join(":");
  const headers = words === ":" ? {} : {Authorization: "Basic " + btoa(words)};
  url.username = url.password = "";
  const host = url.hostname.replace(/^\\[|\\]$/g, "");
  return {address: url.href, headers, scheme: url.protocol.slice(0, -1), netloc: url.host, host};
}"""


@dataclass(frozen=True)
class _Place:
    """Where something that runs already is, in normal form."""

    address: str
    """Without a user's name and password, which are nobody's to see."""
    headers: dict[str, str]
    """What gives them to the server instead."""
    scheme: str
    netloc: str
    host: str


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

    async def toolchain(self, names: Iterable[str]) -> Toolchain:
        """The tools of this machine."""
        return await toolchain(names)

    async def open_box(self, plan: Plan) -> OpenBox:
        """Starts a box on this machine."""
        return await Box.open(plan)

    async def warm_browser(self) -> SandboxedBrowser:
        """The browser that has no network, which pages from memory share."""
        return await self.warm()

    async def show_files(
        self, files: Mapping[str, bytes], entry: str = "index.html", *, any_path: bool = False
    ) -> BrowserSession:
        """Opens ``entry`` in the warm browser; its files are answered from memory."""
        opened = await self.warm_browser()
        cdn = Cdn()
        await cdn.prepare(_sources(files))
        own = _memory(files, entry, any_path)
        rules = Rules(ADDRESS, own=own, library=cdn.answer, overrun=opened.watch.overrun)
        page = await self.spare.take(opened.browser)
        session = _with_packages(await self._shown(page, rules, _SETTLE_SECONDS), cdn)
        if not self.visible:
            self._keep_spare(session, opened.browser)
        return session

    def _keep_spare(self, session: BrowserSession, browser: Browser) -> None:
        async def refill() -> None:
            self.spare.refill(browser)

        self.spare.refill_later(browser)
        session.on_close(refill)

    async def joined(self, pid: int) -> SandboxedBrowser:
        """A browser of its own for what listens in the network namespace of a process."""
        return await open_browser(self.playwright, Network("joined", pid), visible=self.visible)

    async def live_page(self, opened: SandboxedBrowser, live: re.Pattern[str]) -> HardenedPage:
        """An empty page that contacts some addresses."""
        return await open_hardened_page(opened.browser, live)

    async def show_server(self, pid: int, address: str, *, settle_seconds: float = 10) -> BrowserSession:
        """Opens ``address`` in a browser of its own that joins the network namespace of ``pid``."""
        opened = await self.joined(pid)
        cdn = Cdn()
        rules = Rules(address, library=cdn.answer, overrun=opened.watch.overrun)
        return _with_packages(await self._show_live(opened, rules, LOOPBACK, settle_seconds), cdn)

    async def show_address(self, address: str) -> BrowserSession:
        """Opens something that the user runs already.

        It must be reached where it runs, so its browser is in this machine's network. There it resolves and contacts
        the address's host alone, sends no UDP past a proxy (WebRTC), and every request and WebSocket outside of the
        address's origin is refused and recorded. What is not limited: the server behind the address, which is
        the user's own and no part of any sandbox; other ports of its host, for connections that no page can ask for
        but a browser that was taken over could make; and WebRTC over TCP to a number.

        Raises:
            BadInput: It is no address, or nobody answers there.
        """
        place = await self._place(address)
        opened = await open_browser(self.playwright, Network("open", host=place.host), visible=self.visible)
        live = re.compile(rf"(?:{place.scheme}|wss?)://{re.escape(place.netloc)}(?:[/?#]|$)")
        rules = Rules(place.address, overrun=opened.watch.overrun, headers=place.headers)
        session = await self._show_live(opened, rules, live, _SETTLE_SECONDS, may_leave=True)
        if silent := _NOBODY.search(session.report.reason):
            await session.close()
            nobody = f"nobody answers there ({silent[1].replace('_', ' ').lower()})"
            raise BadInput(f"{place.address}: {nobody}: start the program first, or correct the address")
        return session

    async def _place(self, address: str) -> _Place:
        """An address as browsers write it, which is the form that they ask for it in."""
        page = await open_hardened_page((await self.warm()).browser)
        try:
            url = await page.page.evaluate(_PARTS, address)
        except Error as error:
            raise BadInput(f"{address}: not an address that can be opened") from error
        finally:
            await page.close()
        return _Place(**url)

    async def _show_live(
        self,
        opened: SandboxedBrowser,
        rules: Rules,
        live: re.Pattern[str],
        settle_seconds: float,
        *,
        may_leave: bool = False,
    ) -> BrowserSession:
        try:
            page = await self.live_page(opened, live)
            session = await self._shown(page, rules, settle_seconds, may_leave=may_leave)
        except BaseException:
            await opened.close()
            raise
        session.on_close(opened.close)
        return session

    async def _shown(
        self, page: HardenedPage, rules: Rules, settle_seconds: float, *, may_leave: bool = False
    ) -> BrowserSession:
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
        # What the user runs elsewhere may lead on, to where its users log in.
        if not reason and not may_leave and (left := _left_for(page)):
            report = report.model_copy(update={"outcome": "crashed", "reason": left})
        return BrowserSession(report, page, rules.address)


def _left_for(page: HardenedPage) -> str:
    """Where a solution's page went before anybody used it: whoever opened it would never have seen it."""
    places = [request.url for request in page.blocked_requests if request.kind == "navigation"]
    return f"it leaves for {places[0]} as soon as it is open" if places else ""


def _with_packages(session: BrowserSession, cdn: Cdn) -> BrowserSession:
    session.report = session.report.model_copy(update={"packages": dict(sorted(cdn.packages.items()))})
    return session


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

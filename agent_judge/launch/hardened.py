"""A page that untrusted code may run in: nothing leaves it, nothing it does hangs or escapes the driver."""

from __future__ import annotations

import asyncio
import contextlib
import re
import secrets
import time
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from playwright.async_api import (
    Browser,
    BrowserContext,
    Dialog,
    Download,
    Error,
    Page,
    Request,
    Response,
    Route,
    ViewportSize,
    WebSocketRoute,
)
from playwright.async_api import (
    ConsoleMessage as PlaywrightConsoleMessage,
)

from agent_judge.errors import DriverError, MissingRequirement
from agent_judge.launch.liveness import browser_answers
from agent_judge.launch.own_world import PAGE_WORLD, ask, is_ours
from agent_judge.launch.patience import patiently
from agent_judge.protocols import PageLog
from agent_judge.schema import BlockedRequest, ConsoleMessage, LaunchOutcome, Viewport

_SCRIPT = (Path(__file__).parent / "hardened.js").read_text(encoding="utf-8")
_SEEDED = (Path(__file__).parent / "seeded.js").read_text(encoding="utf-8")
HAS_BODY = "() => !(document instanceof HTMLDocument) || document.body !== null"
"""Whether there is anything that a picture could show; in our own world (see ``own_world``)."""
_ACTION_SECONDS = 10
_OPEN_SECONDS = 30
_CLOSE_SECONDS = 5
_PULSE_SECONDS = 1.0
_HUNG_SECONDS = 8.0
_LINES = 500
"""Most console lines, errors, dialogs and refused requests that are kept: a page that floods them learns nothing."""
_CHARACTERS = 4000
_FLOOD_LINES = 10_000
_FLOOD_SECONDS = 5.0
"""A page that writes more console lines in this time is ended: our own side would drown in them."""


@dataclass(frozen=True)
class Served:
    """An answer from memory."""

    body: bytes
    content_type: str
    status: int = 200


Server = Callable[[Request], Awaitable[Served | None]]
"""Answers a request from memory, or gives ``None`` when it has no answer."""


async def nothing(_: Request) -> Served | None:
    """A server that has no answer to anything."""
    return None


@dataclass(frozen=True)
class Rules:
    """What a page may load."""

    address: str = "about:blank"
    """Its first page; leaving this origin is refused."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """What every request to a live address carries besides."""
    own: Server = nothing
    """Answers requests to the page's own origin."""
    library: Server = nothing
    """Answers requests to well-known public addresses (CDNs)."""
    overrun: Callable[[], str] = str
    """Which limit a page of this browser that crashed ran into, or nothing; told once."""


class HardenedPage:
    """One page in a context of its own, with its log wired and its pulse felt."""

    def __init__(self, context: BrowserContext, page: Page, token: str, live: re.Pattern[str] | None) -> None:
        self.page = page
        self.blocked_requests: list[BlockedRequest] = []
        self._context = context
        self._rules = Rules()
        self._live = live
        self._token = token
        self._log = PageLog()
        self._death = ""
        self._failure = ""
        """How our own side failed to answer the page, or nothing."""
        self._answering = 0
        self.ended_as: LaunchOutcome = "ready"
        self._talk = (0.0, 0)
        self._closed = False
        self._closing = False
        self._refused: set[str] = set()
        self._pulse: asyncio.Task[None] | None = None
        self._loose: set[asyncio.Task[None]] = set()

    # --- For the session ---

    def drain(self) -> PageLog:
        """Takes what the page said since the last call."""
        log, self._log = self._log, PageLog()
        return log

    def death(self) -> str:
        """Why the page cannot be driven any more, or nothing.

        Raises:
            DriverError: The browser is gone, and with it the pages of other solutions, or a library could not be
                fetched, which may be on another day: not this page's fault.
        """
        if self._failure:
            raise DriverError(self._failure)
        browser = self._context.browser
        if not self._death and not self._closing and browser and not browser.is_connected():
            raise DriverError("the browser died")
        return self._death or ("the page closed itself" if self._closed else "")

    async def close(self) -> None:
        """Closes the page and its context; bounded, safe to call twice."""
        self._closing = True
        if self._pulse:
            self._pulse.cancel()
        for task in self._loose:
            task.cancel()
        with contextlib.suppress(Error, TimeoutError):
            async with asyncio.timeout(_CLOSE_SECONDS):
                await self._context.close()

    def feel_pulse(self) -> None:
        """Starts to watch whether the page still answers."""
        self._pulse = asyncio.create_task(self._watch_pulse())

    async def _watch_pulse(self) -> None:
        while not (self._death or self._failure):
            await asyncio.sleep(_PULSE_SECONDS)
            if not await self.answers(_HUNG_SECONDS):
                await self.end_as_hung()

    async def end_as_hung(self) -> None:
        """Ends the page for not answering, unless its browser does not answer either: that is no fault of the page."""
        if not await browser_answers(self._context.browser):
            self._failure = "the browser does not answer"
        elif not await self.answers(0.5):  # A sandbox may have stood still for a while.
            await self.end("never_ready", f"the page hung: it did not answer for {_HUNG_SECONDS:.0f} seconds")

    @property
    def waits_for_us(self) -> bool:
        """Whether it asked for a library that we have not fetched yet."""
        return self._answering > 0

    def _die(self, outcome: LaunchOutcome, reason: str) -> None:
        if not self._death:
            self.ended_as, self._death = outcome, reason

    async def answers(self, seconds: float) -> bool:
        """Whether the page's script engine answers in time; a page that is gone is not one that hangs."""
        try:
            async with patiently(seconds):
                await ask(self.page, "() => 0")
        except TimeoutError:
            return False
        except Error:
            return True
        return True

    async def has_body(self) -> bool:
        """Whether there is anything that a picture could show or a person could use; in doubt there is."""
        with contextlib.suppress(Error, TimeoutError):
            async with patiently(_HUNG_SECONDS):
                return bool(await ask(self.page, HAS_BODY))
        return True

    async def end(self, outcome: LaunchOutcome, reason: str) -> None:
        """Declares the page dead and closes it, so that nobody waits for it any longer."""
        self._die(outcome, reason)
        with contextlib.suppress(Error, TimeoutError):
            async with asyncio.timeout(_CLOSE_SECONDS):
                await self.page.close()

    async def make_ready(self, rules: Rules, viewport: Viewport, seed: int) -> None:
        """Says what an empty page is for.

        Raises:
            DriverError: The page is gone.
        """
        self._rules = rules
        size: ViewportSize = {"width": viewport.width, "height": viewport.height}
        try:
            async with asyncio.timeout(_OPEN_SECONDS):
                await self._context.add_init_script(_SEEDED.replace("__SEED__", str(seed)))
                if rules.headers:
                    await self._context.set_extra_http_headers(dict(rules.headers))
                if self.page.viewport_size != size:
                    await self.page.set_viewport_size(size)
        except (Error, TimeoutError) as error:
            raise DriverError(f"the browser gives no page: {error}") from error

    # --- Wiring ---

    async def wire(self) -> None:
        """Connects the log, and closes every way out."""
        page, context = self.page, self._context
        page.on("console", self._on_console)
        page.on("pageerror", lambda error: self._keep(self._log.errors, _told(error)))
        page.on("dialog", self._on_dialog)
        page.on("crash", lambda _: self._on_crash())
        page.on("close", lambda _: self._on_closed())
        page.on("download", self._on_download)
        context.on("page", self._on_popup)
        context.on("requestfailed", self._on_request_failed)
        context.on("response", self._on_response)
        await context.route(_all_but(self._live), self._on_route)
        await context.route_web_socket(_all_but(self._live), self._on_web_socket)

    def _keep(self, lines: list[str], line: str) -> None:
        if len(lines) < _LINES:
            lines.append(line[:_CHARACTERS])

    def _refuse(self, url: str, kind: str) -> None:
        self._refused.add(url)
        if len(self.blocked_requests) < _LINES:
            self.blocked_requests.append(BlockedRequest(url=url[:_CHARACTERS], kind=kind))

    def _on_console(self, message: PlaywrightConsoleMessage) -> None:
        text = message.text
        if is_ours(text) or self._floods():
            return
        if text.startswith(self._token):
            _, kind, url = text.split(" ", 2)
            self._refuse(url, kind)
            return
        if self._speaks_of_the_sandbox(message.location.get("url", ""), text):
            return
        if len(self._log.console) < _LINES:
            self._log.console.append(ConsoleMessage(level=message.type, text=text[:_CHARACTERS]))

    def _floods(self) -> bool:
        since, count = self._talk
        now = time.monotonic()
        self._talk = (now, 1) if now - since > _FLOOD_SECONDS else (since, count + 1)
        if count == _FLOOD_LINES:
            self._in_background(self.end("killed", f"killed: wrote more than {_FLOOD_LINES} console lines at once"))
        return count >= _FLOOD_LINES

    def _in_background(self, doing: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(doing)
        self._loose.add(task)
        task.add_done_callback(self._loose.discard)

    def _speaks_of_the_sandbox(self, source: str, text: str) -> bool:
        """The browser's own complaints about what we refuse or do not have are no fault of the page."""
        if text.startswith("Failed to load resource") and source in self._refused:
            return True
        if text.startswith("[.WebGL-") and "GL Driver Message" in text:
            return True  # drawing without a graphics card, which is our choice
        return text.startswith(("Access to ", "WebSocket connection to ")) and any(url in text for url in self._refused)

    async def _on_dialog(self, dialog: Dialog) -> None:
        if dialog.type != "beforeunload":
            self._keep(self._log.dialogs, f"{dialog.type}: {dialog.message}")
        with contextlib.suppress(Error):
            await (dialog.accept(dialog.default_value) if dialog.type == "prompt" else dialog.accept())

    def _on_crash(self) -> None:
        overrun = self._rules.overrun()
        self._die("killed" if overrun else "crashed", f"killed: {overrun}" if overrun else "the page crashed")

    def _on_closed(self) -> None:
        self._closed = not self._closing

    async def _on_download(self, download: Download) -> None:
        self._refuse(f"{download.url} ({download.suggested_filename})", "download")
        with contextlib.suppress(Error):
            await download.cancel()

    def _on_popup(self, popup: Page) -> None:
        if popup is self.page:
            return
        if not popup.url.startswith("chrome-error:"):
            self._refuse(popup.url, "popup")
        self._in_background(_close_quietly(popup))

    def _is_own(self, url: str) -> bool:
        return _origin(url) == _origin(self._rules.address) or bool(self._live and self._live.match(url))

    def _on_request_failed(self, request: Request) -> None:
        failure = request.failure or "failed"
        if self._is_own(request.url) and request.url not in self._refused and "ERR_ABORTED" not in failure:
            self._keep(self._log.failed_requests, f"{request.method} {request.url}: {failure}")

    def _on_response(self, response: Response) -> None:
        if response.status >= 400 and self._is_own(response.url):
            self._keep(self._log.failed_requests, f"{response.request.method} {response.url}: {response.status}")

    # --- Requests ---

    async def _on_route(self, route: Route) -> None:
        request = route.request
        with contextlib.suppress(Error):
            own = _origin(request.url) == _origin(self._rules.address)
            served = await (self._rules.own(request) if own else self._library(request))
            if served:
                headers = {"access-control-allow-origin": "*", "cache-control": "no-store"}
                await route.fulfill(
                    status=served.status, body=served.body, content_type=served.content_type, headers=headers
                )
            elif leaving := self._leaving(request):
                self._refuse(request.url, leaving)
                # Without content the browser stays where it is; a popup must fail to be known, and closed.
                await (route.fulfill(status=204) if leaving == "navigation" else route.abort("blockedbyclient"))
            else:
                self._refuse(request.url, request.resource_type)
                await route.abort("blockedbyclient")

    async def _library(self, request: Request) -> Served | None:
        self._answering += 1
        try:
            return await self._rules.library(request)
        except (DriverError, MissingRequirement) as error:
            self._failure = self._failure or str(error)
            return None
        finally:
            self._answering -= 1

    def _leaving(self, request: Request) -> str:
        """Whether a request would replace the page, or open another."""
        if not request.is_navigation_request():
            return ""
        try:
            return "navigation" if request.frame == self.page.main_frame else ""
        except Error:
            return "popup"  # a page that is so new that Playwright does not know it yet

    async def _on_web_socket(self, socket: WebSocketRoute) -> None:
        self._refuse(socket.url, "websocket")
        with contextlib.suppress(Error):
            await socket.close(code=1001, reason="the network is closed")


async def open_hardened_page(browser: Browser, live: re.Pattern[str] | None = None) -> HardenedPage:
    """Opens an empty hardened page in a fresh context; ``make_ready`` comes next.

    Args:
        browser: A sandboxed browser.
        live: Addresses that are really contacted, where there are any.

    Raises:
        DriverError: The browser does not give one.
    """
    token = secrets.token_hex(16)
    try:
        async with asyncio.timeout(_OPEN_SECONDS):
            context = await browser.new_context(
                viewport={"width": Viewport().width, "height": Viewport().height},
                locale="en-US",
                timezone_id="UTC",
                device_scale_factor=1,
                color_scheme="light",
                accept_downloads=False,
                service_workers="block",
                permissions=[],
            )
            context.set_default_timeout(_ACTION_SECONDS * 1000)
            await context.add_init_script(_SCRIPT.replace("__TOKEN__", token) + PAGE_WORLD)
            hardened = HardenedPage(context, await context.new_page(), token, live)
            await hardened.wire()
    except (Error, TimeoutError) as error:
        raise DriverError(f"the browser gives no page: {error}") from error
    return hardened


async def load(hardened: HardenedPage, address: str, start_seconds: float, settle_seconds: float) -> None:
    """Goes to the first page and waits until it has loaded and settled, or died (see ``hardened.ended_as``).

    Args:
        hardened: An empty page.
        address: Where to go.
        start_seconds: How long the document may take to be there.
        settle_seconds: How long what it loads may take; a page that is never quiet is ready then.

    Raises:
        DriverError: It could not load because of us: the browser went away, or a library was not fetched in time.
    """
    try:
        async with patiently(start_seconds):
            reason = await _load(hardened.page, address)
    except TimeoutError:
        stuck = not await hardened.answers(1)
        blame = ": its scripts do not come to an end" if stuck else ""
        reason = f"the page did not load within {start_seconds:.0f} seconds{blame}"
    if reason and hardened.waits_for_us:
        raise DriverError(f"a library that the page asks for was not fetched within {start_seconds:.0f} seconds")
    if reason and not await browser_answers(hardened.page.context.browser):
        raise DriverError(f"the browser does not answer: {reason}")
    if reason:
        await hardened.end("never_ready", reason)
        return
    with contextlib.suppress(Error, TimeoutError):
        async with asyncio.timeout(settle_seconds):
            await ask(hardened.page, _SETTLED)
    if not hardened.death() and not await hardened.answers(_HUNG_SECONDS):
        await hardened.end_as_hung()
    if not hardened.death() and not await hardened.has_body():
        await hardened.end("crashed", "the page removed its own body: nothing is left of it")


async def _load(page: Page, address: str) -> str:
    try:
        await page.goto(address, wait_until="commit", timeout=0)
        await ask(page, _PARSED)
    except Error as error:
        browser = page.context.browser
        if browser is not None and not browser.is_connected():
            raise DriverError("the browser went away while a page loaded") from error
        return f"the page did not load: {error.message.splitlines()[0]}"
    return ""


# Asked of the page, since Playwright's own wait is upset by a page that tries to go away while it loads.
_PARSED = """() => new Promise((resolve) => document.readyState === "loading"
  ? document.addEventListener("DOMContentLoaded", resolve, {once: true}) : resolve())"""

_SETTLED = """async () => {
  if (document.readyState !== "complete") {
    await new Promise((resolve) => window.addEventListener("load", resolve, {once: true}));
  }
  while (document.documentElement?.ariaBusy === "true") await new Promise(requestAnimationFrame);
  await document.fonts.ready;
  await new Promise((resolve) => {
    let timer;
    const quiet = () => { observer.disconnect(); resolve(); };
    const restart = () => { clearTimeout(timer); timer = setTimeout(quiet, 50); };
    const observer = new MutationObserver(restart);
    observer.observe(document, {subtree: true, childList: true, attributes: true, characterData: true});
    restart();
  });
  await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
}"""


def _all_but(live: re.Pattern[str] | None) -> re.Pattern[str]:
    return re.compile(f"^(?!{live.pattern})") if live else re.compile("")


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc


def _told(error: Error) -> str:
    return (
        f"{error.name}: {error.message}" if error.name and not error.message.startswith(error.name) else error.message
    )


async def _close_quietly(page: Page) -> None:
    with contextlib.suppress(Error, TimeoutError):
        async with asyncio.timeout(_CLOSE_SECONDS):
            await page.close()

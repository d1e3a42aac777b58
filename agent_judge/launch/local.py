"""The backend of this machine: one warm browser, and a sandbox of its own for every solution."""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import importlib.metadata
import sys
import time
from collections.abc import Awaitable, Callable, Mapping
from functools import cache, partial
from pathlib import Path
from typing import cast

from playwright.async_api import Browser, Error, Playwright, async_playwright

from agent_judge.errors import BadInput, DriverError, MissingRequirement
from agent_judge.launch.box_command import missing_box
from agent_judge.launch.chromium import (
    SandboxedBrowser,
    chromium_version,
    find_chromium,
    install_command,
    open_browser,
)
from agent_judge.launch.desktop import screen_folder
from agent_judge.launch.launching import Launching
from agent_judge.launch.own_world import prepare_own_world
from agent_judge.launch.page import missing_for_page
from agent_judge.launch.reaping import adopt_orphans, reap_orphans, see_orphans_off
from agent_judge.launch.renderers import PAGE_MEMORY_MIB
from agent_judge.launch.session import BrowserSession
from agent_judge.launch.show import Showing
from agent_judge.launch.spare import SparePage
from agent_judge.launch.surroundings import folder_digest, surroundings
from agent_judge.launch.toolchain import missing_for, tool_versions
from agent_judge.protocols import Missing
from agent_judge.read.environment import Environment, Limits, load_environments
from agent_judge.schema import Solution, Viewport, digest_of

_WITHOUT_ENVIRONMENT = ("none", "url")
"""Of solutions that hold nothing to run, and of programs that run elsewhere."""
_LEAVE_SECONDS = 10.0
"""How long the dead of the last sandboxes are waited for."""

Launcher = Callable[[Launching, Environment, Solution], Awaitable[BrowserSession]]


class LocalBackend:
    """Runs solutions on this machine; an async context manager that keeps one browser warm."""

    name = "local"

    def __init__(self, limits: Callable[[Environment], Limits] | None = None, *, visible: bool = False) -> None:
        """Prepares a backend.

        Args:
            limits: What a session of an environment may use; the environment's own limits if not given.
            visible: Whether its browsers show their windows, for a person to use what runs.
        """
        self._visible = visible
        self._limits = limits
        self._entered = contextlib.AsyncExitStack()
        self._playwright: Playwright | None = None
        self._opened: dict[int, SandboxedBrowser] = {}
        """By what each page may take of memory."""
        self._opening = asyncio.Lock()
        self.spare = SparePage()

    async def __aenter__(self) -> LocalBackend:
        adopt_orphans()
        self._playwright = await self._entered.enter_async_context(async_playwright())
        await prepare_own_world(self._playwright)
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.spare.close()
        for opened in self._opened.values():
            await opened.close()
        self._opened.clear()
        self._playwright = None
        await self._entered.aclose()
        await see_orphans_off(_LEAVE_SECONDS)

    @property
    def playwright(self) -> Playwright:
        """The Playwright that all pages of this backend belong to."""
        if self._playwright is None:
            raise RuntimeError("LocalBackend is an async context manager: enter it first")
        return self._playwright

    async def browser(self) -> Browser:
        """The warm browser that has no network; started again if it died."""
        return (await self.warm()).browser

    async def warm(self, page_memory_mib: int = PAGE_MEMORY_MIB) -> SandboxedBrowser:
        """The same, for pages that may take so much memory; those that may take another amount are elsewhere."""
        async with self._opening:
            opened = self._opened.get(page_memory_mib)
            if opened and not opened.browser.is_connected():
                await self._opened.pop(page_memory_mib).close()
                opened = None
            if opened is None:
                opened = await open_browser(self.playwright, visible=self._visible, page_memory_mib=page_memory_mib)
                self._opened[page_memory_mib] = opened
            return opened

    async def launch(self, solution: Solution, viewport: Viewport, seed: int) -> BrowserSession:
        """Starts a Solution in a fresh sandbox (see :class:`~agent_judge.protocols.Backend`)."""
        began = time.monotonic()
        try:
            session = await self._launch(solution, viewport, seed)
        except (OSError, Error) as error:
            # Launchers tell solutions' faults themselves: what gets here is this machine's, such as a full disk.
            raise DriverError(f"the launch failed: {error}") from error
        session.report = session.report.model_copy(update={"seconds": time.monotonic() - began})
        reap_orphans()
        return session

    async def _launch(self, solution: Solution, viewport: Viewport, seed: int) -> BrowserSession:
        if solution.problem:
            return BrowserSession.failed("build_failed", solution.problem)
        if solution.url:
            showing = Showing(
                self.playwright, viewport, seed, Limits.model_validate({}), self.warm, self.spare, self._visible
            )
            return await showing.show_address(solution.url)
        environment = self._limited(solution.environment)
        # A page that only shows what ran in a box is bounded as every page is, whatever the box may take.
        memory = environment.limits.memory_mib if environment.kind == "page" else PAGE_MEMORY_MIB
        warm = partial(self.warm, memory)
        showing = Showing(self.playwright, viewport, seed, environment.limits, warm, self.spare, self._visible)
        return await launcher_of(environment)(showing, environment, solution)

    def missing(self, environment: str) -> list[Missing]:
        """What this machine lacks to run an environment; an empty list means ready. A box is really tried."""
        missing: list[Missing] = []
        try:
            find_chromium()
        except MissingRequirement:
            missing.append(Missing("Chromium", install_command()))
        if sys.platform == "linux":
            missing += missing_box()
        if environment in _WITHOUT_ENVIRONMENT:
            return missing
        known = known_environment(environment)
        missing += missing_for_page(known) if known.kind == "page" else missing_for(known)
        return list(dict.fromkeys(missing))

    def versions(self, environment: str) -> Mapping[str, str]:
        """All that may change how a solution behaves."""
        browser = {"playwright": importlib.metadata.version("playwright"), "chromium": chromium_version()}
        if environment in _WITHOUT_ENVIRONMENT:
            return browser
        known = self._limited(environment)
        return {
            **browser,
            "launcher": _folder_digest(Path(__file__).parent),
            "environment": _folder_digest(known.folder),
            "limits": digest_of(known.limits.model_dump()),
            **surroundings(),
            **tool_versions(known),
            **({"screen": _folder_digest(screen_folder())} if known.kind == "desktop" else {}),
        }

    def _limited(self, name: str) -> Environment:
        environment = known_environment(name)
        return environment.model_copy(update={"limits": self._limits(environment)}) if self._limits else environment


def known_environment(name: str) -> Environment:
    """The environment of that name.

    Raises:
        BadInput: There is none.
    """
    environments = load_environments()
    if name not in environments:
        raise BadInput(f"unknown environment {name!r}; known: {', '.join(sorted(environments))}")
    return environments[name]


def launcher_of(environment: Environment) -> Launcher:
    """The launcher of a kind: ``launch_<kind>`` in the module of that name."""
    module = f"agent_judge.launch.{environment.kind}"
    try:
        return cast(Launcher, getattr(importlib.import_module(module), f"launch_{environment.kind}"))
    except ModuleNotFoundError as error:
        if error.name != module:
            raise
        raise MissingRequirement(f"environment {environment.name!r} cannot be run by this version") from error


@cache
def _folder_digest(folder: Path) -> str:
    """Names what a folder holds: an environment's definition, or the code that launches."""
    return folder_digest(folder)

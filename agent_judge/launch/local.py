"""The backend of this machine: one warm browser, and a sandbox of its own for every solution."""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import importlib.metadata
import shutil
import sys
import time
from collections.abc import Awaitable, Callable, Mapping
from functools import cache
from pathlib import Path
from typing import cast

from playwright.async_api import Browser, Playwright, async_playwright

from agent_judge.errors import BadInput, MissingRequirement
from agent_judge.launch.chromium import (
    SandboxedBrowser,
    chromium_version,
    find_chromium,
    install_command,
    open_browser,
)
from agent_judge.launch.desktop import screen_folder
from agent_judge.launch.launching import Launching
from agent_judge.launch.page import missing_for_page, page_versions, prepare_page
from agent_judge.launch.reaping import adopt_orphans, reap_orphans
from agent_judge.launch.session import BrowserSession
from agent_judge.launch.show import Showing
from agent_judge.launch.spare import SparePage
from agent_judge.launch.toolchain import missing_for, tool_versions
from agent_judge.protocols import Missing
from agent_judge.read.environment import Environment, Limits, load_environments
from agent_judge.schema import Solution, Viewport, digest_of

_WITHOUT_ENVIRONMENT = ("none", "url")
"""Of solutions that hold nothing to run, and of programs that run elsewhere."""

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
        self._opened: SandboxedBrowser | None = None
        self._opening = asyncio.Lock()
        self.spare = SparePage()

    async def __aenter__(self) -> LocalBackend:
        adopt_orphans()
        self._playwright = await self._entered.enter_async_context(async_playwright())
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.spare.close()
        if self._opened:
            await self._opened.close()
            self._opened = None
        self._playwright = None
        await self._entered.aclose()
        reap_orphans()

    @property
    def playwright(self) -> Playwright:
        """The Playwright that all pages of this backend belong to."""
        if self._playwright is None:
            raise RuntimeError("LocalBackend is an async context manager: enter it first")
        return self._playwright

    async def browser(self) -> Browser:
        """The warm browser that has no network; started again if it died."""
        return (await self.warm()).browser

    async def warm(self) -> SandboxedBrowser:
        """The same, with what bounds the memory of its pages."""
        async with self._opening:
            if self._opened and not self._opened.browser.is_connected():
                await self._opened.close()
                self._opened = None
            if self._opened is None:
                self._opened = await open_browser(self.playwright, visible=self._visible)
            return self._opened

    async def launch(self, solution: Solution, viewport: Viewport, seed: int) -> BrowserSession:
        """Starts a Solution in a fresh sandbox (see :class:`~agent_judge.protocols.Backend`)."""
        began = time.monotonic()
        session = await self._launch(solution, viewport, seed)
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
        showing = Showing(self.playwright, viewport, seed, environment.limits, self.warm, self.spare, self._visible)
        return await _launcher(environment)(showing, environment, solution)

    def missing(self, environment: str) -> list[Missing]:
        """What this machine lacks to run an environment; an empty list means ready."""
        missing = []
        try:
            find_chromium()
        except MissingRequirement:
            missing.append(Missing("Chromium", install_command()))
        if sys.platform == "linux" and not shutil.which("bwrap"):
            missing.append(Missing("bubblewrap", "sudo apt-get install -y bubblewrap"))
        if environment in _WITHOUT_ENVIRONMENT:
            return missing
        known = _environment(environment)
        return missing + (missing_for_page(known) if known.kind == "page" else missing_for(known))

    async def prepare(self, environment: str) -> None:
        """Fetches ahead of time what solutions of an environment usually need, so that they run without a network.

        Raises:
            MissingRequirement: npm is not there, or its registry does not answer.
        """
        known = _environment(environment)
        if known.kind == "page":
            await prepare_page(known)

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
            **(page_versions(known) if known.kind == "page" else tool_versions(known)),
            **({"screen": _folder_digest(screen_folder())} if known.kind == "desktop" else {}),
        }

    def _limited(self, name: str) -> Environment:
        environment = _environment(name)
        return environment.model_copy(update={"limits": self._limits(environment)}) if self._limits else environment


def _environment(name: str) -> Environment:
    environments = load_environments()
    if name not in environments:
        raise BadInput(f"unknown environment {name!r}; known: {', '.join(sorted(environments))}")
    return environments[name]


def _launcher(environment: Environment) -> Launcher:
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
    files = [file for file in sorted(folder.rglob("*")) if file.is_file() and file.parent.name != "__pycache__"]
    return digest_of({file.relative_to(folder).as_posix(): digest_of(file.read_bytes().hex()) for file in files})

"""The backends that run solutions in guests, whoever provides them: one guest for each solution."""

from __future__ import annotations

import asyncio
import contextlib
import importlib.metadata
import re
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from playwright.async_api import Error, Playwright, async_playwright

from agent_judge.errors import AgentJudgeError, BadInput, DriverError, MissingRequirement
from agent_judge.launch.box_command import Plan
from agent_judge.launch.chromium import SandboxedBrowser
from agent_judge.launch.desktop import screen_folder
from agent_judge.launch.early_ends import bear_early_ends
from agent_judge.launch.guest import Flavour, Provider
from agent_judge.launch.guest_browser import ReadyGuest
from agent_judge.launch.hardened import HardenedPage
from agent_judge.launch.local import known_environment, launcher_of
from agent_judge.launch.own_world import prepare_own_world
from agent_judge.launch.page import missing_for_page, prepare_page, tools_of_pages
from agent_judge.launch.pool import Pool
from agent_judge.launch.remote_box import RemoteBox
from agent_judge.launch.renderers import PAGE_MEMORY_MIB
from agent_judge.launch.session import BrowserSession
from agent_judge.launch.show import Showing
from agent_judge.launch.surroundings import folder_digest, surroundings
from agent_judge.launch.toolchain import PythonKind, Toolchain, this_python
from agent_judge.protocols import Missing
from agent_judge.read.environment import Environment, Limits
from agent_judge.schema import Solution, Viewport, digest_of

_PYTHON = "python3.11"
"""What the Python of ``sandbox/Dockerfile`` is called."""


def guests_python() -> PythonKind:
    """The Python of guests, which run on machines like this one."""
    return PythonKind(_PYTHON.removeprefix("python"), f"{this_python().platform.partition('-')[0]}-unknown-linux-gnu")


class RemoteBackend:
    """Runs solutions in guests; an async context manager (see :class:`~agent_judge.protocols.Backend`)."""

    def __init__(
        self, provider: Provider, limits: Callable[[Environment], Limits] | None = None, *, kept_ready: int = 2
    ) -> None:
        """Prepares a backend.

        Args:
            provider: Who makes the guests.
            limits: What a session of an environment may use; the environment's own limits if not given.
            kept_ready: How many guests wait for their solution, of the environments that were asked for last.
        """
        self.name = provider.name
        self._provider = provider
        self._limits = limits
        self._entered = contextlib.AsyncExitStack()
        self._playwright: Playwright | None = None
        self._pool = Pool(self._make, kept_ready)

    async def __aenter__(self) -> RemoteBackend:
        if lacking := await asyncio.to_thread(self._provider.missing):
            raise MissingRequirement(f"{self.name} sandboxes need {lacking[0].what}: {lacking[0].command}")
        bear_early_ends()
        async with contextlib.AsyncExitStack() as entering:
            self._playwright = await entering.enter_async_context(async_playwright())
            await prepare_own_world(self._playwright)
            await entering.enter_async_context(self._provider)
            await self._provider.sweep()
            entering.push_async_callback(self._pool.close)
            self._entered = entering.pop_all()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._entered.aclose()
        self._playwright = None

    @property
    def playwright(self) -> Playwright:
        """The Playwright that all pages of this backend belong to."""
        if self._playwright is None:
            raise RuntimeError("RemoteBackend is an async context manager: enter it first")
        return self._playwright

    async def launch(self, solution: Solution, viewport: Viewport, seed: int) -> BrowserSession:
        """Starts a Solution in a fresh guest."""
        began = time.monotonic()
        try:
            session = await self._launch(solution, viewport, seed)
        except (OSError, Error) as error:
            # Launchers tell solutions' faults themselves: what gets here is this machine's, or the guest's.
            raise DriverError(f"the launch failed: {error}") from error
        session.report = session.report.model_copy(update={"seconds": time.monotonic() - began})
        return session

    async def _launch(self, solution: Solution, viewport: Viewport, seed: int) -> BrowserSession:
        if solution.problem:
            return BrowserSession.failed("build_failed", solution.problem)
        if solution.url:
            raise BadInput(f"{solution.url} runs already, and {self.name} sandboxes reach nothing: use --sandbox local")
        environment = self._limited(solution.environment)
        flavour = _flavour(environment)
        ready = await self._pool.take(flavour)
        showing = _Showing(self.playwright, viewport, seed, environment.limits, ready)
        try:
            session = await launcher_of(environment)(showing, environment, solution)
        except BaseException:
            await ready.close()
            raise
        finally:
            # Not before: what is made ready for the next must not slow this launch down.
            self._pool.fill(flavour)
        if session.page is None:
            await ready.close()
        else:
            session.on_close(ready.close, last=True)
        return session

    async def _make(self, flavour: Flavour) -> ReadyGuest:
        ready = await ReadyGuest.make(self._provider, self.playwright, flavour)
        environment = known_environment(flavour.environment)
        try:
            if environment.kind == "page":
                with contextlib.suppress(AgentJudgeError):  # The launch that needs it tells what is wrong.
                    for tool in await tools_of_pages(environment):
                        ready.opened.bench.make_ready(ready.opened.browser, tool)
        except BaseException:
            await ready.close()
            raise
        return ready

    async def keep_ready(self, environment: str) -> None:
        """Makes guests for an environment ready ahead of time, and waits until they are."""
        self._pool.fill(_flavour(self._limited(environment)))
        await self._pool.ready()

    def missing(self, environment: str) -> list[Missing]:
        """What this machine lacks to run an environment; an empty list means ready."""
        missing = self._provider.missing()
        if environment in ("none", "url"):
            return missing
        known = known_environment(environment)
        return missing + (missing_for_page(known) if known.kind == "page" else [])

    async def prepare(self, environment: str) -> None:
        """Fetches ahead of time what solutions of an environment usually need.

        Raises:
            MissingRequirement: npm is not there, or its registry does not answer.
        """
        known = known_environment(environment)
        if known.kind == "page":
            await prepare_page(known)

    def versions(self, environment: str) -> Mapping[str, str]:
        """All that may change how a solution behaves."""
        guest = {"playwright": importlib.metadata.version("playwright"), **self._provider.versions()}
        if environment in ("none", "url"):
            return guest
        known = self._limited(environment)
        return {
            **guest,
            "launcher": folder_digest(Path(__file__).parent),
            "environment": folder_digest(known.folder),
            "limits": digest_of(known.limits.model_dump()),
            "shared": surroundings()["shared"],
            **({"screen": folder_digest(screen_folder())} if known.kind == "desktop" else {}),
        }

    def _limited(self, name: str) -> Environment:
        environment = known_environment(name)
        return environment.model_copy(update={"limits": self._limits(environment)}) if self._limits else environment


def _flavour(environment: Environment) -> Flavour:
    page_memory = environment.limits.memory_mib if environment.kind == "page" else PAGE_MEMORY_MIB
    return Flavour(environment.name, environment.limits, page_memory, environment.kind in ("server", "desktop"))


class _Showing(Showing):
    """One launch under way in a guest."""

    def __init__(
        self, playwright: Playwright, viewport: Viewport, seed: int, limits: Limits, ready: ReadyGuest
    ) -> None:
        async def warm() -> SandboxedBrowser:
            return ready.opened

        super().__init__(playwright, viewport, seed, limits, warm, ready.spare)
        self._ready = ready

    async def toolchain(self, names: Iterable[str]) -> Toolchain:
        """The guest's own tools: it has all of them where it expects them."""
        return Toolchain(python=_PYTHON, packages_for=guests_python())

    async def open_box(self, plan: Plan) -> RemoteBox:
        """Starts a box in the guest."""
        return await RemoteBox.open(self._ready.guest, plan, _PYTHON)

    async def joined(self, pid: int) -> SandboxedBrowser:
        """The guest's one browser, which shares its loopback."""
        return self._ready.opened

    async def live_page(self, opened: SandboxedBrowser, live: re.Pattern[str]) -> HardenedPage:
        """The guest's empty page, or another after it."""
        return await self._ready.spare.take(opened.browser)

"""What a launcher is given to show a solution: pages from memory, or a server that runs in a box."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from playwright.async_api import Playwright

from agent_judge.launch.chromium import SandboxedBrowser
from agent_judge.launch.session import BrowserSession
from agent_judge.schema import Viewport


class Launching(Protocol):
    """One launch under way.

    A launcher is ``async def launch_<kind>(launching, environment, solution) -> BrowserSession``. It runs what
    must be run, then shows it by one of the two methods below. To the session that it gets it adds its own
    report (``session.report = session.report.model_copy(update={...})``), what else may die
    (``session.watch(...)``) and what must be ended (``session.on_close(...)``). A solution that cannot be
    shown gives ``BrowserSession.failed(outcome, reason, build_log=...)``.
    """

    playwright: Playwright
    viewport: Viewport
    seed: int

    async def warm_browser(self) -> SandboxedBrowser:
        """The browser that has no network, which pages from memory share."""
        ...

    async def show_files(
        self, files: Mapping[str, bytes], entry: str = "index.html", *, any_path: bool = False
    ) -> BrowserSession:
        """Opens ``entry`` in the warm browser that has no network; its files are answered from memory.

        Args:
            files: Relative POSIX path to content.
            entry: The file to open; it answers ``/`` too.
            any_path: Whether it answers every other path too, as applications that route in the browser expect.

        Returns:
            A session that is ``ready`` once the page has loaded and settled, else ``never_ready`` or ``crashed``.
        """
        ...

    async def show_server(self, pid: int, address: str, *, settle_seconds: float = 10) -> BrowserSession:
        """Opens ``address`` in a browser of its own that joins the network namespace of a process.

        The browser sees that namespace and nothing else, and is gone when the session is closed.

        Args:
            pid: A process inside the namespace, as the host numbers it.
            address: Where the server listens, such as ``http://127.0.0.1:8501/``. The namespace's loopback is
                allowed by each of its names: every port, WebSockets too.
            settle_seconds: How long the page may take to become quiet.

        Returns:
            A session that is ``ready`` once the page has loaded and settled, else ``never_ready`` or ``crashed``.
        """
        ...

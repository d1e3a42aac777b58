"""What a launcher is given to show a solution: pages from memory, or a server that runs in a box."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Protocol

from agent_judge.launch.box import Ended
from agent_judge.launch.box_command import Plan
from agent_judge.launch.chromium import SandboxedBrowser
from agent_judge.launch.session import BrowserSession
from agent_judge.launch.toolchain import Toolchain
from agent_judge.schema import Viewport


class OpenBox(Protocol):
    """One box that runs a plan (see :class:`~agent_judge.launch.box.Box`), here or elsewhere."""

    pid: int
    """Its first process, as this machine numbers it; 0 where it runs elsewhere."""

    @property
    def stdout(self) -> str:
        """What the program wrote so far."""
        ...

    @property
    def stderr(self) -> str:
        """What the program wrote to its standard error so far."""
        ...

    @property
    def build_log(self) -> str:
        """What the build commands wrote."""
        ...

    async def built(self) -> Ended:
        """Waits for the end of the build; exit code 0 means that the program was started."""
        ...

    async def ended(self) -> Ended:
        """Waits for the end of the program."""
        ...

    def end(self) -> Ended | None:
        """How the program ended, if it has."""
        ...

    async def made(self) -> Mapping[str, bytes]:
        """The files that a program made or changed, by name."""
        ...

    def listening(self) -> set[int]:
        """The ports that something in the box listens on."""
        ...

    async def close(self) -> None:
        """Ends everything in the box; safe to call twice."""
        ...


class Launching(Protocol):
    """One launch under way.

    A launcher is ``async def launch_<kind>(launching, environment, solution) -> BrowserSession``. It runs what
    must be run, then shows it by one of the two methods below. To the session that it gets it adds its own
    report (``session.report = session.report.model_copy(update={...})``), what else may die
    (``session.watch(...)``) and what must be ended (``session.on_close(...)``). A solution that cannot be
    shown gives ``BrowserSession.failed(outcome, reason, build_log=...)``.
    """

    viewport: Viewport
    seed: int

    async def toolchain(self, names: Iterable[str]) -> Toolchain:
        """The tools, as boxes see them.

        Raises:
            MissingRequirement: One of them is not there.
        """
        ...

    async def open_box(self, plan: Plan) -> OpenBox:
        """Starts a box; its plan goes on by itself.

        Raises:
            MissingRequirement: Nothing can be boxed.
            DriverError: The box did not come up.
        """
        ...

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

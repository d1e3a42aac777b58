"""One E2B sandbox, and in it a closed room for one solution and its browser."""

from __future__ import annotations

import asyncio
import contextlib
import random
import secrets
import shlex
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any, Literal

from e2b import AsyncCommandHandle, AsyncSandbox, CommandExitException, RateLimitException
from playwright.async_api import Browser, Error, Playwright

from agent_judge.errors import DriverError
from agent_judge.launch.box_command import Mount
from agent_judge.launch.e2b_browser import started_arguments
from agent_judge.launch.e2b_faults import FAULTS, insist
from agent_judge.launch.e2b_given import GIVEN, Given
from agent_judge.launch.guest import Flavour
from agent_judge.places import data_folder

BROUGHT = ("guest", "e2b")
"""What of ``sandbox/`` is brought to each sandbox."""
LIFE_SECONDS = 300
"""How long a sandbox lives on when nobody asks for more: after our death, what is left."""
_RENEWAL_SECONDS = 60
_FIRST_UID, _UIDS = 20_000, 40_000
"""Who runs solutions: someone else in each room, since the kernel counts the processes of a user everywhere."""
_BROWSER_UID = 1902
_BROWSER_DATA_KIB = 3 * 2**20
_BROWSER_SECONDS = 60
_END_SECONDS = 5
_FIRST_LINE_SECONDS = 60
_HEALTH_SECONDS = 5
_CHUNK_BYTES = 2**20
_PYTHON = "/usr/bin/python3 -I -S"


class E2BProcess:
    """A command in a sandbox; implements :class:`~agent_judge.launch.guest.GuestProcess`."""

    def __init__(self) -> None:
        self.lost = False
        """Whether it was lost from sight before it ended."""
        self._handle: AsyncCommandHandle[None] | None = None
        self._heard: asyncio.Queue[str] = asyncio.Queue()
        self._watch: asyncio.Task[None] | None = None

    @classmethod
    async def start(cls, sandbox: AsyncSandbox, command: str) -> E2BProcess:
        """Starts a command as root.

        Raises:
            DriverError: The sandbox does not take commands.
        """
        process = cls()

        async def ask() -> AsyncCommandHandle[None]:
            return await sandbox.commands.run(
                command, background=True, user="root", stdin=True, timeout=0,
                on_stdout=process._heard.put_nowait, retain_output=False,
            )  # fmt: skip

        try:
            # Not after a lost connection: it may have been started all the same.
            process._handle = await insist(ask, lambda fault: isinstance(fault, RateLimitException))
        except FAULTS as error:
            raise DriverError(f"the sandbox does not take commands: {error}") from error
        process._watch = asyncio.create_task(process._until_it_ends(process._handle))
        return process

    async def write(self, content: bytes) -> None:
        """Writes to its standard input."""
        assert self._handle is not None
        for place in range(0, len(content), _CHUNK_BYTES):
            try:
                await self._handle.send_stdin(content[place : place + _CHUNK_BYTES])
            except FAULTS:
                # If it does not take what it needs, it was lost, or has ended by itself, which its output tells.
                self.lost = self.lost or self._handle.exit_code is None
                return

    async def lines(self) -> AsyncIterator[bytes]:
        """The lines of its standard output."""
        rest = ""
        while part := await self._heard.get():
            *whole, rest = (rest + part).split("\n")
            for line in whole:
                yield f"{line}\n".encode()
        if rest:
            yield rest.encode()

    async def end(self) -> None:
        """Ends its input, which what we start takes for its end; what does not listen is killed."""
        assert self._handle is not None
        assert self._watch is not None
        if self._watch.done():
            return
        with contextlib.suppress(*FAULTS):
            await self._handle.close_stdin(request_timeout=_END_SECONDS)
        await asyncio.wait([self._watch], timeout=_END_SECONDS)
        if not self._watch.done():
            with contextlib.suppress(*FAULTS):
                await self._handle.kill()
            await self._handle.disconnect()
            self._watch.cancel()
            self._heard.put_nowait("")

    def forget(self) -> None:
        """Listens no more: it has ended with its sandbox."""
        if self._watch is not None:
            self._watch.cancel()
        self._heard.put_nowait("")

    async def _until_it_ends(self, handle: AsyncCommandHandle[None]) -> None:
        waiting = asyncio.ensure_future(handle.wait())
        waiting.add_done_callback(_take_note)
        try:
            await asyncio.wait([waiting])
        finally:
            waiting.cancel()
            self._heard.put_nowait("")
        if not waiting.cancelled():
            fault = waiting.exception()
            self.lost = self.lost or not (fault is None or isinstance(fault, CommandExitException))


def _take_note(waiting: asyncio.Future[Any]) -> None:
    """Takes note of how a command ended, also where nobody listens any more, as its sandbox was ended."""
    if not waiting.cancelled():
        waiting.exception()


class E2BGuest:
    """One sandbox; implements :class:`~agent_judge.launch.guest.Guest`."""

    def __init__(self, sandbox: AsyncSandbox, ended: Callable[[E2BGuest], None] = lambda guest: None) -> None:
        """Takes over a sandbox that runs; :meth:`make_room` makes it ready.

        Args:
            sandbox: The sandbox.
            ended: Is told when it has ended.
        """
        self.sandbox = sandbox
        self._ended = ended
        self._folder = f"/var/lib/agent-judge/{secrets.token_hex(8)}"
        """Ours in the sandbox; with ``E2B_DEBUG`` one machine is the sandbox of all, hence a name of its own."""
        self._users = {"user": _FIRST_UID + random.SystemRandom().randrange(_UIDS), "browser": _BROWSER_UID}
        self._given = Given(sandbox)
        self._room: E2BProcess | None = None
        self._room_pid = 0
        self._processes: list[E2BProcess] = []
        self._renewing: asyncio.Task[None] | None = None
        self._gone = False

    async def make_room(self, flavour: Flavour) -> None:
        """Brings what is ours, and makes the room that the solution is closed in.

        Raises:
            DriverError: The sandbox cannot do that.
        """
        files = [
            {"path": f"{self._folder}/{place}/{file.name}", "data": file.read_bytes()}
            for place, folder in zip(("guest", "own"), BROUGHT, strict=True)
            for file in sorted((data_folder("sandbox") / folder).iterdir())
            if file.is_file()
        ]
        try:
            await insist(lambda: self.sandbox.files.write_files(files, user="root"))  # type: ignore[arg-type]  # as told
        except FAULTS as error:
            raise DriverError(f"the sandbox does not take files: {error}") from error
        self._room = await self._run(
            f"mkdir -p {GIVEN} && chmod -R a+rX {self._folder} && chmod a+x {self._folder}/guest/browser.sh && "
            f"exec {_PYTHON} {self._folder}/own/room.py {self._folder} {GIVEN} {flavour.limits.disk_mib}"
        )
        kind, _, told = (await self._first_line(self._room)).partition(" ")
        if kind != "room":
            raise DriverError(f"the sandbox makes no room for a solution: {told or kind or 'it said nothing'}")
        self._room_pid = int(told)
        self._renewing = asyncio.create_task(self._renew())

    async def start(self, words: Sequence[str], user: Literal["user", "browser"]) -> E2BProcess:
        """Starts a command in the room."""
        return await self._run(f"exec {self._inside(words, user)}")

    async def open_browser(self, playwright: Playwright, arguments: Sequence[str]) -> Browser:
        """Starts the browser in the room, and speaks to it by a WebSocket whose path nobody in the room knows."""
        words = ["/guest/browser.sh", str(_BROWSER_DATA_KIB), *await started_arguments(playwright, arguments)]
        path = f"/{secrets.token_urlsafe(32)}"
        relay = await self._run(f"exec {_PYTHON} {self._folder}/own/relay.py {self._inside(words, 'browser')}")
        await relay.write(f"{path}\n".encode())
        kind, _, port = (await self._first_line(relay)).partition(" ")
        if kind != "listening":
            raise DriverError("the browser in the sandbox does not start")
        try:
            return await playwright.chromium.connect_over_cdp(
                f"{self._address(int(port))}{path}", headers=self._headers(int(port)), timeout=_BROWSER_SECONDS * 1000
            )
        except Error as error:
            raise DriverError(
                f"the browser in the sandbox cannot be reached: {error.message.splitlines()[0]}"
            ) from error

    async def place_of(self, mount: Mount) -> str:
        """Where the room has something of this machine's; brought there first if need be."""
        try:
            return await self._given.place_of(mount.source)
        except FAULTS as error:
            raise DriverError(f"the sandbox does not take {mount.source.name}: {error}") from error

    async def alive(self) -> bool:
        """Whether it still runs, and nothing in it was lost from sight."""
        if self._gone or any(process.lost for process in self._processes):
            return False
        with contextlib.suppress(*FAULTS):
            return await insist(lambda: self.sandbox.is_running(request_timeout=_HEALTH_SECONDS), tries=3)
        return False

    async def close(self) -> None:
        """Ends the room, and the sandbox with it."""
        if self._renewing is not None:
            self._renewing.cancel()
        self._gone = True
        if self.sandbox.connection_config.debug:
            # It is no sandbox but a machine, which outlives us: so what we started there ends one by one.
            await asyncio.gather(*(process.end() for process in reversed(self._processes)))
            with contextlib.suppress(*FAULTS):
                await self.sandbox.commands.run(f"rm -rf {self._folder}", user="root")
            return
        with contextlib.suppress(*FAULTS):
            await insist(self.sandbox.kill)
        for process in self._processes:
            process.forget()
        self._ended(self)

    async def _run(self, command: str) -> E2BProcess:
        process = await E2BProcess.start(self.sandbox, command)
        self._processes.append(process)
        return process

    async def _first_line(self, process: E2BProcess) -> str:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_FIRST_LINE_SECONDS):
                async for line in process.lines():
                    return line.decode().strip()
        return ""

    def _inside(self, words: Sequence[str], user: Literal["user", "browser"]) -> str:
        """The command that runs another one in the room."""
        uid = str(self._users[user])
        home = "/browser" if user == "browser" else "/tmp"
        return shlex.join([
            "/usr/bin/nsenter", "--target", str(self._room_pid), "--mount", "--net", "--pid", "--ipc", "--",
            "/usr/bin/setpriv", "--reuid", uid, "--regid", uid, "--clear-groups", "--no-new-privs", "--inh-caps=-all",
            "--bounding-set=-all", "--pdeathsig", "KILL", "--",
            "/usr/bin/env", "-i", "PATH=/usr/local/bin:/usr/bin:/bin", "LANG=C.UTF-8", "TZ=UTC", f"HOME={home}",
            f"TMPDIR={home}", *words,
        ])  # fmt: skip

    def _address(self, port: int) -> str:
        """Where a port of the sandbox is reached: at its host's name, as :meth:`AsyncSandbox.get_host` has it."""
        config = self.sandbox.connection_config
        url = config.get_sandbox_direct_url(self.sandbox.sandbox_id, self.sandbox.sandbox_domain, port)
        return f"ws{url.removeprefix('http')}"

    def _headers(self, port: int) -> dict[str, str]:
        """What a proxy in front of many sandboxes goes by."""
        return {"E2b-Sandbox-Id": self.sandbox.sandbox_id, "E2b-Sandbox-Port": str(port)}

    async def _renew(self) -> None:
        """Asks for more time, for as long as the sandbox is in use."""
        assert self._room is not None
        while not self._gone:
            await asyncio.sleep(_RENEWAL_SECONDS)
            try:
                await insist(lambda: self.sandbox.set_timeout(LIFE_SECONDS))
            except FAULTS:
                self._gone = True
                return
            await self._room.write(b"\n")

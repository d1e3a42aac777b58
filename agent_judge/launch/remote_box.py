"""A box in a guest: the same as one on this machine, run and watched by ``sandbox/guest/box.py``."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Mapping

from agent_judge.errors import DriverError
from agent_judge.launch.box import MADE_BYTES, Ended, archive_of, files_in
from agent_judge.launch.box_command import Plan, variables_of
from agent_judge.launch.box_seccomp import seccomp_filter
from agent_judge.launch.guest import Guest, GuestProcess
from agent_judge.launch.patience import Alarm

_RUNNER = ("/usr/bin/python3", "-I", "-S", "/guest/box.py")
_GRACE_SECONDS = 10
"""How much later than the guest we end what is late: the solution may have stopped what watches it."""
_LINKED = ("packages", "node_modules", "environment", "screen")
"""What recipes expect at the root, where each guest has a link to its own."""


class RemoteBox:
    """One box that runs in a guest; implements :class:`~agent_judge.launch.launching.OpenBox`."""

    pid = 0

    def __init__(self, guest: Guest, plan: Plan, process: GuestProcess) -> None:
        self._guest = guest
        self._plan = plan
        self._process = process
        self._texts = {"out": bytearray(), "error": bytearray(), "build": bytearray()}
        self._made = bytearray()
        self._ports: set[int] = set()
        loop = asyncio.get_running_loop()
        self._built: asyncio.Future[Ended] = loop.create_future()
        self._ended: asyncio.Future[Ended] = loop.create_future()
        self._over = False
        self._late = ""
        self._failure = ""
        self._timer: Alarm | None = None
        self._reader = asyncio.create_task(self._read())

    @classmethod
    async def open(cls, guest: Guest, plan: Plan, python: str) -> RemoteBox:
        """Starts a box; its plan goes on by itself.

        Args:
            guest: Where it runs.
            plan: What to run.
            python: What the guest's Python is called.

        Raises:
            DriverError: The box did not come up.
        """
        files = archive_of(plan.files)
        links = {mount.target.lstrip("/"): await guest.place_of(mount) for mount in plan.mounts if mount.target}
        if strange := links.keys() - set(_LINKED):
            raise DriverError(f"guests have no place for {', '.join(sorted(strange))}")
        told = {
            "start": list(plan.start),
            "build": [list(command) for command in plan.build],
            "limits": plan.limits.model_dump(),
            "variables": variables_of(plan),
            "terminal": plan.terminal,
            "links": links,
            "python": python,
            "filter": base64.b64encode(seccomp_filter()).decode(),
            "files_bytes": len(files),
        }
        box = cls(guest, plan, await guest.start(_RUNNER, "user"))
        await box._process.write(json.dumps(told).encode() + b"\n" + files)
        box._limit_time(plan.limits.build_seconds, "took longer than {:g} s to build")
        return box

    @property
    def stdout(self) -> str:
        """What the program wrote so far."""
        return self._texts["out"].decode("utf-8", errors="replace")

    @property
    def stderr(self) -> str:
        """What the program wrote to its standard error so far."""
        return self._texts["error"].decode("utf-8", errors="replace")

    @property
    def build_log(self) -> str:
        """What the build commands wrote."""
        return self._texts["build"].decode("utf-8", errors="replace")

    async def built(self) -> Ended:
        """Waits for the end of the build; exit code 0 means that the program was started.

        Raises:
            DriverError: The guest died.
        """
        return self._sound(await asyncio.shield(self._built))

    async def ended(self) -> Ended:
        """Waits for the end of the program.

        Raises:
            DriverError: The guest died.
        """
        return self._sound(await asyncio.shield(self._ended))

    def end(self) -> Ended | None:
        """How the program ended, if it has.

        Raises:
            DriverError: The guest died.
        """
        return self._sound(self._ended.result()) if self._ended.done() else None

    async def made(self) -> Mapping[str, bytes]:
        """The files that a program made or changed, by name; at most 16 MiB of them."""
        await self._reader
        return files_in(bytes(self._made))

    def listening(self) -> set[int]:
        """The ports that something in the guest listens on."""
        return self._ports

    async def close(self) -> None:
        """Ends everything in the box and waits until it is gone; safe to call twice."""
        if self._timer is not None:
            self._timer.cancel()
        await self._process.end()
        await self._reader

    def _sound(self, ended: Ended) -> Ended:
        if self._failure:
            raise DriverError(self._failure)
        return ended

    async def _read(self) -> None:
        async for line in self._process.lines():
            if not line.endswith(b"\n"):
                break  # It was cut off in the middle.
            kind, _, rest = line.rstrip(b"\n").partition(b" ")
            self._take(kind.decode("ascii", errors="replace"), rest)
        if not self._over and not self._failure and not await self._guest.alive():
            self._failure = "the sandbox died while the solution ran in it"
        # A solution may end what watches it, and with that itself.
        last = Ended("killed", reason=self._late) if self._late else Ended("exited", 137)
        self._settle(self._built, last)
        self._settle(self._ended, last)

    def _take(self, kind: str, rest: bytes) -> None:
        match kind:
            case "out" | "error" | "build":
                self._texts[kind] += base64.b64decode(rest)
            case "made":
                self._made += base64.b64decode(rest)[: max(0, MADE_BYTES - len(self._made))]
            case "listening":
                self._ports = {int(port) for port in rest.split()}
            case "built":
                self._settle(self._built, Ended("exited"))
                self._limit_time(self._plan.limits.total_seconds, "ran longer than {:g} s")
            case "build-failed" | "exit":
                end = Ended("exited", int(rest))
                self._settle(self._built, end)
                self._settle(self._ended, end)
            case "killed":
                end = Ended("killed", reason=rest.decode("utf-8", errors="replace"))
                self._settle(self._built, end)
                self._settle(self._ended, end)
            case "failed":
                self._failure = f"the sandbox failed: {rest.decode('utf-8', errors='replace')}"
            case "over":
                self._over = True

    def _settle(self, future: asyncio.Future[Ended], end: Ended) -> None:
        if not future.done():
            future.set_result(end)

    def _limit_time(self, seconds: float, reason: str) -> None:
        if self._timer is not None:
            self._timer.cancel()

        def end_late() -> None:
            self._late = reason.format(seconds)
            self._ending = asyncio.create_task(self._process.end())

        self._timer = Alarm(seconds + _GRACE_SECONDS, end_late)

"""A bubblewrap box for one untrusted solution: built, started, watched, and gone with all that it started."""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import os
import signal
import tarfile
import threading
from collections.abc import AsyncIterator, Coroutine, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from agent_judge.errors import DriverError, MissingRequirement
from agent_judge.launch.box_command import Channels, Plan, box_command, missing_box
from agent_judge.launch.box_watch import watch
from agent_judge.launch.patience import Alarm

MADE_BYTES = 16 * 2**20
"""How much of the files that a program made is kept."""
_CHUNK = 2**16
_STATUS_BYTES = 200
_START_SECONDS = 30
"""How long our own side may take to set up a box."""
_LISTENING = "0A"
"""How the kernel's tables of sockets call one that waits for connections."""
_PIPES = ("status", "errors", "build_log", "made", "info")


@dataclass(frozen=True)
class Ended:
    """How a stage of a box came to its end."""

    how: Literal["exited", "killed"]
    code: int = 0
    """Exit code; 128 and the signal's number where a signal ended it."""
    reason: str = ""
    """What it did to be killed: ``used more than 1024 MiB of memory``."""


class Box:
    """One running box. Everything in it ends with it, and it ends with our process."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._loop = asyncio.get_running_loop()
        self._process: asyncio.subprocess.Process | None = None
        self._texts = {"stdout": bytearray(), "stderr": bytearray(), "build": bytearray()}
        self._complaints = bytearray()
        self._made = bytearray()
        self._output_left = plan.limits.output_kib * 1024
        self._readers: list[asyncio.Task[None]] = []
        self._timer: Alarm | None = None
        self._info: asyncio.Future[int] = self._loop.create_future()
        self._up: asyncio.Future[None] = self._loop.create_future()
        self._built: asyncio.Future[Ended] = self._loop.create_future()
        self._ended: asyncio.Future[Ended] = self._loop.create_future()
        self._killed = ""
        self._terminal = -1
        self._handle = -1
        self._handle_lock = threading.Lock()
        self._watch_over = threading.Event()
        self.pid = 0
        """The box's first process, as the host numbers it; its namespaces are the box's."""

    @classmethod
    async def open(cls, plan: Plan) -> Box:
        """Starts a box; its plan goes on by itself.

        Raises:
            MissingRequirement: This machine cannot box anything.
            DriverError: The box did not come up.
        """
        if lacking := missing_box():
            raise MissingRequirement(f"{lacking[0].what} is missing: {lacking[0].command}")
        box = cls(plan)
        try:
            await box._start()
        except BaseException:
            await box.close()
            raise
        return box

    @property
    def stdout(self) -> str:
        """What the program wrote so far."""
        return self._texts["stdout"].decode("utf-8", errors="replace")

    @property
    def stderr(self) -> str:
        """What the program wrote to its standard error so far."""
        return self._texts["stderr"].decode("utf-8", errors="replace")

    @property
    def build_log(self) -> str:
        """What the build commands wrote."""
        return self._texts["build"].decode("utf-8", errors="replace")

    async def built(self) -> Ended:
        """Waits for the end of the build; exit code 0 means that the program was started."""
        return await asyncio.shield(self._built)

    async def ended(self) -> Ended:
        """Waits for the end of the program."""
        return await asyncio.shield(self._ended)

    def end(self) -> Ended | None:
        """How the program ended, if it has."""
        return self._ended.result() if self._ended.done() else None

    async def made(self) -> Mapping[str, bytes]:
        """The files that a program made or changed, by name; at most 16 MiB of them."""
        await self._drained()
        return files_in(bytes(self._made))

    def listening(self) -> set[int]:
        """The ports that something in the box listens on."""
        found: set[int] = set()
        for table in ("tcp", "tcp6"):
            with contextlib.suppress(OSError):
                lines = Path(f"/proc/{self.pid}/net/{table}").read_text(encoding="ascii").splitlines()[1:]
                found |= {
                    int(words[1].rpartition(":")[2], 16) for line in lines if (words := line.split())[3] == _LISTENING
                }
        return found

    def kill(self, reason: str) -> None:
        """Ends everything in the box at once; the first reason given stands. Any thread may call it."""
        self._killed = self._killed or reason
        with self._handle_lock, contextlib.suppress(ProcessLookupError):
            if self._handle >= 0:
                signal.pidfd_send_signal(self._handle, signal.SIGKILL)
            elif self._process is not None:
                self._process.kill()

    async def close(self) -> None:
        """Ends everything in the box and waits until it is gone; safe to call twice."""
        self.kill("its session was closed")
        self._watch_over.set()
        self._limit_time(None, "")
        await self._drained()
        if self._process is not None:
            await self._process.wait()
        with self._handle_lock:
            if self._handle >= 0:
                os.close(self._handle)
            self._handle = -1
        if self._terminal >= 0:
            os.close(self._terminal)
            self._terminal = -1

    async def _start(self) -> None:
        pipes = {name: os.pipe() for name in _PIPES}
        given = [write for _, write in pipes.values()]
        channels = Channels(**{name: write for name, (_, write) in pipes.items()})
        if self._plan.terminal:
            self._terminal, shown = os.openpty()
            given.append(shown)
            channels = replace(channels, terminal=shown)
        words, inherited = box_command(self._plan, channels)
        try:
            # Bubblewrap's own environment can be read from inside, so it has next to none.
            self._process = await asyncio.create_subprocess_exec(
                *words, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
                env={"PATH": "/usr/local/bin:/usr/bin:/bin"}, pass_fds=[*given, *inherited],
            )  # fmt: skip
        finally:
            for descriptor in [*given, *inherited]:
                os.close(descriptor)
        await self._listen(self._process, {name: read for name, (read, _) in pipes.items()})
        await self._identify()
        self._read(self._put_files(self._process))
        self._limit_time(self._plan.limits.build_seconds, "took longer than {:g} s to build")

    async def _listen(self, process: asyncio.subprocess.Process, pipes: Mapping[str, int]) -> None:
        streams = {name: await _stream(descriptor) for name, descriptor in pipes.items()}
        assert process.stdout is not None
        assert process.stderr is not None
        self._read(self._read_output(process.stdout, "stdout"))
        self._read(self._read_output(streams["errors"], "stderr"))
        self._read(self._read_output(streams["build_log"], "build"))
        self._read(self._read_status(streams["status"], process))
        self._read(self._read_info(streams["info"]))
        self._read(_collect(process.stderr, self._complaints, _CHUNK))
        self._read(_collect(streams["made"], self._made, MADE_BYTES))

    def _read(self, reading: Coroutine[Any, Any, None]) -> None:
        self._readers.append(self._loop.create_task(reading))

    async def _drained(self) -> None:
        await asyncio.gather(*self._readers)

    async def _identify(self) -> None:
        try:
            async with asyncio.timeout(_START_SECONDS):
                self.pid = await asyncio.shield(self._info)
                self._handle = os.pidfd_open(self.pid)
                await asyncio.shield(self._up)
        except (TimeoutError, DriverError, ProcessLookupError) as error:
            complaint = self._complaints.decode("utf-8", errors="replace").strip()
            raise DriverError(f"the box did not start: {complaint or error}") from error
        watch(self.pid, self._plan.limits, self.kill, self._watch_over)

    async def _put_files(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdin is not None
        # A box that dies or takes no more says so on its status channel.
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            process.stdin.write(archive_of(self._plan.files))
            await process.stdin.drain()
            process.stdin.close()
            await process.stdin.wait_closed()

    async def _read_output(self, stream: asyncio.StreamReader, name: str) -> None:
        while chunk := await stream.read(_CHUNK):
            self._texts[name] += chunk[: max(0, self._output_left)]
            self._output_left -= len(chunk)
            if self._output_left < 0:
                self.kill(f"wrote more than {self._plan.limits.output_kib} KiB of output")

    async def _read_info(self, stream: asyncio.StreamReader) -> None:
        text = await stream.read()
        if text:
            self._info.set_result(int(json.loads(text)["child-pid"]))
        else:
            self._info.set_exception(DriverError("bubblewrap gave up"))

    async def _read_status(self, stream: asyncio.StreamReader, process: asyncio.subprocess.Process) -> None:
        async for line in _lines(stream):
            self._take_status(line.decode("ascii", errors="replace").split())
        code = await process.wait()
        self._come_up(DriverError("bubblewrap ended"))
        last = Ended("killed", code, self._killed) if self._killed else Ended("exited", code)
        self._settle(self._built, last)
        self._settle(self._ended, last)

    def _take_status(self, words: list[str]) -> None:
        code = int(words[1]) if len(words) == 2 and words[1].isdecimal() else 0
        match words[:1]:
            case ["up"]:
                self._come_up()
            case ["unpack-failed"]:
                self._killed = self._killed or f"has files of more than {self._plan.limits.disk_mib} MiB"
            case ["build-failed"]:
                self._settle(self._built, Ended("exited", code))
            case ["built"]:
                self._settle(self._built, Ended("exited"))
                self._limit_time(self._plan.limits.total_seconds, "ran longer than {:g} s")
            case ["exit"]:
                self._settle(self._ended, Ended("exited", code))

    def _come_up(self, failure: DriverError | None = None) -> None:
        if self._up.done():
            return
        if failure is None:
            self._up.set_result(None)
        else:
            self._up.set_exception(failure)
            self._up.exception()  # Whoever waits for it is told; nobody may.

    def _settle(self, future: asyncio.Future[Ended], end: Ended) -> None:
        if not future.done():
            future.set_result(Ended("killed", end.code, self._killed) if self._killed else end)

    def _limit_time(self, seconds: float | None, reason: str) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = None if seconds is None else Alarm(seconds, lambda: self.kill(reason.format(seconds)))


async def _stream(descriptor: int) -> asyncio.StreamReader:
    reader = asyncio.StreamReader()
    protocol = asyncio.StreamReaderProtocol(reader)
    await asyncio.get_running_loop().connect_read_pipe(lambda: protocol, os.fdopen(descriptor, "rb"))
    return reader


async def _lines(stream: asyncio.StreamReader) -> AsyncIterator[bytes]:
    """Lines, of which overlong ones are left out: a program that runs as we do may write to the channel too."""
    line, overlong = b"", False
    while chunk := await stream.read(_CHUNK):
        *ended, line = (line + chunk).split(b"\n")
        for one in ended:
            if not overlong and len(one) <= _STATUS_BYTES:
                yield one
            overlong = False
        if len(line) > _STATUS_BYTES:
            line, overlong = b"", True


async def _collect(stream: asyncio.StreamReader, into: bytearray, most: int) -> None:
    while chunk := await stream.read(_CHUNK):
        into += chunk[: max(0, most - len(into))]


def files_in(made: bytes) -> Mapping[str, bytes]:
    """The files of an archive that came out of a box, by name."""
    files: dict[str, bytes] = {}
    # What exceeds the bound is cut off in the middle of a file, which is left out.
    with contextlib.suppress(tarfile.TarError, EOFError), tarfile.open(fileobj=io.BytesIO(made), mode="r:") as archive:
        for member in archive:
            plain = member.isreg() and not member.issparse() and member.size <= len(made)
            content = archive.extractfile(member) if plain else None
            if content is not None and len(data := content.read()) == member.size:
                name = member.name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
                files[name.removeprefix("./")] = data
    return files


def archive_of(files: Mapping[str, bytes]) -> bytes:
    """An archive that takes a solution's files into a box."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:", format=tarfile.PAX_FORMAT) as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return buffer.getvalue()

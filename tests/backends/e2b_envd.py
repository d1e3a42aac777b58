"""What runs in each machine of the test service and does as it is told: E2B's ``envd``, by the SDK's own messages."""

from __future__ import annotations

import asyncio
import base64
import binascii
import contextlib
import email.policy
import gzip
import os
import signal
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from email.parser import BytesParser
from pathlib import PurePosixPath
from typing import Any

from connectrpc.code import Code
from connectrpc.errors import ConnectError
from e2b.envd.filesystem import filesystem_pb as files
from e2b.envd.filesystem.filesystem_connect import Filesystem, FilesystemASGIApplication
from e2b.envd.process import process_pb as messages
from e2b.envd.process.process_connect import Process, ProcessASGIApplication
from protobuf import Message, Oneof

from tests.backends.e2b_machine import USERS, Machine

_CHUNK = 2**15
_Event = messages.ProcessEvent


class Strict:
    """JSON as the protocol has it; a field that no message has is an error."""

    def name(self) -> str:
        return "json"

    def encode(self, message: Message[Any]) -> bytes:
        return message.to_json().encode()

    def decode(self, data: bytes | bytearray, kind: type[Message[Any]]) -> Message[Any]:
        try:
            return kind.from_json(bytes(data), ignore_unknown_fields=False)
        except ValueError as error:
            raise ConnectError(Code.INVALID_ARGUMENT, f"{kind.__name__}: {error}") from error


@dataclass
class Command:
    """A command that runs in a machine."""

    config: messages.ProcessConfig
    process: asyncio.subprocess.Process
    listeners: list[asyncio.Queue[_Event]] = field(default_factory=list)

    def tell(self, event: _Event) -> None:
        for listener in self.listeners:
            listener.put_nowait(event)


@dataclass
class Envd:
    """The service inside one machine."""

    machine: Machine
    commands: dict[int, Command] = field(default_factory=dict)
    heard: Callable[[], Any] = lambda: None
    """Called before what a command wrote is passed on."""
    _pumps: set[asyncio.Task[None]] = field(default_factory=set)

    async def start(self, request: messages.StartRequest, user: str) -> Command:
        config = request.process
        if config is None or not config.cmd:
            raise ConnectError(Code.INVALID_ARGUMENT, "no command")
        process = await self.machine.run(
            [config.cmd, *config.args], user, config.cwd, config.envs, listens=bool(request.stdin)
        )
        command = Command(config, process)
        self.commands[process.pid] = command
        return command

    def follow(self, command: Command) -> None:
        """Passes on what a command says, and how it ends."""
        pump = asyncio.create_task(self._pump(command))
        self._pumps.add(pump)
        pump.add_done_callback(self._pumps.discard)

    async def _pump(self, command: Command) -> None:
        async def pass_on(stream: asyncio.StreamReader | None, name: Any) -> None:
            assert stream is not None
            while chunk := await stream.read(_CHUNK):
                await asyncio.to_thread(self.heard)
                command.tell(_event("data", _Event.DataEvent(output=Oneof(name, chunk))))

        await asyncio.gather(pass_on(command.process.stdout, "stdout"), pass_on(command.process.stderr, "stderr"))
        code = await command.process.wait()
        del self.commands[command.process.pid]
        status = f"exit status {code}" if code >= 0 else f"signal: {signal.Signals(-code).name}"
        end = _Event.EndEvent(exit_code=code if code >= 0 else -1, exited=code >= 0, status=status)
        command.tell(_event("end", end))

    def find(self, selector: messages.ProcessSelector | None) -> Command:
        wanted = selector.selector if selector is not None else None
        if wanted is None or wanted.field != "pid":
            raise ConnectError(Code.INVALID_ARGUMENT, "commands are selected by pid")
        if wanted.value not in self.commands:
            raise ConnectError(Code.NOT_FOUND, f"process with pid {wanted.value} not found")
        return self.commands[wanted.value]

    async def output(self, words: list[str], user: str, content: bytes = b"") -> tuple[int, bytes]:
        """What a command that reads ``content`` writes."""
        process = await self.machine.run(words, user, "/", {}, listens=True)
        out, _ = await process.communicate(content)
        return process.returncode or 0, out

    async def write(self, path: str, content: bytes, user: str) -> bool:
        """Writes a file, and makes its folders."""
        made = 'mkdir -p "$(dirname "$1")" && cat > "$1"'
        code, _ = await self.output(["/bin/sh", "-c", made, "sh", path], user, content)
        return code == 0


def user_of(headers: Any) -> str:
    """Who a request is made as."""
    kind, _, told = headers.get("authorization", "Basic dXNlcjo=").partition(" ")
    try:
        name = base64.b64decode(told, validate=True).decode().partition(":")[0]
    except (binascii.Error, UnicodeDecodeError) as error:
        raise ConnectError(Code.UNAUTHENTICATED, "no user name") from error
    if kind != "Basic" or name not in USERS:
        raise ConnectError(Code.UNAUTHENTICATED, f"invalid username: '{name}'")
    return name


class Processes(Process):
    """Commands, in whichever machine a request is for."""

    def __init__(self, envd_of: Callable[[Any], Envd]) -> None:
        self._envd_of = envd_of

    async def list(self, request: messages.ListRequest, ctx: Any, /) -> messages.ListResponse:
        envd = self._envd_of(ctx.request_headers)
        found = [messages.ProcessInfo(config=one.config, pid=pid) for pid, one in envd.commands.items()]
        return messages.ListResponse(processes=found)

    async def start(self, request: messages.StartRequest, ctx: Any, /) -> AsyncIterator[messages.StartResponse]:
        envd = self._envd_of(ctx.request_headers)
        command = await envd.start(request, user_of(ctx.request_headers))
        async for event in _events(envd, command, ctx.request_headers, follow=True):
            yield messages.StartResponse(event=event)

    async def connect(self, request: messages.ConnectRequest, ctx: Any, /) -> AsyncIterator[messages.ConnectResponse]:
        envd = self._envd_of(ctx.request_headers)
        command = envd.find(request.process)
        async for event in _events(envd, command, ctx.request_headers):
            yield messages.ConnectResponse(event=event)

    async def send_input(self, request: messages.SendInputRequest, ctx: Any, /) -> messages.SendInputResponse:
        process = self._envd_of(ctx.request_headers).find(request.process).process
        given = request.input.input if request.input is not None else None
        if given is None or given.field != "stdin" or process.stdin is None:
            raise ConnectError(Code.FAILED_PRECONDITION, "stdin not enabled")
        try:
            process.stdin.write(given.value)
            await process.stdin.drain()
        except (BrokenPipeError, ConnectionResetError) as error:
            raise ConnectError(Code.INTERNAL, "error writing to stdin") from error
        return messages.SendInputResponse()

    async def close_stdin(self, request: messages.CloseStdinRequest, ctx: Any, /) -> messages.CloseStdinResponse:
        process = self._envd_of(ctx.request_headers).find(request.process).process
        if process.stdin is None:
            raise ConnectError(Code.FAILED_PRECONDITION, "stdin not enabled")
        process.stdin.close()
        return messages.CloseStdinResponse()

    async def send_signal(self, request: messages.SendSignalRequest, ctx: Any, /) -> messages.SendSignalResponse:
        process = self._envd_of(ctx.request_headers).find(request.process).process
        if request.signal not in (messages.Signal.SIGKILL, messages.Signal.SIGTERM):
            raise ConnectError(Code.UNIMPLEMENTED, "invalid signal")
        with contextlib.suppress(ProcessLookupError):
            os.kill(process.pid, signal.SIGKILL if request.signal == messages.Signal.SIGKILL else signal.SIGTERM)
        return messages.SendSignalResponse()


def _event(kind: Any, content: Any) -> _Event:
    return _Event(event=Oneof(kind, content))


async def _events(envd: Envd, command: Command, headers: Any, *, follow: bool = False) -> AsyncIterator[_Event]:
    listener: asyncio.Queue[_Event] = asyncio.Queue()
    command.listeners.append(listener)
    yield _event("start", _Event.StartEvent(pid=command.process.pid))
    if follow:
        envd.follow(command)
    interval = float(headers.get("keepalive-ping-interval", "90"))
    while True:
        try:
            event = await asyncio.wait_for(listener.get(), interval)
        except TimeoutError:
            event = _event("keepalive", _Event.KeepAlive())
        yield event
        if event.event is not None and event.event.field == "end":
            return


class Files(Filesystem):
    """Files, in whichever machine a request is for."""

    def __init__(self, envd_of: Callable[[Any], Envd]) -> None:
        self._envd_of = envd_of

    async def stat(self, request: files.StatRequest, ctx: Any, /) -> files.StatResponse:
        envd = self._envd_of(ctx.request_headers)
        words = ["/usr/bin/stat", "--format", "%F|%s", "--", request.path]
        code, out = await envd.output(words, user_of(ctx.request_headers))
        if code:
            raise ConnectError(Code.NOT_FOUND, f"path not found: {request.path}")
        kind, _, size = out.decode().strip().partition("|")
        known = files.FileType.DIRECTORY if kind == "directory" else files.FileType.FILE
        name = PurePosixPath(request.path).name
        return files.StatResponse(entry=files.EntryInfo(name=name, type=known, path=request.path, size=int(size)))


def applications(envd_of: Callable[[Any], Envd]) -> dict[str, Any]:
    """The Connect services, by the prefix of their paths."""
    codecs = [Strict()]
    return {
        "/process.Process/": ProcessASGIApplication(
            Processes(envd_of), codecs=codecs, compressions=(), read_max_bytes=2**23
        ),
        "/filesystem.Filesystem/": FilesystemASGIApplication(Files(envd_of), codecs=codecs, compressions=()),
    }


def uploaded(headers: dict[str, str], path: str, body: bytes) -> dict[str, bytes]:
    """The files of an upload, by path.

    Raises:
        ValueError: It is no upload.
    """
    kind = headers.get("content-type", "")
    if kind == "application/octet-stream":
        if not path:
            raise ValueError("path is required")
        return {path: gzip.decompress(body) if headers.get("content-encoding") == "gzip" else body}
    if not kind.startswith("multipart/form-data;"):
        raise ValueError(f"unsupported content type {kind!r}")
    parts = BytesParser(policy=email.policy.HTTP).parsebytes(f"Content-Type: {kind}\r\n\r\n".encode() + body)
    found = {}
    for part in parts.iter_parts():
        if part.get_param("name", header="content-disposition") != "file":
            raise ValueError("files are uploaded as 'file'")
        content = part.get_payload(decode=True)
        assert isinstance(content, bytes)
        found[path or str(part.get_filename())] = content
    return found

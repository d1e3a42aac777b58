"""Attacks from inside sandboxes, aimed at this machine only: on no backend may one succeed."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import secrets
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from agent_judge.protocols import Backend
from tests.backends.conftest import Launch

_PROJECT = Path(__file__).parents[2]
_ATTACKS = _PROJECT / "tests" / "launch" / "attacks.py"
_OWN = {
    "docker": {
        "read the host's users": "the image's own",
        "look at the devices": "read-only, as every container sees them",
    },
}
"""What succeeds in another machine's place, and is no attack on this one."""


@dataclass
class Targets:
    """What attacks aim at, and what reached it."""

    described: dict[str, object]
    hosts: list[str]
    reached: list[str] = field(default_factory=list)


def _addresses() -> list[str]:
    """The addresses of this machine, the one on Docker's bridge among them."""
    done = subprocess.run(["ip", "-4", "-o", "address"], capture_output=True, text=True, check=False)
    return [line.split()[3].partition("/")[0] for line in done.stdout.splitlines()] or ["127.0.0.1"]


@pytest.fixture(scope="module")
def targets(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Targets]:
    secret = secrets.token_hex(16)
    folder = tmp_path_factory.mktemp("host")
    (folder / "secret.txt").write_text(secret)
    hosts = _addresses()
    with contextlib.ExitStack() as stack:
        found = Targets({}, hosts)
        port = _listen(stack, found, "tcp", socket.AF_INET, socket.SOCK_STREAM)
        dns = _listen(stack, found, "udp", socket.AF_INET, socket.SOCK_DGRAM)
        os.environ["AGENT_JUDGE_TEST_KEY"] = secret
        stack.callback(os.environ.pop, "AGENT_JUDGE_TEST_KEY")
        process = stack.enter_context(
            subprocess.Popen([sys.executable, "-c", "input()", secret], stdin=subprocess.PIPE)
        )
        stack.callback(process.kill)
        found.described |= {
            "secret": secret, "file": str(folder / "secret.txt"), "home": str(Path.home()), "project": str(_PROJECT),
            "port": port, "dns": dns, "private": hosts[-1], "unix": "/var/run/docker.sock", "abstract": secret,
        }  # fmt: skip
        yield found


def _listen(
    stack: contextlib.ExitStack, targets: Targets, name: str, family: socket.AddressFamily, kind: socket.SocketKind
) -> int:
    listener = stack.enter_context(socket.socket(family, kind))
    listener.bind(("0.0.0.0", 0))
    if kind == socket.SOCK_STREAM:
        listener.listen()

    def accept() -> None:
        with contextlib.suppress(OSError):
            while True:
                listener.accept() if kind == socket.SOCK_STREAM else listener.recv(512)
                targets.reached.append(name)

    threading.Thread(target=accept, daemon=True).start()
    return int(listener.getsockname()[1])


def test_the_targets_can_be_reached_without_a_sandbox(targets: Targets) -> None:
    """Else the attacks would prove nothing."""
    for host in targets.hosts:
        with socket.create_connection((host, int(str(targets.described["port"]))), timeout=5):
            pass
    for _ in range(500):
        if len(targets.reached) == len(targets.hosts):
            break
        threading.Event().wait(0.01)
    assert targets.reached == ["tcp"] * len(targets.hosts)
    targets.reached.clear()


async def test_no_attack_of_a_program_gets_out(backend: Backend, launch: Launch, targets: Targets) -> None:
    files = {"main.py": _ATTACKS.read_text(), "targets.json": json.dumps(targets.described)}
    report = (await launch(backend, "interpreter", files)).report
    told = json.loads(report.stdout or report.stderr)
    assert told["tried"] >= 30
    assert set(told["succeeded"]) - _OWN.get(backend.name, {}).keys() == set()
    assert targets.reached == []


_VECTORS = """async ([hosts, port]) => {
  const quiet = async (attack) => { try { await attack() } catch { } };
  const soon = (start) => Promise.race([new Promise(start), new Promise((go) => setTimeout(go, 1000))]);
  for (const host of hosts) {
    const url = `http://${host}:${port}/`;
    await quiet(() => fetch(url, {mode: 'no-cors', signal: AbortSignal.timeout(1000)}));
    await quiet(() => navigator.sendBeacon(url, 'secret'));
    await quiet(() => soon((go) => { const s = new WebSocket(`ws://${host}:${port}`); s.onerror = s.onclose = go }));
    await quiet(() => soon((go) => { Object.assign(new Image(), {src: url, onload: go, onerror: go}) }));
    await quiet(async () => {
      const peer = new RTCPeerConnection({iceServers: [{urls: `stun:${host}:${port}`}]});
      peer.createDataChannel('x');
      await peer.setLocalDescription(await peer.createOffer());
      await soon((go) => { peer.onicecandidate = (event) => event.candidate ?? go() });
    });
    await quiet(() => { const f = document.createElement('iframe'); f.src = url; document.body.append(f) });
  }
}"""


@pytest.mark.parametrize("kind", ["page", "server"])
async def test_no_attack_of_a_page_gets_out(backend: Backend, launch: Launch, targets: Targets, kind: str) -> None:
    page = "<title>up</title><p>up"
    server = f"import flask\napp = flask.Flask(__name__)\napp.route('/')(lambda: '{page}')\napp.run(port=8124)"
    session = (
        await launch(backend, "html", {"index.html": page})
        if kind == "page"
        else await launch(backend, "webserver", {"app.py": server}, "flask")
    )
    assert session.page is not None
    assert session.report.outcome == "ready"
    async with asyncio.timeout(120):
        await session.page.evaluate(_VECTORS, [targets.hosts, targets.described["port"]])
        await session.page.evaluate(_VECTORS, [targets.hosts, targets.described["dns"]])
    assert targets.reached == []
    # On the local backend a page of a server may try its own loopback, where it finds nobody.
    assert kind == "server" or len(session.blocked_requests) >= len(targets.hosts)


async def test_a_program_cannot_reach_the_browser_that_shows_it(backend: Backend, launch: Launch) -> None:
    """It neither sees the browser's files and memory, nor may it end it."""
    code = (
        "import os, pathlib, flask\n"
        "app = flask.Flask(__name__)\n"
        "def attacks():\n"
        "  for entry in pathlib.Path('/proc').iterdir():\n"
        "    if entry.name.isdigit() and b'chromium' in (entry / 'cmdline').read_bytes():\n"
        "      yield lambda: (entry / 'environ').read_bytes()\n"
        "      yield lambda: list((entry / 'fd').iterdir())\n"
        "      yield lambda: (entry / 'mem').open('rb')\n"
        "      yield lambda: os.kill(int(entry.name), 9)\n"
        "  yield lambda: list(pathlib.Path('/browser').iterdir())\n"
        "@app.route('/')\n"
        "def up():\n"
        "  done = 0\n"
        "  for attack in attacks():\n"
        "    try: attack(); done += 1\n"
        "    except OSError: pass\n"
        "  return f'<title>{done}</title><p>shown'\n"
        "app.run(port=8125)\n"
    )
    session = await launch(backend, "webserver", {"app.py": code}, "flask")
    assert session.page is not None
    assert await session.page.title() == "0"

"""Fifty sessions, every fifth of them struck by a fault of the sandboxes: what becomes of the evidence.

Each session launches a program and uses it by a scenario. The same programs are used before without faults, and what
was seen then must be seen again: a fault that is told as one of the program's would show as a difference. Writes the
part of ``eval/results/backend_faults.md`` that is about a kind of sandbox. Usage::

    python -m eval.benchmarks.backend_faults docker|e2b [sessions]
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import docker
import docker.errors
import psutil
import requests

from agent_judge.drive import Replay, examine
from agent_judge.launch.backends import backend_of
from agent_judge.launch.docker_guest import BROWSER_USER
from agent_judge.launch.owner import this_process
from agent_judge.protocols import Backend, Session
from agent_judge.schema import Evidence, Scenario, Solution, Task, Viewport
from tests.backends.e2b_service import Service, serving

RESULT = Path(__file__).parents[1] / "results" / "backend_faults.md"
STRUCK_SHARE = 5
"""One session in so many."""
AT_ONCE = 2
_ENDS_SECONDS = 30
_DAEMON_SECONDS = 60
_BETWEEN = (0.3, 2.5)
"""How many seconds after a launch began its sandbox is struck."""

TASK = Task(id="counter", instruction="Build a page with a counter and a button Add that counts up")
SCENARIO = Scenario.model_validate(
    {
        "id": "count",
        "steps": [
            {"do": "click", "target": {"role": "button", "name": "Add"}, "expect": [{"text": f"Count {number}"}]}
            for number in (1, 2)
        ],
    }
)
_PAGE = (
    "<title>Counter</title><p>Count <b id=n>0</b></p><button onclick='n.textContent = +n.textContent + 1'>Add</button>"
)
PROGRAMS = {
    "html": ("html", "index.html", _PAGE),
    "react": (
        "typescript",
        "App.tsx",
        "import { useState } from 'react';\nexport default function App() {\n  const [n, set] = useState(0);\n"
        "  return <><p>Count {n}</p><button onClick={() => set(n + 1)}>Add</button></>;\n}\n",
    ),
    "webserver": (
        "python",
        "app.py",
        f"import flask\napp = flask.Flask(__name__)\napp.route('/')(lambda: {_PAGE!r})\napp.run(port=8123)\n",
    ),
    "interpreter": ("python", "main.py", "import time\ntime.sleep(1)\nprint('counted to', sum(range(10)))\n"),
}


class Striker(Protocol):
    """Makes sandboxes of a kind fail."""

    kinds: tuple[str, ...]

    async def strike(self, kind: str) -> bool:
        """Strikes once, a moment after it was asked to.

        Returns:
            Whether there was something to strike.
        """
        ...

    def left(self) -> list[str]:
        """What of the sandboxes still runs."""
        ...


class E2BStriker:
    """Makes a service that speaks as E2B does fail."""

    kinds: tuple[str, ...] = ("API 429", "API 500", "connection cut", "sandbox died", "browser cut off")

    def __init__(self, service: Service) -> None:
        self._service = service

    async def strike(self, kind: str) -> bool:
        """Strikes once."""
        if kind in ("API 429", "API 500"):
            self._service.inject = _first(3, kind.rpartition(" ")[2])
            return True
        await asyncio.sleep(random.SystemRandom().uniform(*_BETWEEN))
        if not self._service.machines:
            return False
        identity = random.SystemRandom().choice(list(self._service.machines))
        match kind:
            case "sandbox died":
                await asyncio.to_thread(self._service.kill, identity)
            case "browser cut off":
                return bool(await asyncio.to_thread(self._service.cut, identity, "port"))
            case _:
                return bool(await asyncio.to_thread(self._service.cut, identity, "request"))
        return True

    def left(self) -> list[str]:
        """What of the sandboxes still runs."""
        return list(self._service.machines)


class DockerStriker:
    """Makes containers of this process end, and the daemon of this machine start anew, which takes root."""

    kinds: tuple[str, ...] = (
        "container killed",
        "connection cut",
        "daemon restarted",
        "container killed",
        "browser died",
    )

    def __init__(self) -> None:
        self._client = docker.from_env()
        self._one_at_a_time = asyncio.Lock()
        """While a daemon starts anew, nobody can strike through it."""

    async def strike(self, kind: str) -> bool:
        """Strikes once."""
        await asyncio.sleep(random.SystemRandom().uniform(*_BETWEEN))
        async with self._one_at_a_time:
            return await asyncio.to_thread(self._strike, kind)

    def _strike(self, kind: str) -> bool:
        if kind == "daemon restarted":
            restarted = _restart_daemon()
            self._await_daemon()
            return restarted
        if kind == "connection cut":
            words = [one for one in psutil.Process().children(recursive=True) if "exec" in _words(one)]
            for one in words[:1]:
                one.kill()
            return bool(words)
        running = self.left()
        if not running:
            return False
        container = self._client.containers.get(random.SystemRandom().choice(running))
        with contextlib.suppress(docker.errors.APIError):  # It has just ended by itself.
            if kind == "browser died":
                return bool(container.exec_run(["pkill", "-9", "-f", "chromium"], user=BROWSER_USER).exit_code == 0)
            container.kill()
            return True
        return False

    def _await_daemon(self) -> None:
        until = time.monotonic() + _DAEMON_SECONDS
        while time.monotonic() < until:
            with contextlib.suppress(requests.exceptions.ConnectionError, docker.errors.APIError):
                self._client.ping()
                return
            time.sleep(0.1)

    def left(self) -> list[str]:
        """What of the containers still runs."""
        labelled: dict[str, str | list[str] | bool] = {"label": f"agent-judge.owner={this_process()}"}
        return [str(one.id) for one in self._client.containers.list(filters=labelled)]


def _words(process: psutil.Process) -> list[str]:
    with contextlib.suppress(psutil.Error):
        return process.cmdline()
    return []


def _restart_daemon() -> bool:
    """Ends the daemon and starts it as it was started before."""
    for process in psutil.process_iter(["name"]):
        if process.info["name"] == "dockerd":
            command = process.cmdline()
            process.terminate()
            process.wait(timeout=60)
            quiet = subprocess.DEVNULL
            subprocess.Popen(command, stdin=quiet, stdout=quiet, stderr=quiet, start_new_session=True)
            return True
    return False


@contextlib.asynccontextmanager
async def of_docker() -> AsyncIterator[Striker]:
    """The daemon of this machine."""
    yield DockerStriker()


def _first(times: int, how: str) -> Callable[[str, str], str]:
    """Makes the next requests fail."""
    turns = itertools.count()
    return lambda method, path: how if next(turns) < times else ""


@contextlib.asynccontextmanager
async def e2b() -> AsyncIterator[Striker]:
    """A service of our own in E2B's place."""
    with serving() as service:
        os.environ |= service.variables()
        yield E2BStriker(service)


STRIKERS: dict[str, Callable[[], contextlib.AbstractAsyncContextManager[Striker]]] = {"docker": of_docker, "e2b": e2b}


class Counted:
    """A backend whose launches are counted."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self.name = backend.name
        self.missing, self.versions = backend.missing, backend.versions
        self.launches = 0

    async def __aenter__(self) -> Backend:
        return self

    async def __aexit__(self, *exc: object) -> None:
        """Whoever entered the backend leaves it."""

    async def launch(self, solution: Solution, viewport: Viewport, seed: int) -> Session:
        """Counts and launches."""
        self.launches += 1
        return await self._backend.launch(solution, viewport, seed)


@dataclass
class Found:
    """What the sessions came to."""

    sessions: int = 0
    incomplete: list[str] = field(default_factory=list)
    different: list[str] = field(default_factory=list)
    struck: Counter[str] = field(default_factory=Counter)
    launches: int = 0
    left: list[str] = field(default_factory=list)
    seconds: float = 0.0


def seen(evidence: Evidence) -> dict[str, object]:
    """What evidence says of a program, without what differs from time to time."""
    launch = evidence.launch
    return {
        "launch": (launch.outcome, launch.reason, launch.exit_code, launch.stdout),
        "steps": [(step.outcome, step.reason) for one in evidence.trajectories for step in one.steps],
        "blocked": len(evidence.blocked_requests),
    }


def complete(evidence: Evidence, folder: Path) -> bool:
    """Whether evidence has all that it would have without faults, its pictures too."""
    (trajectory,) = evidence.trajectories
    pictures = [folder / one.screenshot for one in trajectory.observations if one.screenshot]
    steps = len(trajectory.steps) == len(SCENARIO.steps)
    return not evidence.driver_error and steps and bool(pictures) and all(one.is_file() for one in pictures)


async def use(backend: Backend, name: str, folder: Path) -> Evidence:
    """Launches a program and uses it."""
    language, entry, code = PROGRAMS[name]
    solution = Solution(
        environment=name,
        language=language,
        entry=entry,
        files={entry: code.encode()},
        dependencies=("flask",) if name == "webserver" else (),
    )
    return await examine(backend, TASK, solution, SCENARIO, Replay(), folder, key=folder.name, seed=1)


async def run(sandbox: str, sessions: int) -> Found:
    """Runs all sessions."""
    found, began = Found(sessions), time.monotonic()
    async with STRIKERS[sandbox]() as striker:
        with tempfile.TemporaryDirectory(prefix="agent-judge-faults-") as place:
            async with backend_of(sandbox) as entered:
                counted = Counted(entered)
                usual = {name: seen(await use(counted, name, _made(place, f"usual-{name}"))) for name in PROGRAMS}
                counted.launches = 0
                kinds, slots = itertools.cycle(striker.kinds), asyncio.Semaphore(AT_ONCE)

                async def one(number: int) -> None:
                    name = list(PROGRAMS)[(number - 1) * len(PROGRAMS) // sessions]
                    async with slots:
                        hit = None
                        if number % STRUCK_SHARE == 0:
                            hit = asyncio.create_task(_struck(striker, next(kinds), found))
                        folder = _made(place, f"session-{number}")
                        evidence = await use(counted, name, folder)
                        if hit is not None:
                            await hit
                    if not complete(evidence, folder):
                        found.incomplete.append(f"{number} ({name}): {evidence.driver_error or 'parts are missing'}")
                    elif seen(evidence) != usual[name]:
                        found.different.append(f"{number} ({name}): {seen(evidence)}, but {usual[name]} without faults")
                    print(f"{number} {name}: {evidence.launch.outcome}", flush=True)

                await asyncio.gather(*(one(number) for number in range(1, sessions + 1)))
                found.launches = counted.launches
        found.left = await _left(striker)
    found.seconds = time.monotonic() - began
    return found


def _made(place: str, name: str) -> Path:
    folder = Path(place, name)
    folder.mkdir()
    return folder


async def _struck(striker: Striker, kind: str, found: Found) -> None:
    if await striker.strike(kind):
        found.struck[kind] += 1


async def _left(striker: Striker) -> list[str]:
    """What still runs a while after all was closed: sandboxes, and processes of ours but the daemon."""
    until = time.monotonic() + _ENDS_SECONDS
    while (left := [*striker.left(), *_processes()]) and time.monotonic() < until:  # noqa: ASYNC110 - no event tells
        await asyncio.sleep(0.5)
    return left


def _processes() -> list[str]:
    names = []
    for process in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.NoSuchProcess):
            if process.status() != psutil.STATUS_ZOMBIE and process.name() not in ("dockerd", "containerd"):
                names.append(process.name())
    return names


def told(sandbox: str, found: Found) -> str:
    """The result as Markdown."""
    struck = ", ".join(f"{kind} {count}x" for kind, count in found.struck.items())
    lines = [
        f"## {sandbox}",
        "",
        f"{found.sessions} sessions of {', '.join(PROGRAMS)}, {AT_ONCE} at once, in {found.seconds:.0f} s.",
        "",
        "| what | count |",
        "|---|---|",
        f"| sessions struck ({struck}) | {found.struck.total()} |",
        f"| launches that were run again | {found.launches - found.sessions} |",
        f"| evidence that is not complete | {len(found.incomplete)} |",
        f"| evidence that says anything else of a program than without faults | {len(found.different)} |",
        f"| sandboxes and processes that are left | {len(found.left)} |",
        "",
        *(f"- {line}" for line in (*found.incomplete, *found.different, *found.left)),
    ]
    return "\n".join(lines).rstrip() + "\n"


def write(sandbox: str, text: str) -> None:
    """Writes the part about a kind of sandbox; parts about others stay."""
    title = "# Faults of sandboxes, and what becomes of the evidence\n"
    parts = RESULT.read_text(encoding="utf-8").split("\n## ")[1:] if RESULT.exists() else []
    kept = {part.splitlines()[0]: f"## {part.rstrip()}\n" for part in parts} | {sandbox: text}
    RESULT.write_text("\n".join([title, *(kept[name] for name in sorted(kept))]), encoding="utf-8")


def main() -> None:
    """Runs, prints and writes."""
    sandbox = sys.argv[1]
    sessions = int(sys.argv[2]) if len(sys.argv) > 2 else 50
    text = told(sandbox, asyncio.run(run(sandbox, sessions)))
    print(text)
    write(sandbox, text)


if __name__ == "__main__":
    main()

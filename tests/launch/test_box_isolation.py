"""Attacks from inside boxes, aimed at this machine only: none may succeed, and nothing may be left."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import psutil
import pytest

from agent_judge.launch import box_command
from agent_judge.launch.box import Box, Ended
from agent_judge.launch.box_command import Plan
from agent_judge.launch.toolchain_plan import plan_for
from agent_judge.read.environment import Limits, load_environments
from agent_judge.schema import Solution
from tests.launch.resources import RESOURCES

pytestmark = pytest.mark.needs("interpreter")

_ATTACKS = Path(__file__).with_name("attacks.py")
_PROJECT = Path(__file__).parents[2]
_PRIVATE = "10.231.77.1"
_BOXED = sorted(name for name, environment in load_environments().items() if environment.kind != "page")


@dataclass
class Targets:
    """What attacks aim at, and what reached it."""

    described: dict[str, object]
    reached: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def targets(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Targets]:
    """Secrets, a process and listeners on this machine, on an address of its own among them."""
    secret = secrets.token_hex(16)
    folder = tmp_path_factory.mktemp("host")
    (folder / "secret.txt").write_text(secret)
    (folder / "secret.txt").chmod(0o644)
    with contextlib.ExitStack() as stack:
        private = stack.enter_context(_private_address())
        found = Targets({})
        port = _listen(stack, found, "tcp", socket.AF_INET, ("0.0.0.0", 0))[1]
        _listen(stack, found, "tcp6", socket.AF_INET6, ("::1", port))
        dns = _listen(stack, found, "dns", socket.AF_INET, ("0.0.0.0", 0), socket.SOCK_DGRAM)[1]
        with contextlib.suppress(OSError):  # Only root may, and only where no resolver runs.
            _listen(stack, found, "resolver", socket.AF_INET, ("127.0.0.1", 53), socket.SOCK_DGRAM)
        _listen(stack, found, "unix", socket.AF_UNIX, str(folder / "socket"))
        _listen(stack, found, "abstract", socket.AF_UNIX, f"\0{secret}")
        os.environ["AGENT_JUDGE_TEST_KEY"] = secret
        stack.callback(os.environ.pop, "AGENT_JUDGE_TEST_KEY")
        process = stack.enter_context(
            subprocess.Popen([sys.executable, "-c", "input()", secret], stdin=subprocess.PIPE)
        )
        stack.callback(process.kill)
        found.described |= {
            "secret": secret, "file": str(folder / "secret.txt"), "home": str(Path.home()), "project": str(_PROJECT),
            "port": port, "dns": dns, "private": private, "unix": str(folder / "socket"), "abstract": secret,
        }  # fmt: skip
        yield found


@contextlib.contextmanager
def _private_address() -> Iterator[str]:
    added = subprocess.run(["ip", "address", "add", f"{_PRIVATE}/32", "dev", "lo"], capture_output=True, check=False)
    try:
        yield _PRIVATE if added.returncode == 0 else "127.0.0.2"
    finally:
        if added.returncode == 0:
            subprocess.run(["ip", "address", "delete", f"{_PRIVATE}/32", "dev", "lo"], check=True)


def _listen(
    stack: contextlib.ExitStack,
    targets: Targets,
    name: str,
    family: int,
    address: object,
    kind: int = socket.SOCK_STREAM,
) -> tuple[str, int]:
    listener = stack.enter_context(socket.socket(family, kind))
    listener.bind(address)  # type: ignore[arg-type]  # its shape depends on the family
    if kind == socket.SOCK_STREAM:
        listener.listen()

    def accept() -> None:
        with contextlib.suppress(OSError):
            while True:
                listener.accept() if kind == socket.SOCK_STREAM else listener.recv(512)
                targets.reached.append(name)

    threading.Thread(target=accept, daemon=True).start()
    bound = listener.getsockname()
    return (str(bound[0]), int(bound[1])) if isinstance(bound, tuple) else (str(bound), 0)


def test_the_targets_can_be_reached_without_a_box(targets: Targets) -> None:
    """Else the attacks would prove nothing."""
    address = str(targets.described["private"]), int(str(targets.described["port"]))
    with socket.create_connection(address, timeout=5):
        pass
    for _ in range(500):
        if targets.reached:
            break
        threading.Event().wait(0.01)
    assert targets.reached == ["tcp"]
    targets.reached.clear()


async def _run(plan: Plan) -> tuple[Box, str]:
    box = await Box.open(plan)
    try:
        await box.built()
        await box.ended()
        await box.made()
    finally:
        await box.close()
    return box, box.stdout


@pytest.mark.parametrize("name", _BOXED)
async def test_no_attack_gets_out_of_a_box(name: str, targets: Targets) -> None:
    environment = load_environments()[name]
    solution = Solution(environment=name, language="python", entry="main.py", files={"main.py": _ATTACKS.read_bytes()})
    plan = await plan_for(environment, solution)
    files = {**plan.files, "targets.json": json.dumps(targets.described).encode()}
    plan = replace(plan, start=["python", "-u", "main.py"], build=[], files=files)
    box, output = await _run(plan)
    told = json.loads(output or box.stderr)
    assert told["tried"] >= 30
    assert told["succeeded"] == []
    assert targets.reached == []


@pytest.mark.parametrize("name", RESOURCES)
async def test_what_runs_out_is_named_and_ends_it(name: str) -> None:
    code, reason = RESOURCES[name]
    seconds = 2.0 if name == "endless loop" else 60.0
    limits = Limits(memory_mib=256, processes=40, disk_mib=64, output_kib=256, total_seconds=seconds)
    box = await Box.open(Plan(start=["python3", "-u", "main.py"], files={"main.py": code.encode()}, limits=limits))
    try:
        end = await box.ended()
        assert end.how == "killed"
        assert reason.format(seconds=seconds) in end.reason
        assert len(box.stdout) + len(box.stderr) <= 256 * 1024
    finally:
        await box.close()
    assert _in_namespace_of(box) == []


def _in_namespace_of(box: Box) -> list[int]:
    """Processes alive below a box's first one; a dead one that waits for its parent does not count."""
    with contextlib.suppress(psutil.NoSuchProcess):
        first = psutil.Process(box.pid)
        return [
            process.pid
            for process in [first, *first.children(recursive=True)]
            if process.status() != psutil.STATUS_ZOMBIE
        ]
    return []


_DAEMON = (
    "import subprocess, sys\n"
    "for _ in range(3):\n"
    "  subprocess.Popen(['setsid', 'sleep', MARK], start_new_session=True, stdout=subprocess.DEVNULL)\n"
    "print('started', flush=True)\n"
)


@pytest.mark.parametrize("ending", ["", "import time; time.sleep(999)"], ids=["program", "session"])
async def test_a_daemon_ends_with_its(ending: str) -> None:
    mark = str(secrets.randbelow(10**9) + 10**9)
    code = _DAEMON.replace("MARK", repr(mark)) + ending
    box = await Box.open(Plan(start=["python3", "main.py"], files={"main.py": code.encode()}))
    try:
        if ending:
            await _until(lambda: "started" in box.stdout)
        else:
            await box.ended()
    finally:
        await box.close()
    assert not _alive(mark)


def _alive(mark: str) -> list[psutil.Process]:
    found = []
    for process in psutil.process_iter(["cmdline", "status"]):
        if mark in (process.info["cmdline"] or ()) and process.info["status"] != psutil.STATUS_ZOMBIE:
            found.append(process)
    return found


async def _until(holds: Callable[[], bool]) -> None:
    """Waits for what no event tells of."""
    async with asyncio.timeout(60):
        while not holds():  # noqa: ASYNC110
            await asyncio.sleep(0.02)


async def test_everything_ends_when_we_are_killed() -> None:
    mark = str(secrets.randbelow(10**9) + 10**9)
    code = _DAEMON.replace("MARK", repr(mark)) + "import time; time.sleep(999)"
    ours = f"""
import asyncio
from agent_judge.launch import box_command
from agent_judge.launch.box import Box, Ended
from agent_judge.launch.box_command import Plan

async def main():
    box = await Box.open(Plan(start=["python3", "main.py"], files={{"main.py": {code.encode()!r}}}))
    await box.ended()

asyncio.run(main())
"""
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", ours, cwd=_PROJECT)
    try:
        await _until(lambda: len(_alive(mark)) == 3)
        process.send_signal(signal.SIGKILL)
        await process.wait()
        await _until(lambda: not _alive(mark))
    finally:
        if process.returncode is None:
            process.kill()


async def test_a_program_that_lies_about_itself_hurts_only_itself() -> None:
    """It kills its own supervisor, or speaks on whatever descriptors it finds."""
    code = (
        "import os\n"
        "for process in os.listdir('/proc'):\n"
        "  if process.isdigit():\n"
        "    for number in range(3, 40):\n"
        "      try:\n"
        "        handle = os.open(f'/proc/{process}/fd/{number}', os.O_WRONLY | os.O_NONBLOCK)\n"
        "        os.write(handle, b'exit 0\\nbuilt\\nnonsense \\xff\\n')\n"
        "      except OSError: pass\n"
        "os.kill(-1, 9)\n"
    )
    box, _ = await _run(Plan(start=["python3", "main.py"], files={"main.py": code.encode()}))
    end = box.end()
    assert end is not None
    assert end.how == "exited"


@pytest.mark.parametrize("said", ["b'x' * 100000 + b'\\n'", "b'exit ' + b'9' * 5000 + b'\\n'", "b'\\n' * 100000"])
async def test_a_program_that_floods_the_channel_of_its_own_box_hangs_nobody(
    monkeypatch: pytest.MonkeyPatch, said: str
) -> None:
    """Where we are not root, it may write to what its supervisor holds open."""
    monkeypatch.setattr(box_command, "_real_user", lambda: False)
    code = (
        "import os, time\n"
        f"said = {said}\n"
        "for process in os.listdir('/proc'):\n"
        "  if process.isdigit() and process != str(os.getpid()):\n"
        "    for number in range(3, 40):\n"
        "      try:\n"
        "        if 'pipe' in os.readlink(f'/proc/{process}/fd/{number}'):\n"
        "          handle = os.open(f'/proc/{process}/fd/{number}', os.O_WRONLY)\n"
        "          os.write(handle, said)\n"
        "          print('written')\n"
        "      except OSError: pass\n"
        "raise SystemExit(7)\n"
    )
    box, said_by_it = await _run(Plan(start=["python3", "main.py"], files={"main.py": code.encode()}))
    assert "written" in said_by_it
    assert box.end() == Ended("exited", 7)


async def test_links_that_a_program_makes_are_not_followed_outside(tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("secret")
    code = f"import os; os.symlink({str(tmp_path / 'secret.txt')!r}, 'stolen.txt'); open('own.txt', 'w').write('mine')"
    box = await Box.open(Plan(start=["python3", "main.py"], files={"main.py": code.encode()}))
    try:
        assert await box.made() == {"own.txt": b"mine"}
    finally:
        await box.close()

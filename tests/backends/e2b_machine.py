"""A machine of the test service: a bubblewrap sandbox without a network, in which commands really run."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

from agent_judge.places import cache_folder

_USERS = "root:x:0:0:root:/root:/bin/bash\nuser:x:1000:1000:user:/home/user:/bin/bash\n"
_GROUPS = "root:x:0:\nuser:x:1000:\n"
USERS = {"root": (0, "/root"), "user": (1000, "/home/user")}
_ROOT_FOLDERS = ("bin", "sbin", "lib", "lib32", "lib64", "libx32")
_SETTINGS = ("ld.so.cache", "ld.so.conf", "ld.so.conf.d", "alternatives", "fonts", "mime.types", "ssl", "X11")
_NEW_NETWORK = 0x40000000
_GIVEN = "var/lib/agent-judge/given"


def missing() -> str:
    """Why this computer can have no such machines; nothing where it can."""
    if os.geteuid() != 0:
        return "the test service runs its machines as root"
    lacking = [name for name in ("bwrap", "nsenter", "setpriv", "chromium") if shutil.which(name) is None]
    return f"the test service needs {', '.join(lacking)}" if lacking else ""


def lacks(environment: str) -> str:
    """Why such a machine, which has this computer's tools, cannot run an environment; nothing where it can."""
    if environment != "desktop":
        return ""
    python = shutil.which("python3.11", path=os.defpath)
    tried = python and subprocess.run([python, "-c", "import _tkinter"], capture_output=True, check=False)
    return "" if tried and tried.returncode == 0 else "the test service needs python3-tk"


class Machine:
    """One machine, from its start to its end."""

    def __init__(self) -> None:
        self._disk = Path(tempfile.mkdtemp(prefix="agent-judge-e2b-"))
        self._process: asyncio.subprocess.Process | None = None
        self._first = 0

    async def start(self) -> None:
        """Boots it."""
        read, write = os.pipe()
        self._process = await asyncio.create_subprocess_exec(
            "bwrap", "--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts", "--unshare-cgroup-try",
            "--die-with-parent", "--new-session", "--hostname", "e2b", "--info-fd", str(write), "--clearenv",
            *_system(self._disk / "settings"), *self._writable(), "--", "/usr/bin/sleep", "infinity",
            pass_fds=[write], stdin=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        os.close(write)
        with os.fdopen(read) as told:
            self._first = int(json.loads(await asyncio.to_thread(told.read))["child-pid"])

    def _writable(self) -> list[str]:
        words = ["--perms", "1777", "--tmpfs", "/tmp", "--perms", "0755", "--tmpfs", "/run"]
        for place in ("home/user", "root", "var", _GIVEN):
            (self._disk / place).mkdir(parents=True, exist_ok=True)
        for place in ("home/user", "root", "var"):
            words += ["--bind", str(self._disk / place), f"/{place}"]
        os.chown(self._disk / "home" / "user", 1000, 1000)
        # As the template has it: what solutions usually read is there before they come.
        for packages in sorted((cache_folder() / "python").glob("*/bin")):
            folder = packages.parent
            words += ["--ro-bind", str(folder), f"/{_GIVEN}/python-{folder.name}"]
        words += ["--ro-bind-try", "/var/cache/fontconfig", "/var/cache/fontconfig"]
        return words

    async def run(
        self, words: Sequence[str], user: str, folder: str, variables: Mapping[str, str], *, listens: bool
    ) -> asyncio.subprocess.Process:
        """Starts a command; its process group is its own."""
        uid, home = USERS[user]
        known = {"HOME": home, "USER": user, "LOGNAME": user, "PATH": os.defpath, **variables}
        return await asyncio.create_subprocess_exec(
            "nsenter", "--target", str(self._first), "--mount", "--net", "--pid", "--ipc", "--uts", "--",
            "setpriv", "--reuid", str(uid), "--regid", str(uid), "--clear-groups", "--pdeathsig", "KILL", "--",
            "env", "-i", "-C", folder or home, *(f"{name}={value}" for name, value in known.items()), *words,
            stdin=asyncio.subprocess.PIPE if listens else asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip

    def connect(self, port: int) -> socket.socket:
        """A connection to what listens on a port of the machine.

        Raises:
            OSError: Nothing does.
        """
        made: list[socket.socket | OSError] = []

        def inside() -> None:
            try:
                with Path(f"/proc/{self._first}/ns/net").open("rb") as namespace:
                    if ctypes.CDLL(None, use_errno=True).setns(namespace.fileno(), _NEW_NETWORK):
                        raise OSError(ctypes.get_errno(), "the machine has no network")
                made.append(socket.create_connection(("127.0.0.1", port), timeout=5))
            except OSError as error:
                made.append(error)

        # A thread of its own, which ends with the call: it cannot come back from where it went.
        thread = threading.Thread(target=inside)
        thread.start()
        thread.join()
        if isinstance(made[0], OSError):
            raise made[0]
        return made[0]

    def ports(self) -> set[int]:
        """The ports that something in the machine listens on."""
        table = Path(f"/proc/{self._first}/net/tcp").read_text(encoding="ascii").splitlines()[1:]
        return {int(line.split()[1].rpartition(":")[2], 16) for line in table if line.split()[3] == "0A"}

    async def end(self) -> None:
        """Ends it and all that runs in it."""
        if self._process is not None and self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._first, signal.SIGKILL)
            await self._process.wait()
        await asyncio.to_thread(shutil.rmtree, self._disk, True)


def _system(settings: Path) -> list[str]:
    """What every machine has: this computer's programs, and nothing that is anybody's own."""
    words = [
        "--cap-add",
        "ALL",
        "--proc",
        "/proc",
        "--dev",
        "/dev",
        "--ro-bind",
        "/usr",
        "/usr",
        "--perms",
        "0755",
        "--dir",
        "/etc",
    ]
    for name in _ROOT_FOLDERS:
        place = Path("/") / name
        if place.is_symlink():
            words += ["--symlink", str(place.readlink()), str(place)]
        elif place.is_dir():
            words += ["--ro-bind", str(place), str(place)]
    for name in (*_SETTINGS, *(folder.name for folder in Path("/etc").glob("java-*"))):
        words += ["--ro-bind-try", f"/etc/{name}", f"/etc/{name}"]
    settings.mkdir()
    for name, text in (("passwd", _USERS), ("group", _GROUPS), ("hosts", "127.0.0.1 localhost\n")):
        (settings / name).write_text(text, encoding="utf-8")
        words += ["--ro-bind", str(settings / name), f"/etc/{name}"]
    return words

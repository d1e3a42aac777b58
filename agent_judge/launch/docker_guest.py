"""One container as a sandbox: closed, bounded, and gone with our process."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import shutil
import tempfile
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Literal, Protocol

from docker.client import DockerClient
from docker.errors import APIError, DockerException, NotFound
from playwright.async_api import Browser, Error, Playwright
from requests.exceptions import RequestException

from agent_judge.errors import DriverError
from agent_judge.launch.box_command import Mount
from agent_judge.places import cache_folder, environments_folder

BROWSER_USER = "1902:1902"
"""Who runs the browser in a container; ``sandbox/Dockerfile`` makes it."""
_FIRST_UID, _UIDS = 20_000, 40_000
"""Who runs solutions: someone else in each container, since the kernel counts the processes of a user everywhere."""
_LINE_BYTES = 2**20
_END_SECONDS = 5
_ANSWER_SECONDS = 20
_SIGNALLED = 128
"""Exit codes from here on tell of a signal."""
_BROWSER_SECONDS = 60
_BROWSER_DATA_KIB = 3 * 2**20
_WRAPPER = """#!/bin/sh
# Starts the browser of the container AGENT_JUDGE_GUEST: its pipes become the standard input and output of a command.
count=$#
while [ $count -gt 0 ]; do
  case "$1" in
    --user-data-dir=*) set -- "$@" --user-data-dir=/browser/profile ;;
    *) set -- "$@" "$1" ;;
  esac
  shift
  count=$((count - 1))
done
exec "$AGENT_JUDGE_DOCKER" exec --interactive --user {user} --workdir /browser --env HOME=/browser \\
  --env TMPDIR=/browser "$AGENT_JUDGE_GUEST" /guest/browser.sh {data} "$@" <&3 >&4
"""


def given_places() -> dict[Path, str]:
    """What of this machine's every container may read, and where: packages of the registries, and environments."""
    places = {
        cache_folder() / "python": "/given/python",
        cache_folder() / "npm": "/given/npm",
        environments_folder(): "/given/environments",
    }
    for folder in places:
        folder.mkdir(parents=True, exist_ok=True)
    return places


class DockerProcess:
    """A command in a container; implements :class:`~agent_judge.launch.guest.GuestProcess`."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._ended_here = False

    async def write(self, content: bytes) -> None:
        """Writes to its standard input."""
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            self._process.stdin.write(content)
            await self._process.stdin.drain()

    async def lines(self) -> AsyncIterator[bytes]:
        """The lines of its standard output."""
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            yield line
        await self._process.wait()

    @property
    def lost(self) -> bool:
        """Whether it was lost from sight: what we start ends well, or by a signal in the container."""
        code = self._process.returncode
        return not self._ended_here and code is not None and (code < 0 or 0 < code < _SIGNALLED)

    @property
    def killed(self) -> bool:
        """Whether a signal in the container ended it: the solution's, or the one that ended the container."""
        return (self._process.returncode or 0) >= _SIGNALLED

    async def end(self) -> None:
        """Ends its input, which what we start takes for its end; what does not listen ends with its container."""
        assert self._process.stdin is not None
        self._ended_here = self._ended_here or self._process.returncode is None
        self._process.stdin.close()
        try:
            await asyncio.wait_for(self._process.wait(), _END_SECONDS)
        except TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()


class Lifeline(Protocol):
    """A container's standard input, held open."""

    def close(self) -> None:
        """Lets it end."""


class DockerGuest:
    """One container; implements :class:`~agent_judge.launch.guest.Guest`."""

    def __init__(self, client: DockerClient, identity: str, lifeline: Lifeline) -> None:
        """Takes over a container that runs.

        Args:
            client: How the daemon is reached.
            identity: The container's id.
            lifeline: The container's standard input: it ends when that does, which the kernel sees to when we die.
        """
        self._client = client
        self._lifeline = lifeline
        uid = _FIRST_UID + random.SystemRandom().randrange(_UIDS)
        self._users = {"user": f"{uid}:{uid}", "browser": BROWSER_USER}
        self._processes: list[DockerProcess] = []
        self.identity = identity

    async def start(self, words: Sequence[str], user: Literal["user", "browser"]) -> DockerProcess:
        """Starts a command."""
        process = await asyncio.create_subprocess_exec(
            *docker_command(), "exec", "--interactive", "--user", self._users[user], self.identity, *words,
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
            limit=_LINE_BYTES,
        )  # fmt: skip
        self._processes.append(DockerProcess(process))
        return self._processes[-1]

    async def open_browser(self, playwright: Playwright, arguments: Sequence[str]) -> Browser:
        """Starts the browser inside; it is spoken to by pipes, so that nothing in the container can speak to it."""
        known: dict[str, str | float | bool] = {
            name: value for name, value in os.environ.items() if name.startswith("DOCKER_") or name == "HOME"
        }
        variables = {**known, "PATH": os.defpath, "AGENT_JUDGE_GUEST": self.identity}
        variables |= {"AGENT_JUDGE_DOCKER": docker_command()[0], "DOCKER_HOST": daemon_address()}
        try:
            return await playwright.chromium.launch(
                executable_path=_wrapper(),
                args=arguments,
                chromium_sandbox=False,
                env=variables,
                handle_sigint=False,
                timeout=_BROWSER_SECONDS * 1000,
            )
        except Error as error:
            raise DriverError(
                f"the browser in the container does not start: {error.message.splitlines()[0]}"
            ) from error

    async def place_of(self, mount: Mount) -> str:
        """Where the container has something of this machine's that it may read."""
        for folder, place in given_places().items():
            if mount.source.is_relative_to(folder):
                return f"{place}/{mount.source.relative_to(folder).as_posix()}".rstrip("/.")
        raise DriverError(f"{mount.source} is nothing that containers may read")

    async def alive(self) -> bool:
        """Whether the container still runs, and nothing in it was lost from sight."""
        if any(process.lost for process in self._processes):
            return False
        if any(process.killed for process in self._processes):
            return await self._takes_commands()
        try:
            told = await asyncio.to_thread(self._client.api.inspect_container, self.identity)
        except (DockerException, RequestException, OSError):
            return False
        return bool(told["State"]["Running"])

    async def _takes_commands(self) -> bool:
        """Nothing starts in a container whose first process is dead, which the daemon may not have noticed yet."""
        quiet = asyncio.subprocess.DEVNULL
        words = ("exec", "--user", BROWSER_USER, self.identity, "/bin/true")
        trial = await asyncio.create_subprocess_exec(*docker_command(), *words, stdout=quiet, stderr=quiet)
        try:
            return await asyncio.wait_for(trial.wait(), _ANSWER_SECONDS) == 0
        except TimeoutError:
            trial.kill()
            return False

    async def close(self) -> None:
        """Ends the container, and Docker removes it."""
        self._lifeline.close()
        with contextlib.suppress(APIError, NotFound, DockerException, OSError):
            await asyncio.to_thread(self._client.api.kill, self.identity)


def daemon_address() -> str:
    """Where the daemon is, for the package and the command alike, of which only the latter knows contexts."""
    return os.environ.get("DOCKER_HOST") or "unix:///var/run/docker.sock"


def docker_command() -> list[str]:
    """The command that speaks to the daemon."""
    return [shutil.which("docker") or "docker", "--host", daemon_address()]


def _wrapper() -> Path:
    folder = cache_folder() / "chromium"
    folder.mkdir(parents=True, exist_ok=True)
    wrapper = folder / "in-container.sh"
    text = _WRAPPER.format(user=BROWSER_USER, data=_BROWSER_DATA_KIB)
    if not wrapper.exists() or wrapper.read_text(encoding="utf-8") != text:
        with tempfile.NamedTemporaryFile("w", dir=folder, delete=False) as fresh:
            fresh.write(text)
        Path(fresh.name).chmod(0o700)
        Path(fresh.name).replace(wrapper)
    return wrapper

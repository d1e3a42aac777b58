"""What is Docker's own: nothing is left behind, a container that dies is not the solution's fault, faults are told."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import docker
import pytest
from docker.client import DockerClient

from agent_judge.errors import DriverError, MissingRequirement
from agent_judge.launch.backends import backend_of
from agent_judge.launch.docker_guest import DockerGuest, DockerProcess
from agent_judge.launch.docker_provider import _NO_DAEMON, DockerProvider
from agent_judge.launch.guest import Flavour
from agent_judge.launch.guest_browser import ReadyGuest
from agent_judge.launch.owner import this_machine
from agent_judge.launch.pool import Pool
from agent_judge.launch.remote import RemoteBackend
from agent_judge.protocols import Session
from agent_judge.read.environment import Limits
from agent_judge.schema import Solution, Viewport

_PROJECT = Path(__file__).parents[2]
_LACKING = DockerProvider().missing()
needs_docker = pytest.mark.skipif(bool(_LACKING), reason="; ".join(f"{one.what} is missing" for one in _LACKING))
_FLAVOUR = Flavour("html", Limits.model_validate({}), 2048, False)
_PAGE = Solution(environment="html", language="html", entry="index.html", files={"index.html": b"<title>t</title>up"})
_PROGRAM = Solution(
    environment="interpreter", language="python", entry="main.py", files={"main.py": b"import time; time.sleep(99)"}
)


def _ours(client: DockerClient, pid: int, *, running: bool = False) -> list[str]:
    """Containers that a process made: those that run, or whatever has become of them."""
    containers = client.containers.list(all=not running, ignore_removed=True, filters={"label": "agent-judge.owner"})
    return [str(one.id) for one in containers if one.labels["agent-judge.owner"].split()[1] == str(pid)]


async def _until_gone(client: DockerClient, pid: int, *, running: bool = False) -> None:
    async with asyncio.timeout(60):
        while _ours(client, pid, running=running):  # noqa: ASYNC110 - no event tells of it
            await asyncio.sleep(0.1)


async def _death_of(session: Session) -> str:
    async with asyncio.timeout(30):
        while not (death := session.death()):  # noqa: ASYNC110 - no event tells of it
            await asyncio.sleep(0.1)
    return death


@pytest.fixture
def client() -> DockerClient:
    return docker.from_env()


_LAUNCHES = """
import asyncio, sys
from agent_judge.launch.backends import backend_of
from tests.backends.test_docker import _PAGE
from agent_judge.schema import Viewport

async def main():
    async with backend_of("docker") as backend:
        await backend.launch(_PAGE, Viewport(), 1)
        print("launched", flush=True)
        await asyncio.sleep(999)

asyncio.run(main())
"""


@needs_docker
async def test_nothing_is_left_when_we_are_killed(client: DockerClient) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _LAUNCHES, cwd=_PROJECT, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        assert await asyncio.wait_for(process.stdout.readline(), 120) == b"launched\n"
        assert _ours(client, process.pid)
    finally:
        process.kill()
    await process.wait()
    await _until_gone(client, process.pid, running=True)
    async with DockerProvider() as provider:
        await provider.sweep()  # what was made and not started yet
    assert not _ours(client, process.pid)


@needs_docker
async def test_what_a_dead_process_left_is_swept_and_what_lives_is_not(
    client: DockerClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with DockerProvider() as provider:
        living = await provider.create(_FLAVOUR)
        with monkeypatch.context() as patched:
            dead = await asyncio.create_subprocess_exec(sys.executable, "-c", "pass")
            await dead.wait()
            name = f"{this_machine()} {dead.pid} 12345.67"
            patched.setattr("agent_judge.launch.docker_provider.this_process", lambda: name)
            left = await provider.create(_FLAVOUR)
        assert _ours(client, dead.pid) == [left.identity]
        await provider.sweep()
        await _until_gone(client, dead.pid)
        assert await living.alive()
        await living.close()
        await left.close()


@needs_docker
@pytest.mark.parametrize("solution", [_PAGE, _PROGRAM], ids=["page", "program"])
async def test_a_container_that_dies_is_our_own_failure(client: DockerClient, solution: Solution) -> None:
    async with RemoteBackend(DockerProvider(), kept_ready=0) as backend:
        made: list[DockerGuest] = []
        create = backend._provider.create

        async def remembered(flavour: Flavour) -> DockerGuest:
            guest = await create(flavour)
            assert isinstance(guest, DockerGuest)
            made.append(guest)
            return guest

        backend._provider.create = remembered  # type: ignore[method-assign]  # to learn which container it is
        launching = asyncio.ensure_future(backend.launch(solution, Viewport(), 1))
        if solution is _PROGRAM:
            await asyncio.wait([launching], timeout=6)
            client.api.kill(made[0].identity)
            with pytest.raises(DriverError, match="died"):
                await launching
            return
        session = await launching
        client.api.kill(made[0].identity)
        with pytest.raises(DriverError):
            await _death_of(session)
        await session.close()


@needs_docker
async def test_what_became_of_a_command_is_told_from_what_became_of_its_container(client: DockerClient) -> None:
    async def until_it_ends(words: list[str], strike: Callable[[DockerGuest, DockerProcess], object]) -> bool:
        guest = await provider.create(_FLAVOUR)
        try:
            process = await guest.start(["/bin/sh", "-c", f"echo begun; {' '.join(words)}"], "user")
            async for line in process.lines():
                assert line == b"begun\n"
                await asyncio.to_thread(strike, guest, process)
            return await guest.alive()
        finally:
            await guest.close()

    async with DockerProvider() as provider:
        assert await until_it_ends(["exit"], lambda guest, process: None)
        assert await until_it_ends(["kill -9 $$"], lambda guest, process: None)
        assert not await until_it_ends(["sleep 99"], lambda guest, process: process._process.kill())
        assert not await until_it_ends(["sleep 99"], lambda guest, process: client.api.kill(guest.identity))


@needs_docker
async def test_a_closed_session_leaves_no_container(client: DockerClient) -> None:
    async with RemoteBackend(DockerProvider(), kept_ready=0) as backend:
        before = set(_ours(client, os.getpid()))
        session = await backend.launch(_PAGE, Viewport(), 1)
        assert len(set(_ours(client, os.getpid())) - before) == 1
        await session.close()
        await session.close()
        async with asyncio.timeout(60):
            while set(_ours(client, os.getpid())) - before:  # noqa: ASYNC110 - no event tells of it
                await asyncio.sleep(0.1)


@needs_docker
async def test_a_pool_gives_each_guest_once_and_none_that_is_dead(client: DockerClient) -> None:
    backend = RemoteBackend(DockerProvider(), kept_ready=0)
    async with backend:
        pool = Pool(lambda flavour: ReadyGuest.make(backend._provider, backend.playwright, flavour), 1)
        pool.fill(_FLAVOUR)
        await pool.ready()
        first = await pool.take(_FLAVOUR)
        pool.fill(_FLAVOUR)
        await pool.ready()
        ((_, waiting),) = pool._waiting
        doomed = await waiting
        assert isinstance(doomed.guest, DockerGuest)
        assert doomed is not first
        page = doomed.spare._opening
        assert page is not None
        assert page.done(), "its page is open before it is asked for"
        client.api.kill(doomed.guest.identity)
        second = await pool.take(_FLAVOUR)
        assert second is not doomed
        assert await second.healthy()
        for guest in (first, second):
            await guest.close()
        await pool.close()
        assert pool._waiting == []


def test_without_a_daemon_it_is_said_how_to_start_one(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "docker").write_text("#!/bin/sh\nexit 1\n")
    (tmp_path / "docker").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/none.sock")
    assert [one.command for one in backend_of("docker").missing("none")] == ["sudo systemctl start docker"]


def test_a_daemon_elsewhere_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "docker").write_text("#!/bin/sh\nexit 1\n")
    (tmp_path / "docker").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setenv("DOCKER_HOST", "tcp://127.0.0.1:2375")
    assert [one.command for one in backend_of("docker").missing("none")] == ["unset DOCKER_HOST"]


async def test_a_run_without_docker_is_refused_in_one_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(MissingRequirement, match=r"^docker sandboxes need Docker: sudo apt-get install -y docker\.io$"):
        async with backend_of("docker"):
            pass


@needs_docker
def test_an_image_that_is_not_built_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agent_judge.launch.docker_provider.image_name", lambda: "agent-judge:none")
    assert [one.command for one in DockerProvider().missing()] == ["agent-judge setup --sandbox docker"]


@needs_docker
async def test_a_daemon_that_starts_anew_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = [[_NO_DAEMON], [_NO_DAEMON]]
    provider = DockerProvider()
    there = provider.missing
    monkeypatch.setattr(provider, "missing", lambda: answers.pop() if answers else there())
    guest = await provider.create(_FLAVOUR)
    try:
        assert answers == []
        assert await guest.alive()
    finally:
        await guest.close()


@needs_docker
async def test_a_container_is_bound_in_all_that_it_may_do(client: DockerClient) -> None:
    guest = await DockerProvider().create(_FLAVOUR)
    try:
        bounds = client.api.inspect_container(guest.identity)["HostConfig"]
    finally:
        await guest.close()
    assert (bounds["NetworkMode"], bounds["ReadonlyRootfs"], bounds["Privileged"]) == ("none", True, False)
    assert (bounds["CapDrop"], bounds["CapAdd"]) == (["ALL"], None)
    assert bounds["SecurityOpt"] == ["no-new-privileges:true"]  # And no word of seccomp: Docker's own filter holds.
    assert 0 < bounds["Memory"] == bounds["MemorySwap"]
    assert 0 < bounds["NanoCpus"] <= 2e9
    assert 0 < bounds["PidsLimit"] < 10_000
    assert all("size=" in options for options in bounds["Tmpfs"].values())
    assert all(place.endswith(":ro") for place in bounds["Binds"] or [])
    assert bounds["AutoRemove"]


@pytest.mark.parametrize(("offered", "runtime"), [({"runc": {}, "runsc": {}}, "runsc"), ({"runc": {}}, None)])
def test_gvisor_is_used_where_docker_offers_it(
    monkeypatch: pytest.MonkeyPatch, offered: dict[str, object], runtime: str | None
) -> None:
    daemon = SimpleNamespace(api=SimpleNamespace(info=lambda: {"Runtimes": offered}))
    provider = DockerProvider()
    monkeypatch.setattr(provider, "_connected", lambda: daemon)
    assert provider._bounds(_FLAVOUR.limits).get("runtime") == runtime


def test_a_socket_that_may_not_be_used_is_told_from_no_daemon(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    if not shutil.which("docker"):
        pytest.skip("Docker is missing")

    def refused(*_: object, **__: object) -> None:
        raise docker.errors.DockerException(
            "Error while fetching server API version: ('Connection aborted.', PermissionError(13, 'Permission denied'))"
        )

    monkeypatch.setattr(docker, "from_env", refused)
    (lacking,) = DockerProvider().missing()
    assert lacking.command == "sudo usermod -aG docker $USER, then log in anew"

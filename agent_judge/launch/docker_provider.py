"""Makes containers for solutions, and ends those that an earlier process of ours left behind."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import time
from collections.abc import Callable, Mapping
from typing import Any

import docker
from docker.client import DockerClient
from docker.errors import APIError, DockerException, ImageNotFound
from requests.exceptions import RequestException

from agent_judge.errors import DriverError, MissingRequirement
from agent_judge.launch.docker_guest import BROWSER_USER, DockerGuest, Lifeline, daemon_address, given_places
from agent_judge.launch.docker_image import build_image, image_name
from agent_judge.launch.guest import Flavour
from agent_judge.launch.owner import is_left_behind, this_process
from agent_judge.protocols import Missing
from agent_judge.read.environment import Limits

_OWNER, _ENVIRONMENT = "agent-judge.owner", "agent-judge.environment"
_MIB = 2**20
_BROWSER_MIB = 3072
_BROWSER_THREADS = 512
_SHARED_MEMORY_MIB = 512
_BROWSER_FOLDER_MIB = 512
_FILES = 120_000
_DAEMON_SECONDS = 60
_RESTART_SECONDS = 60
_LOOK_SECONDS = 0.2
_NO_DAEMON = Missing("a running Docker daemon", "sudo systemctl start docker")
_NO_IMAGE = Missing("the image of sandboxes", "agent-judge setup --sandbox docker")
_ELSEWHERE = Missing("a Docker daemon on this machine: DOCKER_HOST names one elsewhere", "unset DOCKER_HOST")
"""Containers read what this machine fetched for them, which a daemon elsewhere cannot give them."""
_Faults = (DockerException, RequestException, OSError)


class DockerProvider:
    """Makes containers; implements :class:`~agent_judge.launch.guest.Provider`."""

    name = "docker"

    def __init__(self) -> None:
        self._client: DockerClient | None = None
        self._image = ""
        """The image's digest, once it is known."""

    async def __aenter__(self) -> DockerProvider:
        return self

    async def __aexit__(self, *exc: object) -> None:
        if self._client is not None:
            await asyncio.to_thread(self._client.close)
            self._client = None

    def missing(self) -> list[Missing]:
        """What this machine lacks: Docker itself, its daemon, the right to use it, or the image."""
        if shutil.which("docker") is None:
            return [Missing("Docker", "sudo apt-get install -y docker.io")]
        if not daemon_address().startswith(("unix://", "npipe://")):
            return [_ELSEWHERE]
        try:
            self._connected().images.get(image_name())
        except ImageNotFound:
            return [_NO_IMAGE]
        except _Faults as error:
            return [_unreachable(error)]
        return []

    def build_image(self, say: Callable[[str], None]) -> None:
        """Sees to the image of sandboxes; where one is there that is still the right one, nothing is done.

        Raises:
            MissingRequirement: Docker is not there, or there is nothing to build the image from.
            DriverError: The daemon fails.
        """
        lacking = self.missing()
        if lacking and lacking[0] != _NO_IMAGE:
            raise MissingRequirement(f"docker sandboxes need {lacking[0].what}: {lacking[0].command}")
        if lacking:
            build_image(self._connected(), say)

    def versions(self) -> Mapping[str, str]:
        """The image's digest, which names its browser and tools too."""
        if not self._image:
            try:
                self._image = str(self._connected().images.get(image_name()).id)
            except _Faults:
                return {"image": image_name()}
        return {"image": self._image}

    async def create(self, flavour: Flavour) -> DockerGuest:
        """Starts a container."""
        until = time.monotonic() + _RESTART_SECONDS
        while True:
            if lacking := await self._lacking(until):
                raise MissingRequirement(f"{lacking[0].what} is missing: {lacking[0].command}")
            try:
                return await asyncio.to_thread(self._start, flavour)
            except _Faults as error:
                # A daemon that is about to start anew still answers on old connections, and takes no new ones.
                if isinstance(error, APIError) or time.monotonic() > until:
                    raise DriverError(f"the container does not start: {' '.join(str(error).split())[:300]}") from error
            await asyncio.sleep(_LOOK_SECONDS)

    async def _lacking(self, until: float) -> list[Missing]:
        """What is missing still after a while: a daemon that was there before may only be starting anew."""
        while (lacking := await asyncio.to_thread(self.missing)) == [_NO_DAEMON] and time.monotonic() < until:  # noqa: ASYNC110 - no event tells
            await asyncio.sleep(_LOOK_SECONDS)
        return lacking

    async def sweep(self) -> None:
        """Removes containers whose process on this machine is no more."""
        with contextlib.suppress(*_Faults):
            await asyncio.to_thread(self._sweep)

    def _sweep(self) -> None:
        api = self._connected().api
        for container in api.containers(all=True, filters={"label": _OWNER}):
            if is_left_behind(container["Labels"][_OWNER]):
                with contextlib.suppress(APIError):
                    api.remove_container(container["Id"], force=True)

    def _connected(self) -> DockerClient:
        if self._client is None:
            self._client = docker.from_env(timeout=_DAEMON_SECONDS, version="auto")
        return self._client

    def _start(self, flavour: Flavour) -> DockerGuest:
        api = self._connected().api
        made = api.create_container(
            image_name(),
            ["/bin/cat"],
            stdin_open=True,
            labels={_OWNER: this_process(), _ENVIRONMENT: flavour.environment},
            network_disabled=True,
            host_config=api.create_host_config(**self._bounds(flavour.limits)),
        )
        identity = str(made["Id"])
        try:
            lifeline = _lifeline(api.attach_socket(identity, params={"stdin": 1, "stream": 1}))
            api.start(identity)
        except BaseException:
            with contextlib.suppress(*_Faults):
                api.remove_container(identity, force=True)
            raise
        return DockerGuest(self._connected(), identity, lifeline)

    def _bounds(self, limits: Limits) -> dict[str, Any]:
        """What a container may do and use; a solution's own limits are narrower, and are watched inside."""
        memory = (limits.memory_mib + _BROWSER_MIB + 2 * limits.disk_mib) * _MIB
        runtimes = self._connected().api.info().get("Runtimes", {})
        user, _, group = BROWSER_USER.partition(":")
        return {
            "network_mode": "none",
            "read_only": True,
            "cap_drop": ["ALL"],
            "security_opt": ["no-new-privileges:true"],
            "init": True,
            "auto_remove": True,
            "mem_limit": memory,
            "memswap_limit": memory,
            "nano_cpus": 10**9 * max(1, min(2, os.cpu_count() or 1)),
            "pids_limit": limits.processes + _BROWSER_THREADS,
            "shm_size": _SHARED_MEMORY_MIB * _MIB,
            "ulimits": [docker.types.Ulimit(name="core", soft=0, hard=0)],
            "tmpfs": {
                "/work": _in_memory(limits.disk_mib),
                "/tmp": _in_memory(limits.disk_mib),
                "/session": _in_memory(1),
                "/browser": f"{_in_memory(_BROWSER_FOLDER_MIB)},mode=0700,uid={user},gid={group}",
            },
            "binds": [f"{folder}:{place}:ro" for folder, place in given_places().items()],
            "log_config": docker.types.LogConfig(type="none"),
            **({"runtime": "runsc"} if "runsc" in runtimes else {}),
        }


def _lifeline(attached: Any) -> Lifeline:
    """The answer that a container's input is part of.

    The package hangs the answer on the input, which is part of it. Such a circle is collected in any order, and from
    Python 3.13 on the answer complains where its input went first.
    """
    answer: Lifeline = getattr(attached, "__dict__", {}).pop("_response", attached)
    return answer


def _in_memory(mebibytes: int) -> str:
    return f"rw,exec,nosuid,nodev,size={mebibytes}m,nr_inodes={_FILES},mode=1777"


def _unreachable(error: Exception) -> Missing:
    told = str(error)
    if "Permission denied" in told or "PermissionError" in told:
        return Missing("permission to use Docker", "sudo usermod -aG docker $USER, then log in anew")
    return _NO_DAEMON

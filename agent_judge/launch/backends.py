"""The sandboxes that there are, by the name that users give them."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast, get_args

from agent_judge.errors import BadInput
from agent_judge.launch.docker_provider import DockerProvider
from agent_judge.launch.e2b_provider import E2BProvider
from agent_judge.launch.local import LocalBackend
from agent_judge.launch.remote import RemoteBackend
from agent_judge.protocols import Backend
from agent_judge.read.environment import Environment, Limits
from agent_judge.schema import Sandbox

SANDBOXES: tuple[str, ...] = get_args(Sandbox)


def sandbox_of(name: str) -> Sandbox:
    """A kind of sandbox by its name.

    Raises:
        BadInput: There is no such kind.
    """
    for sandbox in get_args(Sandbox):
        if sandbox == name:
            return cast(Sandbox, sandbox)
    raise BadInput(f"there is no sandbox {name!r}; there are {', '.join(SANDBOXES)}")


def backend_of(sandbox: str, limits: Callable[[Environment], Limits] | None = None, *, at_once: int = 1) -> Backend:
    """The backend that runs solutions in a kind of sandbox.

    Args:
        sandbox: One of :data:`SANDBOXES`.
        limits: What a session of an environment may use; the environment's own limits if not given.
        at_once: How many solutions are launched at the same time; where sandboxes take time to start, so many
            and one more are kept ready.

    Raises:
        BadInput: There is no such kind.
    """
    match sandbox_of(sandbox):
        case "docker":
            return RemoteBackend(DockerProvider(), limits, kept_ready=at_once + 1)
        case "e2b":
            return RemoteBackend(E2BProvider(), limits, kept_ready=at_once + 1)
        case "local":
            return LocalBackend(limits)

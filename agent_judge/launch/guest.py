"""What a sandbox elsewhere must be able to do: containers and virtual machines that others provide."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from playwright.async_api import Browser, Playwright

from agent_judge.launch.box_command import Mount
from agent_judge.protocols import Missing
from agent_judge.read.environment import Limits


@dataclass(frozen=True)
class Flavour:
    """What a guest is made for, so that one may be kept ready before its solution is known."""

    environment: str
    limits: Limits
    page_memory_mib: int
    """What each page of its browser may take."""
    loopback: bool
    """Whether its browser reaches what listens in the guest; if not, it reaches nothing at all."""


class GuestProcess(Protocol):
    """A command that runs in a guest."""

    async def write(self, content: bytes) -> None:
        """Writes to its standard input; a process that takes no more is no error."""
        ...

    def lines(self) -> AsyncIterator[bytes]:
        """The lines of its standard output, until it or the guest ends."""
        ...

    async def end(self) -> None:
        """Ends it by ending its standard input, and if it does not listen, by force; safe to call twice."""
        ...


class Guest(Protocol):
    """One running sandbox elsewhere, for one solution. Everything in it ends with it, and it ends with our process."""

    async def start(self, words: Sequence[str], user: Literal["user", "browser"]) -> GuestProcess:
        """Starts a command.

        Raises:
            DriverError: The guest does not take commands.
        """
        ...

    async def open_browser(self, playwright: Playwright, arguments: Sequence[str]) -> Browser:
        """Starts the browser inside.

        Raises:
            DriverError: It does not start.
        """
        ...

    async def place_of(self, mount: Mount) -> str:
        """Where the guest has something of this machine's that it may read; brought there first if need be."""
        ...

    async def alive(self) -> bool:
        """Whether it still runs."""
        ...

    async def close(self) -> None:
        """Ends it and all that runs in it; safe to call twice, never raises."""
        ...


class Provider(Protocol):
    """Makes guests; an async context manager that ends what it made."""

    name: str

    def missing(self) -> list[Missing]:
        """What this machine lacks to make guests; an empty list means ready."""
        ...

    def versions(self) -> Mapping[str, str]:
        """Names all that a guest brings along: its browser and tools."""
        ...

    async def create(self, flavour: Flavour) -> Guest:
        """Makes a guest.

        Raises:
            MissingRequirement: This machine lacks what that takes.
            DriverError: It did not come up.
        """
        ...

    async def sweep(self) -> None:
        """Ends guests of our earlier processes that were killed."""
        ...

    async def __aenter__(self) -> Provider: ...

    async def __aexit__(self, *exc: object) -> None: ...

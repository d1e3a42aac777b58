"""The few exchangeable parts, in one place: sandbox backends, driving policies, judges."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from playwright.async_api import Page

from agent_judge.schema import (
    BlockedRequest,
    ConsoleMessage,
    Cost,
    Evidence,
    LaunchReport,
    Scenario,
    Solution,
    Task,
    Trajectory,
    Verdict,
    Viewport,
)


@dataclass
class PageLog:
    """What a page said since the log was last drained."""

    console: list[ConsoleMessage] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    failed_requests: list[str] = field(default_factory=list)
    dialogs: list[str] = field(default_factory=list)


class Session(Protocol):
    """One launched Solution: a page to drive, or a finished program whose output the page shows."""

    report: LaunchReport
    page: Page | None
    """``None`` when there is nothing to drive: the solution was not built, or died at once."""
    address: str
    """Where the solution's first page is; ``goto`` steps are relative to it."""
    blocked_requests: list[BlockedRequest]

    def drain(self) -> PageLog:
        """Takes what the page said since the last call."""
        ...

    def death(self) -> str:
        """Why the solution cannot be driven any more (crashed, killed by a limit), or nothing."""
        ...

    async def close(self) -> None:
        """Ends everything the solution started; safe to call twice, never raises for the solution's faults."""
        ...


@dataclass(frozen=True)
class Missing:
    """Something that this machine lacks, and the one command that installs it."""

    what: str
    command: str


class Backend(Protocol):
    """A provider of sandboxes: an async context manager that keeps warm what can be shared."""

    name: str

    def missing(self, environment: str) -> list[Missing]:
        """What this machine lacks to run an environment; an empty list means ready."""
        ...

    def versions(self, environment: str) -> Mapping[str, str]:
        """All that may change how a solution behaves: browser, environment definition, packages."""
        ...

    async def launch(self, solution: Solution, viewport: Viewport, seed: int) -> Session:
        """Starts a Solution in a fresh sandbox.

        Args:
            solution: What to run. Its own faults are told by the session's report, not raised.
            viewport: Size of the page.
            seed: Seeds the page's ``Math.random``.

        Raises:
            BadInput: It is said to run somewhere already, and nobody answers there.
            MissingRequirement: This machine lacks what the environment needs.
            DriverError: The sandbox itself failed.
        """
        ...

    async def __aenter__(self) -> Backend: ...

    async def __aexit__(self, *exc: object) -> None: ...


@dataclass(frozen=True)
class Ambiguity:
    """A step whose element cannot be told by rules alone: nothing fits well enough, or several fit as well."""

    action: str
    intent: str
    target: str
    """The step's target in words."""
    options: tuple[str, ...]
    """The likely elements in words, best first."""
    snapshot: str
    """The page, as Playwright's accessibility snapshot."""


@dataclass(frozen=True)
class Settled:
    """What a chooser decided."""

    option: int | None
    """Which option is meant, counted from 0; ``None`` where none is."""
    cost: Cost = field(default_factory=Cost)


class Chooser(Protocol):
    """Settles what rules leave open, such as by asking a model; without one such steps are ``not_found``."""

    def fingerprint(self) -> str:
        """Names all that determines what it chooses."""
        ...

    async def choose(self, ambiguity: Ambiguity) -> Settled:
        """Decides which option is meant.

        Raises:
            DriverError: It could not answer.
        """
        ...


class Policy(Protocol):
    """Decides and executes the actions of one trajectory."""

    async def drive(self, session: Session, task: Task, scenario: Scenario | None, folder: Path) -> Trajectory:
        """Uses a launched solution; screenshots go to ``folder``.

        Failures of our own side end up in ``Trajectory.driver_error``.
        """
        ...


class Judge(Protocol):
    """Takes a Task and two Solutions with Evidence, gives a Verdict. Never sees model names."""

    name: str

    def fingerprint(self) -> str:
        """Names all that determines its verdicts: version, weights, prompts, model."""
        ...

    async def judge(self, task: Task, a: Evidence, b: Evidence) -> Verdict:
        """Decides which is better.

        Raises:
            JudgeError: It could not answer; no verdict is made up.
        """
        ...

"""What may go wrong with E2B: what passes and is tried again, and what is told to the user."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Awaitable, Callable
from typing import TypeVar

import httpx
from connectrpc.errors import ConnectError
from e2b import (
    AuthenticationException,
    NotFoundException,
    RateLimitException,
    SandboxException,
    SandboxNotRunningException,
    ServiceBusyException,
    TimeoutException,
)

from agent_judge.errors import AgentJudgeError, DriverError, MissingRequirement
from agent_judge.protocols import Missing

Answer = TypeVar("Answer")

_UNREADABLE = (httpx.HTTPError, ConnectError, json.JSONDecodeError)
"""What the SDK lets through: lost connections, and answers of something else on the way."""
FAULTS = (SandboxException, AuthenticationException, ServiceBusyException, *_UNREADABLE)
"""All that the SDK raises for what is no mistake of ours."""

KEY = Missing("a key for E2B", "export E2B_API_KEY=...: a key is made in the dashboard of e2b.dev, under Keys")
TEMPLATE = Missing("the template of sandboxes at E2B", "agent-judge setup --sandbox e2b")
_WRONG_KEY = Missing("a key that E2B accepts (it refused E2B_API_KEY)", KEY.command)
_QUOTA = Missing(
    "room within E2B's quota", "end other sandboxes, ask for fewer at once (--jobs), or have the quota raised"
)
_QUOTA_SIGNS = ("maximum number of concurrent", "quota", "limit of")
_PASSING = (RateLimitException, ServiceBusyException, TimeoutException, *_UNREADABLE)
_TRIES = 6
_FIRST_WAIT_SECONDS, _LONGEST_WAIT_SECONDS = 0.25, 20.0
_OWN_SIDE = 500


def passes(fault: Exception) -> bool:
    """Whether a fault may be gone the next time."""
    if isinstance(fault, SandboxNotRunningException | NotFoundException | AuthenticationException):
        return False
    if isinstance(fault, _PASSING):
        return True
    # Of a sandbox's own errors the SDK tells no status; those that are ours to mend have a class of their own.
    return type(fault) is SandboxException and (fault.status_code or _OWN_SIDE) >= _OWN_SIDE


async def insist(
    ask: Callable[[], Awaitable[Answer]], again: Callable[[Exception], bool] = passes, tries: int = _TRIES
) -> Answer:
    """Asks again when what went wrong may pass; the SDK itself has tried some of it again before.

    Args:
        ask: Asks; doing so twice must do no harm after a fault that ``again`` is true of.
        again: Which faults it is asked again after.
        tries: How often at most.
    """
    for turn in range(tries - 1):
        try:
            return await ask()
        except FAULTS as fault:
            if not again(fault):
                raise
            await asyncio.sleep(_wait_seconds(turn))
    return await ask()


def _wait_seconds(turn: int) -> float:
    """Longer every time, and not the same for all who were refused at once."""
    longest: float = min(_LONGEST_WAIT_SECONDS, _FIRST_WAIT_SECONDS * 3**turn)
    return random.SystemRandom().uniform(0.5, 1) * longest


def lacking(fault: Exception, where: str) -> Missing | None:
    """What the user must see to before E2B makes sandboxes for us; nothing where the fault is not theirs to mend.

    Args:
        fault: What the SDK raised when it was asked to make one.
        where: The service's address.
    """
    told = _in_one_line(fault)
    if isinstance(fault, AuthenticationException):
        return _WRONG_KEY
    if isinstance(fault, RateLimitException):
        return _QUOTA if any(sign in told for sign in _QUOTA_SIGNS) else Missing(
            "E2B's leave to ask so often", "wait a minute, or ask for fewer sandboxes at once (--jobs)"
        )  # fmt: skip
    if isinstance(fault, _UNREADABLE):
        return Missing(
            f"an answer from E2B at {where} ({told or type(fault).__name__})",
            "see to the network, and to E2B_DOMAIN if your cluster is not e2b.app",
        )
    if isinstance(fault, SandboxException) and fault.status_code in (402, 403):
        return Missing(
            f"E2B's consent ({told})", "see to the plan and the rights of the key in the dashboard of e2b.dev"
        )
    if isinstance(fault, NotFoundException) or (isinstance(fault, SandboxException) and fault.status_code == 404):
        return TEMPLATE
    return None


def refusal(fault: Exception, where: str) -> AgentJudgeError:
    """The error of ours for a sandbox that E2B did not make."""
    if missing := lacking(fault, where):
        return MissingRequirement(f"e2b sandboxes need {missing.what}: {missing.command}")
    return DriverError(f"E2B made no sandbox: {_in_one_line(fault)[:300]}")


def _in_one_line(fault: Exception) -> str:
    return " ".join(str(fault).split())

"""Time as programs feel it on a busy machine: bounds that blame a program count only its fair share.

A page or a server that is starved by others is slow through no fault of its own. So the bounds that end in a finding
(it hung, it was never ready, nothing changed) are counted in seconds of a fair share: on an idle machine they are
plain seconds; where three times more threads want to run than there are cores, they pass three times more slowly.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

_LOOK_SECONDS = 0.25
_LONGEST_STEP = 1.0
"""What is counted at most between two looks: when we ourselves were not run, nobody is to blame for what we missed."""
_LEAST_SHARE = 0.1
"""A program that starts many threads makes the machine busy itself, and must not gain endless patience by it."""
_LOAD = Path("/proc/loadavg")


class Patience:
    """How much longer to wait, in seconds of a fair share of the machine; it is to be asked about often."""

    def __init__(self, seconds: float) -> None:
        self._left = seconds
        self._looked = time.monotonic()

    def left(self) -> float:
        """The seconds left; not above zero when it has run out."""
        now = time.monotonic()
        self._left -= min(now - self._looked, _LONGEST_STEP) * fair_share()
        self._looked = now
        return self._left


class Alarm:
    """Looks by itself, and calls once when patience has run out, if it is not cancelled before."""

    def __init__(self, seconds: float, ring: Callable[[], object] = lambda: None) -> None:
        self._patience = Patience(seconds)
        self.left = seconds
        """The seconds of a fair share that are left; none once it has rung."""
        self._ring = ring
        self._loop = asyncio.get_running_loop()
        self._next = self._loop.call_later(min(seconds, _LOOK_SECONDS), self._look)

    def cancel(self) -> None:
        """Will not ring any more; safe to call twice."""
        self._next.cancel()

    def _look(self) -> None:
        self.left = max(0.0, self._patience.left())
        if self.left:
            self._next = self._loop.call_later(min(self.left, _LOOK_SECONDS), self._look)
        else:
            self._ring()


@contextlib.asynccontextmanager
async def patiently(seconds: float) -> AsyncIterator[None]:
    """Bounds what is awaited inside, as :func:`asyncio.timeout` does, in seconds of a fair share.

    Raises:
        TimeoutError: Patience has run out.
    """
    loop = asyncio.get_running_loop()
    async with asyncio.timeout(None) as bound:
        alarm = Alarm(seconds, lambda: bound.reschedule(loop.time()))
        try:
            yield
        finally:
            alarm.cancel()


def fair_share() -> float:
    """The share of a core that each thread that wants to run gets at this moment: 1 on a machine that is not busy."""
    return max(_LEAST_SHARE, min(1.0, _cores() / max(_running(), 1.0)))


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _running() -> float:
    """How many threads run or could run now; where the system does not tell, their mean over the last minute."""
    try:
        return float(_LOAD.read_text(encoding="ascii").split()[3].partition("/")[0])
    except (OSError, IndexError, ValueError):
        return os.getloadavg()[0]

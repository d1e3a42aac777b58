"""What a run may spend and how fast it may ask."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from agent_judge.errors import BadInput, JudgeError
from agent_judge.schema import Cost
from agent_judge.schema.cost import together

_MINUTE = 60.0


class Budget:
    """Money that all judges of a run share. It is never passed: what a request may cost at most is set aside first."""

    def __init__(self, most: float | None = None, ledger: Path | None = None) -> None:
        """Opens a budget.

        Args:
            most: US dollars that may be spent; ``None`` sets no limit.
            ledger: File of what was paid, a line each, so that a resumed run counts what it had spent before.

        Raises:
            BadInput: Nothing, or less than nothing, may be spent, or the ledger cannot be read.
        """
        if most is not None and not most > 0:
            raise BadInput(f"--max-cost {most:g}: nothing can be asked with this; give an amount above 0 US dollars")
        self.most = most
        self.spent = Cost(usd=0.0)
        """What this process has spent."""
        self._ledger = ledger
        self._before = _paid_before(ledger) if ledger is not None else 0.0
        self._reserved: list[float] = []
        self._freed = asyncio.Condition()

    @asynccontextmanager
    async def reserve(self, most: float | None, model: str) -> AsyncIterator[None]:
        """Sets aside what a request may cost at most while it runs.

        Requests usually cost far less than they may. So where the limit would not be kept,
        this waits for those that are under way before it refuses.

        Raises:
            BadInput: There is a limit, but the model's price is not known.
            JudgeError: It would not be kept.
        """
        if self.most is None:
            yield
            return
        if most is None:
            raise unpriced(model)
        async with self._freed:
            await self._freed.wait_for(lambda: not self._reserved or self._fits(most))
            if not self._fits(most):
                raise JudgeError(
                    f"not asked: it could pass the limit of {self.most:g} US dollars (--max-cost), "
                    f"of which {self._so_far():.2f} are spent"
                )
            self._reserved.append(most)
        try:
            yield
        finally:
            async with self._freed:
                self._reserved.remove(most)
                self._freed.notify_all()

    def pay(self, cost: Cost) -> None:
        """Counts what a request cost."""
        self.spent = together((self.spent, cost))
        if self._ledger is not None:
            with self._ledger.open("a", encoding="utf-8") as file:
                file.write(cost.model_dump_json() + "\n")

    def _so_far(self) -> float:
        return self._before + (self.spent.usd or 0.0)

    def _fits(self, more: float) -> bool:
        return self.most is None or self._so_far() + sum(self._reserved) + more <= self.most


def unpriced(model: str) -> BadInput:
    """Tells that a limit cannot be kept."""
    return BadInput(f"--max-cost: the price of {model} is not known, so that no limit can be kept")


def _paid_before(ledger: Path) -> float:
    if not ledger.exists():
        return 0.0
    whole, _, torn = ledger.read_bytes().rpartition(b"\n")
    if torn:  # it was being written when its process was killed
        ledger.write_bytes(whole + b"\n" if whole else b"")
    try:
        return sum(Cost.model_validate_json(line).usd or 0.0 for line in whole.splitlines())
    except ValidationError as error:
        raise BadInput(f"{ledger}: not a record of what was paid; delete it to count from nothing") from error


@dataclass
class Sending:
    """A request that was sent within the last minute."""

    at: float
    tokens: int
    """What it counts; once it is answered, only what the provider's cache did not hold."""


class Pace:
    """How many requests may run at once, and how many prompt tokens may be sent in a minute."""

    def __init__(self, at_once: int = 8, tokens_per_minute: int | None = None) -> None:
        self.tokens_per_minute = tokens_per_minute
        """Also learnt from the provider's answers; see :meth:`learn`."""
        self._places = asyncio.Semaphore(at_once)
        self._sent: deque[Sending] = deque()
        self._turn = asyncio.Lock()

    @asynccontextmanager
    async def keep(self, tokens: int) -> AsyncIterator[Sending]:
        """Waits until a request of so many prompt tokens may be sent, and holds a place while it runs."""
        async with self._places:
            async with self._turn:
                await self._wait_for(tokens)
                sending = Sending(time.monotonic(), tokens)
                self._sent.append(sending)
            yield sending

    def learn(self, tokens_per_minute: int | None) -> None:
        """Takes over the limit that a provider tells with its answers; the lowest of several holds."""
        if tokens_per_minute:
            self.tokens_per_minute = min(tokens_per_minute, self.tokens_per_minute or tokens_per_minute)

    async def _wait_for(self, tokens: int) -> None:
        while True:
            now = time.monotonic()
            while self._sent and now - self._sent[0].at >= _MINUTE:
                self._sent.popleft()
            limit = self.tokens_per_minute
            # A request larger than the limit goes alone.
            if limit is None or not self._sent or sum(sending.tokens for sending in self._sent) + tokens <= limit:
                return
            await asyncio.sleep(self._sent[0].at + _MINUTE - now)


class Warmth:
    """Lets the first request of a prompt prefix go ahead, so that those that follow find it in the provider's cache."""

    def __init__(self) -> None:
        self._locks: dict[str, asyncio.Lock] = {}
        self._warm: set[str] = set()

    @asynccontextmanager
    async def of(self, prefix: str) -> AsyncIterator[None]:
        """Holds others with the same prefix back until the first has been answered."""
        if prefix in self._warm:
            yield
            return
        async with self._locks.setdefault(prefix, asyncio.Lock()):
            first = prefix not in self._warm
            if first:
                yield
                self._warm.add(prefix)
        if not first:
            yield

"""What a run may spend and how fast it may ask."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

from agent_judge.errors import BadInput, JudgeError
from agent_judge.judge.prices import together
from agent_judge.schema import Cost

_MINUTE = 60.0


class Budget:
    """Money that all judges of a run share. It is never passed: what a request may cost at most is set aside first."""

    def __init__(self, most: float | None = None) -> None:
        """Opens a budget.

        Args:
            most: US dollars that may be spent; ``None`` sets no limit.

        Raises:
            BadInput: Nothing, or less than nothing, may be spent.
        """
        if most is not None and not most > 0:
            raise BadInput(f"--max-cost {most:g}: nothing can be asked with this; give an amount above 0 US dollars")
        self.most = most
        self.spent = Cost(usd=0.0)
        self._reserved = 0.0

    @contextmanager
    def reserve(self, most: float | None, model: str) -> Iterator[None]:
        """Sets aside what a request may cost at most while it runs.

        Raises:
            BadInput: There is a limit, but the model's price is not known.
            JudgeError: It would not be kept.
        """
        if self.most is None:
            yield
            return
        if most is None:
            raise BadInput(f"--max-cost: the price of {model} is not known, so that no limit can be kept")
        if (self.spent.usd or 0.0) + self._reserved + most > self.most:
            raise JudgeError(f"not asked: it could pass the limit of {self.most:g} US dollars (--max-cost)")
        self._reserved += most
        try:
            yield
        finally:
            self._reserved -= most

    def pay(self, cost: Cost) -> None:
        """Counts what a request cost."""
        self.spent = together((self.spent, cost))


class Pace:
    """How many requests may run at once, and how many prompt tokens may be sent in a minute."""

    def __init__(self, at_once: int = 8, tokens_per_minute: int | None = None) -> None:
        self._places = asyncio.Semaphore(at_once)
        self._tokens_per_minute = tokens_per_minute
        self._sent: deque[tuple[float, int]] = deque()
        self._turn = asyncio.Lock()

    @asynccontextmanager
    async def keep(self, tokens: int) -> AsyncIterator[None]:
        """Waits until a request of so many prompt tokens may be sent, and holds a place while it runs."""
        async with self._places:
            if self._tokens_per_minute is not None:
                async with self._turn:
                    await self._wait_for(tokens, self._tokens_per_minute)
            yield

    async def _wait_for(self, tokens: int, limit: int) -> None:
        while True:
            now = time.monotonic()
            while self._sent and now - self._sent[0][0] >= _MINUTE:
                self._sent.popleft()
            # A request larger than the limit goes alone.
            if not self._sent or sum(count for _, count in self._sent) + tokens <= limit:
                self._sent.append((now, tokens))
                return
            await asyncio.sleep(self._sent[0][0] + _MINUTE - now)


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

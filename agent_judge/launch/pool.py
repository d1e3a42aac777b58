"""Keeps guests ready, so that a hundred solutions do not wait for a hundred cold starts."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter, deque
from collections.abc import Awaitable, Callable

from playwright.async_api import Error

from agent_judge.errors import AgentJudgeError
from agent_judge.launch.guest import Flavour
from agent_judge.launch.guest_browser import ReadyGuest

Make = Callable[[Flavour], Awaitable[ReadyGuest]]


class Pool:
    """Guests that nothing has run in, a bounded number of them; each is given away once and never comes back."""

    def __init__(self, make: Make, most: int) -> None:
        """Prepares an empty pool.

        Args:
            make: Makes a guest.
            most: How many may be kept ready, of all flavours together.
        """
        self._make = make
        self._most = most
        self._waiting: list[tuple[Flavour, asyncio.Task[ReadyGuest]]] = []
        """Oldest first."""
        self._asked: deque[Flavour] = deque(maxlen=2 * most)
        self._leaving: set[asyncio.Task[None]] = set()

    async def take(self, flavour: Flavour) -> ReadyGuest:
        """Gives a guest that is ready and in good health, or makes one; ``fill`` makes others ready for the next.

        Raises:
            MissingRequirement: This machine lacks what a guest takes.
            DriverError: None came up.
        """
        while (making := self._first(flavour)) is not None:
            with contextlib.suppress(AgentJudgeError, Error, OSError):
                ready = await _given(making)
                if await ready.healthy():
                    return ready
                await ready.close()
        return await self._make(flavour)

    def fill(self, flavour: Flavour) -> None:
        """Starts to make guests of a flavour ready, at the cost of others that were not asked for lately.

        Flavours that are asked for in turns share what may be kept ready.
        """
        self._asked.append(flavour)
        lately = list(dict.fromkeys(reversed(self._asked)))[: self._most]
        share = self._most // len(lately) if lately else 0
        kept: Counter[Flavour] = Counter()
        for one in reversed(self._waiting.copy()):
            kept[one[0]] += 1
            if one[0] == flavour or (one[0] in lately and kept[one[0]] <= share):
                continue
            self._waiting.remove(one)
            leaving = asyncio.create_task(_discard(one[1]))
            self._leaving.add(leaving)
            leaving.add_done_callback(self._leaving.discard)
        lacking = self._most - len(self._waiting)
        self._waiting += [(flavour, asyncio.create_task(self._made(flavour))) for _ in range(lacking)]

    async def ready(self) -> None:
        """Waits until all that is being made ready is, or has failed."""
        await asyncio.gather(*(making for _, making in self._waiting), return_exceptions=True)

    async def close(self) -> None:
        """Ends all that wait."""
        waiting, self._waiting = self._waiting, []
        await asyncio.gather(*self._leaving, *(_discard(making) for _, making in waiting))

    async def _made(self, flavour: Flavour) -> ReadyGuest:
        ready = await self._make(flavour)
        try:
            await ready.warm_up()
        except BaseException:
            await ready.close()
            raise
        return ready

    def _first(self, flavour: Flavour) -> asyncio.Task[ReadyGuest] | None:
        for place, (other, making) in enumerate(self._waiting):
            if other == flavour:
                del self._waiting[place]
                return making
        return None


async def _given(making: asyncio.Task[ReadyGuest]) -> ReadyGuest:
    """Waits for one that is ours alone now; should nobody want it any more, it ends."""
    try:
        return await asyncio.shield(making)
    except asyncio.CancelledError:
        await _discard(making)
        raise


async def _discard(making: asyncio.Task[ReadyGuest]) -> None:
    making.cancel()
    with contextlib.suppress(AgentJudgeError, Error, OSError, asyncio.CancelledError):
        await (await making).close()

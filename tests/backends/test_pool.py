"""How many guests wait for their solution, and for which: with guests that cost nothing."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import cast

from agent_judge.errors import DriverError
from agent_judge.launch.guest import Flavour
from agent_judge.launch.guest_browser import ReadyGuest
from agent_judge.launch.pool import Pool
from agent_judge.read.environment import Limits

_HTML, _REACT, _VUE = (
    Flavour(name, Limits.model_validate({}), 2048, loopback=False) for name in ("html", "react", "vue")
)


@dataclass(eq=False)
class Fake:
    """A guest that is only counted."""

    flavour: Flavour
    closed: bool = False
    sick: bool = False
    warm: bool = False

    async def warm_up(self) -> None:
        await asyncio.sleep(0)
        self.warm = True

    async def healthy(self) -> bool:
        return not self.sick

    async def close(self) -> None:
        self.closed = True


@dataclass
class Maker:
    """Makes guests, or fails."""

    made: list[Fake] = field(default_factory=list)
    failing: bool = False

    async def __call__(self, flavour: Flavour) -> ReadyGuest:
        await asyncio.sleep(0)
        if self.failing:
            raise DriverError("none comes up")
        self.made.append(Fake(flavour))
        return cast(ReadyGuest, self.made[-1])

    def waiting(self, given: list[object]) -> list[str]:
        return sorted(one.flavour.environment for one in self.made if not one.closed and one not in given)


async def test_never_more_wait_than_is_allowed_whatever_is_asked_for_at_once() -> None:
    maker = Maker()
    pool = Pool(maker, 2)

    async def launched(flavour: Flavour) -> ReadyGuest:
        taken = await pool.take(flavour)
        pool.fill(flavour)
        return taken

    given: list[object] = list(await asyncio.gather(*(launched(one) for one in [_HTML, _REACT, _VUE] * 5)))
    await pool.ready()
    await asyncio.gather(*pool._leaving)
    assert len(maker.waiting(given)) == 2
    assert len({id(one) for one in given}) == 15
    await pool.close()
    assert maker.waiting(given) == []


async def test_those_wait_that_were_asked_for_last() -> None:
    maker = Maker()
    pool = Pool(maker, 2)
    pool.fill(_HTML)
    pool.fill(_REACT)
    given: list[object] = [await pool.take(_HTML), await pool.take(_REACT)]
    pool.fill(_REACT)
    await pool.ready()
    await asyncio.gather(*pool._leaving)
    assert maker.waiting(given) == ["react", "react"]
    await pool.close()


async def test_those_that_are_asked_for_in_turns_share_the_pool() -> None:
    maker = Maker()
    pool = Pool(maker, 2)
    for flavour in (_HTML, _REACT):
        pool.fill(flavour)
    await pool.ready()
    for _ in range(3):
        for flavour in (_HTML, _REACT):
            before = len(maker.made)
            await pool.take(flavour)
            assert len(maker.made) == before, "one was ready"
            pool.fill(flavour)
            await pool.ready()
    await pool.close()


async def test_one_that_fell_ill_or_never_came_up_is_replaced() -> None:
    maker = Maker()
    pool = Pool(maker, 1)
    pool.fill(_HTML)
    await pool.ready()
    maker.made[0].sick = True
    assert await pool.take(_HTML) is cast(ReadyGuest, maker.made[1])
    assert maker.made[0].closed
    await pool.close()
    maker.failing = True
    pool.fill(_HTML)
    await pool.ready()
    maker.failing = False
    assert (await pool.take(_HTML)).closed is False  # type: ignore[attr-defined]  # it is one of ours
    await pool.close()


async def test_what_waits_is_warm_and_ends_should_its_pool_end_before() -> None:
    maker = Maker()
    pool = Pool(maker, 1)
    pool.fill(_HTML)
    await pool.ready()
    assert maker.made[0].warm
    await pool.close()

    pool.fill(_HTML)
    while len(maker.made) < 2:  # noqa: ASYNC110 - it is made in turns of the loop
        await asyncio.sleep(0)
    assert not maker.made[1].warm
    await pool.close()
    assert maker.made[1].closed

"""A run of many battles under trouble of all kinds: complete, with the same verdicts, and nothing paid twice."""

from __future__ import annotations

import asyncio
import itertools
import random
import threading
from pathlib import Path
from typing import Any

import pytest

from agent_judge.errors import JudgeError
from agent_judge.judge.asker import purchase
from agent_judge.judge.budget import Pace
from agent_judge.judge.records import Records
from agent_judge.schema import Verdict, digest_of
from tests.judge.conftest import TASK, Serve, claude
from tests.judge.messages_server import Answer, Drop, Fail, Hang, Say
from tests.judge.voters import fair, of_quality

BATTLES = list(itertools.islice(itertools.combinations(range(21), 2), 200))
SOON = {"retry-after-ms": "1"}
UNPAID: tuple[Answer, ...] = (
    Fail(429, "rate_limit_error", "slow down", SOON),
    Fail(529, "overloaded_error", "Overloaded", SOON),
    Fail(500, headers=SOON),
    Drop(),
    Hang(30),
)
PAID: tuple[Answer, ...] = (
    Say("I will not", stop="refusal"),
    Say('{"findings"', stop="max_tokens"),
    Say("The first."),
    Say("{}"),
)


class Troubled:
    """A fair model that fails on one request in five, never twice in a row on the same one."""

    def __init__(self) -> None:
        self.chance = random.Random(7)
        self.failed: set[str] = set()
        self.unpaid = self.paid = 0
        self.lock = threading.Lock()

    def __call__(self, body: dict[str, Any]) -> Answer:
        name = digest_of(body["messages"])
        with self.lock:
            if name in self.failed or self.chance.random() > 0.2:
                self.failed.discard(name)
                return fair(body)
            self.failed.add(name)
            if self.chance.random() < 0.5:
                self.unpaid += 1
                return self.chance.choice(UNPAID)
            self.paid += 1
            return self.chance.choice(PAID)


async def fight(folder: Path | None = None, patience: float = 60) -> list[Verdict | BaseException]:
    pages = [of_quality(i) for i in range(21)]
    judge = claude(shared=purchase(Records(folder), pace=Pace(at_once=16)))
    transport: Any = judge.asker.transport
    transport.client = transport.client.with_options(timeout=patience)
    return await asyncio.gather(*(judge.judge(TASK, pages[a], pages[b]) for a, b in BATTLES), return_exceptions=True)


def decisions(outcomes: list[Verdict | BaseException]) -> list[object]:
    return [(o.winner, o.confidence, o.claims) if isinstance(o, Verdict) else repr(o) for o in outcomes]


async def test_trouble_of_all_kinds_changes_no_verdict_and_nothing_is_paid_twice(serve: Serve, tmp_path: Path) -> None:
    serve(fair)
    undisturbed = await fight()
    assert all(isinstance(outcome, Verdict) for outcome in undisturbed)
    troubled = Troubled()
    server = serve(troubled)
    assert decisions(await fight(tmp_path, patience=15)) == decisions(undisturbed)
    assert min(troubled.unpaid, troubled.paid) > 20
    assert len(server.received) == 2 * len(BATTLES) + troubled.unpaid + troubled.paid
    assert len(server.answered) == 2 * len(BATTLES) + troubled.paid
    asked = len(server.received)
    assert decisions(await fight(tmp_path)) == decisions(undisturbed)
    assert len(server.received) == asked


async def test_what_stays_without_an_answer_is_told_and_asked_for_again_later(serve: Serve, tmp_path: Path) -> None:
    def script(body: dict[str, Any]) -> Answer:
        return Say("no ballot") if "quality 20" in str(body["messages"]) else fair(body)

    server = serve(script)
    outcomes = await fight(tmp_path)
    missing = [pair for pair, outcome in zip(BATTLES, outcomes, strict=True) if isinstance(outcome, JudgeError)]
    assert missing == [pair for pair in BATTLES if 20 in pair]
    server.script, server.received[:] = fair, []
    assert all(isinstance(outcome, Verdict) for outcome in await fight(tmp_path))
    assert len(server.received) == 2 * len(missing)


@pytest.mark.parametrize("battles", [200])
def test_there_are_enough_battles(battles: int) -> None:
    assert len(BATTLES) == battles

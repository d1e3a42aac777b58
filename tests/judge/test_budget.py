from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from agent_judge.errors import BadInput, JudgeError
from agent_judge.judge.asker import purchase
from agent_judge.judge.budget import Budget, Pace
from agent_judge.judge.model_judge import Sight
from agent_judge.judge.records import Records
from tests.judge.conftest import TASK, Serve, claude
from tests.judge.voters import fair, of_quality, pictured


async def test_what_it_costs_is_told(serve: Serve) -> None:
    serve(fair)
    shared = purchase(budget=Budget(most=100))
    verdict = await claude(shared=shared).judge(TASK, of_quality(9), of_quality(2))
    cost = verdict.cost
    assert cost.usd is not None
    assert cost.usd == pytest.approx(sum(vote.cost.usd or 0 for vote in verdict.votes))
    at_most = (cost.input_tokens * 2.5 + cost.cached_tokens * 0.1 + cost.output_tokens * 10) / 1e6
    assert 0 < cost.usd <= at_most
    assert shared.budget.spent.usd == pytest.approx(cost.usd)


async def test_a_limit_of_money_is_never_passed(serve: Serve) -> None:
    server = serve(fair)
    budget = Budget(most=0.5)
    judge = claude(shared=purchase(budget=budget))
    pages = [of_quality(i) for i in range(8)]
    battles = [judge.judge(TASK, a, b) for a in pages for b in pages if a.key < b.key]
    outcomes = await asyncio.gather(*battles, return_exceptions=True)
    refused = [o for o in outcomes if isinstance(o, JudgeError)]
    assert refused
    assert "limit of 0.5 US dollars" in str(refused[0])
    assert 0 < (budget.spent.usd or 0) <= 0.5
    assert len(server.received) < 2 * len(battles)


@pytest.mark.parametrize("amount", [0, -1, float("nan")])
def test_a_budget_of_nothing_is_told(amount: float) -> None:
    with pytest.raises(BadInput, match="--max-cost"):
        Budget(amount)


async def test_a_limit_of_money_needs_a_price(serve: Serve) -> None:
    serve(fair)
    with pytest.raises(BadInput, match="price of claude-9 is not known"):
        await claude("claude:claude-9", shared=purchase(budget=Budget(1))).judge(TASK, of_quality(1), of_quality(2))


async def test_a_dry_run_says_what_would_be_sent_and_sends_nothing(serve: Serve, tmp_path: Path) -> None:
    server = serve(fair)
    good = pictured(of_quality(9), tmp_path)
    judge = claude(sight=Sight(evidence_root=tmp_path), shared=purchase(Records(tmp_path / "records")))
    estimate = judge.estimate(TASK, good, of_quality(2))
    assert server.received == []
    assert estimate.requests == 2
    assert estimate.usd_at_most is not None
    assert estimate.usd_expected is not None
    verdict = await judge.judge(TASK, good, of_quality(2))
    assert 0 < estimate.usd_expected <= estimate.usd_at_most
    assert (verdict.cost.usd or 0) < estimate.usd_at_most
    assert judge.estimate(TASK, good, of_quality(2)).requests == 0


async def test_no_more_than_so_many_at_once(serve: Serve) -> None:
    server = serve(fair)
    judge = claude(shared=purchase(pace=Pace(at_once=3)))
    await asyncio.gather(*(judge.judge(TASK, of_quality(i), of_quality(i + 1)) for i in range(8)))
    assert server.most_at_once <= 3


async def test_no_more_than_so_many_tokens_in_a_minute() -> None:
    pace = Pace(tokens_per_minute=100)
    async with pace.keep(60), pace.keep(40):
        pass
    waiting = asyncio.create_task(pace.keep(1).__aenter__())
    done, _ = await asyncio.wait([waiting], timeout=0.05)
    assert not done
    waiting.cancel()


async def test_a_request_larger_than_the_limit_goes_alone() -> None:
    async with Pace(tokens_per_minute=100).keep(5000):
        pass

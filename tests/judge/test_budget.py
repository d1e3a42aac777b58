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


async def test_a_limit_of_money_is_never_passed_and_all_of_it_is_used(serve: Serve) -> None:
    server = serve(fair)
    budget = Budget(most=0.25)
    judge = claude(shared=purchase(budget=budget))
    pages = [of_quality(i) for i in range(12)]
    battles = [judge.judge(TASK, a, b) for a in pages for b in pages if a.key < b.key]
    outcomes = await asyncio.gather(*battles, return_exceptions=True)
    refused = [o for o in outcomes if isinstance(o, JudgeError)]
    assert refused
    assert "limit of 0.25 US dollars" in str(refused[0])
    at_most = judge.estimate(TASK, pages[0], pages[1]).usd_at_most
    assert at_most is not None
    # It goes on for as long as one more request (half of a battle), whatever it may cost, is within the limit.
    assert 0.25 - at_most / 2 < (budget.spent.usd or 0) <= 0.25
    assert len(server.received) < 2 * len(battles)


async def test_what_was_spent_before_a_restart_counts(serve: Serve, tmp_path: Path) -> None:
    serve(fair)
    ledger = tmp_path / "spent.jsonl"
    first = Budget(most=1, ledger=ledger)
    await claude(shared=purchase(budget=first)).judge(TASK, of_quality(9), of_quality(2))
    spent = first.spent.usd or 0
    with ledger.open("a") as torn:
        torn.write('{"input_tok')  # it was killed while it wrote
    again = Budget(most=1 + spent / 2, ledger=ledger)
    async with again.reserve(1 - spent, "m"):
        pass
    with pytest.raises(JudgeError, match="it could pass the limit"):
        async with again.reserve(1, "m"):
            pass
    again.pay(first.spent)
    assert len(ledger.read_text().splitlines()) == 3
    with pytest.raises(JudgeError, match="it could pass the limit"):
        async with Budget(most=1, ledger=ledger).reserve(1 - spent, "m"):
            pass


def test_a_damaged_ledger_is_told(tmp_path: Path) -> None:
    (tmp_path / "spent.jsonl").write_text("{}\nthree dollars\n")
    with pytest.raises(BadInput, match=r"spent\.jsonl: not a record of what was paid"):
        Budget(most=1, ledger=tmp_path / "spent.jsonl")


@pytest.mark.parametrize("amount", [0, -1, float("nan")])
def test_a_budget_of_nothing_is_told(amount: float) -> None:
    with pytest.raises(BadInput, match="--max-cost"):
        Budget(amount)


@pytest.mark.parametrize("name", ["claude:claude-9", "openai:local@http://localhost:1/v1"])
def test_a_limit_of_money_needs_a_price_which_is_told_before_anything_is_used(serve: Serve, name: str) -> None:
    serve(fair)
    with pytest.raises(BadInput, match=r"--max-cost: the price of \S+ is not known"):
        claude(name, shared=purchase(budget=Budget(1)))
    assert claude(name, shared=purchase(budget=Budget(1), replay=True)).name == name


def test_what_a_prompt_may_cost_at_most_holds_for_every_script(serve: Serve) -> None:
    serve(fair)
    judge = claude()

    def at_most(text: str) -> float:
        task = TASK.model_copy(update={"instruction": text})
        most = judge.estimate(task, of_quality(1), of_quality(2)).usd_at_most
        return most or 0.0

    # A character of Chinese may take a token for each of its three bytes; both orders write the cache.
    assert at_most("買" * 10_000) - at_most("") > 2 * 3 * 10_000 * 2.5e-6 * 0.99
    assert 2 * 10_000 / 3 * 2.5e-6 < at_most("a" * 10_000) - at_most("") < 2 * 10_000 * 2.5e-6


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


async def test_what_the_cache_held_does_not_count_and_the_lowest_limit_holds() -> None:
    pace = Pace()
    pace.learn(None)
    async with pace.keep(90) as sending:
        sending.tokens = 10
        pace.learn(200)
        pace.learn(100)
    async with pace.keep(90):
        pass
    waiting = asyncio.create_task(pace.keep(1).__aenter__())
    done, _ = await asyncio.wait([waiting], timeout=0.05)
    assert not done
    waiting.cancel()


async def test_the_limit_of_the_account_is_learnt_from_its_answers(serve: Serve) -> None:
    serve(fair).limits = {"anthropic-ratelimit-input-tokens-limit": "400000"}
    judge = claude()
    await judge.judge(TASK, of_quality(9), of_quality(2))
    assert judge.asker.shared.pace.tokens_per_minute == 400_000


async def test_a_request_larger_than_the_limit_goes_alone() -> None:
    async with Pace(tokens_per_minute=100).keep(5000):
        pass

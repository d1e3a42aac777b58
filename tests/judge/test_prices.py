from __future__ import annotations

from pathlib import Path

import pytest

from agent_judge.errors import BadInput
from agent_judge.judge.prices import Usage, dollars, load_prices
from agent_judge.judge.registry import CLAUDE
from agent_judge.schema import Cost
from agent_judge.schema.cost import together

MILLION = 1_000_000
PRICES = load_prices()


def test_every_kind_of_token_has_its_price() -> None:
    usage = Usage(input=MILLION, cache_write=MILLION, cached=MILLION, output=MILLION)
    assert dollars(PRICES, "claude-opus-5-5", usage) == pytest.approx(4 + 5 + 0.2 + 20)
    assert dollars(PRICES, "claude-opus-5-5", usage, batch=True) == pytest.approx((4 + 5 + 0.2 + 20) / 2)


def test_a_long_prompt_costs_more_for_all_its_tokens() -> None:
    short, long = Usage(input=100_000, output=1000), Usage(input=50_000, cached=50_001, output=1000)
    assert dollars(PRICES, "claude-haiku-5-5", short) == pytest.approx(0.01 + 0.0005)
    assert dollars(PRICES, "claude-haiku-5-5", long) == pytest.approx(
        (50_000 * 0.5 + 50_001 * 0.05 + 1000 * 2.5) / MILLION
    )


def test_a_name_with_a_date_costs_what_the_name_does() -> None:
    assert PRICES.of("claude-haiku-4-5-20251001") == PRICES.of("claude-haiku-4-5")


@pytest.mark.parametrize("model", ["claude-9", "claude-9-20300101", "local", ""])
def test_the_price_of_an_unknown_model_is_unknown(model: str) -> None:
    assert dollars(PRICES, model, Usage(input=1)) is None


def test_the_usual_model_has_a_price_and_the_list_has_a_date() -> None:
    assert PRICES.of(CLAUDE) is not None
    assert PRICES.date.year >= 2026


def test_costs_add_up_and_what_is_unknown_stays_unknown() -> None:
    known, unknown = Cost(input_tokens=1, output_tokens=2, usd=0.5, seconds=1), Cost(cached_tokens=3, seconds=2)
    assert together((known, known)) == Cost(input_tokens=2, output_tokens=4, usd=1.0, seconds=2)
    assert together((known, unknown)).usd is None
    assert together((known, unknown)).cached_tokens == 3
    nothing_asked = Cost(seconds=1)
    assert together((known, nothing_asked)).usd == 0.5


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("date = ", "cannot read the prices"),
        ("batch = 0.5", "date: Field required"),
        ("date = 2026-01-01\nbatch = 0.5\n[models.x]\ninput = -1", r"models\.x\.input"),
    ],
)
def test_a_wrong_price_list_is_told(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "p.toml").write_text(text)
    with pytest.raises(BadInput, match=message):
        load_prices(tmp_path / "p.toml")

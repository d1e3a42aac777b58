"""Expectations are checked by meaning."""

from __future__ import annotations

from typing import Any

import pytest

from agent_judge.drive.amounts import amounts_in
from agent_judge.drive.expect import Scene, check
from agent_judge.drive.ground import Grounder
from agent_judge.drive.observe import View
from agent_judge.protocols import PageLog
from agent_judge.schema import ConsoleMessage, Expectation

SNAPSHOT = """
- generic [ref=e1] [box=0,0,800,600]:
  - heading "Basket" [level=1] [ref=e2] [box=0,0,800,30]
  - list [ref=e3] [box=0,30,800,60]:
    - listitem [ref=e4] [box=0,30,800,30]:
      - checkbox [checked] [ref=e5] [box=0,30,20,20]
      - text: Buy milk
    - listitem [ref=e6] [box=0,60,800,30]:
      - checkbox [ref=e7] [box=0,60,20,20]
      - text: Call Ann
  - textbox "Name" [ref=e8] [box=0,100,100,20]: Ada Stone
  - combobox "Size" [ref=e9] [box=0,120,100,20]:
    - option "Small" [box=0,0,0,0]
    - option "Large" [selected] [box=0,0,0,0]
  - button "Mute" [pressed] [ref=e10] [box=0,140,100,20]
  - status [ref=e11] [box=0,160,100,20]: "Total: $1,234.50"
"""
AFTER = View(
    "http://localhost/shop#paid",
    "Shop",
    "BASKET\nBuy milk\nCall Ann\nTotal: $1,234.50\nShipping: $5.00\n2,000 points",
    SNAPSHOT,
)
BEFORE = View("http://localhost/shop", "Shop", "Basket", "- heading")

HOLDS: list[dict[str, Any]] = [
    {"text": "buy   MILK"},
    {"text": "Ada Stone"},
    {"text": "Shipping: $5"},
    {"text": "Really?"},
    {"no_text": "Feed the cat"},
    {"role": "heading", "name": "Basket"},
    {"no_element": {"role": "button", "name": "Pay"}},
    {"role": "listitem", "count": 2},
    {"count": {"role": "listitem", "text": "milk", "at_least": 1, "at_most": 1}},
    {"label": "Name", "value": "ada stone"},
    {"value": {"label": "Name", "contains": "Stone"}},
    {"value": {"role": "status", "number": 1234.5}},
    {"value": {"role": "status", "number": 1234, "tolerance": 0.6}},
    {"label": "Size", "value": "Large"},
    {"checked": {"role": "checkbox", "near": "Buy milk"}},
    {"unchecked": {"role": "checkbox", "near": "Call Ann"}},
    {"checked": {"role": "switch", "name": "Mute"}},
    {"url": "#paid"},
    {"changed": True},
]
FAILS: list[dict[str, Any]] = [
    {"text": "Total: $1,234.5"},
    {"text": "Shipping: $50"},
    {"text": "2"},
    {"text": "Total: $1,234"},
    {"no_text": "call ann"},
    {"role": "heading", "name": "Checkout"},
    {"no_element": {"role": "heading", "name": "Basket"}},
    {"role": "listitem", "count": 3},
    {"label": "Name", "value": "Ada"},
    {"value": {"role": "status", "number": 1234}},
    {"checked": {"role": "checkbox", "near": "Call Ann"}},
    {"unchecked": {"role": "checkbox", "near": "Buy milk"}},
    {"url": "#cart"},
    {"changed": False},
    {"no_errors": True},
]


def result(expectation: dict[str, Any]) -> tuple[bool, str]:
    log = PageLog(console=[ConsoleMessage(level="error", text="boom")], dialogs=["Really?"])
    grounder = Grounder(None)  # type: ignore[arg-type] # expectations only read
    found = check(Expectation.model_validate(expectation), Scene(BEFORE, AFTER, log), grounder)
    return found.held, found.seen


@pytest.mark.parametrize("expectation", HOLDS, ids=str)
def test_holds(expectation: dict[str, Any]) -> None:
    assert result(expectation) == (True, "")


@pytest.mark.parametrize("expectation", FAILS, ids=str)
def test_fails_and_says_what_is_there(expectation: dict[str, Any]) -> None:
    held, seen = result(expectation)
    assert not held
    assert seen


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("$1,234.50", 1234.5), ("1.234,50 €", 1234.5), ("−3", -3), ("about 7.", 7), ("1 234", 1234), ("0,5", 0.5),
        ("12'000", 12000), ("1,000,000", 1_000_000), ("-$4.20", -4.2), ("= .5", 0.5), ("1.5e+21", 1.5e21), ("9-3", 3),
    ],
)  # fmt: skip
def test_numbers_are_read_however_they_are_written(text: str, number: float) -> None:
    assert any(number in amount.readings for amount in amounts_in(text))


def test_numbers_that_stand_side_by_side_are_several() -> None:
    assert [amount.readings for amount in amounts_in("1, 2, 3 4 of 2026-03-14")] == [
        *((number,) for number in (1, 2, 3, 4, 2026, 3, 14))
    ]


def value_holds(before: str, after: str, **expected: Any) -> bool:
    old, new = (View("u", "t", text, f"- main [ref=e1]:\n{text}") for text in (before, after))
    expectation = Expectation.model_validate({"value": {"role": "status", **expected}})
    grounder = Grounder(None)  # type: ignore[arg-type] # expectations only read
    return check(expectation, Scene(old, new, PageLog()), grounder).held


def status(text: str) -> str:
    return f'  - status [ref=e2]: "{text}"'


@pytest.mark.parametrize(
    ("before", "after", "expected", "held"),
    [
        ("", "7 + 8 = 15", {"number": 15}, True),
        ("", "7 + 8 = 99", {"number": 8}, False),
        ("2 items for $20", "3 items for $25", {"number": 20}, False),
        ("2 items for $20", "3 items for $20", {"number": 3}, True),
        ("1 of 5 done", "2 of 5 done", {"number": 5}, False),
        ("Page 1 of 5", "Page 1 of 5", {"number": 5}, True),
        ("", "Subtotal: $12 Total: $10", {"number": 12, "near": "Total"}, False),
        ("", "Subtotal $12 Total $10", {"number": 10, "near": "Total"}, True),
        ("", "3 items left, 2 done", {"number": 3, "near": "items left"}, True),
        ("", "3 items left, 2 done", {"number": 2, "near": "items left"}, False),
        ("", "3 left 2 done", {"number": 2, "near": "left"}, False),
        ("NaN", "NaN", {"number": 0}, False),
    ],
)
def test_a_number_is_the_one_that_is_spoken_of(before: str, after: str, expected: dict[str, Any], held: bool) -> None:
    assert value_holds(status(before), status(after), **expected) is held


def test_a_caption_speaks_of_the_number_beside_it() -> None:
    bill = """  - generic [ref=e3]:
    - text: Tax
    - text: "$2"
  - generic [ref=e4]:
    - generic [ref=e5]: Total
    - text: "$12"
"""
    assert value_holds(bill, bill, role="", text="Total", number=12)
    assert not value_holds(bill, bill, role="", text="Total", number=2)

"""Expectations are checked by meaning."""

from __future__ import annotations

from typing import Any

import pytest

from agent_judge.drive.expect import Scene, check, numbers_in
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
AFTER = View("http://localhost/shop#paid", "Shop", "BASKET\nBuy milk\nCall Ann\nTotal: $1,234.50", SNAPSHOT)
BEFORE = View("http://localhost/shop", "Shop", "Basket", "- heading")

HOLDS: list[dict[str, Any]] = [
    {"text": "buy   MILK"},
    {"text": "Ada Stone"},
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
        ("12'000", 12000), ("1,000,000", 1_000_000),
    ],
)  # fmt: skip
def test_numbers_are_read_however_they_are_written(text: str, number: float) -> None:
    assert number in numbers_in(text)

"""What the other steps of a scenario tell about the element of one."""

from __future__ import annotations

from typing import Any, cast

import pytest
from playwright.async_api import Page

from agent_judge.drive.candidates import snapshot_candidates
from agent_judge.drive.ground import Grounder, NotFound
from agent_judge.drive.ground_scenario import meant, plan_of
from agent_judge.drive.snapshot import parse_snapshot
from agent_judge.schema import Step

WHAT_FOR = {"do": "fill", "intent": "enter what the money was spent on", "value": "Pizza"}
SPENT = [
    {**WHAT_FOR, "target": {"role": "textbox", "name": "What for?"}},
    {
        "do": "fill", "intent": "enter the amount of the expense", "value": "12",
        "target": {"role": "textbox", "name": "Amount"},
    },
    {"do": "click", "intent": "add the expense", "target": {"role": "button", "name": "Add"}},
    {
        "do": "fill", "intent": "enter the new amount", "value": "15",
        "target": {"role": "textbox", "selectors": ["li input"]},
    },
]  # fmt: skip


def choose(
    page: str, steps: list[dict[str, Any]], number: int, *, entered: tuple[str, ...] = (), plan: bool = True
) -> str:
    """The ref of the element that is chosen for a step, empty where none is."""
    scenario = [Step.model_validate(step) for step in steps]
    grounder = Grounder(cast("Page", None))
    grounder.memory.entered = list(entered)
    if plan:
        grounder.memory.plan = plan_of(scenario)
    choice = grounder.choose(snapshot_candidates(parse_snapshot(page)), meant(scenario[number]))
    return "" if isinstance(choice, NotFound) else choice.candidate.ref


def test_what_fits_another_step_better_is_not_this_steps() -> None:
    page = """
- generic [ref=e1]:
  - textbox "Sum of money" [ref=e2]
  - textbox "Remember it by" [ref=e3]
"""
    assert choose(page, SPENT, 0, plan=False) == "e2"
    assert choose(page, SPENT, 0) == "e3"
    assert choose(page, SPENT, 1) == "e2"


def test_the_field_after_the_one_that_was_filled_last_comes_next() -> None:
    page = """
- generic [ref=e1]:
  - textbox [ref=e2]: Pizza
  - textbox [ref=e3]
  - textbox [ref=e4]
"""
    assert choose(page, SPENT, 1, entered=("Pizza",), plan=False) == ""
    assert choose(page, SPENT, 1, entered=("Pizza",)) == "e3"


def test_a_field_is_changed_that_holds_what_a_step_about_the_same_entered() -> None:
    page = """
- generic [ref=e1]:
  - textbox [ref=e2]: Pizza
  - textbox [ref=e3]: "12.00"
  - button "Save" [ref=e4]
"""
    assert choose(page, SPENT, 3, entered=("Pizza", "12")) == "e3"


def test_a_field_with_its_own_label_beside_it_is_found_by_that_label() -> None:
    steps = [
        {
            "do": "fill", "intent": "enter the name of the new contact", "value": "Ada",
            "target": {"role": "textbox", "name": "Name", "label": "Name", "near": "Name"},
        }
    ]  # fmt: skip
    page = """
- generic [ref=e1]:
  - textbox "Full name" [ref=e2]
  - textbox "Phone" [ref=e3]
"""
    assert choose(page, steps, 0) == "e2"


@pytest.mark.parametrize(("intent", "wanted"), [("add the expense", ""), ("make the number larger", "e4")])
def test_the_arrows_of_a_number_add_nothing(intent: str, wanted: str) -> None:
    steps = [{"do": "click", "intent": intent, "target": {"role": "button", "name": "Add expense"}}]
    page = """
- generic [ref=e1]:
  - generic [ref=e2]:
    - spinbutton "Amount" [ref=e3]
    - button "Increment number" [ref=e4]
  - button "Close" [ref=e5]
"""
    assert choose(page, steps, 0) == wanted


@pytest.mark.parametrize(("after", "several"), [("", True), ("    - text: Kinds\n", False)])
def test_a_row_of_signs_of_one_size_is_no_single_control(after: str, several: bool) -> None:
    signs = "".join(f"    - img [ref=e{n}] [box={n * 30},0,24,24]\n" for n in (3, 4, 5))
    page = f"- generic [ref=e1]:\n  - generic [ref=e2] [cursor=pointer] [box=0,0,200,24]:\n{signs}{after}"
    row = next(one for one in snapshot_candidates(parse_snapshot(page)) if one.ref == "e2")
    assert row.holds_controls is several

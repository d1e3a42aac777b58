"""A step that describes an entry of a list in words of its own finds it."""

from __future__ import annotations

import pytest

from agent_judge.drive.described import described
from agent_judge.drive.entries import entry_meant
from agent_judge.drive.ground_memory import Memory
from agent_judge.drive.ground_scenario import meant
from agent_judge.drive.lists import entry_of
from agent_judge.drive.snapshot import Node, parse_snapshot
from agent_judge.schema import Step

INBOX = """
- main [ref=e1]:
  - heading "Inbox" [ref=e2]
  - button "Delivery report" [ref=e3]
  - list [ref=e4]:
    - listitem [ref=e5]:
      - button "Wrong amount on invoice 4021" [ref=e6]
      - button "Archive" [ref=e7]
      - button "Delete" [ref=e8]
    - listitem [ref=e9]:
      - button "Change of delivery address" [ref=e10]
      - button "Archive" [ref=e11]
      - button "Delete" [ref=e12]
    - listitem [ref=e13]:
      - button "Weekly offers for your office" [ref=e14]
      - button "Archive" [ref=e15]
      - button "Delete" [ref=e16]
"""


def page() -> Node:
    return parse_snapshot(INBOX)


@pytest.mark.parametrize(
    ("intent", "words"),
    [
        ("archive the message about the delivery address", "delivery address"),
        ("delete the message with the weekly offers", "weekly offers"),
        ("open the one about invoice 4021", "invoice 4021"),
        ("archive every message", ""),
        ("delete the message", ""),
        ("archive the message about holidays", ""),
        ("send a report", ""),
    ],
)
def test_an_entry_is_told_by_words_that_no_other_has(intent: str, words: str) -> None:
    assert described(page(), intent) == words


def test_a_word_that_two_entries_have_tells_none() -> None:
    twice = INBOX.replace("Weekly offers for your office", "Another delivery address")
    assert described(parse_snapshot(twice), "archive the message about the delivery address") == ""


def test_a_step_is_about_the_entry_that_it_describes_whatever_stood_there_when_it_was_recorded() -> None:
    step = Step.model_validate(
        {
            "do": "click",
            "intent": "archive the message about the delivery address",
            "target": {"role": "menuitem", "name": "Archive", "near": "Open"},
        }
    )
    about = entry_meant(Memory(), meant(step), page())
    assert (about.text, about.sure) == ("delivery address", True)


def test_a_control_beside_others_is_part_of_the_entry_around_it() -> None:
    title = next(node for node in page().walk() if node.name == "Change of delivery address")
    entry = entry_of(title)
    assert entry is not None
    assert entry.ref == "e9"


def test_a_card_that_can_be_clicked_is_an_entry_itself() -> None:
    board = """
- generic [ref=e1]:
  - generic [ref=e2]:
    - listitem [ref=e3] [cursor=pointer]: Buy milk
    - listitem [ref=e4] [cursor=pointer]: Call Ann
  - generic [ref=e5]:
    - listitem [ref=e6] [cursor=pointer]: Pay rent
    - listitem [ref=e7] [cursor=pointer]: Walk the dog
"""
    card = next(node for node in parse_snapshot(board).walk() if node.ref == "e3")
    assert entry_of(card) is card


def test_parts_that_are_built_otherwise_are_no_list() -> None:
    sections = """
- generic [ref=e1]:
  - generic [ref=e2]:
    - heading "Monthly report" [ref=e3]
    - button "Export" [ref=e4]
    - button "Print" [ref=e5]
  - generic [ref=e6]:
    - heading "Remarks" [ref=e7]
    - textbox "Remark" [ref=e8]
    - checkbox "Urgent" [ref=e9]
"""
    assert described(parse_snapshot(sections), "send a remark about the monthly report") == ""


@pytest.mark.parametrize("name", ["John's birthday", "Cross-border invoice"])
def test_signs_within_words_do_not_hide_an_entry(name: str) -> None:
    page = parse_snapshot(INBOX.replace("Change of delivery address", name))
    assert described(page, f"archive the message about {name.lower()}") == name.lower()


def test_an_entry_is_described_in_any_language() -> None:
    page = parse_snapshot(INBOX.replace("Change of delivery address", "Új szarvas"))
    assert described(page, "archiváld a szarvas üzenetet") == "szarvas"


@pytest.mark.parametrize(
    "step",
    [
        {"do": "fill", "value": "x", "intent": "note the delivery address"},
        {"do": "click", "intent": "show only what has a delivery address"},
        {
            "do": "drag",
            "at": {"x": 0.1, "y": 0.1},
            "to_at": {"x": 0.9, "y": 0.9},
            "intent": "draw the delivery address",
        },
    ],
)
def test_what_is_entered_shown_or_drawn_is_no_entry(step: dict[str, object]) -> None:
    role = "canvas" if step["do"] == "drag" else "textbox"
    wanted = meant(Step.model_validate({**step, "target": {"role": role}}))
    assert entry_meant(Memory(), wanted, page()).text == ""

"""What is new on a page since the step before."""

from __future__ import annotations

from agent_judge.drive.novelty import Look, Looks
from agent_judge.drive.observe import View
from agent_judge.drive.snapshot import Node

LIST = """- heading "Songs"
- list:
  - listitem:
    - text: Iron Bridge
    - button [ref=e1]
  - listitem:
    - text: Blue Harbour
    - button [ref=e2]
- button "Clear" [ref=e3]"""
ASKED = f"""{LIST}
- text: All of them?
- button "Yes" [ref=e4]
- button "No" [ref=e5]"""
LONGER = LIST.replace(
    '- button "Clear"',
    """  - listitem:
    - text: Night Train
    - button [ref=e6]
- button "Clear\"""",
)
OTHER = """- heading "Thanks"
- button "Home" [ref=e7]"""


def look(before: str, now: str) -> tuple[Look, dict[str, Node]]:
    found = Look(view(now), Look(view(before)))
    return found, {node.ref: node for node in found.view.tree.walk() if node.ref}


def view(snapshot: str) -> View:
    return View("", "", "", snapshot)


def test_what_a_step_opened_is_new() -> None:
    found, parts = look(LIST, ASKED)

    assert found.tells
    assert {ref: found.new(node) for ref, node in parts.items()} == {"e1": 0, "e2": 0, "e3": 0, "e4": 1, "e5": 1}


def test_what_has_no_name_is_told_by_what_stands_around_it() -> None:
    found, parts = look(LIST, LONGER)

    assert {ref: found.new(node) for ref, node in parts.items()} == {"e1": 0, "e2": 0, "e3": 0, "e6": 1}


def test_the_same_page_and_another_page_tell_nothing() -> None:
    assert not look(LIST, LIST)[0].tells
    assert not look(LIST, OTHER)[0].tells
    assert not Look(view(LIST)).tells


FILLED = """- textbox "Title" [ref=e1]: {title}
- text: "{count} of 9"
- button [ref=e2] [cursor=pointer]
- button "Save" [ref=e3]"""


def test_what_is_entered_or_counted_makes_nothing_new() -> None:
    before, now = FILLED.format(title="", count=1), FILLED.format(title="Soup", count=2)

    assert not look(before, now)[0].tells


def test_a_step_that_looks_again_is_still_after_the_one_before() -> None:
    looks = Looks()
    looks.begin("click", view(LIST))
    looks.begin("click", view(ASKED))

    for _ in range(2):
        assert looks.at(view(ASKED)).tells
    assert looks.did == "click"


def test_two_equal_steps_are_two() -> None:
    looks = Looks()
    for page in (LIST, ASKED, ASKED):
        looks.begin("click", view(page))

    assert not looks.at(view(ASKED)).tells


def test_waiting_and_scrolling_lead_to_nothing_new() -> None:
    looks = Looks()
    looks.begin("click", view(LIST))
    for do in ("wait", "scroll", "click"):
        looks.begin(do, view(ASKED))

    assert looks.at(view(ASKED)).tells


def test_another_address_has_no_past() -> None:
    looks = Looks()
    looks.begin("goto", view(LIST))
    looks.begin("click", view(ASKED))

    assert not looks.at(view(ASKED)).tells

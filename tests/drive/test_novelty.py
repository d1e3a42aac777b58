"""What is new on a page since the step before."""

from __future__ import annotations

from agent_judge.drive.novelty import Look, Looks
from agent_judge.drive.snapshot import Node, parse_snapshot
from agent_judge.schema import Step

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
    found = Look(parse_snapshot(now), Look(parse_snapshot(before)))
    return found, {node.ref: node for node in found.root.walk() if node.ref}


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
    assert not Look(parse_snapshot(LIST)).tells


def test_a_step_that_looks_again_is_still_after_the_one_before() -> None:
    first = Step.model_validate({"do": "click", "target": {"name": "Clear"}})
    second = Step.model_validate({"do": "click", "target": {"name": "Yes"}})
    looks = Looks()

    assert looks.at(first, parse_snapshot(LIST))[1] == ""
    for page in (LIST, ASKED):
        found, before = looks.at(second, parse_snapshot(page))

    assert before == "click"
    assert found.tells

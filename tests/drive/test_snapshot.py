"""What Playwright writes is read back as it was meant."""

from __future__ import annotations

from agent_judge.drive.snapshot import Rect, parse_snapshot, snapshot_lines

SNAPSHOT = r"""
- generic [active] [ref=e1] [box=8,8,1264,784]:
  - 'heading "Todo: list \"x\"" [level=1] [ref=e2] [box=8,8,1264,37]'
  - textbox "Name" [ref=e5] [box=50,66,177,21]:
    - /placeholder: "What: needs"
    - text: Ann
  - spinbutton "Age" [ref=e6] [box=227,66,177,21]: "3"
  - listitem [ref=e9] [box=48,103,1224,22]:
    - checkbox [checked] [ref=e10] [box=52,106,13,13]
    - text: Buy milk
    - button "✕" [disabled] [ref=e11] [cursor=pointer] [box=136,104,27,21]
  - iframe [ref=e22] [box=100,200,304,154]:
    - button "In [frame]" [ref=f1e2] [box=8,8,65,21]
  - paragraph [ref=e23] [box=8,430,1264,18]: "para: \"quoted\" - thing # hash"
"""


def test_nodes_have_role_name_state_box_and_text() -> None:
    nodes = {node.ref: node for node in parse_snapshot(SNAPSHOT).walk()}
    assert (nodes["e2"].role, nodes["e2"].name, nodes["e2"].states) == ("heading", 'Todo: list "x"', {"level": "1"})
    assert (nodes["e5"].placeholder, nodes["e5"].own_text) == ("What: needs", "Ann")
    assert nodes["e6"].own_text == "3"
    assert nodes["e10"].states == {"checked": "true"}
    assert nodes["e11"].states == {"disabled": "true", "cursor": "pointer"}
    assert nodes["e11"].parent is nodes["e9"]
    assert nodes["e9"].text == "Buy milk ✕"
    assert nodes["e9"].rect == Rect(48, 103, 1224, 22)
    assert nodes["e23"].text == 'para: "quoted" - thing # hash'


def test_what_lies_in_a_frame_is_placed_on_the_page() -> None:
    framed = next(node for node in parse_snapshot(SNAPSHOT).walk() if node.ref == "f1e2")
    assert (framed.name, framed.rect) == ("In [frame]", Rect(108, 208, 65, 21))


def test_lines_do_not_tell_what_differs_between_two_looks() -> None:
    assert '- button "✕" [disabled]' in snapshot_lines(SNAPSHOT)


def test_nothing_is_an_empty_tree() -> None:
    assert parse_snapshot("").children == []

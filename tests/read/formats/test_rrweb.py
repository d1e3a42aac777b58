"""What rrweb recorded on a page becomes a Scenario."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from agent_judge.errors import BadInput
from agent_judge.read.formats.rrweb import scenario_from_rrweb

DATA = Path(__file__).parents[1] / "data" / "rrweb"


def recorded(name: str) -> str:
    return (DATA / name).read_text(encoding="utf-8")


def words(steps: Any) -> list[tuple[str, str, str]]:
    return [(s.do, s.target.name if s.target else "", s.value or s.key or "") for s in steps]


def test_a_recorded_form_is_read() -> None:
    scenario = scenario_from_rrweb(recorded("form.json"), "form.json").scenario

    assert words(scenario.steps) == [
        ("fill", "Name", "Ann"),
        ("fill", "Password", "********"),
        ("select", "Size", "Medium"),
        ("check", "Pick up", ""),
        ("check", "Gift wrap", ""),
        ("fill", "Notes", "ring"),
        ("dblclick", "Order", ""),
        ("click", "Send order", ""),
    ]
    assert (scenario.viewport.width, scenario.viewport.height) == (1000, 700)


def test_rows_that_were_added_later_are_known() -> None:
    scenario = scenario_from_rrweb(recorded("todo.json"), "todo.json").scenario

    check, delete = scenario.steps[-2:]
    assert check.target is not None
    assert delete.target is not None
    assert (check.do, check.target.role, check.target.near) == ("check", "checkbox", "Buy milk")
    assert (delete.do, delete.target.role, delete.target.name, delete.target.near) == (
        "click",
        "button",
        "Delete",
        "Walk the dog",
    )


def test_every_step_has_its_moment() -> None:
    result = scenario_from_rrweb(recorded("todo.json"), "todo.json")

    moments = [moment.at for moment in result.moments]
    assert len(moments) == len(result.scenario.steps)
    assert moments == sorted(moments)
    assert moments[0] < 5
    assert result.moments[-1].effect


def test_one_event_a_line_means_the_same() -> None:
    events = json.loads(recorded("todo.json"))
    lines = "\n".join(json.dumps(event) for event in events)

    expected = scenario_from_rrweb(recorded("todo.json"), "todo.json").scenario
    assert scenario_from_rrweb(lines, "todo.jsonl").scenario == expected
    assert scenario_from_rrweb(json.dumps({"events": events}), "todo.json").scenario == expected


def test_scrolling_in_many_events_is_one_step() -> None:
    events = json.loads(recorded("form.json"))
    end = events[-1]["timestamp"]
    events += [
        {"type": 3, "data": {"source": 3, "id": 1, "x": 0, "y": y}, "timestamp": end + y} for y in range(50, 401, 50)
    ]
    scenario = scenario_from_rrweb(json.dumps(events), "form.json").scenario

    assert [(step.do, step.by) for step in scenario.steps if step.do == "scroll"] == [("scroll", (0.0, 400.0))]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[", "a.json:1:2: not JSON"),
        ("{}", "not an rrweb stream"),
        ("[1, 2]", "not an rrweb stream"),
        ('[{"type": "click"}]', "not an rrweb stream"),
        ("[]", "holds nothing that can be replayed"),
        ('[{"type": 4, "data": {"href": "x", "width": 1, "height": 1}, "timestamp": 1}]', "holds nothing"),
        ('{"type": 4, "data": {}}\n{"type":', "a.json:2: not JSON"),
        ("[" * 100_000, "nested too deeply"),
    ],
)
def test_what_is_no_stream_is_refused(text: str, told: str) -> None:
    with pytest.raises(BadInput) as raised:
        scenario_from_rrweb(text, "a.json")
    assert told in str(raised.value)


def test_events_that_make_no_sense_do_not_break_it() -> None:
    events = json.loads(recorded("todo.json"))
    odd = [
        {"type": 3, "data": {"source": 2, "type": 2, "id": 99999}, "timestamp": 5e12},
        {"type": 3, "data": {"source": 5, "id": "x", "text": "y"}, "timestamp": 5e12},
        {"type": 3, "data": {"source": 0, "adds": [{"parentId": 4}], "removes": [{"id": 1}]}, "timestamp": 5e12},
        {"type": 3, "data": None, "timestamp": 5e12},
        {"type": 99, "data": {}, "timestamp": 5e12},
    ]
    result = scenario_from_rrweb(json.dumps(events + odd), "todo.json")

    assert len(result.scenario.steps) == len(scenario_from_rrweb(recorded("todo.json"), "t").scenario.steps)
    assert "does not describe" in result.notes[0]

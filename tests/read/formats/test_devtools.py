"""What Chrome DevTools Recorder exported becomes a Scenario."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from agent_judge.errors import BadInput
from agent_judge.read.formats.devtools import scenario_from_devtools
from agent_judge.read.formats.devtools_export import devtools_from_scenario
from agent_judge.schema import Scenario

DATA = Path(__file__).parents[1] / "data" / "devtools"


def read(name: str) -> Any:
    return scenario_from_devtools((DATA / name).read_text(encoding="utf-8"), name)


def plain(name: str) -> list[dict[str, Any]]:
    return [step.model_dump(exclude_defaults=True) for step in read(name).scenario.steps]


def test_a_recorded_list_is_read() -> None:
    entry = {"name": "What needs to be done?", "selectors": ("#entry",)}

    assert plain("todo.json") == [
        {"do": "fill", "target": entry, "value": "Buy milk"},
        {"do": "press", "key": "Enter"},
        {"do": "fill", "target": entry, "value": "Walk the dog"},
        {"do": "click", "target": {"role": "button", "name": "Add", "text": "Add", "selectors": ("#new > button",)}},
        {"do": "click", "target": {"name": "Buy milk", "selectors": ("li:nth-of-type(1) input",)}},
        {"do": "click", "target": {"role": "button", "selectors": ("li:nth-of-type(2) > button",)}},
    ]


def test_a_recorded_form_is_read() -> None:
    steps = read("form.json").scenario.steps

    assert [step.do for step in steps] == ["fill", "press", "fill", "click", "click", "fill", "dblclick", "click"]
    assert steps[-1].target.test_id == "send"


def test_every_kind_of_step_is_read_or_noted() -> None:
    assert plain("everything.json") == [
        {"do": "hover", "target": {"role": "button", "name": "Menu", "selectors": ("#menu",)}},
        {"do": "click", "target": {"role": "link", "name": "Orders"}, "expect": ({"url": "/orders?page=2"},)},
        {"do": "dblclick", "target": {"text": "Row 1"}},
        {"do": "select", "target": {"role": "combobox", "name": "Size", "selectors": ("form > select",)}, "value": "m"},
        {"do": "press", "key": "Control+a"},
        {"do": "press", "key": "ArrowLeft", "times": 2},
        {"do": "press", "key": "Shift"},
        {"do": "scroll", "by": (0.0, 500.0)},
        {"do": "scroll", "target": {"selectors": ("#list",)}, "by": (0.0, 80.0)},
        {"do": "wait", "expect": ({"count": {"selectors": (".row",), "at_least": 3}},)},
        {"do": "wait", "expect": ({"checked": {"name": "Gift wrap"}},)},
        {"do": "wait", "expect": ({"no_element": {"selectors": ("#gone",)}},)},
        {"do": "resize", "size": {"width": 500, "height": 700}},
        {"do": "goto", "url": "/about#team"},
    ]
    result = read("everything.json")
    assert (result.scenario.viewport.width, result.scenario.title) == (900, "Every kind of step")
    noted = [note.split(": ")[2].split(" ")[0] for note in result.notes]
    assert noted == ["emulateNetworkConditions", "a", "waitForExpression", "customStep", "close"]


@pytest.mark.parametrize(
    ("data", "told"),
    [
        ("{", "a.json:1:2: not JSON"),
        ([], "not a DevTools recording"),
        ({"title": "x"}, "not a DevTools recording"),
        ({"steps": [1]}, 'step 1: not a step: it has no "type"'),
        ({"steps": [{"type": "jump"}]}, "step 1: unknown step type 'jump'"),
        ({"steps": [{"type": "click", "selectors": []}]}, "step 1: it has no selector that we can read"),
        ({"steps": [{"type": "click", "selectors": [["xpath//a"]]}]}, "step 1: it has no selector that we can read"),
        ({"steps": [{"type": "change", "selectors": ["#a"], "value": {"a": 1}}]}, "step 1: value"),
        ({"steps": [{"type": "navigate", "url": "http://x/"}]}, "holds nothing that can be replayed"),
    ],
)
def test_what_is_no_recording_is_refused_with_its_place(data: Any, told: str) -> None:
    with pytest.raises(BadInput) as raised:
        scenario_from_devtools(data if isinstance(data, str) else json.dumps(data), "a.json")
    assert told in str(raised.value)
    assert "\n" not in str(raised.value)


def test_texts_that_our_own_export_waits_for_come_back() -> None:
    told = Scenario.model_validate(
        {"id": "s", "steps": [{"do": "press", "key": "a", "expect": [{"text": 'say "hi"'}, {"no_text": "gone"}]}]}
    )
    back = scenario_from_devtools(devtools_from_scenario(told, "http://localhost/").text(), "s.json")
    assert [one.model_dump(exclude_none=True) for step in back.scenario.steps for one in step.expect] == [
        {"text": 'say "hi"'},
        {"no_text": "gone"},
    ]
    assert back.notes == ()

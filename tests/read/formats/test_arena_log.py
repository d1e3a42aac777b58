"""Logs of coordinates become Scenarios once the elements are known."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from agent_judge.errors import BadInput
from agent_judge.read.formats.arena_log import ElementAt, parse_arena_log, scenario_from_arena
from agent_judge.schema import Point, Target

DATA = Path(__file__).parents[1] / "data" / "arena"
ENTRY = ElementAt(Target(role="textbox", name="What needs to be done?"), takes="text")
NAME = ElementAt(Target(role="textbox", name="Name"), takes="text")
NOTES = ElementAt(Target(role="textbox", name="Notes"), takes="text")


def on(**target: Any) -> ElementAt:
    return ElementAt(Target(**target))


def scenario_of(name: str, elements: dict[int, ElementAt]) -> Any:
    return scenario_from_arena(parse_arena_log((DATA / name).read_text(encoding="utf-8"), name), elements, name)


def plain(result: Any) -> list[dict[str, Any]]:
    return [step.model_dump(exclude_defaults=True) for step in result.scenario.steps]


def test_typing_into_a_field_is_one_step() -> None:
    result = scenario_of(
        "todo.json",
        {
            2: ENTRY,
            13: ENTRY,
            26: on(role="button", name="Add"),
            27: on(role="checkbox", near="Buy milk"),
            28: on(role="button", name="Delete", near="Walk the dog"),
        },
    )

    entry = {"role": "textbox", "name": "What needs to be done?"}
    assert plain(result) == [
        {"do": "fill", "target": entry, "value": "Buy milk"},
        {"do": "press", "key": "Enter"},
        {"do": "fill", "target": entry, "value": "Walk the dog"},
        {"do": "click", "target": {"role": "button", "name": "Add"}},
        {"do": "click", "target": {"role": "checkbox", "near": "Buy milk"}},
        {"do": "click", "target": {"role": "button", "name": "Delete", "near": "Walk the dog"}},
    ]
    assert result.scenario.viewport.width == 1000
    assert result.notes == ("todo.json: event 13: a click on nothing is left out",)
    assert [moment.at for moment in result.moments] == sorted(moment.at for moment in result.moments)


def test_what_follows_tab_is_typed_wherever_it_goes() -> None:
    order = on(role="heading", name="Order")
    elements = {2: NAME, 13: on(name="Pick up"), 15: NOTES, 22: order, 23: order, 24: on(test_id="send")}
    result = scenario_of("form.json", elements)

    assert [(s.do, s.value or s.key) for s in result.scenario.steps][:3] == [
        ("fill", "Ann"),
        ("press", "Tab"),
        ("type", "secret"),
    ]
    assert [s.do for s in result.scenario.steps][-3:] == ["fill", "dblclick", "click"]


def test_a_known_focus_names_the_field_that_is_typed_into() -> None:
    password = ElementAt(Target(role="textbox", name="Password"), takes="text")
    result = scenario_of("form.json", {2: NAME, **dict.fromkeys(range(7, 13), password)})

    assert [(s.do, s.target.name if s.target else "", s.value) for s in result.scenario.steps][:3] == [
        ("fill", "Name", "Ann"),
        ("press", "", None),
        ("fill", "Password", "secret"),
    ]


def test_a_game_keeps_its_keys_and_their_timing() -> None:
    canvas = Target(role="img", name="Catch", selectors=("canvas",))
    places = {2: Point(x=0.25, y=0.5), 13: Point(x=0.75, y=0.3)}
    result = scenario_of("game.json", {index: ElementAt(canvas, at=at) for index, at in places.items()})

    steps = [(s.do, s.key, s.times) for s in result.scenario.steps]
    assert steps == [
        ("click", None, 1),
        ("press", "ArrowLeft", 4),
        ("wait", None, 1),
        ("press", "ArrowRight", 3),
        ("wait", None, 1),
        ("press", "x", 1),
        ("click", None, 1),
    ]
    assert 400 <= (result.scenario.steps[2].ms or 0) <= 5000
    assert result.scenario.steps[-1].at == places[13]
    assert any("nothing is not defined" in note for note in result.notes)


def test_a_reload_makes_the_next_step_fresh() -> None:
    events = [
        {"type": "load", "time": "2026-01-01T00:00:00Z"},
        {"type": "keydown", "time": "2026-01-01T00:00:01Z", "key": "a"},
        {"type": "load", "time": "2026-01-01T00:00:02Z"},
        {"type": "keydown", "time": "2026-01-01T00:00:03Z", "key": "b"},
    ]
    result = scenario_from_arena(parse_arena_log(json.dumps({"logs": events}), "a.json"), {}, "a.json")

    fresh = {
        step.key: moment.fresh for step, moment in zip(result.scenario.steps, result.moments, strict=True) if step.key
    }
    assert fresh == {"a": False, "b": True}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{", "a.json:1:2: not JSON"),
        ('{"x": 1}', "not an interaction log"),
        ('[{"time": "2026-01-01T00:00:00Z"}]', 'event 1: "type" is missing'),
        ('[{"type": "tap", "time": "2026-01-01T00:00:00Z"}]', 'event 1: unknown value of type "tap"'),
        ('[{"type": "load", "time": "yesterday"}]', "event 1: time: input should be a valid datetime"),
        ('[{"type": "click", "time": "2026-01-01T00:00:00Z", "x": 1}]', "event 1: click needs y"),
        ('[{"type": "keydown", "time": "2026-01-01T00:00:00Z"}]', "event 1: keydown needs key"),
        (
            '[{"type": "load", "time": "2026-01-01T00:00:00Z"}, {"type": "load", "time": "2026-01-01T00:00:00"}]',
            "time zone",
        ),
        ("[1]", "event 1: the file must hold keys and values, not 1"),
    ],
)
def test_what_is_no_log_is_refused_with_its_place(text: str, told: str) -> None:
    with pytest.raises(BadInput) as raised:
        parse_arena_log(text, "a.json")
    assert told in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_log_without_any_element_is_refused() -> None:
    log = '[{"type": "click", "time": "2026-01-01T00:00:00Z", "x": 1, "y": 1}]'
    with pytest.raises(BadInput, match="holds nothing that can be replayed"):
        scenario_from_arena(parse_arena_log(log, "a.json"), {}, "a.json")


def test_a_key_that_no_keyboard_has_is_noted_and_a_foreign_letter_typed() -> None:
    keys = ["Left", "Dead", "é", "Enter"]
    log = [{"type": "keydown", "time": f"2025-01-01T00:00:{2 * n:02}Z", "key": key} for n, key in enumerate(keys)]

    result = scenario_from_arena(parse_arena_log(json.dumps(log), "log"), {}, "log")

    pressed = [one for one in plain(result) if one["do"] != "wait"]
    assert pressed == [
        {"do": "press", "key": "ArrowLeft"},
        {"do": "type", "value": "é"},
        {"do": "press", "key": "Enter"},
    ]
    assert result.notes == ("log: event 2: the key 'Dead' is left out: the keyboard has none of that name",)

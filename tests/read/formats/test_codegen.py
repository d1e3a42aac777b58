"""What Playwright's recorder wrote becomes a Scenario."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from agent_judge.errors import BadInput
from agent_judge.read.formats.codegen import scenario_from_codegen_jsonl, scenario_from_codegen_python
from agent_judge.read.formats.imported import Imported
from agent_judge.schema import Scenario

DATA = Path(__file__).parents[1] / "data" / "codegen"
FILES = ["jsonl", "py.txt", "-async.py.txt", "-pytest.py.txt"]


def read(name: str) -> Imported:
    text = (DATA / name).read_text(encoding="utf-8")
    return (scenario_from_codegen_jsonl if name.endswith("jsonl") else scenario_from_codegen_python)(text, name)


def plain(scenario: Scenario) -> list[dict[str, Any]]:
    return [step.model_dump(exclude_defaults=True) for step in scenario.steps]


@pytest.mark.parametrize("ending", FILES)
def test_a_recorded_form_is_read(ending: str) -> None:
    name = f"form{ending}" if ending.startswith("-") else f"form.{ending}"

    assert plain(read(name).scenario) == [
        {"do": "fill", "target": {"role": "textbox", "name": "Name"}, "value": "Ann"},
        {"do": "press", "target": {"role": "textbox", "name": "Name"}, "key": "Tab"},
        {"do": "fill", "target": {"role": "textbox", "name": "Password"}, "value": "secret"},
        {"do": "select", "target": {"label": "Size SmallMediumLarge"}, "value": "m"},
        {"do": "check", "target": {"role": "radio", "name": "Pick up"}},
        {"do": "check", "target": {"role": "checkbox", "name": "Gift wrap"}},
        {"do": "fill", "target": {"role": "textbox", "name": "Notes"}, "value": "ring"},
        {"do": "dblclick", "target": {"role": "heading", "name": "Order"}},
        {"do": "click", "target": {"test_id": "send"}},
    ]


@pytest.mark.parametrize("ending", FILES)
def test_the_row_around_an_element_is_kept(ending: str) -> None:
    name = f"todo{ending}" if ending.startswith("-") else f"todo.{ending}"

    last = read(name).scenario.steps[-1]

    assert last.target is not None
    assert (last.do, last.target.role, last.target.near) == ("click", "button", "Walk the dogDelete")


def test_a_click_that_the_browser_made_by_itself_is_left_out() -> None:
    steps = read("todo.jsonl").scenario.steps

    assert [step.do for step in steps] == ["fill", "press", "fill", "click", "check", "click"]


def test_assertions_become_expectations() -> None:
    text = """
import re
from playwright.sync_api import Page, expect

def test_example(page: Page) -> None:
    page.goto("http://localhost:3000/")
    page.locator("#app").get_by_placeholder("Search").fill("x")
    expect(page.get_by_role("row", name="x 1")).to_be_visible()
    page.get_by_role("row", name="x 1").get_by_role("checkbox").nth(1).check()
    expect(page.get_by_label("Total")).to_have_value("3")
    expect(page.locator("body")).to_contain_text("Done")
    expect(page.locator("body")).to_match_aria_snapshot("- text")
    page.goto("http://localhost:3000/next?a=1")
"""
    result = scenario_from_codegen_python(text, "a.py")

    assert plain(result.scenario) == [
        {
            "do": "fill",
            "target": {"placeholder": "Search"},
            "value": "x",
            "expect": ({"element": {"role": "row", "name": "x 1"}},),
        },
        {
            "do": "check",
            "target": {"role": "checkbox", "near": "x 1", "index": 1},
            "expect": ({"value": {"label": "Total", "equals": "3"}}, {"text": "Done"}),
        },
        {"do": "goto", "url": "/next?a=1"},
    ]
    assert result.notes == ("a.py:12: to_match_aria_snapshot is left out: a scenario has no such expectation",)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "a.jsonl: the recording holds nothing"),
        ("{", "a.jsonl:1: not JSON"),
        ('{"browserName": "chromium"}\n[1]', "a.jsonl:2: not an action"),
        ('{"action": "click"}', 'a.jsonl:1: not an action of Playwright\'s recorder: it has no "name"'),
        ('{"name": "click", "signals": []}', "a.jsonl:1: the locator names no element"),
        (
            '{"name": "press", "locator": {"kind": "role", "body": "textbox"}, "key": ""}',
            "a.jsonl:1: press needs a key",
        ),
        ('{"name": "openPage", "url": "http://x/"}', "holds nothing that can be replayed"),
    ],
)
def test_bad_jsonl_is_told_with_its_line(text: str, told: str) -> None:
    with pytest.raises(BadInput) as raised:
        scenario_from_codegen_jsonl(text, "a.jsonl")
    assert told in str(raised.value)


@pytest.mark.parametrize(
    ("text", "told"),
    [("def (", "a.py:1: not Python"), ("x = 1", "a.py: the recording holds nothing that can be replayed")],
)
def test_bad_python_is_told_with_its_line(text: str, told: str) -> None:
    with pytest.raises(BadInput) as raised:
        scenario_from_codegen_python(text, "a.py")
    assert told in str(raised.value)


def test_what_a_scenario_cannot_do_is_noted() -> None:
    text = """from playwright.sync_api import sync_playwright
page.goto("http://localhost:3000/")
page.get_by_label("Name").press("Fn")
page.get_by_label("Name").press("ControlOrMeta+a")
page.goto("https://example.com/help")
page.goto("http://localhost:3000/list?all")
"""

    result = scenario_from_codegen_python(text, "a.py")

    assert plain(result.scenario) == [
        {"do": "press", "target": {"label": "Name"}, "key": "Control+a"},
        {"do": "goto", "url": "/list?all"},
    ]
    assert result.notes == (
        "a.py:3: the key 'Fn' is left out: the keyboard has none of that name",
        "a.py:5: going to https://example.com/help is left out: a scenario stays within its solution",
    )

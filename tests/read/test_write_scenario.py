"""What is written is what is read."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent_judge.read.formats.importing import import_recording
from agent_judge.read.scenario import load_scenario
from agent_judge.read.write_scenario import scenario_yaml
from agent_judge.schema import Scenario

DATA = Path(__file__).parent / "data"


@pytest.mark.parametrize(
    "name", ["rrweb/form.json", "rrweb/todo.json", "codegen/form.jsonl", "devtools/everything.json"]
)
def test_imported_scenarios_are_read_back(tmp_path: Path, name: str) -> None:
    scenario = import_recording(DATA / name).scenario
    (tmp_path / "a.yaml").write_text(scenario_yaml(scenario), encoding="utf-8")

    assert load_scenario(tmp_path / "a.yaml") == scenario


def test_odd_values_are_read_back(tmp_path: Path) -> None:
    odd = [
        "yes",
        "12:30",
        "08",
        "1e3",
        "null",
        "# no comment",
        "a: b",
        "{x}",
        "line\nbreak",
        "line\nbreak\n",
        "two\n\n\nbreaks\n\n",
        " indented\nline\n",
        "trailing \n space\n",
        "\n",
        "tab\tand\rreturn\n",
        "1\n2",
        "# one\n- two\n",
        "",
        " x ",
        "“ü”",
        "'\"",
        "- 1",
    ]
    steps = [{"do": "fill", "target": {"name": text or "?"}, "value": text, "expect": [{"text": text}]} for text in odd]
    scenario = Scenario.model_validate({"id": "1", "title": "true", "steps": steps})
    (tmp_path / "a.yaml").write_text(scenario_yaml(scenario), encoding="utf-8")

    assert load_scenario(tmp_path / "a.yaml") == scenario


def test_it_reads_as_people_write_it() -> None:
    steps = [{"do": "click", "target": {"role": "button", "name": "Add"}, "expect": [{"role": "listitem", "count": 1}]}]
    text = scenario_yaml(Scenario.model_validate({"id": "add", "steps": steps}))

    assert text == (
        "id: add\n"
        "steps:\n"
        "  - do: click\n"
        "    target: {role: button, name: Add}\n"
        "    expect:\n"
        "      - {count: {role: listitem, equals: 1}}\n"
    )


def test_what_is_long_stands_on_several_lines() -> None:
    name = "A long text that somebody wrote on a card, and that tells where the button is"
    box = {"x": 1.0, "y": 1.0, "width": 20.5, "height": 10.0}
    target = {"role": "button", "name": name, "near": name, "selectors": ["#a > b"], "box": box}
    steps = [
        {
            "do": "fill",
            "target": target,
            "value": "one\ntwo",
            "expect": [{"checked": {"role": "checkbox", "name": "x"}}],
        },
        {"do": "scroll", "by": [0, 100.0], "expect": [{"role": "button", "name": name, "near": name, "count": 2}]},
    ]
    assert scenario_yaml(Scenario.model_validate({"id": "add", "steps": steps})) == (
        "id: add\n"
        "steps:\n"
        "  - do: fill\n"
        "    target:\n"
        "      role: button\n"
        f"      name: {name}\n"
        f"      near: {name}\n"
        "      selectors: ['#a > b']\n"
        "      box: {x: 1, y: 1, width: 20.5, height: 10}\n"
        "    value: |-\n"
        "      one\n"
        "      two\n"
        "    expect:\n"
        "      - {checked: {role: checkbox, name: x}}\n"
        "  - do: scroll\n"
        "    by: [0, 100]\n"
        "    expect:\n"
        "      - count:\n"
        "          role: button\n"
        f"          name: {name}\n"
        f"          near: {name}\n"
        "          equals: 2\n"
    )

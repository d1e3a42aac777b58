"""Scenario files, and what is said about those that are wrong."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from agent_judge.errors import BadInput
from agent_judge.read.scenario import load_scenario, scenario_problems, scenario_schema

GOOD = """\
id: add-and-complete
title: Add two items and complete one
task: todo-list
viewport: {width: 1280, height: 800}
steps:
  - do: fill
    intent: enter a new item
    target: {role: textbox, name: What needs to be done?}
    value: Buy milk
  - do: press
    key: Enter
    expect:
      - {text: Buy milk}
      - {role: listitem, count: 1}
  - do: click
    target: {role: checkbox, near: Buy milk}
    expect: [{checked: {role: checkbox, near: Buy milk}}]
"""


def written(folder: Path, text: str, name: str = "scenario.yaml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_a_scenario_is_read(tmp_path: Path) -> None:
    scenario = load_scenario(written(tmp_path, GOOD))

    assert scenario.id == "add-and-complete"
    assert [step.do for step in scenario.steps] == ["fill", "press", "click"]
    assert [expectation.kind for expectation in scenario.steps[1].expect] == ["text", "count"]


def test_json_means_the_same_as_yaml(tmp_path: Path) -> None:
    from_yaml = load_scenario(written(tmp_path, GOOD))
    dumped = json.dumps(from_yaml.model_dump(mode="json", exclude_defaults=True), indent="\t")

    assert load_scenario(written(tmp_path, dumped, "scenario.json")) == from_yaml


def test_plain_values_are_the_text_that_they_look_like(tmp_path: Path) -> None:
    steps = (
        "id: 7\nsteps:\n  - {do: fill, target: {name: 12:30}, value: no, expect: [{text: 08}, {text: 2024-01-31}]}\n"
    )
    scenario = load_scenario(written(tmp_path, steps))
    step = scenario.steps[0]

    assert scenario.id == "7"
    assert step.target is not None
    assert step.target.name == "12:30"
    assert step.value == "no"
    assert [e.text for e in step.expect] == ["08", "2024-01-31"]


BAD = {
    "unknown action": ("do: press", "do: clik", ':10:5: unknown action "clik", did you mean "click"? known: click'),
    "unknown key": ("key: Enter", "kye: Enter", ':11:5: unknown key "kye", did you mean "key"?'),
    "unknown key in a target": (
        "near: Buy milk}\n    expect",
        "nera: Buy milk}\n    expect",
        ':16:30: unknown key "nera", did you mean "near"?',
    ),
    "empty target": ("{role: checkbox, near: Buy milk}\n", "{}\n", ":16:5: steps[2].target: a target must name"),
    "no value": ("    value: Buy milk\n", "", ":6:5: steps[0]: fill needs a value"),
    "expectation that says two things": (
        "- {text: Buy milk}",
        "- {text: a, no_errors: true}",
        ":13:9: steps[1].expect[0]: an expectation says exactly one thing",
    ),
    "count without a number": (
        "{role: listitem, count: 1}",
        "{count: {role: listitem}}",
        "count needs equals, at_least or at_most",
    ),
    "not YAML": ("steps:", "steps: ]", ":5:8: not YAML:"),
    "key twice": ("title:", "id:", ':2:1: "id" is given twice'),
    "id missing": ("id: add-and-complete\n", "", ':1:1: "id" is missing'),
    "wrong number": (
        "width: 1280",
        "width: 12",
        "viewport.width: input should be greater than or equal to 200, not 12",
    ),
    "reference": ("value: Buy milk", "value: *milk", ":9:12: references (*milk) are not used here"),
    "steps not a list": ("steps:\n", "steps: {}\nmore:\n", "(and 1 more)"),
    "upload that climbs out": (
        "  - do: press\n    key: Enter\n",
        "  - do: upload\n    target: {role: button}\n    files: [../../etc/passwd]\n",
        ":12:5: ../../etc/passwd: files to upload stand beside the scenario",
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_what_is_wrong_is_told_with_its_place(tmp_path: Path, case: str) -> None:
    old, new, told = BAD[case]
    assert GOOD.count(old) >= 1
    path = written(tmp_path, GOOD.replace(old, new, 1))

    with pytest.raises(BadInput) as raised:
        load_scenario(path)

    assert str(raised.value).startswith(str(path))
    assert told in str(raised.value)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "the file is empty"),
        (b"id: \xff\xfe", ":1: not UTF-8 text"),
        (b"# nothing but a comment\n", "the file is empty"),
        (b"- just\n- a list\n", "the file must hold keys and values, not a list"),
        (b"id: a\nsteps: []\n", "steps is empty"),
        (b"id: a\nsteps:\n\t- do: press\n", ":3:1: not YAML"),
        (b"[" * 3000 + b"]" * 3000, "nested too deeply"),
        (b"id: a\nsteps: !!python/object/apply:os.system [x]\n", ":2:8: types ("),
    ],
)
def test_files_that_are_no_scenarios_are_refused_in_one_line(tmp_path: Path, content: bytes, told: str) -> None:
    path = tmp_path / "scenario.yaml"
    path.write_bytes(content)

    with pytest.raises(BadInput) as raised:
        load_scenario(path)

    assert told in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    for path, told in ((tmp_path / "none.yaml", "no such file"), (tmp_path, "is a folder")):
        with pytest.raises(BadInput, match=told):
            load_scenario(path)


def test_broken_json_is_told_with_its_place(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"scenario\.json:2:8: not JSON"):
        load_scenario(written(tmp_path, '{"id": "a",\n"steps"}', "scenario.json"))


@pytest.mark.parametrize(
    ("key", "meant"),
    [("Entr", "Enter"), ("Ctrl+K", "Control"), ("Control+Shft+K", "Shift"), ("arrowleft", "ArrowLeft"),
     ("Return", "Enter"), ("Esc", "Escape")],
)  # fmt: skip
def test_a_key_that_no_keyboard_has_is_told_with_its_place(tmp_path: Path, key: str, meant: str) -> None:
    path = written(tmp_path, GOOD.replace("key: Enter", f"key: {key}"))

    (told,) = scenario_problems(path)

    assert told.startswith(f"{path}:11:5: unknown key ")
    assert f'did you mean "{meant}"?' in told


@pytest.mark.parametrize(
    "key", ["Control+Shift+K", "Control++", "+", "é", "a", "5", "ControlOrMeta+a", "F12", "Control+"]
)
def test_keys_are_those_that_the_browser_can_press(tmp_path: Path, key: str) -> None:
    right = not scenario_problems(written(tmp_path, GOOD.replace("key: Enter", f"key: {key}")))

    assert right == (key not in ("é", "Control+"))


@pytest.mark.parametrize("url", ["https://example.com/", "//example.com/", "javascript:alert(1)", "localhost:80/"])
def test_going_out_of_the_solution_is_refused(tmp_path: Path, url: str) -> None:
    path = written(tmp_path, GOOD + f"  - do: goto\n    url: {url}\n")

    (told,) = scenario_problems(path)

    assert told.startswith(f"{path}:19:5: ")
    assert "leads out of it" in told


@pytest.mark.parametrize("url", ["/list", "list?of=a:b", "'#part'", "../up", "'?q=http://x'"])
def test_going_about_in_the_solution_is_right(tmp_path: Path, url: str) -> None:
    assert not scenario_problems(written(tmp_path, GOOD + f"  - do: goto\n    url: {url}\n"))


@pytest.mark.parametrize("name", ["s.yaml", "s.json"])
def test_half_a_character_is_refused_and_two_halves_are_one(tmp_path: Path, name: str) -> None:
    text = '{"id": "x", "steps": [\n{"do": "type", "value": "%s"}]}'
    path = written(tmp_path, text % "\\ud83d\\ude00", name)
    assert load_scenario(path).steps[0].value == "😀"

    (told,) = scenario_problems(written(tmp_path, text % "a\\ud83d", name))

    assert told.startswith(f"{path}:2:25: half a character")


def test_a_scenario_without_a_name_is_refused(tmp_path: Path) -> None:
    (told,) = scenario_problems(written(tmp_path, GOOD.replace("id: add-and-complete", 'id: ""')))

    assert "id: is empty" in told


def test_files_to_upload_stand_beside_the_scenario(tmp_path: Path) -> None:
    text = "id: a\nsteps:\n  - {do: upload, target: {role: button}, files: [cat.png]}\n"
    with pytest.raises(BadInput, match=r":3:42: cat\.png: there is no such file beside the scenario"):
        load_scenario(written(tmp_path, text))
    (tmp_path / "cat.png").write_bytes(b"png")

    assert load_scenario(written(tmp_path, text)).steps[0].files == (str(tmp_path / "cat.png"),)


def test_the_digest_holds_what_is_uploaded_and_not_where_it_lies(tmp_path: Path) -> None:
    text = "id: a\nsteps:\n  - {do: upload, target: {role: button}, files: [pets/cat.png]}\n"

    def digest(folder: str, content: bytes) -> str:
        (tmp_path / folder / "pets").mkdir(parents=True)
        (tmp_path / folder / "pets" / "cat.png").write_bytes(content)
        return load_scenario(written(tmp_path / folder, text)).digest

    assert digest("here", b"cat") == digest("there", b"cat")
    assert digest("elsewhere", b"dog") != digest("last", b"cat")


def test_check_tells_everything_that_is_wrong(tmp_path: Path) -> None:
    path = written(tmp_path, GOOD.replace("do: press", "do: clik").replace("value: Buy milk", "valeu: Buy milk"))

    problems = scenario_problems(path)

    assert [problem.split(": ")[0].removeprefix(str(path)) for problem in problems] == [":9:5", ":10:5"]
    assert scenario_problems(written(tmp_path, GOOD)) == []


def test_the_schema_names_every_action() -> None:
    schema = scenario_schema()

    assert set(schema["properties"]) >= {"id", "steps"}
    assert "dblclick" in json.dumps(schema["$defs"]["Step"])

"""A recording's format is found out from its content."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent_judge.errors import BadInput
from agent_judge.read.formats.importing import format_of, import_recording

DATA = Path(__file__).parents[1] / "data"
FORMATS = {"devtools": "devtools", "rrweb": "rrweb", "arena": "arena"}
FILES = sorted(path for folder in ("devtools", "codegen", "rrweb", "arena") for path in (DATA / folder).iterdir())


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_every_sample_is_told_apart(path: Path) -> None:
    expected = FORMATS.get(path.parent.name) or ("codegen-jsonl" if path.suffix == ".jsonl" else "codegen-python")

    assert format_of(path.read_text(encoding="utf-8"), path.name) == expected


def test_the_same_use_recorded_by_different_tools_is_the_same() -> None:
    recordings = [DATA / "rrweb/todo.json", DATA / "codegen/todo.jsonl", DATA / "devtools/todo.json"]
    values = [
        [step.value for step in import_recording(path).scenario.steps if step.do == "fill"] for path in recordings
    ]

    assert values == [["Buy milk", "Walk the dog"]] * 3


def test_a_log_of_coordinates_needs_its_solution() -> None:
    with pytest.raises(BadInput, match="name the solution that it was recorded on"):
        import_recording(DATA / "arena/todo.json")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("hello", "not a recording that we know"),
        ("", "the file is empty"),
        ('{"a": 1}', "not a recording"),
        ("[]", "not a rec"),
    ],
)
def test_what_is_no_recording_is_refused(tmp_path: Path, text: str, told: str) -> None:
    (tmp_path / "a.json").write_text(text, encoding="utf-8")
    with pytest.raises(BadInput, match=told):
        import_recording(tmp_path / "a.json")


def test_an_unknown_format_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text("{}", encoding="utf-8")
    with pytest.raises(BadInput, match='unknown format "devtool", did you mean "devtools"'):
        import_recording(tmp_path / "a.json", "devtool")

"""Recording from the command line: what is said where nothing can be recorded, and logs that need their program."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from agent_judge.cli.app import app
from agent_judge.errors import BadInput, MissingRequirement
from agent_judge.read.scenario import load_scenario

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT / "tests" / "read" / "data"
SAMPLES = ROOT / "scenarios"


def test_without_a_screen_one_line_says_how_to_get_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.setattr("sys.platform", "linux")
    page = SAMPLES / "groceries" / "groceries.html"
    answer = CliRunner().invoke(app, ["record", str(page), "-o", str(tmp_path / "mine.yaml")])
    assert isinstance(answer.exception, MissingRequirement)
    assert "DISPLAY" in str(answer.exception)
    assert "\n" not in str(answer.exception)
    assert not (tmp_path / "mine.yaml").exists()


def test_what_cannot_be_recorded_or_written_is_said_before_a_browser_opens(tmp_path: Path) -> None:
    absent = CliRunner().invoke(app, ["record", "absent.html", "-o", str(tmp_path / "mine.yaml")])
    assert isinstance(absent.exception, BadInput)
    nowhere = CliRunner().invoke(app, ["record", "absent.html", "-o", str(tmp_path / "no" / "mine.yaml")])
    assert isinstance(nowhere.exception, BadInput)
    assert "no folder" in str(nowhere.exception)


def test_a_log_of_coordinates_finds_its_elements_on_the_program_it_was_recorded_on(tmp_path: Path) -> None:
    log, out = DATA / "arena" / "todo.json", tmp_path / "todo.yaml"
    without = CliRunner().invoke(app, ["scenario", "import", str(log), "--format", "arena", "-o", str(out)])
    assert isinstance(without.exception, BadInput)
    assert "--solution" in str(without.exception)

    page = DATA / "pages" / "todo.html"
    done = CliRunner().invoke(
        app, ["scenario", "import", str(log), "--format", "arena", "--solution", str(page), "-o", str(out)]
    )
    assert done.exit_code == 0, done.output
    steps = load_scenario(out).steps
    assert [(step.do, step.value) for step in steps] == [
        ("fill", "Buy milk"), ("press", None), ("fill", "Walk the dog"), ("click", None), ("click", None),
        ("click", None),
    ]  # fmt: skip
    deletes = steps[-1].target
    assert deletes
    assert (deletes.role, deletes.name, deletes.near) == ("button", "Delete", "Walk the dog")


def test_the_script_for_arenas_is_written_and_what_it_tells_is_imported(tmp_path: Path) -> None:
    script, told, out = tmp_path / "recorder.js", tmp_path / "told.jsonl", tmp_path / "told.yaml"
    assert CliRunner().invoke(app, ["recorder", "-o", str(script)]).exit_code == 0
    assert "postMessage" in script.read_text(encoding="utf-8")
    told.write_text('{"type": "click", "time": 1, "element": 1, "target": {"role": "button", "name": "Add"}}\n')
    imported = ["scenario", "import", str(told), "--format", "recorder", "-o", str(out)]
    assert CliRunner().invoke(app, imported).exit_code == 0
    assert [step.do for step in load_scenario(out).steps] == ["click"]


def test_the_samples_are_right() -> None:
    assert CliRunner().invoke(app, ["scenario", "check", str(SAMPLES)]).exit_code == 0

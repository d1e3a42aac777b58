"""Scenario files are checked, imported, exported and mined from the command line."""

from __future__ import annotations

import json
from pathlib import Path

from typer.testing import CliRunner

from agent_judge.cli.app import app
from agent_judge.read.scenario import load_scenario

DATA = Path(__file__).resolve().parent.parent / "read" / "data"
SCENARIOS = Path(__file__).resolve().parents[2] / "eval" / "suites" / "demo" / "scenarios"


def test_right_files_pass_and_wrong_ones_are_named_with_line_and_column(tmp_path: Path) -> None:
    assert CliRunner().invoke(app, ["scenario", "check", str(SCENARIOS)]).exit_code == 0
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text("id: s\nsteps:\n  - do: clik\n    target: {role: button}\n")
    answer = CliRunner().invoke(app, ["scenario", "check", str(wrong)])
    assert answer.exit_code != 0
    assert f"{wrong}:3:" in answer.stderr


def test_an_imported_recording_is_a_scenario_and_goes_out_again(tmp_path: Path) -> None:
    recording = sorted((DATA / "devtools").glob("*.json"))[0]
    scenario, exported = tmp_path / "scenario.yaml", tmp_path / "out.json"
    assert CliRunner().invoke(app, ["scenario", "import", str(recording), "-o", str(scenario)]).exit_code == 0
    assert load_scenario(scenario).steps
    assert CliRunner().invoke(app, ["scenario", "export", str(scenario), "-o", str(exported)]).exit_code == 0
    assert json.loads(exported.read_text())["steps"]


def test_the_schema_is_written_for_editors(tmp_path: Path) -> None:
    file = tmp_path / "scenario.schema.json"
    assert CliRunner().invoke(app, ["scenario", "schema", "-o", str(file)]).exit_code == 0
    assert "steps" in json.loads(file.read_text())["properties"]

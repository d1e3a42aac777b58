"""Learning from runs how far the members of a panel can be trusted."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from agent_judge.judge.panel_file import load_reliability
from agent_judge.schema import Decision, Verdict, Vote, Winner
from tests.cli.conftest import Cli

TRUTH: tuple[Winner, ...] = ("A", "B", "A", "tie", "B", "A", "B", "both_bad", "A", "B", "A", "B")


def panel_run(folder: Path, truth: Sequence[Winner] = TRUTH, judge: str = "panel:mine.yaml") -> Path:
    """A run in which two members are right, one says A whatever it sees, and all agree once they heard each other."""
    folder.mkdir()
    (folder / "run.json").write_text("{}")
    lines = []
    for number, right in enumerate(truth):
        votes = [
            Vote(voter=voter, winner=winner, round=heard, confidence=0.9)
            for heard in (2, 1)
            for voter, winner in (("ann", right), ("bob", right), ("yes", "A" if heard == 1 else right))
        ]
        verdict = Verdict(winner=right, strength=0, confidence=1, rationale="", judge=judge, votes=tuple(votes))
        decided = Decision(task_id=f"t{number}", model_a="x", model_b="y", judge=judge, verdict=verdict)
        lines.append(decided.model_dump_json())
    (folder / "verdicts.jsonl").write_text("\n".join(lines) + "\n")
    return folder


def test_what_a_panel_can_use_is_learnt_from_first_votes(cli: Cli, tmp_path: Path) -> None:
    panel_run(tmp_path / "one", TRUTH[:6])
    panel_run(tmp_path / "two", TRUTH[6:])
    ended = cli("reliability", "one", "two", "-o", "learnt.json")
    assert ended.code == 0, ended.said
    assert "12 battles" in ended.said
    learnt = load_reliability(tmp_path / "learnt.json")
    assert learnt["ann"] == learnt["bob"] > 0.9
    assert learnt["yes"] < 0.6


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("few",), "panel:mine.yaml has decided 3 battles: 10 are needed at least"),
        (("nowhere",), "nowhere: no folder of a run"),
        (("run", "other"), "name one panel with --judge: the runs have verdicts of panel:mine.yaml, panel:other"),
        (("run", "--judge", "panel:x"), "--judge panel:x: the runs have verdicts of panel:mine.yaml"),
        (("bare",), "name one panel with --judge: the runs have verdicts of none"),
        (("run", "-o", "no/such/learnt.json"), "--out no/such/learnt.json: cannot be written"),
    ],
)
def test_what_cannot_be_learnt_is_told_in_one_line(
    cli: Cli, tmp_path: Path, arguments: tuple[str, ...], message: str
) -> None:
    panel_run(tmp_path / "run")
    panel_run(tmp_path / "few", TRUTH[:3])
    panel_run(tmp_path / "other", judge="panel:other")
    panel_run(tmp_path / "bare", judge="evidence")
    ended = cli("reliability", *arguments, *(() if "-o" in arguments else ("-o", "learnt.json")))
    assert ended.code == 2, ended.said
    assert message in ended.last_line
    assert not (tmp_path / "learnt.json").exists()

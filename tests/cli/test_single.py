"""Two files are compared, one is audited, a scenario is replayed; the answers have the shapes that machines read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from agent_judge import audit, compare, replay
from agent_judge.cli.output import Output
from agent_judge.errors import BadInput
from agent_judge.judge import findings
from tests.run.counters import CLICKS, PAGE, SCENARIO


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a right and a wrong counter, and a scenario."""
    monkeypatch.setattr("agent_judge.run.shared_evidence", lambda: tmp_path / "shared")
    monkeypatch.setattr("agent_judge.api.shared_evidence", lambda: tmp_path / "shared")
    for name in ("counts", "ignores"):
        (tmp_path / f"{name}.html").write_text(PAGE.format(click=CLICKS[name]))
    (tmp_path / "count.yaml").write_text(SCENARIO)
    return tmp_path


async def test_the_one_that_works_wins_in_both_orders_and_the_report_is_kept(files: Path) -> None:
    scenario = [files / "count.yaml"]
    good, bad = files / "counts.html", files / "ignores.html"
    first = await compare(good, bad, "a counter", scenarios=scenario, out=files / "run")
    second = await compare(bad, good, "a counter", scenarios=scenario)
    assert (first.verdict.winner, second.verdict.winner) == ("A", "B")
    assert first.verdict.strength == pytest.approx(second.verdict.strength)
    told = json.loads(first.model_dump_json())
    assert set(told) == {"verdict", "evidence"}
    assert set(told["evidence"]) == {"A", "B"}
    assert (files / "run" / "report.html").exists()


async def test_without_a_scenario_both_are_explored(files: Path) -> None:
    broken = files / "broken.html"
    broken.write_text(PAGE.format(click="nothing.here"))
    result = await compare(files / "counts.html", broken, "a counter")
    assert result.verdict.winner == "A"
    assert result.evidence.A.trajectories[0].policy == "explore"


async def test_an_audit_tells_what_it_found_with_the_steps(files: Path) -> None:
    result = await audit(files / "ignores.html", scenarios=[files / "count.yaml"])
    assert result.launch.outcome == "ready"
    assert result.solution.environment == "html"
    assert any("count-to-two#0" in finding.steps for finding in result.findings)
    assert result.findings == findings(result.evidence)


async def test_a_replay_tells_how_each_step_went(files: Path) -> None:
    right = await replay(files / "count.yaml", files / "counts.html")
    wrong = await replay(files / "count.yaml", files / "ignores.html")
    assert right.completed
    assert not wrong.completed
    assert [step.outcome for step in wrong.steps] == ["no_effect", "no_effect"]
    assert wrong.steps[0].grounding is not None
    assert [one.held for one in wrong.steps[0].expectations] == [False]


async def test_a_task_that_says_nothing_is_refused(files: Path) -> None:
    with pytest.raises(BadInput, match=r"--task.* is empty"):
        await compare(files / "counts.html", files / "ignores.html", " \n")


async def test_what_a_replay_prints_names_the_key_and_leaves_no_gaps(
    files: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    scenario = files / "keys.yaml"
    scenario.write_text(
        "id: keys\nsteps:\n  - {do: press, key: Enter}\n"
        "  - {do: click, intent: count, target: {role: slider, name: Volume}}\n"
    )
    Output().replayed(await replay(scenario, files / "counts.html"))
    first, second, last = capfd.readouterr().out.splitlines()
    assert first == "  0 done         press Enter"
    assert second.startswith('  1 not_found    click slider "Volume" (count): nothing fits slider "Volume"; nearest: ')
    assert last == "not completed"

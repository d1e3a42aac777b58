"""A run goes on under the settings that it was begun with, or not at all."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from agent_judge.begin import Wishes, begin, with_fingerprints
from agent_judge.errors import BadInput
from agent_judge.read.suite import Suite, load_suite
from agent_judge.schema import Judging, Run
from agent_judge.store import RunFolder
from tests.run.conftest import Cli
from tests.run.counters import write_suite


@pytest.fixture
def loaded(suite: Path) -> Suite:
    return load_suite(suite)


@pytest.fixture
def folder(tmp_path: Path) -> RunFolder:
    return RunFolder(tmp_path / "run")


def begun(folder: RunFolder, suite: Suite, wishes: Wishes) -> Run:
    """A run that was begun, then stopped."""
    run = begin(folder, suite, wishes, resume=False)
    folder.write_run(run)
    return run


def test_a_resumed_run_keeps_every_setting_that_is_not_given_again(
    folder: RunFolder, loaded: Suite, tmp_path: Path
) -> None:
    weights = tmp_path / "weights.json"
    judging = Judging(weights=weights, mode="code", image_tokens=4000, driver="claude", max_cost=2.0, batch=True)
    before = begun(folder, loaded, Wishes(("claude", "evidence"), False, False, judging))
    after = begin(folder, loaded, Wishes(judging=Judging()), resume=True)
    assert after == before
    assert after.judging == judging
    assert (after.judges, after.interaction, after.reuse) == (("claude", "evidence"), False, False)
    assert after.limits["html"]["memory_mib"] > 0
    assert {"agent-judge", "driver", "playwright", "chromium", "python"} <= set(after.versions)


def test_the_same_settings_may_be_given_again(folder: RunFolder, loaded: Suite) -> None:
    wishes = Wishes(("evidence",), True, True, Judging(mode="code", weights=Path("w.json")))
    before = begun(folder, loaded, wishes)
    assert begin(folder, loaded, wishes, resume=True) == before


@pytest.mark.parametrize(
    ("first", "then", "said"),
    [
        (Judging(mode="code"), Judging(mode="interaction"), "with --mode code, not with --mode interaction"),
        (Judging(image_tokens=100), Judging(image_tokens=8000), "with --image-tokens 100, not with --image-tokens 80"),
        (Judging(driver="claude"), Judging(driver=""), "with --driver claude, not without --driver"),
        (Judging(), Judging(driver="claude"), "without --driver, not with --driver claude"),
    ],
)
def test_another_setting_is_refused_by_the_name_of_its_option(
    folder: RunFolder, loaded: Suite, first: Judging, then: Judging, said: str
) -> None:
    begun(folder, loaded, Wishes(judging=first))
    with pytest.raises(BadInput, match="new --out") as refused:
        begin(folder, loaded, Wishes(judging=then), resume=True)
    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("wishes", "said"),
    [
        (Wishes(judges=("claude",)), "with --judge evidence, not with --judge claude"),
        (Wishes(interaction=False), "with --interaction, not with --no-interaction"),
        (Wishes(reuse=False), "without --fresh, not with --fresh"),
        (Wishes(judging=Judging(weights=Path("w.json"))), "without --weights, not with --weights /"),
    ],
)
def test_other_judges_or_another_use_are_refused(folder: RunFolder, loaded: Suite, wishes: Wishes, said: str) -> None:
    begun(folder, loaded, Wishes())
    with pytest.raises(BadInput) as refused:
        begin(folder, loaded, wishes, resume=True)
    assert said in str(refused.value)


def test_what_judging_may_cost_and_how_it_is_asked_may_change(folder: RunFolder, loaded: Suite) -> None:
    begun(folder, loaded, Wishes(judging=Judging(max_cost=1.0, mode="code")))
    more = begin(folder, loaded, Wishes(judging=Judging(max_cost=5.0, batch=True)), resume=True)
    assert more.judging == Judging(max_cost=5.0, batch=True, mode="code")


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"versions": {"chromium": "1.2.3"}}, "begun with chromium 1.2.3, and this is "),
        ({"versions": {"programs in html": "0123"}}, "begun where html programs ran otherwise"),
        ({"versions": {"driver": "0123"}}, "begun by an agent-judge that used programs in another way"),
        ({"limits": {"html": {"memory_mib": 1}}}, "the limits of html programs have changed"),
    ],
)
def test_a_run_is_not_continued_under_other_conditions(
    folder: RunFolder, loaded: Suite, changed: dict[str, Any], said: str
) -> None:
    folder.write_run(begun(folder, loaded, Wishes()).model_copy(update=changed))
    with pytest.raises(BadInput, match=said):
        begin(folder, loaded, Wishes(), resume=True)


def test_a_judge_that_has_changed_is_refused(folder: RunFolder, loaded: Suite) -> None:
    run = with_fingerprints(begun(folder, loaded, Wishes()), {"claude": "model 1", "evidence": "e"}, folder)
    with pytest.raises(BadInput, match="judge claude is not what it was"):
        with_fingerprints(run, {"claude": "model 2", "evidence": "e"}, folder)


def test_the_command_line_restores_settings_and_refuses_others_in_one_line(tmp_path: Path, cli: Cli) -> None:
    suite, run = write_suite(tmp_path / "suite", tasks=1, models=("counts", "ignores")), tmp_path / "run"
    first = cli("run", suite, "--out", run, "--mode", "code", "--no-interaction", "--jobs", "1")
    assert first.returncode == 0, first.stderr
    assert "1 verdict; no model was asked" in first.stdout
    before = json.loads((run / "run.json").read_text())

    other = cli("run", suite, "--out", run, "--resume", "--mode", "code+interaction")
    assert other.returncode == 2
    (line,) = other.stderr.splitlines()
    assert "begun with --mode code, not with --mode code+interaction" in line

    again = cli("run", suite, "--out", run, "--resume", "--jobs", "3")
    assert again.returncode == 0, again.stderr
    after = json.loads((run / "run.json").read_text())
    assert after["judging"] == before["judging"]
    assert after["interaction"] is before["interaction"] is False

"""What a run keeps, it keeps whole, once, and where others may use it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from agent_judge.errors import BadInput
from agent_judge.schema import Evidence, LaunchReport, Observation, Trajectory, Verdict
from agent_judge.store import EvidenceStore, RunFolder, VerdictStore, joined


def evidence(key: str, *, screenshot: str = "step-000.png", driver_error: str = "", scenario: str = "s") -> Evidence:
    launch = LaunchReport(outcome="ready")
    trajectory = Trajectory(
        scenario=scenario,
        policy="replay",
        launch=launch,
        observations=(Observation(at=0, url="http://localhost/", screenshot=screenshot),),
        driver_error=driver_error,
    )
    return Evidence(
        key=key, solution="d", environment="html", language="html", launch=launch, trajectories=(trajectory,)
    )


def gathered(store: EvidenceStore, key: str, **more: str) -> Evidence:
    workplace = store.workplace()
    (workplace / "step-000.png").write_bytes(b"picture of " + key.encode())
    return store.put(evidence(key, **more), workplace)


def test_a_kept_screenshot_is_found_by_its_path(tmp_path: Path) -> None:
    store = EvidenceStore(tmp_path / "run", tmp_path / "shared")
    kept = gathered(store, "k1")
    path = tmp_path / "run" / kept.trajectories[0].observations[0].screenshot
    assert path.read_bytes() == b"picture of k1"
    assert store.get("k1") == kept


def test_another_run_uses_what_one_run_gathered_and_owns_a_copy(tmp_path: Path) -> None:
    kept = gathered(EvidenceStore(tmp_path / "one", tmp_path / "shared"), "k1")
    other = EvidenceStore(tmp_path / "two", tmp_path / "shared")
    assert other.get("k1") == kept
    assert (tmp_path / "two" / "k1" / "step-000.png").read_bytes() == b"picture of k1"


def test_runs_that_share_nothing_find_nothing(tmp_path: Path) -> None:
    gathered(EvidenceStore(tmp_path / "one", tmp_path / "shared"), "k1")
    assert EvidenceStore(tmp_path / "two", None).get("k1") is None


def test_what_must_not_be_shared_stays_in_its_run(tmp_path: Path) -> None:
    store = EvidenceStore(tmp_path / "one", tmp_path / "shared")
    workplace = store.workplace()
    store.put(evidence("k1", screenshot="", driver_error="browser gone"), workplace, share=False)
    assert store.get("k1") is not None
    assert EvidenceStore(tmp_path / "two", tmp_path / "shared").get("k1") is None


def test_half_gathered_evidence_is_never_found_and_is_removed(tmp_path: Path) -> None:
    store = EvidenceStore(tmp_path / "run", None)
    (store.workplace() / "step-000.png").write_bytes(b"half")
    assert [path.name.startswith(".gathering-") for path in (tmp_path / "run").iterdir()] == [True]
    store.forget_unfinished()
    assert list((tmp_path / "run").iterdir()) == []


def test_evidence_of_an_unreadable_form_is_gathered_anew(tmp_path: Path) -> None:
    store = EvidenceStore(tmp_path / "run", None)
    gathered(store, "k1")
    (tmp_path / "run" / "k1" / "evidence.json").write_text('{"key": "k1", "of": "another version"}')
    assert store.get("k1") is None
    assert gathered(store, "k1").key == "k1"
    assert store.get("k1") is not None


@pytest.mark.parametrize("damage", ["evidence.json", "step-000.png"])
def test_damaged_shared_evidence_is_replaced(tmp_path: Path, damage: str) -> None:
    gathered(EvidenceStore(tmp_path / "one", tmp_path / "shared"), "k1")
    (tmp_path / "shared" / "k1" / damage).unlink()
    if damage == "evidence.json":
        (tmp_path / "shared" / "k1" / damage).write_text('{"key": "k1", "cut": "off')
    second = EvidenceStore(tmp_path / "two", tmp_path / "shared")
    assert second.get("k1") is None
    kept = gathered(second, "k1")
    assert EvidenceStore(tmp_path / "three", tmp_path / "shared").get("k1") == kept


def test_evidence_of_a_run_that_is_damaged_comes_from_the_machines(tmp_path: Path) -> None:
    store = EvidenceStore(tmp_path / "run", tmp_path / "shared")
    kept = gathered(store, "k1")
    (tmp_path / "run" / "k1" / "step-000.png").unlink()
    assert store.get("k1") == kept
    assert (tmp_path / "run" / "k1" / "step-000.png").exists()


def test_a_place_that_cannot_be_a_run_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with (
        pytest.raises(BadInput, match="cannot be used as a run folder: Not a directory"),
        RunFolder(tmp_path / "file" / "run").held(),
    ):
        pass


def test_joined_evidence_holds_every_trajectory_and_skips_our_own_failures_for_the_launch() -> None:
    failed = evidence("k1", scenario="one", driver_error="browser gone").model_copy(
        update={"launch": LaunchReport(outcome="never_ready")}
    )
    whole = joined([failed, evidence("k2", scenario="two")])
    assert [trajectory.scenario for trajectory in whole.trajectories] == ["one", "two"]
    assert whole.launch.outcome == "ready"
    assert whole.key != "k2"


def test_a_verdict_is_kept_and_a_broken_file_is_none(tmp_path: Path) -> None:
    store = VerdictStore(tmp_path / "verdicts")
    verdict = Verdict(winner="A", strength=0.5, confidence=0.9, rationale="because")
    store.put("v1", verdict)
    assert store.get("v1") == verdict
    (tmp_path / "verdicts" / "v1.json").write_text("{")
    assert store.get("v1") is None


def test_two_processes_cannot_work_in_one_run_folder(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path / "run")
    with folder.held(), pytest.raises(BadInput, match="another agent-judge"), RunFolder(tmp_path / "run").held():
        pass
    with folder.held():
        pass


def test_a_folder_that_is_no_run_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"no run\.json"):
        RunFolder(tmp_path).read_run()


def test_links_fall_back_to_copies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError("another file system")

    monkeypatch.setattr(os, "link", refuse)
    gathered(EvidenceStore(tmp_path / "one", tmp_path / "shared"), "k1")
    assert EvidenceStore(tmp_path / "two", tmp_path / "shared").get("k1") is not None

"""Auditing and replaying into a folder: alone in it, anew when asked, and leaving nothing empty behind."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent_judge import audit, replay
from agent_judge.errors import BadInput
from agent_judge.store import RunFolder
from tests.run.counters import CLICKS, PAGE, SCENARIO


@pytest.fixture
def page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("agent_judge.api.shared_evidence", lambda: tmp_path / "shared")
    page = tmp_path / "counts.html"
    page.write_text(PAGE.format(click=CLICKS["counts"]))
    return page


async def test_a_folder_is_used_again_and_anew_when_asked(page: Path, tmp_path: Path) -> None:
    scenario, out = write_scenario(tmp_path), tmp_path / "out"
    moments = []
    for reuse in (True, True, False):
        assert (await replay(scenario, page, out=out, reuse=reuse)).completed
        (kept,) = (out / "evidence").glob("*/evidence.json")
        moments.append(kept.stat().st_ino)
    assert moments[0] == moments[1] != moments[2]
    assert sorted(path.name for path in out.iterdir()) == [".lock", "evidence"]


async def test_nobody_works_in_a_folder_that_another_works_in(page: Path, tmp_path: Path) -> None:
    with RunFolder(tmp_path / "out").held():
        with pytest.raises(BadInput, match="another agent-judge"):
            await audit(page, out=tmp_path / "out")
        with pytest.raises(BadInput, match="another agent-judge"):
            await replay(write_scenario(tmp_path), page, out=tmp_path / "out")


def write_scenario(folder: Path) -> Path:
    file = folder / "count.yaml"
    file.write_text(SCENARIO)
    return file

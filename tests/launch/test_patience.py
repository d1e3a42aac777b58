"""Bounds that blame a program count its fair share of the machine."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from agent_judge.launch import patience
from agent_judge.launch.patience import Alarm, Patience, fair_share, patiently


@pytest.fixture
def share(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "fair_share", lambda: 0.05)


async def test_a_wait_is_bounded() -> None:
    with pytest.raises(TimeoutError):
        async with patiently(0.05):
            await asyncio.Event().wait()


@pytest.mark.usefixtures("share")
async def test_on_a_busy_machine_a_wait_lasts_longer() -> None:
    slow = asyncio.Event()
    asyncio.get_running_loop().call_later(0.6, slow.set)
    async with patiently(0.2):
        await slow.wait()


async def test_an_alarm_rings_unless_it_is_cancelled() -> None:
    rung: list[str] = []
    heard = asyncio.Event()
    cancelled = Alarm(0.01, lambda: rung.append("cancelled"))
    cancelled.cancel()
    alarm = Alarm(0.02, heard.set)
    await heard.wait()
    assert (rung, alarm.left) == ([], 0)


def test_time_in_which_we_were_not_run_ourselves_is_hardly_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr("agent_judge.launch.patience.time.monotonic", lambda: now[0])
    monkeypatch.setattr(patience, "fair_share", lambda: 1.0)
    waiting = Patience(5)
    now[0] += 60
    assert waiting.left() == 4


@pytest.mark.parametrize(("told", "expected"), [("1.0 1.0 1.0 1/900 77", 1.0), ("1.0 1.0 1.0 8/900 77", 0.5)])
def test_the_share_is_that_of_the_threads_that_want_to_run(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, told: str, expected: float
) -> None:
    (tmp_path / "loadavg").write_text(told)
    monkeypatch.setattr(patience, "_LOAD", tmp_path / "loadavg")
    monkeypatch.setattr(patience, "_cores", lambda: 4)
    assert fair_share() == expected


def test_without_proc_the_mean_load_tells(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(patience, "_LOAD", tmp_path / "missing")
    monkeypatch.setattr("agent_judge.launch.patience.os.getloadavg", lambda: (8.0, 1.0, 1.0))
    monkeypatch.setattr(patience, "_cores", lambda: 2)
    assert fair_share() == 0.25

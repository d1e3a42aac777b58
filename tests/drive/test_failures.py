"""Whose fault it is when a page can no longer be looked at."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent_judge.drive import Explore, Replay
from agent_judge.drive.examine import examine
from agent_judge.drive.failures import Crash, guard
from agent_judge.errors import DriverError
from agent_judge.launch import patience
from agent_judge.launch.local import LocalBackend
from agent_judge.schema import Scenario, Solution, Task
from tests.drive.conftest import Open

_TWICE = Scenario.model_validate(
    {"id": "s", "title": "t", "task": "t", "steps": [{"do": "click", "target": {"role": "button", "name": "Go"}}] * 2}
)


@pytest.mark.parametrize("remove", ["document.body.remove()", "document.documentElement.remove()"])
@pytest.mark.parametrize("scenario", [_TWICE, None], ids=["replay", "explore"])
async def test_a_page_that_removes_itself_is_its_own_fault(
    backend: LocalBackend, tmp_path: Path, remove: str, scenario: Scenario | None
) -> None:
    page = f'<h1>x</h1><button onclick="{remove}">Go</button>'.encode()
    solution = Solution(environment="html", language="html", entry="index.html", files={"index.html": page})
    policy = Replay() if scenario else Explore()
    task = Task(id="t", instruction="x")
    evidence = await examine(backend, task, solution, scenario, policy, tmp_path, key="k", seed=1, retries=0)
    assert evidence.driver_error == ""
    step = evidence.trajectories[0].steps[0]
    assert (step.outcome, step.reason) == ("crashed", "the page removed its own body: nothing is left of it")


async def test_what_an_error_quotes_of_the_page_is_no_crash(open_page: Open) -> None:
    session = await open_page("<p class='crashed'>The server crashed")
    assert session.page is not None
    with pytest.raises(DriverError, match="Timeout 1ms"):
        await guard(session, session.page, session.page.locator(".crashed b").click(timeout=1), 5)


_BUSY = "(ms) => { const until = performance.now() + ms; while (performance.now() < until); return 'done'; }"


async def test_a_page_is_hung_that_does_not_answer_in_its_fair_share_of_the_machine(open_page: Open) -> None:
    session = await open_page("<h1>busy</h1>")
    assert session.page is not None
    with pytest.raises(Crash, match="stopped responding"):
        await guard(session, session.page, session.page.evaluate(_BUSY, 60_000), 0.2)


async def test_a_page_that_is_starved_by_others_is_not_hung(open_page: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    session = await open_page("<h1>busy</h1>")
    assert session.page is not None
    monkeypatch.setattr(patience, "fair_share", lambda: 0.05)
    assert await guard(session, session.page, session.page.evaluate(_BUSY, 2500), 0.2) == "done"

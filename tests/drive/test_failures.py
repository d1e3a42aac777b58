"""Whose fault it is when a page can no longer be looked at."""

from __future__ import annotations

import contextlib
import os
import signal
from pathlib import Path

import pytest

from agent_judge.drive import Explore, Replay
from agent_judge.drive.examine import examine
from agent_judge.drive.failures import Crash, guard
from agent_judge.errors import DriverError
from agent_judge.launch import liveness, patience
from agent_judge.launch.local import LocalBackend
from agent_judge.read.solution import solution_from_path
from agent_judge.schema import Scenario, Solution, Task, Viewport
from tests.drive.conftest import Open

_TWICE = Scenario.model_validate(
    {"id": "s", "title": "t", "task": "t", "steps": [{"do": "click", "target": {"role": "button", "name": "Go"}}] * 2}
)


_REMOVED = "the page removed its own body: nothing is left of it"
_HUNG_FRAME = """<h1>x</h1><button onclick="frames[0].postMessage('go', '*')">Go</button>
  <iframe sandbox="allow-scripts" srcdoc="<script>onmessage = () => { for (;;); }</script>"></iframe>"""


@pytest.mark.parametrize(
    ("page", "reason"),
    [
        ('<h1>x</h1><button onclick="document.body.remove()">Go</button>', _REMOVED),
        ('<h1>x</h1><button onclick="document.documentElement.remove()">Go</button>', _REMOVED),
        (_HUNG_FRAME, "a frame in the page stopped responding"),
    ],
    ids=["removes its body", "removes everything", "hangs in a frame with a process of its own"],
)
@pytest.mark.parametrize("scenario", [_TWICE, None], ids=["replay", "explore"])
async def test_a_page_that_ends_itself_is_its_own_fault(
    backend: LocalBackend, tmp_path: Path, page: str, reason: str, scenario: Scenario | None
) -> None:
    solution = Solution(environment="html", language="html", entry="index.html", files={"index.html": page.encode()})
    policy = Replay() if scenario else Explore()
    task = Task(id="t", instruction="x")
    evidence = await examine(backend, task, solution, scenario, policy, tmp_path, key="k", seed=1, retries=0)
    assert evidence.driver_error == ""
    step = evidence.trajectories[0].steps[0]
    assert (step.outcome, step.reason) == ("crashed", reason)


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


def _browsers() -> set[int]:
    """The browsers of this process, without the processes that they start themselves."""
    parents, found = {}, set()
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            parents[int(folder.name)] = int(folder.joinpath("stat").read_text().rsplit(")", 1)[1].split()[1])
            words = folder.joinpath("cmdline").read_bytes().split(b"\0")
            if b"chrom" in words[0] and not any(word.startswith(b"--type=") for word in words):
                found.add(int(folder.name))

    def is_ours(process: int) -> bool:
        while process > 1 and process != os.getpid():
            process = parents.get(process, 0)
        return process == os.getpid()

    return {process for process in found if is_ours(process)}


async def test_a_page_is_not_to_blame_for_a_browser_that_does_not_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(liveness, "_BROWSER_SECONDS", 0.5)
    others = _browsers()
    async with LocalBackend() as backend:
        file = tmp_path / "page.html"
        file.write_text("<h1>idle</h1>")
        session = await backend.launch(solution_from_path(file), Viewport(), 1)
        assert session.page is not None
        frozen = _browsers() - others
        for process in frozen:
            os.kill(process, signal.SIGSTOP)
        try:
            with pytest.raises(DriverError, match="the browser does not answer"):
                await guard(session, session.page, session.page.title(), 0.2)
        finally:
            for process in frozen:
                os.kill(process, signal.SIGCONT)
        assert frozen
        assert await guard(session, session.page, session.page.title(), 5) == ""
        await session.close()

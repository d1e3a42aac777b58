"""Pages that are launched as solutions are, and used by the driver."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from agent_judge.drive.driver import DriveConfig
from agent_judge.drive.replay import Replay
from agent_judge.launch.local import LocalBackend
from agent_judge.protocols import Session
from agent_judge.schema import Scenario, Solution, Task, Trajectory, Viewport

PAGES = Path(__file__).parent / "pages"
TASK = Task(id="page", instruction="A page")

Open = Callable[[str], Awaitable[Session]]
Play = Callable[..., Awaitable[Trajectory]]


def page_source(page: str) -> str:
    """The source of a page: HTML, or the name of a file in ``pages``."""
    return page if "<" in page else (PAGES / page).read_text(encoding="utf-8")


@pytest.fixture
async def open_page(backend: LocalBackend) -> AsyncIterator[Open]:
    """Launches HTML, or a file of ``pages``; ends it with the test."""
    opened: list[Session] = []

    async def launch(page: str) -> Session:
        files = {"index.html": page_source(page).encode()}
        solution = Solution(environment="html", language="html", entry="index.html", files=files)
        session = await backend.launch(solution, Viewport(width=800, height=600), 1)
        opened.append(session)
        return session

    yield launch
    for session in opened:
        await session.close()


@pytest.fixture
def play(open_page: Open, tmp_path: Path) -> Play:
    """Replays steps, written as in a scenario file, on HTML or a file of ``pages``."""

    async def replay(page: str, *steps: dict[str, object], config: DriveConfig | None = None) -> Trajectory:
        session = await open_page(page)
        assert session.report.outcome == "ready", session.report
        scenario = Scenario.model_validate({"id": "test", "steps": steps})
        return await Replay(config).drive(session, TASK, scenario, tmp_path)

    return replay

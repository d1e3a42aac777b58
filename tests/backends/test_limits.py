"""What a solution uses too much of is named and ends it, on every backend, and hurts nobody else."""

from __future__ import annotations

import asyncio

import pytest

from agent_judge.protocols import Backend
from tests.backends.conftest import Launch
from tests.launch.resources import RESOURCES

_TRIED = (
    "fork bomb", "thread bomb", "memory bomb", "memory bomb of many", "disk filler in /tmp", "endless output",
    "endless loop",
)  # fmt: skip


@pytest.mark.parametrize("name", _TRIED)
async def test_what_runs_out_is_named_and_ends_it(narrow: Backend, launch: Launch, name: str) -> None:
    code, reason = RESOURCES[name]
    report = (await launch(narrow, "interpreter", {"main.py": code})).report
    assert report.outcome == "killed"
    assert reason.format(seconds=15) in report.reason
    assert len(report.stdout) + len(report.stderr) <= 256 * 1024


async def test_a_build_that_takes_too_long_is_ended(narrow: Backend, launch: Launch) -> None:
    # The preprocessor doubles a line thirty times.
    lines = ["#define A0 1+1+1+1"] + [f"#define A{n} A{n - 1}+A{n - 1}+A{n - 1}+A{n - 1}" for n in range(1, 30)]
    code = "\n".join([*lines, "int main(void) { return A29; }"])
    report = (await launch(narrow, "interpreter", {"main.c": code})).report
    assert report.outcome == "killed"
    assert "memory" in report.reason or "to build" in report.reason


async def test_a_page_that_takes_too_much_memory_is_ended(narrow: Backend, launch: Launch) -> None:
    script = "const all = []; setInterval(() => all.push(new Uint8Array(1e7).fill(1)), 50)"
    page = f"<title>t</title><button onclick='{script}'>take</button>"
    session = await launch(narrow, "html", {"index.html": page})
    assert session.page is not None
    await session.page.click("button")
    async with asyncio.timeout(60):
        while not session.death():  # noqa: ASYNC110 - no event tells of it
            await asyncio.sleep(0.1)
    assert session.death() == "killed: used more than 400 MiB of memory"


async def test_a_page_that_never_comes_to_an_end_is_told(narrow: Backend, launch: Launch) -> None:
    session = await launch(narrow, "html", {"index.html": "<script>for (;;);</script>"})
    assert session.report.outcome == "never_ready"
    assert "scripts do not come to an end" in session.report.reason


async def test_what_a_program_leaves_running_does_not_keep_it_from_its_end(narrow: Backend, launch: Launch) -> None:
    code = "import subprocess\nsubprocess.Popen(['sleep', '999'], start_new_session=True)\nprint('done')"
    report = (await launch(narrow, "interpreter", {"main.py": code})).report
    assert (report.outcome, report.stdout) == ("finished", "done\n")


async def test_a_program_that_ends_its_own_watch_ends_itself(narrow: Backend, launch: Launch) -> None:
    report = (await launch(narrow, "interpreter", {"main.py": "import os\nos.kill(-1, 9)"})).report
    assert report.outcome in ("crashed", "killed")

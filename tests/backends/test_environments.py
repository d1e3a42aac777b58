"""Every environment runs on every backend, and tells the same about the same solution."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from agent_judge.protocols import Backend
from agent_judge.read.environment import load_environments
from agent_judge.read.solution import solution_from_path
from agent_judge.schema import Viewport
from tests.backends import e2b_machine
from tests.backends.conftest import Launch

_SAMPLES = sorted(name for name, known in load_environments().items() if [*known.folder.glob("sample.*")])


def _sample(environment: str) -> Path:
    return next(load_environments()[environment].folder.glob("sample.*"))


@pytest.mark.parametrize("environment", _SAMPLES)
async def test_every_environment_runs(backend: Backend, environment: str) -> None:
    if lacking := backend.missing(environment):
        pytest.skip(f"{lacking[0].what} is missing: {lacking[0].command}")
    if backend.name == "e2b" and (reason := e2b_machine.lacks(environment)):
        pytest.skip(reason)
    session = await backend.launch(solution_from_path(_sample(environment)), Viewport(), 1)
    try:
        assert (session.report.outcome, session.report.reason) in [("ready", ""), ("finished", "")]
        assert session.page is not None
        assert len(await session.page.screenshot()) > 1000
        assert session.death() == ""
        assert session.blocked_requests == []
    finally:
        await session.close()


async def test_a_program_is_told_with_all_that_it_left(backend: Backend, launch: Launch) -> None:
    code = "import sys\nprint('said')\nprint('complained', file=sys.stderr)\nopen('kept.txt', 'w').write('made')"
    session = await launch(backend, "interpreter", {"main.py": code})
    report = session.report
    assert (report.outcome, report.exit_code, report.stdout, report.stderr) == ("finished", 0, "said\n", "complained\n")
    assert report.artifacts == ("kept.txt",)
    assert session.page is not None
    assert "made" in await session.page.inner_text("body")


async def test_a_compiled_program_is_built_and_run(backend: Backend, launch: Launch) -> None:
    code = '#include <stdio.h>\nint main(void) { puts("built"); return 3; }'
    session = await launch(backend, "interpreter", {"main.c": code})
    assert (session.report.outcome, session.report.exit_code, session.report.stdout) == ("crashed", 3, "built\n")


async def test_what_does_not_compile_says_why(backend: Backend, launch: Launch) -> None:
    session = await launch(backend, "interpreter", {"main.c": "int main(void) { return nothing; }"})
    assert session.report.outcome == "build_failed"
    assert "nothing" in session.report.reason
    assert "undeclared" in session.report.build_log
    assert session.page is None


async def test_an_exception_is_named(backend: Backend, launch: Launch) -> None:
    session = await launch(backend, "interpreter", {"main.py": "print('before')\nraise KeyError('gone')"})
    assert (session.report.outcome, session.report.reason) == ("crashed", "KeyError: 'gone'")
    assert session.report.stdout == "before\n"


async def test_a_signal_is_named(backend: Backend, launch: Launch) -> None:
    session = await launch(backend, "interpreter", {"main.py": "import os; os.abort()"})
    assert session.report.outcome == "crashed"
    assert "SIGABRT" in session.report.reason


async def test_packages_of_the_registry_are_there(backend: Backend, launch: Launch) -> None:
    session = await launch(backend, "interpreter", {"main.py": "import six; print(six.__name__)"}, "six")
    assert (session.report.outcome, session.report.stdout) == ("finished", "six\n")
    assert "six" in session.report.packages


async def test_several_files_keep_their_folders(backend: Backend, launch: Launch) -> None:
    files = {
        "main.py": "from deep.inner import word\nprint(word)",
        "deep/__init__.py": "",
        "deep/inner.py": "word = 'x'",
    }
    assert (await launch(backend, "interpreter", files)).report.stdout == "x\n"


async def test_a_server_that_dies_later_is_told(backend: Backend, launch: Launch) -> None:
    code = (
        "import os, http.server\n"
        "class Handler(http.server.BaseHTTPRequestHandler):\n"
        "  def do_GET(self):\n"
        "    if self.path == '/die': os._exit(3)\n"
        "    self.send_response(200); self.end_headers(); self.wfile.write(b'<title>up</title><p>up')\n"
        "http.server.HTTPServer(('127.0.0.1', 8123), Handler).serve_forever()\n"
    )
    session = await launch(backend, "webserver", {"app.py": code})
    assert (session.report.outcome, session.death()) == ("ready", "")
    assert session.page is not None
    assert await session.page.title() == "up"
    await session.page.evaluate("fetch('/die').catch(() => 0)")
    async with asyncio.timeout(20):
        while not session.death():
            await session.page.evaluate("new Promise((go) => setTimeout(go, 50))")
    assert "exit code 3" in session.death()


async def test_a_server_that_nobody_sees_is_never_ready(narrow: Backend, launch: Launch) -> None:
    session = await launch(narrow, "webserver", {"app.py": "import http.server\nprint('no server', flush=True)"})
    assert (session.report.outcome, session.page) == ("never_ready", None)
    assert session.report.stdout == "no server\n"


async def test_a_page_tells_what_it_says(backend: Backend, launch: Launch) -> None:
    page = "<title>t</title><p>shown<script>console.warn('careful'); alert('hello'); throw new Error('broken')</script>"
    session = await launch(backend, "html", {"index.html": page})
    log = session.drain()
    assert session.report.outcome == "ready"
    assert [(line.level, line.text) for line in log.console] == [("warning", "careful")]
    assert log.dialogs == ["alert: hello"]
    assert "broken" in log.errors[0]


async def test_chance_follows_the_seed(backend: Backend, launch: Launch) -> None:
    numbers = []
    for _ in range(2):
        session = await launch(backend, "html", {"index.html": "<script>document.title = Math.random()</script>"})
        assert session.page is not None
        numbers.append(await session.page.title())
    assert numbers[0] == numbers[1]


async def test_pages_run_in_the_same_surroundings_on_every_backend(backend: Backend, launch: Launch) -> None:
    session = await launch(backend, "html", {"index.html": "<p>here"})
    assert session.page is not None
    told = await session.page.evaluate(
        "[navigator.language, Intl.DateTimeFormat().resolvedOptions().timeZone, devicePixelRatio, innerWidth, "
        "innerHeight, isSecureContext, matchMedia('(prefers-color-scheme: light)').matches, location.href]"
    )
    size = Viewport()
    assert told == ["en-US", "UTC", 1, size.width, size.height, True, True, "http://localhost/"]


async def test_solutions_share_nothing(backend: Backend, launch: Launch) -> None:
    page = "<script>document.title = localStorage.getItem('x') ?? 'empty'; localStorage.setItem('x', 'left')</script>"
    for _ in range(2):
        session = await launch(backend, "html", {"index.html": page})
        assert session.page is not None
        assert await session.page.title() == "empty"
    code = (
        "import pathlib\n"
        "for file in map(pathlib.Path, ('/tmp/left', '/dev/shm/left')):\n"
        "  print(file.exists())\n"
        "  file.write_text('x')\n"
    )
    for _ in range(2):
        assert (await launch(backend, "interpreter", {"main.py": code})).report.stdout == "False\nFalse\n"

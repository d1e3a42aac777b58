from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import re
import sys
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import psutil
import pytest
from playwright.async_api import Browser, Error

from agent_judge.errors import BadInput, DriverError
from agent_judge.launch import esbuild
from agent_judge.launch.chromium import Network, open_browser
from agent_judge.launch.hardened import HardenedPage, open_hardened_page
from agent_judge.launch.local import LocalBackend
from agent_judge.launch.provision import try_out
from agent_judge.launch.session import BrowserSession
from agent_judge.launch.show import Showing
from agent_judge.protocols import PageLog
from agent_judge.read.environment import Limits
from agent_judge.schema import Solution, Viewport


def html(body: str, **others: bytes) -> Solution:
    files = {"index.html": f"<!doctype html><title>t</title>{body}".encode(), **others}
    return Solution(environment="html", language="html", entry="index.html", files=files)


async def shown(backend: LocalBackend, body: str, seed: int = 1) -> BrowserSession:
    return await backend.launch(html(body), Viewport(width=640, height=480), seed)


async def test_a_page_is_ready_with_its_files_beside_it(backend: LocalBackend) -> None:
    solution = Solution(
        environment="html",
        language="html",
        entry="index.html",
        files={
            "index.html": b'<link rel="stylesheet" href="css/a.css"><h1>x</h1><script src="a.js"></script>',
            "css/a.css": b"h1 { color: rgb(1, 2, 3) }",
            "a.js": b"document.querySelector('h1').textContent = 'made by script'",
        },
    )
    session = await backend.launch(solution, Viewport(width=640, height=480), 1)
    try:
        assert session.report.outcome == "ready"
        assert session.page
        assert await session.page.inner_text("h1") == "made by script"
        assert await session.page.evaluate("getComputedStyle(document.querySelector('h1')).color") == "rgb(1, 2, 3)"
        assert session.page.viewport_size == {"width": 640, "height": 480}
        assert session.death() == ""
    finally:
        await session.close()


async def test_the_next_page_is_opened_once_this_one_was_pictured(
    backend: LocalBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = []

    async def counted(browser: Browser, live: re.Pattern[str] | None = None) -> HardenedPage:
        opened.append(browser)
        return await open_hardened_page(browser, live)

    session = await shown(backend, "<h1>x</h1>")
    await session.close()
    monkeypatch.setattr("agent_judge.launch.spare.open_hardened_page", counted)
    monkeypatch.setattr("agent_judge.launch.spare._FIRST_LOOK_SECONDS", 3600)
    session = await shown(backend, "<h1>y</h1>")
    assert session.page
    await session.page.screenshot()
    assert not opened
    await session.close()
    session = await shown(backend, "<h1>z</h1>")
    await session.close()
    assert opened


async def test_pages_run_in_the_same_surroundings_every_time(backend: LocalBackend) -> None:
    session = await shown(backend, "")
    try:
        assert session.page
        told = await session.page.evaluate(
            """() => [navigator.language, Intl.DateTimeFormat().resolvedOptions().timeZone, devicePixelRatio,
                      matchMedia("(prefers-color-scheme: light)").matches, isSecureContext]"""
        )
        assert told == ["en-US", "UTC", 1, True, True]
    finally:
        await session.close()


async def test_chance_follows_the_seed(backend: LocalBackend) -> None:
    async def drawn(seed: int) -> str:
        session = await shown(backend, "<script>document.title = [1, 2, 3].map(Math.random).join()</script>", seed)
        try:
            assert session.page
            return await session.page.title()
        finally:
            await session.close()

    assert await drawn(7) == await drawn(7)
    assert await drawn(7) != await drawn(8)


async def test_the_log_tells_what_the_page_said_and_is_empty_once_taken(backend: LocalBackend) -> None:
    session = await shown(
        backend,
        """<img src="gone.png"><script>
        console.warn("careful"); Promise.reject(new Error("unheard")); alert("hello"); null.x;</script>""",
    )
    try:
        log = session.drain()
        assert ("warning", "careful") in [(line.level, line.text) for line in log.console]
        assert any("unheard" in error for error in log.errors)
        assert any("Cannot read properties of null" in error for error in log.errors)
        assert log.failed_requests == ["GET http://localhost/gone.png: 404"]
        assert log.dialogs == ["alert: hello"]
        assert session.drain() == PageLog()
    finally:
        await session.close()


async def test_confirm_and_prompt_are_answered_as_a_willing_person_would(backend: LocalBackend) -> None:
    session = await shown(
        backend, "<script>document.title = [confirm('Sure?'), prompt('Name?', 'Ann')].join()</script>"
    )
    try:
        assert session.page
        assert await session.page.title() == "true,Ann"
    finally:
        await session.close()


async def test_requests_elsewhere_are_refused_and_recorded_but_not_held_against_the_page(backend: LocalBackend) -> None:
    session = await shown(
        backend,
        """<link rel="stylesheet" href="https://styles.example/a.css"><img src="https://pictures.example/a.png">""",
    )
    try:
        assert session.report.outcome == "ready"
        assert {(request.url, request.kind) for request in session.blocked_requests} == {
            ("https://styles.example/a.css", "stylesheet"),
            ("https://pictures.example/a.png", "image"),
        }
        assert session.drain() == PageLog()
    finally:
        await session.close()


@pytest.mark.parametrize(
    "leave",
    [
        "location.href = 'http://elsewhere.example/'",
        "location.href = 'about:blank'",
        "location.replace(URL.createObjectURL(new Blob(['x'], {type: 'text/html'})))",
        "document.querySelector('form').submit()",
        "document.querySelector('a').click()",
    ],
)
async def test_a_page_does_not_leave_and_is_held_to_have_tried(backend: LocalBackend, leave: str) -> None:
    body = f"""<h1>still here</h1><a href="http://elsewhere.example/">go</a>
    <form action="http://elsewhere.example/" method="post"></form><script>{leave}</script>"""
    session = await shown(backend, body)
    try:
        assert session.report.outcome == "crashed"
        assert re.fullmatch("it leaves for .* as soon as it is open", session.report.reason)
        assert session.page
        assert session.page.url == "http://localhost/"
        assert await session.page.inner_text("h1") == "still here"
        assert [request.kind for request in session.blocked_requests] == ["navigation"]
    finally:
        await session.close()


async def test_popups_are_closed_and_recorded(backend: LocalBackend) -> None:
    session = await shown(backend, "<button onclick=\"window.open('http://elsewhere.example/')\">open</button>")
    try:
        assert session.page
        async with session.page.context.expect_page() as popup:
            await session.page.click("button")
        if not (await popup.value).is_closed():
            await (await popup.value).wait_for_event("close")
        assert "popup" in {request.kind for request in session.blocked_requests}
        assert session.death() == ""
    finally:
        await session.close()


async def test_downloads_are_denied_and_recorded(backend: LocalBackend) -> None:
    session = await shown(backend, "<a download='data.csv' href='data:text/csv,1'>save</a>")
    try:
        assert session.page
        async with session.page.expect_download() as download:
            await session.page.click("a")
        assert await (await download.value).failure()
        assert "download" in {request.kind for request in session.blocked_requests}
    finally:
        await session.close()


async def test_a_script_that_never_ends_is_told(backend: LocalBackend) -> None:
    limits = Limits(start_seconds=2)
    showing = Showing(backend.playwright, Viewport(), 1, limits, backend.warm, backend.spare)
    session = await showing.show_files({"index.html": b"<h1>x</h1><script>while (true);</script>"})
    try:
        assert session.report.outcome == "never_ready"
        assert session.report.reason == "the page did not load within 2 seconds: its scripts do not come to an end"
        assert session.death() == session.report.reason
    finally:
        await session.close()


async def test_a_page_that_hangs_later_is_noticed(backend: LocalBackend, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agent_judge.launch.hardened._HUNG_SECONDS", 1.0)
    session = await shown(backend, "<button onclick='while (true);'>hang</button>")
    try:
        assert session.report.outcome == "ready"
        assert session.page
        closed = session.page.wait_for_event("close", timeout=30_000)
        await session.page.evaluate("setTimeout(() => document.querySelector('button').click(), 0)")
        await closed
        assert "hung" in session.death()
    finally:
        await session.close()


async def test_a_flood_of_alerts_does_not_hang_the_driver(backend: LocalBackend) -> None:
    session = await shown(backend, "<script>for (let i = 0; i < 50; i++) alert(i)</script><h1>through</h1>")
    try:
        assert session.report.outcome == "ready"
        assert len(session.drain().dialogs) == 50
    finally:
        await session.close()


async def test_a_crash_is_told(backend: LocalBackend) -> None:
    session = await shown(backend, "<h1>x</h1>")
    try:
        assert session.page
        crashed = session.page.wait_for_event("crash")
        cdp = await session.page.context.new_cdp_session(session.page)
        crash = asyncio.create_task(cdp.send("Page.crash"))
        await crashed
        assert session.death() == "the page crashed"
        crash.cancel()
    finally:
        await session.close()


@pytest.mark.parametrize("remove", ["document.body.remove()", "document.documentElement.remove()"])
async def test_a_page_that_removes_itself_has_crashed(backend: LocalBackend, remove: str) -> None:
    session = await shown(backend, f"<h1>x</h1><script>onload = () => {remove}</script>")
    try:
        assert session.report.outcome == "crashed"
        assert "removed its own body" in session.report.reason
    finally:
        await session.close()


async def test_a_full_disk_is_our_own_failure(backend: LocalBackend, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(folder: Path, files: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", str(folder))

    monkeypatch.setattr(esbuild, "_write", full)
    files = {"App.tsx": b"export default () => <h1>x</h1>"}
    with pytest.raises(DriverError, match="No space left"):
        await backend.launch(Solution(environment="react", language="tsx", entry="App.tsx", files=files), Viewport(), 1)


async def test_a_solution_with_a_problem_is_not_built(backend: LocalBackend) -> None:
    solution = Solution(environment="html", language="none", entry="", problem="the answer holds no code")
    session = await backend.launch(solution, Viewport(), 1)
    assert (session.report.outcome, session.report.reason) == ("build_failed", "the answer holds no code")
    assert session.page is None
    assert session.death() == ""
    await session.close()


async def test_an_unknown_environment_is_named_with_those_that_are_known(backend: LocalBackend) -> None:
    with pytest.raises(BadInput, match=r"'cobol'.*known:.*react"):
        await backend.launch(Solution(environment="cobol", language="cobol", entry="a"), Viewport(), 1)


async def test_the_browser_is_started_again_when_it_died() -> None:
    async with LocalBackend() as mine:
        first = await shown(mine, "<h1>first</h1>")
        await (await mine.browser()).close()
        with pytest.raises(DriverError, match="browser died"):
            first.death()
        await first.close()
        second = await shown(mine, "<h1>second</h1>")
        assert second.report.outcome == "ready"
        await second.close()


async def test_closing_twice_is_safe_and_ends_what_was_added_last_first(backend: LocalBackend) -> None:
    session = await shown(backend, "")
    ended: list[str] = []
    for name in ("first", "second"):

        async def end(name: str = name) -> None:
            ended.append(name)

        session.on_close(end)
    session.watch(lambda: "the server died")
    assert session.death() == "the server died"
    await session.close()
    await session.close()
    assert ended == ["second", "first"]


def test_every_environment_says_what_it_lacks_and_what_it_runs_with(backend: LocalBackend) -> None:
    assert backend.missing("html") == []
    versions = backend.versions("react")
    assert versions["chromium"]
    assert versions["environment"] != backend.versions("html")["environment"]
    assert versions == backend.versions("react")


@contextlib.asynccontextmanager
async def serving(*command: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """A static server on a free port, started by a command before it; ends with the block."""
    with tempfile.TemporaryDirectory() as folder:
        await asyncio.to_thread(Path(folder, "index.html").write_text, "<title>served</title><h1>served</h1>")
        server = await asyncio.create_subprocess_exec(
            *command, sys.executable, "-u", "-m", "http.server", "0", "--bind", "127.0.0.1",
            cwd=folder, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        try:
            yield server
        finally:
            server.kill()
            await server.wait()


async def port_of(server: asyncio.subprocess.Process) -> int:
    assert server.stdout
    return int((await server.stdout.readline()).split(b"port ")[1].split()[0])


@pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="joins a namespace as root")
async def test_a_server_in_a_closed_network_is_reached_and_nothing_else(backend: LocalBackend) -> None:
    box = ("bwrap", "--ro-bind", "/", "/", "--unshare-net", "--die-with-parent")
    async with serving() as outside, serving(*box) as inside:
        port, other = await port_of(inside), await port_of(outside)
        pid = psutil.Process(inside.pid).children()[0].pid
        showing = Showing(backend.playwright, Viewport(), 1, Limits.model_validate({}), backend.warm, backend.spare)
        session = await showing.show_server(pid, f"http://127.0.0.1:{port}/")
        try:
            assert session.report.outcome == "ready"
            assert session.page
            assert await session.page.inner_text("h1") == "served"
            reached = f"fetch('http://127.0.0.1:{other}/').then(() => true, () => false)"
            assert port == other or await session.page.evaluate(reached) is False
        finally:
            await session.close()


async def test_something_that_runs_already_is_shown_and_its_origin_alone_is_reached(backend: LocalBackend) -> None:
    async with serving() as wanted, serving() as other:
        address, elsewhere = f"http://127.0.0.1:{await port_of(wanted)}/", f"http://127.0.0.1:{await port_of(other)}/"
        solution = Solution(environment="html", language="html", entry="", url=address)
        session = await backend.launch(solution, Viewport(), 1)
        try:
            assert session.report.outcome == "ready"
            assert session.address == address
            assert session.page
            assert await session.page.inner_text("h1") == "served"
            assert await session.page.evaluate(f"fetch('{elsewhere}').then(() => true, () => false)") is False
            assert elsewhere in {request.url for request in session.blocked_requests}
        finally:
            await session.close()


@pytest.mark.parametrize(
    ("written", "opened"),
    [
        ("HTTP://LocalHost:{port}", "http://localhost:{port}/"),
        ("http://127.1:{port}", "http://127.0.0.1:{port}/"),
        ("http://someone:secret@127.0.0.1:{port}/?q=1#part", "http://127.0.0.1:{port}/?q=1#part"),
    ],
)
async def test_an_address_is_opened_however_it_is_written(backend: LocalBackend, written: str, opened: str) -> None:
    async with serving() as server:
        port = await port_of(server)
        solution = Solution(environment="url", language="", entry="", url=written.format(port=port))
        session = await backend.launch(solution, Viewport(), 1)
        try:
            assert session.report.outcome == "ready", session.report
            assert session.page
            assert await session.page.inner_text("h1") == "served"
            assert session.address == session.page.url == opened.format(port=port)
            assert await session.page.evaluate("fetch('/').then((answer) => answer.status)") == 200
            assert session.blocked_requests == []
        finally:
            await session.close()


async def test_a_name_and_a_password_are_given_to_the_server_and_shown_to_nobody(backend: LocalBackend) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked = await reader.readuntil(b"\r\n\r\n")
        known = b"authorization: basic c29tzw9uztpzzwnyzxq=" in asked.lower()
        body = b"<h1>welcome</h1>" if known else b"who are you?"
        status = b"200 OK" if known else b"401 Unauthorized"
        writer.write(b"HTTP/1.1 " + status + b"\r\nContent-Type: text/html\r\nConnection: close\r\n\r\n" + body)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        url = f"http://someone:secret@127.0.0.1:{server.sockets[0].getsockname()[1]}"
        session = await backend.launch(Solution(environment="url", language="", entry="", url=url), Viewport(), 1)
        try:
            assert session.page
            assert await session.page.inner_text("h1") == "welcome"
            assert "secret" not in session.address + session.page.url
        finally:
            await session.close()


async def test_what_is_no_address_is_named(backend: LocalBackend) -> None:
    with pytest.raises(BadInput, match=r"http://\[x/: not an address"):
        await backend.launch(Solution(environment="url", language="", entry="", url="http://[x/"), Viewport(), 1)


async def test_a_browser_that_was_taken_over_resolves_no_other_host(backend: LocalBackend) -> None:
    """Without our routes in its way, the browser of an address contacts that host and no other."""
    async with serving() as wanted, serving() as other:
        near, far = f"http://127.0.0.1:{await port_of(wanted)}/", f"http://localhost:{await port_of(other)}/"
        opened = await open_browser(backend.playwright, Network("open", host="127.0.0.1"))
        try:
            page = await opened.browser.new_page()
            await page.goto(near)
            with pytest.raises(Error, match="ERR_NAME_NOT_RESOLVED"):
                await page.goto(far)
        finally:
            await opened.close()


@pytest.mark.parametrize(
    ("address", "why"),
    [("http://127.0.0.1:{port}/", "connection refused"), ("http://no.invalid/", "name not resolved")],
)
async def test_an_address_that_nobody_answers_is_bad_input(backend: LocalBackend, address: str, why: str) -> None:
    async with serving() as server:
        port = await port_of(server)
    solution = Solution(environment="url", language="", entry="", url=address.format(port=port))
    with pytest.raises(BadInput, match=rf"{solution.url}: nobody answers there \({why}\): start the program first"):
        await backend.launch(solution, Viewport(), 1)


async def test_what_was_set_up_is_launched_without_the_registry(
    backend: LocalBackend, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("AGENT_JUDGE_CACHE", str(tmp_path))
    await try_out(backend, "react", lambda _: None)
    monkeypatch.setattr("agent_judge.launch.npm.find_npm", lambda: pytest.fail("the registry was asked"))
    files = {"App.jsx": b"import { useState } from 'react'; export default () => <h1>{useState('prepared')[0]}</h1>"}
    solution = Solution(environment="react", language="javascript", entry="App.jsx", files=files)
    session = await backend.launch(solution, Viewport(), 1)
    try:
        assert session.page, session.report
        assert await session.page.inner_text("h1") == "prepared"
    finally:
        await session.close()

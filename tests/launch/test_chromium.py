from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path
from typing import Any

import psutil
import pytest
from playwright.async_api import Browser, Error, Playwright

from agent_judge.errors import DriverError, MissingRequirement
from agent_judge.launch import chromium
from agent_judge.launch.chromium import find_chromium, open_browser

linux = pytest.mark.skipif(sys.platform != "linux", reason="bubblewrap exists on Linux only")


def test_finds_a_browser_that_can_be_run_without_a_shell() -> None:
    found = find_chromium()
    assert found.read_bytes()[:2] != b"#!"


def test_the_chosen_browser_wins(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    mine.write_bytes(b"\x7fELF")
    mine.chmod(0o755)
    monkeypatch.setenv("AGENT_JUDGE_CHROMIUM", str(mine))
    assert find_chromium() == mine


def test_a_chosen_browser_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AGENT_JUDGE_CHROMIUM", "/nowhere/chromium")
    with pytest.raises(MissingRequirement, match="/nowhere/chromium"):
        find_chromium()


def test_no_browser_names_the_command_that_installs_one(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("AGENT_JUDGE_CHROMIUM", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("PLAYWRIGHT_BROWSERS_PATH", str(tmp_path))
    monkeypatch.setattr("agent_judge.launch.chromium._MAC_APPLICATIONS", ())
    with pytest.raises(MissingRequirement, match="install"):
        find_chromium()


@linux
async def test_no_bubblewrap_is_told_and_nothing_runs_bare(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, playwright: Playwright
) -> None:
    monkeypatch.setenv("AGENT_JUDGE_CHROMIUM", str(find_chromium()))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(MissingRequirement, match="bubblewrap"):
        await open_browser(playwright)


@linux
async def test_a_browser_that_does_not_start_is_our_own_failure(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, playwright: Playwright
) -> None:
    broken = tmp_path / "chromium"
    broken.write_bytes(b"\x7fELF")
    broken.chmod(0o755)
    monkeypatch.setenv("AGENT_JUDGE_CHROMIUM", str(broken))
    with pytest.raises(DriverError, match="does not start"):
        await open_browser(playwright)


@linux
async def test_a_browser_that_cannot_have_its_own_sandbox_runs_in_the_box_alone_and_says_so(
    monkeypatch: pytest.MonkeyPatch, playwright: Playwright, caplog: pytest.LogCaptureFixture
) -> None:
    usual = chromium._box
    monkeypatch.setattr(chromium, "_box", lambda binary: ["--unshare-user", "--disable-userns", *usual(binary)])
    monkeypatch.setattr(chromium, "_without_own_sandbox", {})
    opened = await open_browser(playwright)
    await opened.close()
    assert "cannot have its own sandbox here: the browser does not start" in caplog.text
    assert list(chromium._without_own_sandbox) == [(str(find_chromium()), "closed")]


@linux
async def test_a_start_that_fails_once_is_tried_again_with_the_same_sandbox(
    monkeypatch: pytest.MonkeyPatch, playwright: Playwright
) -> None:
    monkeypatch.setattr(chromium, "_without_own_sandbox", {})
    start, sandboxed = chromium._start, []

    async def flaky(*given: Any, sandbox: bool, **named: Any) -> Browser:
        sandboxed.append(sandbox)
        if len(sandboxed) == 1:
            raise DriverError("the browser does not start: by chance")
        return await start(*given, sandbox=sandbox, **named)

    monkeypatch.setattr(chromium, "_start", flaky)
    for _ in range(2):
        await (await open_browser(playwright)).close()
    assert sandboxed == [True, True, True]


@linux
async def test_the_browser_sees_no_file_of_the_host(browser: Browser, tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("secret")
    page = await browser.new_page()
    try:
        await page.goto("file:///")
        assert "usr/" in await page.inner_text("body")  # it can look, and there is something to see
        for path in (secret, Path("/etc/passwd"), Path("/etc/hostname"), Path(__file__), Path.home(), Path("/var/log")):
            with pytest.raises(Error, match=r"ERR_FILE_NOT_FOUND|ERR_ACCESS_DENIED"):
                await page.goto(f"file://{path}")
    finally:
        await page.close()


@linux
async def test_the_browser_sees_no_process_of_the_host(browser: Browser) -> None:
    page = await browser.new_page()
    try:
        await page.goto("file:///proc/")
        entries = await page.evaluate("[...document.querySelectorAll('a')].map((a) => a.innerText)")
        assert "1/" in entries
        assert f"{os.getpid()}/" not in entries
    finally:
        await page.close()


def variables_of_browsers() -> list[dict[str, str]]:
    found = []
    for process in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.Error):
            words = process.cmdline()
            if any(word.startswith("--agent-judge=") for word in words) and "bwrap" not in words[0]:
                found.append(process.environ())
    return found


@linux
async def test_the_browser_has_none_of_our_variables(playwright: Playwright, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "not for pages")
    opened = await open_browser(playwright)
    try:
        found = variables_of_browsers()
        assert found
        for variables in found:
            assert variables["HOME"] == "/home/judge"
            assert not {"ANTHROPIC_API_KEY", "USER", "AGENT_JUDGE_NETWORK", "VIRTUAL_ENV"} & variables.keys()
    finally:
        await opened.close()

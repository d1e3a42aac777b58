"""Installs what this machine lacks: a browser first, then whatever the environments name."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from agent_judge.errors import MissingRequirement
from agent_judge.launch.chromium import find_chromium, install_command
from agent_judge.launch.page import prepare_page
from agent_judge.protocols import Backend, Missing
from agent_judge.read.environment import load_environments
from agent_judge.read.solution import solution_from_path
from agent_judge.schema import Viewport

Say = Callable[[str], None]

_DOWNLOAD_SECONDS = 900
_INSTALL_SECONDS = 1800
_PROBE_SECONDS = 30


def provide_browser(say: Say) -> None:
    """Sees to a browser: one that is there, else Playwright's download, else the distribution's package.

    Raises:
        MissingRequirement: None could be had; the message names the command that installs one.
    """
    if _working_browser():
        return
    say("no browser here: trying Playwright's download")
    _run([sys.executable, "-m", "playwright", "install", "chromium"], _DOWNLOAD_SECONDS)
    if _working_browser():
        return
    command = install_command()
    say(f"that download is not to be had: {command}")
    _install(command)
    if not _working_browser():
        raise MissingRequirement(f"no browser could be installed; install one with: {command}")


def provide(backend: Backend, environments: Iterable[str], say: Say) -> dict[str, list[Missing]]:
    """Installs what environments lack, each thing once. Settings of the machine are never changed, only named.

    Returns:
        By environment, what could not be installed; environments that lack nothing are left out.
    """
    left: dict[str, list[Missing]] = {}
    tried: set[str] = set()
    for environment in environments:
        for missing in backend.missing(environment):
            if missing.command not in tried and _installs(missing.command):
                tried.add(missing.command)
                say(f"{environment} needs {missing.what}: {missing.command}")
                _install(missing.command)
        if lacking := backend.missing(environment):
            left[environment] = lacking
    return left


def _installs(command: str) -> bool:
    """Whether a command installs packages, and does nothing else to the machine."""
    words = [word for word in shlex.split(command) if word != "sudo"]
    return words[:2] == ["apt-get", "install"] or words[:2] == [sys.executable, "-m"]


async def try_out(backend: Backend, environment: str, say: Say) -> None:
    """Launches the sample of an environment: what solutions usually need is fetched, and it is seen to work.

    Raises:
        MissingRequirement: It does not work on this machine.
        DriverError: Our own side failed.
    """
    known = load_environments()[environment]
    if known.kind == "page":
        await prepare_page(known)
    sample = next(known.folder.glob("sample.*"), None)
    if sample is None:
        return
    session = await backend.launch(solution_from_path(sample), Viewport(), seed=0)
    report = session.report
    await session.close()
    if report.outcome not in ("ready", "finished"):
        raise MissingRequirement(f"{environment} does not work on this machine: {report.outcome}: {report.reason}")
    say(f"{environment} works ({report.seconds:.1f} s)")


def _working_browser() -> bool:
    """Whether a browser is there and its libraries are too."""
    try:
        browser = find_chromium()
    except MissingRequirement:
        return False
    return _run([str(browser), "--version"], _PROBE_SECONDS)


def _install(command: str) -> bool:
    """Runs a command that installs packages, as the administrator where it needs that."""
    words = [word for word in shlex.split(command) if word != "sudo"]
    if words[0] == sys.executable:  # What goes into this Python's own environment is its user's.
        return _run(words, _INSTALL_SECONDS)
    administrator = _administrator()
    if administrator is None or not shutil.which(words[0]):
        return False
    if words[0] == "apt-get":
        _run([*administrator, "apt-get", "update", "-qq"], _INSTALL_SECONDS)
    return _run([*administrator, *words], _INSTALL_SECONDS)


def _administrator() -> Sequence[str] | None:
    """What to put before a command that only the administrator may run; ``None`` where nobody can."""
    if os.geteuid() == 0:
        return ()
    return ("sudo",) if shutil.which("sudo") and (sys.stdin.isatty() or _run(["sudo", "-n", "true"], 10)) else None


def _run(command: Sequence[str], seconds: float) -> bool:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    try:
        done = subprocess.run(
            command,
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            timeout=seconds,
            cwd=Path.home(),
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0

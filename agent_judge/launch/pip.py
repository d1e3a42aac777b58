"""Python packages for solutions: installed once per exact set, outside the sandbox, without running any of their code.

Only ready-made packages (wheels) are taken, from the registry that uv is configured for. A wheel is unpacked,
never executed; what it holds runs in a box only.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import shutil
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from agent_judge.errors import DriverError, MissingRequirement
from agent_judge.launch.toolchain import alone, dying_with_us, find_tool
from agent_judge.places import cache_folder
from agent_judge.schema import digest_of

_INSTALL_SECONDS = 300
_INSTALL_MIB = 3072
_POLL_SECONDS = 0.5
_Words = list[str | Path]

_PACKAGE = re.compile(
    r"[A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?(?:\[[\w.,\s-]+\])?(?:\s*(?:[=~!<>]=|===|[<>])\s*[\w.*+!-]+\s*,?)*"
)
_NO_ANSWER = re.compile(
    r"error sending request|dns error|connection (?:refused|reset|closed)|timed? ?out|could not connect|"
    r"failed to (?:fetch|download)|network (?:is )?unreachable|server error|tls|certificate",
    re.IGNORECASE,
)
_UNKNOWN = re.compile(r"(\S+)\s+was\s+not\s+found\s+in\s+the\s+package\s+registry")


class Unavailable(Exception):
    """Packages that a solution asks for and that cannot be had: the solution's own fault."""

    def __init__(self, reason: str, log: str = "") -> None:
        super().__init__(reason)
        self.log = log


@dataclass(frozen=True)
class _Done:
    code: int
    log: str
    too_big: bool = False


def find_uv() -> Path:
    """Finds uv: the machine's, else the one that PyPI's package brought.

    Raises:
        MissingRequirement: There is none.
    """
    beside = Path(sys.executable).with_name("uv")
    found = shutil.which("uv") or (str(beside) if beside.is_file() else None)
    if found is None:
        raise MissingRequirement("uv, which installs Python packages, is missing: pip install uv")
    return Path(found)


async def python_packages(packages: Iterable[str]) -> Path | None:
    """Provides a virtual environment that holds exactly some packages and what they need.

    Args:
        packages: Names as pip takes them, with versions or without.

    Returns:
        Its folder, read only from now on; ``None`` when no packages were asked for.

    Raises:
        Unavailable: A package does not exist, conflicts with another, or is not ready-made for this Python.
        DriverError: The registry does not answer.
        MissingRequirement: uv is not on this machine.
    """
    wanted = sorted({package.strip() for package in packages})
    if not wanted:
        return None
    for package in wanted:
        if not _PACKAGE.fullmatch(package):
            raise Unavailable(f"asks for {package!r}, which is not the name of a package")
    store = cache_folder() / "python"
    place = store / digest_of([wanted, sys.version_info[:2], sys.platform, os.uname().machine])
    if place.is_dir():
        return place
    store.mkdir(parents=True, exist_ok=True)
    async with alone(store):
        if not place.is_dir():
            await _install(wanted, place)
    return place


async def _install(packages: Sequence[str], place: Path) -> None:
    uv = find_uv()
    with tempfile.TemporaryDirectory(prefix=".new-", dir=place.parent) as folder:
        fresh = Path(folder) / "env"
        venv: _Words = [uv, "venv", "--quiet", "--clear", "--no-project", "--relocatable", "--python", _python(), fresh]
        into = fresh / "bin" / "python"
        install: _Words = [uv, "pip", "install", "--no-progress", "--no-build", "--python", into, *packages]
        made = await _run(venv)
        if made.code:
            raise DriverError(f"uv cannot make a virtual environment: {_gist(made.log)}")
        done = await _run(install)
        if done.too_big:
            raise Unavailable(f"asks for packages of more than {_INSTALL_MIB} MiB: {', '.join(packages)}", done.log)
        if done.code:
            raise _reason(done.log)
        if await _compile():
            # What was compiled in uv's cache comes along from there, for this set and all others.
            await _run(venv)
            await _run([*install, "--offline"])
        fresh.rename(place)


async def _compile() -> bool:
    """Compiles packages that are new in uv's cache, since boxes cannot keep what they compile.

    Python reads the sources only: it runs none of the packages' code, nor their ``.pth`` files (``-I -S``).
    """
    fresh = [
        folder
        for folder in (cache_folder() / "uv").glob("archive-v*/*")
        if next(folder.rglob("__pycache__"), None) is None
    ]
    if fresh:
        compiling: _Words = ["-m", "compileall", "-q", "-j", "0", "--invalidation-mode", "unchecked-hash"]
        await _run([_python(), "-I", "-S", *compiling, *fresh])
    return bool(fresh)


def _python() -> Path:
    python = find_tool("python")
    if python is None:
        raise MissingRequirement("the Python that runs agent-judge cannot be found: set up its environment anew")
    return python


def _reason(log: str) -> Exception:
    if unknown := _UNKNOWN.search(log):
        return Unavailable(f"asks for the package {unknown[1]}, which does not exist", log)
    if "No solution found" in log or "no usable wheels" in log or "building is disabled" in log.lower():
        return Unavailable(f"asks for packages that cannot be installed: {_gist(log)}", log)
    if _NO_ANSWER.search(log):
        return DriverError(f"the package registry does not answer: {_gist(log)}")
    return Unavailable(f"asks for packages that cannot be installed: {_gist(log)}", log)


async def _run(words: _Words) -> _Done:
    """Runs uv within bounds of time and of what it adds to its cache.

    Raises:
        DriverError: It took too long; registries that hang are no fault of a solution.
    """
    downloads = cache_folder() / "uv"
    variables = {**os.environ, "UV_CACHE_DIR": str(downloads), "UV_HTTP_TIMEOUT": "30", "NO_COLOR": "1"}
    variables.pop("VIRTUAL_ENV", None)
    began = time.time()
    process = await asyncio.create_subprocess_exec(
        *dying_with_us(), *map(str, words), stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT, env=variables, cwd=downloads.parent,
    )  # fmt: skip
    output = asyncio.ensure_future(process.communicate())
    too_big = False
    try:
        while not (await asyncio.wait([output], timeout=_POLL_SECONDS))[0]:
            too_big = await asyncio.to_thread(_added_mib, downloads, began) > _INSTALL_MIB
            if too_big or time.time() - began > _INSTALL_SECONDS:
                break
        if not output.done() and not too_big:
            raise DriverError(f"the package registry does not answer: gave up after {_INSTALL_SECONDS} s")
    finally:
        if process.returncode is None:
            process.kill()
        log, _ = await output
    return _Done(process.returncode or 0, log.decode("utf-8", errors="replace"), too_big)


def _added_mib(downloads: Path, since: float) -> float:
    """How much uv has unpacked since then; each package lies in a folder of its own."""
    folders = [*downloads.glob("archive-v*/*"), *downloads.glob(".tmp*"), *downloads.glob("builds-v*/*")]
    total = 0
    for folder in folders:
        with contextlib.suppress(OSError):  # uv moves them while we look.
            if folder.stat().st_mtime >= since:
                total += sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    return total / 2**20


def _gist(log: str) -> str:
    """The account of an error in one line."""
    words = re.sub(r"[\s│╰╭─▶×]+", " ", log).strip()
    return re.sub(r"^.*?\b(?:cause|error): (?=[^:]*$|Because)", "", words)[:400]

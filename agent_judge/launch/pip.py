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
from functools import partial
from pathlib import Path

from agent_judge.errors import DriverError, MissingRequirement
from agent_judge.launch.toolchain import PythonKind, alone, dying_with_us, find_tool, this_python
from agent_judge.places import cache_folder
from agent_judge.schema import digest_of

_INSTALL_SECONDS = 300
_INSTALL_MIB = 3072
_POLL_SECONDS = 0.5
_Words = list[str | Path]

_PACKAGE = re.compile(
    r"[A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?(?:\[[\w.,\s-]+\])?(?:\s*(?:[=~!<>]=|===|[<>])\s*[\w.*+!-]+\s*,?)*"
)
_DISAGREEMENT = re.compile(
    r"No solution found|no usable wheels|building .*is disabled|Failed to parse: `", re.IGNORECASE
)
"""What uv says of packages that do not exist, disagree, or are not ready-made for this Python."""
_REFUSED = re.compile(r"could not be queried|returned a \d+ |network was disabled")
"""What it says besides when it could not see what the registry has: nothing is known of the packages then."""
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


async def python_packages(packages: Iterable[str], target: PythonKind | None = None) -> Path | None:
    """Provides a virtual environment that holds exactly some packages and what they need.

    Args:
        packages: Names as pip takes them, with versions or without.
        target: Which Python they are for; this one if not given. For another there is the folder of packages alone.

    Returns:
        Its folder, read only from now on; ``None`` when no packages were asked for.

    Raises:
        Unavailable: A package does not exist, conflicts with another, or is not ready-made for this Python.
        DriverError: The registry does not answer, or uv fails by no fault of the packages.
        MissingRequirement: uv is not on this machine.
    """
    wanted = sorted({package.strip() for package in packages})
    if not wanted:
        return None
    for package in wanted:
        if not _PACKAGE.fullmatch(package):
            raise Unavailable(f"asks for {package!r}, which is not the name of a package")
    store = cache_folder() / "python"
    target = target or this_python()
    place = store / digest_of([wanted, target.version, target.platform])
    if place.is_dir():
        return place
    try:
        store.mkdir(parents=True, exist_ok=True)
        async with alone(store):
            if not place.is_dir():
                await (_install if target == this_python() else partial(_install_for, target))(wanted, place)
    except OSError as error:
        raise DriverError(f"Python packages cannot be kept in {store}: {error}") from error
    return place


def installed_versions(folder: Path) -> dict[str, str]:
    """The packages within a folder that :func:`python_packages` gave, by name, and their versions."""
    found = (
        one.name.removesuffix(".dist-info").rpartition("-") for one in folder.glob("lib/*/site-packages/*.dist-info")
    )
    return {name: version for name, _, version in sorted(found)}


async def _install(packages: Sequence[str], place: Path) -> None:
    uv = find_uv()
    with tempfile.TemporaryDirectory(prefix=".new-", dir=place.parent) as folder:
        fresh = Path(folder) / "env"
        venv: _Words = [uv, "venv", "--quiet", "--clear", "--no-project", "--relocatable", "--python", _python(), fresh]
        into = fresh / "bin" / "python"
        install: _Words = [uv, "pip", "install", "--no-progress", "--no-build", "--python", into, *packages]
        await _made(venv)
        await _asked_for(install, packages)
        if await _compile(place.parent / "compiled"):
            # What was compiled in uv's cache comes along from there, for this set and all others.
            await _made(venv)
            await _made([*install, "--offline"])
        fresh.rename(place)


async def _install_for(target: PythonKind, packages: Sequence[str], place: Path) -> None:
    """Puts packages where a virtual environment of another Python has them; scripts could not name that Python."""
    with tempfile.TemporaryDirectory(prefix=".new-", dir=place.parent) as folder:
        fresh = Path(folder) / "env"
        into = fresh / "lib" / f"python{target.version}" / "site-packages"
        (fresh / "bin").mkdir(parents=True)
        words: _Words = [find_uv(), "pip", "install", "--no-progress", "--no-build", "--python", _python(), "--target",
                         into, "--python-version", target.version, "--python-platform", target.platform]  # fmt: skip
        await _asked_for([*words, *packages], packages)
        fresh.rename(place)


async def _asked_for(install: _Words, packages: Sequence[str]) -> None:
    """Installs what a solution asks for."""
    done = await _run(install)
    if done.too_big:
        raise Unavailable(f"asks for packages of more than {_INSTALL_MIB} MiB: {', '.join(packages)}", done.log)
    if done.code:
        raise _reason(done.log)


async def _made(words: _Words) -> None:
    """Runs what must succeed, whatever the packages are."""
    done = await _run(words)
    if done.code:
        raise DriverError(f"uv cannot make a virtual environment: {_gist(done.log)}")


async def _compile(record: Path) -> bool:
    """Compiles packages that are new in uv's cache, since boxes cannot keep what they compile.

    Python reads the sources only: it runs none of the packages' code, nor their ``.pth`` files (``-I -S``).

    Args:
        record: Names what was compiled, by which Python; packages without sources would be taken for new for ever.
    """
    archives = {f"{sys.implementation.cache_tag}/{folder.parent.name}/{folder.name}": folder
                for folder in (cache_folder() / "uv").glob("archive-v*/*")}  # fmt: skip
    fresh = sorted(archives.keys() - _recorded(record))
    if fresh:
        compiling: _Words = ["-m", "compileall", "-q", "-j", "0", "--invalidation-mode", "unchecked-hash"]
        await _run([_python(), "-I", "-S", *compiling, *(archives[name] for name in fresh)])
        _write(record, archives)
    return bool(fresh)


def _write(record: Path, names: Iterable[str]) -> None:
    unfinished = record.with_suffix(".new")
    unfinished.write_text("\n".join(sorted(names)), encoding="utf-8")
    unfinished.replace(record)


def _recorded(record: Path) -> set[str]:
    return set(record.read_text(encoding="utf-8").split()) if record.is_file() else set()


def _python() -> Path:
    python = find_tool("python")
    if python is None:
        raise MissingRequirement("the Python that runs agent-judge cannot be found: set up its environment anew")
    return python


def _reason(log: str) -> Exception:
    if _REFUSED.search(log) or not _DISAGREEMENT.search(log):
        words = " ".join(log.split())
        return DriverError(f"Python packages could not be fetched, by no fault of theirs: {words[-400:]}")
    if unknown := _UNKNOWN.search(log):
        return Unavailable(f"asks for the package {unknown[1]}, which does not exist", log)
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
            raise DriverError(f"Python packages could not be fetched within {_INSTALL_SECONDS} s")
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

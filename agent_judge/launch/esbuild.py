"""Compiles and bundles untrusted sources by esbuild, which sees the sources and nothing else of this machine."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import shutil
import signal
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from agent_judge.errors import DriverError
from agent_judge.launch.box_command import missing_box
from agent_judge.launch.npm import fetch_locked
from agent_judge.launch.patience import patiently
from agent_judge.places import environments_folder

_DATA_MIB = 2048
_OUTPUT_MIB = 64
_LOG_CHARACTERS = 20_000


class BuildFailed(Exception):
    """The sources do not compile: the message is one line, ``log`` tells all."""

    def __init__(self, reason: str, log: str) -> None:
        super().__init__(reason)
        self.log = log


class Unresolved(BuildFailed):
    """The sources import something that is not there."""

    def __init__(self, reason: str, log: str, path: str, importer: str) -> None:
        super().__init__(reason, log)
        self.path = path
        """What is imported, as written."""
        self.importer = importer
        """The file that imports it."""


class TookTooLong(BuildFailed):
    """The sources were not compiled in the time that they have."""


@dataclass(frozen=True)
class Built:
    """What esbuild made."""

    outputs: Mapping[str, bytes]
    """Relative path to content."""
    packages: tuple[str, ...]
    """What the sources import and the bundle does not hold."""
    exports: tuple[str, ...]
    """What the bundle exports by name, where it is a module."""
    log: str


async def tools() -> Path:
    """The folder with the ``node_modules`` that hold esbuild and the React environment's own packages."""
    return await fetch_locked(environments_folder() / "react")


async def esbuild(
    files: Mapping[str, bytes],
    entry: str,
    options: Sequence[str],
    *,
    seconds: float,
    packages: Path | None = None,
) -> Built:
    """Runs esbuild over files in memory.

    Args:
        files: Relative POSIX path to content.
        entry: The file to start from.
        options: Options of esbuild's command line.
        seconds: How long it may take.
        packages: A folder with ``node_modules`` to resolve packages from.

    Raises:
        BuildFailed: The sources do not compile.
        DriverError: esbuild itself does not run.
    """
    binary = _binary(await tools())
    if packages and not (packages / "node_modules").is_dir():
        packages = None  # a set of nothing
    with tempfile.TemporaryDirectory(prefix="agent-judge-build-") as folder:
        work = Path(folder)
        source, out = work / "source", work / "out"
        out.mkdir()
        await asyncio.to_thread(_write, source, files)
        (source / "node_modules").mkdir(exist_ok=True)
        command, place, made = _boxed(binary, source, out, packages)
        command += [entry, f"--outdir={made}", f"--metafile={made}/.meta.json", "--log-limit=20", "--color=false",
                    *options]  # fmt: skip
        code, log = await _run(command, source, seconds)
        if code:
            raise _failure(code, log)
        meta = json.loads((out / ".meta.json").read_text(encoding="utf-8"))
        _stay_inside(meta, place)
        outputs = {
            str(file.relative_to(out).as_posix()): file.read_bytes()
            for file in out.rglob("*")
            if file.is_file() and file.name != ".meta.json"
        }
    exports = [name for output in meta["outputs"].values() for name in output.get("exports", [])]
    return Built(outputs, _externals(meta), tuple(exports), log)


def _binary(folder: Path) -> Path:
    found = sorted((folder / "node_modules" / "@esbuild").glob("*/bin/esbuild"))
    if not found:
        raise DriverError(f"esbuild is not available for this machine ({sys.platform})")
    return found[0]


def _write(folder: Path, files: Mapping[str, bytes]) -> None:
    folder.mkdir()
    for name, content in files.items():
        path = PurePosixPath(name)
        if path.is_absolute() or ".." in path.parts or "\0" in name or "node_modules" in path.parts:
            continue
        file = folder.joinpath(*path.parts)
        with contextlib.suppress(FileExistsError, NotADirectoryError, IsADirectoryError):
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)


def _boxed(binary: Path, source: Path, out: Path, packages: Path | None) -> tuple[list[str], Path, str]:
    """The command, where it is started, and what the folder of its results is called in there.

    Where bubblewrap is not to be had, what was read is checked afterwards (see :func:`_stay_inside`).
    """
    bubblewrap = shutil.which("bwrap")
    if bubblewrap is None or missing_box():
        if packages:
            (source / "node_modules").rmdir()
            (source / "node_modules").symlink_to(packages / "node_modules", target_is_directory=True)
        return [str(binary)], source, str(out)
    limits = f'ulimit -c 0; ulimit -d {_DATA_MIB * 1024}; ulimit -f {_OUTPUT_MIB * 2048}; exec "$@"'
    box = ["/bin/sh", "-c", limits, "sh", bubblewrap, "--unshare-all", "--die-with-parent", "--new-session",
           "--clearenv", "--cap-drop", "ALL", "--ro-bind", str(binary), "/esbuild", "--ro-bind", str(source), "/source",
           "--bind", str(out), "/out", "--dev", "/dev", "--size", str(64 * 2**20), "--tmpfs", "/tmp"]  # fmt: skip
    if packages:
        box += ["--ro-bind", str(packages / "node_modules"), "/source/node_modules"]
    return [*box, "--chdir", "/source", "--", "/esbuild"], Path("/source"), "/out"


async def _run(command: list[str], place: Path, seconds: float) -> tuple[int, str]:
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=place,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env={"PATH": os.defpath},
        process_group=0,
    )
    try:
        async with patiently(seconds):
            output, _ = await process.communicate()
    except TimeoutError:
        raise TookTooLong(f"the build took more than {seconds:.0f} seconds", "") from None
    finally:
        if process.returncode is None:
            # All of its group: bubblewrap's second process does not die with the first one before it has said so.
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()
    return process.returncode or 0, output.decode(errors="replace")[:_LOG_CHARACTERS]


_ERROR = re.compile(r"^✘ \[ERROR\] (?P<what>.+?)(?: \[.*\])?\n(?:\n +(?P<where>\S+?:\d+:\d+):)?", re.MULTILINE)
_NOT_BOXED = re.compile(r"\s*(?:bwrap|sh|/bin/sh): ")
_NOT_WRITTEN = re.compile(r"Failed to (?:write|create) .*(?:no space left on device|permission denied)", re.IGNORECASE)
_KILLED = 128 + 9
"""Exit code of what the machine ended, for want of memory of its own: esbuild's own limit is told in words."""
_UNRESOLVED = re.compile(r'Could not (?:resolve|read from file:?) "([^"]+)"')


def _failure(code: int, log: str) -> BuildFailed | DriverError:
    found = _ERROR.search(log)
    if _NOT_BOXED.match(log) or (found and _NOT_WRITTEN.match(found["what"])):
        return DriverError(f"esbuild cannot run: {_gist(log)}")
    if not found and (code < 0 or code == _KILLED):
        return DriverError("esbuild was killed by this machine")
    if not found:
        return BuildFailed(f"esbuild failed: {_gist(log)}", log)
    where = found["where"] or ""
    reason = f"{where}: {found['what']}" if where else found["what"]
    if unresolved := _UNRESOLVED.search(found["what"]):
        return Unresolved(reason, log, unresolved[1], where.rsplit(":", 2)[0])
    return BuildFailed(reason, log)


def _gist(log: str) -> str:
    return next((line.strip()[:300] for line in log.splitlines() if line.strip()), "no reason given")


def _externals(meta: dict[str, dict[str, dict[str, list[dict[str, object]]]]]) -> tuple[str, ...]:
    imports = [one for output in meta["outputs"].values() for one in output.get("imports", [])]
    return tuple(sorted({str(one["path"]) for one in imports if one.get("external")}))


def _stay_inside(meta: dict[str, dict[str, object]], place: Path) -> None:
    """Refuses a bundle that holds a file from outside the sources; the box makes this impossible where there is one."""
    for path in meta["inputs"]:
        inside = (place / path.split(":")[-1]).resolve()
        packaged = "node_modules" in PurePosixPath(path).parts
        if not packaged and not inside.is_relative_to(place.resolve()) and "(disabled)" not in path:
            raise BuildFailed(f"imports a file that is not its own: {path}", "")

"""The tools of this machine that a box needs: found, bound read-only, or named with what installs them."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import importlib.util
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from pydantic import ValidationError

from agent_judge.errors import BadInput, DriverError, MissingRequirement
from agent_judge.launch.box_command import Mount, missing_box
from agent_judge.launch.prefix import is_shared, own_prefix
from agent_judge.places import cache_folder, data_folder
from agent_judge.protocols import Missing
from agent_judge.read.environment import Environment
from agent_judge.schema import Model, digest_of

_PROBE_SECONDS = 20
_PREPARE_SECONDS = 600


class Tool(Model):
    """One table of ``sandbox/tools.toml``."""

    title: str
    install: str
    command: str = ""
    places: tuple[str, ...] = ()
    module: str = ""
    root: tuple[str, ...] = ()
    read_only: tuple[str, ...] = ()
    prepare: tuple[str, ...] = ()
    version: tuple[str, ...] = ()


@dataclass(frozen=True)
class PythonKind:
    """The Python that packages are for."""

    version: str
    """Such as ``3.11``."""
    platform: str
    """As uv calls it: ``x86_64-unknown-linux-gnu``."""


def this_python() -> PythonKind:
    """The Python that runs agent-judge, which is that of this machine's sandboxes too."""
    machine = {"arm64": "aarch64"}.get(os.uname().machine, os.uname().machine)
    system = {"darwin": "apple-darwin", "linux": "unknown-linux-gnu"}.get(sys.platform, sys.platform)
    return PythonKind(f"{sys.version_info.major}.{sys.version_info.minor}", f"{machine}-{system}")


@dataclass
class Toolchain:
    """What a box gets so that its tools work."""

    mounts: list[Mount] = field(default_factory=list)
    path: list[str] = field(default_factory=list)
    python: str = f"python{sys.version_info.major}.{sys.version_info.minor}"
    """What the Python that packages are installed for is called; not every distribution calls it plainly ``python``."""
    packages_for: PythonKind | None = None
    """The same Python, where it is not the one that runs agent-judge."""


@cache
def known_tools() -> dict[str, Tool]:
    """Every tool, by name.

    Raises:
        BadInput: ``sandbox/tools.toml`` is not TOML, or has a wrong key or value.
    """
    file = data_folder("sandbox") / "tools.toml"
    try:
        return {name: Tool.model_validate(table) for name, table in tomllib.loads(file.read_text("utf-8")).items()}
    except (tomllib.TOMLDecodeError, ValidationError) as error:
        raise BadInput(f"{file}: {str(error).splitlines()[0]}") from error


async def toolchain(names: Iterable[str]) -> Toolchain:
    """Finds tools, and prepares what has not been prepared before.

    Raises:
        MissingRequirement: One of them is not on this machine.
        DriverError: One of them is there but does not work.
    """
    found = Toolchain()
    for name in names:
        tool = _tool(name)
        place = find_tool(name)
        if place is None:
            raise MissingRequirement(f"{tool.title} is missing: {tool.install}")
        if not tool.command:
            continue
        root = _root(name, place)
        if not root.is_relative_to("/usr"):
            found.mounts.append(Mount(root))
        found.path.append(_commands_in(root, place))
        found.mounts += [Mount(match) for pattern in tool.read_only for match in _matches(pattern)]
        if tool.prepare:
            found.mounts.append(Mount(await _prepared(name, tool), f"/prepared/{name}"))
    return found


def missing_for(environment: Environment, languages: Sequence[str] = ()) -> list[Missing]:
    """What this machine lacks to box an environment's solutions, in some languages or in all."""
    if not environment.run:
        return []
    wanted = [recipe for recipe in environment.run if not languages or set(languages) & set(recipe.languages)]
    names = dict.fromkeys(name for recipe in wanted for name in recipe.tools)
    tools = [_tool(name) for name in names if find_tool(name) is None]
    return [*missing_box(), *(Missing(tool.title, tool.install) for tool in tools)]


def find_tool(name: str) -> Path | None:
    """Where a tool is on this machine, if it is. Python is the one that runs us, without our packages."""
    if name == "python":
        return Path(sys.base_prefix) / "bin" / f"python{sys.version_info.major}.{sys.version_info.minor}"
    tool = _tool(name)
    if tool.module:
        found = importlib.util.find_spec(tool.module)
        return Path(found.origin or "") if found else None
    if tool.places:
        found_places = [_matches(place) for place in tool.places]
        return found_places[0][0] if all(found_places) else None
    place = shutil.which(tool.command)
    return Path(place) if place else None


def _tool(name: str) -> Tool:
    if name not in known_tools():
        raise BadInput(f"sandbox/tools.toml knows no tool {name!r}; it knows {', '.join(sorted(known_tools()))}")
    return known_tools()[name]


@cache
def _root(name: str, place: Path) -> Path:
    """What a box is to see of a tool: the folder that it was installed into, or its file alone."""
    told = Path(sys.base_prefix if name == "python" else _printed(_tool(name).root))
    root = told.resolve() if told.is_absolute() and told.is_dir() else own_prefix(place)
    if is_shared(root):
        raise MissingRequirement(f"{_tool(name).title} is installed straight into {root}, which no box may see: "
                                 f"{_tool(name).install}")  # fmt: skip
    return root


def _commands_in(root: Path, place: Path) -> str:
    if root.is_file():
        return str(root.parent)
    if (root / "bin").is_dir():
        return str(root / "bin")
    return str(place.parent if place.is_relative_to("/usr") else place.resolve().parent)


def tool_versions(environment: Environment) -> dict[str, str]:
    """The versions of the tools that an environment's solutions run with, by name; those that are missing left out."""
    names = {name for recipe in environment.run for name in recipe.tools}
    return {name: version_of(name) or _identity(name) for name in sorted(names) if find_tool(name)}


def version_of(name: str) -> str:
    """The version of a tool of this machine, in its own words; nothing where it has none to say."""
    if name == "python":
        return platform.python_version()
    return _printed(_tool(name).version).partition("\n")[0] if find_tool(name) else ""


def _identity(name: str) -> str:
    """Changes when a tool is installed anew that cannot tell its version."""
    place = find_tool(name)
    assert place is not None
    state = place.stat()
    return digest_of([str(place), state.st_size, state.st_mtime_ns])


@cache
def _printed(command: tuple[str, ...]) -> str:
    if not command:
        return ""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_PROBE_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return (done.stdout or done.stderr).strip()


async def _prepared(name: str, tool: Tool) -> Path:
    place = cache_folder() / "tools" / f"{name}-{digest_of([version_of(name), tool.prepare])}"
    if place.is_dir():
        return place
    place.parent.mkdir(parents=True, exist_ok=True)
    async with alone(place.parent):
        if not place.is_dir():
            with tempfile.TemporaryDirectory(prefix=".new-", dir=place.parent) as folder:
                fresh = Path(folder) / name
                fresh.mkdir()
                await _prepare(tool, fresh)
                fresh.rename(place)
    return place


async def _prepare(tool: Tool, folder: Path) -> None:
    words = [word.replace("{prepared}", str(folder)) for word in tool.prepare]
    process = await asyncio.create_subprocess_exec(
        *dying_with_us(), *words, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT, cwd=folder,
    )  # fmt: skip
    try:
        log, _ = await asyncio.wait_for(process.communicate(), _PREPARE_SECONDS)
    except TimeoutError as error:
        raise DriverError(f"{tool.title} could not be prepared within {_PREPARE_SECONDS} s") from error
    finally:
        if process.returncode is None:
            process.kill()
    if process.returncode:
        raise DriverError(f"{tool.title} does not work: {log.decode('utf-8', errors='replace').strip()[-300:]}")


_LOCK_SECONDS = 0.05


@contextlib.asynccontextmanager
async def alone(folder: Path) -> AsyncIterator[None]:
    """Lets one process at a time change a folder of the cache; the system lets go when we die."""
    with (folder / "lock").open("w") as lock:
        while not _taken(lock.fileno()):  # noqa: ASYNC110 - waiting in a thread could keep the holder from the one it needs
            await asyncio.sleep(_LOCK_SECONDS)
        yield


def _taken(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def dying_with_us() -> list[str]:
    """What to put before a command of ours that must not outlive us, where the system can arrange it."""
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", "SIGKILL", "--"] if setpriv else []


def _matches(pattern: str) -> list[Path]:
    return sorted(Path("/").glob(pattern.lstrip("/")))

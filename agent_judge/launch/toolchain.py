"""The tools of this machine that a box needs: found, bound read-only, or named with what installs them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from pydantic import Field, ValidationError

from agent_judge.errors import BadInput, MissingRequirement
from agent_judge.launch.box_command import Mount, missing_box
from agent_judge.places import data_folder
from agent_judge.protocols import Missing
from agent_judge.read.environment import Environment
from agent_judge.schema import Model

_PROBE_SECONDS = 20


class Tool(Model):
    """One table of ``sandbox/tools.toml``."""

    title: str
    command: str
    install: str
    root: tuple[str, ...] = ()
    read_only: tuple[str, ...] = ()
    variables: dict[str, str] = Field(default_factory=dict)


@dataclass
class Toolchain:
    """What a box gets so that its tools work."""

    mounts: list[Mount] = field(default_factory=list)
    path: list[str] = field(default_factory=list)
    variables: dict[str, str] = field(default_factory=dict)


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


def toolchain(names: Iterable[str]) -> Toolchain:
    """Finds tools.

    Raises:
        MissingRequirement: One of them is not on this machine.
    """
    found = Toolchain()
    for name in names:
        tool = _tool(name)
        place = find_tool(name)
        if place is None:
            raise MissingRequirement(f"{tool.title} is missing: {tool.install}")
        root = _root(name, place)
        if not root.is_relative_to("/usr"):
            found.mounts.append(Mount(root))
        found.path.append(str(root / "bin") if (root / "bin").is_dir() else str(place.parent))
        found.mounts += [Mount(match) for pattern in tool.read_only for match in _matches(pattern)]
        found.variables |= tool.variables
    return found


def missing_for(environment: Environment, languages: Sequence[str] = ()) -> list[Missing]:
    """What this machine lacks to box an environment's solutions, in some languages or in all."""
    if not environment.run:
        return []
    wanted = [recipe for recipe in environment.run if not languages or set(languages) & set(recipe.languages)]
    names = dict.fromkeys(name for recipe in wanted for name in recipe.tools)
    tools = [_tool(name) for name in names if find_tool(name) is None]
    return [*missing_box(), *(Missing(tool.title, tool.install) for tool in tools)]


@cache
def find_tool(name: str) -> Path | None:
    """Where a tool's command is, if it is on this machine. Python is the one that runs us, without our packages."""
    if name == "python":
        return Path(sys.base_prefix) / "bin" / f"python{sys.version_info.major}.{sys.version_info.minor}"
    place = shutil.which(_tool(name).command)
    return Path(place) if place else None


def _tool(name: str) -> Tool:
    if name not in known_tools():
        raise BadInput(f"sandbox/tools.toml knows no tool {name!r}; it knows {', '.join(sorted(known_tools()))}")
    return known_tools()[name]


@cache
def _root(name: str, place: Path) -> Path:
    if name == "python":
        return Path(sys.base_prefix).resolve()
    if command := _tool(name).root:
        printed = subprocess.run(command, capture_output=True, text=True, timeout=_PROBE_SECONDS, check=False).stdout
        if printed.strip() and (root := Path(printed.strip())).is_dir():
            return root.resolve()
    return Path(os.path.realpath(place)).parent.parent


def _matches(pattern: str) -> list[Path]:
    return sorted(Path("/").glob(pattern.lstrip("/")))

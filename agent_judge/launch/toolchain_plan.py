"""A Solution becomes a box's Plan: the recipe that fits, its commands filled in, its packages and tools bound."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import PurePosixPath

from agent_judge.launch.box_command import Mount, Plan
from agent_judge.launch.npm import PackageProblem, fetch_packages, installed_version, split_spec
from agent_judge.launch.pip import Unavailable, installed_versions, python_packages
from agent_judge.launch.toolchain import PythonKind, Toolchain, toolchain
from agent_judge.launch.toolchain_java import main_class, public_class
from agent_judge.read.environment import Environment, Limits
from agent_judge.read.recipe import Recipe
from agent_judge.schema import Solution

_ENVIRONMENT = "/environment"
"""Where a box sees the template files of its environment."""


def recipe_for(environment: Environment, solution: Solution) -> Recipe:
    """The first of an environment's recipes that fits.

    Raises:
        Unavailable: None does.
    """
    code = _text(solution.files.get(solution.entry, b""))
    for recipe in environment.run:
        if solution.language in recipe.languages and _fits(recipe, code, solution.files):
            return recipe
    raise Unavailable(f"{environment.title} does not run {solution.language}")


async def plan_for(
    environment: Environment,
    solution: Solution,
    find_tools: Callable[[Iterable[str]], Awaitable[Toolchain]] = toolchain,
) -> Plan:
    """Everything that a box needs to run a solution.

    Args:
        environment: How it is run.
        solution: What is run.
        find_tools: Gives the tools as the box sees them; those of this machine if not given.

    Raises:
        Unavailable: It cannot be built, and that is its own fault.
        MissingRequirement: This machine lacks a tool.
        DriverError: The package registry does not answer.
    """
    recipe = recipe_for(environment, solution)
    _check_names(solution)
    tools = await find_tools(recipe.tools)
    mounts = [*tools.mounts, Mount(environment.folder, _ENVIRONMENT)]
    path = list(tools.path)
    if packages := await _packages(recipe, solution, tools.packages_for):
        mounts.append(packages.mount)
        path.insert(0, f"{packages.mount.target}/bin")
    files = dict(solution.files)
    words = _words(recipe, solution, environment.limits)
    if recipe.rename:
        words["entry"] = str(PurePosixPath(_fill(recipe.rename, words)))
        files[words["entry"]] = files.pop(solution.entry)
    sources = [name for name in sorted(files) if any(fnmatchcase(name, pattern) for pattern in recipe.sources)]
    return Plan(
        start=_command(recipe.start, words, sources, tools.python),
        files=files,
        build=[_command(command, words, sources, tools.python) for command in recipe.build],
        limits=environment.limits,
        mounts=mounts,
        variables={name: _fill(value, words) for name, value in recipe.variables.items()},
        path=path,
        terminal=environment.kind != "program",
        packages=packages.versions if packages else {},
    )


def _fits(recipe: Recipe, code: str, files: Mapping[str, bytes]) -> bool:
    if recipe.when and not re.search(recipe.when, code, re.MULTILINE):
        return False
    if recipe.unless and re.search(recipe.unless, code, re.MULTILINE):
        return False
    return all(any(fnmatchcase(name, pattern) for name in files) for pattern in recipe.files)


def _check_names(solution: Solution) -> None:
    for name in solution.files:
        parts = PurePosixPath(name).parts
        if not parts or name.startswith("/") or ".." in parts or "\0" in name or "\\" in name:
            raise Unavailable(f"has a file {name!r}, whose name leads out of its folder")
    if solution.entry not in solution.files:
        raise Unavailable(f"has no file {solution.entry!r} to start with")


@dataclass(frozen=True)
class _Packages:
    """The packages that a solution asks for, and where boxes see them."""

    mount: Mount
    versions: Mapping[str, str]


async def _packages(recipe: Recipe, solution: Solution, target: PythonKind | None) -> _Packages | None:
    wanted = [*solution.dependencies, *recipe.requires]
    if recipe.packages == "python" and (folder := await python_packages(wanted, target)):
        return _Packages(Mount(folder, "/packages"), installed_versions(folder))
    if recipe.packages == "node" and wanted:
        try:
            asked = dict(map(split_spec, wanted))
            folder = await fetch_packages(asked)
        except PackageProblem as problem:
            raise Unavailable(str(problem)) from problem
        versions = {name: installed_version(folder, name) for name in asked}
        return _Packages(Mount(folder / "node_modules", "/node_modules"), versions)
    return None


def _words(recipe: Recipe, solution: Solution, limits: Limits) -> dict[str, str]:
    """What stands for the placeholders of a recipe's commands."""
    entry = PurePosixPath(solution.entry)
    code = _text(solution.files[solution.entry])
    found = re.search(recipe.when, code, re.MULTILINE) if recipe.when else None
    groups = {key: value or "" for key, value in found.groupdict().items()} if found else {}
    return {
        "entry": solution.entry,
        "stem": entry.stem,
        "folder": str(entry.parent),
        "module": ".".join(entry.with_suffix("").parts),
        "public_class": public_class(code) or entry.stem,
        "main_class": main_class(code) or entry.stem,
        "heap_mib": str(limits.memory_mib * 3 // 4),
        **groups,
    }


def _command(template: Sequence[str], words: Mapping[str, str], sources: Sequence[str], python: str) -> list[str]:
    command: list[str] = []
    for word in template:
        command += sources if word == "{sources}" else [python if word == "python" else _fill(word, words)]
    return command


def _fill(template: str, words: Mapping[str, str]) -> str:
    return re.sub(r"\{(\w+)\}", lambda found: words.get(found[1], found[0]), template)


def _text(content: bytes) -> str:
    return content.decode("utf-8", errors="replace")

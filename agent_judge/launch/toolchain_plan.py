"""A Solution becomes a box's Plan: the recipe that fits, its commands filled in, its packages and tools bound."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath

from agent_judge.errors import MissingRequirement
from agent_judge.launch.box_command import WORK, Mount, Plan
from agent_judge.launch.pip import Unavailable, python_packages
from agent_judge.launch.toolchain import toolchain
from agent_judge.read.environment import Environment
from agent_judge.read.recipe import Recipe
from agent_judge.schema import Solution

_ENVIRONMENT = "/environment"
"""Where a box sees the template files of its environment."""
_PACKAGES = "/packages"
_MAIN_CLASS = re.compile(r"\bclass\s+(\w+)[^{]*\{(?:(?!\bclass\b)[\s\S])*?\bvoid\s+main\s*\(")


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


async def plan_for(environment: Environment, solution: Solution) -> Plan:
    """Everything that a box needs to run a solution.

    Raises:
        Unavailable: It cannot be built, and that is its own fault.
        MissingRequirement: This machine lacks a tool.
        DriverError: The package registry does not answer.
    """
    recipe = recipe_for(environment, solution)
    _check_names(solution)
    _check_fetched(recipe, solution)
    tools = toolchain(recipe.tools)
    mounts = [*tools.mounts, Mount(environment.folder, _ENVIRONMENT)]
    path = list(tools.path)
    variables = {**tools.variables, **recipe.variables}
    if packages := await _packages(recipe, solution):
        mounts.append(Mount(packages, _PACKAGES))
        path.insert(0, f"{_PACKAGES}/bin")
    files = dict(solution.files)
    words = _words(recipe, solution)
    if recipe.rename:
        words["entry"] = _fill(recipe.rename, words)
        files[words["entry"]] = files.pop(solution.entry)
    sources = [name for name in sorted(files) if any(fnmatchcase(name, pattern) for pattern in recipe.sources)]
    return Plan(
        start=_command(recipe.start, words, sources),
        files=files,
        build=[_command(command, words, sources) for command in recipe.build],
        limits=environment.limits,
        mounts=mounts,
        variables={name: _fill(value, words) for name, value in variables.items()},
        path=path,
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


def _check_fetched(recipe: Recipe, solution: Solution) -> None:
    if not recipe.unfetched:
        return
    for name, content in sorted(solution.files.items()):
        if found := re.search(recipe.unfetched, _text(content), re.MULTILINE):
            asked = next((group for group in found.groups() if group), found[0].strip())
            raise Unavailable(f"needs {asked}, which is not part of {solution.language} ({name})")


async def _packages(recipe: Recipe, solution: Solution) -> Path | None:
    wanted = [*solution.dependencies, *recipe.requires]
    if recipe.packages == "python":
        return await python_packages(wanted)
    if recipe.packages == "node" and wanted:
        raise MissingRequirement("npm packages for programs are not supported by this version")
    return None


def _words(recipe: Recipe, solution: Solution) -> dict[str, str]:
    """What stands for the placeholders of a recipe's commands."""
    entry = PurePosixPath(solution.entry)
    code = _text(solution.files[solution.entry])
    main_class = _MAIN_CLASS.search(code)
    package = re.search(r"^\s*package\s+([\w.]+)\s*;", code, re.MULTILINE)
    name = main_class[1] if main_class else entry.stem
    found = re.search(recipe.when, code, re.MULTILINE) if recipe.when else None
    groups = {key: value or "" for key, value in found.groupdict().items()} if found else {}
    return {
        "entry": solution.entry,
        "stem": entry.stem,
        "folder": str(entry.parent),
        "module": ".".join(entry.with_suffix("").parts),
        "class_name": name,
        "main_class": f"{package[1]}.{name}" if package else name,
        "work": WORK,
        **groups,
    }


def _command(template: Sequence[str], words: Mapping[str, str], sources: Sequence[str]) -> list[str]:
    command: list[str] = []
    for word in template:
        command += sources if word == "{sources}" else [_fill(word, words)]
    return command


def _fill(template: str, words: Mapping[str, str]) -> str:
    return re.sub(r"\{(\w+)\}", lambda found: words.get(found[1], found[0]), template)


def _text(content: bytes) -> str:
    return content.decode("utf-8", errors="replace")

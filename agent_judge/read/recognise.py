"""From files to the environment that runs them: the ``[recognise]`` tables of the environments decide."""

from __future__ import annotations

import fnmatch
import json
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path, PurePosixPath

from agent_judge.read.environment import Environment, load_environments
from agent_judge.read.source import SourceFile, source_files

_FRAMEWORKS = Path(__file__).with_name("frameworks.toml")


@dataclass(frozen=True)
class Recognised:
    """How files are run, or why they cannot be."""

    environment: str
    language: str
    entry: str
    problem: str = ""


def recognise(files: Mapping[str, bytes], fences: Mapping[str, str] | None = None) -> Recognised:
    """Finds the environment, the language and the file to start with.

    Args:
        files: The solution's files by relative path.
        fences: The names after the fences that files came from, by path.
    """
    sources = source_files(files, fences)
    claimed = _claims(sources)
    unsupported = _unsupported_framework(sources)
    for environment, claimants in claimed:
        if unsupported:
            break
        entry = _entry(environment, sources, claimants)
        if entry:
            return Recognised(environment.name, _language(entry, claimants), entry.path)
    return _unrunnable(sources, unsupported)


def _claims(sources: Sequence[SourceFile]) -> list[tuple[Environment, list[SourceFile]]]:
    """Environments that claim any file, the one with the greatest priority first."""
    claimed = []
    for environment in load_environments().values():
        files = [file for file in sources if environment.recognise.claims(file, environment.languages)]
        if files:
            claimed.append((environment, files))
    return sorted(claimed, key=lambda pair: -pair[0].recognise.priority)


def _entry(environment: Environment, sources: Sequence[SourceFile], claimed: Sequence[SourceFile]) -> SourceFile | None:
    runnable = [file for file in sources if file.language in environment.languages]
    by_path = {file.path: file for file in runnable}
    chosen = _main_of_package(sources, by_path) if environment.kind != "page" else None
    if chosen:
        return chosen
    for pattern in environment.recognise.entries:
        fitting = [file for file in runnable if fnmatch.fnmatch(PurePosixPath(file.path).name, pattern)]
        if "*" not in pattern:
            fitting = [file for file in runnable if file.path == pattern or file.path.endswith(f"/{pattern}")]
        if fitting:
            return min(fitting, key=lambda file: (file not in claimed, file.path.count("/"), -len(file.code)))
    return max(claimed, key=lambda file: len(file.code), default=None)


def _main_of_package(sources: Sequence[SourceFile], by_path: Mapping[str, SourceFile]) -> SourceFile | None:
    """The file that ``package.json`` starts."""
    for file in sources:
        if PurePosixPath(file.path).name != "package.json":
            continue
        try:
            manifest = json.loads(file.code)
            started = re.search(r"[\w./-]+\.[cm]?[jt]s\b", manifest.get("scripts", {}).get("start", ""))
            names = [started[0] if started else "", manifest.get("main", "")]
        except (ValueError, AttributeError, TypeError):
            continue
        for name in names:
            path = (PurePosixPath(file.path).parent / str(name)).as_posix().removeprefix("./")
            if path in by_path:
                return by_path[path]
    return None


def _language(entry: SourceFile, claimed: Sequence[SourceFile]) -> str:
    if entry.language == "javascript" and any(file.language == "typescript" for file in claimed):
        return "typescript"
    return entry.language


def _unrunnable(sources: Sequence[SourceFile], framework: str) -> Recognised:
    if framework:
        return Recognised("none", "none", "", f"the answer is a {framework} program, which is not run here")
    code = [file for file in sources if file.dialect and file.dialect.role == "code"]
    if not code:
        kinds = sorted({file.dialect.title for file in sources if file.dialect})
        only = f", only {' and '.join(kinds)}" if kinds else ""
        return Recognised("none", "none", "", f"the answer holds no code that can be run{only}")
    largest = max(code, key=lambda file: len(file.code))
    title = largest.dialect.title if largest.dialect else ""
    if any(largest.language in environment.languages for environment in load_environments().values()):
        return Recognised("none", largest.language, "", f"no environment runs this {title} code")
    return Recognised("none", largest.language, "", f"the answer is in {title}, which is not run here")


@cache
def _frameworks() -> dict[str, list[str]]:
    tables = tomllib.loads(_FRAMEWORKS.read_text(encoding="utf-8"))
    return {name: list(table["imports"]) for name, table in tables.items()}


def _unsupported_framework(sources: Sequence[SourceFile]) -> str:
    for name, packages in _frameworks().items():
        if any(file.imports_package(package) for file in sources for package in packages):
            return name
    return ""

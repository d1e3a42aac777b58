"""Which packages a solution asks for: imports, requirement files and install commands."""

from __future__ import annotations

import json
import re
import shlex
import sys
import tomllib
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Any

from agent_judge.read.source import SourceFile

_DATA = Path(__file__).with_name("packages.toml")
_INSTALL = re.compile(
    r"(?:^|&&|;|\|\||[`!%$>])[ \t]*(?:sudo\s+)?"
    r"(?:(?P<pip>(?:python3?\s+-m\s+|uv\s+)?pip3?\s+install|uv\s+add|poetry\s+add)"
    r"|(?P<npm>npm\s+(?:install|i|add)|yarn\s+(?:global\s+)?add|pnpm\s+(?:add|install|i)|bun\s+(?:add|install|i)))"
    r"(?P<rest>(?:[ \t]+[^\n`;&|#]*)?(?:\\\n[^\n`;&|#]*)*)",
    re.MULTILINE,
)
_PIP_NAME = re.compile(
    r"^[A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?(?:\[[\w,-]+\])?(?:\s*(?:[=<>!~]=?=?)\s*[\w.*+!-]+(?:,[^;\s]+)*)?$"
)
_NPM_NAME = re.compile(r"^(?:@[a-z0-9~-][\w.~-]*/)?[a-z0-9~-][\w.~-]*(?:@[\w.^~<>=*-]+)?$")
_TAKES_VALUE = {"-r", "--requirement", "-i", "--index-url", "--extra-index-url", "-c", "--constraint", "-t", "--target",
                "-f", "--find-links", "--prefix", "--registry", "-e", "--editable"}  # fmt: skip


@cache
def _data() -> dict[str, dict[str, Any]]:
    return tomllib.loads(_DATA.read_text(encoding="utf-8"))


def dependencies_of(sources: Sequence[SourceFile], language: str, prose: Iterable[str] = ()) -> tuple[str, ...]:
    """Lists the packages that a solution asks for, sorted, each once.

    Args:
        sources: Its text files.
        language: ``python`` gives distributions; ``javascript``, ``typescript`` and ``html`` npm packages;
            anything else nothing.
        prose: Texts that may hold ``pip install`` and ``npm install`` commands.
    """
    commands = [*prose, *(file.code for file in sources if file.language in ("python", "shell"))]
    if language == "python":
        return _python_dependencies(sources, commands)
    if language in ("javascript", "typescript", "html"):
        return _npm_dependencies(sources, commands)
    return ()


def _python_dependencies(sources: Sequence[SourceFile], commands: Sequence[str]) -> tuple[str, ...]:
    local = {part for file in sources for part in _module_names(file.path)}
    asked = [name for text in commands for name in installed_by(text, "pip")]
    for file in sources:
        if re.fullmatch(r"requirements[\w.-]*\.txt", PurePosixPath(file.path).name):
            asked += [line.split(" #")[0].split(";")[0].strip() for line in file.code.splitlines()]
        if file.language == "python":
            asked += [distribution_of(name) for name in file.imports if name.split(".")[0] not in local]
    return _each_once((name for name in asked if _PIP_NAME.match(name)), _pip_key)


def _npm_dependencies(sources: Sequence[SourceFile], commands: Sequence[str]) -> tuple[str, ...]:
    asked = []
    for file in sources:
        if PurePosixPath(file.path).name == "package.json":
            asked += _package_json(file.code)
    asked += [name for text in commands for name in installed_by(text, "npm")]
    mapped = {name for file in sources for name in _import_map(file)}
    for file in sources:
        if file.language in ("javascript", "typescript", "html"):
            asked += [package for name in file.imports if name not in mapped and (package := npm_package_of(name))]
    return _each_once((name for name in asked if _NPM_NAME.match(name)), _npm_key)


def _each_once(names: Iterable[str], key: Callable[[str], str]) -> tuple[str, ...]:
    """The first that says a version wins over those that only name the package."""
    found: dict[str, str] = {}
    for name in names:
        known = found.get(key(name))
        if known is None or (known == key(known) and name != key(name)):
            found[key(name)] = name
    return tuple(sorted(found.values()))


def _pip_key(name: str) -> str:
    return re.sub(r"[-_.]+", "-", re.split(r"[\s\[=<>!~]", name)[0]).lower()


def _npm_key(name: str) -> str:
    at = name.find("@", 1)
    return name if at < 0 else name[:at]


def distribution_of(module: str) -> str:
    """The Python distribution that a dotted module comes from; empty for the standard library and local modules."""
    if not module or module.startswith("."):
        return ""
    top = module.split(".")[0]
    if top in sys.stdlib_module_names or top == "__main__":
        return ""
    known = _data()["python"]
    parts = module.split(".")
    for length in range(len(parts), 0, -1):
        name = known.get(".".join(parts[:length]))
        if name:
            return str(name)
    return re.sub(r"_+", "-", top).lower()


def npm_package_of(specifier: str) -> str:
    """The npm package of an import; empty for relative paths, addresses, aliases and what Node has itself."""
    if specifier.startswith((".", "/", "#", "~", "@/", "http:", "https:", "node:", "data:", "virtual:", "npm:")):
        return ""
    parts = specifier.split("/")
    name = "/".join(parts[:2]) if specifier.startswith("@") else parts[0]
    if name in _data()["node"]["builtins"] or not _NPM_NAME.match(name):
        return ""
    return name


def installed_by(text: str, manager: str) -> list[str]:
    """Packages named by the ``pip install`` or ``npm install`` commands in a text, with their versions."""
    found = []
    for match in _INSTALL.finditer(text):
        if not match[manager]:
            continue
        try:
            words = shlex.split(match["rest"].replace("\\\n", " "))
        except ValueError:
            words = match["rest"].split()
        skip = False
        for word in words:
            if skip or word.startswith("-"):
                skip = word in _TAKES_VALUE and not skip
                continue
            pattern = _PIP_NAME if manager == "pip" else _NPM_NAME
            if not pattern.match(word):
                break
            found.append(word)
    return found


def _package_json(text: str) -> list[str]:
    try:
        manifest = json.loads(text)
    except ValueError:
        return []
    wanted = manifest.get("dependencies") if isinstance(manifest, dict) else None
    if not isinstance(wanted, dict):
        return []
    return [f"{name}@{version}" if isinstance(version, str) and version else name for name, version in wanted.items()]


def _import_map(file: SourceFile) -> list[str]:
    """Bare names that a page resolves by itself with an import map."""
    match = re.search(r"<script[^>]*type=[\"']importmap[\"'][^>]*>([\s\S]*?)</script>", file.code, re.IGNORECASE)
    if match is None:
        return []
    try:
        imports = json.loads(match[1]).get("imports", {})
    except (ValueError, AttributeError):
        return []
    return list(imports)


def _module_names(path: str) -> set[str]:
    parts = PurePosixPath(path)
    return {*parts.parts[:-1], parts.stem} if parts.suffix == ".py" else set()

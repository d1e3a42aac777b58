"""Takes of packages that are one long list of exports, such as icons, only what a solution names.

The whole of such a package would be loaded with every page that shows two of its thousand icons. What is taken is
cached by the names. Where it is not plain what a solution uses, it gets the whole package.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path, PurePosixPath

_EXPORTS = re.compile(r"""^export\s*\{([^}]*)\}\s*from\s*["'](\.[^"']+)["']""", re.MULTILINE)
_DEFAULT = re.compile(r"\bdefault\s+as\s+([A-Za-z_$][\w$]*)")


def names_used(code: str, package: str) -> frozenset[str]:
    """What a compiled CommonJS module uses of a package, by name; nothing where that is not plain."""
    required = f"require({json.dumps(package)})"
    declared = re.compile(rf"\bvar ([A-Za-z_$][\w$]*) = (?:__toESM\({re.escape(required)}\)|{re.escape(required)});")
    variables = declared.findall(code)
    if len(variables) != code.count(required):
        return frozenset()
    rest = declared.sub("", code)
    used: set[str] = set()
    for variable in variables:
        uses = re.findall(rf"(?<![\w$]){re.escape(variable)}(?![\w$])(?:\.([A-Za-z_$][\w$]*))?", rest)
        used.update(uses)
    return frozenset() if "" in used else frozenset(used)


def barrel_source(packages: Path, package: str, index: str, names: Iterable[str]) -> bytes:
    """A module that exports these names alone; nothing where the package's index does not tell where one is."""
    file = packages / "node_modules" / package / index
    if not file.is_file():
        return b""
    places = _places(file)
    folder = PurePosixPath("node_modules") / package / PurePosixPath(index).parent
    lines = []
    for name in sorted(names):
        if name not in places:
            return b""
        lines.append(f"export {{ default as {name} }} from {json.dumps(f'./{folder / places[name]}')};")
    return "\n".join(lines).encode()


@lru_cache(maxsize=8)
def _places(index: Path) -> Mapping[str, str]:
    """Which file each name is the default export of."""
    text = index.read_text(encoding="utf-8")
    return {name: path for listed, path in _EXPORTS.findall(text) for name in _DEFAULT.findall(listed)}

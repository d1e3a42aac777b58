"""Java's classes, which decide what a file must be called and what is started."""

from __future__ import annotations

import re

_UNREAD = re.compile(
    r"//[^\n]*|/\*[\s\S]*?\*/"  # comments
    r'|"""[\s\S]*?"""|"(?:\\.|[^"\\\n])*"'  # strings
    r"|'(?:\\.|[^'\\\n])+'"  # characters
)
_TELLING = re.compile(r"\b(?:class|record|enum|interface)\s+(?P<name>\w+)|(?P<brace>[{}])|\bvoid\s+(?P<main>main)\s*\(")
_PUBLIC = re.compile(r"\bpublic\s+(?:(?:final|abstract|sealed|strictfp)\s+)*(?:class|record|enum|interface)\s+(\w+)")
_PACKAGE = re.compile(r"^\s*package\s+([\w.]+)\s*;", re.MULTILINE)


def public_class(code: str) -> str:
    """The public class that a file must be named after, or nothing."""
    found = _PUBLIC.search(_read(code))
    return found[1] if found else ""


def main_class(code: str) -> str:
    """The class whose ``main`` is started, with its package, as ``java`` takes it; or nothing."""
    text = _read(code)
    package = _PACKAGE.search(text)
    around: list[str] = []
    announced = ""
    for found in _TELLING.finditer(text):
        if found["main"] and (name := "$".join(part for part in around if part)):
            return f"{package[1]}.{name}" if package else name
        if found["name"]:
            announced = found["name"]
        elif found["brace"] == "{":
            around.append(announced)
            announced = ""
        elif around:
            around.pop()
    return ""


def _read(code: str) -> str:
    """Code without its comments and strings."""
    return _UNREAD.sub(" ", code)

"""Files that other files ask for: links of pages, relative imports, templates of servers."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath

from agent_judge.read.imports import script_imports
from agent_judge.read.piece import Piece

_LINK = re.compile(r"<(?:link|script|img)\b[^>]{0,1000}?\b(?:href|src)=[\"'](?P<path>[^\"':?#{}]+)[\"']", re.IGNORECASE)
_STATIC = re.compile(r"url_for\(\s*[\"']static[\"']\s*,\s*(?:filename|path)\s*=\s*[\"'](?P<path>[\w./-]+)[\"']")
_TEMPLATE = re.compile(r"\b(?:render_template|TemplateResponse)\s*\([^)]{0,500}?[\"'](?P<path>[\w./-]+\.html?)[\"']")
_SENT_FILE = re.compile(r"\bsendFile\s*\([^;]{0,500}?[\"'](?P<path>[\w./-]+\.html?)[\"']")


def missing_references(files: Mapping[str, Piece]) -> list[str]:
    """Paths that files ask for and that are not there, in the order in which they are asked for."""
    found: list[str] = []
    for path, piece in files.items():
        for target in _targets(path, piece):
            if target and target not in files and target not in found:
                found.append(target)
    return found


def _targets(path: str, piece: Piece) -> list[str]:
    if piece.dialect.name in ("html", "template"):
        links = [match["path"] for match in _LINK.finditer(piece.code) if not match["path"].startswith("//")]
        return [_beside(path, link) for link in links] + [f"static/{m['path']}" for m in _STATIC.finditer(piece.code)]
    if piece.dialect.language == "python":
        return [f"templates/{match['path']}" for match in _TEMPLATE.finditer(piece.code)]
    if piece.dialect.language in ("javascript", "typescript"):
        imported = [name for name in script_imports(piece.code) if name.startswith(".") and PurePosixPath(name).suffix]
        return [_beside(path, name) for name in [*imported, *(m["path"] for m in _SENT_FILE.finditer(piece.code))]]
    return []


def _beside(path: str, target: str) -> str:
    """A path relative to a file, or to the root of the pages, as a path of the solution."""
    folder = PurePosixPath(path).parent
    if target.startswith("/") and folder.name == "templates":
        folder = folder.parent
    return _resolved([*folder.parts, *PurePosixPath(target).parts])


def _resolved(parts: Sequence[str]) -> str:
    kept: list[str] = []
    for part in parts:
        if part == "..":
            if not kept:
                return ""
            kept.pop()
        elif part not in (".", "/"):
            kept.append(part)
    return "/".join(kept)

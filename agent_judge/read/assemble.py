"""Blocks become files: named ones keep their names, the main one is picked, the others take the names it asks for."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from agent_judge.read.dialects import Dialect, dialect_of_path
from agent_judge.read.imports import script_imports

_SCRIPTS = {"javascript", "typescript", "jsx", "tsx"}


@dataclass(frozen=True)
class Piece:
    """A block of an answer, as a file to be."""

    name: str
    code: str
    dialect: Dialect
    fence: str
    lead: str
    closed: bool


def assemble(pieces: Sequence[Piece], instruction: str = "") -> tuple[dict[str, str], dict[str, str]]:
    """Decides which blocks make the program, and under which names.

    Returns:
        The files by path, and the names after the fences by path.
    """
    named = _named(pieces)
    unnamed = [piece for piece in pieces if not piece.name]
    if not any(piece.dialect.role == "code" for piece in named.values()) and unnamed:
        main = _main(unnamed, instruction)
        named[_file_of(main)] = main
        unnamed.remove(main)
    _fill_references(named, unnamed)
    return {path: piece.code for path, piece in named.items()}, {path: piece.fence for path, piece in named.items()}


def _named(pieces: Sequence[Piece]) -> dict[str, Piece]:
    """Named blocks by path; of several with one name the longest is the file, the others show parts of it."""
    found: dict[str, Piece] = {}
    for piece in pieces:
        if piece.name and (piece.name not in found or len(piece.code) >= len(found[piece.name].code)):
            found[piece.name] = piece
    return found


def _main(pieces: Sequence[Piece], instruction: str) -> Piece:
    return max(pieces, key=lambda piece: (piece.dialect.role == "code", len(piece.code)))


def _file_of(piece: Piece) -> str:
    if piece.dialect.name == "java":
        public = re.search(r"\bpublic\s+(?:final\s+|abstract\s+)*(?:class|interface|enum|record)\s+(\w+)", piece.code)
        return f"{public[1]}.java" if public else piece.dialect.file
    return piece.dialect.file


def _fill_references(files: dict[str, Piece], unnamed: list[Piece]) -> None:
    """Blocks without a name take, in order, the names that the files ask for."""
    for path in references(files):
        wanted = dialect_of_path(path)
        for piece in unnamed:
            if wanted and (piece.dialect.role, piece.dialect.language) == (wanted.role, wanted.language):
                files[path] = piece
                unnamed.remove(piece)
                break


def references(files: Mapping[str, Piece]) -> list[str]:
    """Paths that files refer to and that are not there."""
    found: list[str] = []
    for path, piece in files.items():
        for target in _targets(piece):
            parts = [*PurePosixPath(path).parent.parts, *PurePosixPath(target).parts]
            resolved = _resolved(parts)
            if resolved and resolved not in files and resolved not in found:
                found.append(resolved)
    return found


def _targets(piece: Piece) -> list[str]:
    if piece.dialect.name == "html":
        links = re.findall(r"<(?:link|script)\b[^>]*\b(?:href|src)=[\"']([^\"':?#]+)[\"']", piece.code, re.IGNORECASE)
        return [link for link in links if not link.startswith("//")]
    if piece.dialect.name in _SCRIPTS:
        return [name for name in script_imports(piece.code) if name.startswith(".") and PurePosixPath(name).suffix]
    if piece.dialect.name == "python":
        pages = re.findall(r"\brender_template\s*\(\s*[\"']([\w./-]+)[\"']", piece.code)
        return [f"templates/{page}" for page in pages]
    return []


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

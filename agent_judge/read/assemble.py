"""Blocks become files: named ones keep their names, the main one is picked, the others take the names it asks for."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import PurePosixPath

from agent_judge.read.dialects import dialect_of_path
from agent_judge.read.imports import script_imports
from agent_judge.read.pick import joined, main_piece
from agent_judge.read.piece import Piece
from agent_judge.read.references import missing_references
from agent_judge.read.source import is_supporting

_SOURCE_FOLDERS = {
    *("src", "app", "pages", "public", "static", "templates", "components", "lib", "cmd", "server", "client"),
    *("backend", "frontend", "css", "js", "assets", "styles", "scripts"),
}
_PAGE_LANGUAGES = {"html", "css"}


def assemble(pieces: Sequence[Piece], instruction: str = "") -> dict[str, Piece]:
    """Decides which blocks make the program, and under which paths."""
    files = _named(pieces)
    unnamed = [piece for piece in pieces if not piece.name]
    _fill_references(files, unnamed)
    if any(_is_main(piece, files, pieces) for piece in unnamed):
        main, used = joined(main_piece(unnamed, instruction), unnamed)
        files[_file_of(main)] = main
        unnamed = [piece for piece in unnamed if piece not in used]
        _fill_references(files, unnamed)
    _put_into_page(files, unnamed)
    return _without_project_folder(files)


def _named(pieces: Sequence[Piece]) -> dict[str, Piece]:
    """Named blocks by path; of several with one name the longest is the file, the others show parts of it."""
    found: dict[str, Piece] = {}
    for piece in pieces:
        if piece.name and (piece.name not in found or len(piece.code) >= len(found[piece.name].code)):
            found[piece.name] = piece
    return found


def _is_main(piece: Piece, files: dict[str, Piece], pieces: Sequence[Piece]) -> bool:
    """Whether a block without a name is a program that the named files lack, not a remark on them."""
    named = [file for path, file in files.items() if file.dialect.role == "code" and not is_supporting(path)]
    if not named:
        return True
    if piece.dialect.role != "code" or any(file.dialect.language == piece.dialect.language for file in named):
        return False
    first = next(other for other in pieces if other.dialect.role == "code")
    return piece is first and all(file.dialect.language in _PAGE_LANGUAGES for file in named)


def _file_of(piece: Piece) -> str:
    if piece.dialect.name == "java":
        public = re.search(r"\bpublic\s+(?:final\s+|abstract\s+)*(?:class|interface|enum|record)\s+(\w+)", piece.code)
        return f"{public[1]}.java" if public else piece.dialect.file
    return piece.dialect.file


def _fill_references(files: dict[str, Piece], unnamed: list[Piece]) -> None:
    """Blocks without a name take, in order, the names that the files ask for."""
    for path in missing_references(files):
        wanted = dialect_of_path(path)
        for piece in unnamed:
            if wanted and (piece.dialect.role, piece.dialect.language) == (wanted.role, wanted.language):
                files[path] = piece
                unnamed.remove(piece)
                break


def _put_into_page(files: dict[str, Piece], unnamed: Sequence[Piece]) -> None:
    """Styles and scripts in blocks of their own go into a page that has none and asks for none."""
    pages = [path for path, piece in files.items() if piece.dialect.name == "html"]
    if len(pages) != 1 or any(piece.dialect.language == "python" for piece in files.values()):
        return
    page = files[pages[0]]
    code = page.code
    style = next((piece for piece in unnamed if piece.dialect.name == "css"), None)
    if style and not re.search(
        r"<style\b|<link\b[^>]*stylesheet[\"'][^>]*href=[\"'](?!https?:|//)", code, re.IGNORECASE
    ):
        code = _inserted(code, f"<style>\n{style.code}\n</style>\n", before="</head>", otherwise_first=True)
    script = next((piece for piece in unnamed if piece.dialect.name == "javascript"), None)
    if script and not re.search(r"<script\b(?![^>]*\bsrc=)", code, re.IGNORECASE):
        kind = ' type="module"' if script_imports(script.code) else ""
        code = _inserted(code, f"<script{kind}>\n{script.code}\n</script>\n", before="</body>", otherwise_first=False)
    files[pages[0]] = replace(page, code=code)


def _inserted(page: str, element: str, before: str, otherwise_first: bool) -> str:
    at = page.lower().rfind(before)
    if at >= 0:
        return page[:at] + element + page[at:]
    return element + page if otherwise_first else f"{page}\n{element}"


def _without_project_folder(files: dict[str, Piece]) -> dict[str, Piece]:
    """Drops a folder that all files stand in, unless it means something."""
    tops = {PurePosixPath(path).parts[0] for path in files if "/" in path}
    if len(tops) != 1 or tops & _SOURCE_FOLDERS or not all("/" in path for path in files):
        return files
    return {path.partition("/")[2]: piece for path, piece in files.items()}

"""Of several blocks without a name, the one that is the program, together with the blocks that it builds on."""

from __future__ import annotations

import ast
import builtins
import re
import tomllib
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

from agent_judge.read.piece import Piece

_CUES = Path(__file__).with_name("cues.toml")
_MEANT_FACTOR = 20.0
"""How much more a block in the language that was asked for counts."""
_CUT_OFF_FACTOR = 0.4
"""How much less a block that begins or ends in the middle counts, beside whole ones."""
_OF_A_PAGE = r"\b(?:document|window)\s*\."


def main_piece(pieces: Sequence[Piece], instruction: str) -> Piece:
    """The block that is the program: long, in the language that was asked for, and announced as such."""
    best = max(pieces, key=lambda piece: (piece.dialect.role == "code", _weight(piece, instruction)))
    if best.dialect.name == "javascript" and re.search(_OF_A_PAGE, best.code):
        return next((piece for piece in pieces if piece.dialect.name == "html"), best)
    return best


def joined(main: Piece, pieces: Sequence[Piece]) -> tuple[Piece, list[Piece]]:
    """A Python program that an answer tells in several blocks, as one.

    Blocks above that define what the main one lacks are put before it; when it only
    defines things, blocks below that use them are put after it.

    Returns:
        The whole program, and the blocks that it is made of.
    """
    if main.dialect.language != "python":
        return main, [main]
    place = pieces.index(main)
    used = [main]
    needed = _lacking(main.code)
    for piece in reversed(pieces[:place]):
        if (
            _is_part(piece)
            and needed & _defined(piece.code)
            and not _defined(main.code, functions=True) & _defined(piece.code, functions=True)
        ):
            used.insert(0, piece)
            needed = (needed - _defined(piece.code)) | _lacking(piece.code)
    if _only_defines(main.code):
        known = {name for piece in used for name in _defined(piece.code)}
        for piece in pieces[place + 1 :]:
            if _is_part(piece) and _lacking(piece.code) & known and not known & _defined(piece.code, functions=True):
                used.append(piece)
                known |= _defined(piece.code)
    return replace(main, code="\n\n\n".join(piece.code for piece in used)), used


@cache
def _cues() -> list[tuple[float, re.Pattern[str]]]:
    table = tomllib.loads(_CUES.read_text(encoding="utf-8"))
    return [(cue["factor"], re.compile(cue["words"], re.IGNORECASE)) for cue in table["cue"]]


def _weight(piece: Piece, instruction: str) -> float:
    weight = float(len(piece.code))
    announced = f"{piece.lead}\n{piece.code.lstrip().split(chr(10), 1)[0] if _starts_with_comment(piece.code) else ''}"
    for factor, words in _cues():
        weight *= factor if words.search(announced) else 1
    if not piece.closed or re.match(r"\s*[*)}\],;]", piece.code):
        weight *= _CUT_OFF_FACTOR
    asked = piece.dialect.asked
    return weight * (_MEANT_FACTOR if asked and re.search(asked, instruction, re.IGNORECASE) else 1)


def _starts_with_comment(code: str) -> bool:
    return bool(re.match(r"\s*(?://|#|/\*|<!--)", code))


def _is_part(piece: Piece) -> bool:
    return piece.dialect.language == "python" and _tree(piece.code) is not None


@cache
def _tree(code: str) -> ast.Module | None:
    try:
        return ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _defined(code: str, functions: bool = False) -> set[str]:
    """Names that a module defines at its top; only its functions and classes if so wished."""
    tree = _tree(code)
    found: set[str] = set()
    for node in tree.body if tree else []:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            found.add(node.name)
        elif not functions:
            found |= {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
            found |= {(a.asname or a.name).split(".")[0] for n in ast.walk(node) for a in _aliases(n)}
    return found


def _lacking(code: str) -> set[str]:
    """Names that a module uses and that nothing in it, nor Python itself, defines."""
    tree = _tree(code)
    if tree is None:
        return set()
    loaded: set[str] = set()
    stored = set(dir(builtins)) | {"__file__", "__name__"}
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            (loaded if isinstance(node.ctx, ast.Load) else stored).add(node.id)
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            stored.add(node.name)
        elif isinstance(node, ast.arg):
            stored.add(node.arg)
        elif isinstance(node, ast.ExceptHandler) and node.name:
            stored.add(node.name)
        stored |= {(alias.asname or alias.name).split(".")[0] for alias in _aliases(node)}
    return loaded - stored


def _aliases(node: ast.AST) -> list[ast.alias]:
    return node.names if isinstance(node, (ast.Import, ast.ImportFrom)) else []


def _only_defines(code: str) -> bool:
    tree = _tree(code)
    passive = (
        ast.Import,
        ast.ImportFrom,
        ast.FunctionDef,
        ast.AsyncFunctionDef,
        ast.ClassDef,
        ast.Assign,
        ast.AnnAssign,
    )
    return tree is not None and all(
        isinstance(node, passive) or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))
        for node in tree.body
    )

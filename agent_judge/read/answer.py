"""A model's answer, raw markdown or bare code, becomes a Solution."""

from __future__ import annotations

import re

from agent_judge.read.assemble import assemble
from agent_judge.read.blocks import Block, blocks_of, normalised, text_outside
from agent_judge.read.dependencies import dependencies_of
from agent_judge.read.dialects import dialect_of_code, dialect_of_fence, dialects
from agent_judge.read.naming import name_of, tag_of
from agent_judge.read.piece import Piece
from agent_judge.read.recognise import recognise
from agent_judge.read.source import source_files
from agent_judge.read.wrappers import unwrapped
from agent_judge.schema import Solution

MAX_LENGTH = 2_000_000
"""Of an answer, in characters."""
_CODE_STARTS = re.compile(
    r"^(?:<!DOCTYPE|<html|<svg|<template>|<script|import\s|from\s+[\w.]+\s+import\s|#include|#!|package\s+\w+|use\s+\w+"
    r"|def\s|class\s|const\s|let\s|var\s|function\s|async\s|export\s|public\s|fn\s|[\"']use (?:client|strict)[\"'])",
    re.MULTILINE | re.IGNORECASE,
)


def solution_from_answer(text: str, instruction: str = "") -> Solution:
    """Makes a Solution from what a model replied.

    Args:
        text: Markdown with fenced blocks, or bare code.
        instruction: What was asked; it settles which of several languages is meant.

    Returns:
        A Solution; its ``problem`` says why nothing can be run, which is the answer's own fault.
    """
    if len(text) > MAX_LENGTH:
        return _without_code(f"the answer is longer than {MAX_LENGTH:,} characters")
    text = _with_lost_fence(unwrapped(normalised(text)))
    text = text.encode("utf-8", "replace").decode()  # An answer may end in the middle of a character.
    if not text.strip():
        return _without_code("the answer is empty")
    blocks = [block for block in blocks_of(text) if block.code.strip()]
    pieces = [piece for block in blocks if (piece := _piece(block))] or _bare(text, instruction)
    if not pieces:
        return _without_code("the answer holds no code")
    files = assemble(pieces, instruction)
    content = {path: piece.code.encode("utf-8", "replace") for path, piece in files.items()}
    fences = {path: piece.fence for path, piece in files.items()}
    found = recognise(content, fences)
    if found.problem:
        return _without_code(found.problem, found.language)
    prose = [text_outside(text), *(block.code for block in blocks if _is_shell(block))]
    dependencies = dependencies_of(source_files(content, fences), found.language, prose)
    return Solution(
        environment=found.environment,
        language=found.language,
        entry=found.entry,
        files=content,
        dependencies=dependencies,
    )


def _with_lost_fence(text: str) -> str:
    """Gives an answer that begins in the middle of a fenced block its opening fence back."""
    closing = re.search(r"^(```|~~~)[ \t]*$", text, re.MULTILINE)
    if closing is None or re.search(r"^[ \t]*(?:```|~~~)", text[: closing.start()], re.MULTILINE):
        return text
    before = dialect_of_code(text[: closing.start()])
    is_code = before is not None and before.role == "code" and _looks_like_code(text[: closing.start()])
    return f"{closing[1]}\n{text}" if is_code else text


def _looks_like_code(text: str) -> bool:
    """Begins as code does, or has mostly lines that end as lines of code do."""
    lines = [line.rstrip() for line in text.splitlines() if line.strip()]
    ending = sum(line.endswith((";", "{", "}", ":", ",", ")", "(", "*/")) or "*" in line[:4] for line in lines)
    return bool(_CODE_STARTS.match(text.lstrip())) or ending > len(lines) / 2


def _without_code(problem: str, language: str = "none") -> Solution:
    return Solution(environment="none", language=language, entry="", problem=problem)


def _is_shell(block: Block) -> bool:
    said = dialect_of_fence(tag_of(block))
    return said is not None and said.role == "shell"


def _piece(block: Block) -> Piece | None:
    """A block with its dialect; none when it is neither code nor a named file."""
    tag = tag_of(block)
    name = name_of(block)
    dialect = dialect_of_code(block.code, dialect_of_fence(tag))
    if dialect is None:
        dialect = dialects()["text"]
    if dialect.role in ("data", "shell") and not name:
        return None
    return Piece(name=name, code=block.code, dialect=dialect, fence=tag, lead=block.lead, closed=block.closed)


def _bare(text: str, instruction: str) -> list[Piece]:
    """An answer without any fenced code: the whole of it may be code, with or without a sentence before it."""
    body = re.sub(r"^\s*(?:`{3,}|~{3,})[^\n]*$", "", text, flags=re.MULTILINE).strip("\n")
    dialect = dialect_of_code(body)
    if dialect is None and re.search(r"\bmarkdown\b", instruction, re.IGNORECASE) and body.strip():
        dialect = dialects()["markdown"]
    if dialect is None or dialect.role in ("data", "shell"):
        return []
    start = _CODE_STARTS.search(body)
    if start and dialect.role == "code" and _is_prose(body[: start.start()]):
        body = body[start.start() :]
    return [Piece(name="", code=body, dialect=dialect)]


def _is_prose(text: str) -> bool:
    """Sentences, rather than comments or code."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return bool(lines) and all(
        re.match(r"^[A-Z*#\d-].*[\w.:!*?]$", line) and not re.search(r"[;{}=]", line) for line in lines
    )

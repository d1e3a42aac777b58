"""The fenced blocks of a markdown answer, with the line that leads to each of them."""

from __future__ import annotations

import re
from dataclasses import dataclass

_FENCE = re.compile(r"^(?P<indent>[ \t]*(?:>[ \t]?)*)(?P<fence>`{3,}|~{3,})(?P<info>[^`\n]*)$")


@dataclass(frozen=True)
class Block:
    """One fenced block."""

    info: str
    """What stands after the opening fence."""
    code: str
    lead: str
    """The last non-empty line before it."""
    closed: bool
    """Whether its closing fence is there; the last block of a cut-off answer has none."""


@dataclass
class _Open:
    indent: str
    fence: str
    info: str
    lead: str
    start: int


def normalised(text: str) -> str:
    """Text without a byte order mark, with ends of lines as Unix has them."""
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def blocks_of(text: str) -> list[Block]:
    """Reads the fenced blocks as CommonMark does, and forgives what models get wrong.

    Blocks may be indented (in lists) or quoted. A block that shows another fenced
    block inside, with a fence of the same length, ends at its own closing fence where
    fences add up, else at the first.
    """
    lines = normalised(text).split("\n")
    blocks: list[Block] = []
    lead = ""
    position = 0
    while position < len(lines):
        line = lines[position]
        opening = _FENCE.match(line)
        if opening is None or (opening["fence"][0] == "`" and "`" in opening["info"]):
            lead = line.strip() or lead
            position += 1
            continue
        opened = _Open(opening["indent"], opening["fence"], opening["info"].strip(), lead, position + 1)
        end = _end_of(lines, opened)
        code = [_unindented(inner, opened.indent) for inner in lines[opened.start : end]]
        blocks.append(Block(opened.info, "\n".join(code).strip("\n"), opened.lead, end < len(lines)))
        lead = ""
        position = end + 1
    return blocks


def text_outside(text: str) -> str:
    """The prose of an answer: all that stands in no fenced block."""
    lines = normalised(text).split("\n")
    kept: list[str] = []
    position = 0
    while position < len(lines):
        opening = _FENCE.match(lines[position])
        if opening is None:
            kept.append(lines[position])
            position += 1
            continue
        position = _end_of(lines, _Open(opening["indent"], opening["fence"], "", "", position + 1)) + 1
    return "\n".join(kept)


def _end_of(lines: list[str], opened: _Open) -> int:
    """Index of the closing fence; the number of lines when there is none."""
    nested = _closing(lines, opened, nesting=True)
    return nested if nested < len(lines) else _closing(lines, opened, nesting=False)


def _closing(lines: list[str], opened: _Open, nesting: bool) -> int:
    depth = 0
    for position in range(opened.start, len(lines)):
        fence = _FENCE.match(lines[position])
        if fence is None or fence["fence"][0] != opened.fence[0] or len(fence["fence"]) < len(opened.fence):
            continue
        if fence["info"].strip():
            depth += nesting
        elif depth:
            depth -= 1
        else:
            return position
    return len(lines)


def _unindented(line: str, indent: str) -> str:
    if not indent:
        return line
    if line.startswith(indent):
        return line[len(indent) :]
    return line.lstrip("> \t") if ">" in indent else line.lstrip(" \t")

"""A block of an answer, as a file to be."""

from __future__ import annotations

from dataclasses import dataclass

from agent_judge.read.dialects import Dialect


@dataclass(frozen=True)
class Piece:
    """Code with what the answer says about it."""

    name: str
    """The path that the answer gives it; empty when it gives none."""
    code: str
    dialect: Dialect
    fence: str = ""
    """The name after the fence, in lower case."""
    lead: str = ""
    """The line above the block."""
    closed: bool = True
    """Whether its closing fence is there."""

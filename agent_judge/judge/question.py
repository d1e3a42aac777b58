"""What a model is asked, in terms that no provider owns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from agent_judge.schema import digest_of

MARK = "| "
"""Begins every line that is data."""


@dataclass(frozen=True)
class Text:
    """A piece of text. Lines that begin with ``| `` are data, all others are ours."""

    text: str


@dataclass(frozen=True)
class Picture:
    """An encoded image."""

    identity: str
    """Names what it shows; equal for equal content, whatever the encoder's version."""
    media_type: str
    data: bytes
    width: int
    height: int


Block = Text | Picture


@dataclass(frozen=True)
class Question:
    """One request to a model for a structured answer.

    The parts stand in the order in which prompt caches work: what most requests
    share comes first, and the end of each part is a place to cache up to.
    """

    system: str
    shared: tuple[Block, ...]
    """The same for all battles of a task."""
    first: tuple[Block, ...]
    """The same for all battles in which this solution comes first."""
    second: tuple[Block, ...]
    schema: dict[str, Any]
    """JSON schema of the answer."""
    closing: tuple[Block, ...] = ()
    """What is asked in the end, and other voices, where there are any."""

    @property
    def prefix(self) -> str:
        """Names what all battles of a task share."""
        return digest_of([self.system, [_identity(block) for block in self.shared], self.schema])

    @property
    def digest(self) -> str:
        """Names what is asked; equal questions have equal digests."""
        parts = [[_identity(b) for b in part] for part in (self.shared, self.first, self.second, self.closing)]
        return digest_of([self.system, parts, self.schema])

    @property
    def blocks(self) -> tuple[Block, ...]:
        """Everything that follows the system prompt."""
        return (*self.shared, *self.first, *self.second, *self.closing)


def quoted(text: str) -> str:
    """Marks every line as data. Nothing that a program writes can leave the marks, since each line gets its own."""
    return "\n".join(f"{MARK}{line}" for line in text.splitlines())


def _identity(block: Block) -> str:
    return block.text if isinstance(block, Text) else f"picture:{block.identity}"

"""Every request to a model and every answer, kept beside the verdicts; keys never."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from agent_judge.errors import BadInput
from agent_judge.judge.prices import Usage
from agent_judge.judge.question import Block, Picture, Question, Text
from agent_judge.schema import Model
from agent_judge.store import write_atomically

_PICTURES = "pictures"


class Attempt(Model):
    """One time that a request was sent."""

    answer: dict[str, Any] | None = None
    """What came back, as the provider sent it."""
    text: str = ""
    """The answer's text."""
    input: int = 0
    cache_write: int = 0
    cached: int = 0
    output: int = 0
    usd: float | None = None
    seconds: float = 0.0
    problem: str = ""
    """Why this is no answer."""

    @property
    def usage(self) -> Usage:
        """Its tokens."""
        return Usage(self.input, self.cache_write, self.cached, self.output)


class Record(Model):
    """A request, and what became of it."""

    key: str
    model: str
    request: dict[str, Any]
    """The question: system prompt, parts and schema; pictures by the name of their file."""
    attempts: tuple[Attempt, ...] = ()

    @property
    def answered(self) -> Attempt | None:
        """The attempt that gave an answer."""
        return next((attempt for attempt in self.attempts if not attempt.problem), None)

    @property
    def problem(self) -> str:
        """Why there is no answer."""
        return self.attempts[-1].problem if self.attempts and not self.answered else ""


class Records:
    """A folder with a file per request. Without a folder nothing is kept."""

    def __init__(self, folder: Path | None) -> None:
        self.folder = folder
        if folder is not None:
            (folder / _PICTURES).mkdir(parents=True, exist_ok=True)

    def get(self, key: str) -> Record | None:
        """Finds what became of a request.

        Raises:
            BadInput: The record is damaged.
        """
        path = self._path(key)
        if path is None or not path.exists():
            return None
        try:
            return Record.model_validate_json(path.read_text(encoding="utf-8"))
        except (UnicodeDecodeError, ValidationError) as error:
            raise BadInput(f"{path}: not a record of a request; delete it to have it asked again") from error

    def put(self, record: Record, question: Question) -> None:
        """Keeps a request, with its pictures, and what became of it so far."""
        path = self._path(record.key)
        if path is None or self.folder is None:
            return
        for block in question.blocks:
            if isinstance(block, Picture):
                file = self.folder / _PICTURES / _file_of(block)
                if not file.exists():
                    file.write_bytes(block.data)
        write_atomically(path, json.dumps(record.model_dump(mode="json"), ensure_ascii=False, indent=1) + "\n")

    def name(self, key: str) -> str:
        """The name of a request's file, as verdicts remember it."""
        return f"{key}.json" if self.folder is not None else ""

    def _path(self, key: str) -> Path | None:
        return None if self.folder is None else self.folder / f"{key}.json"


def as_kept(question: Question) -> dict[str, Any]:
    """A question as records keep it."""
    parts = {"shared": question.shared, "first": question.first, "second": question.second, "closing": question.closing}
    return {
        "system": question.system,
        **{name: [_kept(block) for block in blocks] for name, blocks in parts.items()},
        "schema": question.schema,
    }


def _kept(block: Block) -> dict[str, Any]:
    if isinstance(block, Text):
        return {"text": block.text}
    return {"picture": f"{_PICTURES}/{_file_of(block)}", "width": block.width, "height": block.height}


def _file_of(picture: Picture) -> str:
    return f"{picture.identity}.{picture.media_type.removeprefix('image/')}"

"""Prompts: Markdown files with a version, kept beside this module."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from agent_judge.errors import BadInput

_FOLDER = Path(__file__).with_name("prompts")


@dataclass(frozen=True)
class Prompt:
    """A prompt's text and what a verdict remembers it by."""

    name: str
    version: int
    text: str
    title: str = ""

    @property
    def label(self) -> str:
        """Name and version, as verdicts keep them: ``judge@1``."""
        return f"{self.name}@{self.version}"


@cache
def load_prompt(name: str) -> Prompt:
    """Reads ``prompts/<name>.md``: YAML between two lines of three dashes, then the text."""
    head, text = (_FOLDER / f"{name}.md").read_text(encoding="utf-8").removeprefix("---\n").split("\n---\n", 1)
    fields = yaml.safe_load(head)
    return Prompt(name=name, version=int(fields["version"]), text=text.strip(), title=str(fields.get("title", "")))


def roles() -> tuple[str, ...]:
    """Names of the roles that a panel's member can have."""
    return tuple(sorted(file.stem for file in (_FOLDER / "roles").glob("*.md")))


def load_role(role: str) -> Prompt:
    """Reads the prompt of a role.

    Raises:
        BadInput: There is no such role.
    """
    if role not in roles():
        raise BadInput(f"unknown role {role!r}: known are {', '.join(roles())}")
    return load_prompt(f"roles/{role}")

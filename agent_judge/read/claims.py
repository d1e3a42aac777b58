"""Which files an environment claims: the ``[recognise]`` table of its ``environment.toml``."""

from __future__ import annotations

import re
from collections.abc import Sequence

from pydantic import field_validator

from agent_judge.read.source import SourceFile
from agent_judge.schema import Model


class Recognise(Model):
    """Which files an environment claims.

    A file is claimed when its language is one of the environment's and any of
    ``fences``, ``extensions``, ``imports`` and ``patterns`` fits; an environment that
    gives none of these claims everything in its languages. Of several environments
    that claim a solution the one with the greatest ``priority`` runs it.
    """

    priority: int = 0
    fences: tuple[str, ...] = ()
    """Names after ``` that settle it: ``vue``, ``mermaid``."""
    extensions: tuple[str, ...] = ()
    """With the dot: ``.vue``."""
    imports: tuple[str, ...] = ()
    """Imported modules or packages; ``react`` stands for ``react/jsx-runtime`` too."""
    patterns: tuple[str, ...] = ()
    """Regular expressions (multi-line mode) that the code matches."""
    unless: tuple[str, ...] = ()
    """Regular expressions that rule the environment out."""
    entries: tuple[str, ...] = ()
    """Files that such a solution starts with, most telling first; ``*`` stands for anything in a name."""

    @field_validator("patterns", "unless")
    @classmethod
    def _compiles(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for pattern in value:
            try:
                re.compile(pattern)
            except re.error as error:
                raise ValueError(f"{pattern!r} is not a regular expression: {error}") from error
        return value

    def claims(self, file: SourceFile, languages: Sequence[str]) -> bool:
        """Whether an environment with these languages claims a file."""
        if file.language not in languages or any(file.matches(pattern) for pattern in self.unless):
            return False
        if not (self.fences or self.extensions or self.imports or self.patterns):
            return True
        return (
            file.fence in self.fences
            or file.suffix in self.extensions
            or any(file.imports_package(name) for name in self.imports)
            or any(file.matches(pattern) for pattern in self.patterns)
        )

"""How solutions are built and started inside a box: a ``[[run]]`` table of an ``environment.toml``."""

from __future__ import annotations

import re
from typing import Literal

from pydantic import Field, field_validator

from agent_judge.schema import Model


class Recipe(Model):
    """One way to build and start; the first of an environment's recipes that fits a solution is used.

    Commands are lists of words. In them ``{entry}`` stands for the entry file, ``{module}`` for its name as a
    Python module, ``{stem}`` for its name without folder and ending, ``{folder}`` for its folder,
    ``{public_class}`` for the Java class that its file must be named after, ``{main_class}`` for the one with the
    ``main`` method, ``{heap_mib}`` for three quarters of the memory limit, and a word that is ``{sources}`` for all
    files that fit ``sources``. A named group of ``when`` may be used likewise. The box sees the solution's files in
    ``/work``, its environment's template files in ``/environment``, what its tools prepared in ``/prepared/<tool>``,
    Python packages in ``/packages`` and npm's in ``/node_modules``.
    """

    languages: tuple[str, ...]
    when: str = ""
    """Regular expression (multi-line mode) that the entry's code must match."""
    unless: str = ""
    """Regular expression that the entry's code must not match."""
    files: tuple[str, ...] = ()
    """Names that must be among the files, ``*`` standing for anything: ``Cargo.toml``."""
    tools: tuple[str, ...] = ()
    """Tools that the box needs, as ``sandbox/tools.toml`` names them."""
    packages: Literal["", "python", "node"] = ""
    """Whose packages the solution's dependencies are."""
    requires: tuple[str, ...] = ()
    """Packages that the commands need besides the solution's own."""
    sources: tuple[str, ...] = ()
    """File names that ``{sources}`` stands for, ``*`` standing for anything."""
    rename: str = ""
    """What the entry must be called for the tools to accept it: ``{main_class}.java``."""
    build: tuple[tuple[str, ...], ...] = ()
    """Commands that run before ``start``; the first that fails makes the solution ``build_failed``."""
    start: tuple[str, ...] = Field(min_length=1)
    variables: dict[str, str] = Field(default_factory=dict)
    """Environment variables that build and start see."""
    port: int = Field(0, ge=0, le=65535)
    """Where a server's page is, if that is known beforehand; else the port that it listens on is found."""
    rendered: str = ""
    """CSS selector that fits once a server's page shows all that it will show by itself; waited for within the start
    time, but not required."""
    failed: str = ""
    """CSS selector that fits a server's first page when that shows nothing but how the program failed."""
    reasons: dict[str, str] = Field(default_factory=dict)
    """Regular expression (multi-line mode) on what a failed build or program wrote to its reason in words; ``\\1``
    stands for its first group. Where several fit, the first given decides."""

    @field_validator("when", "unless")
    @classmethod
    def _compiles(cls, value: str) -> str:
        try:
            re.compile(value)
        except re.error as error:
            raise ValueError(f"{value!r} is not a regular expression: {error}") from error
        return value

    @field_validator("reasons")
    @classmethod
    def _keys_compile(cls, value: dict[str, str]) -> dict[str, str]:
        for pattern in value:
            cls._compiles(pattern)
        return value

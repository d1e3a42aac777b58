"""What an environment is, as data: ``sandbox/environments/<name>/environment.toml``."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError

from agent_judge.errors import BadInput
from agent_judge.places import environments_folder
from agent_judge.read.claims import Recognise
from agent_judge.read.recipe import Recipe
from agent_judge.schema import Model


class Limits(Model):
    """What one session may use. Whatever runs out is named in the evidence."""

    memory_mib: int = Field(1024, gt=0)
    processes: int = Field(128, gt=0)
    disk_mib: int = Field(256, gt=0)
    output_kib: int = Field(1024, gt=0)
    build_seconds: float = Field(60, gt=0)
    start_seconds: float = Field(30, gt=0)
    total_seconds: float = Field(300, gt=0)


class Environment(Model):
    """How one kind of solution is recognised and run."""

    name: str
    title: str
    kind: Literal["page", "program", "server", "desktop"]
    """``page``: the browser is the sandbox. ``program``: runs to its end, its output is shown on a page.
    ``server``: serves a page from within the sandbox. ``desktop``: draws on a screen that the page shows."""
    languages: tuple[str, ...]
    recognise: Recognise = Recognise()
    limits: Limits = Limits()
    run: tuple[Recipe, ...] = ()
    """How solutions are built and started in a box; nothing for pages."""
    folder: Path = Path()
    """Where its template files are; set by the loader."""


@cache
def load_environments() -> dict[str, Environment]:
    """Reads every environment, by name.

    Raises:
        BadInput: An ``environment.toml`` is not TOML, or has a wrong key or value.
    """
    found = {}
    for file in sorted(environments_folder().glob("*/environment.toml")):
        environment = _load(file)
        found[environment.name] = environment
    return found


def _load(file: Path) -> Environment:
    try:
        data = tomllib.loads(file.read_text(encoding="utf-8"))
        return Environment.model_validate({**data, "folder": file.parent})
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadInput(f"{file}: not a TOML file: {error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise BadInput(f"{file}: {where}: {first['msg']}") from error

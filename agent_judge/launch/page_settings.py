"""How pages of an environment are made, as data: ``sandbox/environments/<name>/page.toml``."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from typing import Literal

from pydantic import Field, ValidationError, field_validator

from agent_judge.errors import BadInput
from agent_judge.read.environment import Environment
from agent_judge.schema import Model


class Library(Model):
    """A library that scripts use without loading it."""

    name: str
    """The name that scripts know it by."""
    package: str
    sign: str
    """Regular expression that its use matches."""


class PageSettings(Model):
    """How a page of one environment is made."""

    builder: Literal["files", "bundle", "document"]
    """``files``: a web page as it is. ``bundle``: sources compiled into one page. ``document``: a text rendered."""
    mount: str = ""
    """The module that shows a component which does not show itself; it imports ``agent-judge/solution``."""
    mounts: dict[str, str] = Field({})
    """Other mounts, by the package whose import calls for them."""
    mounts_itself: str = ""
    """Regular expression that code which shows itself matches."""
    root: str = "root"
    """``id`` of the element that the component is shown in."""
    options: tuple[str, ...] = ()
    """Further options of esbuild."""
    modules: str = ""
    """A folder of modules that stand in for what templates of projects bring."""
    paths: dict[str, str] = Field({})
    """Imports that lead there when no file of the solution answers them, such as ``@/components/ui/*``."""
    globals: dict[str, str] = Field({})
    """Names that code may use without importing them, and the package that each one is."""
    libraries: tuple[Library, ...] = ()
    prepared: tuple[str, ...] = ()
    """Imports that most solutions share: their packages are fetched ahead of time."""
    tailwind: bool = False
    """Whether Tailwind's classes work without asking for them."""
    tailwind_sign: str = ""
    """Text in a source that asks for Tailwind by itself, since what it imports is styled that way."""
    theme: str = ""
    """Style sheet with the colours that Tailwind's classes may name besides its own."""
    compile: Literal["", "vue"] = ""
    """What turns single-file components into modules."""

    @field_validator("mounts_itself")
    @classmethod
    def _compiles(cls, value: str) -> str:
        re.compile(value)
        return value


@cache
def _load(text: str, where: str) -> PageSettings:
    try:
        return PageSettings.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise BadInput(f"{where}: not a TOML file: {error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        raise BadInput(f"{where}: {'.'.join(map(str, first['loc']))}: {first['msg']}") from error


def page_settings(environment: Environment) -> PageSettings:
    """Reads an environment's ``page.toml``.

    Raises:
        BadInput: It is not there, or has a wrong key or value.
    """
    file = environment.folder / "page.toml"
    if not file.is_file():
        raise BadInput(f"{file}: environment {environment.name!r} is of kind page and needs this file")
    return _load(file.read_text(encoding="utf-8"), str(file))

"""A recorded use of an app: steps, and what is expected after them."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Annotated, Any, Literal, cast

from pydantic import Field, PrivateAttr, field_validator, model_validator
from pydantic_core import PydanticCustomError

from agent_judge.schema.base import Model, digest_of
from agent_judge.schema.keys import unknown_keys
from agent_judge.schema.target import Point, Target, Viewport

ActionName = Literal[
    "click", "dblclick", "hover", "fill", "type", "press", "scroll", "drag", "select",
    "check", "uncheck", "wait", "goto", "resize", "upload",
]  # fmt: skip


class CountOf(Target):
    """How many elements fit a target: exactly, at least or at most."""

    equals: int | None = Field(None, ge=0)
    at_least: int | None = Field(None, ge=0)
    at_most: int | None = Field(None, ge=0)

    @model_validator(mode="after")
    def _bounded(self) -> CountOf:
        if self.equals is None and self.at_least is None and self.at_most is None:
            raise ValueError("count needs equals, at_least or at_most")
        return self


class ValueOf(Target):
    """The value that a field or the text that an element should have."""

    equals: str | None = None
    contains: str | None = None
    number: float | None = None
    tolerance: float = Field(1e-9, ge=0)
    """Greatest allowed absolute difference from ``number``."""

    @field_validator("equals", "contains", mode="before")
    @classmethod
    def _plain(cls, value: Any) -> Any:
        return str(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else value

    @model_validator(mode="after")
    def _compared(self) -> ValueOf:
        if self.equals is None and self.contains is None and self.number is None:
            raise ValueError("value needs equals, contains or number")
        return self


ExpectationKind = Literal[
    "text", "no_text", "element", "no_element", "count", "value", "checked", "unchecked",
    "url", "changed", "no_errors",
]  # fmt: skip


class Expectation(Model):
    """One thing that must hold after a step. Exactly one field is set.

    Written by hand, an element is expected by its target fields alone
    (``{role: heading, name: Done}``), and ``count`` and ``value`` may stand beside
    them (``{role: listitem, count: 2}``).
    """

    text: str | None = None
    """Visible somewhere on the page, ignoring case and runs of white space."""
    no_text: str | None = None
    element: Target | None = None
    no_element: Target | None = None
    count: CountOf | None = None
    value: ValueOf | None = None
    checked: Target | None = None
    unchecked: Target | None = None
    url: str | None = None
    """Part of the address."""
    changed: bool | None = None
    """Whether the page looks or reads differently from before the step."""
    no_errors: bool | None = None
    """No new exception, console error or failed request."""

    @model_validator(mode="before")
    @classmethod
    def _from_short_form(cls, data: Any) -> Any:
        if not isinstance(data, dict):
            return data
        place = {k: v for k, v in data.items() if k in Target.model_fields and k != "text"}
        rest = {k: v for k, v in data.items() if k not in place}
        if not place:
            return rest
        if "text" in rest:
            place["text"] = rest.pop("text")
        for kind in ("count", "value"):
            if isinstance(rest.get(kind), (int, float, str)):
                return {kind: {**place, "equals": rest.pop(kind)}, **rest}
        return {"element": place, **rest}

    @model_validator(mode="after")
    def _exactly_one(self) -> Expectation:
        if len(self.model_dump(exclude_none=True)) != 1:
            raise ValueError(f"an expectation says exactly one thing, one of: {', '.join(type(self).model_fields)}")
        return self

    @property
    def kind(self) -> ExpectationKind:
        """Name of the one field that is set."""
        return cast(ExpectationKind, next(iter(self.model_dump(exclude_none=True))))


_NEEDS_TARGET = {"click", "dblclick", "hover", "fill", "drag", "select", "check", "uncheck", "upload"}
_NEEDS_VALUE = {"fill", "type", "select"}
_ELSEWHERE = re.compile(r"\s*(?:[a-z][a-z0-9+.-]*:|[/\\]{2})", re.IGNORECASE)
"""What leads out of the solution, or starts so."""


class Step(Model):
    """One action of a person, with what it was for and what should follow."""

    do: ActionName
    intent: str = ""
    target: Target | None = None
    value: str | tuple[str, ...] | None = None
    """Text for ``fill`` and ``type``, option label(s) or value(s) for ``select``."""
    key: str | None = None
    """Key or chord for ``press``: ``Enter``, ``ArrowLeft``, ``Control+A`` (Playwright's names)."""
    times: int = Field(1, ge=1, le=1000)
    """How often a key is pressed or a click is repeated."""
    hold: float = Field(0, ge=0, le=60_000)
    """How long each press is held, in milliseconds."""
    at: Point | None = None
    """Where in the target to click or start dragging; its middle if not given."""
    to: Target | None = None
    """Where a drag ends; the target itself if not given."""
    to_at: Point | None = None
    """Where in ``to`` a drag ends."""
    by: tuple[float, float] | None = None
    """Scroll distance (x, y) in CSS pixels; without it ``scroll`` brings the target into view."""
    ms: float | None = Field(None, ge=0, le=120_000)
    """For ``wait``: how long. Without it, waits until the step's expectations hold."""
    url: str | None = None
    """For ``goto``: relative to the solution's own address."""
    size: Viewport | None = None
    """For ``resize``."""
    files: tuple[str, ...] = ()
    """For ``upload``: names relative to the scenario file."""
    expect: tuple[Expectation, ...] = ()
    timeout: float = Field(3000, gt=0, le=120_000)
    """How long the expectations may take to come true, in milliseconds."""

    @field_validator("value", mode="before")
    @classmethod
    def _plain_value(cls, value: Any) -> Any:
        return str(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else value

    @field_validator("key")
    @classmethod
    def _on_the_keyboard(cls, key: str | None) -> str | None:
        if key and (unknown := unknown_keys(key)):
            raise PydanticCustomError("unknown_key", 'unknown key "{key}"', {"key": unknown[0]})
        return key

    @field_validator("url")
    @classmethod
    def _within_the_solution(cls, url: str | None) -> str | None:
        if url and _ELSEWHERE.match(url):
            raise ValueError(f'goto takes an address within the solution, as /path; "{url}" leads out of it')
        return url

    @model_validator(mode="after")
    def _complete(self) -> Step:
        if self.do in _NEEDS_TARGET and self.target is None:
            raise ValueError(f"{self.do} needs a target")
        if self.do in _NEEDS_VALUE and self.value is None:
            raise ValueError(f"{self.do} needs a value")
        if self.do == "press" and not self.key:
            raise ValueError("press needs a key")
        if self.do == "goto" and not self.url:
            raise ValueError("goto needs a url")
        if self.do == "resize" and self.size is None:
            raise ValueError("resize needs a size")
        if self.do == "upload" and not self.files:
            raise ValueError("upload needs files")
        if self.do == "scroll" and self.target is None and self.by is None:
            raise ValueError("scroll needs a target or by: [x, y]")
        if self.do == "drag" and self.to is None and self.to_at is None:
            raise ValueError("drag needs to or to_at")
        if self.do == "wait" and self.ms is None and not self.expect:
            raise ValueError("wait needs ms or something to expect")
        return self


class Scenario(Model):
    """A recorded use of an app."""

    id: str
    """Names it within its suite; not empty."""
    title: str = ""
    task: str = ""
    viewport: Viewport = Viewport()
    steps: Annotated[tuple[Step, ...], Field(min_length=1)]
    _folder: Path | None = PrivateAttr(default=None)

    @field_validator("id")
    @classmethod
    def _named(cls, name: str) -> str:
        if not name.strip():
            raise ValueError("is empty; it names the scenario")
        return name

    def placed_in(self, folder: Path) -> Scenario:
        """The same, with the files to upload found in a folder: each step names them by their full paths."""
        steps = tuple(
            step.model_copy(update={"files": tuple(str(folder / name) for name in step.files)}) for step in self.steps
        )
        placed = self.model_copy(update={"steps": steps})
        placed._folder = folder
        return placed

    @property
    def digest(self) -> str:
        """Content digest. Of files to upload it holds what is in them, and their names, but not where they lie."""
        told = self.model_dump(mode="json")
        for step, written in zip(self.steps, told["steps"], strict=True):
            written["files"] = [[self._short_name(name), _content_of(name)] for name in step.files]
        return digest_of(told)

    def _short_name(self, name: str) -> str:
        path, folder = Path(name), self._folder
        return path.relative_to(folder).as_posix() if folder and folder in path.parents else name


def _content_of(name: str) -> str:
    path = Path(name)
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""

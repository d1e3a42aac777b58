"""Places on a page: how a step names its element, and where that lies."""

from __future__ import annotations

from pydantic import Field, model_validator

from agent_judge.schema.base import Model


class Viewport(Model):
    """Size of the page in CSS pixels."""

    width: int = Field(1280, ge=200, le=4096)
    height: int = Field(800, ge=200, le=4096)


class Box(Model):
    """A rectangle in CSS pixels, relative to the viewport's top left corner."""

    x: float
    y: float
    width: float
    height: float


class Point(Model):
    """A place inside an element, as shares of its width and height; (0.5, 0.5) is the middle."""

    x: float = Field(0.5, ge=0, le=1)
    y: float = Field(0.5, ge=0, le=1)


class Target(Model):
    """How a step names its element. At least one field must be given; more make it surer."""

    role: str = ""
    name: str = ""
    """Accessible name."""
    label: str = ""
    placeholder: str = ""
    text: str = ""
    near: str = ""
    """Text of the row, card or group that the element belongs to."""
    test_id: str = ""
    title: str = ""
    selectors: tuple[str, ...] = ()
    """CSS selectors that matched when recorded, most stable first."""
    box: Box | None = None
    """Where it was when recorded."""
    index: int | None = None
    """Which one, counted from 0 in document order, where several fit equally well."""

    @model_validator(mode="after")
    def _names_something(self) -> Target:
        if not any((self.role, self.name, self.label, self.placeholder, self.text, self.near, self.test_id,
                    self.title, self.selectors, self.box)):  # fmt: skip
            raise ValueError("a target must name something: role, name, label, placeholder, text, near, ...")
        return self

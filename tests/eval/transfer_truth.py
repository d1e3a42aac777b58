"""The labels of the transfer suite, and doing on a page what they say; the format is told in the suite's README."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from playwright.async_api import Locator, Page
from playwright.async_api import TimeoutError as PlaywrightTimeout
from pydantic import model_validator

from agent_judge.places import data_folder
from agent_judge.schema import ActionName, Model, Point

SUITE = data_folder("eval") / "suites" / "transfer"
VARIANTS = ("semantic", "icons", "library", "vue", "words", "other")
PATIENCE = 3000
_SHOWN = """() => [document.body.innerText, ...[...document.querySelectorAll("input, textarea, select")]
    .filter(field => field.checkVisibility())
    .map(field => field.tagName === "SELECT" ? field.selectedOptions[0]?.text ?? "" : field.value)].join(" ")"""


class Action(Model):
    """Something done to an element, or to the page where there is none."""

    do: ActionName | None = None
    element: str = ""
    value: str | None = None
    key: str | None = None
    at: Point | None = None
    to: str = ""
    to_at: Point | None = None


class Label(Action):
    """Which element a step means in one version."""

    also: tuple[str, ...] = ()
    before: tuple[Action, ...] = ()
    after: tuple[Action, ...] = ()
    absent: bool = False
    instead: Action | None = None

    @model_validator(mode="before")
    @classmethod
    def _from_short_form(cls, data: Any) -> Any:
        if isinstance(data, str):
            return {"absent": True} if data == "absent" else {"element": data}
        return data

    @model_validator(mode="after")
    def _one_or_the_other(self) -> Label:
        if self.absent == bool(self.element):
            raise ValueError("a label names an element, or says that it is absent")
        if self.instead and not self.absent:
            raise ValueError("instead is for what is absent")
        return self


class Seen(Model):
    """What is, or is not, to be seen after a step."""

    text: str = ""
    no_text: str = ""


class LabelledStep(Model):
    """One canonical step and its labels."""

    id: str
    do: ActionName
    intent: str
    near: str = ""
    value: str | None = None
    key: str | None = None
    at: Point | None = None
    to_at: Point | None = None
    elements: dict[str, Label]
    """By version."""
    expect: tuple[Seen, ...] = ()


class TransferApp(Model):
    """An app's ``truth.yaml``."""

    app: str
    instruction: str
    hold_out: bool = False
    """Written after all tuning, and never looked at while tuning."""
    variants: dict[str, str]
    steps: tuple[LabelledStep, ...]


def apps() -> list[str]:
    """The apps of the suite."""
    return sorted(path.parent.name for path in SUITE.glob("*/truth.yaml"))


def load_app(name: str) -> TransferApp:
    """Reads an app's labels."""
    return TransferApp.model_validate(yaml.safe_load((SUITE / name / "truth.yaml").read_text(encoding="utf-8")))


def program(app: TransferApp, variant: str) -> Path:
    """The file of one version."""
    return SUITE / app.app / app.variants[variant]


async def do_as_labelled(page: Page, step: LabelledStep, label: Label) -> None:
    """Brings a version to the moment after a step."""
    for action in label.before:
        await act(page, step, action)
    if label.instead:
        await act(page, step, label.instead)
    elif not label.absent:
        await act(page, step, label)
    for action in label.after:
        await act(page, step, action)


async def act(page: Page, step: LabelledStep, action: Action) -> None:
    """Does one action; what it does not say itself, the step says."""
    key = action.key or step.key
    if not action.element:
        assert key, f"{step.id}: an action without an element presses a key"
        await page.keyboard.press(key)
        return
    locator = await the_one(page, action.element)
    value = action.value if action.value is not None else step.value
    match action.do or step.do:
        case "click":
            await locator.click(timeout=PATIENCE)
        case "dblclick":
            await locator.dblclick(timeout=PATIENCE)
        case "check":
            await locator.check(timeout=PATIENCE)
        case "uncheck":
            await locator.uncheck(timeout=PATIENCE)
        case "fill":
            await locator.fill(value or "", timeout=PATIENCE)
        case "select":
            await locator.select_option(value, timeout=PATIENCE)
        case "press":
            await locator.press(key or "", timeout=PATIENCE)
        case "drag":
            await _drag(page, step, action, locator)
        case other:
            raise AssertionError(f"{step.id}: labels do not {other}")


async def the_one(page: Page, selector: str) -> Locator:
    """The one visible element that a label's selector fits."""
    locator = page.locator(selector)
    try:
        await locator.first.wait_for(state="attached", timeout=PATIENCE)
    except PlaywrightTimeout:
        raise AssertionError(f"{selector} fits nothing") from None
    count = await locator.count()
    assert count == 1, f"{selector} fits {count} elements"
    return locator


async def _drag(page: Page, step: LabelledStep, action: Action, source: Locator) -> None:
    end = await the_one(page, action.to) if action.to else source
    x, y = await _place(source, action.at or step.at)
    to_x, to_y = await _place(end, action.to_at or step.to_at)
    await page.mouse.move(x, y)
    await page.mouse.down()
    await page.mouse.move((x + to_x) / 2, (y + to_y) / 2, steps=4)
    await page.mouse.move(to_x, to_y, steps=4)
    await page.mouse.up()


async def _place(locator: Locator, at: Point | None) -> tuple[float, float]:
    box = await locator.bounding_box()
    assert box
    at = at or Point.model_validate({})
    return box["x"] + at.x * box["width"], box["y"] + at.y * box["height"]


async def shown_text(page: Page) -> str:
    """What can be read on the page, what stands in its fields too; lower case."""
    return " ".join(str(await page.evaluate(_SHOWN)).lower().split())

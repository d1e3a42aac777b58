"""The actions of a person, as real input events of the browser."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urljoin

from playwright.async_api import Error, Page, Position
from playwright.async_api import TimeoutError as PlaywrightTimeout

from agent_judge.drive.candidates import Place
from agent_judge.drive.ground import Found, NotFound
from agent_judge.drive.similarity import alike
from agent_judge.errors import DriverError
from agent_judge.launch.own_world import ask
from agent_judge.schema import Point, Step, Target
from agent_judge.schema.keys import keys_of

_DRAG_MOVES = 12
_GONE_TIMEOUT = 500
"""Milliseconds after which an element that was just seen is taken to have been replaced."""
_SEEN_TIMEOUT = 2000
"""Milliseconds after which one that was to be used next is."""
_LOAD_TIMEOUT = 15_000
_SAME_OPTION = 0.8
_REFUSED = re.compile(r"net::ERR_(?:ABORTED|HTTP_RESPONSE_CODE_FAILURE|TOO_MANY_REDIRECTS|INVALID_\w+|BLOCKED_BY_\w+)")
"""What the browser says of an address that the app does not serve."""
_LED_ON = "interrupted by another navigation"
"""What Playwright says where a page at once leads on to another, as to a login."""
_TYPED = frozenset(("text", "search", "email", "url", "tel", "password", "textarea", "editable"))
_KIND = """element => element.isContentEditable ? "editable" : element.localName === "textarea" ? "textarea"
  : element.localName === "input" ? element.type : element.localName"""
_STATE = """element => {
  const toggle = "input[type=checkbox],input[type=radio]";
  const input = element.matches(toggle) ? element
    : element.querySelector(toggle) || (element.localName === "label" && element.control);
  if (input) return input.checked;
  for (const one of [element, ...element.querySelectorAll("[aria-checked],[aria-pressed],[aria-selected]")]) {
    for (const name of ["aria-checked", "aria-pressed", "aria-selected"]) {
      if (one.hasAttribute(name)) return one.getAttribute(name) === "true";
    }
  }
  return null;
}"""
_REACHABLE = """(element, [x, y]) => {
  const box = element.getBoundingClientRect();
  const top = element.getRootNode().elementFromPoint(box.x + x * box.width, box.y + y * box.height);
  if (!top) return null;
  const label = top.closest("label");
  const related = element.contains(top) || top.contains(element) || (label && label.control === element)
    || (element.localName === "input" && top.parentElement === element.parentElement);
  return related ? "" : (top.id ? "#" + top.id : top.localName + (top.className ? "." + top.className : ""));
}"""
_TAKES_FILES = "e => e.matches('input[type=file]') || (e.localName === 'label' && e.control?.type === 'file')"
_OPTIONS = """element => element.localName === "select"
  ? [...element.options].map((option) => [option.value, option.label || option.text]) : null"""

Find = Callable[[Target, str], Awaitable[Found | NotFound]]
"""Finds a further element while an action is under way: an option of a list that has just opened."""


class NoEffect(Exception):
    """The element is there, but what a person would do to it cannot be done."""


@dataclass(frozen=True)
class Hands:
    """Acts on a page."""

    page: Page
    address: str
    find: Find
    patience: float = 2000
    """How long an element may take to become usable, in milliseconds."""

    async def do(self, step: Step, found: Found | None, to: Found | None = None) -> None:
        """Does a step's action.

        Args:
            step: What to do.
            found: The step's element, where it names one.
            to: Where a drag ends, where that is another element.

        Raises:
            NoEffect: The element is there but cannot be used: disabled, covered, without the option.
            DriverError: The step itself cannot be done, whatever the page.
            playwright.async_api.Error: The page or the browser failed.
        """
        if found:
            await self._do_to(found, step, to)
        elif step.do == "press":
            await self._press(step)
        elif step.do == "type":
            await self.page.keyboard.type(_text(step))
        elif step.do == "scroll":
            await self._wheel(step)
        elif step.do == "wait":
            await asyncio.sleep((step.ms or 0) / 1000)
        elif step.do == "goto":
            await self._go(step)
        elif step.do == "resize" and step.size:
            await self.page.set_viewport_size({"width": step.size.width, "height": step.size.height})
        else:
            raise DriverError(f"{step.do} needs an element")

    async def _go(self, step: Step) -> None:
        """Opens another address of the app; where more is expected, that tells whether an error page is right.

        Raises:
            NoEffect: The app does not have the address.
        """
        try:
            there = await self.page.goto(
                urljoin(self.address, step.url or ""), wait_until="load", timeout=_LOAD_TIMEOUT
            )
        except PlaywrightTimeout:
            await self._is_there()
            return
        except Error as error:
            if _LED_ON in error.message:
                with contextlib.suppress(PlaywrightTimeout):
                    await self.page.wait_for_load_state("load", timeout=_LOAD_TIMEOUT)
                await self._is_there()
                return
            if not _REFUSED.search(error.message):
                raise
            raise NoEffect(f"the app has no {step.url}") from error
        if there and there.status >= 400 and not step.expect:
            with contextlib.suppress(PlaywrightTimeout):
                await self.page.go_back(wait_until="load", timeout=_LOAD_TIMEOUT)  # as a person would
            raise NoEffect(f"the app answers {step.url} with {there.status}")

    async def _is_there(self) -> None:
        """Makes sure that the page is there, of which something may load for ever: what is there can be used."""
        await ask(self.page, "() => 0")

    async def _bring_into_view(self, place: Place) -> None:
        """Scrolls to an element, one that never holds still too."""
        try:
            await place.scroll_into_view_if_needed(timeout=self.patience)
        except PlaywrightTimeout:
            await ask(place, "element => element.scrollIntoView({block: 'center', inline: 'center'})")

    async def _do_to(self, found: Found, step: Step, to: Found | None) -> None:
        place = found.place
        if step.do in ("click", "dblclick"):
            for _ in range(step.times):
                await self._click(place, step.at, twice=step.do == "dblclick")
        elif step.do == "hover":
            await self._hover(place, step.at)
        elif step.do == "fill":
            await self._fill(place, _text(step))
        elif step.do == "type":
            await self._click(place, step.at)
            await self.page.keyboard.type(_text(step))
        elif step.do == "press":
            await place.focus() if found.candidate.is_field else await self._focus(place)
            await self._press(step)
        elif step.do == "scroll":
            await self._bring_into_view(place)
            if step.by:
                await self._hover(place, step.at)
                await self.page.mouse.wheel(*step.by)
        elif step.do == "drag":
            await self._drag(place, step, to)
        elif step.do == "select":
            await self._select(found, step)
        elif step.do in ("check", "uncheck"):
            await self._check(place, on=step.do == "check")
        elif step.do == "upload":
            await self._upload(place, step)
        elif step.do == "wait":
            await asyncio.sleep((step.ms or 0) / 1000)

    async def _click(self, place: Place, at: Point | None, *, twice: bool = False) -> None:
        position = await _position(place, at)
        try:
            if twice:
                await place.dblclick(position=position, timeout=self.patience)
            else:
                await place.click(position=position, timeout=self.patience)
        except PlaywrightTimeout as error:
            if _was_clicked(error):
                return
            x, y = await self._reach(place, at, error)
            await self.page.mouse.click(x, y, click_count=2 if twice else 1)

    async def _hover(self, place: Place, at: Point | None) -> None:
        try:
            await place.hover(position=await _position(place, at), timeout=self.patience)
        except PlaywrightTimeout as error:
            await self.page.mouse.move(*await self._reach(place, at, error))

    async def _reach(self, place: Place, at: Point | None, error: Error) -> tuple[float, float]:
        """Where to point at an element that does not hold still or lies under its own label.

        Raises:
            NoEffect: It is disabled, or something else lies over it.
        """
        if "not enabled" in error.message:
            raise NoEffect("it is disabled") from error
        box = await place.bounding_box(timeout=_GONE_TIMEOUT)
        share = at or Point()
        cover = await ask(place, _REACHABLE, [share.x, share.y]) if box else None
        if box is None or cover is None:
            raise NoEffect("it cannot be seen") from error
        if cover:
            raise NoEffect(f"{cover} lies over it") from error
        return box["x"] + share.x * box["width"], box["y"] + share.y * box["height"]

    async def _fill(self, place: Place, text: str) -> None:
        """Enters text; its last character is a real key press, for pages that listen to keys only."""
        kind = await ask(place, _KIND)
        try:
            if kind in _TYPED and text:
                await place.fill(text[:-1], timeout=self.patience)
                await self._end_of(place, text[-1])
            elif kind in ("input", "textarea", "select") or kind not in ("div", "span", "p", "canvas"):
                await place.fill(text, timeout=self.patience)
            else:
                await self._click(place, None)
                await self.page.keyboard.press("ControlOrMeta+A")
                await self.page.keyboard.type(text)
        except PlaywrightTimeout as error:
            raise NoEffect(_first_reason(error)) from error
        except Error as error:
            if not re.search(
                r"Cannot type text|Malformed value|not an <input>|Element is not|cannot be filled", error.message
            ):
                raise
            raise NoEffect(f"it does not take {text!r}") from error

    async def _end_of(self, place: Place, character: str) -> None:
        if character in "\r\n":
            await self.page.keyboard.insert_text(character)
        else:
            await self.page.keyboard.type(character)

    async def _focus(self, place: Place) -> None:
        focused = await ask(place, "e => { e.focus({preventScroll: false}); return e.matches(':focus'); }")
        if not focused:
            await self._click(place, None)

    async def _press(self, step: Step) -> None:
        key = step.key or ""
        for _ in range(step.times):
            if step.hold:
                await self._hold(key, step.hold)
            else:
                await self.page.keyboard.press(key)

    async def _hold(self, chord: str, milliseconds: float) -> None:
        keys = keys_of(chord)
        for key in keys:
            await self.page.keyboard.down(key)
        await asyncio.sleep(milliseconds / 1000)
        for key in reversed(keys):
            await self.page.keyboard.up(key)

    async def _wheel(self, step: Step) -> None:
        size = self.page.viewport_size or {"width": 1280, "height": 800}
        await self.page.mouse.move(size["width"] / 2, size["height"] / 2)
        await self.page.mouse.wheel(*(step.by or (0, 0)))

    async def _drag(self, place: Place, step: Step, to: Found | None) -> None:
        await self._bring_into_view(place)
        start = await _point(place, step.at)
        end_place = to.place if to else place
        end = await _point(end_place, step.to_at if step.to_at else (None if to else step.at))
        mouse = self.page.mouse
        await mouse.move(*start)
        await mouse.down()
        await mouse.move(*end, steps=_DRAG_MOVES)
        await mouse.move(*end)  # Browsers deliver a drop only to a target that was dragged over twice.
        await mouse.up()

    async def _select(self, found: Found, step: Step) -> None:
        wanted = (step.value,) if isinstance(step.value, str) else tuple(step.value or ())
        options = await ask(found.place, _OPTIONS)
        if options is not None:
            values = [_option(options, one) for one in wanted]
            try:
                await found.place.select_option(values, timeout=self.patience)
            except PlaywrightTimeout as error:
                raise NoEffect(_first_reason(error)) from error
            return
        for one in wanted:
            await self._choose(found, one)

    async def _choose(self, found: Found, value: str) -> None:
        """Chooses in a list that is not the browser's own: opens it, then clicks the option."""
        option = Target(role="option", name=value)
        choice = await self.find(option, "select an option")
        if isinstance(choice, NotFound):
            await self._click(found.place, None)
            choice = await self.find(option, "select an option")
        if isinstance(choice, NotFound):
            raise NoEffect(f"it has no option {value!r}")
        await self._click(choice.place, None)

    async def _check(self, place: Place, *, on: bool) -> None:
        state = await ask(place, _STATE)
        if state is on:
            return
        await self._click(place, None)

    async def _upload(self, place: Place, step: Step) -> None:
        paths = [Path(name) for name in step.files]
        if absent := [str(path) for path in paths if not path.is_file()]:
            raise DriverError(f"upload: no such file: {absent[0]}")
        if await ask(place, _TAKES_FILES):
            await place.set_input_files(paths, timeout=self.patience)
            return
        inner = place.locator("input[type=file]").first
        if await inner.count():
            await inner.set_input_files(paths, timeout=self.patience)
            return
        try:
            async with self.page.expect_file_chooser(timeout=self.patience) as chooser:
                await self._click(place, None)
            await (await chooser.value).set_files(paths)
        except PlaywrightTimeout as error:
            raise NoEffect("it does not ask for a file") from error


def _text(step: Step) -> str:
    return step.value if isinstance(step.value, str) else "".join(step.value or ())


def _option(options: list[list[str]], wanted: str) -> str:
    """The value of the option that is meant: by value or label, else by what is most alike."""
    for value, label in options:
        if wanted in (label, value):
            return value
    value, label = max(options, key=lambda option: alike(option[1], wanted), default=["", ""])
    if alike(label, wanted) < _SAME_OPTION:
        raise NoEffect(f"it has no option {wanted!r}")
    return value


async def _position(place: Place, at: Point | None) -> Position | None:
    """A place inside an element, in pixels from its corner; ``None`` is its middle."""
    if at is None:
        return None
    box = await place.bounding_box(timeout=_SEEN_TIMEOUT)
    return {"x": at.x * box["width"], "y": at.y * box["height"]} if box else None


async def _point(place: Place, at: Point | None) -> tuple[float, float]:
    box = await place.bounding_box(timeout=_SEEN_TIMEOUT)
    if box is None:
        raise NoEffect("it cannot be seen")
    share = at or Point()
    return box["x"] + share.x * box["width"], box["y"] + share.y * box["height"]


def _was_clicked(error: Error) -> bool:
    """Whether the click itself was done, and only the page did not answer in time."""
    log = error.message
    return log.rfind("performing click action") > log.rfind("retrying click action")


def _first_reason(error: Error) -> str:
    for sign, reason in (("not enabled", "it is disabled"), ("not editable", "it cannot be edited")):
        if sign in error.message:
            return reason
    return "it cannot be used"

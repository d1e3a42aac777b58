"""What a person could act on: from the accessibility snapshot, and from the document where that leaves things out."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Any

from playwright.async_api import Error, Frame, Locator, Page

from agent_judge.drive.colours import colour_name
from agent_judge.drive.lazy import cached_property
from agent_judge.drive.reading import read_identifier
from agent_judge.drive.roles import INTERACTIVE
from agent_judge.drive.snapshot import Node, Rect
from agent_judge.launch.own_world import ask, kept_element

_COLLECT = (files(__package__) / "collect.js").read_text(encoding="utf-8")
FIELDS = frozenset(("textbox", "searchbox", "spinbutton", "combobox", "slider", "listbox"))
_TICKED = frozenset(("checkbox", "radio", "switch"))
_SILENT = frozenset(("generic", "img", "text", "paragraph", "none"))
_LONGEST_NAME = 120
_LARGEST_NAMED = 40
"""A part of the page with more nodes than this is not called by its text."""
_ICON_SIZE = 160
"""Largest width and height of an icon, in pixels."""
_STRIP = 3
_NUMBER_WITH_ARROWS = 8
"""A number field and its arrows have hardly more nodes than this."""
_NUMBER = re.compile(r"[-+]?\d+(?:[.,]\d+)*")
_DATED = re.compile(r"\d[-/.:]\d|[-W]\d\d")
_MADE_OF_DIGITS = frozenset(("date", "time", "month", "week", "datetime-local"))
_TAG_ROLES = {
    "button": "button", "a": "link", "textarea": "textbox", "select": "combobox", "summary": "button",
    "canvas": "canvas", "svg": "img", "img": "img", "li": "listitem", "tr": "row", "td": "cell", "label": "generic",
    "option": "option", "article": "article",
}  # fmt: skip
_INPUT_ROLES = {
    "checkbox": "checkbox", "radio": "radio", "range": "slider", "number": "spinbutton", "search": "searchbox",
    "button": "button", "submit": "button", "reset": "button", "image": "button", "file": "button",
}  # fmt: skip

Place = Locator
"""What Playwright acts on."""


@dataclass(eq=False)
class Candidate:
    """An element of the page, with all that could name it."""

    role: str
    name: str
    rect: Rect | None
    node: Node
    """The element in the snapshot, or the smallest one around it."""
    order: float
    ref: str = ""
    clickable: bool = False
    """A person would click it: it has a pointer cursor or a click handler."""
    only_listened_for: bool = False
    """Whether it is taken for that only because it, or something around it, listens to clicks, which it may ignore."""
    title: str = ""
    label: str = ""
    placeholder: str = ""
    test_id: str = ""
    drawn: str = ""
    """Class, file and icon names, as words."""
    own_text: str = ""
    selector: int = -1
    """Which of the target's selectors it fits, the first being 0."""
    frame: int = -1
    index: int = -1
    """Where it is kept in the page, if it is not in the snapshot."""
    disabled: bool = False
    draggable: bool = False
    behind: bool = False
    """Whether something that covers the whole page lies over it, as the backdrop of a dialog does."""
    kind: str = ""
    """What a field takes, as its ``type`` says: ``email``, ``number``, ``date``, ..."""
    several_lines: bool = False
    """Whether a field takes more than one line, in which Enter begins the next."""

    @cached_property
    def roles(self) -> tuple[str, ...]:
        """Its role, and what it stands for besides."""
        if self.clickable and self.role in _SILENT:
            return ("clickable",) if self.role != "img" else ("clickable", "img")
        return (self.role, "clickable") if self.clickable else (self.role,)

    @property
    def is_field(self) -> bool:
        """Whether it holds a value that a person enters."""
        return self.role in FIELDS

    @cached_property
    def names(self) -> dict[str, str]:
        """Everything that names it, by where that stands."""
        names = {"name": self.name, "title": self.title, "label": self.label, "placeholder": self.placeholder}
        field = self.is_field
        if not field:
            text = self.own_text or (self.node.text if self.in_snapshot and self.node.size <= _LARGEST_NAMED else "")
            names["text"] = text if len(text) <= _LONGEST_NAME else ""
        if field or self.role in _TICKED:
            unnamed = not (self.label or (field and (self.name or self.placeholder)))
            names["label"] = self._neighbouring_text if unnamed else self.label
        if self.drawn and self._shows_icon(names):
            names["icon"] = self.drawn
        return {where: text for where, text in names.items() if text}

    @cached_property
    def called(self) -> tuple[tuple[str, str], ...]:
        """Everything that names it, to be compared with others: always in the same order."""
        return tuple(self.names.items())

    def _shows_icon(self, names: dict[str, str]) -> bool:
        """Whether class, file and icon names tell what it is, rather than how a part of the page is laid out."""
        unnamed_bar = self.clickable and not any(names.values()) and self.rect and self.rect.height <= _ICON_SIZE
        return bool(self.is_small or self.is_field or unnamed_bar)

    @property
    def is_small(self) -> bool:
        """Whether it can be an icon, rather than a part of the page."""
        return self.rect is not None and self.rect.width <= _ICON_SIZE and self.rect.height <= _ICON_SIZE

    @cached_property
    def holds_controls(self) -> bool:
        """Whether other things to act on lie within it."""
        if self.role in INTERACTIVE:
            return False
        if not self.in_snapshot:
            return self.rect is not None and any(
                node.role in INTERACTIVE and node.rect and self.rect.holds(*node.rect.middle)
                for node in self.node.walk()
            )
        return self._is_strip or any(child.has_role_within(INTERACTIVE) for child in self.node.children)

    @property
    def is_pushed(self) -> bool:
        """Whether it is something to push, rather than a field, a part of the page, or what is disabled."""
        return not (self.is_field or self.holds_controls or self.disabled)

    @property
    def _is_strip(self) -> bool:
        """Whether it is a row of signs of one size without a word, each of which does something else."""
        parts = self.node.children
        sizes = {(part.role, part.rect.width, part.rect.height) for part in parts if part.rect and part.ref}
        return len(parts) >= _STRIP and len(sizes) == 1 and not self.node.text

    @cached_property
    def is_arrow(self) -> bool:
        """Whether it only makes the number in the field beside it larger or smaller."""
        around = self.node.parent
        beside = around is not None and around.size <= _NUMBER_WITH_ARROWS and "spinbutton" in around.kinds
        return beside and not self.is_field

    def takes(self, value: str) -> bool:
        """Whether a value can be typed into it: a number field takes no words, a date field only dates."""
        if not value:
            return True
        shaped = _NUMBER.fullmatch(self.placeholder.strip()) is not None
        if self.role in ("spinbutton", "slider") or self.kind in ("number", "range") or shaped:
            return _NUMBER.fullmatch(value.strip()) is not None
        return self.kind not in _MADE_OF_DIGITS or _DATED.search(value) is not None

    @property
    def in_snapshot(self) -> bool:
        """Whether it stands in the snapshot itself."""
        return bool(self.ref) or self.index < 0

    @property
    def words(self) -> str:
        """The element in words: role and name."""
        role = "clickable" if self.clickable and self.role in _SILENT else self.role
        name = self.name or next((text for text in self.names.values()), "")
        return f'{role} "{name[:80]}"' if name else role

    @cached_property
    def options(self) -> tuple[str, ...]:
        """What can be chosen in it, where that is in the snapshot."""
        if self.role not in ("combobox", "listbox") or not self.in_snapshot:
            return ()
        return tuple(node.name for node in self.node.walk() if node.role == "option")

    @cached_property
    def _neighbouring_text(self) -> str:
        """What a field without a label is called on the page: the text just before it, or beside a toggle."""
        siblings = self.node.parent.children if self.node.parent else []
        if self.node not in siblings:
            return ""
        position = siblings.index(self.node)
        around = (
            [*reversed(siblings[:position])] if self.is_field else [*siblings[position + 1 :], *siblings[:position]]
        )
        for sibling in around:
            if sibling.role in FIELDS or sibling.role in ("button", "checkbox", "radio"):
                break
            text = sibling.name if sibling.role == "text" else sibling.text
            if text and len(text) <= _LONGEST_NAME:
                return text
        if len(siblings) == 1 and self.node.parent:
            return _text_beside(self.node.parent, before=self.is_field) or _text_beside(self.node.parent, before=True)
        return ""


def _text_beside(node: Node, *, before: bool) -> str:
    siblings = node.parent.children if node.parent else []
    position = siblings.index(node) + (-1 if before else 1) if node in siblings else -1
    if not 0 <= position < len(siblings):
        return ""
    beside = siblings[position]
    if any(inner.role in INTERACTIVE for inner in beside.walk()):
        return ""
    text = beside.name if beside.role == "text" else beside.text
    return text if len(text) <= _LONGEST_NAME else ""


def snapshot_candidates(tree: Node, *, actable: bool = True) -> list[Candidate]:
    """Every element of the snapshot; ``actable`` leaves out those that cannot be clicked now."""
    return [
        Candidate(
            role=node.role,
            name=node.name,
            rect=node.rect,
            node=node,
            order=node.order,
            ref=node.ref,
            clickable="cursor" in node.states,
            placeholder=node.placeholder,
            disabled="disabled" in node.states,
        )
        for node in tree.walk()
        if node.role not in ("text", "fragment") and (node.ref or not actable)
    ]


@dataclass
class Collected:
    """The document's own account of its elements, kept in the page so that they can be acted on."""

    frames: list[tuple[Frame, int, Rect]] = field(default_factory=list)
    rows: list[tuple[int, dict[str, Any]]] = field(default_factory=list)
    """Frame number and row, as ``collect.js`` gives them."""
    modal: bool = False
    """Whether an open dialog keeps everything else from being used."""

    async def handle(self, candidate: Candidate) -> Locator | None:
        """The element itself, unless it went away."""
        frame, kept, _ = self.frames[candidate.frame]
        place = kept_element(frame, kept, candidate.index)
        return place if await place.count() else None


async def collect(page: Page, wanted: Iterable[str], selectors: Iterable[str]) -> Collected:
    """Asks every frame of the page for its elements."""
    collected = Collected()
    options = {"wanted": list(wanted), "selectors": list(selectors)}
    for frame in page.frames:
        try:
            place = await _place(frame)
            told = json.loads(await ask(frame, _COLLECT, options))  # as text, which is much faster to pass
            rows = [dict(zip(told["names"], row, strict=True)) for row in told["rows"]]
        except Error:
            if frame is page.main_frame:
                raise
            continue  # The frame went away meanwhile.
        collected.rows += [(len(collected.frames), row) for row in rows]
        collected.modal = collected.modal or told["modal"]
        collected.frames.append((frame, told["kept"], place))
    return collected


def enrich(tree: Node, candidates: list[Candidate], collected: Collected) -> list[Candidate]:
    """Adds what the document knows to the snapshot's candidates, and the elements that the snapshot leaves out."""
    by_place: dict[Rect, list[Candidate]] = {}
    for candidate in candidates:
        if candidate.rect:
            by_place.setdefault(candidate.rect, []).append(candidate)
    added: list[Candidate] = []
    for number, row in collected.rows:
        offset = collected.frames[number][2]
        x, y, width, height = row["box"]
        rect = Rect(x + offset.x, y + offset.y, width, height)
        role = row["role"].split(" ")[0] or _implied_role(row)
        same = by_place.get(rect, [])
        twin = next((one for one in same if one.role == role), None)
        if twin is None and role in ("generic", "img", "textbox"):
            twin = next((one for one in same if one.in_snapshot), None)
        if twin is not None:
            _add_row(twin, row)
            continue
        new = Candidate(
            role=role,
            name=row["label"] or row["title"] or (row["text"] if role != "textbox" else ""),
            rect=rect,
            node=_smallest_around(tree, rect),
            order=0,
            frame=number,
            index=row["index"],
            disabled=row["disabled"],
        )
        new.order = _order_within(new)
        new.own_text = row["text"] if role not in FIELDS else ""
        _add_row(new, row)
        added.append(new)
        by_place.setdefault(rect, []).append(new)
    return [*candidates, *added]


def _add_row(candidate: Candidate, row: dict[str, Any]) -> None:
    """Fills in what is not known yet; an element inside at the same place says the same as the outer one."""
    candidate.title = candidate.title or row["title"]
    candidate.label = candidate.label or row["label"]
    candidate.placeholder = candidate.placeholder or row["placeholder"]
    candidate.test_id = candidate.test_id or row["test_id"]
    colour = colour_name(row["colour"]) if row["colour"] else ""
    candidate.drawn = " ".join(filter(None, (candidate.drawn, colour, read_identifier(row["drawn"]))))
    candidate.kind = candidate.kind or row["type"]
    if row["pointer"] or row["handler"]:
        guessed = row["likely"] and candidate.role not in INTERACTIVE
        candidate.only_listened_for = guessed and (candidate.only_listened_for or not candidate.clickable)
        candidate.clickable = True
    candidate.draggable = candidate.draggable or row["draggable"]
    candidate.behind = candidate.behind or row["behind"]
    if row["selector"] >= 0 and (candidate.selector < 0 or row["selector"] < candidate.selector):
        candidate.selector = row["selector"]
    if row["editable"] and candidate.role == "generic":
        _make_field(candidate, row)
    candidate.several_lines = candidate.several_lines or row["tag"] == "textarea" or row["editable"]
    if _is_surface(row):
        candidate.role = "canvas"
    for read in ("names", "called", "roles"):
        candidate.__dict__.pop(read, None)


def _make_field(candidate: Candidate, row: dict[str, Any]) -> None:
    """Lets an element whose text can be edited be a field; what is only painted in it while it is empty names it."""
    candidate.role = "textbox"
    if not candidate.ref:
        return
    candidate.node.role = "textbox"
    if not row["text"] and candidate.node.own_text:
        candidate.placeholder = candidate.placeholder or candidate.node.own_text
        for child in candidate.node.children:
            child.name = "" if child.role == "text" else child.name


def _is_surface(row: dict[str, Any]) -> bool:
    """Whether it can be drawn or played on: a canvas, or a vector drawing that is too large for an icon."""
    return bool(row["tag"] == "canvas" or (row["tag"] == "svg" and min(row["box"][2:]) > _ICON_SIZE))


def _implied_role(row: dict[str, Any]) -> str:
    if row["tag"] == "input":
        return _INPUT_ROLES.get(row["type"], "textbox")
    if row["editable"]:
        return "textbox"
    return _TAG_ROLES.get(row["tag"], "generic")


def _smallest_around(tree: Node, rect: Rect) -> Node:
    x, y = rect.middle
    around = (node for node in tree.walk() if node.rect and node.rect.holds(x, y) and node.rect.area >= rect.area)
    return min(around, key=lambda node: (node.rect.area if node.rect else 0, -node.order), default=tree)


def _order_within(candidate: Candidate) -> float:
    """Where an element that is not in the snapshot comes in document order, judged by its place."""
    if not candidate.rect:
        return candidate.node.order
    key = (candidate.rect.y, candidate.rect.x)
    before = [child.order for child in _placed(candidate.node) if child.rect and (child.rect.y, child.rect.x) <= key]
    return max(before, default=candidate.node.order) + 0.5


def _placed(node: Node) -> Iterator[Node]:
    return (child for child in node.children if child.rect)


async def _place(frame: Frame) -> Rect:
    """Where a frame's viewport lies in the page's."""
    if frame.parent_frame is None:
        return Rect(0, 0, 0, 0)
    element = await frame.frame_element()
    box = await element.bounding_box()
    return Rect(round(box["x"]), round(box["y"]), 0, 0) if box else Rect(0, 0, 0, 0)

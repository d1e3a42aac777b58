"""BigCodeArena's interaction log: what a person did on one program, as coordinates, keys and scroll offsets.

Coordinates mean nothing on another program. So a log is read in two parts: :func:`parse_arena_log` gives its
events; whoever replays them on the solution that they were recorded on finds the element at each click; and
:func:`scenario_from_arena` turns events and elements into a Scenario that can travel.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from agent_judge.errors import BadInput
from agent_judge.read.explain import problems_of
from agent_judge.read.formats.devtools_keys import playwright_key
from agent_judge.read.formats.imported import (
    Imported,
    Moment,
    imported,
    parsed_json,
    press_of,
    step,
    unpressed,
    viewport_of,
)
from agent_judge.schema import Point, Step, Target, Viewport

_PAUSE = (0.25, 10.0)
"""Pauses between the keys of a game that are kept, in seconds: shorter ones are typing, longer ones thinking."""
_DOUBLE_CLICK_SECONDS = 0.5
_MODIFIERS = {"Shift", "Control", "Alt", "Meta", "CapsLock", "AltGraph"}


class ArenaEvent(BaseModel):
    """One event of a log."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    type: Literal["load", "resize", "keydown", "click", "scroll", "captureError"]
    time: datetime
    x: float | None = None
    y: float | None = None
    key: str | None = None
    scrollTop: float | None = None
    scrollLeft: float | None = None
    width: float | None = None
    height: float | None = None
    error: str | None = None

    @model_validator(mode="after")
    def _complete(self) -> ArenaEvent:
        needed = {"click": ("x", "y"), "keydown": ("key",), "resize": ("width", "height")}.get(self.type, ())
        for name in needed:
            if getattr(self, name) is None:
                raise ValueError(f"{self.type} needs {name}")
        return self


@dataclass(frozen=True)
class ElementAt:
    """What a click met, found by replaying the log on the solution that it was recorded on."""

    target: Target
    takes: Literal["text", "choice", "nothing"] = "nothing"
    """Whether it takes typed text, is a select box or the like, or neither."""
    at: Point | None = None
    """Where in the element the click was; for canvases and sliders."""


def parse_arena_log(text: str, name: str) -> tuple[ArenaEvent, ...]:
    """Reads a log, a JSON list of events or an object with ``events`` or ``logs``, in the order of time.

    Raises:
        BadInput: It is no such log; with the number of the event.
    """
    data = parsed_json(text, name)
    if isinstance(data, dict):
        data = next(
            (data[key] for key in ("events", "logs", "log", "interactions") if isinstance(data.get(key), list)), data
        )
    if not isinstance(data, list):
        raise BadInput(f"{name}: not an interaction log: a list of events is needed")
    events = []
    for number, entry in enumerate(data, start=1):
        try:
            events.append(ArenaEvent.model_validate(entry))
        except ValidationError as error:
            raise BadInput(f"{name}: event {number}: {problems_of(error, ArenaEvent)[0].message}") from error
    if len({event.time.tzinfo is None for event in events}) > 1:
        raise BadInput(f"{name}: some times have a time zone and some have none")
    return tuple(sorted(events, key=lambda event: event.time))


def scenario_from_arena(events: Sequence[ArenaEvent], elements: Mapping[int, ElementAt], name: str) -> Imported:
    """Makes a Scenario of a log.

    Args:
        events: The log.
        elements: What each click met, by the index of its event; clicks that met nothing are left out. Keys may
            have one too: the element that had the focus.
        name: The log's name; the scenario's id is made from it.

    Raises:
        BadInput: Nothing in the log can be replayed.
    """
    reader = _Reader(name, elements)
    for index, event in enumerate(events):
        reader.read(index, event)
    reader.end_typing()
    result = imported([made for made, _ in reader.made], name, "", reader.viewport, reader.notes)
    begin = events[0].time if events else None
    moments = [Moment((at - begin).total_seconds() if begin else 0.0, fresh=fresh) for _, (at, fresh) in reader.made]
    return Imported(result.scenario, result.notes, tuple(moments))


@dataclass
class _Reader:
    name: str
    elements: Mapping[int, ElementAt]
    made: list[tuple[Step, tuple[datetime, bool]]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    viewport: Viewport | None = None
    focus: ElementAt | None = None
    focus_moved: bool = False
    """Whether Tab took the focus to an element that we do not know: letters are typed there, wherever it is."""
    typed: str | None = None
    typed_at: datetime | None = None
    scrolled: tuple[float, float] = (0.0, 0.0)
    fresh: bool = False

    def read(self, index: int, event: ArenaEvent) -> None:
        if event.type == "click":
            self._click(index, event)
        elif event.type == "keydown":
            self._key(index, event)
        elif event.type == "scroll":
            self._scroll(event)
        elif event.type == "resize":
            self._resize(event)
        elif event.type == "load":
            self.end_typing()
            self.fresh, self.focus, self.focus_moved, self.scrolled = bool(self.made), None, False, (0.0, 0.0)
        else:
            self.notes.append(
                f"{self.name}: event {index + 1}: the program reported an error: {event.error or 'unknown'}"
            )

    def end_typing(self) -> None:
        """What was typed into a field since the last click is one ``fill``."""
        typed, self.typed = self.typed, None
        if not typed or not self.typed_at:
            return
        if self.focus is None:
            self._add(self.typed_at, do="type", value=typed)
            return
        last = self.made[-1][0] if self.made else None
        if last and last.do == "click" and last.target == self.focus.target:
            self.made.pop()
        self._add(self.typed_at, do="fill", target=self.focus.target, value=typed)

    def _add(self, moment: datetime, **fields: Any) -> None:
        self.made.append((step(self.name, **fields), (moment, self.fresh)))
        self.fresh = False

    def _click(self, index: int, event: ArenaEvent) -> None:
        self.end_typing()
        element = self.elements.get(index)
        self.focus = element if element and element.takes == "text" else None
        self.focus_moved = False
        if element is None:
            self.notes.append(f"{self.name}: event {index + 1}: a click on nothing is left out")
            return
        last, (before, _) = self.made[-1] if self.made else (None, (event.time, False))
        soon = (event.time - before).total_seconds() < _DOUBLE_CLICK_SECONDS
        if last and last.do == "click" and last.target == element.target and last.at == element.at and soon:
            self.made.pop()
            self._add(before, do="dblclick", target=element.target, at=element.at)
        else:
            self._add(event.time, do="click", target=element.target, at=element.at)

    def _key(self, index: int, event: ArenaEvent) -> None:
        key = playwright_key(event.key or "")
        if key in _MODIFIERS:
            return
        focused = self.elements.get(index)
        if focused and (self.focus is None or focused.target != self.focus.target):
            self.end_typing()
            self.focus = focused if focused.takes == "text" else None
        if (self.focus or self.focus_moved) and (len(key) == 1 or key in ("Space", "Backspace")):
            text = self.typed or ""
            self.typed = text[:-1] if key == "Backspace" else text + (" " if key == "Space" else key)
            self.typed_at = self.typed_at if text else event.time
            return
        self.end_typing()
        fields = press_of(key)
        if not fields:
            self.notes.append(unpressed(f"{self.name}: event {index + 1}", key))
            return
        last, (before, _) = self.made[-1] if self.made else (None, (event.time, False))
        pause = (event.time - before).total_seconds()
        if last and last.do == "press" and not (self.focus or self.fresh) and _PAUSE[0] <= pause <= _PAUSE[1]:
            self._add(event.time, do="wait", ms=round(pause * 1000))
        elif last and last.do == "press" and last.key == key and last.times < 1000 and not self.fresh:
            self.made[-1] = (last.model_copy(update={"times": last.times + 1}), (event.time, False))
            return
        self._add(event.time, **fields)
        if key == "Tab":
            self.focus, self.focus_moved = None, True

    def _scroll(self, event: ArenaEvent) -> None:
        self.end_typing()
        after = (event.scrollLeft or 0.0, event.scrollTop or 0.0)
        by = (after[0] - self.scrolled[0], after[1] - self.scrolled[1])
        self.scrolled = after
        last = self.made[-1][0] if self.made else None
        if last and last.do == "scroll" and last.by:
            self.made.pop()
            by = (by[0] + last.by[0], by[1] + last.by[1])
        if by != (0.0, 0.0):
            self._add(event.time, do="scroll", by=by)

    def _resize(self, event: ArenaEvent) -> None:
        size = viewport_of(event.width or 0, event.height or 0)
        if self.viewport is None and not self.made:
            self.viewport = size
        elif size != self.viewport:
            self.end_typing()
            self._add(event.time, do="resize", size=size)
            self.viewport = self.viewport or size

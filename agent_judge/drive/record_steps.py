"""Turns what a person did, event by event, into the steps of a Scenario."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from agent_judge.drive.record_events import RecordedEvent
from agent_judge.drive.record_keys import Held, chords, held_together, runs_of
from agent_judge.read.formats.devtools_keys import playwright_key
from agent_judge.read.formats.imported import Imported, imported, press_of, step, unpressed, viewport_of
from agent_judge.schema import Step, Viewport
from agent_judge.schema.keys import keys_of

_SAME_GESTURE = 700
"""Milliseconds within which a tick belongs to its click, and a click to the key that did it."""
_PAUSE = (250.0, 10_000.0)
"""Pauses between the keys of a game that are kept, in milliseconds: longer ones are thinking."""
_LONG_HOLD = 250
"""A key that is held so long is held on purpose, also where there is no canvas."""
_LONGEST_HOLD = 60_000
_BEFORE_LEAVING = 2000
"""A page that is loaded so soon after a step was loaded because of it."""
_SCROLLED_BY = frozenset(
    ("PageDown", "PageUp", "Home", "End", "Space", "ArrowDown", "ArrowUp", "ArrowLeft", "ArrowRight")
)
_TYPED_INTO = ("text", "value")


@dataclass
class _Made:
    """A step with the event that it comes from."""

    step: Step
    event: RecordedEvent
    until: float
    """When it ended, in milliseconds."""
    pause: float = 0
    """Milliseconds that passed before it and count."""


def scenario_from_recording(events: Sequence[RecordedEvent], name: str, title: str = "") -> Imported:
    """Makes a Scenario of a recording.

    Args:
        events: What the recorder told, in the order of time.
        name: The recording's name; the scenario's id is made from it.
        title: What it shows, in words.

    Raises:
        BadInput: Nothing was recorded that can be replayed.
    """
    reader = _Reader(name)
    for event in events:
        getattr(reader, f"_{event.type}")(event)
    return imported(reader.steps(), name, title, reader.viewport, reader.notes)


@dataclass
class _Reader:
    name: str
    made: list[_Made] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    viewport: Viewport | None = None
    down: dict[str, int] = field(default_factory=dict)
    """Keys that are held, with the index of their step."""
    released: float = 0
    """When a key was let go last, in milliseconds."""

    def steps(self) -> list[Step]:
        """The steps, with keys that wrote text as one step."""
        return _with_typing(list(_with_pauses(_with_chords(self.made, self.name), self.name)))

    def _add(self, event: RecordedEvent, **fields: Any) -> None:
        self.made.append(_Made(step(self.name, **fields), event, event.time))

    def _last(self, event: RecordedEvent, *does: str) -> _Made | None:
        """The last step, where it is of this kind and on the same element."""
        last = self.made[-1] if self.made else None
        return last if last and last.step.do in does and last.event.element == event.element else None

    def _soon(self, event: RecordedEvent) -> bool:
        return bool(self.made) and event.time - self.made[-1].until <= _SAME_GESTURE

    def _drop_last(self) -> None:
        self.made.pop()
        self.down = {code: index for code, index in self.down.items() if index < len(self.made)}

    # --- Pointer ---

    def _click(self, event: RecordedEvent) -> None:
        pressed = self._last(event, "press") if event.by_key and self._soon(event) else None
        if pressed and pressed.step.key in ("Enter", "Space"):
            self._drop_last()
        if event.takes == "choice":
            return  # It opens the list; what is chosen comes as a selection.
        if event.takes == "tick" and self._soon(event) and self._last(event, "click"):
            return  # The browser clicks the box for its label.
        at = event.at if event.takes in ("strokes", "value") else None
        if event.tick is not None:
            self._add(event, do="check" if event.tick else "uncheck", target=event.target)
        else:
            self._add(event, do="click", target=event.target, at=at)

    def _dblclick(self, event: RecordedEvent) -> None:
        """The browser tells two clicks first."""
        first = event
        for _ in range(2):
            if clicked := self._last(event, "click"):
                first = clicked.event
                self._drop_last()
        at = first.at if event.takes == "strokes" else None
        self._add(event, do="dblclick", target=first.target, at=at)

    def _drag(self, event: RecordedEvent) -> None:
        self._add(event, do="drag", target=event.target, at=event.at, to=event.to, to_at=event.to_at)

    # --- Fields ---

    def _fill(self, event: RecordedEvent) -> None:
        if (pressed := self._last(event, "press")) and pressed.step.key == "Enter" and (event.value or "").count("\n"):
            self._drop_last()  # It made a new line.
        target = event.target
        if before := self._last(event, "click", "fill"):
            target = before.step.target  # As it was before anything was entered.
            self._drop_last()
        if event.secret:
            note = f"{self.name}: a password is masked: write one into the step that fills {_called(event)}"
            self.notes.append(note)
        self._add(event, do="fill", target=target, value=event.value)

    def _select(self, event: RecordedEvent) -> None:
        if self._last(event, "click", "select"):
            self._drop_last()
        values = event.values or ()
        self._add(event, do="select", target=event.target, value=values[0] if len(values) == 1 else values)

    def _tick(self, event: RecordedEvent) -> None:
        target = event.target
        if self._soon(event) and (clicked := self._last(event, "click")):
            target = clicked.step.target
            self._drop_last()
        self._add(event, do="check" if event.tick else "uncheck", target=target)

    def _upload(self, event: RecordedEvent) -> None:
        if self._last(event, "click"):
            self._drop_last()
        names = event.files or ()
        if names:
            self.notes.append(f"{self.name}: put {', '.join(names)} beside the scenario, to be uploaded")
            self._add(event, do="upload", target=event.target, files=names)

    # --- Keys ---

    def _keydown(self, event: RecordedEvent) -> None:
        key = playwright_key(event.key or "")
        chord = "+".join((*event.modifiers, key))
        fields = press_of(chord)
        if not fields:
            self.notes.append(unpressed(self.name, chord))
            return
        names = event.takes == "text" and not self._last(event, "fill", "press")  # Else it is where the last step was.
        pause = self._pause_before(event)
        self._add(event, **fields, target=event.target if names else None)
        self.made[-1].pause = pause
        self.down[event.code] = len(self.made) - 1

    def _pause_before(self, event: RecordedEvent) -> float:
        last = self.made[-1] if self.made else None
        if not event.game or not last or last.step.do != "press":
            return 0
        if len(self.made) - 1 in self.down.values():
            return 0  # It is still held.
        pause = event.time - max(last.until, self.released)
        return pause if _PAUSE[0] <= pause <= _PAUSE[1] else 0

    def _keyup(self, event: RecordedEvent) -> None:
        index = self.down.pop(event.code, None)
        if index is None:
            return
        made = self.made[index]
        made.until = self.released = event.time
        if made.event.game or event.hold >= _LONG_HOLD:
            hold = min(round(event.hold), _LONGEST_HOLD)
            made.step = made.step.model_copy(update={"hold": hold})

    # --- Page ---

    def _scroll(self, event: RecordedEvent) -> None:
        if event.by_key and self.made and self.made[-1].step.key in _SCROLLED_BY:
            self._drop_last()
        by = event.by or (0.0, 0.0)
        if before := self._last(event, "scroll"):
            far = before.step.by or (0.0, 0.0)
            by = (by[0] + far[0], by[1] + far[1])
            self._drop_last()
        if by != (0.0, 0.0):
            self._add(event, do="scroll", target=event.target, by=by)

    def _resize(self, event: RecordedEvent) -> None:
        size = viewport_of(event.width or 0, event.height or 0)
        if self.viewport is None and not self.made:
            self.viewport = size
            return
        if self.made and self.made[-1].step.do == "resize":
            self._drop_last()
        self._add(event, do="resize", size=size)

    def _load(self, event: RecordedEvent) -> None:
        if self.viewport is None:
            self.viewport = viewport_of(event.width or 0, event.height or 0)
            return
        caused = bool(self.made) and event.time - self.made[-1].until <= _BEFORE_LEAVING
        if event.arrival == "reload" or (event.arrival == "back_forward" and not caused):
            self._add(event, do="goto", url=event.url or "/")


def _called(event: RecordedEvent) -> str:
    target = event.target
    called = (target.name or target.label or target.placeholder) if target else ""
    return f'"{called}"' if called else "it"


def _with_pauses(made: Iterable[_Made], name: str) -> Iterator[Step]:
    for one in made:
        if one.pause:
            yield step(name, do="wait", ms=round(one.pause))
        yield one.step


def _with_chords(made: Iterable[_Made], name: str) -> Iterator[_Made]:
    """Tells keys of a game that were held at the same time as chords."""
    for is_key, group in groupby(made, _is_game_key):
        together = list(group)
        if not is_key:
            yield from together
            continue
        for start, end in runs_of([_held(one) for one in together]):
            run = together[start:end]
            keys = [_held(one) for one in run]
            yield from _as_chords(run, chords(keys), name) if held_together(keys) else run


def _is_game_key(made: _Made) -> bool:
    return made.event.game and made.step.do == "press" and len(keys_of(made.step.key or "")) == 1


def _held(made: _Made) -> Held:
    return Held(made.step.key or "", made.event.time, made.until)


def _as_chords(run: Sequence[_Made], told: Iterable[tuple[str, float]], name: str) -> Iterator[_Made]:
    first, pause, target = run[0], run[0].pause, run[0].step.target
    for chord, ms in told:
        hold = min(round(ms), _LONGEST_HOLD)
        yield _Made(step(name, do="press", key=chord, hold=hold, target=target), first.event, first.until, pause)
        pause, target = 0, None


def _with_typing(steps: list[Step]) -> list[Step]:
    """Joins keys that write text outside of a field, and the same key pressed again and again."""
    joined: list[Step] = []
    for one in steps:
        last = joined[-1] if joined else None
        if last and _is_plain_press(one) and _is_plain_press(last) and last.key == one.key and not _written(one):
            joined[-1] = last.model_copy(update={"times": min(1000, last.times + 1)})
        elif last and _written(one) and last.do == "type" and isinstance(last.value, str):
            joined[-1] = last.model_copy(update={"value": last.value + _written(one)})
        elif last and _written(one) and _written(last):
            joined[-1] = Step(do="type", value=_written(last) + _written(one))
        else:
            joined.append(one)
    return joined


def _is_plain_press(one: Step) -> bool:
    return one.do == "press" and not one.hold and one.target is None


def _written(one: Step) -> str:
    """The character that a key writes; nothing for other keys, and for those that are held."""
    if not _is_plain_press(one) or one.times > 1:
        return ""
    key = one.key or ""
    return key if len(key) == 1 else " " if key == "Space" else ""

"""rrweb event streams: the page and everything that happened on it, element by element."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import Any

from agent_judge.errors import BadInput
from agent_judge.read.formats.imported import (
    Imported,
    Moment,
    goto_of,
    imported,
    left_site,
    parsed_json,
    step,
    viewport_of,
    without_focusing_clicks,
)
from agent_judge.read.formats.rrweb_page import RecordedPage
from agent_judge.schema import Step, Viewport

# rrweb's EventType, IncrementalSource and MouseInteractions, as its streams number them.
_FULL_SNAPSHOT, _INCREMENTAL, _META = 2, 3, 4
_MUTATION, _MOUSE, _SCROLL, _RESIZE, _INPUT = 0, 2, 3, 4, 5
_CLICK, _DOUBLE_CLICK = 2, 4
_MASK = "********"


@dataclass
class _Stream:
    name: str
    page: RecordedPage = field(default_factory=RecordedPage)
    steps: list[Step] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    start: str = ""
    viewport: Viewport | None = None
    scrolled: dict[int, tuple[float, float]] = field(default_factory=dict)
    met: dict[int, tuple[Step, Moment]] = field(default_factory=dict)
    """When each step happened, by the step's identity."""
    loaded: bool = False
    field_filled: int | None = None
    """The field that the last step filled: typing is one step, not one for each letter."""


def scenario_from_rrweb(text: str, name: str) -> Imported:
    """Reads a stream: a JSON list of events, an object with ``events``, or one event a line.

    Raises:
        BadInput: It is no rrweb stream, or no person did anything in it.
    """
    stream = _Stream(name)
    for number, event in enumerate(_events(text, name), start=1):
        where = f"{name}: event {number}"
        kind, data = event.get("type"), event.get("data")
        if not isinstance(data, dict):
            continue
        if kind == _META:
            _meta(stream, where, data)
        elif kind == _FULL_SNAPSHOT:
            stream.page.take_snapshot(data.get("node"))
        elif kind == _INCREMENTAL:
            _incremental(stream, where, data)
        _stamp(stream, _number(event.get("timestamp")) / 1000)
    return _finished(stream)


def _stamp(stream: _Stream, at: float) -> None:
    """Notes when the last steps happened; a step's identity is safe while it is kept here."""
    for made in stream.steps[-2:]:
        if id(made) not in stream.met:
            stream.met[id(made)] = (made, Moment(at, effect=False, fresh=stream.loaded))
            stream.loaded = False


def _finished(stream: _Stream) -> Imported:
    result = imported(without_focusing_clicks(stream.steps), stream.name, "", stream.viewport, stream.notes)
    begin = min((moment.at for _, moment in stream.met.values()), default=0.0)
    moments = [stream.met[id(made)][1] for made in result.scenario.steps]
    return replace(result, moments=tuple(replace(moment, at=moment.at - begin) for moment in moments))


def _events(text: str, name: str) -> list[dict[str, Any]]:
    stripped = text.lstrip()
    lines = [line for line in stripped.splitlines() if line.strip()]
    if stripped.startswith("{") and len(lines) > 1 and lines[0].rstrip().endswith("}"):
        events: Any = [_line(line, name, number) for number, line in enumerate(lines, start=1)]
    else:
        data = parsed_json(text, name)
        events = data.get("events") if isinstance(data, dict) else data
    if not isinstance(events, list) or not all(isinstance(e, dict) and isinstance(e.get("type"), int) for e in events):
        raise BadInput(f"{name}: not an rrweb stream: a list of events with type, data and timestamp is needed")
    return sorted(events, key=lambda event: _number(event.get("timestamp")))


def _line(line: str, name: str, number: int) -> Any:
    try:
        return json.loads(line)
    except ValueError as error:
        raise BadInput(f"{name}:{number}: not JSON: {error}") from error


def _number(value: Any) -> float:
    return float(value) if isinstance(value, (int, float)) else 0.0


def _meta(stream: _Stream, where: str, data: dict[str, Any]) -> None:
    address = str(data.get("href", ""))
    if not stream.start:
        stream.start = address
        if data.get("width") and data.get("height"):
            stream.viewport = viewport_of(_number(data["width"]), _number(data["height"]))
    else:
        stream.loaded = True
    if address and address != stream.start:
        if fields := goto_of(address, stream.start):
            stream.steps.append(step(where, **fields))
        else:
            stream.notes.append(left_site(where, address))
    stream.field_filled = None


def _incremental(stream: _Stream, where: str, data: dict[str, Any]) -> None:
    source = data.get("source")
    if source in (_MUTATION, _INPUT) and stream.steps:
        made, moment = stream.met[id(stream.steps[-1])]
        stream.met[id(made)] = (made, replace(moment, effect=True))
    if source == _MUTATION:
        stream.page.mutate(data)
    elif source == _MOUSE and data.get("type") in (_CLICK, _DOUBLE_CLICK):
        _clicked(stream, where, data)
    elif source == _INPUT:
        _put_in(stream, where, data)
    elif source == _SCROLL:
        _scrolled(stream, where, data)
    elif source == _RESIZE:
        size = viewport_of(_number(data.get("width")), _number(data.get("height")))
        if size != stream.viewport:
            stream.steps.append(step(where, do="resize", size=size.model_dump()))


def _clicked(stream: _Stream, where: str, data: dict[str, Any]) -> None:
    node = stream.page.actionable(int(_number(data.get("id"))))
    if stream.page.labelled_field(node) is not None:
        return  # The browser clicks the label's field too, and that event follows.
    target = stream.page.target(node)
    if target is None:
        stream.notes.append(f"{where}: a click on an element that the stream does not describe is left out")
        return
    if data.get("type") == _DOUBLE_CLICK:
        while stream.steps and stream.steps[-1].do == "click" and stream.steps[-1].target == target:
            stream.steps.pop()
        stream.steps.append(step(where, do="dblclick", target=target))
    else:
        stream.steps.append(step(where, do="click", target=target))
    stream.field_filled = None


def _put_in(stream: _Stream, where: str, data: dict[str, Any]) -> None:
    node = int(_number(data.get("id")))
    kind, target = stream.page.kind_of_field(node), stream.page.target(node)
    if target is None or not data.get("userTriggered", True):
        return
    value = str(data.get("text", ""))
    if kind in ("checkbox", "radio"):
        if kind == "radio" and not data.get("isChecked"):
            return
        _drop_last_click(stream, target)
        stream.steps.append(step(where, do="check" if data.get("isChecked") else "uncheck", target=target))
    elif kind == "select":
        _drop_last_click(stream, target)
        stream.steps.append(step(where, do="select", target=target, value=stream.page.option_label(node, value)))
    elif kind == "file":
        stream.notes.append(f"{where}: a file was chosen; rrweb does not keep files")
    else:
        _typed(stream, where, node, _MASK if stream.page.is_password(node) else value)
        return
    stream.field_filled = None


def _typed(stream: _Stream, where: str, node: int, value: str) -> None:
    target = stream.page.target(node)
    if stream.field_filled == node and stream.steps and stream.steps[-1].do == "fill":
        stream.steps.pop()
    elif not value:
        return  # The program itself emptied the field.
    stream.steps.append(step(where, do="fill", target=target, value=value))
    stream.field_filled = node


def _drop_last_click(stream: _Stream, target: Any) -> None:
    if stream.steps and stream.steps[-1].do == "click" and stream.steps[-1].target == target:
        stream.steps.pop()


def _scrolled(stream: _Stream, where: str, data: dict[str, Any]) -> None:
    node = int(_number(data.get("id")))
    before = stream.scrolled.get(node, (0.0, 0.0))
    after = (_number(data.get("x")), _number(data.get("y")))
    stream.scrolled[node] = after
    by = (after[0] - before[0], after[1] - before[1])
    if by == (0.0, 0.0):
        return
    target = stream.page.target(node)
    last = stream.steps[-1] if stream.steps else None
    if last and last.do == "scroll" and last.target == target and last.by:
        stream.steps.pop()
        by = (by[0] + last.by[0], by[1] + last.by[1])
        if by == (0.0, 0.0):
            return
    stream.steps.append(step(where, do="scroll", target=target, by=by))

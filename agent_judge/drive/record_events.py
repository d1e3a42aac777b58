"""What the recorder's script tells, event by event; and the script itself, for a page of ours or of an arena's."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from agent_judge.errors import BadInput
from agent_judge.read.explain import problems_of
from agent_judge.schema import Point, Target

_PARTS = ("record_names.js", "record_element.js", "recorder.js")
_LONGEST = 20_000
Text = Annotated[str, Field(max_length=_LONGEST)]
Kind = Literal[
    "load", "click", "dblclick", "drag", "fill", "select", "tick", "upload", "keydown", "keyup", "scroll", "resize",
]  # fmt: skip
Takes = Literal["text", "choice", "tick", "files", "value", "strokes", "nothing"]
_NEEDS: dict[str, tuple[str, ...]] = {
    "click": ("target",), "dblclick": ("target",), "drag": ("target",), "fill": ("target", "value"),
    "select": ("target", "values"), "tick": ("target", "tick"), "upload": ("target", "files"), "keydown": ("key",),
    "scroll": ("by",), "resize": ("width", "height"),
}  # fmt: skip


class RecordedEvent(BaseModel):
    """One thing that a person did."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    type: Kind
    time: float
    """Milliseconds since 1970."""
    target: Target | None = None
    takes: Takes = "nothing"
    at: Point | None = None
    to: Target | None = None
    to_at: Point | None = None
    value: Text | None = None
    secret: bool = False
    """Whether ``value`` was masked."""
    values: tuple[Text, ...] | None = None
    tick: bool | None = None
    """For a tick, and a click that ticks or unticks: the state that it led to."""
    files: tuple[Text, ...] | None = None
    key: Text | None = None
    element: int | None = None
    """The element's number, which it keeps as long as its page lives."""
    code: str = ""
    modifiers: tuple[str, ...] = ()
    game: bool = False
    hold: float = 0
    by_key: bool = False
    """A click or a scroll that a key did."""
    by: tuple[float, float] | None = None
    width: float | None = None
    height: float | None = None
    url: Text = ""
    arrival: str = ""


def recorded_event(data: Any, where: str = "the recording") -> RecordedEvent:
    """Checks what a page told: it may be anybody's.

    Raises:
        BadInput: It is no event of the recorder.
    """
    try:
        event = RecordedEvent.model_validate(data)
    except ValidationError as error:
        raise BadInput(f"{where}: {problems_of(error, RecordedEvent)[0].message}") from error
    for name in _NEEDS.get(event.type, ()):
        if getattr(event, name) is None:
            raise BadInput(f"{where}: {event.type} needs {name}")
    return event


def parse_recording(text: str, name: str) -> tuple[RecordedEvent, ...]:
    """Reads events that an embedding page gathered: a JSON list, or one event a line.

    Raises:
        BadInput: It is no such recording; with the number of the event.
    """
    try:
        data = (
            json.loads(text)
            if text.lstrip().startswith("[")
            else [json.loads(line) for line in text.split("\n") if line.strip()]
        )
    except (ValueError, RecursionError) as error:
        raise BadInput(f"{name}: not a recording: a JSON list of events is needed, or one event a line") from error
    return tuple(recorded_event(one, f"{name}: event {number}") for number, one in enumerate(data, start=1))


def recorder_script() -> str:
    """The script as a function of where to send events to; called with ``null`` it listens to nothing.

    It gives ``at(x, y)`` and ``focused()``, which describe an element as events do, and ``targetOf(element)``.
    """
    names, element, events = ((files(__package__) / part).read_text(encoding="utf-8") for part in _PARTS)
    return f"""((send, standalone) => {{
{names}
{element}
if (send) {{
{events}
}}
return {{ at, focused, targetOf }};
}})"""


def standalone_script() -> str:
    """The script for a page that another embeds in a frame: it posts every event to the page around it."""
    return f"""(() => {{
  if (window.parent === window || window.__agentJudgeRecorder) return;
  window.__agentJudgeRecorder = true;
  const told = document.currentScript?.dataset.origin;
  const origin = told || (document.referrer ? new URL(document.referrer).origin : location.origin);
  const around = window.parent;
  {recorder_script()}((event) => around.postMessage({{ source: "agent-judge", event }}, origin), true);
}})();
"""

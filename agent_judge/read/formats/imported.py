"""What an importer gives: a Scenario, and what of the recording it could not carry over."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from pydantic import ValidationError

from agent_judge.errors import BadInput
from agent_judge.read.explain import problems_of
from agent_judge.read.marked import HUGE_NUMBER
from agent_judge.schema import Scenario, Step, Viewport
from agent_judge.schema.keys import keys_of, proper_name, unknown_keys


@dataclass(frozen=True)
class Moment:
    """When a step of a recording happened, and what the page made of it."""

    at: float
    """Seconds since the recording began."""
    effect: bool = True
    """Whether the page changed before the next step."""
    fresh: bool = False
    """Whether the page was loaded anew before this step."""


@dataclass(frozen=True)
class Imported:
    """An imported recording."""

    scenario: Scenario
    notes: tuple[str, ...] = ()
    """What the recording holds and a Scenario cannot: one line each, for the user."""
    moments: tuple[Moment, ...] = ()
    """When each step happened and whether it did anything, where the format tells; else nothing."""


def imported(
    steps: list[Step], name: str, title: str = "", viewport: Viewport | None = None, notes: list[str] | None = None
) -> Imported:
    """Makes the Scenario of a recording; its id comes from the recording's name.

    Raises:
        BadInput: Nothing in the recording can be replayed.
    """
    if not steps:
        raise BadInput(f"{name}: the recording holds nothing that can be replayed")
    scenario = Scenario(id=id_of(name), title=title, viewport=viewport or Viewport(), steps=tuple(steps))
    return Imported(scenario, tuple(dict.fromkeys(notes or ())))


def id_of(name: str) -> str:
    """A scenario's id from a file name or title."""
    stem = re.sub(r"\.(?:jsonl?|py|txt|ya?ml)$", "", PurePosixPath(name).name)
    return re.sub(r"[^a-z0-9]+", "-", stem.lower()).strip("-") or "recording"


def parsed_json(text: str, name: str) -> Any:
    """Reads JSON.

    Raises:
        BadInput: It is none; with line and column.
    """
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise BadInput(f"{name}:{error.lineno}:{error.colno}: not JSON: {error.msg}") from error
    except RecursionError as error:
        raise BadInput(f"{name}: nested too deeply") from error
    except ValueError as error:
        raise BadInput(f"{name}: {HUGE_NUMBER}") from error


def step(where: str, **fields: Any) -> Step:
    """Makes a Step of a recording.

    Raises:
        BadInput: The recording says something that no step can hold; with its place.
    """
    try:
        return Step.model_validate(fields)
    except ValidationError as error:
        raise BadInput(f"{where}: {problems_of(error, Step)[0].message}") from error


def press_of(chord: str) -> dict[str, Any]:
    """What a step does for keys that were pressed: a character that the keyboard does not have is typed.

    Returns:
        Fields of the step; none where a key is unknown, as a dead key is.
    """
    chord = "+".join(proper_name(key) for key in keys_of(chord))
    if not chord or not unknown_keys(chord):
        return {"do": "press", "key": chord}
    return {"do": "type", "value": chord} if len(chord) == 1 and chord.isprintable() else {}


def unpressed(where: str, chord: str) -> str:
    """The note on keys that :func:`press_of` has nothing for."""
    return f"{where}: the key {chord!r} is left out: the keyboard has none of that name"


def goto_of(url: str, start: str) -> dict[str, Any]:
    """What a step does to open another address of the solution; nothing where it is another site's."""
    address = relative_address(url, start)
    return {} if address == url and urlsplit(url).scheme else {"do": "goto", "url": address}


def left_site(where: str, url: str) -> str:
    """The note on an address that :func:`goto_of` has nothing for."""
    return f"{where}: going to {url} is left out: a scenario stays within its solution"


def viewport_of(width: float, height: float) -> Viewport:
    """A viewport within what we allow."""
    return Viewport(width=round(min(max(width, 200), 4096)), height=round(min(max(height, 200), 4096)))


def relative_address(url: str, start: str) -> str:
    """An address as ``goto`` takes it: relative where it is of the same place as the first."""
    to, first = urlsplit(url), urlsplit(start)
    if (to.scheme, to.netloc) != (first.scheme, first.netloc):
        return url
    query, fragment = f"?{to.query}" if to.query else "", f"#{to.fragment}" if to.fragment else ""
    return f"{to.path or '/'}{query}{fragment}"


def without_focusing_clicks(steps: list[Step]) -> list[Step]:
    """Drops clicks that only put the cursor into the field that the next step fills."""
    kept: list[Step] = []
    for after in steps:
        before = kept[-1] if kept else None
        if (
            before
            and before.do == "click"
            and after.do == "fill"
            and before.target == after.target
            and not before.expect
        ):
            kept.pop()
        kept.append(after)
    return kept

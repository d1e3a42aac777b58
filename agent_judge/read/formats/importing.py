"""Finds out which tool a recording comes from, and reads it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Literal, get_args

from agent_judge.errors import BadInput
from agent_judge.read.explain import nearest
from agent_judge.read.formats.codegen import scenario_from_codegen_jsonl, scenario_from_codegen_python
from agent_judge.read.formats.devtools import scenario_from_devtools
from agent_judge.read.formats.imported import Imported
from agent_judge.read.formats.rrweb import scenario_from_rrweb
from agent_judge.read.marked import read_text

Format = Literal["devtools", "codegen-jsonl", "codegen-python", "rrweb", "arena"]
MAX_BYTES = 200_000_000
_READERS = {
    "devtools": scenario_from_devtools,
    "codegen-jsonl": scenario_from_codegen_jsonl,
    "codegen-python": scenario_from_codegen_python,
    "rrweb": scenario_from_rrweb,
}


def import_recording(path: Path, kind: str = "") -> Imported:
    """Reads a recording that tells which elements were used.

    Args:
        path: The recording.
        kind: One of :data:`Format`; found out from the content when not given.

    Raises:
        BadInput: It is no recording that we know, or one of coordinates only, which needs its solution.
    """
    text = read_text(path, MAX_BYTES)
    kind = kind or format_of(text, path.name)
    if kind == "arena":
        raise BadInput(f"{path}: a log of coordinates: name the solution that it was recorded on, to find its elements")
    if kind not in _READERS:
        meant = nearest(kind, get_args(Format))
        suggestion = f', did you mean "{meant}"?' if meant else ";"
        raise BadInput(f'unknown format "{kind}"{suggestion} known: {", ".join(get_args(Format))}')
    return _READERS[kind](text, str(path))


def format_of(text: str, name: str) -> Format:
    """Tells a recording's format from its content.

    Raises:
        BadInput: It is none that we know.
    """
    data = _json_or_first_line(text)
    events = data.get("events", data.get("logs")) if isinstance(data, dict) else data
    first = events[0] if isinstance(events, list) and events and isinstance(events[0], dict) else None
    if isinstance(data, dict):
        if isinstance(data.get("steps"), list):
            return "devtools"
        if "browserName" in data or {"name", "signals"} <= data.keys():
            return "codegen-jsonl"
        if isinstance(data.get("type"), int) and "timestamp" in data:
            return "rrweb"
    if first and isinstance(first.get("type"), int):
        return "rrweb"
    if first and isinstance(first.get("type"), str) and "time" in first:
        return "arena"
    if "playwright" in text and ("sync_api" in text or "async_api" in text):
        return "codegen-python"
    raise BadInput(f"{name}: not a recording that we know: {', '.join(get_args(Format))}")


def _json_or_first_line(text: str) -> Any:
    for part in (text, text.lstrip().split("\n", 1)[0]):
        try:
            return json.loads(part)
        except (ValueError, RecursionError):
            continue
    return None

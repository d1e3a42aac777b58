"""What a person who tries a form out would enter into a field."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

from agent_judge.drive.candidates import Candidate
from agent_judge.drive.reading import read_name


def plausible_value(field: Candidate, input_type: str) -> str:
    """A value by what the field is called, in any language of the synonyms, else by its type.

    Args:
        field: The field.
        input_type: The ``type`` of an HTML input, or the element's own name.
    """
    data = _data()
    types: dict[str, str] = data["types"]
    if input_type in types and input_type not in ("search", "number"):
        return types[input_type]
    if field.role == "slider":
        return types["range"]
    value = next((data["things"][thing] for thing in _things(field) if thing in data["things"]), "")
    if input_type == "number" or field.role == "spinbutton":
        return value if value.isdigit() else types["number"]
    return value or types.get(input_type, data["default"])


def _things(field: Candidate) -> list[str]:
    return [
        meaning
        for text in field.names.values()
        for unit in read_name(text)
        for meaning in sorted(unit.meanings)
        if unit.kind in ("thing", "generic")
    ]


@cache
def _data() -> dict[str, Any]:
    return tomllib.loads((files(__package__) / "plausible.toml").read_text(encoding="utf-8"))

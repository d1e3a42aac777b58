"""What a value looks like, and whether a field is made for such values."""

from __future__ import annotations

import re

from agent_judge.drive.candidates import Candidate

_SHAPES = {
    "email": re.compile(r"\S+@\S+\.\S+"),
    "date": re.compile(r"\d{4}-\d\d-\d\d|\d{1,2}[./]\d{1,2}[./]\d{2,4}"),
    "time": re.compile(r"\d{1,2}:\d\d(?::\d\d)?"),
    "number": re.compile(r"[-+]?\d+(?:[.,]\d+)?"),
    "url": re.compile(r"https?://\S+|www\.\S+"),
    "tel": re.compile(r"[+\d][\d\s()/-]{5,}"),
}
"""What a value looks like, by the kind of field that it is meant for."""
_KINDS = {"spinbutton": "number", "slider": "number"}


def kind_fits(one: Candidate, value: str) -> float:
    """Whether a value looks like what a field takes: 1 if it does, -1 if it looks like something else."""
    looks = next((kind for kind, shape in _SHAPES.items() if shape.fullmatch(value.strip())), "text")
    kind = one.kind if one.kind in _SHAPES else _KINDS.get(one.role, "text")
    return float(looks == kind != "text") - float(kind not in ("text", looks))

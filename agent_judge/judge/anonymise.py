"""Removes from text what tells who wrote a program: names of models and their makers, authors, paths."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path

_FILE = Path(__file__).with_name("identity.toml")


def anonymise(text: str) -> str:
    """Replaces every telling passage; text without one comes back unchanged."""
    for pattern, replacement in _rules():
        text = pattern.sub(replacement, text)
    return text


@cache
def _rules() -> tuple[tuple[re.Pattern[str], str], ...]:
    groups = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    return tuple(
        (re.compile("|".join(f"(?:{pattern})" for pattern in group["patterns"]), re.IGNORECASE), group["replacement"])
        for group in groups.values()
    )

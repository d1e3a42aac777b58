"""The keys that a scenario can press, by name."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import NamedTuple

_FILE = Path(__file__).with_name("keys.toml")


class _Keyboard(NamedTuple):
    keys: frozenset[str]
    also_called: dict[str, str]


@cache
def _keyboard() -> _Keyboard:
    known = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    # A carriage return and a line feed are Enter, too.
    return _Keyboard(frozenset((*known["names"], *known["characters"], "\r", "\n")), known["also_called"])


def keys_of(chord: str) -> list[str]:
    """The keys of a chord (``Control+Shift+K``, ``Control++``), in the order in which they go down."""
    keys, building = [], ""
    for character in chord:
        if character == "+" and building:
            keys.append(building)
            building = ""
        else:
            building += character
    return [*keys, building]


def unknown_keys(chord: str) -> list[str]:
    """The keys of a chord that the keyboard does not have."""
    return [key for key in keys_of(chord) if key not in _keyboard().keys]


def proper_name(key: str) -> str:
    """How a key is called here that others call something else (``Esc``); any other name stays as it is."""
    known = _keyboard()
    folded = {name.lower(): name for name in sorted(known.keys) if len(name) > 1}
    aliases = {name.lower(): name_here for name, name_here in known.also_called.items()}
    if key in known.keys:
        return key
    return aliases.get(key.lower()) or folded.get(key.lower(), key)


def key_names() -> list[str]:
    """The names that are words."""
    return sorted(name for name in _keyboard().keys if len(name) > 1)

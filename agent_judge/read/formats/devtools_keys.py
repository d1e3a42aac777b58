"""Names of keys: Puppeteer's, which DevTools records, and Playwright's, which scenarios use."""

from __future__ import annotations

import re

from agent_judge.schema.keys import proper_name

_SIDED = re.compile(r"^(Shift|Control|Alt|Meta)(?:Left|Right)$")
_TO_PLAYWRIGHT = {" ": "Space", "Space": "Space", "\r": "Enter", "\n": "Enter", "NumpadEnter": "Enter"}


def playwright_key(key: str) -> str:
    """Puppeteer's name of a key as Playwright writes it."""
    sided = _SIDED.match(key)
    if sided:
        return sided[1]
    letter = re.match(r"^(?:Key([A-Z])|Digit(\d))$", key)
    if letter:
        return (letter[1] or letter[2]).lower()
    return proper_name(_TO_PLAYWRIGHT.get(key, key))


def puppeteer_keys(chord: str) -> list[str]:
    """The keys of a chord (``Control+a``), in the order in which they go down, as Puppeteer names them."""
    parts = [part or "+" for part in re.split(r"(?<!^)\+(?!$)", chord)]
    return [{"ControlOrMeta": "Control", "Space": " "}.get(part, part) for part in parts]

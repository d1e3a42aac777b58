"""ARIA roles as XPath conditions, for tools whose selectors know no roles."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path

_DATA = Path(__file__).with_name("roles_xpath.toml")


def role_xpath(role: str) -> str:
    """The condition that an element of a role meets."""
    own = _conditions().get(role)
    given = f"@role={xpath_text(role)}"
    return f"({own} or {given})" if own else given


def role_of_xpath(condition: str) -> str:
    """The role that :func:`role_xpath` gives a condition for; nothing where there is none."""
    given = re.search(r"@role=[\"']([a-z-]+)[\"']\)?$", condition)
    return given[1] if given and condition == role_xpath(given[1]) else ""


def xpath_text(text: str) -> str:
    """Text as an XPath literal; one with both kinds of quotes is put together."""
    if '"' not in text:
        return f'"{text}"'
    if "'" not in text:
        return f"'{text}'"
    parts = ", '\"', ".join(f'"{part}"' for part in text.split('"'))
    return f"concat({parts})"


@cache
def _conditions() -> dict[str, str]:
    return tomllib.loads(_DATA.read_text(encoding="utf-8"))

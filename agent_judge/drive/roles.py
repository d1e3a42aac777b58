"""Which role can stand in for which, read from ``roles.toml``."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from itertools import permutations
from typing import Any

INTERACTIVE = frozenset(
    [
        "button",
        "link",
        "menuitem",
        "tab",
        "clickable",
        "checkbox",
        "switch",
        "radio",
        "option",
        "menuitemcheckbox",
        "menuitemradio",
        "textbox",
        "searchbox",
        "spinbutton",
        "combobox",
        "listbox",
        "slider",
        "treeitem",
        "gridcell",
        "canvas",
    ]
)
"""Roles that a person acts on."""

ENTRIES = frozenset(["listitem", "row", "article", "treeitem", "option"])
"""Roles of one entry among many of its kind."""

_STRANGER = 0.25
"""How well a role stands in for one that it has nothing to do with."""


def role_fit(wanted: str, found: str) -> float:
    """How well an element of role ``found`` stands in for one of role ``wanted``, 0 to 1."""
    if not wanted:
        return 1.0 if found in INTERACTIVE else 0.9
    return 1.0 if wanted == found else _fits().get((wanted, found), _STRANGER)


def accepted_roles(action: str) -> frozenset[str] | None:
    """Roles that an action can be done to; ``None`` is any."""
    roles = _data()["accepts"].get(action)
    return frozenset(roles) if roles else None


@cache
def _data() -> dict[str, Any]:
    return tomllib.loads((files(__package__) / "roles.toml").read_text(encoding="utf-8"))


@cache
def _fits() -> dict[tuple[str, str], float]:
    fits: dict[tuple[str, str], float] = {}
    for family in _data()["family"]:
        for pair in permutations(family["roles"], 2):
            fits[pair] = max(fits.get(pair, 0.0), family["fit"])
    for pair in _data()["stand_in"]:
        for wanted in pair["wanted"]:
            for found in pair["found"]:
                fits[wanted, found] = max(fits.get((wanted, found), 0.0), pair["fit"])
    return fits

"""The lists of a page, and the entries that they consist of."""

from __future__ import annotations

from collections.abc import Iterator

from agent_judge.drive.roles import ENTRIES, INTERACTIVE
from agent_judge.drive.snapshot import Node

LARGEST_ENTRY = 40
"""An entry has hardly more nodes than this."""
_ALIKE = 0.6
"""Entries of one list share at least such a part of the roles within them."""


def entry_of(source: Node) -> Node | None:
    """The entry of a list that a text belongs to: the smallest part with controls that has others like it beside it.

    A control that stands beside others is no entry itself where it is part of one.
    """
    alone: Node | None = None
    for node in (source, *source.ancestors()):
        if node.parent is None or not has_controls(node) or next(twins_of(node), None) is None:
            continue
        if not _is_control(node):
            return node if alone is None or node.size <= LARGEST_ENTRY else alone
        alone = alone or node
    return alone


def _is_control(node: Node) -> bool:
    """Whether it is one thing to act on, which holds no others."""
    acts = node.role in INTERACTIVE or "cursor" in node.states
    return (
        acts
        and node.role not in ENTRIES
        and not any(child.kinds & (INTERACTIVE | {"clickable"}) for child in node.children)
    )


def twins_of(entry: Node) -> Iterator[Node]:
    """The other entries of an entry's list."""
    beside = entry.parent.children if entry.parent else []
    return (other for other in beside if other is not entry and built_alike(entry, other))


def has_controls(node: Node) -> bool:
    """Whether there is anything to act on in a part of the page."""
    return any(role in INTERACTIVE or role == "clickable" for role in node.kinds)


def built_alike(one: Node, other: Node) -> bool:
    """Whether two parts of the page are built alike."""
    if one.role != other.role or not has_controls(other):
        return False
    return len(one.kinds & other.kinds) >= _ALIKE * len(one.kinds | other.kinds)

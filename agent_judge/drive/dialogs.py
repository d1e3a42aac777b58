"""Dialogs that are open over a page."""

from __future__ import annotations

from collections.abc import Sequence

from agent_judge.drive.candidates import FIELDS, Candidate
from agent_judge.drive.roles import INTERACTIVE
from agent_judge.drive.snapshot import Node

_DIALOGS = frozenset(("dialog", "alertdialog"))


def in_front(candidates: Sequence[Candidate], *, modal: bool = False) -> Sequence[Candidate]:
    """Only what is in a dialog can be used while it is open: with something to enter, or known to be modal."""
    candidates = not_covered(candidates)
    dialog = front_dialog(candidates[0].node.root, modal=modal) if candidates else None
    if dialog is None:
        return candidates
    inside = {id(node) for node in dialog.walk()}
    return [one for one in candidates if id(one.node) in inside]


def not_covered(candidates: Sequence[Candidate]) -> Sequence[Candidate]:
    """Leaves out what lies behind something that covers the whole page."""
    return [one for one in candidates if not one.behind] if any(one.behind for one in candidates) else candidates


def front_dialog(root: Node, *, modal: bool) -> Node | None:
    """The dialog that is in front: with something to enter, or with any control where it is known to be modal."""
    asks = (node for node in root.walk() if node.role in _DIALOGS and node.has_role_within(INTERACTIVE))
    return open_dialog(root) or (next(asks, None) if modal else None)


def open_dialog(root: Node) -> Node | None:
    """The dialog with something to enter that is open, if any."""
    return next((node for node in root.walk() if node.role in _DIALOGS and _takes_input(node)), None)


def _takes_input(node: Node) -> bool:
    return any(one.role in FIELDS and one.ref for one in node.walk())

"""What is new on a page since the step before: what a step leads to is mostly used next."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Hashable
from dataclasses import dataclass

from agent_judge.drive.candidates import FIELDS
from agent_judge.drive.lazy import cached_property
from agent_judge.drive.observe import View
from agent_judge.drive.roles import INTERACTIVE
from agent_judge.drive.snapshot import Node

_NUMBER = re.compile(r"\d+")
_LONGEST = 60
_LARGEST = 20
"""Nodes of a part of the page whose text tells what is in it from what is in others."""
_ANOTHER_PAGE = 0.6
"""Where a larger part of what can be acted on is new, the page is another one, which says nothing."""
_HOLDS_A_VALUE = FIELDS - {"listbox"}
"""Whose text is what was entered; the options of a list are parts of the page."""
LIKELY_NEW = 0.5
"""What is likelier new than this counts as new."""
_LEADS_NOWHERE = frozenset(("wait", "scroll", "resize"))
_LEADS_ELSEWHERE = frozenset(("goto",))


class Look:
    """What a page shows, with the parts that are new since an earlier look."""

    def __init__(self, view: View, before: Look | None = None) -> None:
        self.view = view
        self._before = before

    @cached_property
    def marks(self) -> Counter[Hashable]:
        """How many parts of the page look the same, by what is told of them."""
        return Counter(_mark(node) for node in self.view.tree.walk() if node.role != "text")

    def new(self, node: Node) -> float:
        """How likely a part of the page is new, 0 to 1: of several that look the same, as many as there are more."""
        if self._before is None:
            return 0.0
        mark = _mark(node)
        return max(0, self.marks[mark] - self._before.marks[mark]) / max(1, self.marks[mark])

    @cached_property
    def tells(self) -> bool:
        """Whether something is new that can be acted on, and the page is still the same."""
        if self._before is None or self._before.view.snapshot == self.view.snapshot:
            return False
        parts = [node for node in self.view.tree.walk() if _is_used(node)]
        share = sum(map(self.new, parts)) / max(1, len(parts))
        return 0 < share <= _ANOTHER_PAGE


@dataclass
class Looks:
    """The page as each of the last two steps found it."""

    did: str = ""
    """What the step before did, but for what leads nowhere."""
    _then: Look | None = None
    _found: Look | None = None
    _doing: str = ""
    _now: Look | None = None

    def begin(self, do: str, view: View) -> None:
        """Takes note that a step begins, which may look at the page several times."""
        if do in _LEADS_NOWHERE:
            return
        self._then = None if self._doing in _LEADS_ELSEWHERE else self._found
        self.did, self._doing, self._found, self._now = self._doing, do, Look(view), None

    def at(self, view: View) -> Look:
        """The look at the page now, beside the page as the step before found it."""
        if self._now is None or self._now.view is not view:
            self._now = Look(view, self._then)
        return self._now


def _is_used(node: Node) -> bool:
    return node.role in INTERACTIVE or "cursor" in node.states


def _mark(node: Node) -> Hashable:
    """What tells a part of the page from others, whatever is entered or counted there.

    What can be used and has no name is told apart by what stands around it.
    """
    held = "" if node.role in _HOLDS_A_VALUE else node.own_text
    around = _around(node) if _is_used(node) and not node.name and not held else ""
    return node.role, *(_NUMBER.sub("0", text[:_LONGEST]) for text in (node.name, held, around))


def _around(node: Node) -> str:
    for part in node.ancestors():
        if part.size > _LARGEST:
            break
        fields = [one for one in part.walk() if one.role in _HOLDS_A_VALUE]
        read = [one.name for one in part.walk() if one.name and not any(field.holds(one) for field in fields)]
        if read:
            return " ".join(read)
    return ""

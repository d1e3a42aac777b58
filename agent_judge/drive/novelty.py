"""What is new on a page since the step before: what a step leads to is mostly used next."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable
from dataclasses import dataclass, field

from agent_judge.drive.lazy import cached_property
from agent_judge.drive.roles import INTERACTIVE
from agent_judge.drive.snapshot import Node
from agent_judge.schema import Step

_LONGEST = 60
_LARGEST = 20
"""Nodes of a part of the page whose text tells what is in it from what is in others."""
_ANOTHER_PAGE = 0.6
"""Where a larger part of what can be acted on is new, the page is another one, which says nothing."""


class Look:
    """What a page shows, with the parts that are new since an earlier look at it."""

    def __init__(self, root: Node, before: Look | None = None) -> None:
        self.root = root
        self._before = before

    def without_past(self) -> Look:
        """The same, with nothing known of what was before it."""
        self._before = None
        return self

    @cached_property
    def marks(self) -> Counter[Hashable]:
        """How many parts of the page look the same, by what is told of them."""
        return Counter(_mark(node) for node in self.root.walk() if node.role != "text")

    def new(self, node: Node) -> float:
        """How likely a part of the page is new, 0 to 1: of several that look the same, as many as there are more."""
        if self._before is None:
            return 0.0
        mark = _mark(node)
        return max(0, self.marks[mark] - self._before.marks[mark]) / max(1, self.marks[mark])

    @cached_property
    def tells(self) -> bool:
        """Whether something is new that can be acted on, and the page is still the same."""
        parts = [node for node in self.root.walk() if node.role in INTERACTIVE or "cursor" in node.states]
        share = sum(map(self.new, parts)) / max(1, len(parts))
        return 0 < share <= _ANOTHER_PAGE


@dataclass
class Looks:
    """The look at the page when a step began, beside that of the step before."""

    _now: Look | None = None
    _then: Look | None = None
    _step: Step | None = field(default=None, repr=False)
    _last: Step | None = field(default=None, repr=False)

    def at(self, step: Step, root: Node) -> tuple[Look, str]:
        """The look at a page for a step, which may be looked at again, and what the step before did."""
        if self._step != step:
            self._then = self._now.without_past() if self._now else None
            self._last, self._step = self._step, step
        if self._now is None or self._now.root is not root:
            self._now = Look(root, self._then)
        return self._now, self._last.do if self._last else ""


def _mark(node: Node) -> Hashable:
    """What tells a part of the page from others, told apart by what stands around it where it has no name."""
    parent = None if node.name else node.parent
    around = parent.text[:_LONGEST] if parent and parent.size <= _LARGEST else ""
    return node.role, node.name, node.own_text[:_LONGEST], around

"""Playwright's AI accessibility snapshot, parsed: a tree of nodes with refs, states and boxes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from agent_judge.drive.lazy import cached_property
from agent_judge.drive.lexicon import normalise
from agent_judge.schema import Box

_NAME = r'(?: "((?:[^"\\]|\\.)*)")?'
_ATTRIBUTES = (
    r"((?: \[(?!ref=|box=)[^\]]*\])*)(?: \[ref=([^\]]*)\])?((?: \[(?!box=)[^\]]*\])*)"
    r"(?: \[box=([^,\]]*),([^,\]]*),([^,\]]*),([^,\]]*)\])?"
)
"""States stand before the ref and after it, and the box comes last."""
_ITEM = re.compile(rf"^( *)- (?:([\w-]+){_NAME}{_ATTRIBUTES}(?::(?: (.*))?)?$|(.*))", re.MULTILINE)
_QUOTED_KEY = re.compile(r"'((?:[^']|'')*)'(?::(?: (.*))?)?$")
_KEY = re.compile(rf"([\w-]+){_NAME}{_ATTRIBUTES}$")
_STATE = re.compile(r" \[([^\]=]*)=?([^\]]*)\]")
_VOLATILE = re.compile(r" \[(?:ref|box)=[^\]]*\]| \[active\]| \[cursor=pointer\]")
_ESCAPE = re.compile(r'\\(?:x([0-9a-f]{2})|(["\\bfnrt]))')
_ESCAPED = {'"': '"', "\\": "\\", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}


class Rect(NamedTuple):
    """A rectangle in CSS pixels, relative to the viewport."""

    x: float
    y: float
    width: float
    height: float

    @property
    def middle(self) -> tuple[float, float]:
        """Its centre."""
        return self.x + self.width / 2, self.y + self.height / 2

    @property
    def area(self) -> float:
        """Its area in square pixels."""
        return self.width * self.height

    def holds(self, x: float, y: float) -> bool:
        """Whether a point lies in it."""
        return self.x <= x <= self.x + self.width and self.y <= y <= self.y + self.height

    def surrounds(self, other: Rect) -> bool:
        """Whether another lies in it and is smaller."""
        right, bottom = other.x + other.width, other.y + other.height
        return self.area > other.area and self.holds(other.x, other.y) and self.holds(right, bottom)

    def box(self) -> Box:
        """The same in the words of the schema."""
        return Box(x=self.x, y=self.y, width=self.width, height=self.height)


@dataclass(eq=False)
class Node:
    """One line of the snapshot. Text between elements is a node of role ``text``."""

    role: str
    name: str = ""
    ref: str = ""
    states: dict[str, str] = field(default_factory=dict)
    """``checked``, ``disabled``, ``pressed``, ``selected``, ``expanded``, ``level``, ``cursor``, ..."""
    placeholder: str = ""
    rect: Rect | None = None
    children: list[Node] = field(default_factory=list)
    parent: Node | None = None
    order: int = 0
    all: Sequence[Node] = field(default=(), repr=False)
    """Every node of the snapshot, in document order."""
    place: int = 0
    """Where it stands among all."""

    def walk(self) -> Iterator[Node]:
        """This node and all below it, in document order."""
        if self.all:
            return iter(self.all[self.place : self.place + self.size])
        return self._walk_down()

    def _walk_down(self) -> Iterator[Node]:
        yield self
        for child in self.children:
            yield from child.walk()

    def holds(self, other: Node) -> bool:
        """Whether another node of the same snapshot lies in it, or is it."""
        return self.place <= other.place < self.place + self.size

    def ancestors(self) -> Iterator[Node]:
        """Its parent, the parent's parent, and so on."""
        node = self.parent
        while node is not None:
            yield node
            node = node.parent

    def has_role_within(self, roles: frozenset[str]) -> bool:
        """Whether it, or anything within it, has one of these roles."""
        known = self._has_role.get(roles)
        if known is None:
            known = self.role in roles or any(child.has_role_within(roles) for child in self.children)
            self._has_role[roles] = known
        return known

    @cached_property
    def _has_role(self) -> dict[frozenset[str], bool]:
        return {}

    @cached_property
    def size(self) -> int:
        """How many nodes it consists of, itself included."""
        return 1 + sum(child.size for child in self.children)

    @cached_property
    def kinds(self) -> frozenset[str]:
        """The roles of it and of all within it; what has a pointer cursor is ``clickable``."""
        own = {self.role, "clickable"} if "cursor" in self.states else {self.role}
        return frozenset(own).union(*(child.kinds for child in self.children))

    @cached_property
    def shown(self) -> str:
        """All names and texts in it, folded for searching, a line each."""
        return "\n".join(normalise(node.name) for node in self.walk() if node.name)

    @property
    def root(self) -> Node:
        """The whole snapshot."""
        if self.all:
            return self.all[0]
        node = self
        while node.parent is not None:
            node = node.parent
        return node

    @cached_property
    def text(self) -> str:
        """All text below it, as read; its name where there is none."""
        parts = [child.name if child.role == "text" else child.text for child in self.children]
        return " ".join(part for part in parts if part) or self.name

    @cached_property
    def own_text(self) -> str:
        """Text directly in it; for a field, its value."""
        return " ".join(child.name for child in self.children if child.role == "text")


def parse_snapshot(snapshot: str) -> Node:
    """Parses what ``page.aria_snapshot(mode="ai", boxes=True)`` gives, into a tree under one ``fragment``.

    Boxes inside frames are moved so that all are relative to the page's viewport.
    """
    root = Node("fragment")
    nodes = [root]
    open_nodes: list[tuple[int, Node]] = [(-1, root)]
    order = 0
    for item in _ITEM.finditer(snapshot):
        indent, role, *told, value, other = item.groups()
        depth = len(indent)
        while open_nodes[-1][0] >= depth:
            open_nodes.pop()
        parent = open_nodes[-1][1]
        if other and other.startswith("/"):
            _set_property(parent, other)
            continue
        order += 1
        node = _node(role, told, value) if role else _quoted_node(other)
        node.order, node.parent = order, parent
        parent.children.append(node)
        open_nodes.append((depth, node))
        nodes += (node, *node.children)
    _number(nodes)
    if "- iframe" in snapshot:
        _place_frames(root, 0, 0)
    return root


def _number(nodes: Sequence[Node]) -> None:
    """Tells every node, in document order, its place among all and its size, so that walking it needs no search."""
    sizes = [1] * len(nodes)
    for place, node in enumerate(nodes):
        node.place, node.all = place, nodes
    for node in reversed(nodes):
        node.__dict__["size"] = sizes[node.place]
        if node.parent is not None:
            sizes[node.parent.place] += sizes[node.place]


def snapshot_lines(snapshot: str) -> list[str]:
    """The snapshot's lines without what differs between two looks at the same page: refs, boxes, focus."""
    return [_VOLATILE.sub("", line).strip() for line in snapshot.split("\n")]


def _node(role: str, told: Sequence[str | None], value: str | None) -> Node:
    """A node of what ``_NAME`` and ``_ATTRIBUTES`` read of a line, and the text after its colon."""
    name, before, ref, after, x, y, width, height = told
    if role == "text" and not (before or ref or after or x):
        return Node("text", _unquote(value or ""))
    node = Node(role, _unescape(name) if name else "", ref or "")
    if before or after:
        node.states = {key: content or "true" for key, content in _STATE.findall(f"{before}{after}")}
    if x and y and width and height:
        node.rect = Rect(float(x), float(y), float(width), float(height))
    if value:
        node.children.append(Node("text", _unquote(value), parent=node))
    return node


def _quoted_node(item: str) -> Node:
    """A line whose key is quoted, since its name has signs that mean something in YAML."""
    quoted = _QUOTED_KEY.match(item)
    key = _KEY.match(quoted[1].replace("''", "'")) if quoted else None
    if quoted is None or key is None:
        return Node("text", item)
    return _node(key[1], key.groups()[1:], quoted[2])


def _unescape(name: str) -> str:
    return str(json.loads(f'"{name}"')) if "\\" in name else name


def _set_property(node: Node, item: str) -> None:
    name, _, value = item.partition(": ")
    if name == "/placeholder":
        node.placeholder = _unquote(value)


def _unquote(value: str) -> str:
    if not (len(value) > 1 and value[0] == '"' and value[-1] == '"'):
        return value
    return _ESCAPE.sub(lambda match: chr(int(match[1], 16)) if match[1] else _ESCAPED[match[2]], value[1:-1])


def _place_frames(node: Node, dx: float, dy: float) -> None:
    if node.rect and (dx or dy):
        node.rect = node.rect._replace(x=node.rect.x + dx, y=node.rect.y + dy)
    if node.role == "iframe" and node.rect:
        dx, dy = node.rect.x, node.rect.y
    for child in node.children:
        _place_frames(child, dx, dy)

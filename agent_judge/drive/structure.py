"""What the place of an element in the page tells: in a form, beside a field, one of several to choose from."""

from __future__ import annotations

from collections.abc import Sequence

from agent_judge.drive.candidates import FIELDS, Candidate
from agent_judge.drive.lexicon import normalise, says
from agent_judge.drive.reading import read_name, speaks_of_search
from agent_judge.drive.snapshot import Node, Rect
from agent_judge.schema import Box

CHOICES = frozenset(("radio", "menuitemradio", "option", "tab"))
_OFFERED = CHOICES | {"button", "link"}
_TYPED_INTO = frozenset(("textbox",))
_PUSHED = frozenset(("button", "clickable"))
_FEW = 12
_LARGEST_FORM = 40


def is_a_choice(root: Node, name: str) -> bool:
    """Whether a name is that of something to choose, rather than of an entry of the page."""
    called = normalise(name)
    return any(
        normalise(node.name) == called and (node.role in CHOICES or is_offered(node))
        for node in root.walk()
        if node.name
    )


def names_an_entry(text: str) -> bool:
    """Whether a text is more than the name of a common part of user interfaces: ``Coffee mug``, but not ``Address``."""
    return any(unit.kind in ("word", "number") for unit in read_name(text))


def beside_field(candidate: Candidate) -> bool:
    """Whether a button stands beside a field that can be typed into: it rather confirms what is entered there."""
    return bool(_fields_beside(candidate))


def _fields_beside(candidate: Candidate) -> list[Node]:
    if candidate.is_field:
        return []
    around = [node for node in candidate.node.ancestors() if node.size > 1][:2]
    return [one for node in around if node.size <= _FEW for one in node.walk() if one.role in _TYPED_INTO]


def ends_form(candidate: Candidate) -> bool:
    """Whether a button is the last thing in a form: it confirms what is entered there."""
    if not _PUSHED & {*candidate.roles}:
        return False
    form = next((node for node in candidate.node.ancestors() if node.kinds & _TYPED_INTO), None)
    if form is None or form.size > _LARGEST_FORM:
        return False
    typed = [node for node in form.walk() if node.role in _TYPED_INTO and node.ref]
    return len(typed) > 1 and candidate.node.place > typed[-1].place


def sends(candidate: Candidate) -> bool:
    """Whether a button rather sends what was entered than opens a place to enter something.

    It ends a form, or stands beside a field, unless that is for searching, as bars of tools have one.
    """
    beside = _fields_beside(candidate)
    return ends_form(candidate) or (bool(beside) and not any(map(_searches, beside)))


def _searches(field: Node) -> bool:
    return any(speaks_of_search(read_name(text)) for text in (field.name, field.placeholder))


def is_offered(node: Node) -> bool:
    """Whether a text is the name of one of several controls that stand beside each other."""
    control = node if node.role in _OFFERED else node.parent
    if control is None or control.role not in _OFFERED or control.parent is None:
        return False
    alone = normalise(control.text or control.name) == normalise(node.name)
    return alone and sum(1 for one in control.parent.children if one.role == control.role) > 1


def shows(node: Node, texts: Sequence[str]) -> bool:
    """Whether one of the texts stands in a part of the page, other than as the value of a field."""
    read = [one for one in node.walk() if one.name and not (one.parent and one.parent.role in FIELDS)]
    shown = [one.name for one in read if not is_offered(one)]
    return any(text and says(name, text) for name in shown for text in texts)


def rect(box: Box) -> Rect:
    """A box of the schema as a rectangle."""
    return Rect(box.x, box.y, box.width, box.height)


def frames(outer: Candidate, inner: Candidate) -> bool:
    """Whether an element is only the frame of another, as a box is around its icon: a click on either is the same."""
    if outer.rect is None or inner.rect is None or outer.holds_controls:
        return False
    return outer.rect.surrounds(inner.rect) and bool({*outer.names.values()} & {*inner.names.values()})


def overlap(one: Rect, other: Rect) -> float:
    """Which share of both rectangles together they have in common, 0 to 1."""
    width = min(one.x + one.width, other.x + other.width) - max(one.x, other.x)
    height = min(one.y + one.height, other.y + other.height) - max(one.y, other.y)
    shared = max(width, 0) * max(height, 0)
    return shared / (one.area + other.area - shared) if shared else 0.0

"""The controls that an exploration may use: which are different, which come first, which may rightly do nothing."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from agent_judge.drive.candidates import Candidate, Collected, collect, enrich, snapshot_candidates
from agent_judge.drive.driver import Driver
from agent_judge.drive.lexicon import normalise
from agent_judge.drive.reading import read_name
from agent_judge.drive.roles import ENTRIES, INTERACTIVE

TOGGLES = frozenset(("checkbox", "switch", "radio", "menuitemcheckbox", "menuitemradio"))
BUTTONS = frozenset(("button", "clickable", "menuitem", "tab"))
_LATE = frozenset(("delete", "clear", "cancel", "close", "signout", "restart", "stop", "previous", "undo"))
"""Actions that take away what others need: done last."""
_MAY_DO_NOTHING = _LATE | {
    *("pause", "redo", "decrease", "filter", "sort", "reset", "all", "active", "home", "equals", "search", "refresh"),
    *("complete", "archive", "selectall", "recall", "store", "backspace"),
}
"""Meanings of controls that rightly do nothing in some states, so that nothing is said against them."""
_OPERATORS = frozenset(("sum", "subtract", "multiply", "divide", "decimal", "sign", "percent", "root", "power"))
_KEYPAD = 5
"""So many buttons called by a number make a keypad, whose operators show nothing until the next number."""
_CHOICE = 3
"""So many controls of one size beside each other may be a choice, of which the first is final."""
_IN_STATE = ("selected", "pressed", "checked", "expanded", "disabled", "current")
_STATE_WORDS = frozenset(("on", "off", "active", "selected", "current", "open", "checked", "is", "hover", "focus"))


async def usable_controls(driver: Driver) -> tuple[Collected, dict[str, Candidate]]:
    """The distinct controls that can be used now, by what makes them distinct, in document order."""
    view = await driver.observer.read()
    collected = await collect(driver.page, (), ())
    candidates = enrich(view.tree, snapshot_candidates(view.tree), collected)
    controls: dict[str, Candidate] = {}
    for one in sorted(candidates, key=lambda one: one.order):
        if one.disabled or not any(role in INTERACTIVE for role in one.roles) or not (one.rect and one.rect.area):
            continue
        if one.only_listened_for and one.holds_controls:
            continue
        controls.setdefault(_identity(one), one)
    return collected, controls


def urgency(control: Candidate) -> tuple[int, int]:
    """What to try first: an open dialog before the page behind it, fields before buttons, what destroys last."""
    in_dialog = any(node.role in ("dialog", "alertdialog") for node in control.node.ancestors())
    late = comes_late(control)
    if control.is_field:
        kind = 0
    elif control.role in TOGGLES:
        kind = 1
    elif control.roles[0] in BUTTONS and not control.only_listened_for:
        kind = 2
    else:
        kind = 3
    return (0 if in_dialog else 1) + (2 if late else 0) + (4 if control.only_listened_for else 0), kind


def comes_late(control: Candidate) -> bool:
    """Whether it takes away what others need."""
    return bool(_meanings(control) & _LATE)


def may_do_nothing(
    control: Candidate, controls: Mapping[str, Candidate], worked: Collection[str], *, as_at_first: bool
) -> bool:
    """Whether it is no fault if using it changes nothing: it is in that state already, or it depends on others.

    Args:
        control: The control.
        controls: All that can be used now.
        worked: Which of them, or of earlier ones, have had an effect.
        as_at_first: Whether the page says what it said at first, so that there is nothing to begin anew.
    """
    if control.only_listened_for or any(state in control.node.states for state in _IN_STATE):
        return True
    if sum(letter.isalpha() for letter in control.name) < 2 or _is_number(control):
        return True
    if removes_entry(control):
        return False
    units = [frozenset(unit.meanings) for unit in read_name(control.name) if unit.kind in ("action", "thing")]
    if any("restart" in unit for unit in units):
        return as_at_first
    if any(unit and unit <= _MAY_DO_NOTHING for unit in units):
        return True
    keypad = sum(_is_number(one) for one in controls.values()) >= _KEYPAD
    return (keypad and any(unit & _OPERATORS for unit in units)) or _is_left_choice(control, controls, worked)


def removes_entry(control: Candidate) -> bool:
    """Whether it is there to take away the entry that it stands in."""
    return "delete" in _meanings(control) and any(node.role in ENTRIES for node in control.node.ancestors())


def adds(control: Candidate) -> bool:
    """Whether it is there to add an entry."""
    return "add" in _meanings(control)


def is_same_group(control: Candidate, field: Candidate) -> bool:
    """Whether a field belongs to the form or group that a control is in."""
    near = [*control.node.ancestors()][:3]
    return any(around in near and around.role != "fragment" for around in [*field.node.ancestors()][:3])


def has_button_beside(control: Candidate) -> bool:
    """Whether there is a button in the field's form or group, which will be tried too."""
    near = list(control.node.ancestors())[:3]
    return any(node.role == "button" or "cursor" in node.states for around in near for node in around.walk())


def _is_left_choice(control: Candidate, controls: Mapping[str, Candidate], worked: Collection[str]) -> bool:
    """Whether the choice among it and others of its size beside it has been made: a quiz's answers."""
    alike = [key for key, one in controls.items() if _is_alternative(one, control)]
    effective = sum(key in worked for key in alike)
    return len(alike) >= _CHOICE and 0 < effective < len(alike) / 2


def _is_alternative(one: Candidate, other: Candidate) -> bool:
    if not (one.rect and other.rect) or one.roles != other.roles:
        return False
    grouped = one.node.parent is other.node.parent or (
        one.node.parent and other.node.parent and one.node.parent.parent is other.node.parent.parent
    )
    size = abs(one.rect.width - other.rect.width) <= 2 and abs(one.rect.height - other.rect.height) <= 2
    return bool(grouped) and size


def _identity(control: Candidate) -> str:
    """What makes a control a different one: its kind and name, not its state or which row of a list it stands in."""
    name = next((text for where, text in control.names.items() if where != "icon"), "")
    name = name or " ".join(word for word in control.drawn.split() if word not in _STATE_WORDS) or control.test_id
    if not name and control.node.parent:
        name = f"number {sum(1 for one in control.node.parent.children if one.order < control.node.order)}"
    return f"{control.role} {normalise(name)}"


def _is_number(control: Candidate) -> bool:
    return any(unit.kind == "number" for unit in read_name(control.name))


def _meanings(control: Candidate) -> frozenset[str]:
    names = [control.name, control.title, *([] if control.is_field else [control.drawn])]
    return frozenset(meaning for name in names if name for unit in read_name(name) for meaning in unit.meanings)

"""Whether what should follow a step came true, by meaning."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from agent_judge.drive.amounts import amounts_in, meant
from agent_judge.drive.candidates import FIELDS, Candidate, snapshot_candidates
from agent_judge.drive.complaints import complaints, follows_from
from agent_judge.drive.ground import Grounder, NotFound, Scored, in_words
from agent_judge.drive.lexicon import normalise, says
from agent_judge.drive.likeness import Wanted
from agent_judge.drive.observe import View
from agent_judge.drive.snapshot import Node
from agent_judge.protocols import PageLog
from agent_judge.schema import BlockedRequest, CountOf, Expectation, ExpectationResult, Target, ValueOf

_SEEN_LENGTH = 200
_SURELY = 0.7
"""What is only said to be there or not must fit better than what is acted on."""
_GROUPS = 2
"""How many groups around a caption are searched for the number that it names."""
_GROUP_SIZE = 30
"""A group with more nodes than this holds more than one number and its caption."""
_PASSING_ROLES = frozenset(("alert", "alertdialog", "dialog", "log", "status", "tooltip"))
_ON = frozenset(("true", "mixed"))
_NO_CENTS = re.compile(r"(?<=\d)[.,]00?(?!\d|[.,]\d)")


@dataclass(frozen=True)
class Scene:
    """The page after a step, and what it is compared with."""

    before: View
    after: View
    log: PageLog
    """What the page said since the step began."""
    picture_changed: bool | None = None
    """Whether it looks different; ``None`` where that has not been found out yet."""
    refused: Sequence[BlockedRequest] = ()
    """What the sandbox refused so far."""


def check(expectation: Expectation, scene: Scene, grounder: Grounder) -> ExpectationResult:
    """Checks one expectation against what is seen."""
    kind = expectation.kind
    if kind == "text":
        return _text(expectation.text or "", scene, grounder)
    if kind == "no_text":
        wanted = expectation.no_text or ""
        return _result(kind, not _readable(scene, wanted, grounder), f'no text "{wanted}"', "it is there")
    if kind == "url":
        wanted = expectation.url or ""
        return _result(kind, wanted in scene.after.url, f"address with {wanted}", scene.after.url)
    if kind == "changed":
        return _changed(bool(expectation.changed), scene)
    if kind == "no_errors":
        return _no_errors(bool(expectation.no_errors), scene)
    if kind == "count" and expectation.count:
        return _count(expectation.count, scene, grounder)
    if kind == "value" and expectation.value:
        return _value(expectation.value, scene, grounder)
    return _element(expectation, scene, grounder)


def passes(expectation: Expectation) -> bool:
    """Whether it is of a passing kind: an event, which needs to be seen at one moment only, say a toast.

    Any other says how the page is left: a step's expectations of that kind must hold
    together, at the moment at which the step is over.
    """
    if expectation.element:
        return expectation.element.role in _PASSING_ROLES
    return expectation.text is not None or expectation.changed is True


def needs_picture(expectation: Expectation, scene: Scene) -> bool:
    """Whether only comparing pictures can tell."""
    return expectation.changed is not None and scene.picture_changed is None and scene.before.reads_like(scene.after)


def _text(wanted: str, scene: Scene, grounder: Grounder) -> ExpectationResult:
    return _result("text", _readable(scene, wanted, grounder), f'text "{wanted}"', _excerpt(scene.after.text))


def _readable(scene: Scene, wanted: str, grounder: Grounder) -> bool:
    """Whether a text can be read anywhere: on the page, in a field, as a name, in a dialog box.

    What was entered in an earlier step and only still stands where it was entered does not count: so it would with an
    application that takes no notice.
    """
    view = scene.after
    if _tells(view.text, wanted) or any(_tells(text, wanted) for text in scene.log.dialogs):
        return True
    left = _left_standing(scene, grounder)
    return any(_tells(text, wanted) for node in view.tree.walk() for text in _said_by(node, left))


def _tells(text: str, wanted: str) -> bool:
    """Whether a text can be read in another; an amount without cents is there too where they are zero."""
    return says(text, wanted) or says(_NO_CENTS.sub("", text), wanted)


def _said_by(node: Node, left: list[Node]) -> tuple[str, ...]:
    if any(field is not node and field.holds(node) for field in left):
        return ()
    return (node.name,) if any(node.holds(field) for field in left) else (node.name, node.text)


def _left_standing(scene: Scene, grounder: Grounder) -> list[Node]:
    """The fields that hold what was entered in them before the step."""
    entered = {normalise(text) for text in grounder.memory.entered if text}
    before = {node.ref: node.own_text for node in scene.before.tree.walk() if node.role in FIELDS and node.ref}
    return [
        node
        for node in scene.after.tree.walk()
        if node.role in FIELDS and normalise(node.own_text) in entered and before.get(node.ref) == node.own_text
    ]


def _changed(wanted: bool, scene: Scene) -> ExpectationResult:
    changed = not scene.before.reads_like(scene.after) or bool(scene.picture_changed) or bool(scene.log.dialogs)
    expected = "something changes" if wanted else "nothing changes"
    return _result("changed", changed == wanted, expected, "nothing changed" if wanted else "it changed")


def _no_errors(wanted: bool, scene: Scene) -> ExpectationResult:
    wrong = [text for _, text in complaints(scene.log) if not follows_from(text, scene.refused)]
    return _result("no_errors", (not wrong) == wanted, "no errors", _excerpt("; ".join(wrong)))


def _count(wanted: CountOf, scene: Scene, grounder: Grounder) -> ExpectationResult:
    found = len(_fitting(wanted, scene, grounder))
    held = (
        (wanted.equals is None or found == wanted.equals)
        and (wanted.at_least is None or found >= wanted.at_least)
        and (wanted.at_most is None or found <= wanted.at_most)
    )
    bounds = [
        f"{words} {bound}"
        for words, bound in (("", wanted.equals), ("at least", wanted.at_least), ("at most", wanted.at_most))
        if bound is not None
    ]
    return _result("count", held, f"{' and '.join(bounds).strip()} of {in_words(wanted)}", str(found))


def _fitting(target: Target, scene: Scene, grounder: Grounder) -> list[Scored]:
    candidates = snapshot_candidates(scene.after.tree, actable=False)
    fitting = [one for one in grounder.rank(candidates, Wanted(target)) if one.score >= _SURELY]
    exact = [one for one in fitting if target.role in one.candidate.roles]
    named = target.name or target.label or target.text or target.placeholder or target.title or target.test_id
    return exact or (fitting if named else [])


def _value(wanted: ValueOf, scene: Scene, grounder: Grounder) -> ExpectationResult:
    if wanted.equals is not None:
        expected = f'{in_words(wanted)} is "{wanted.equals}"'
    elif wanted.contains is not None:
        expected = f'{in_words(wanted)} contains "{wanted.contains}"'
    else:
        expected = f"{in_words(wanted)} is {wanted.number:g}"
    choice = _choose(wanted, scene.after, grounder)
    if isinstance(choice, NotFound):
        return _result("value", False, expected, choice.reason)
    seen = _content(choice.candidate)
    held = (
        (wanted.equals is None or normalise(seen) == normalise(wanted.equals))
        and (wanted.contains is None or says(seen, wanted.contains))
        and (wanted.number is None or _has_number(wanted.number, wanted, choice.candidate, scene, grounder))
    )
    return _result("value", held, expected, seen or "nothing")


def _has_number(number: float, wanted: ValueOf, found: Candidate, scene: Scene, grounder: Grounder) -> bool:
    """Whether the number that the expectation speaks of is this one.

    An element that only names the number, say a caption, speaks of the one beside it.
    """
    earlier = _choose(wanted, scene.before, grounder)
    called = [wanted.name, wanted.label, wanted.text, wanted.title]
    now, before = _content(found), "" if isinstance(earlier, NotFound) else _content(earlier.candidate)
    if not (amounts_in(now) or found.is_field) and any(name and says(now, name) for name in called):
        now = _said_around(found)
        before = "" if isinstance(earlier, NotFound) else _said_around(earlier.candidate)
    return any(amount.is_about(number, wanted.tolerance) for amount in meant(now, [*called, wanted.near], before))


def _said_around(candidate: Candidate) -> str:
    """What the smallest group around an element says that has a number in it."""
    for around in list(candidate.node.ancestors())[:_GROUPS]:
        if around.size > _GROUP_SIZE:
            break
        if amounts_in(around.text):
            return around.text
    return ""


def _element(expectation: Expectation, scene: Scene, grounder: Grounder) -> ExpectationResult:
    kind = expectation.kind
    target = expectation.element or expectation.no_element or expectation.checked or expectation.unchecked
    if target is None:
        raise ValueError(f"unknown expectation {kind}")
    if kind in ("element", "no_element"):
        fitting = _fitting(target, scene, grounder)
        held = bool(fitting) == (kind == "element")
        words = in_words(target)
        seen = fitting[0].candidate.words if fitting else "nothing like it"
        return _result(kind, held, words if kind == "element" else f"no {words}", seen)
    choice = _choose(target, scene.after, grounder, "check")
    expected = f"{in_words(target)} is {'on' if kind == 'checked' else 'off'}"
    if isinstance(choice, NotFound):
        return _result(kind, False, expected, choice.reason)
    on = is_on(choice.candidate)
    return _result(kind, on == (kind == "checked"), expected, "on" if on else "off")


def is_on(candidate: Candidate) -> bool:
    """Whether a checkbox, switch, toggle or option is on."""
    states = candidate.node.states
    return any(states.get(state) in _ON for state in ("checked", "pressed", "selected"))


def _choose(target: Target, view: View, grounder: Grounder, action: str = "") -> Scored | NotFound:
    return grounder.choose(snapshot_candidates(view.tree, actable=False), Wanted(target, action))


def _content(candidate: Candidate) -> str:
    """What a field holds or an element says."""
    node = candidate.node
    if candidate.role == "combobox":
        chosen = [option.name for option in node.walk() if "selected" in option.states]
        return ", ".join(chosen) or node.own_text
    return node.own_text if candidate.is_field else node.text


def _result(kind: str, held: bool, expected: str, seen: str) -> ExpectationResult:
    return ExpectationResult.model_validate(
        {"kind": kind, "held": held, "expected": expected, "seen": "" if held else seen}
    )


def _excerpt(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= _SEEN_LENGTH else flat[: _SEEN_LENGTH - 1] + "…"

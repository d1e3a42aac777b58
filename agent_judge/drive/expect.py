"""Whether what should follow a step came true, by meaning."""

from __future__ import annotations

import re
from dataclasses import dataclass

from agent_judge.drive.candidates import Candidate, snapshot_candidates
from agent_judge.drive.ground import Grounder, NotFound, Scored, in_words
from agent_judge.drive.likeness import Wanted
from agent_judge.drive.observe import View
from agent_judge.drive.similarity import normalise, says
from agent_judge.protocols import PageLog
from agent_judge.schema import CountOf, Expectation, ExpectationResult, Target, ValueOf

_NUMBER = re.compile(r"[-−]?\d[\d.,'’\u00a0\u202f ]*")
_SEEN_LENGTH = 200
_SURELY = 0.7
"""What is only said to be there or not must fit better than what is acted on."""
_ON = frozenset(("true", "mixed"))


@dataclass(frozen=True)
class Scene:
    """The page after a step, and what it is compared with."""

    before: View
    after: View
    log: PageLog
    """What the page said since the step began."""
    picture_changed: bool | None = None
    """Whether it looks different; ``None`` where that has not been found out yet."""


def check(expectation: Expectation, scene: Scene, grounder: Grounder) -> ExpectationResult:
    """Checks one expectation against what is seen."""
    kind = expectation.kind
    if kind == "text":
        return _text(expectation.text or "", scene)
    if kind == "no_text":
        wanted = expectation.no_text or ""
        return _result(kind, not _readable(scene, wanted), f'no text "{wanted}"', "it is there")
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


def needs_picture(expectation: Expectation, scene: Scene) -> bool:
    """Whether only comparing pictures can tell."""
    return expectation.changed is not None and scene.picture_changed is None and scene.before.reads_like(scene.after)


def _text(wanted: str, scene: Scene) -> ExpectationResult:
    return _result("text", _readable(scene, wanted), f'text "{wanted}"', _excerpt(scene.after.text))


def _readable(scene: Scene, wanted: str) -> bool:
    """Whether a text can be read anywhere: on the page, in a field, as a name, in a dialog box."""
    view = scene.after
    if says(view.text, wanted) or any(says(text, wanted) for text in scene.log.dialogs):
        return True
    return any(says(node.name, wanted) or says(node.text, wanted) for node in view.tree.walk())


def _changed(wanted: bool, scene: Scene) -> ExpectationResult:
    changed = not scene.before.reads_like(scene.after) or bool(scene.picture_changed) or bool(scene.log.dialogs)
    expected = "something changes" if wanted else "nothing changes"
    return _result("changed", changed == wanted, expected, "nothing changed" if wanted else "it changed")


def _no_errors(wanted: bool, scene: Scene) -> ExpectationResult:
    log = scene.log
    wrong = [*log.errors, *(line.text for line in log.console if line.level == "error"), *log.failed_requests]
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
    choice = _choose(wanted, scene, grounder)
    if isinstance(choice, NotFound):
        return _result("value", False, expected, choice.reason)
    seen = _content(choice.candidate)
    return _result("value", _has_value(seen, wanted), expected, seen or "nothing")


def _has_value(seen: str, wanted: ValueOf) -> bool:
    if wanted.equals is not None and normalise(seen) != normalise(wanted.equals):
        return False
    if wanted.contains is not None and not says(seen, wanted.contains):
        return False
    if wanted.number is not None:
        return any(abs(number - wanted.number) <= wanted.tolerance for number in numbers_in(seen))
    return True


def numbers_in(text: str) -> list[float]:
    """All numbers in a text, whichever way it groups thousands and marks decimals."""
    found = []
    for match in _NUMBER.findall(text):
        digits = re.sub(r"['’\s]", "", match).replace("−", "-").rstrip(".,")
        for reading in _readings(digits):
            try:
                found.append(float(reading))
            except ValueError:
                continue
    return found


def _readings(digits: str) -> list[str]:
    """``1,234`` may be a thousand or a fraction: both are read. Of two different marks the last is the decimal one."""
    comma, dot = digits.rfind(","), digits.rfind(".")
    if comma >= 0 and dot >= 0:
        thousands = "," if dot > comma else "."
        return [digits.replace(thousands, "").replace(",", ".")]
    if comma >= 0:
        return list(dict.fromkeys([digits.replace(",", ""), digits.replace(",", ".", 1).replace(",", "")]))
    if dot >= 0:
        return list(dict.fromkeys([digits, digits.replace(".", "")])) if digits.count(".") > 1 else [digits]
    return [digits]


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
    choice = _choose(target, scene, grounder, "check")
    expected = f"{in_words(target)} is {'on' if kind == 'checked' else 'off'}"
    if isinstance(choice, NotFound):
        return _result(kind, False, expected, choice.reason)
    on = is_on(choice.candidate)
    return _result(kind, on == (kind == "checked"), expected, "on" if on else "off")


def is_on(candidate: Candidate) -> bool:
    """Whether a checkbox, switch, toggle or option is on."""
    states = candidate.node.states
    return any(states.get(state) in _ON for state in ("checked", "pressed", "selected"))


def _choose(target: Target, scene: Scene, grounder: Grounder, action: str = "") -> Scored | NotFound:
    return grounder.choose(snapshot_candidates(scene.after.tree, actable=False), Wanted(target, action))


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

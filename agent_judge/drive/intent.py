"""The element for a step, and the step's action as this page wants it done.

The same intent is served in different ways: an add button or Enter in the field, a
select or a row of radio buttons, an edit button or a double click on the text. Where
the step's own way is not there, the others are looked for, each by a rule that is
deterministic and says what it needs to see.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from agent_judge.drive.candidates import Candidate
from agent_judge.drive.ground import Found, Grounder, NotFound, Scored, Search, in_front
from agent_judge.drive.likeness import Wanted
from agent_judge.drive.observe import View
from agent_judge.drive.similarity import Unit, alike, misses_intent, normalise, read_intent, read_name, serves
from agent_judge.schema import Step, Target

_SURE = 0.75
"""From this score on, other ways are not looked for."""
_SAME_OPTION = 0.65
_CLEARLY = 0.05
_CONFIRMS = frozenset(("add", "save", "search", "equals", "confirm"))
"""What Enter does in a field."""
_EDITS = frozenset(("edit",))
_SETTLES = frozenset(("add", "save", "edit", "confirm", "submit", "complete"))
"""What the confirming button of a dialog does."""


@dataclass(frozen=True)
class Chosen:
    """The element for a step, and the step as it is done here."""

    found: Found
    step: Step


async def choose_for_step(grounder: Grounder, view: View, step: Step) -> Chosen | NotFound:
    """Finds the element for a step whose target is given, or another way to do what the step intends."""
    if step.target is None:
        raise ValueError("the step names no element")
    value = step.value if isinstance(step.value, str) and step.do == "fill" else ""
    wanted = Wanted(step.target, step.do, step.intent, value)
    search = await grounder.search(view, wanted)
    least = search.choice.score if isinstance(search.choice, Scored) else 0.0
    if least < _SURE:
        for way in _WAYS:
            other = way(grounder, search.candidates, step, wanted)
            if other and other[0].score > least:
                return await _chosen(grounder, search, *other)
    return (
        search.choice if isinstance(search.choice, NotFound) else await _chosen(grounder, search, search.choice, step)
    )


async def _chosen(grounder: Grounder, search: Search, choice: Scored, step: Step) -> Chosen | NotFound:
    found = await grounder.found(choice, search)
    return Chosen(found, step) if isinstance(found, Found) else found


Way = tuple[Scored, Step]


def _option_instead_of_select(
    grounder: Grounder, candidates: Sequence[Candidate], step: Step, wanted: Wanted
) -> Way | None:
    """A radio button, tab or button for each choice, where a list was chosen from."""
    if step.do != "select" or not isinstance(step.value, str):
        return None
    target = Target(role="radio", name=step.value)
    choice = grounder.choose(candidates, Wanted(target, "click", step.intent))
    return (choice, _redone(step, "click")) if isinstance(choice, Scored) else None


def _select_that_offers(grounder: Grounder, candidates: Sequence[Candidate], step: Step, wanted: Wanted) -> Way | None:
    """The only list that offers what is to be chosen, whatever the list is called."""
    if step.do != "select" or not isinstance(step.value, str):
        return None
    value = normalise(step.value)
    offering = [one for one in candidates if any(normalise(option) == value for option in one.options)]
    if len(offering) != 1 or wanted.contradicts(offering[0]):
        return None
    return Scored(offering[0], 0.68, "offers"), step


def _select_instead_of_option(
    grounder: Grounder, candidates: Sequence[Candidate], step: Step, wanted: Wanted
) -> Way | None:
    """A list to choose from, where each choice was a button, link, tab or radio button."""
    chooses = step.do == "click" or wanted.target.role in ("radio", "option", "menuitemradio")
    if not chooses or grounder.near(wanted) in grounder.memory.entered:
        return None
    options = [(one, option) for one in candidates for option in one.options]
    scored = sorted(((_means(option, wanted), number) for number, (_, option) in enumerate(options)), reverse=True)
    if not scored or scored[0][0] < _SAME_OPTION or (len(scored) > 1 and scored[0][0] - scored[1][0] < _CLEARLY):
        return None
    score, number = scored[0]
    candidate, option = options[number]
    return Scored(candidate, round(score, 4), "option"), _redone(step, "select", value=option)


def _means(option: str, wanted: Wanted) -> float:
    if wanted.purpose and misses_intent(wanted.purpose, option):
        return 0.0
    named = max((alike(name, option) for name in wanted.namings.values()), default=0.0)
    return max(named, 0.9 * serves(option, wanted.purpose) if wanted.purpose else 0.0)


def _confirm_in_dialog(grounder: Grounder, candidates: Sequence[Candidate], step: Step, wanted: Wanted) -> Way | None:
    """The one button that confirms what was entered in an open dialog, whatever it is called there."""
    actions = [unit for unit in read_intent(wanted.purpose) if unit.kind == "action"] or list(_named(wanted))
    if step.do != "click" or not actions or not actions[0].meanings & _CONFIRMS:
        return None
    inside = [one for one in in_front(candidates) if one.role == "button"]
    if len(inside) == len([one for one in candidates if one.role == "button"]):
        return None
    confirming = [one for one in inside if any(unit.meanings & _SETTLES for unit in read_name(one.name))]
    return (Scored(confirming[0], 0.75, "dialog"), step) if len(confirming) == 1 else None


def _button_beside_field(grounder: Grounder, candidates: Sequence[Candidate], step: Step, wanted: Wanted) -> Way | None:
    """The only button beside the field that was just filled, where a button confirmed what was entered."""
    field = _just_filled(grounder, candidates, step, wanted)
    if field is None or field.node.parent is None:
        return None
    for around in list(field.node.ancestors())[:2]:
        inside = {id(node) for node in around.walk()}
        beside = [one for one in candidates if one is not field and id(one.node) in inside and not one.disabled]
        buttons = [one for one in beside if {"button", "clickable"} & {*one.roles}]
        if buttons:
            alone = len(buttons) == 1 and not wanted.contradicts(buttons[0])
            return (Scored(buttons[0], 0.7, "beside"), step) if alone else None
    return None


def _enter_instead_of_button(
    grounder: Grounder, candidates: Sequence[Candidate], step: Step, wanted: Wanted
) -> Way | None:
    """Enter in the field that was just filled, where a button confirmed what was entered."""
    field = _just_filled(grounder, candidates, step, wanted)
    return (Scored(field, 0.62, "enter"), _redone(step, "press", key="Enter")) if field else None


def _just_filled(grounder: Grounder, candidates: Sequence[Candidate], step: Step, wanted: Wanted) -> Candidate | None:
    """The field that was just filled, if the step is for confirming what was entered."""
    actions = [unit for unit in read_intent(wanted.purpose) if unit.kind == "action"] or list(_named(wanted))
    meanings = actions[0].meanings if actions else frozenset()
    if step.do != "click" or not meanings & _CONFIRMS or not grounder.memory.entered:
        return None
    last = normalise(grounder.memory.entered[-1])
    return next((one for one in candidates if last and one.is_field and normalise(one.node.own_text) == last), None)


def _entry_instead_of_edit(
    grounder: Grounder, candidates: Sequence[Candidate], step: Step, wanted: Wanted
) -> Way | None:
    """The text of the entry itself, which is clicked or double clicked to change it, where there was an edit button."""
    meanings = {meaning for unit in (*read_intent(wanted.purpose)[:1], *_named(wanted)) for meaning in unit.meanings}
    near = grounder.near(wanted)
    if step.do not in ("click", "dblclick") or not near or not meanings & _EDITS:
        return None
    texts = [one for one in candidates if not one.is_field and alike(one.names.get("text", one.name), near) >= 0.9]
    if not texts:
        return None
    clickable = [one for one in texts if one.clickable]
    choice = min(clickable or texts, key=lambda one: one.rect.area if one.rect else 0)
    return Scored(choice, 0.7, "entry"), _redone(step, "click" if clickable else "dblclick")


def _named(wanted: Wanted) -> tuple[Unit, ...]:
    return tuple(unit for text in wanted.namings.values() for unit in read_name(text))


def _redone(step: Step, do: str, **more: str) -> Step:
    """The step with another action."""
    kept = step.model_dump(exclude_none=True, exclude={"do", "value", "key", "times", "hold"})
    return Step.model_validate({**kept, "do": do, **more})


_WAYS = (
    _confirm_in_dialog,
    _button_beside_field,
    _select_that_offers,
    _option_instead_of_select,
    _select_instead_of_option,
    _enter_instead_of_button,
    _entry_instead_of_edit,
)
"""Other ways to do what a step intends, in the order in which they are tried."""

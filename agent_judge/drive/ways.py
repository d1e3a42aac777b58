"""Other ways to do what a step intends, where its own way is not there.

The same intent is served in different ways: an add button or Enter in the field, a
select or a row of radio buttons, an edit button or a double click on the text, a card
that is dragged or a menu that says where to. Each way is a rule that is deterministic
and says what it needs to see.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from agent_judge.drive.candidates import FIELDS, Candidate
from agent_judge.drive.dialogs import in_front
from agent_judge.drive.entries import About
from agent_judge.drive.ground import Grounder, Scored
from agent_judge.drive.lazy import cached_property
from agent_judge.drive.lexicon import normalise, says
from agent_judge.drive.likeness import Wanted
from agent_judge.drive.nearness import Nearness
from agent_judge.drive.reading import Unit, actions_of, read_name
from agent_judge.drive.roles import ENTRIES
from agent_judge.drive.similarity import alike, misses_intent, serves
from agent_judge.drive.snapshot import Node
from agent_judge.schema import Step, Target

_SAME_OPTION = 0.65
_DETAILS = re.compile(r"\s*[,(–—·:|]|\s-\s")
_HEAD = 0.98
_NUMBER = re.compile(r"\d+(?:[.,]\d+)?")
_CHOICES = ("radio", "option", "menuitemradio", "menuitem")
_PICKED = frozenset((*_CHOICES, "tab", "checkbox", "switch"))
_CLEARLY = 0.05
_CONFIRMS = frozenset(("add", "save", "search", "equals", "confirm"))
"""What Enter does in a field."""
_APPLIES = _CONFIRMS | {"apply", "submit"}
"""What a button beside a field does with what was entered."""
_EDITS = frozenset(("edit",))
_MOVES = frozenset(("move",))
_ONWARD = frozenset(("move", "next"))
_SETTLES = frozenset(("add", "save", "edit", "confirm", "submit", "complete", "apply", "search", "next"))
"""What the button that confirms an entry may be called."""
_DONE = frozenset(("complete", "confirm"))
_CHOSEN_FROM = frozenset(("combobox", "listbox"))
_PUSHED = frozenset(("button", "link", "menuitem", "clickable"))


@dataclass(frozen=True)
class Way:
    """An element, and what is done to it."""

    choice: Scored
    step: Step


@dataclass(frozen=True)
class Quest:
    """A step whose element is looked for among the candidates of a page."""

    grounder: Grounder
    candidates: Sequence[Candidate]
    step: Step
    wanted: Wanted

    @cached_property
    def about(self) -> About:
        """The entry that the step is about."""
        return self.grounder.about(self.wanted, self.candidates[0].node.root) if self.candidates else About()

    @cached_property
    def named(self) -> tuple[Unit, ...]:
        """What the target is called, read."""
        return tuple(unit for text in self.wanted.namings.values() for unit in read_name(text))

    @cached_property
    def does(self) -> frozenset[str]:
        """What the step is for: the meanings of its intent's action, or of its target's names."""
        actions = actions_of(self.wanted.purpose) or tuple(unit for unit in self.named if unit.kind == "action")
        return actions[0].meanings if actions else frozenset()

    @cached_property
    def own(self) -> list[Candidate]:
        """What can be acted on in the entry that the step is about."""
        if not self.about.text or not self.about.sure or not self.candidates:
            return []
        nearness = Nearness(self.candidates, self.about, self.grounder.memory.entered)
        return [one for one in self.candidates if nearness.about_an_entry and nearness.belongs(one)]

    @cached_property
    def just_filled(self) -> Candidate | None:
        """The field that was filled last."""
        return self.grounder.just_filled(self.candidates)


def other_way(quest: Quest, least: float) -> Way | None:
    """The first other way to do a step that is surer than ``least``."""
    for way in _WAYS:
        found = way(quest)
        if found and found.choice.score > least:
            return found
    return None


def beside_field(quest: Quest, choice: Candidate) -> Way | None:
    """The button beside the field that was just filled, where a sign elsewhere on the page was chosen to confirm it."""
    field = quest.just_filled
    if field is None or (choice.name and not _in_another_form(choice, field)):
        return None
    way = _button_beside_field(quest) or _done_beside_field(quest, field)
    return way if way and way.choice.candidate is not choice else None


def _in_another_form(choice: Candidate, field: Candidate) -> bool:
    """Whether a choice stands in a form of its own, which the field is no part of."""
    around = (node for node in choice.node.ancestors() if node.kinds & FIELDS)
    form = next(around, None)
    return form is not None and not form.holds(field.node)


def redone(step: Step, do: str, **more: Any) -> Step:
    """The step with another action."""
    kept = step.model_dump(exclude_none=True, exclude={"do", "value", "key", "times", "hold", "at", "to", "to_at"})
    return Step.model_validate({**kept, "do": do, **more})


def step_for(quest: Quest, chosen: Candidate) -> Step:
    """The step as it is done to an element of another kind: a list is chosen from, a choice is clicked."""
    step, value = quest.step, quest.step.value if isinstance(quest.step.value, str) else ""
    if chosen.options and step.do in ("click", "check", "fill"):
        option = _option_for(value, chosen.options, quest.does) if value else _meant_option(quest, chosen)
        return redone(step, "select", value=option) if option else step
    if step.do == "select" and chosen.role not in _CHOSEN_FROM:
        number = _NUMBER.search(value)
        if chosen.role == "spinbutton" and number:
            return redone(step, "fill", value=number[0])
        if chosen.is_field and value:
            return redone(step, "fill", value=value)
        # Else it opens the list.
        return redone(step, "click") if _says_value(chosen, value) or chosen.role in _PICKED else step
    if step.do == "fill" and not chosen.is_field and _says_value(chosen, value):
        return redone(step, "click")
    return step


def _says_value(chosen: Candidate, value: str) -> bool:
    return any(says(text, value) or alike(value, text) >= _SAME_OPTION for text in chosen.names.values())


def _meant_option(quest: Quest, chosen: Candidate) -> str:
    """The option that the step is for, if one is."""
    best = max(chosen.options, key=lambda option: _means(option, quest), default="")
    return best if best and _means(best, quest) >= _SAME_OPTION else ""


def _option_instead_of_select(quest: Quest) -> Way | None:
    """A radio button, tab or button for each choice, where a list was chosen from."""
    step = quest.step
    if step.do != "select" or not isinstance(step.value, str):
        return None
    target = Target(role="radio", name=step.value, near=step.target.near if step.target else "")
    choice = quest.grounder.choose(quest.candidates, Wanted(target, "click", step.intent))
    return Way(choice, redone(step, "click")) if isinstance(choice, Scored) else None


def _select_that_offers(quest: Quest) -> Way | None:
    """The only list that offers what is to be chosen, whatever the list is called."""
    step = quest.step
    if step.do != "select" or not isinstance(step.value, str):
        return None
    value = normalise(step.value)
    offering = [one for one in quest.candidates if any(normalise(option) == value for option in one.options)]
    if len(offering) != 1 or quest.wanted.contradicts(offering[0]):
        return None
    return Way(Scored(offering[0], 0.68, "offers"), step)


def _option_of_a_list(quest: Quest) -> Way | None:
    """The option of a list to choose from, where the choice was a button, tab or radio button, or called otherwise."""
    step, wanted = quest.step, quest.wanted
    chooses = step.do in ("click", "select", "drag") or wanted.target.role in (
        "radio",
        "option",
        "menuitemradio",
        "menuitem",
    )
    if not chooses and not (step.do == "check" and not quest.own):
        return None
    if quest.about.text in quest.grounder.memory.entered and not quest.does & _MOVES:
        return None
    lists = [one for one in (quest.own or quest.candidates) if one.role in _CHOSEN_FROM]
    options = [(one, option) for one in lists for option in one.options]
    scored = sorted(((_means(option, quest), number) for number, (_, option) in enumerate(options)), reverse=True)
    if not scored or scored[0][0] < _SAME_OPTION or (len(scored) > 1 and scored[0][0] - scored[1][0] < _CLEARLY):
        return None
    score, number = scored[0]
    candidate, option = options[number]
    return Way(Scored(candidate, round(score, 4), "option"), redone(step, "select", value=option))


def _means(option: str, quest: Quest) -> float:
    """How likely an option is what the step chooses; ``Express, 5 dollars`` is first of all ``Express``."""
    head = _DETAILS.split(option, maxsplit=1)[0]
    return max(_says_choice(option, quest), _HEAD * _says_choice(head, quest) if head != option else 0.0)


def _says_choice(option: str, quest: Quest) -> float:
    wanted = quest.wanted
    if wanted.purpose and misses_intent(wanted.purpose, option):
        return 0.0
    value = quest.step.value if quest.step.do == "select" and isinstance(quest.step.value, str) else ""
    named = max((alike(name, option) for name in (*wanted.namings.values(), value)), default=0.0)
    return max(named, 0.9 * serves(option, wanted.purpose, field=True) if wanted.purpose else 0.0)


def _confirm_in_dialog(quest: Quest) -> Way | None:
    """The one button that confirms what was entered in an open dialog, whatever it is called there."""
    if quest.step.do != "click" or not quest.does & _CONFIRMS:
        return None
    inside = [one for one in in_front(quest.candidates) if one.role == "button"]
    if len(inside) == len([one for one in quest.candidates if one.role == "button"]):
        return None
    confirming = [one for one in inside if any(unit.meanings & _SETTLES for unit in read_name(one.name))]
    return Way(Scored(confirming[0], 0.75, "dialog"), quest.step) if len(confirming) == 1 else None


def _button_beside_field(quest: Quest) -> Way | None:
    """The only button beside the field that was just filled that can confirm what was entered."""
    field = quest.just_filled
    if quest.step.do != "click" or not quest.does & _APPLIES or field is None or field.node.parent is None:
        return None
    for around in list(field.node.ancestors())[:2]:
        inside = {id(node) for node in around.walk()}
        beside = [one for one in quest.candidates if one is not field and id(one.node) in inside and not one.disabled]
        buttons = [one for one in beside if {"button", "clickable"} & {*one.roles} and not one.holds_controls]
        buttons = [one for one in buttons if not (one.is_arrow or one.only_listened_for)]
        if buttons:
            confirming = [one for one in buttons if _settles(one, quest.wanted)]
            if confirming:
                return Way(Scored(confirming[0], 0.78, "beside"), quest.step) if len(confirming) == 1 else None
            after = [one for one in buttons if one.order > field.order and not quest.grounder.in_entry(one)]
            unknown = [one for one in after if _says_nothing(one)]
            return Way(Scored(unknown[0], 0.66, "perhaps beside"), quest.step) if len(unknown) == 1 else None
    return None


def _done_beside_field(quest: Quest, field: Candidate) -> Way | None:
    """The only button beside the field that was just filled that says that something is done."""
    if quest.step.do != "click" or not quest.does & _APPLIES:
        return None
    for around in list(field.node.ancestors())[:2]:
        buttons = [one for one in quest.candidates if one.role == "button" and around.holds(one.node)]
        done = [one for one in buttons if _meanings(one) & _DONE]
        if buttons:
            return Way(Scored(done[0], 0.76, "beside"), quest.step) if len(done) == 1 else None
    return None


def _meanings(candidate: Candidate) -> frozenset[str]:
    return frozenset(meaning for unit in _read(candidate) if unit.kind == "action" for meaning in unit.meanings)


def _says_nothing(candidate: Candidate) -> bool:
    """Whether a button's names tell no action that is known."""
    return candidate.role == "button" and not any(unit.kind == "action" for unit in _read(candidate))


def _settles(candidate: Candidate, wanted: Wanted) -> bool:
    """Whether a button may confirm what was entered beside it; a tick does, the word "done" tells about an entry."""
    if candidate.role in ENTRIES or wanted.contradicts_thing(candidate):
        return False
    units = [unit for text in candidate.names.values() for unit in read_name(text)]
    meanings = {meaning for unit in units if unit.kind == "action" for meaning in unit.meanings}
    settling = _SETTLES - {"edit"} - ({"complete"} if candidate.name else set())
    return bool(meanings & settling) or not candidate.names


def _enter_instead_of_button(quest: Quest) -> Way | None:
    """Enter in the field that was just filled, where a button confirmed what was entered."""
    field = quest.just_filled
    if quest.step.do != "click" or not quest.does & _CONFIRMS or field is None or field.several_lines:
        return None
    return Way(Scored(field, 0.62, "enter"), redone(quest.step, "press", key="Enter"))


def _entry_instead_of_edit(quest: Quest) -> Way | None:
    """The text of the entry itself, which is clicked or double clicked to change it, where there was an edit button."""
    meanings = {*quest.does, *(meaning for unit in quest.named for meaning in unit.meanings)}
    near = quest.about.text if quest.about.sure else ""
    if quest.step.do not in ("click", "dblclick") or not near or not meanings & _EDITS:
        return None
    if any(_PUSHED & {*one.roles} and not one.holds_controls and _may_edit(one, near) for one in quest.own):
        return None
    read = [one for one in quest.candidates if not one.is_field]
    texts = [one for one in read if alike(one.names.get("text", one.name), near) >= 0.9]
    if not texts:
        return None
    clickable = [one for one in texts if one.clickable]
    choice = min(clickable or texts, key=lambda one: one.rect.area if one.rect else 0)
    return Way(Scored(choice, 0.7, "entry"), redone(quest.step, "click" if clickable else "dblclick"))


def _may_edit(control: Candidate, entry: str) -> bool:
    """Whether a control of an entry may change it: its names say no action that is known, nor the entry itself."""
    own = [text for text in control.names.values() if alike(text, entry) < _SAME_OPTION]
    return bool(own) and not any(unit.kind == "action" for text in own for unit in read_name(text))


def _control_instead_of_drag(quest: Quest) -> Way | None:
    """A control of the entry that moves it, where the entry was dragged."""
    if quest.step.do != "drag" or quest.step.to is None or not quest.does & _MOVES:
        return None
    listed = _option_of_a_list(quest)
    if listed:
        return listed
    pushed = [one for one in quest.own if _PUSHED & {*one.roles} and not one.holds_controls]
    onward = [one for one in pushed if any(unit.meanings & _ONWARD for unit in _read(one))]
    if not onward:
        return None
    scored = sorted(onward, key=lambda one: -max(serves(text, quest.wanted.purpose) for text in one.names.values()))
    return Way(Scored(scored[0], 0.7, "onward"), redone(quest.step, "click"))


def _entry_to_drag(quest: Quest) -> Way | None:
    """The one thing that can be dragged and says what the step is about."""
    if quest.step.do != "drag" or quest.step.to is None or not quest.about.text:
        return None
    dragged = [one for one in quest.candidates if one.draggable and says(one.node.text, quest.about.text)]
    return Way(Scored(dragged[0], 0.8, "drag"), quest.step) if len(dragged) == 1 else None


def _list_instead_of_field(quest: Quest) -> Way | None:
    """A list to choose from that is called as the field is, where a value was typed or set."""
    step = quest.step
    if step.do != "fill" or not isinstance(step.value, str):
        return None
    lists = [one for one in quest.candidates if one.role in _CHOSEN_FROM and one.options]
    fitting = [one for one in lists if quest.wanted.likeness(one).score >= _SAME_OPTION]
    if len(fitting) != 1:
        return None
    option = _option_for(step.value, fitting[0].options, quest.does)
    return Way(Scored(fitting[0], _SAME_OPTION, "list"), redone(step, "select", value=option)) if option else None


def _option_for(value: str, options: Sequence[str], does: frozenset[str]) -> str:
    """The option that says a value, or the last or first where something is made more or less."""
    same = [option for option in options if says(option, value) or alike(option, value) >= _SAME_OPTION]
    if same:
        return same[0]
    return options[-1] if "increase" in does else options[0] if "decrease" in does else ""


def _onward_instead_of_place(quest: Quest) -> Way | None:
    """The one control of the entry that moves it on, where it was told where to."""
    if quest.step.do not in ("click", "select") or not quest.does & _MOVES:
        return None
    pushed = [one for one in quest.own if _PUSHED & {*one.roles} and not one.holds_controls]
    onward = [one for one in pushed if any(unit.meanings & _ONWARD for unit in _read(one))]
    return Way(Scored(onward[0], 0.7, "onward"), redone(quest.step, "click")) if len(onward) == 1 else None


def _drag_instead_of_control(quest: Quest) -> Way | None:
    """The entry itself, which is dragged to the part of the page that the intent tells, where a control moved it."""
    if quest.step.do not in ("click", "select") or not quest.does & _MOVES or not quest.own:
        return None
    root = quest.candidates[0].node.root
    place = max(_headings(root), key=lambda node: serves(node.name, quest.wanted.purpose, field=True), default=None)
    movable = [one for one in quest.candidates if one.draggable and _within(one, quest.own)]
    if len(movable) != 1 or place is None or serves(place.name, quest.wanted.purpose, field=True) < _SAME_OPTION:
        return None
    to = Target(role=place.role, name=place.name)
    return Way(Scored(movable[0], 0.7, "drag"), redone(quest.step, "drag", to=to.model_dump(exclude_none=True)))


def _within(candidate: Candidate, own: Sequence[Candidate]) -> bool:
    """Whether a candidate is one of an entry's, or what holds them."""
    inside = {id(node) for node in candidate.node.walk()}
    return any(one is candidate or id(one.node) in inside for one in own)


def _headings(root: Node) -> list[Node]:
    return [node for node in root.walk() if node.role == "heading" and node.name]


def _read(candidate: Candidate) -> list[Unit]:
    return [unit for text in candidate.names.values() for unit in read_name(text)]


_WAYS: tuple[Callable[[Quest], Way | None], ...] = (
    _confirm_in_dialog,
    _button_beside_field,
    _select_that_offers,
    _option_instead_of_select,
    _option_of_a_list,
    _enter_instead_of_button,
    _entry_instead_of_edit,
    _entry_to_drag,
    _control_instead_of_drag,
    _list_instead_of_field,
    _onward_instead_of_place,
    _drag_instead_of_control,
)
"""In the order in which they are tried."""

"""Everything that can be told of a page's elements when one of them is chosen for a step.

Besides what the words have in common (``agreement.py``): what kind of control it is and
what it takes, where it stands (in the entry or the dialog that the step is about, after
the field that was filled last), what it holds, what the rules think of it, and which
elements the other steps of the scenario lay claim to: every element has but one part in
it, so that what is left when the sure ones are taken may be meant however it is called.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from agent_judge.drive.agreement import Speech, ahead
from agent_judge.drive.candidates import FIELDS, Candidate
from agent_judge.drive.dialogs import front_dialog, in_front, not_covered, open_dialog
from agent_judge.drive.elimination import add_what_is_left
from agent_judge.drive.entries import About
from agent_judge.drive.filling import FINISHES, Filling
from agent_judge.drive.ground import Grounder, Scored, Search
from agent_judge.drive.ground_scenario import Plan, identity, plain_value
from agent_judge.drive.lazy import cached_property
from agent_judge.drive.lexicon import says
from agent_judge.drive.likeness import Wanted
from agent_judge.drive.nearness import Nearness, repeated
from agent_judge.drive.novelty import LIKELY_NEW, Look
from agent_judge.drive.reading import read_name
from agent_judge.drive.roles import ENTRIES, INTERACTIVE, accepted_roles, role_fit
from agent_judge.drive.similarity import alike, serves
from agent_judge.drive.snapshot import Node
from agent_judge.drive.strength import ENTERS, Facts, strength
from agent_judge.drive.values import kind_fits
from agent_judge.drive.ways import Way

_TOGGLES = frozenset(("checkbox", "switch", "radio", "menuitemcheckbox", "menuitemradio", "option"))
_CHOSEN_FROM = frozenset(("combobox", "listbox"))
_WEIGHED = 30
"""So many elements are weighed; what fits less has no share worth counting."""
_CLAIMS, _EQUAL = 0.5, 0.02
_MOST_RIVALS = 40
_CROWD = 8
"""Fewer elements than this are no fewer rivals."""
_OFFERED = 0.6
_TALL, _SENTENCE = 48, 3
_AGREES, _DECLINES = frozenset(("confirm",)), frozenset(("cancel", "close"))
_OPENS = frozenset(("open", "show", "choose", "preview", "edit"))
"""What a click on an entry itself may do."""
_ANSWERS = 4
"""A question has hardly more answers than this."""
_AHEAD = (
    "strength", "like", "serves", "rule", "fit", "covers", "covers intent", "offers", "like icon", "serves icon",
    "means the action", "means the intent", "means the name",
)  # fmt: skip
"""What counts by how far it is ahead of the others, besides by itself."""


@dataclass(frozen=True)
class Evidence:
    """One step, the page that it is done on, and what the rules made of it."""

    grounder: Grounder
    search: Search
    wanted: Wanted
    way: Way | None
    just_filled: Candidate | None = None
    look: Look | None = None
    """The page, with what is new on it."""

    @cached_property
    def elements(self) -> list[Candidate]:
        """The elements that are weighed: those that can be acted on, the likelier ones where there are many."""
        modal = self.search.collected is not None and self.search.collected.modal
        seen = in_front(self.search.candidates, modal=modal) if modal else not_covered(self.search.candidates)
        usable = [one for one in seen if any(role in INTERACTIVE for role in one.roles)]
        scored = [one.candidate for one in self.search.ranked]
        known = {id(one) for one in usable}
        pool = [one for one in (*usable, *(one for one in scored if id(one) not in known)) if self._can_take(one)]
        other = self.way.choice.candidate if self.way else None
        if other is not None and all(one is not other for one in pool):
            pool.append(other)
        if len(pool) <= _WEIGHED:
            return pool
        return sorted(pool, key=lambda one: (one is not other, -self._urgency(one)))[:_WEIGHED]

    def _can_take(self, one: Candidate) -> bool:
        """Whether what is typed can be entered: a list takes only what it offers."""
        value = self.wanted.value
        if not value or not one.is_field:
            return True
        if one.options:
            return any(says(option, value) or alike(option, value) >= _OFFERED for option in one.options)
        return one.takes(value)

    def _urgency(self, one: Candidate) -> float:
        rule = self._rule.get(id(one))
        score = rule.score if rule else 0.0
        return score + (0.3 if self._says_entry(one) else 0.0) + (0.2 if one.is_field else 0.0)

    def told(self) -> list[Facts]:
        """What can be told of each element."""
        told = [
            {
                **self.speech.alike(one),
                **self.speech.agreement(one),
                **self.speech.meaning(one),
                **self._kind(one),
                **self._by_rules(one),
                **self._place(one),
                **self._filling.order(one),
                **self._state(one),
                **self._claims(number),
                **self._novelty(one),
            }
            for number, one in enumerate(self.elements)
        ]
        for one, facts in zip(self.elements, told, strict=True):
            facts.update(self._filling.end(one, facts))
            if facts["says the entry"]:
                facts["number unasked"] = 0.0  # An entry shows what belongs to it: a price, a length.
        self._add_answers(told)
        add_what_is_left(self.elements, told)
        for name in _AHEAD:
            for facts, lead in zip(told, ahead(told, name), strict=True):
                facts[f"{name} ahead"] = lead
        return told

    @cached_property
    def _root(self) -> Node:
        return self.search.candidates[0].node.root

    @cached_property
    def _about(self) -> About:
        return self.grounder.about(self.wanted, self._root)

    @cached_property
    def _meant(self) -> Wanted:
        """What is wanted, with the entry that the step is about."""
        return self.wanted.about(self._about.text if self._about.sure else "", self._about.besides)

    @cached_property
    def speech(self) -> Speech:
        """What the step says."""
        return Speech(self._meant, self._plan.spoken_often)

    @cached_property
    def _rule(self) -> dict[int, Scored]:
        return {id(one.candidate): one for one in self.search.ranked}

    def _by_rules(self, one: Candidate) -> Facts:
        rule = self._rule.get(id(one))
        by_way = self.way is not None and one is self.way.choice.candidate
        return {
            "rule": rule.score if rule else 0.0,
            "ruled out": float(rule is None),
            "way": self.way.choice.score if self.way and by_way else 0.0,
            "by enter": float(bool(self.way) and by_way and self.way is not None and self.way.step.do == "press"),
        }

    def _kind(self, one: Candidate) -> Facts:
        wanted, action = self._meant, self._meant.action
        accepted = accepted_roles(action)
        enters, ticks = action in ENTERS, action in ("check", "uncheck")
        facts = {
            "fit": max(role_fit(wanted.role, own) for own in one.roles),
            "same role": float(bool(wanted.target.role) and wanted.target.role in one.roles),
            "acceptable": float(accepted is None or any(role in accepted for role in one.roles)),
            "interactive": float(any(role in INTERACTIVE for role in one.roles)),
            "button": float(one.role == "button"),
            "link": float(one.role in ("link", "tab")),
            "clickable": float(one.clickable),
            "field": float(one.is_field),
            "another than a field": float(one.is_field != (wanted.target.role in FIELDS or enters)),
            "another than a toggle": float((one.role in _TOGGLES) != (wanted.target.role in _TOGGLES or ticks)),
            "list": float(one.role in _CHOSEN_FROM),
            "arrow": float(one.is_arrow),
            "disabled": float(one.disabled),
            "holds controls": float(one.holds_controls),
            "holds entries": float(one.in_snapshot and sum(child.role in ENTRIES for child in one.node.children) > 1),
        }
        return facts | self._taking(one) | self._shape(one) | self._offering(one)

    def _taking(self, one: Candidate) -> Facts:
        value = self._meant.entered
        if not value:
            return {}
        if not one.is_field:
            said = max((alike(text, value) for text in one.names.values()), default=0.0)
            return {"says what is entered": said, "says another value": float(said < _OFFERED)}
        sentence = len(value.split()) >= _SENTENCE
        tall = one.several_lines or (one.rect is not None and one.rect.height >= _TALL)
        return {
            "kind": kind_fits(one, value),
            "refuses": float(not one.takes(value)),
            "for a sentence": float(tall) * (1.0 if sentence else -0.5),
        }

    def _shape(self, one: Candidate) -> Facts:
        box = self._meant.target.box
        if box is None or not box.width or not box.height or one.rect is None or not one.rect.area:
            return {"unplaced": float(one.rect is None or not one.rect.area)}
        x, y = one.rect.middle
        return {
            "other height": min(2.0, abs(math.log(box.height / one.rect.height))),
            "other width": min(2.0, abs(math.log(box.width / one.rect.width))),
            "farther across": min(1.0, abs(box.x + box.width / 2 - x) / 1280),
            "farther down": min(1.0, abs(box.y + box.height / 2 - y) / 800),
        }

    def _offering(self, one: Candidate) -> Facts:
        if not one.options:
            return {}
        wanted = self._meant
        texts = [text for text in (wanted.entered, *self.speech.called) if text]
        best = max((alike(option, text) for option in one.options for text in texts), default=0.0)
        said = max((serves(text, wanted.purpose, field=True) for text in one.options), default=0.0)
        numbers = {unit.word for text in texts for unit in read_name(text) if unit.kind == "number"}
        same = any(numbers & {unit.word for unit in read_name(option)} for option in one.options)
        return {
            "offers": best,
            "offers what is said": said if wanted.purpose else 0.0,
            "offers the number": float(same),
            "offers nothing": float(bool(wanted.entered) and best < _OFFERED and not same),
        }

    @cached_property
    def _near(self) -> Nearness | None:
        return Nearness(self.elements, self._about, self.grounder.memory.entered) if self._about.text else None

    def _belongs(self, one: Candidate) -> bool:
        return self._near is not None and self._near.belongs(one)

    def _says_entry(self, one: Candidate) -> bool:
        return bool(self._about.text) and any(says(text, self._about.text) for text in one.names.values())

    @cached_property
    def _any_says_entry(self) -> bool:
        return any(self._says_entry(one) for one in self.elements)

    @cached_property
    def _twins(self) -> frozenset[int]:
        return repeated(self.elements)

    @cached_property
    def _dialogs(self) -> tuple[Node | None, Node | None]:
        modal = self.search.collected is not None and self.search.collected.modal
        return open_dialog(self._root), front_dialog(self._root, modal=modal)

    @cached_property
    def _over_page(self) -> bool:
        """Whether what can be used lies over the rest of the page."""
        return any(one.behind for one in self.search.candidates)

    def _place(self, one: Candidate) -> Facts:
        near, belongs, within = self._near, self._belongs(one), self.grounder.in_entry(one)
        listed = within and self.grounder.in_listed_entry(one)
        opened, front = self._dialogs
        about_entry = near is not None and near.about_an_entry
        says_it = self._says_entry(one)
        return {
            "belongs": float(belongs),
            "in another entry": float(about_entry and near is not None and near.found and not belongs),
            "in a twin entry": float(self._about.sure and near is not None and near.in_twin(one)),
            "no such entry": float(about_entry and near is not None and not near.found),
            "beside by chance": float(belongs and not self._about.sure),
            "in an entry": float(within),
            "in an entry unasked": float(listed and not (self._about.sure and bool(self._about.text))),
            "beside an entry alone": float(within and not listed),
            "repeated": float(id(one) in self._twins and not belongs),
            "in dialog": float(self._over_page or any(dialog and dialog.holds(one.node) for dialog in (opened, front))),
            "behind dialog": float(front is not None and not front.holds(one.node)),
            "says the entry": float(says_it),
            "only names the entry": float(says_it and self._does_something and self._only_names(one)),
            "another says the entry": float(self._any_says_entry and not says_it and not belongs),
            "crowd": math.log(max(len(self.elements), _CROWD)),
        }

    @cached_property
    def _does_something(self) -> bool:
        """Whether something is done with the entry, other than to open or choose it."""
        return bool(self.speech.does - _OPENS) and self._meant.action not in ("check", "uncheck")

    def _only_names(self, one: Candidate) -> bool:
        """Whether an element that says the entry says nothing of what is done with it."""
        texts = [self._meant.bare(text) for text in one.names.values()]
        does = any(unit.meanings & self.speech.actions for text in texts for unit in read_name(text))
        return one.role not in _TOGGLES and not does

    def _novelty(self, one: Candidate) -> Facts:
        if self.look is None or not self.look.tells or not one.in_snapshot:
            return {}
        new = self.look.new(one.node)
        kind = "entering" if self.grounder.memory.looks.did in ENTERS else "pushing"
        return {"new": new, f"new after {kind}": new, f"old after {kind}": 1 - new}

    @cached_property
    def _plan(self) -> Plan:
        return self.grounder.memory.plan

    @cached_property
    def _position(self) -> int | None:
        return self._plan.position(self.wanted)

    @cached_property
    def _filling(self) -> Filling:
        return Filling(self.elements, self.speech, self._plan, self._position, self.just_filled)

    @cached_property
    def _earlier(self) -> list[Wanted]:
        return self._plan.entered_before(self._position or 0)

    def _state(self, one: Candidate) -> Facts:
        action, states = self._meant.action, one.node.states
        on = one.in_snapshot and ("checked" in states or "pressed" in states)
        off = one.in_snapshot and one.role in _TOGGLES and "checked" not in states
        facts = {"so already": float((action == "check" and on) or (action == "uncheck" and off))}
        held = plain_value(one.node.own_text) if one.is_field else ""
        if held:
            same = [step for step in self._earlier if plain_value(step.entered) == held]
            own = any(identity(step.target) == identity(self.wanted.target) for step in same)
            facts |= {
                "holds": 1.0,
                "holds its own": float(own),
                "holds another's": float(bool(same) and not own),
                "holds what nobody entered": float(not same),
            }
        return facts

    @cached_property
    def _strengths(self) -> list[float]:
        return [strength(self.speech, one) for one in self.elements]

    @cached_property
    def _rivals(self) -> list[tuple[list[float], float, frozenset[int]]]:
        """How other steps' targets fit the elements: all fits, the best, and which have it where it is clear."""
        own = identity(self.wanted.target)
        found = []
        for other in [speech for key, speech in self._plan.elements.items() if key != own][:_MOST_RIVALS]:
            fits = [strength(other, one) for one in self.elements]
            best = max(fits)
            likely = frozenset(number for number, fit in enumerate(fits) if fit >= best - _EQUAL)
            found.append((fits, best, likely if best >= _CLAIMS and len(likely) <= 2 else frozenset()))
        return found

    def _claims(self, number: int) -> Facts:
        own = self._strengths[number]
        claims = [best - own for _, best, likely in self._rivals if number in likely]
        return {
            "strength": own,
            "rival": max(0.0, max((fits[number] for fits, _, _ in self._rivals), default=0.0) - own),
            "claim": min(1.0, max(0.0, max(claims, default=0.0))),
            "claimed": float(max(claims, default=0.0) > 0),
        }

    def _add_answers(self, told: Sequence[Facts]) -> None:
        """Tells which element answers a question with yes: the only one beside those that say no, or the last one."""
        pairs = list(zip(self.elements, told, strict=True))
        pushed = [(one, facts) for one, facts in pairs if facts["interactive"] and one.is_pushed]
        in_dialog = [(one, facts) for one, facts in pushed if facts["in dialog"]]
        asked = in_dialog or [(one, facts) for one, facts in pushed if facts.get("new", 0.0) > LIKELY_NEW]
        if not 1 < len(asked) <= _ANSWERS:
            return
        no = [facts for one, facts in in_dialog if self._declines(one)]
        yes = [facts for one, facts in in_dialog if not self._declines(one)]
        wants_yes, wants_no = bool(self.speech.does & _AGREES), bool(self.speech.does & _DECLINES)
        if no and len(yes) == 1:
            for facts in no:
                facts["says no"] = float(not wants_no)
            yes[0]["only yes"] = float(wants_yes)
        answers = [(one, facts) for one, facts in asked if self._may_finish(one, facts)]
        if self.speech.does & FINISHES and answers:
            last = max(answers, key=lambda pair: pair[0].order)
            last[1]["last answer"] = 1.0

    def _may_finish(self, one: Candidate, facts: Mapping[str, float]) -> bool:
        """Whether it may be what ends a question or a form: it belongs to no entry, and neither declines nor undoes."""
        return not (self._declines(one) or facts["in an entry"] or facts["opposite"])

    @staticmethod
    def _declines(one: Candidate) -> bool:
        actions = [unit for text in one.names.values() for unit in read_name(text) if unit.kind == "action"]
        return bool(actions) and all(unit.meanings & _DECLINES for unit in actions)

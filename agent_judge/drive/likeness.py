"""How alike an element of the page is to what a step names, by what both are called."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from rapidfuzz import fuzz

from agent_judge.drive.candidates import Candidate
from agent_judge.drive.lazy import cached_property
from agent_judge.drive.lexicon import normalise, says
from agent_judge.drive.reading import UNSPACED, Unit, read_identifier, read_intent, read_name, speaks_of_search
from agent_judge.drive.roles import ENTRIES, INTERACTIVE
from agent_judge.drive.similarity import alike, contradict, contradict_in_kind, misses_intent, serves
from agent_judge.schema import Target

_HOW_SURE = {
    ("name", "name"): 1.0, ("name", "text"): 1.0, ("text", "text"): 1.0, ("text", "name"): 1.0,
    ("name", "label"): 0.98, ("label", "name"): 1.0, ("label", "label"): 1.0, ("title", "title"): 1.0,
    ("placeholder", "placeholder"): 1.0, ("name", "icon"): 0.88, ("title", "icon"): 0.86, ("text", "icon"): 0.86,
    ("label", "icon"): 0.7, ("placeholder", "icon"): 0.6, ("icon", "icon"): 0.86, ("icon", "name"): 0.88,
    ("icon", "text"): 0.88, ("icon", "title"): 0.86, ("icon", "label"): 0.75, ("icon", "placeholder"): 0.7,
}  # fmt: skip
"""How much it says when the target's one naming is alike to the element's other."""
_CROSSWISE = 0.95
_PLAIN_ICON = 0.6
"""Class names are many: those that are less alike than this say nothing."""
_INTENT_SURE = {"name": 0.9, "text": 0.9, "title": 0.88, "label": 0.85, "placeholder": 0.85, "icon": 0.84}
_PLAIN_SELECTOR = re.compile(r"[#.][\w-]+(?:\.[\w-]+)*$|\[data-[\w-]+=['\"]?[\w-]+['\"]?\]$")
_CANVAS = re.compile(r"(?:^|[>\s])canvas(?:[:.#\[][^>\s]*)?$")
_DRAWN_ON = frozenset(("", "generic", "img", "figure", "region", "group"))
_SURFACE = 0.85
"""What is drawn or played on needs no name."""
_STEPPING = frozenset(("increase", "decrease"))
_TOGGLES = frozenset(("checkbox", "switch", "radio", "menuitemcheckbox"))
_PUSHING = frozenset(("click", "dblclick"))
_SHORTEST_ENTRY = 2
"""A shorter text names no entry."""
_READ = frozenset(("paragraph", "heading", "text", "cell", "listitem", "strong", "emphasis", "generic", ""))
_IMPLIED_ROLES = {
    "click": "clickable", "dblclick": "clickable", "fill": "textbox", "check": "checkbox", "uncheck": "checkbox",
    "select": "combobox",
}  # fmt: skip


@dataclass(frozen=True)
class Likeness:
    """How alike an element is, and what shows it."""

    score: float
    method: str


@dataclass(frozen=True)
class Wanted:
    """What a step names: its target, what is done to it, and what for."""

    target: Target
    action: str = ""
    intent: str = ""
    value: str = ""
    """What will be entered."""
    strokes: bool = False
    """Whether it is drawn within the element, rather than drags it elsewhere."""
    entered: str = ""
    """What is entered or chosen, by whatever action."""
    besides: tuple[str, ...] = ()
    """Other entries of the page that the intent speaks of: ``before Walk the dog``."""

    @property
    def role(self) -> str:
        """The target's role, or the one that the action speaks for."""
        if self.surface:
            return "canvas"
        if self.action in _PUSHING and self.target.role in _READ and self._is_entry(self.target.text):
            return "clickable"
        if self.nameless and not self.target.role:
            return ""
        if self.target.role in ("", "generic", "text"):
            named = self.target.text or self.target.box is None
            return "" if named and not self.intent else _IMPLIED_ROLES.get(self.action, "")
        return self.target.role

    @cached_property
    def surface(self) -> bool:
        """Whether a surface to draw or play on is meant."""
        if self.target.role in ("canvas", "application") or (self.strokes and self.target.role in _DRAWN_ON):
            return True
        return not self.target.role and any(_CANVAS.search(selector) for selector in self.target.selectors)

    @property
    def pushes(self) -> bool:
        """Whether something to push is meant, rather than a part of the page."""
        return self.role in INTERACTIVE

    @cached_property
    def namings(self) -> dict[str, str]:
        """Everything that names the element, by where that stood."""
        target = self.target
        namings = {
            "name": target.name, "label": target.label, "placeholder": target.placeholder, "text": target.text,
            "title": target.title, "icon": self._identifiers if self.intent or not target.name else "",
        }  # fmt: skip
        return {where: text for where, text in namings.items() if text and not self._is_entry(text)}

    @cached_property
    def called(self) -> tuple[str, ...]:
        """What the target is called in words, without class and file names."""
        return tuple(text for where, text in self.namings.items() if where != "icon")

    def _is_entry(self, text: str) -> bool:
        """Whether a name is that of the entry, while the step is for doing something with it."""
        acts = any(unit.kind == "action" for unit in read_intent(self.purpose)) if self.purpose else False
        return acts and normalise(text) == normalise(self.target.near)

    @cached_property
    def purpose(self) -> str:
        """The intent without the entry that it is about: ``delete the item Buy milk`` is ``delete the item``."""
        return self.bare(self.intent)

    def bare(self, text: str) -> str:
        """A text without the entries that the step speaks of."""
        for entry in (self.target.near, *self.besides):
            text = without(text, entry)
        return text

    def may_be_decided_by(self, snapshot: str) -> bool:
        """Whether the accessibility snapshot has a name that can be exactly the wanted one."""
        return self.nameless or any(text in snapshot for text in self.namings.values())

    @cached_property
    def opens(self) -> bool:
        """Whether the step is for opening the place where something is added or changed."""
        actions = [unit for unit in read_intent(self.purpose) if unit.kind == "action"] if self.purpose else []
        return len(actions) > 1 and "open" in actions[0].meanings

    @cached_property
    def steps_number(self) -> bool:
        """Whether the step is for making a number larger or smaller."""
        said = [*read_intent(self.purpose), *(unit for text in self.called for unit in read_name(text))]
        return any(unit.meanings & _STEPPING for unit in said)

    def about(self, near: str, besides: tuple[str, ...] = ()) -> Wanted:
        """The same, known to be about an entry, and to speak of others."""
        if near == self.target.near and besides == self.besides:
            return self
        return replace(self, target=self.target.model_copy(update={"near": near}), besides=besides)

    def contradicts(self, candidate: Candidate) -> bool:
        """Whether a candidate's names say something else than the target's or the intent."""
        kind = (candidate.is_field, candidate.called, candidate.drawn)
        if kind not in self._contradicted:
            self._contradicted[kind] = self._contradicts(candidate)
        return self._contradicted[kind]

    @cached_property
    def _contradicted(self) -> dict[tuple[object, ...], bool]:
        return {}

    def _contradicts(self, candidate: Candidate) -> bool:
        wanted = [*(text for where, text in self.namings.items() if where != "icon"), self.purpose]
        found = [text for where, text in candidate.names.items() if where != "icon"] or [candidate.drawn]
        judge = _other_field if candidate.is_field else contradict
        return any(judge(read_name(one), read_name(other)) for one in wanted if one for other in found if other)

    def called_otherwise(self, candidate: Candidate) -> bool:
        """Whether a field is called something else than the target."""
        found = [text for where, text in candidate.names.items() if where != "icon"]
        return any(_other_field(read_name(one), read_name(other)) for one in self.called for other in found)

    def contradicts_thing(self, candidate: Candidate) -> bool:
        """Whether a candidate's names are about another thing than the target's or the intent."""
        wanted = [*(text for where, text in self.namings.items() if where != "icon"), self.purpose]
        found = [text for where, text in candidate.names.items() if where != "icon"]
        return any(
            contradict_in_kind(read_name(one), read_name(other), "thing")
            for one in wanted
            if one
            for other in found
            if other
        )

    @property
    def nameless(self) -> bool:
        """Whether nothing says what the element is called or for."""
        return not self.namings and not self.intent

    @cached_property
    def _identifiers(self) -> str:
        plain = [selector for selector in self.target.selectors if _PLAIN_SELECTOR.match(selector)]
        return read_identifier(" ".join([*plain[:2], self.target.test_id]))

    def likeness(self, candidate: Candidate) -> Likeness:
        """How alike a candidate is, 0 to 1."""
        if self.target.test_id and candidate.test_id == self.target.test_id:
            return Likeness(1.0, "test_id")
        if self.value and candidate.is_field and _continues(candidate.node.own_text, self.value):
            return Likeness(0.96, "value")
        if self._switches and candidate.role in _TOGGLES and self._only_about_entry(candidate):
            return Likeness(0.95 if candidate.role == self.target.role else 0.85, "toggle")
        if self.surface and candidate.role == "canvas":
            return Likeness(max(_SURFACE, self.by_name(candidate).score), "surface")
        if self.nameless:
            return Likeness(0.95 if self.target.near else 0.8, "")
        return self.told(candidate)

    def told(self, candidate: Candidate) -> Likeness:
        """How alike a candidate is by what it is called, and by what the step is for."""
        kind = (candidate.role, candidate.called, candidate.drawn)
        if kind not in self._told:
            named = self.by_name(candidate)
            self._told[kind] = self._with_intent(candidate, named) if self.purpose else named
        return self._told[kind]

    @cached_property
    def _told(self) -> dict[tuple[object, ...], Likeness]:
        """What is known already: the entries of a list have the same buttons."""
        return {}

    @cached_property
    def _switches(self) -> bool:
        """Whether an entry is marked: a toggle in its row that is called nothing else is for that."""
        actions = [unit for unit in read_intent(self.purpose) if unit.kind == "action"]
        marks = bool(actions) and "complete" in actions[0].meanings
        return bool(self.target.near) and (marks or self.action in ("check", "uncheck"))

    def _only_about_entry(self, candidate: Candidate) -> bool:
        return all(
            not without(text, self.target.near) or normalise(text) == normalise(self.target.near) or where == "icon"
            for where, text in candidate.names.items()
        )

    def by_name(self, candidate: Candidate) -> Likeness:
        """How alike a candidate is by what it is called."""
        best, method = 0.0, ""
        for wanted_in, wanted in self.namings.items():
            for found_in, found in candidate.names.items():
                likeness = self._one_name(candidate, wanted, found)
                if found_in == "icon" and likeness < _PLAIN_ICON:
                    continue
                sure = likeness * _HOW_SURE.get((wanted_in, found_in), _CROSSWISE)
                if sure > best:
                    exact = normalise(wanted) == normalise(found)
                    best, method = sure, (wanted_in if exact else "icon" if found_in == "icon" else "synonym")
        return Likeness(best, method)

    def _one_name(self, candidate: Candidate, wanted: str, found: str) -> float:
        likeness = alike(wanted, found)
        near = self.target.near
        if likeness < 0.9 and near:
            likeness = max(likeness, alike(without(wanted, near), without(found, near)))
        if candidate.role in ENTRIES and likeness < 0.9 and says(found, wanted):
            likeness = 0.9
        return likeness

    def _with_intent(self, candidate: Candidate, named: Likeness) -> Likeness:
        """Joins what the name says with what the intent says: both agreeing is surer than either."""
        near = self.target.near
        purpose, where = max(
            (
                serves(without(found, near), self.purpose, field=candidate.is_field) * _INTENT_SURE.get(found_in, 0.8),
                found_in,
            )
            for found_in, found in (candidate.names or {"name": ""}).items()
        )
        if named.method in ("name", "text", "label", "placeholder", "title") and named.score >= 0.95:
            return named
        if purpose < 0.3 <= named.score and any(candidate.names.values()):
            return Likeness(named.score * 0.85, named.method)
        called = [text for where, text in candidate.names.items() if where != "icon"] or [candidate.drawn]
        if not candidate.is_field and all(misses_intent(without(text, near), self.purpose) for text in called):
            return Likeness(named.score * 0.7, named.method)
        both = 1 - (1 - named.score) * (1 - 0.5 * purpose)
        if both >= purpose:
            return Likeness(both, named.method or "intent")
        return Likeness(purpose, "icon" if where == "icon" else "intent")


def without(text: str, near: str) -> str:
    """A name without the entry that it is about: ``Delete Buy milk`` is ``Delete``, near ``Buy milk``."""
    folded, about = normalise(text), normalise(near)
    if len(about) < _SHORTEST_ENTRY or about == folded or about not in folded:
        return text
    letter = rf"[^\W{UNSPACED}]"
    return re.sub(rf"(?<!{letter}){re.escape(about)}(?!{letter})", " ", folded).strip() or text


def _other_field(first: tuple[Unit, ...], second: tuple[Unit, ...]) -> bool:
    """Whether two names are those of different fields: about other things, or one of them for searching."""
    searching = [speaks_of_search(units) for units in (first, second)]
    return contradict_in_kind(first, second, "thing") or (searching[0] != searching[1])


def _continues(held: str, entered: str) -> bool:
    """Whether what is entered is what a field holds already, changed a little."""
    return len(held) >= 3 and fuzz.partial_ratio(normalise(held), normalise(entered)) >= 90

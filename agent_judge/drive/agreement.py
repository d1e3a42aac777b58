"""What the words of a step and those of an element have in common, and where they disagree.

A step speaks by its intent, by what its element was called where it was recorded, and by
what is entered; an element by its names, or by its icon where it has none. Each says which
action it is for, about which thing, and with which number. Nothing here decides: every
agreement and disagreement is a fact that a choice is weighed by.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from agent_judge.drive.candidates import FIELDS, Candidate
from agent_judge.drive.lazy import cached_property
from agent_judge.drive.lexicon import opposites
from agent_judge.drive.likeness import Wanted
from agent_judge.drive.meanings import Vector, closeness, vector_of
from agent_judge.drive.reading import Unit, actions_of, read_intent, read_name, speaks_of_search
from agent_judge.drive.similarity import alike, serves

_THINGS = ("thing", "state")
_KNOWN = ("action", "thing", "state")
_SURE = {"like": 1.0, "like icon": 0.9, "beside like": 0.85, "serves": 0.85, "serves icon": 0.8}
"""How much each says about how well the words fit."""
_EITHER_WAY, _WAYS = frozenset(("move",)), frozenset(("moveup", "movedown", "next", "previous"))
"""What is moved is moved up, or down: ``move the song up``."""
_SHORT = 4
"""A name of more units than this is long."""
_MOST = 4.0
"""More units than this of a kind say nothing more."""


@dataclass(frozen=True)
class Speech:
    """What a step says about its element."""

    wanted: Wanted
    common: frozenset[str] = frozenset()
    """What many steps of the scenario speak of, as ``room`` where rooms are booked: it tells little apart."""

    @cached_property
    def called(self) -> tuple[str, ...]:
        """What the element was called, without the entry that it is about."""
        return tuple(self.wanted.bare(text) for text in self.wanted.called)

    @cached_property
    def icon(self) -> str:
        """What class and file names called it."""
        return self.wanted.namings.get("icon", "")

    @cached_property
    def beside(self) -> str:
        """The text beside a field that had no name: mostly its label."""
        target = self.wanted.target
        return target.near if not self.wanted.called and target.role in FIELDS else ""

    @cached_property
    def purpose(self) -> str:
        """What the step is for."""
        return self.wanted.purpose

    @cached_property
    def intended(self) -> tuple[Unit, ...]:
        """The intent's units."""
        return read_intent(self.purpose) if self.purpose else ()

    @cached_property
    def units(self) -> tuple[Unit, ...]:
        """All units, of the intent and of the names."""
        return (*self.intended, *self._named)

    @cached_property
    def _named(self) -> tuple[Unit, ...]:
        return tuple(_units(self.called) or _units([self.icon]))

    @cached_property
    def _meant(self) -> dict[str, list[Vector]]:
        """The meaning of what is done first of all, of the whole intent, and of what the element was called."""
        first = actions_of(self.purpose)[:1] if self.purpose else ()
        named = [read_name(text) for text in self.called or (self.icon,) if text]
        said = {"action": [first], "intent": [self.intended], "name": named}
        return {kind: _vectors(texts) for kind, texts in said.items()}

    @cached_property
    def does(self) -> frozenset[str]:
        """What is done first of all."""
        first = actions_of(self.purpose)[:1] if self.purpose else ()
        does = _meanings(first, ("action",)) or _meanings(self._named, ("action",))
        return does | (self.actions & _WAYS) if does & _EITHER_WAY else does

    @cached_property
    def actions(self) -> frozenset[str]:
        """All that is said to be done."""
        return _meanings(self.units, ("action",))

    @cached_property
    def _opposites(self) -> frozenset[str]:
        """What would undo what is said to be done, or lead the other way."""
        return frozenset(one for action in self.actions for one in opposites().get(action, ())) - self.actions

    @cached_property
    def things(self) -> frozenset[str]:
        """What it is about, but for what many steps are."""
        return _meanings(self.units, _THINGS) - self.common

    @cached_property
    def generic(self) -> frozenset[str]:
        """Things that nearly everything on a page is about."""
        return _meanings(self.units, ("generic",))

    @cached_property
    def words(self) -> frozenset[str]:
        """Words that no concept is known for."""
        return frozenset(unit.word for unit in self.units if unit.kind == "word")

    @cached_property
    def numbers(self) -> frozenset[str]:
        """Numbers that are said or chosen."""
        chosen = read_name(self.wanted.entered) if self.wanted.action == "select" and self.wanted.entered else ()
        return _numbers([*self.units, *chosen])

    @cached_property
    def searches(self) -> bool:
        """Whether it is for finding something."""
        return speaks_of_search(self.units)

    @cached_property
    def role(self) -> str:
        """The role that is meant."""
        return self.wanted.role

    def alike(self, one: Candidate) -> dict[str, float]:
        """How alike the names are, and how well the element's serve the intent."""
        return self._alike(*_names(one, self.wanted), field=one.is_field)

    def fit(self, one: Candidate) -> float:
        """How well an element's words fit, 0 to 1, whichever of them do."""
        key = (*one.names.items(), ("field", str(one.is_field)))
        known = self._fits.get(key)
        if known is None:
            facts = self.alike(one)
            known = max(facts[name] * sure for name, sure in _SURE.items() if name in facts)
            self._fits[key] = known
        return known

    @cached_property
    def _fits(self) -> dict[tuple[tuple[str, str], ...], float]:
        return {}

    def _alike(self, plain: Sequence[str], icon: str, *, field: bool) -> dict[str, float]:
        everything = [*plain, icon] if icon else plain
        by_icon = [alike(self.icon, text) for text in everything] if self.icon else []
        by_icon += [alike(text, icon) for text in self.called] if icon else []
        facts = {
            "like": max((alike(own, text) for own in self.called for text in plain), default=0.0),
            "like icon": max(by_icon, default=0.0),
            "serves": self._serves(plain, field=field),
            "serves icon": self._serves([icon] if icon else [], field=field),
        }
        if self.beside:
            facts["beside like"] = max((alike(self.beside, text) for text in plain), default=0.0)
        return facts

    def _serves(self, names: Sequence[str], *, field: bool) -> float:
        if not self.purpose:
            return 0.0
        return max((serves(text, self.purpose, field=field) for text in names), default=0.0)

    def meaning(self, one: Candidate) -> dict[str, float]:
        """How close the names are in meaning, whatever their words."""
        plain, icon = _names(one, self.wanted)
        own = _vectors(read_name(text) for text in (*plain, icon) if text)
        return {f"means the {kind}": closeness(meant, own) for kind, meant in self._meant.items()}

    def agreement(self, one: Candidate) -> dict[str, float]:
        """Where what is said of action, thing and number agrees, and where not."""
        plain, icon = _names(one, self.wanted)
        found = _units(plain) or (_units([icon]) if icon else [])
        does, said = _meanings(found, ("action",)), _meanings(found, _THINGS)
        about, everything = said - self.common, _meanings(self.units, _THINGS)
        words = {unit.word for unit in found if unit.kind == "word"}
        numbers = _numbers(found)
        facts = {
            "action": float(bool(self.does & does)),
            "later action": float(bool(self.actions & does) and not self.does & does),
            "other action": float(bool(self.does and does) and not self.actions & does),
            "no action": float(bool(self.does) and not does),
            "opposite": float(bool(self._opposites & does) and not self.actions & does - _EITHER_WAY),
            "action unasked": float(bool(does) and not self.does),
            "thing": float(bool(self.things & about)),
            "share of things": len(self.things & about) / max(1, len(self.things)),
            "other thing": float(bool(self.things and about) and not self.things & about),
            "apart": float(bool(everything and said) and not everything & said),
            "no thing": float(bool(self.things) and not about),
            "thing unasked": float(bool(about) and not self.things),
            "generic": float(bool(self.generic & _meanings(found, ("generic",)))),
            "word": float(bool(self.words & words)),
            "unknown words": min(_MOST, len(words - self.words)),
            "only unknown": float(bool(words - self.words) and not any(unit.kind != "word" for unit in found)),
            "number": float(bool(self.numbers & numbers)),
            "other number": float(bool(self.numbers and numbers) and not self.numbers & numbers),
            "number unasked": float(bool(numbers) and not self.numbers),
            "unnamed": float(not found),
            "only icon": float(bool(icon) and not plain),
            "long": min(3.0, max(0, len(found) - _SHORT) / 3),
            "unasked": min(_MOST, sum(1 for unit in found if unit.kind in _KNOWN and not _in(unit, self.units))),
            "search": float(one.is_field and speaks_of_search(found) != self.searches),
            "only common": float(bool(found) and all(unit.meanings & self.common for unit in found)),
            "covers": _covered(found, self.units),
            "covers intent": _covered(self.intended, found),
        }
        facts["action and thing"] = facts["action"] * facts["thing"]
        return facts


def _names(one: Candidate, wanted: Wanted) -> tuple[list[str], str]:
    plain = [wanted.bare(text) for where, text in one.names.items() if where != "icon"]
    return plain, one.names.get("icon", "")


def _units(texts: Iterable[str]) -> list[Unit]:
    return list({unit.word: unit for text in texts if text for unit in read_name(text)}.values())


def _vectors(names: Iterable[tuple[Unit, ...]]) -> list[Vector]:
    return [vector for vector in map(vector_of, names) if vector is not None]


def _meanings(units: Iterable[Unit], kinds: Collection[str]) -> frozenset[str]:
    return frozenset(meaning for unit in units if unit.kind in kinds for meaning in unit.meanings)


def _numbers(units: Iterable[Unit]) -> frozenset[str]:
    return frozenset(unit.word for unit in units if unit.kind == "number")


def _in(unit: Unit, others: Iterable[Unit]) -> bool:
    return any(unit.word == other.word or unit.meanings & other.meanings for other in others)


def _covered(units: Sequence[Unit], others: Sequence[Unit]) -> float:
    """The share of what some units say that others say too."""
    whole = sum(unit.weight for unit in units)
    return sum(unit.weight for unit in units if _in(unit, others)) / whole if whole else 0.0


def ahead(told: Sequence[Mapping[str, float]], name: str) -> list[float]:
    """How far each is ahead of the best other one in something, or behind it."""
    values = [facts.get(name, 0.0) for facts in told]
    best = sorted(values, reverse=True)
    second = best[1] if len(best) > 1 else 0.0
    return [value - (second if value == best[0] else best[0]) for value in values]

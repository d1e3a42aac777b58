"""Second thoughts about a choice: how likely it is right, as learned from choices whose truth is known.

The rules that choose an element say how well it fits, not how often such a choice is
right on a program of a kind they have never seen. So each choice is weighed once more
against the other elements of the page and against "not there": a linear model over
what can be told of every element (``doubt.json``, fitted by
``eval/benchmarks/fit_grounding.py``) gives each its share of the likelihood. A choice
whose share is too small is not made.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files
from typing import Any

from rapidfuzz import fuzz

from agent_judge.drive.candidates import FIELDS, Candidate
from agent_judge.drive.dialogs import open_dialog
from agent_judge.drive.ground import Grounder, Scored
from agent_judge.drive.likeness import Wanted, without
from agent_judge.drive.nearness import About, Nearness
from agent_judge.drive.roles import INTERACTIVE, role_fit
from agent_judge.drive.similarity import Unit, actions_of, normalise, read_intent, read_name, serves
from agent_judge.drive.snapshot import Node

_WEIGHED = 20
"""So many of the best elements are weighed; what fits less has no share worth counting."""
_SHAPES = {
    "email": re.compile(r"\S+@\S+\.\S+"),
    "date": re.compile(r"\d{4}-\d\d-\d\d|\d{1,2}[./]\d{1,2}[./]\d{2,4}"),
    "number": re.compile(r"[-+]?\d+(?:[.,]\d+)?"),
    "tel": re.compile(r"[+\d][\d\s()/-]{5,}"),
}
"""What a value looks like, by the kind of field that it is meant for."""
_KINDS = {"spinbutton": "number", "slider": "number"}
_SEARCHING = frozenset(("search", "filter"))
_MOST = 4
"""More units than this of a kind say nothing more."""
_COMPARED = ("like", "serves", "spoken", "fit")
"""What counts by how far it is ahead of the others, besides or instead of by itself."""


@dataclass(frozen=True)
class Weighing:
    """What a choice is weighed by: the page's elements, and what earlier steps left on it."""

    grounder: Grounder
    candidates: Sequence[Candidate]
    wanted: Wanted
    just_filled: Candidate | None = None

    @cached_property
    def _root(self) -> Node:
        return self.candidates[0].node.root

    @cached_property
    def _about(self) -> About:
        return self.grounder.about(self.wanted, self._root)

    @cached_property
    def _meant(self) -> Wanted:
        """What is wanted, with the entry that the step is about."""
        return self.wanted.about(self._about.text if self._about.sure else "")

    @cached_property
    def _said(self) -> tuple[tuple[Unit, ...], tuple[Unit, ...]]:
        """What the intent and the target's names say."""
        named = [text for where, text in self._meant.namings.items() if where != "icon"]
        return read_intent(self._meant.purpose), tuple(unit for text in named for unit in read_name(text))

    @cached_property
    def _next_field(self) -> Candidate | None:
        """The first empty field after the one that was filled last."""
        last = self.just_filled
        after = [one for one in self.candidates if last and one.is_field and one.order > last.order]
        empty = [one for one in after if not one.node.own_text.strip() and not one.disabled]
        return min(empty, key=lambda one: one.order, default=None)

    def evidence(
        self, ranked: Sequence[Scored], choice: Scored, *, by_other_way: bool
    ) -> list[tuple[Candidate, Mapping[str, float]]]:
        """What can be told of the choice (given first) and of the best other elements."""
        others = [one for one in ranked[:_WEIGHED] if one.candidate is not choice.candidate]
        weighed = [choice, *others]
        elements = [one.candidate for one in weighed]
        near = Nearness(elements, self._about, self.grounder.memory.entered) if self._about.text else None
        told = [
            self._named(one) | self._role(one) | self._place(one, near) | (self._field(one) if one.is_field else {})
            for one in elements
        ]
        for one, facts in zip(weighed, told, strict=True):
            facts["repeated"] = float(one.repeated)
            facts["way"] = choice.score if by_other_way and one is choice else 0.0
        _compare(told)
        return list(zip(elements, told, strict=True))

    def _named(self, one: Candidate) -> dict[str, float]:
        wanted = self._meant
        intent, target = self._said
        names = [text for where, text in one.names.items() if where != "icon"]
        units = {unit.word: unit for text in one.names.values() for unit in read_name(text)}.values()
        plain = {unit.word: unit for text in names for unit in read_name(text)}.values()
        purposes = [
            serves(without(text, wanted.target.near), wanted.purpose, field=one.is_field) for text in one.names.values()
        ]
        spoken = fuzz.token_set_ratio(normalise(wanted.purpose), normalise(" ".join(names))) / 100 if names else 0.0
        facts = {
            "like": wanted.likeness(one).score,
            "called": wanted.by_name(one).score,
            "serves": max(purposes, default=0.0),
            "spoken": spoken,
            "contradicts": float(wanted.contradicts(one)),
            "another thing": float(wanted.contradicts_thing(one)),
            "unnamed": float(not names),
            "unsaid things": _count(unit for unit in intent if unit.kind == "thing" and not _in(unit, units)),
            "same number": _count(unit for unit in units if unit.kind == "number" and _in(unit, target)),
        }
        for kind in ("action", "thing", "number"):
            extra = (unit for unit in plain if unit.kind == kind and not _in(unit, (*intent, *target)))
            facts[f"other {kind}"] = _count(extra)
        return facts

    def _role(self, one: Candidate) -> dict[str, float]:
        role = self.wanted.target.role
        return {
            "fit": max(role_fit(self.wanted.role, own) for own in one.roles),
            "same role": float(bool(role) and role in one.roles),
            "interactive": float(any(own in INTERACTIVE for own in one.roles)),
            "field": float(one.is_field),
            "field wanted": float(role in FIELDS),
            "opens": float(self.wanted.opens),
        }

    def _place(self, one: Candidate, near: Nearness | None) -> dict[str, float]:
        belongs = near is not None and near.belongs(one)
        elsewhere = near is not None and near.about_an_entry and near.found and not belongs
        dialog, last = self._dialog, self.just_filled
        return {
            "belongs": float(belongs),
            "in another entry": float(elsewhere),
            "in an entry": float(self.grounder.in_entry(one)),
            "about something": float(self._about.sure and bool(self._about.text)),
            "stood near": float(bool(self.wanted.target.near)),
            "in dialog": float(dialog is not None and dialog.holds(one.node)),
            "just filled": float(one is last),
            "after the filled": float(last is not None and one.order > last.order),
            "next field": float(one is self._next_field),
        }

    @cached_property
    def _dialog(self) -> Node | None:
        return open_dialog(self._root)

    def _field(self, one: Candidate) -> dict[str, float]:
        held, value = normalise(one.node.own_text), self.wanted.value
        changes = bool(self.grounder.memory.editing) or any("edit" in unit.meanings for unit in self._does)
        units = [unit for text in one.names.values() for unit in read_name(text)]
        searches = one.role == "searchbox" or one.kind == "search" or _speaks_of_search(units)
        return {
            "held": float(bool(held)),
            "held and changed": float(changes) * (1.0 if held else -1.0),
            "held alike": fuzz.partial_ratio(held, normalise(value)) / 100 if len(held) > 2 and value else 0.0,
            "kind": _kind_fits(one, value) if value else 0.0,
            "search": float(searches != _speaks_of_search([*self._said[0], *self._said[1]])),
        }

    @cached_property
    def _does(self) -> tuple[Unit, ...]:
        return actions_of(self._meant.purpose)


def likelihoods(told: Sequence[Mapping[str, float]]) -> list[float]:
    """Each element's share of the likelihood, "not there" having the rest."""
    model = _model()
    weights: dict[str, float] = model["weights"]
    sums = [model["bias"] + sum(weights.get(name, 0.0) * value for name, value in facts.items()) for facts in told]
    most = max(0.0, *sums)
    parts = [math.exp(one - most) for one in sums]
    whole = sum(parts) + math.exp(-most)
    return [part / whole for part in parts]


def least_likelihood() -> float:
    """A choice whose share is smaller is doubted."""
    return float(_model()["threshold"])


def _compare(told: Sequence[dict[str, float]]) -> None:
    """Adds how far each element is ahead of the best other one, or behind it."""
    for name in _COMPARED:
        values = sorted((facts[name] for facts in told), reverse=True)
        second = values[1] if len(values) > 1 else 0.0
        for facts in told:
            facts[f"{name} ahead"] = facts[name] - (second if facts[name] == values[0] else values[0])


def _kind_fits(one: Candidate, value: str) -> float:
    """Whether a value looks like what a field takes: 1 if it does, -1 if it looks like something else."""
    looks = next((kind for kind, shape in _SHAPES.items() if shape.fullmatch(value.strip())), "text")
    kind = one.kind if one.kind in _SHAPES else _KINDS.get(one.role, "text")
    return float(looks == kind != "text") - float(kind not in ("text", looks))


def _speaks_of_search(units: Sequence[Unit]) -> bool:
    return any(unit.meanings & _SEARCHING for unit in units)


def _in(unit: Unit, others: Iterable[Unit]) -> bool:
    return any(unit.meanings & other.meanings for other in others)


def _count(units: Iterable[Unit]) -> float:
    return float(min(sum(1 for _ in units), _MOST))


@cache
def _model() -> dict[str, Any]:
    model: dict[str, Any] = json.loads((files(__package__) / "doubt.json").read_text(encoding="utf-8"))
    return model

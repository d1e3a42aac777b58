"""What the other steps of a scenario tell about the element of one.

A scenario names many elements of one program, and every element has but one part in it:
what another step's target fits clearly better is not this step's, and the field that no
other step claims may be. A field that holds what an earlier step entered is the one that
this step changes only if both are about the same. And steps that follow each other in
the recording mostly stay in one form.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from agent_judge.drive.agreement import Speech
from agent_judge.drive.candidates import FIELDS, Candidate
from agent_judge.drive.lazy import cached_property
from agent_judge.drive.lexicon import normalise, says
from agent_judge.drive.likeness import Wanted, without
from agent_judge.drive.reading import Unit, actions_of, read_intent, read_name
from agent_judge.drive.roles import role_fit
from agent_judge.drive.similarity import alike
from agent_judge.drive.snapshot import Node
from agent_judge.schema import Step, Target

_NUMBER = re.compile(r"[-+]?\d+(?:\.\d+)?")
_FINDING = frozenset(("search", "filter", "sort"))
_SHOWS = frozenset(("show", "see", "only"))
_TYPES = frozenset(("fill", "type"))
_ENTERS = _TYPES | {"select"}
_CLAIMED = 0.6
"""From this likeness on, an element is another step's."""
_CLEARLY = 0.08
"""An element is another step's only where it fits that so much better."""
_SAME_THING = 0.75
"""Two steps that are so much alike enter the same, into a form for new entries or into one for changes."""
_SAID, _HALF_SAID = 0.9, 0.5
_MOST_RIVALS = 40
_ROLE_FLOOR = 0.6
_EQUAL = 0.02
_FEW, _MOST = 4, 0.66
_OFTEN = 0.3


@dataclass(frozen=True)
class Plan:
    """The steps of a scenario that have a target, in their order."""

    steps: tuple[Wanted, ...] = ()

    def position(self, wanted: Wanted) -> int | None:
        """Where a step stands in the scenario; the last such place, as what is done again is done alike."""
        places = [number for number, one in enumerate(self.steps) if _same_step(one, wanted)]
        return places[-1] if places else None

    def rivals(self, wanted: Wanted) -> tuple[Wanted, ...]:
        """The other elements that the scenario uses, each once; not the same control of another entry or form."""
        others = {identity(one.target): one for one in self.steps if not (one.opens or self._about_an_entry(one))}
        return tuple(one for one in others.values() if self.alike(one, wanted) < _SAME_THING)[:_MOST_RIVALS]

    def alike(self, one: Wanted, other: Wanted) -> float:
        """How likely two steps enter the same thing."""
        return _same_thing(one, other, self._tells_nothing)

    @cached_property
    def _common(self) -> frozenset[str]:
        """What most of the steps that enter something speak of, as ``contact`` in a book of contacts."""
        spoken = [{m for unit in _subjects(one) for m in unit.meanings} for one in self.steps if one.action in _ENTERS]
        counts = Counter(meaning for meanings in spoken for meaning in meanings)
        return frozenset(one for one, count in counts.items() if count >= _FEW and count > _MOST * len(spoken))

    @cached_property
    def _tells_nothing(self) -> frozenset[str]:
        return self._common | self.spoken_often

    @cached_property
    def elements(self) -> Mapping[tuple[str, ...], Speech]:
        """The elements that the scenario uses, each with what its first step says of it."""
        first: dict[tuple[str, ...], Speech] = {}
        for one in self.steps:
            first.setdefault(identity(one.target), Speech(one))
        return first

    @cached_property
    def spoken_often(self) -> frozenset[str]:
        """What many steps of all kinds speak of: it hardly tells one from another."""
        spoken = [{m for unit in _subjects(one) for m in unit.meanings} for one in self.steps]
        counts = Counter(meaning for meanings in spoken for meaning in meanings)
        return frozenset(one for one, count in counts.items() if count >= _FEW and count >= _OFTEN * len(spoken))

    def _about_an_entry(self, one: Wanted) -> bool:
        """Whether a target is called by what was entered, as an entry of a list is."""
        return any(says(text, entered) for text in one.called for entered in self._entered)

    @cached_property
    def _entered(self) -> frozenset[str]:
        return frozenset(one.entered for one in self.steps if one.action in _TYPES and len(one.entered) > 1)

    def entered_before(self, position: int) -> list[Wanted]:
        """The steps before one that entered something."""
        return [one for one in self.steps[:position] if one.action in _ENTERS and one.entered]

    def neighbour(self, position: int, by: int) -> Wanted | None:
        """The step so many places before or after one."""
        return self.steps[position + by] if 0 <= position + by < len(self.steps) else None


def plan_of(steps: Sequence[Step]) -> Plan:
    """The plan of a scenario."""
    return Plan(tuple(meant(step) for step in steps if step.target))


def meant(step: Step) -> Wanted:
    """What a step looks for.

    Raises:
        ValueError: The step names no element.
    """
    if step.target is None:
        raise ValueError("the step names no element")
    value = step.value if isinstance(step.value, str) else ""
    target = step.target
    if target.role in FIELDS and normalise(target.near) in (normalise(one) for one in _labels(target)):
        target = target.model_copy(update={"near": ""})  # Its own label says nothing about where it is.
    strokes = step.do == "drag" and step.to is None
    return Wanted(target, step.do, step.intent, value if step.do == "fill" else "", strokes, value)


@dataclass(frozen=True)
class OtherSteps:
    """One step among those of its scenario, and the elements of the page that it is done on."""

    plan: Plan
    wanted: Wanted
    candidates: Sequence[Candidate]
    just_filled: Candidate | None = None

    @cached_property
    def _position(self) -> int | None:
        return self.plan.position(self.wanted)

    @cached_property
    def _rivals(self) -> tuple[Wanted, ...]:
        return self.plan.rivals(self.wanted)

    def claim(self, one: Candidate) -> float:
        """How much better another step's target fits an element than this step's, 0 if none fits it well."""
        if not self._rivals:
            return 0.0
        own = self.wanted.likeness(one).score * _role_fit(self.wanted, one)
        least = max(_CLAIMED, own + _CLEARLY)
        fitting = ((_fits(rival, one), number) for number, rival in enumerate(self._rivals))
        better = sorted(((fit, number) for fit, number in fitting if fit >= least), reverse=True)
        return next((fit - own for fit, number in better if self._best_of(number) is one), 0.0)

    def _best_of(self, number: int) -> Candidate | None:
        """The element that fits another step's target best, if one does."""
        if number not in self._best:
            fits = sorted(((_fits(self._rivals[number], one), -place) for place, one in enumerate(self.candidates)))
            alone = fits and (len(fits) == 1 or fits[-1][0] - fits[-2][0] > _EQUAL)
            self._best[number] = self.candidates[-fits[-1][1]] if alone else None
        return self._best[number]

    @cached_property
    def _best(self) -> dict[int, Candidate | None]:
        return {}

    def claimed(self, one: Candidate) -> bool:
        """Whether an element is clearly another step's."""
        return self.claim(one) >= _CLEARLY

    @cached_property
    def _held_by(self) -> dict[int, float]:
        """How much a step is like the earlier one that entered what a field (by ``id``) holds."""
        if self._position is None or self.wanted.action not in _ENTERS:
            return {}
        earlier = self.plan.entered_before(self._position)
        held: dict[int, float] = {}
        for one in self.candidates:
            if not one.is_field or not (text := plain_value(one.node.own_text)):
                continue
            same = [self._alike(step) for step in earlier if plain_value(step.entered) == text]
            if same:
                held[id(one)] = max(same)
        return held

    def holds_own(self, one: Candidate) -> bool:
        """Whether a field, and no other, holds what an earlier step entered that is about the same."""
        held = self._held_by
        own = held.get(id(one), 0.0)
        return own >= _SAME_THING and own == max(held.values()) and [*held.values()].count(own) == 1

    def holds_other(self, one: Candidate) -> bool:
        """Whether a field holds what an earlier step entered that is about something else, and another step was not."""
        return self._held_by.get(id(one), 1.0) < min(_SAME_THING, self._likest - _CLEARLY)

    def _alike(self, earlier: Wanted) -> float:
        """How much the step is like an earlier one, or one that entered the same thing as that."""
        same = [
            one for one in self.plan.steps if one.action in _ENTERS and self.plan.alike(one, earlier) >= _SAME_THING
        ]
        return max((self.plan.alike(one, self.wanted) for one in same if one is not self._own), default=0.0)

    @property
    def _own(self) -> Wanted | None:
        return None if self._position is None else self.plan.steps[self._position]

    @cached_property
    def _likest(self) -> float:
        """How much the step is like the one that it is most like of those that entered something before."""
        earlier = self.plan.entered_before(self._position or 0)
        return max((self.plan.alike(one, self.wanted) for one in earlier), default=0.0)

    @cached_property
    def left(self) -> list[Candidate]:
        """The fields that no other step claims and nothing speaks against, in document order."""
        fields = [one for one in self.candidates if self._possible(one)]
        free = [
            one
            for one in fields
            if not (self.claimed(one) or self.holds_other(one) or self.wanted.called_otherwise(one))
        ]
        return sorted(free, key=lambda one: one.order)

    def _possible(self, one: Candidate) -> bool:
        """Whether what the step enters can be entered into an element."""
        return one.is_field and not one.disabled and not one.options and one.takes(self.wanted.value)

    def remaining(self) -> Candidate | None:
        """The field that this step must mean, as all others have their part, or as it comes next."""
        if self.wanted.action not in _TYPES or self._position is None:
            return None
        form = [one for one in self.left if self._in_form(one)]
        if len(form) == 1:
            return form[0]
        return self._after_last(form) or self._before_next(form)

    def _after_last(self, form: Sequence[Candidate]) -> Candidate | None:
        """The next empty field, where the step before filled one."""
        last, before = self.just_filled, self.plan.neighbour(self._position or 0, -1)
        if last is None or before is None or before.action not in _ENTERS:
            return None
        after = [one for one in form if one.order > last.order and not one.node.own_text.strip()]
        return after[0] if after else None

    def _before_next(self, form: Sequence[Candidate]) -> Candidate | None:
        """The field just before the one that the next step fills, where that is known."""
        following = self.plan.neighbour(self._position or 0, 1)
        if following is None or following.action not in _ENTERS:
            return None
        fields = sorted((one for one in self.candidates if one.is_field), key=lambda one: one.order)
        likely = [one for one in fields if _fits(following, one) >= _CLAIMED]
        before = [one for one in form if likely and one.order < likely[0].order and not one.node.own_text.strip()]
        return before[-1] if len(likely) == 1 and before else None

    @property
    def form(self) -> Node | None:
        """The form that the step before entered something into, where this step does too."""
        before = self.plan.neighbour(self._position, -1) if self._position is not None else None
        entering = self.wanted.action in _ENTERS and before is not None and before.action in _ENTERS
        return self._form if entering else None

    def _in_form(self, one: Candidate) -> bool:
        """Whether a field shares a form with those of the steps before and after."""
        return self._form is None or self._form.holds(one.node)

    @cached_property
    def _form(self) -> Node | None:
        """The smallest part of the page that holds the field filled last and others."""
        if self.just_filled is None:
            return None
        around = [node for node in self.just_filled.node.ancestors() if len(_fields_in(node)) > 1]
        return around[0] if around else None


def _fields_in(node: Node) -> list[Node]:
    return [one for one in node.walk() if one.role in FIELDS and one.ref]


def _fits(wanted: Wanted, one: Candidate) -> float:
    """How alike an element is to a target, by names and role alone."""
    fit = _role_fit(wanted, one)
    return wanted.told(one).score * fit if fit >= _ROLE_FLOOR else 0.0


def _role_fit(wanted: Wanted, one: Candidate) -> float:
    return max(role_fit(wanted.role, own) for own in one.roles)


@lru_cache(maxsize=20_000)
def _same_thing(one: Wanted, other: Wanted, common: frozenset[str] = frozenset()) -> float:
    """How likely two steps enter the same thing, judged by their targets' names, their values and their intents."""
    if identity(one.target) == identity(other.target):
        return 1.0
    if one.entered and other.entered and _is_number(one.entered) != _is_number(other.entered):
        return 0.0
    if finds(one) != finds(other):
        return 0.0
    named = max((alike(a, b) for a in one.called for b in other.called), default=0.0)
    if not {one.action, other.action} & _ENTERS and (does := actions_of(one.purpose)):
        same = any(unit.meanings & does[0].meanings for unit in actions_of(other.purpose)[:1])
        return max(named, _SAID if same else 0.0)
    said, told = _subjects(one, common), _subjects(other, common)
    shared = sum(1 for unit in said if any(unit.meanings & another.meanings for another in told))
    share = shared / min(len(said), len(told)) if said and told else 0.0
    return max(named, share * (_SAID if share == 1.0 else _HALF_SAID))


def finds(wanted: Wanted) -> bool:
    """Whether a step is for finding and showing, rather than for giving or changing something."""
    units = read_name(wanted.purpose)
    return any(unit.meanings & _FINDING or unit.word in _SHOWS for unit in units)


def _subjects(wanted: Wanted, common: frozenset[str] = frozenset()) -> list[Unit]:
    """What an intent is about, without what is done, the words that are entered, and what most steps speak of."""
    purpose = without(wanted.purpose, wanted.entered)
    units = [unit for unit in read_intent(purpose) if unit.kind not in ("action", "generic")]
    return [unit for unit in units if not unit.meanings & common]


def plain_value(text: str) -> str:
    """A value as it is compared: ``42`` and ``42.00`` are the same."""
    folded = normalise(text)
    return f"{float(folded):g}" if _is_number(folded) else folded


def _labels(target: Target) -> tuple[str, ...]:
    return (target.name, target.label, target.placeholder)


def _is_number(text: str) -> bool:
    return _NUMBER.fullmatch(text.strip()) is not None


def _same_step(one: Wanted, other: Wanted) -> bool:
    return (one.target, one.action, one.intent, one.entered) == (
        other.target,
        other.action,
        other.intent,
        other.entered,
    )


def identity(target: Target) -> tuple[str, ...]:
    """What makes two recorded targets one element of the program that they were recorded on."""
    first = target.selectors[0] if target.selectors else ""
    return (target.role, target.name, target.label, target.placeholder, target.text, target.near, first)

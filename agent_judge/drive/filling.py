"""Where a step stands in the filling of a form: which field comes next, and what ends it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from agent_judge.drive.agreement import Speech
from agent_judge.drive.candidates import Candidate
from agent_judge.drive.ground_scenario import Plan
from agent_judge.drive.lazy import cached_property
from agent_judge.drive.likeness import Wanted
from agent_judge.drive.snapshot import Node
from agent_judge.drive.strength import ENTERS, FITS, Facts, strength
from agent_judge.drive.structure import sends

FINISHES = frozenset(
    ("save", "confirm", "submit", "add", "buy", "reserve", "apply", "send", "equals", "complete", "signin", "signup",
     "publish", "edit", "checkout", "logging", "schedule", "search", "calculate")
)  # fmt: skip
"""What the button at the end of a form does."""
_CLEARLY = 0.05


@dataclass(frozen=True)
class Filling:
    """The elements of a page for a step of a scenario, and the field that was filled last."""

    elements: Sequence[Candidate]
    speech: Speech
    plan: Plan
    position: int | None
    """Where the step stands in the plan, if it does."""
    just_filled: Candidate | None

    def _neighbour(self, by: int) -> Wanted | None:
        return self.plan.neighbour(self.position, by) if self.position is not None else None

    @cached_property
    def _entered_just_before(self) -> bool:
        return self._fills_form(self._neighbour(-1))

    @cached_property
    def _entered_lately(self) -> bool:
        """Whether a form is being filled: the step before entered something, or the one before that and it went on."""
        if self.position is None:
            return True
        before, earlier = self._neighbour(-1), self._neighbour(-2)
        if before is None or before.action in ENTERS:
            return self._fills_form(before)
        return self._fills_form(earlier) and not Speech(before).does & FINISHES

    def _fills_form(self, step: Wanted | None) -> bool:
        """Whether a step fills a part of a form; what is searched for stands alone, but for the button beside it."""
        if step is None or step.action not in ENTERS:
            return False
        return self.speech.searches or not Speech(step).searches

    @cached_property
    def _following_fields(self) -> list[Candidate]:
        last = self.just_filled
        after = [one for one in self.elements if last is not None and one.is_field and one.order > last.order]
        return sorted(after, key=lambda one: one.order)

    @cached_property
    def _before_next(self) -> Candidate | None:
        """The field just before the one that the next step is known to fill."""
        following = self._neighbour(1)
        if following is None or following.action not in ENTERS:
            return None
        fields, speech = [one for one in self.elements if one.is_field], Speech(following)
        fits = sorted(((strength(speech, one), -place) for place, one in enumerate(fields)), reverse=True)
        sure = fits and fits[0][0] >= FITS and (len(fits) == 1 or fits[1][0] < fits[0][0] - _CLEARLY)
        if not sure:
            return None
        known = fields[-fits[0][1]]
        before = [one for one in fields if one.order < known.order]
        return max(before, key=lambda one: one.order, default=None)

    @cached_property
    def _form(self) -> Node | None:
        """The smallest part of the page around the field filled last that has something to push."""
        if self.just_filled is None:
            return None
        around = self.just_filled.node.ancestors()
        return next((node for node in around if node.kinds & {"button", "clickable"}), None)

    def order(self, one: Candidate) -> Facts:
        """Where an element stands beside the field that was filled last."""
        last, following = self.just_filled if self._entered_lately else None, self._following_fields
        empty = [field for field in following if not field.node.own_text.strip() and not field.disabled]
        in_form = last is not None and self._form is not None and self._form.holds(one.node)
        after = last is not None and one.order > last.order
        return {
            "filled last": float(one is last),
            "after the filled": float(after),
            "next empty field": float(self._entered_just_before and bool(empty) and one is empty[0]),
            "next field": float(self._entered_just_before and bool(following) and one is following[0]),
            "in form": float(in_form),
            "pushed after the filled": float(after and in_form and not one.is_field),
            "before the next": float(one is self._before_next),
        }

    def end(self, one: Candidate, facts: Mapping[str, float]) -> Facts:
        """Whether what is pushed ends the form that was just filled, as a step that saves or sends wants."""
        if one.is_field:
            return {}
        finishes = bool(self.speech.does & FINISHES)
        after = bool(facts["pushed after the filled"])
        return {
            "ends form": float(finishes and self._entered_just_before and after),
            "ends no form": float(finishes and self._entered_just_before and not after),
            "ends form unasked": float(not finishes and after),
            "opens what is open": float(self.speech.wanted.opens and sends(one)),
            "ends dialog": float(finishes and bool(facts["in dialog"])),
        }

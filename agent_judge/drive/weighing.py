"""Which element a step means, as learned from choices whose truth is known.

The rules say how well an element fits, not how often such a choice is right on a program
of a kind they have never seen. So all that can be told of the page's elements
(``evidence.py``) is weighed: a linear model (``weights.json``, fitted by
``eval/benchmarks/fit_grounding.py``) gives each element its share of the likelihood, and
"not there" the rest. The likeliest is chosen if its share is large enough, which it is sooner
where the rules choose the same, and most of all where that is clear to them.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from agent_judge.drive.candidates import Candidate
from agent_judge.drive.evidence import Evidence
from agent_judge.drive.ground import Scored
from agent_judge.drive.structure import frames

_GROUPS = {"fill": "enters", "type": "enters", "click": "pushes", "dblclick": "pushes", "press": "pushes",
           "hover": "pushes"}  # fmt: skip
"""Actions whose elements are told by other signs than most."""


CLEAR = 0.8
"""From this score on, what the rules choose is clear to them."""
_LIKE = 0.6
_ANOTHER_THING = 0.7


@dataclass(frozen=True)
class Weighed:
    """The likeliest element, and how likely it is."""

    candidate: Candidate
    likelihood: float
    shares: tuple[tuple[Candidate, float], ...]
    """All that were weighed, likeliest first, with their shares."""

    def sure_enough(self, rules: Scored | None) -> bool:
        """Whether it is likely enough to be acted on; a wrong action costs more than none.

        Args:
            rules: What the rules choose; where that is the same, less will do.
        """
        least = "threshold"
        if rules is not None and rules.candidate is self.candidate:
            least = "clear" if rules.score >= CLEAR else "agreed"
        return self.likelihood >= float(_model()[least])


def weigh(evidence: Evidence) -> Weighed | None:
    """The likeliest element, if there is any; what lies within another or at its place is one with it."""
    elements = evidence.elements
    if not elements:
        return None
    told = evidence.told()
    shares = likelihoods(told, evidence.wanted.action)
    best = max(range(len(shares)), key=lambda number: shares[number])
    chosen = elements[best]
    whole = sum(share for one, share in zip(elements, shares, strict=True) if one is chosen or _same_click(one, chosen))
    if not chosen.is_field and _about_another_thing(told[best]):
        whole *= _ANOTHER_THING
    likely = sorted(zip(elements, shares, strict=True), key=lambda one: -one[1])
    return Weighed(chosen, min(whole, 1.0), tuple(likely))


def likelihoods(told: Sequence[Mapping[str, float]], action: str = "") -> list[float]:
    """Each element's share of the likelihood, "not there" having the rest."""
    weights, bias = weights_for(_GROUPS.get(action, ""))
    sums = [bias + sum(weights.get(name, 0.0) * value for name, value in facts.items()) for facts in told]
    most = max(0.0, *sums)
    parts = [math.exp(one - most) for one in sums]
    whole = sum(parts) + math.exp(-most)
    return [part / whole for part in parts]


def group_of(action: str) -> str:
    """The group of actions that one belongs to, which has weights of its own."""
    return _GROUPS.get(action, "")


def _about_another_thing(facts: Mapping[str, float]) -> bool:
    """Whether the names say another thing, and nothing but the action speaks for the element."""
    another = facts["other thing"] or (facts["action"] and facts["no thing"] and facts["unasked"])
    return bool(another) and facts["like"] < _LIKE and not (facts["belongs"] or facts["way"])


def _same_click(one: Candidate, other: Candidate) -> bool:
    """Whether two elements are one thing to act on: at the same place, or one around the other and nothing else."""
    if (one.rect is not None and one.rect == other.rect) or frames(one, other) or frames(other, one):
        return True
    if not (one.in_snapshot and other.in_snapshot):
        return False
    inside = other.node.holds(one.node) and not other.holds_controls
    return inside or (one.node.holds(other.node) and not one.holds_controls)


@cache
def weights_for(group: str) -> tuple[Mapping[str, float], float]:
    """The weights and the bias for a group of actions: those of all, and what is added for the group."""
    model = _model()
    everybody, own = model["weights"], model["groups"].get(group, {})
    weights = {name: everybody.get(name, 0.0) + own.get(name, 0.0) for name in {*everybody, *own}}
    return weights, float(model["bias"]) + float(own.get("bias", 0.0))


@cache
def _model() -> dict[str, Any]:
    model: dict[str, Any] = json.loads((files(__package__) / "weights.json").read_text(encoding="utf-8"))
    return model

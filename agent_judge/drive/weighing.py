"""Which element a step means, as learned from choices whose truth is known.

The rules say how well an element fits, not how often such a choice is right on a program
of a kind they have never seen. So all that can be told of the page's elements
(``evidence.py``) is weighed, twice. A linear model gives each element its share of the
likelihood, and "not there" the rest; that orders the elements. How sure the likeliest is
is another question, which a logistic model answers that also knows how far it is ahead and
whether the rules choose the same. It was fitted to choices on programs that the first one
had not seen (``weights.json``, by ``eval/benchmarks/fit_grounding.py``).
"""

from __future__ import annotations

import json
import math
from collections.abc import Collection, Mapping, Sequence
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
_ANOTHER_THING, _ANOTHER_ENTRY = 0.7, 0.5
_OPENS_NOTHING = 0.5
"""What stands at the end of a form hardly opens one."""
_FAR = 12.0
"""How far the likeliest is ahead counts no more than this."""


@dataclass(frozen=True)
class Weighed:
    """The likeliest element, and how likely it is the right one."""

    candidate: Candidate
    likelihood: float
    shares: tuple[tuple[Candidate, float], ...]
    """All that were weighed, likeliest first, with their shares."""
    agreed: bool = False
    """Whether the rules choose the same, and nothing makes that doubtful."""

    @property
    def sure_enough(self) -> bool:
        """Whether it is likely enough to be acted on; a wrong action costs more than none.

        Where the rules choose the same, and nothing else on the page comes near, a little less will do.
        """
        model = _model()
        alone = self.agreed and self.shares[0][1] >= float(model["alone"])
        return self.likelihood >= float(model["agreed" if alone else "threshold"])


def weigh(evidence: Evidence, rules: Scored | None) -> Weighed | None:
    """The likeliest element, if there is any.

    Args:
        evidence: All that can be told of the elements.
        rules: What the rules choose.
    """
    elements = evidence.elements
    if not elements:
        return None
    told, action = evidence.told(), evidence.wanted.action
    found = sums(told, action)
    best = max(range(len(found)), key=lambda number: found[number])
    chosen = elements[best]
    agreement = agreement_of(rules) if rules is not None and rules.candidate is chosen else ""
    same = same_clicks(elements, chosen)
    likely = sorted(zip(elements, shares_of(found), strict=True), key=lambda one: -one[1])
    likelihood = certain = sureness(signs(told, found, action, agreement, same))
    if not chosen.is_field and _about_another_thing(told[best]):
        likelihood *= _ANOTHER_THING
    if told[best]["in a twin entry"] and agreement != "clear":
        likelihood *= _ANOTHER_ENTRY
    if told[best].get("opens what is open") and agreement != "clear":
        likelihood *= _OPENS_NOTHING
    return Weighed(chosen, likelihood, tuple(likely), agreed=bool(agreement) and likelihood == certain)


def agreement_of(rules: Scored) -> str:
    """How the rules agree where they choose the same element."""
    return "clear" if rules.score >= CLEAR else "agreed"


def sums(told: Sequence[Mapping[str, float]], action: str = "") -> list[float]:
    """What speaks for each element, against "not there", which has none."""
    weights, bias = weights_for(group_of(action))
    return [bias + sum(weights.get(name, 0.0) * value for name, value in facts.items()) for facts in told]


def shares_of(found: Sequence[float]) -> list[float]:
    """Each element's share of the likelihood, "not there" having the rest."""
    most = max(0.0, *found)
    parts = [math.exp(one - most) for one in found]
    whole = sum(parts) + math.exp(-most)
    return [part / whole for part in parts]


def signs(
    told: Sequence[Mapping[str, float]], found: Sequence[float], action: str, agreement: str, same: Collection[int]
) -> dict[str, float]:
    """What tells whether the likeliest element is the right one: all that is known of it, and how it was chosen.

    Args:
        told: What can be told of each element.
        found: Their sums.
        action: What is done.
        agreement: Whether the rules choose the same: ``clear``, ``agreed``, or not.
        same: Those that are one thing to act on with the likeliest.
    """
    best = max(range(len(found)), key=lambda number: found[number])
    others = [one for number, one in enumerate(found) if number != best and number not in same]
    shares, group = shares_of(found), group_of(action)
    share = min(1.0, shares[best] + sum(shares[number] for number in same))
    return {
        **told[best],
        "choice: sum": found[best],
        "choice: lead": min(found[best] - max(others, default=-_FAR), _FAR),
        "choice: odds": math.log((share + 1e-9) / (1 - share + 1e-9)),
        "choice: share": share,
        "choice: clear": float(agreement == "clear"),
        "choice: agreed": float(agreement == "agreed"),
        "choice: of many": math.log(len(found)),
        **({f"choice: {group}": 1.0} if group else {}),
    }


def sureness(known: Mapping[str, float]) -> float:
    """How likely a choice is right, by its signs; 0 to 1."""
    model = _model()["sureness"]
    weights: Mapping[str, float] = model["weights"]
    whole = float(model["bias"]) + sum(weights.get(name, 0.0) * value for name, value in known.items())
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, whole))))


def _about_another_thing(facts: Mapping[str, float]) -> bool:
    """Whether the names say another thing, and nothing but the action speaks for the element."""
    another = facts["other thing"] or facts["apart"] or (facts["action"] and facts["no thing"] and facts["unasked"])
    return bool(another) and facts["like"] < _LIKE and not (facts["belongs"] or facts["way"])


def same_clicks(elements: Sequence[Candidate], chosen: Candidate) -> list[int]:
    """The places of the elements that are one thing to act on with another."""
    return [number for number, one in enumerate(elements) if one is not chosen and _same_click(one, chosen)]


def _same_click(one: Candidate, other: Candidate) -> bool:
    """Whether two elements are one thing to act on: at the same place, or one around the other and nothing else."""
    if (one.rect is not None and one.rect == other.rect) or frames(one, other) or frames(other, one):
        return True
    if not (one.in_snapshot and other.in_snapshot):
        return False
    inside = other.node.holds(one.node) and not other.holds_controls
    return inside or (one.node.holds(other.node) and not one.holds_controls)


def group_of(action: str) -> str:
    """The group of actions that one belongs to, which has weights of its own."""
    return _GROUPS.get(action, "")


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

"""What remains for a step when the elements that other steps lay claim to are taken."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

from agent_judge.drive.candidates import Candidate
from agent_judge.drive.novelty import LIKELY_NEW
from agent_judge.drive.strength import Facts


def add_what_is_left(elements: Sequence[Candidate], told: Sequence[Facts]) -> None:
    """Tells of each element whether it is one of few that no other step claims.

    That is told among the fields, the controls of the entry that the step is about, all controls that belong to no
    entry, and those of them that the step before brought up; of the latter two, what looks the same counts once. And
    how many others are of its kind.

    Args:
        elements: The elements that are weighed.
        told: What is known of each; it is added to.
    """
    pairs = list(zip(elements, told, strict=True))
    _add_to_fields([facts for one, facts in pairs if one.is_field and not one.disabled and _takes_more(facts)])
    _add_to_entry(
        [facts for one, facts in pairs if facts["belongs"] and facts["interactive"] and not one.holds_controls]
    )
    pushed = [(one, facts) for one, facts in pairs if facts["interactive"] and one.is_pushed]
    left = [(one, facts) for one, facts in pushed if not (facts["claimed"] or _elsewhere(facts))]
    _share_out(left, "left of controls")
    _share_out([(one, facts) for one, facts in left if facts.get("new", 0.0) > LIKELY_NEW], "left of new controls")
    kinds: dict[tuple[object, ...], list[Facts]] = {}
    for one, facts in pairs:
        kinds.setdefault((one.roles, facts["belongs"], one.called), []).append(facts)
    for same in kinds.values():
        for facts in same:
            facts["of its kind"] = math.log(len(same))


def _add_to_fields(free: Sequence[Facts]) -> None:
    for facts in free:
        facts |= {"left of fields": 1.0 / len(free), "only field left": float(len(free) == 1)}


def _add_to_entry(own: Sequence[Facts]) -> None:
    left = [facts for facts in own if not facts["claimed"]]
    for facts in own:
        facts["only one in entry"] = float(len(own) == 1)
    for facts in left:
        facts["only one left in entry"] = float(len(left) == 1)


def _share_out(left: Iterable[tuple[Candidate, Facts]], name: str) -> None:
    alike: dict[tuple[object, ...], list[Facts]] = {}
    for one, facts in left:
        alike.setdefault((one.roles, one.called, one.drawn), []).append(facts)
    for same in alike.values():
        for facts in same:
            facts[name] = 1.0 / len(alike)


def _takes_more(facts: Mapping[str, float]) -> bool:
    return bool(facts["acceptable"]) and not facts["claimed"] and not facts.get("holds another's")


def _elsewhere(facts: Mapping[str, float]) -> bool:
    """Whether it belongs to an entry that the step is not about, or lies where it cannot be used."""
    return bool((facts["in an entry"] and not facts["belongs"]) or facts["behind dialog"])

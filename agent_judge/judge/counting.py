"""Counting the votes of a panel, and learning from agreement how far each member can be trusted."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from agent_judge.schema import Vote, Winner

OPTIONS: tuple[Winner, ...] = ("A", "B", "tie", "both_bad")
_ROUNDS = 50
_LEAST, _MOST = 0.05, 0.95
"""No member is ever trusted entirely, or taken for wrong on purpose."""


def count(votes: Sequence[Vote], weights: Sequence[float]) -> tuple[Winner, float]:
    """The option with the greatest weight, and its share.

    Votes for ``tie`` and ``both_bad`` count together against a winner; among
    themselves the heavier one holds. Options of equal weight make a tie.
    """
    total = sum(weights)
    weight = {option: sum(w for v, w in zip(votes, weights, strict=True) if v.winner == option) for option in OPTIONS}
    neither: Winner = "both_bad" if weight["both_bad"] > weight["tie"] else "tie"
    sums: dict[Winner, float] = {"A": weight["A"], "B": weight["B"], neither: weight["tie"] + weight["both_bad"]}
    best = max(sums.values())
    leading: list[Winner] = [option for option, value in sums.items() if math.isclose(value, best)]
    if len(leading) == 1:
        return leading[0], best / total
    return "tie", best / total


def learn_reliability(battles: Sequence[Sequence[Vote]]) -> dict[str, float]:
    """Learns each member's probability of being right from the votes of many battles alone.

    The one-coin model of Dawid and Skene (1979), fitted by expectation
    maximisation: a member says what is right with its own probability, and
    anything else with equal probability otherwise.

    Args:
        battles: The votes of each battle.

    Returns:
        Member to reliability, 0 to 1.
    """
    members = sorted({vote.voter for votes in battles for vote in votes})
    reliability = dict.fromkeys(members, 0.7)
    for _ in range(_ROUNDS):
        beliefs = [_belief(votes, reliability) for votes in battles]
        for member in members:
            right = [
                belief[vote.winner]
                for votes, belief in zip(battles, beliefs, strict=True)
                for vote in votes
                if vote.voter == member
            ]
            # One battle's worth of doubt, so that few votes do not make anyone certain.
            reliability[member] = min(_MOST, max(_LEAST, (sum(right) + 0.5) / (len(right) + 1)))
    return reliability


def weight_of(reliability: float) -> float:
    """How much a vote of this reliability weighs: its log odds against a guess among the options, at least 0."""
    trusted = min(_MOST, max(_LEAST, reliability))
    return max(0.0, math.log(trusted * (len(OPTIONS) - 1) / (1 - trusted)))


def _belief(votes: Sequence[Vote], reliability: Mapping[str, float]) -> dict[Winner, float]:
    logs = {
        option: sum(
            math.log(reliability[v.voter] if v.winner == option else (1 - reliability[v.voter]) / (len(OPTIONS) - 1))
            for v in votes
        )
        for option in OPTIONS
    }
    most = max(logs.values())
    shares = {option: math.exp(value - most) for option, value in logs.items()}
    return {option: share / sum(shares.values()) for option, share in shares.items()}

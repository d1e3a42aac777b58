"""How well a target fits an element by words and kind alone."""

from __future__ import annotations

from agent_judge.drive.agreement import Speech
from agent_judge.drive.candidates import Candidate
from agent_judge.drive.roles import role_fit
from agent_judge.drive.values import kind_fits

Facts = dict[str, float]
"""What is told of an element, by name."""
FITS = 0.6
"""From this on a target fits an element."""
ENTERS = frozenset(("fill", "type", "select"))
"""Actions that enter something."""


def strength(speech: Speech, one: Candidate) -> float:
    """How well a target fits an element by words and kind alone, 0 to 1."""
    fit = max(role_fit(speech.role, own) for own in one.roles)
    if fit < FITS:
        return 0.0
    words, value = speech.fit(one), speech.wanted.entered
    if one.is_field and value and speech.wanted.action in ENTERS:
        kind = kind_fits(one, value)
        words = min(1.0, words + 0.1 * kind) if kind > 0 else words * (1 + 0.3 * kind)
        words *= 1.0 if one.takes(value) else 0.3
    return words * fit

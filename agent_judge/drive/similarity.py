"""How likely two names mean the same thing on a user interface: words, signs, synonyms, languages.

Two names are alike by the weighted share of what they say that they have in common (the harmonic
mean of both directions), and contradict each other when both name an action, a thing or a number,
but not the same.
"""

from __future__ import annotations

from functools import lru_cache

from rapidfuzz import fuzz

from agent_judge.drive.lexicon import normalise, related_pairs
from agent_judge.drive.reading import OPENS, REMARK, Unit, actions_of, read_intent, read_name

_CONTRADICTION = 0.25
_STAND_IN = 0.68
_AND_MORE = 0.12
_WITHOUT_ACTION = 0.65
_CONFIRMS = frozenset(("confirm",))
_UNLIKE = 0.3
_AROUND_REMARK = " ()（）[]:*"
_OTHER_REMARK = 0.5
"""Names that differ in what they add in brackets are hardly those of the same thing."""
_CLEAR_MEANINGS = 2
"""A sign with more meanings than this says less."""


def _remarks_differ(first: str, second: str) -> bool:
    """Whether both add something in brackets, and not the same: ``Export (CSV)`` and ``Export (PDF)``."""
    remarks = [match[0].strip(_AROUND_REMARK) for match in (REMARK.search(first), REMARK.search(second)) if match]
    return len(remarks) == 2 and alike(*remarks) < _UNLIKE


@lru_cache(maxsize=50_000)
def alike(first: str, second: str) -> float:
    """How likely two names mean the same, 0 to 1. Symmetric."""
    a, b = normalise(first), normalise(second)
    if a != b and _remarks_differ(first, second):
        return _OTHER_REMARK
    if not a or not b:
        return 0.0
    if a == b:
        return 1.0
    units_a, units_b = read_name(first), read_name(second)
    if not units_a or not units_b:
        return 0.0
    if [unit.word for unit in units_a] == [unit.word for unit in units_b]:
        return 0.98
    shared = _shared(units_a, units_b)
    share_a = shared / sum(unit.weight for unit in units_a)
    share_b = shared / sum(unit.weight for unit in units_b)
    score = 0.97 * 2 * share_a * share_b / (share_a + share_b) if shared else 0.0
    if contradict(units_a, units_b):
        related = _related(units_a, units_b)
        return max(min(score, _CONTRADICTION), related + (_AND_MORE if related and shared else 0.0))
    if not _numbers(units_a) and not _numbers(units_b):
        ratio = fuzz.ratio(a, b) / 100
        score = max(score, ratio * 0.95 if ratio >= 0.8 else 0.0)
    return score


@lru_cache(maxsize=50_000)
def serves(name: str, intent: str, *, field: bool = False) -> float:
    """How likely an element of this name is there for what a step intends, 0 to 1.

    An intent is a sentence, which says more than a name: what counts is that the name is
    part of it, and that the name's action is the one that the intent is about. The name
    of a ``field`` need not tell any action.
    """
    wanted = read_intent(intent)
    found = read_name(name)
    if not wanted or not found:
        return 0.0
    actions = actions_of(intent)
    own = [unit for unit in found if unit.kind == "action"]
    covered = _shared(found, wanted) / sum(unit.weight for unit in found)
    if all(unit.kind == "generic" for unit in found):
        return covered * 0.5
    if not own:
        told = not actions or field or not actions[0].meanings - OPENS
        return covered * (1.0 if told else _WITHOUT_ACTION)
    if (field or not actions) and any(unit.meanings & other.meanings for unit in own for other in wanted):
        return covered
    if actions and any(unit.meanings & _first_of(actions) for unit in own):
        return max(covered, 0.75 if not contradict_in_kind(found, wanted, "thing") else covered)
    if actions and any(unit.meanings & other.meanings for unit in own for other in actions):
        return covered * 0.6
    return _related(tuple(own), tuple(actions[:1])) if actions else covered * 0.5


def _first_of(actions: tuple[Unit, ...]) -> frozenset[str]:
    """What a step is first of all about; to confirm a deletion is about both."""
    confirms = _CONFIRMS & actions[0].meanings
    return actions[0].meanings | (actions[1].meanings if confirms and len(actions) > 1 else frozenset())


@lru_cache(maxsize=50_000)
def misses_intent(name: str, intent: str) -> bool:
    """Whether a name's actions are all others than the one that a step is first of all about."""
    actions = actions_of(intent)
    own = [unit for unit in read_name(name) if unit.kind == "action"]
    if not actions or not own or any(unit.meanings & _first_of(actions) for unit in own):
        return False
    return not _related(tuple(own), tuple(actions[:1]))


def contradict_in_kind(first: tuple[Unit, ...], second: tuple[Unit, ...], kind: str) -> bool:
    """Whether both name something of a kind (``action``, ``thing``), but nothing in common."""
    of_a = [unit.meanings for unit in first if unit.kind == kind]
    of_b = [unit.meanings for unit in second if unit.kind == kind]
    return bool(of_a and of_b) and not any(one & other for one in of_a for other in of_b)


def contradict(first: tuple[Unit, ...], second: tuple[Unit, ...]) -> bool:
    """Whether two names say different things rather than one saying less than the other."""
    if any(contradict_in_kind(first, second, kind) for kind in ("action", "thing")):
        return True
    numbers_a, numbers_b = _numbers(first), _numbers(second)
    return bool(numbers_a and numbers_b and numbers_a != numbers_b)


def _related(first: tuple[Unit, ...], second: tuple[Unit, ...]) -> float:
    """How well one name's action stands in for the other's, as the synonyms' ``related`` pairs say."""
    pairs = related_pairs()
    for one in first:
        for other in second:
            clear = len(one.meanings) == len(other.meanings) == 1  # What may mean several things stands in for nothing.
            if (
                clear
                and one.kind == other.kind == "action"
                and any((a, b) in pairs for a in one.meanings for b in other.meanings)
            ):
                return 0.0 if contradict_in_kind(first, second, "thing") else _STAND_IN
    return 0.0


def _numbers(units: tuple[Unit, ...]) -> frozenset[str]:
    return frozenset(unit.word for unit in units if unit.kind == "number")


def _shared(units_a: tuple[Unit, ...], units_b: tuple[Unit, ...]) -> float:
    shared = 0.0
    left = list(units_b)
    for unit in units_a:
        best = max(left, key=lambda other: _same(unit, other), default=None)
        quality = _same(unit, best) if best else 0.0
        if best and quality:
            left.remove(best)
            shared += quality * min(unit.weight, best.weight)
    return shared


def _same(a: Unit, b: Unit) -> float:
    if a.word == b.word:
        return 1.0
    if a.meanings & b.meanings:
        return 0.95 if max(len(a.meanings), len(b.meanings)) <= _CLEAR_MEANINGS else 0.9
    if _related((a,), (b,)):
        return _STAND_IN
    if a.kind == b.kind == "word" and min(len(a.word), len(b.word)) >= 4:
        ratio = fuzz.ratio(a.word, b.word) / 100
        return ratio * 0.9 if ratio >= 0.8 else 0.0
    return 0.0

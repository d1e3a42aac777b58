"""How likely two names mean the same thing on a user interface: words, signs, synonyms, languages.

The synonyms are data (``synonyms.toml``). A name is read as a sequence of units, each
a word or a known phrase with its possible meanings; two names are alike by the weighted
share of units that they have in common (the harmonic mean of both directions), and
contradict each other when both name an action, a thing or a number, but not the same.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files

from rapidfuzz import fuzz

_TOKEN = re.compile(r"\d+(?:[.,]\d+)*|[^\W\d_]+|[^\w\s]|_")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_PUNCTUATION = frozenset(".,:;!?'\"()[]{}…“”„«»’‘`´-–—_*#&|\\/~<>¿¡")
_UNSPACED = re.compile(r"[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_CONTRADICTION = 0.25


@dataclass(frozen=True)
class Unit:
    """A word, sign or known phrase of a name."""

    word: str
    meanings: frozenset[str]
    kind: str
    """``action``, ``thing``, ``generic``, ``number`` or ``word``."""

    @property
    def weight(self) -> float:
        """How much it says."""
        return {"action": 2.0, "thing": 1.5, "generic": 0.4, "number": 1.5, "word": 1.0}[self.kind]


def normalise(text: str) -> str:
    """Folds case, accents and white space: what is equal after this is read as equal."""
    decomposed = unicodedata.normalize("NFKD", text.casefold().replace("\ufe0f", "").replace("ß", "ss"))
    kept = "".join(char for char in decomposed if not ("\u0300" <= char <= "\u036f"))
    return " ".join(unicodedata.normalize("NFC", kept).split())


@lru_cache(maxsize=20_000)
def read_name(text: str) -> tuple[Unit, ...]:
    """Reads a name as units, longest known phrases first."""
    tokens = _tokens(text)
    units: list[Unit] = []
    position = 0
    while position < len(tokens):
        unit, length = _longest_unit(tokens, position)
        units.append(unit)
        position += length
    telling = _without_repetition([unit for unit in units if unit.kind != "stop"])
    return telling or tuple(Unit(unit.word, unit.meanings, "word") for unit in units)


def read_identifier(text: str) -> str:
    """Splits a class, id or file name into words: ``fa-trash``, ``btnDelete``, ``icon_plus`` ..."""
    return " ".join(re.split(r"[\W_\d]+", _CAMEL.sub(" ", text))).strip().lower()


@lru_cache(maxsize=50_000)
def alike(first: str, second: str) -> float:
    """How likely two names mean the same, 0 to 1. Symmetric."""
    a, b = normalise(first), normalise(second)
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
        return min(score, _CONTRADICTION)
    if not _numbers(units_a) and not _numbers(units_b):
        ratio = fuzz.ratio(a, b) / 100
        score = max(score, ratio * 0.95 if ratio >= 0.8 else 0.0)
    return score


def contradict(first: tuple[Unit, ...], second: tuple[Unit, ...]) -> bool:
    """Whether two names say different things rather than one saying less than the other."""
    for kind in ("action", "thing"):
        of_a = [unit.meanings for unit in first if unit.kind == kind]
        of_b = [unit.meanings for unit in second if unit.kind == kind]
        if of_a and of_b and not any(one & other for one in of_a for other in of_b):
            return True
    numbers_a, numbers_b = _numbers(first), _numbers(second)
    return bool(numbers_a and numbers_b and numbers_a != numbers_b)


def says(text: str, wanted: str) -> bool:
    """Whether ``wanted`` can be read in ``text``, ignoring case, accents and white space.

    A number only matches a whole number: ``Score: 1`` is not in ``Score: 10``.
    """
    haystack, needle = normalise(text), normalise(wanted)
    if not needle:
        return True
    start = haystack.find(needle)
    while start >= 0:
        end = start + len(needle)
        before, after = haystack[:start], haystack[end:]
        cut_before = needle[0].isdigit() and re.search(r"\d[.,]?$", before)
        cut_after = needle[-1].isdigit() and re.match(r"[.,]?\d", after)
        if not cut_before and not cut_after:
            return True
        start = haystack.find(needle, start + 1)
    return False


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
        return 0.95
    if a.kind == b.kind == "word" and min(len(a.word), len(b.word)) >= 4:
        ratio = fuzz.ratio(a.word, b.word) / 100
        return ratio * 0.9 if ratio >= 0.8 else 0.0
    return 0.0


def _without_repetition(units: list[Unit]) -> tuple[Unit, ...]:
    """Leaves out what only says the same again, like the arrow in ``Continue →``."""
    kept: list[Unit] = []
    for unit in units:
        if not any(unit.word != other.word and unit.meanings & other.meanings for other in kept):
            kept.append(unit)
    return tuple(kept)


def _tokens(text: str) -> list[str]:
    tokens: list[str] = _TOKEN.findall(normalise(text))
    telling = [token for token in tokens if token not in _PUNCTUATION]
    split: list[str] = []
    for token in telling or tokens:
        split += _split_unspaced(token) if _UNSPACED.search(token) else [token]
    return split


def _split_unspaced(token: str) -> list[str]:
    """Cuts text of a script without spaces at the longest words that are known."""
    parts, rest = [], ""
    position = 0
    while position < len(token):
        known = next(
            (token[position:end] for end in range(len(token), position, -1) if (token[position:end],) in _phrases()), ""
        )
        if known:
            parts += [rest, known] if rest else [known]
            rest = ""
            position += len(known)
        else:
            rest += token[position]
            position += 1
    return [*parts, rest] if rest else parts


def _longest_unit(tokens: list[str], position: int) -> tuple[Unit, int]:
    phrases = _phrases()
    for length in range(min(_longest_phrase(), len(tokens) - position), 0, -1):
        phrase = tuple(tokens[position : position + length])
        if phrase in phrases:
            kind, meanings = phrases[phrase]
            return Unit(" ".join(phrase), meanings, kind), length
    token = tokens[position]
    kind = "number" if token[0].isdigit() else "word"
    return Unit(token, frozenset({f"={token}"}), kind), 1


@cache
def _phrases() -> dict[tuple[str, ...], tuple[str, frozenset[str]]]:
    """Every known phrase with its kind and its meanings."""
    data = tomllib.loads((files(__package__) / "synonyms.toml").read_text(encoding="utf-8"))
    meanings: dict[tuple[str, ...], set[str]] = {}
    kinds: dict[tuple[str, ...], str] = {}
    for kind, section in (("thing", data["things"]), ("action", data["actions"])):
        for concept, words in section.items():
            for word in words:
                phrase = _phrase(word)
                meanings.setdefault(phrase, set()).add(concept)
                kinds[phrase] = "generic" if kind == "thing" and concept in data["generic"]["things"] else kind
    for word in data["generic"]["words"]:
        phrase = _phrase(word)
        if phrase not in kinds:
            kinds[phrase] = "stop"
            meanings[phrase] = {f"={word}"}
    return {phrase: (kinds[phrase], frozenset(meanings[phrase])) for phrase in kinds}


def _phrase(word: str) -> tuple[str, ...]:
    tokens: list[str] = _TOKEN.findall(normalise(word))
    return tuple(token for token in tokens if token not in _PUNCTUATION) or tuple(tokens)


@cache
def _longest_phrase() -> int:
    return max(map(len, _phrases()))

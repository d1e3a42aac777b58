"""Names and intents, read: the words, signs and known phrases that they consist of, each with what it may mean."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from agent_judge.drive.glosses import gloss
from agent_judge.drive.lexicon import (
    TOKEN,
    abbreviations,
    all_actions,
    known_phrases,
    longest_phrase,
    normalise,
    says_how,
    shapes,
    telling,
)

_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
UNSPACED = r"\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"
"""Letters of scripts that write words without spaces between them."""
_UNSPACED = re.compile(f"[{UNSPACED}]")
_SEARCHING = frozenset(("search", "filter"))
OPENS = frozenset(("open",))
_COUNTED = re.compile(
    r"(?<=[^\W\d_])(?:\s*[(\[]\d+[)\]]|\s+(?:[$€£¥]\s?\d[\d.,]*|\d[\d.,]*\s?(?:[$€£¥]|zł|kr|kč|eur|usd)))$",
    re.IGNORECASE,
)
"""How many or how much there is, in ``Basket (3)`` and ``Everything 60.00 €``."""
_SHORTCUT = re.compile(
    r"(?<=[\w…)])\s+[(\[]?(?:(?:(?:ctrl|strg|cmd|command|alt|option|shift|meta|[⌘⌥⇧⌃⊞])\s*(?:[+\-–]\s*)?)+[^\s+]{1,6}"
    r"|f\d{1,2}|del|entf|esc|enter|[⏎↵⌫⌦⎋⇥])[)\]]?$",
    re.IGNORECASE,
)
"""The keys that do the same, as menus tell them: ``Rename… F2``, ``Save Ctrl+S``."""
_RATHER = re.compile(r"(?:,\s*(?:and\s+)?not|\s+instead\s+of|\s+rather\s+than)\s.*$", re.IGNORECASE | re.DOTALL)
"""What a step is not for: ``show everybody, not only friends``."""
_ENDINGS = (("ies", "y"), ("es", ""), ("s", ""), ("ed", ""), ("d", ""), ("ing", ""), ("ing", "e"))
_SHORTEST_STEM = 3
_SURE_STEM = 5
"""A known word of so many letters is told by its beginning, whatever two letters a language adds to it."""
_LONG_STEM, _LONGEST_ENDING = 6, 5
"""A known word of so many letters, whatever ending of at most so many is added, as Turkish and Finnish do."""
_SHORTEST_PART, _SHORTEST_COMPOUND = 4, 8
"""Words of so many letters make a compound of so many: ``Suchfeld``, ``zoekveld``, ``sökruta``."""
_LINKS = ("", "s", "n", "en", "e", "-")
"""What may link the parts of a compound."""
_FEW = 2
"""A letter among more words than this is an initial, or tells one of several apart."""
REMARK = re.compile(r"(?<=\w)\s*[(（\[][^()（）\[\]]*[^\W\d_]{2}[^()（）\[\]]*[)）\]]\s*[:*]?$")
"""What is only added in brackets: ``Tags (separated by commas)``."""


@dataclass(frozen=True)
class Unit:
    """A word, sign or known phrase of a name."""

    word: str
    meanings: frozenset[str]
    kind: str
    """``action``, ``thing``, ``state``, ``generic``, ``number`` or ``word``."""

    @property
    def weight(self) -> float:
        """How much it says."""
        return {"action": 2.0, "thing": 1.5, "state": 1.0, "generic": 0.4, "number": 1.5, "word": 1.0}[self.kind]


@lru_cache(maxsize=20_000)
def read_name(text: str) -> tuple[Unit, ...]:
    """Reads a name as units, longest known phrases first."""
    tokens = _tokens(REMARK.sub("", _COUNTED.sub("", _SHORTCUT.sub("", text.strip()))))
    units = _units_of(tokens)
    if len(tokens) > _FEW:
        units = [_as_letter(one, first=not number) if _is_letter(one.word) else one for number, one in enumerate(units)]
    telling = _without_repetition([unit for unit in units if unit.kind != "stop"])
    return telling or tuple(Unit(unit.word, unit.meanings, "word") for unit in units)


def _as_letter(unit: Unit, *, first: bool) -> Unit:
    """A letter among words: an initial in front of them, or what tells one of several apart, as a number does."""
    return Unit(unit.word, frozenset({f"={unit.word}"}), "word" if first else "number")


def _is_letter(token: str) -> bool:
    """Whether it is a single letter: alone it may mean something, as ``C`` and ``x`` do, among words only itself."""
    return len(token) == 1 and token.isascii() and token.isalpha()


def speaks_of_search(units: Iterable[Unit]) -> bool:
    """Whether a name is that of something to search or filter with."""
    return any(unit.meanings & _SEARCHING for unit in units)


@lru_cache(maxsize=20_000)
def read_identifier(text: str) -> str:
    """Splits class, id and file names into words: ``fa-trash-2``, ``btnDelete``, ``k-7`` ...

    Such names are full of what says nothing to a person. Where there are words that do,
    only those are kept; numbers mostly tell versions of an icon apart.
    """
    parts = (word for word in re.split(r"[\W_]+", _CAMEL.sub(" ", text).lower()) if word)
    words = list(dict.fromkeys(abbreviations().get(word, word) for word in parts))
    telling = [word for word in words if len(word.rstrip("0123456789")) > 1] or [one for one in words if one == "x"]
    telling = [word for word in telling if word not in shapes()] or telling
    known = [unit.word for unit in read_name(" ".join(telling)) if unit.kind in ("action", "thing")] if telling else []
    return " ".join(known or [*telling, *(word for word in words if word.isdigit())])


@lru_cache(maxsize=5_000)
def actions_of(intent: str) -> tuple[Unit, ...]:
    """What a step does, by its intent, the telling action first.

    To mark something *as urgent* is about being urgent, and to open the form *for a new card* about a new card.
    """
    units = read_intent(intent)
    enters = normalise(intent).split(" ")[0] in says_how("enters")
    actions = [unit for unit in units if unit.kind == "action" and not (enters and unit.word in says_how("adjectives"))]
    things = any(unit.kind == "thing" for unit in units)
    telling = [
        unit
        for unit in actions
        if not (unit.word in says_how("sets") and (things or unit is not actions[-1]))
        and (unit.meanings - OPENS or len(actions) == 1)
    ]
    return tuple(telling or ([] if things and all(unit.word in says_how("sets") for unit in actions) else actions))


@lru_cache(maxsize=5_000)
def read_intent(text: str) -> tuple[Unit, ...]:
    """Reads what a step is for, without the words that say little in such sentences."""
    units = read_name(_RATHER.sub("", text) or text)
    units = (_as_verb(units[0]), *units[1:]) if len(units) > 1 else units
    telling = tuple(unit for unit in units if unit.word not in says_how("silent"))
    return telling if any(unit.kind != "generic" for unit in telling) else units


def _as_verb(unit: Unit) -> Unit:
    """A word that may be an action or a thing, read as the action: an intent begins by saying what is done."""
    does = unit.meanings & all_actions()
    return Unit(unit.word, does, "action") if does and unit.kind in ("thing", "generic", "state") else unit


def _without_repetition(units: list[Unit]) -> tuple[Unit, ...]:
    """Leaves out what only says the same again, like the arrow in ``Continue →``."""
    kept: list[Unit] = []
    for unit in units:
        if not any(unit.word != other.word and unit.meanings & other.meanings for other in kept):
            kept.append(unit)
    return tuple(kept)


def _tokens(text: str) -> list[str]:
    tokens: list[str] = TOKEN.findall(normalise(text))
    split: list[str] = []
    for token in telling(tokens):
        split += _split_unspaced(token) if _UNSPACED.search(token) else [token]
    return split


def _split_unspaced(token: str) -> list[str]:
    """Cuts text of a script without spaces at the longest words that are known."""
    parts, rest = [], ""
    position = 0
    while position < len(token):
        known = next(
            (
                token[position:end]
                for end in range(len(token), position, -1)
                if (token[position:end],) in known_phrases() or gloss(token[position:end])
            ),
            "",
        )
        if known:
            parts += [rest, known] if rest else [known]
            rest = ""
            position += len(known)
        else:
            rest += token[position]
            position += 1
    return [*parts, rest] if rest else parts


def _units_of(tokens: list[str], *, translate: bool = True) -> list[Unit]:
    units: list[Unit] = []
    position = 0
    while position < len(tokens):
        found, length = _longest_unit(tokens, position, translate=translate)
        units += found
        position += length
    return units


def _longest_unit(tokens: list[str], position: int, *, translate: bool) -> tuple[list[Unit], int]:
    phrases = known_phrases()
    for length in range(min(longest_phrase(), len(tokens) - position), 0, -1):
        phrase = tuple(tokens[position : position + length])
        if phrase in phrases:
            kind, meanings = phrases[phrase]
            return [Unit(" ".join(phrase), meanings, kind)], length
    token = tokens[position]
    if (stem := _stem(token)) and phrases[(stem,)][0] != "stop":
        kind, meanings = phrases[(stem,)]
        return [Unit(token, meanings, kind)], 1
    if translate and (english := gloss(token)):
        return _units_of(telling(english.split(" ")), translate=False), 1
    if parts := _compound(token):
        return [Unit(part, phrases[(known,)][1], phrases[(known,)][0]) for part, known in parts], 1
    if (stem := _long_stem(token)) and phrases[(stem,)][0] != "stop":
        return [Unit(token, phrases[(stem,)][1], phrases[(stem,)][0])], 1
    kind = "number" if token[0].isdigit() else "word"
    return [Unit(token, frozenset({f"={token}"}), kind)], 1


@lru_cache(maxsize=20_000)
def _compound(token: str) -> tuple[tuple[str, str], ...]:
    """The known words that a word is made of, each with what it is a form of, if it is a compound of two."""
    phrases = known_phrases()
    if len(token) < _SHORTEST_COMPOUND or not token.isalpha():
        return ()
    for cut in range(len(token) - _SHORTEST_PART, _SHORTEST_PART - 1, -1):
        head = _known(token[cut:])
        if not head:
            continue
        starts = [token[:cut].removesuffix(link) for link in _LINKS if token[:cut].endswith(link)]
        starts += [f"{token[:cut]}{end}" for end in ("e", "en")]
        known = next((one for one in map(_known, starts) if one and phrases[(one,)][0] != "stop"), "")
        if known:
            parts = ((token[:cut], known), (token[cut:], head))
            return parts if phrases[(head,)][0] != "stop" else parts[:1]
    return ()


@lru_cache(maxsize=20_000)
def _long_stem(token: str) -> str:
    """The known word that a word begins with, however long its ending is."""
    likely = (token[:-cut] for cut in range(3, _LONGEST_ENDING + 1) if len(token) - cut >= _LONG_STEM)
    return next((stem for stem in likely if (stem,) in known_phrases() and token.isalpha()), "")


def _known(word: str) -> str:
    """A word itself or the known word that it is a form of, if it is long enough to be part of a compound."""
    if len(word) < _SHORTEST_PART:
        return ""
    return word if (word,) in known_phrases() else _stem(word)


@lru_cache(maxsize=20_000)
def _stem(token: str) -> str:
    """The known word that a word is a form of, if any: ``deleted``, ``categories``, ``Favoriter``."""
    phrases = known_phrases()
    if not token.isalpha():
        return ""
    for ending, instead in _ENDINGS:
        stem = token.removesuffix(ending) + instead
        if token.endswith(ending) and len(stem) >= _SHORTEST_STEM and (stem,) in phrases:
            return stem
    likely = [token[:-cut] for cut in (1, 2) if len(token) - cut >= _SURE_STEM] + [
        f"{token}{end}" for end in "nes" if len(token) >= _SURE_STEM
    ]
    return next((stem for stem in likely if len(stem) >= _SURE_STEM and (stem,) in phrases), "")

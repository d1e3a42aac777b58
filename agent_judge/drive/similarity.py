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
from typing import Any

from rapidfuzz import fuzz

_TOKEN = re.compile(r"\d+(?:[.,]\d+)*|[^\W\d_]+|[^\w\s]|_")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_PUNCTUATION = frozenset(".,:;!?'\"()[]{}…“”„«»’‘`´-–—_*#&|\\/~<>¿¡")
_ARTICLES = frozenset(("the", "an", "a"))
UNSPACED = r"\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"
"""Letters of scripts that write words without spaces between them."""
_UNSPACED = re.compile(f"[{UNSPACED}]")
_CONTRADICTION = 0.25
_STAND_IN = 0.68
_AND_MORE = 0.12
_WITHOUT_ACTION = 0.65
_OPENS = frozenset(("open",))
_CONFIRMS = frozenset(("confirm",))
_COUNTED = re.compile(
    r"(?<=[^\W\d_])(?:\s*[(\[]\d+[)\]]|\s+(?:[$€£¥]\s?\d[\d.,]*|\d[\d.,]*\s?(?:[$€£¥]|zł|kr|kč|eur|usd)))$",
    re.IGNORECASE,
)
"""How many or how much there is, in ``Basket (3)`` and ``Everything 60.00 €``."""
_SHORTCUT = re.compile(
    r"(?<=[\w…)])\s+[(\[]?(?:(?:(?:ctrl|strg|cmd|command|alt|option|shift|meta|[⌘⌥⇧⌃⊞])\s*[+\-–]?\s*)+[^\s+]{1,6}"
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
_REMARK = re.compile(r"(?<=\w)\s*[(（\[][^()（）\[\]]*[^\W\d_]{2}[^()（）\[\]]*[)）\]]\s*[:*]?$")
"""What is only added in brackets: ``Tags (separated by commas)``."""
_UNLIKE = 0.3
_AROUND_REMARK = " ()（）[]:*"
_OTHER_REMARK = 0.5
"""Names that differ in what they add in brackets are hardly those of the same thing."""
_CLEAR_MEANINGS = 2
"""A sign with more meanings than this says less."""


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


@lru_cache(maxsize=50_000)
def normalise(text: str) -> str:
    """Folds case, accents and white space: what is equal after this is read as equal."""
    decomposed = unicodedata.normalize("NFKD", text.casefold().replace("\ufe0f", "").replace("ß", "ss"))
    kept = "".join(char for char in decomposed if not ("\u0300" <= char <= "\u036f"))
    return " ".join(unicodedata.normalize("NFC", kept).split())


def _remarks_differ(first: str, second: str) -> bool:
    """Whether both add something in brackets, and not the same: ``Export (CSV)`` and ``Export (PDF)``."""
    remarks = [match[0].strip(_AROUND_REMARK) for match in (_REMARK.search(first), _REMARK.search(second)) if match]
    return len(remarks) == 2 and alike(*remarks) < _UNLIKE


@lru_cache(maxsize=20_000)
def read_name(text: str) -> tuple[Unit, ...]:
    """Reads a name as units, longest known phrases first."""
    tokens = _tokens(_REMARK.sub("", _COUNTED.sub("", _SHORTCUT.sub("", text.strip()))))
    units: list[Unit] = []
    position = 0
    while position < len(tokens):
        found, length = _longest_unit(tokens, position)
        units += found
        position += length
    telling = _without_repetition([unit for unit in units if unit.kind != "stop"])
    return telling or tuple(Unit(unit.word, unit.meanings, "word") for unit in units)


@lru_cache(maxsize=20_000)
def read_identifier(text: str) -> str:
    """Splits class, id and file names into words: ``fa-trash-2``, ``btnDelete``, ``k-7`` ...

    Such names are full of what says nothing to a person. Where there are words that do,
    only those are kept; numbers mostly tell versions of an icon apart.
    """
    words = list(dict.fromkeys(word for word in re.split(r"[\W_]+", _CAMEL.sub(" ", text).lower()) if word))
    telling = [word for word in words if len(word.rstrip("0123456789")) > 1] or [one for one in words if one == "x"]
    telling = [word for word in telling if word not in _shapes()] or telling
    known = [unit.word for unit in read_name(" ".join(telling)) if unit.kind in ("action", "thing")] if telling else []
    return " ".join(known or [*telling, *(word for word in words if word.isdigit())])


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
        told = not actions or field or not actions[0].meanings - _OPENS
        return covered * (1.0 if told else _WITHOUT_ACTION)
    if (field or not actions) and any(unit.meanings & other.meanings for unit in own for other in wanted):
        return covered
    if actions and any(unit.meanings & _first_of(actions) for unit in own):
        return max(covered, 0.75 if not contradict_in_kind(found, wanted, "thing") else covered)
    if actions and any(unit.meanings & other.meanings for unit in own for other in actions):
        return covered * 0.6
    return _related(tuple(own), tuple(actions[:1])) if actions else covered * 0.5


@lru_cache(maxsize=5_000)
def actions_of(intent: str) -> tuple[Unit, ...]:
    """What a step does, by its intent, the telling action first.

    To mark something *as urgent* is about being urgent, and to open the form *for a new card* about a new card.
    """
    units = read_intent(intent)
    enters = normalise(intent).split(" ")[0] in _says_how("enters")
    actions = [
        unit for unit in units if unit.kind == "action" and not (enters and unit.word in _says_how("adjectives"))
    ]
    things = any(unit.kind == "thing" for unit in units)
    telling = [
        unit
        for unit in actions
        if not (unit.word in _says_how("sets") and (things or unit is not actions[-1]))
        and (unit.meanings - _OPENS or len(actions) == 1)
    ]
    return tuple(telling or ([] if things and all(unit.word in _says_how("sets") for unit in actions) else actions))


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


@lru_cache(maxsize=5_000)
def read_intent(text: str) -> tuple[Unit, ...]:
    """Reads what a step is for, without the words that say little in such sentences."""
    units = read_name(_RATHER.sub("", text) or text)
    units = (_as_verb(units[0]), *units[1:]) if len(units) > 1 else units
    telling = tuple(unit for unit in units if unit.word not in _says_how("silent"))
    return telling if any(unit.kind != "generic" for unit in telling) else units


def _as_verb(unit: Unit) -> Unit:
    """A word that may be an action or a thing, read as the action: an intent begins by saying what is done."""
    does = unit.meanings & _all_actions()
    return Unit(unit.word, does, "action") if does and unit.kind in ("thing", "generic", "state") else unit


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


def _related(first: tuple[Unit, ...], second: tuple[Unit, ...]) -> float:
    """How well one name's action stands in for the other's, as the synonyms' ``related`` pairs say."""
    pairs = _related_pairs()
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


def _without_repetition(units: list[Unit]) -> tuple[Unit, ...]:
    """Leaves out what only says the same again, like the arrow in ``Continue →``."""
    kept: list[Unit] = []
    for unit in units:
        if not any(unit.word != other.word and unit.meanings & other.meanings for other in kept):
            kept.append(unit)
    return tuple(kept)


def _tokens(text: str) -> list[str]:
    tokens: list[str] = _TOKEN.findall(normalise(text))
    telling = _telling(tokens)
    split: list[str] = []
    for token in telling:
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
                if (token[position:end],) in known_phrases()
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


def _longest_unit(tokens: list[str], position: int) -> tuple[list[Unit], int]:
    phrases = known_phrases()
    for length in range(min(_longest_phrase(), len(tokens) - position), 0, -1):
        phrase = tuple(tokens[position : position + length])
        if phrase in phrases:
            kind, meanings = phrases[phrase]
            return [Unit(" ".join(phrase), meanings, kind)], length
    token = tokens[position]
    if (stem := _stem(token)) and phrases[(stem,)][0] != "stop":
        kind, meanings = phrases[(stem,)]
        return [Unit(token, meanings, kind)], 1
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


@cache
def _data() -> dict[str, Any]:
    return tomllib.loads((files(__package__) / "synonyms.toml").read_text(encoding="utf-8"))


@cache
def _concepts() -> dict[str, dict[str, list[str]]]:
    """More concepts, their words set apart by bars."""
    data = tomllib.loads((files(__package__) / "concepts.toml").read_text(encoding="utf-8"))
    return {
        section: {concept: [word.strip() for word in words.split("|")] for concept, words in data[section].items()}
        for section in data
    }


@cache
def _all_actions() -> frozenset[str]:
    return frozenset((*_data()["actions"], *_concepts()["actions"]))


@cache
def _related_pairs() -> frozenset[tuple[str, str]]:
    more = [tuple(pair.split()) for pair in _concepts()["related"]["pairs"]]
    pairs = [*(tuple(pair) for pair in _data()["related"]["pairs"]), *more]
    return frozenset((*pairs, *((b, a) for a, b in pairs)))


@cache
def opposites() -> dict[str, frozenset[str]]:
    """By action, those that undo it or lead the other way."""
    pairs = [pair.split() for pair in _concepts()["opposites"]["pairs"]]
    both = [*pairs, *([b, a] for a, b in pairs)]
    return {one: frozenset(b for a, b in both if a == one) for one, _ in both}


@cache
def _shapes() -> frozenset[str]:
    return frozenset(_data()["generic"]["shapes"])


@cache
def _says_how(words: str) -> frozenset[str]:
    return frozenset(" ".join(_phrase(word)) for word in _data()["intent"][words])


@cache
def known_phrases() -> dict[tuple[str, ...], tuple[str, frozenset[str]]]:
    """Every known phrase with its kind and its meanings."""
    data, more = _data(), _concepts()
    meanings: dict[tuple[str, ...], set[str]] = {}
    kinds: dict[tuple[str, ...], str] = {}
    for kind, section in (("thing", more["things"]), ("thing", data["things"]), ("action", data["actions"])):
        for concept, words in section.items():
            for word in words:
                phrase = _phrase(word)
                meanings.setdefault(phrase, set()).add(concept)
                kinds[phrase] = _kind(kind, concept)
    for concept, words in more["actions"].items():
        for word in words:
            phrase = _phrase(word)
            meanings.setdefault(phrase, set()).add(concept)
            kinds.setdefault(phrase, "action")
    for word in data["generic"]["words"]:
        phrase = _phrase(word)
        if phrase not in kinds:
            kinds[phrase] = "stop"
            meanings[phrase] = {f"={word}"}
    return {phrase: (kinds[phrase], frozenset(meanings[phrase])) for phrase in kinds}


def _kind(section: str, concept: str) -> str:
    generic = _data()["generic"]
    if section == "thing" and concept in generic["things"]:
        return "generic"
    return "state" if concept in generic["states"] else section


def _phrase(word: str) -> tuple[str, ...]:
    return tuple(_telling(_TOKEN.findall(normalise(word))))


def _telling(tokens: list[str]) -> list[str]:
    """Leaves out punctuation and articles, unless a name consists of signs alone, like ``+/-``."""
    if not any(token[0].isalnum() for token in tokens):
        return tokens
    return [token for token in tokens if token not in _PUNCTUATION and token not in _ARTICLES] or tokens


@cache
def _longest_phrase() -> int:
    return max(map(len, known_phrases()))

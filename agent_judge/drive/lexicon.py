"""What is known of the words of user interfaces: actions, things, and what they are called in many languages.

The words are data (``synonyms.toml``, ``concepts.toml``).
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

_SIGNS = r"\u0900-\u0dff\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"
"""Blocks of scripts whose vowel signs belong to the word."""
TOKEN = re.compile(rf"\d+(?:[.,]\d+)*|[^\W\d_](?:[^\W\d_]|[{_SIGNS}])*|[^\w\s]|_")
_PUNCTUATION = frozenset(".,:;!?'\"()[]{}…“”„«»’‘`´-–—_*#&|\\/~<>¿¡")
_ARTICLES = frozenset(("the", "an", "a"))


@lru_cache(maxsize=50_000)
def normalise(text: str) -> str:
    """Folds case, accents and white space: what is equal after this is read as equal."""
    decomposed = unicodedata.normalize("NFKD", text.casefold().replace("\ufe0f", "").replace("ß", "ss"))
    kept = "".join(char for char in decomposed if not ("\u0300" <= char <= "\u036f"))
    return " ".join(unicodedata.normalize("NFC", kept).split())


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


def is_said_in(text: str, words: str) -> bool:
    """Whether words stand whole in a text; both as ``normalise`` leaves them."""
    return words in text and re.search(rf"(?<!\w){re.escape(words)}(?!\w)", text) is not None


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
def all_actions() -> frozenset[str]:
    """All actions that are known."""
    return frozenset((*_data()["actions"], *_concepts()["actions"]))


@cache
def related_pairs() -> frozenset[tuple[str, str]]:
    """Actions of which one can stand in for the other, in both orders."""
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
def shapes() -> frozenset[str]:
    """Words of icon and class names that tell a shape or a place, not what a control does."""
    return frozenset(_data()["generic"]["shapes"])


@cache
def abbreviations() -> dict[str, str]:
    """What class, id and icon names shorten, by the short form."""
    pairs = [pair.split() for pair in _data()["abbreviations"]["words"].split("|")]
    return {pair[0]: pair[1] for pair in pairs}


@cache
def says_how(words: str) -> frozenset[str]:
    """Words of a kind that say little in what a step is for: ``silent``, ``sets``, ``enters``, ``adjectives``."""
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
    return tuple(telling(TOKEN.findall(normalise(word))))


def telling(tokens: list[str]) -> list[str]:
    """Leaves out punctuation and articles, unless a name consists of signs alone, like ``+/-``."""
    if not any(token[0].isalnum() for token in tokens):
        return tokens
    return [token for token in tokens if token not in _PUNCTUATION and token not in _ARTICLES] or tokens


@cache
def plain_words(meaning: str) -> tuple[str, ...]:
    """The English words for a meaning; none for one that is not known."""
    for section in ("actions", "things"):
        for data in (_data(), _concepts()):
            if meaning in data[section]:
                return _phrase(data[section][meaning][0])
    return ()


@cache
def longest_phrase() -> int:
    """How many words the longest known phrase has."""
    return max(map(len, known_phrases()))

"""Makes ``agent_judge/drive/glosses.txt.xz``: what words of other languages than English mean on user interfaces.

The words come out of the translations that programs carry: for every message the English and the other one are put
side by side, and which word stands for which is learnt from all of them (IBM Model 1: Brown et al., Computational
Linguistics 1993; in both directions, of which the geometric mean counts). The sources, all of licences
that permit it: Home Assistant, matrix-react-sdk up to 3.85 and pretalx (Apache-2.0), Django, its REST framework,
Wagtail, Oscar, django CMS and Mezzanine (BSD), Kolibri and django-allauth (MIT), and the annotations of Unicode's
CLDR (Unicode-3.0), which also say what the signs are called. Usage, with everything in one folder::

    npm pack cldr-annotations-full matrix-react-sdk@3.85.0                            # unpack each into its own folder
    pip download --no-deps home-assistant-frontend Django djangorestframework wagtail django-oscar django-cms \
        mezzanine kolibri django-allauth pretalx                                      # and these
    uv pip install polib
    python -m eval.benchmarks.word_glosses FOLDER

How good they are is measured on a program that is none of the sources, Payload CMS: for each short label of it in
another language, is the right one of 20 of its English labels the one that is most alike? ``--check FOLDER`` prints
that share by language, with the glosses and without, given the unpacked npm package ``@payloadcms/translations``.
"""

from __future__ import annotations

import argparse
import json
import lzma
import random
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from agent_judge.drive import glosses, meanings, reading, similarity
from agent_judge.drive.lexicon import TOKEN, abbreviations, known_phrases, normalise

RESULT = Path(glosses.__file__).with_name("glosses.txt.xz")
FEWEST_MESSAGES = 5_000
"""Of a language with fewer messages too little is learnt."""
NOT_WANTED = frozenset(("en", "eo", "ia"))
UNSPACED = frozenset(("ja", "zh", "yue", "th", "my", "km", "lo"))
"""Languages that write words without spaces: of these, only short whole messages are taken."""
LEARNT = 0.2
"""How much a word and its gloss must stand for each other, 0 to 1."""
ROUNDS = 8
LONGEST_MESSAGE, SHORT_MESSAGE = 14, 2
LONGEST_UNSPACED, SHORTEST_UNSPACED = 8, 2
MOST_VOTES = 20
TWO_WORDS = 0.7
"""A gloss of two words must be so much more frequent to be taken before one of a single word."""
OFTEN = 3
"""A word that so many messages have on their English side is an English one."""
SHORTEST, SHORTEST_LATIN = 2, 4
"""Shorter ones in Latin letters are mostly something else: ``nav``, ``col``."""
DISTRACTORS = 19
_PLACEHOLDER = re.compile(r"%\([^)]*\)[sd]|\{[^{}]*\}|<[^>]+>|%[sd]|https?:\S+|&\w+;|\$\w+")
_HASHED = re.compile(r"(.+)-[0-9a-f]{32}\.json$")
_JS_ENTRY = re.compile(r"""\s*['"]?([\w-]+)['"]?: (?:\{|['"](.*)['"],?$)""")

Words = tuple[str, ...]


class Message(NamedTuple):
    """A message of a program in English and in another language."""

    english: Words
    other: Words


def main() -> None:
    """Writes the glosses, or checks them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--check", action="store_true")
    arguments = parser.parse_args()
    if arguments.check:
        check(arguments.folder)
        return
    votes: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    sources = by_language(arguments.folder)
    english = Counter(word for messages in sources.values() for one in messages for word in set(one.english))
    for language, messages in sorted(sources.items()):
        for word, gloss, vote in (*learnt(language, sorted(messages)), *said_alone(language, sorted(messages))):
            votes[word][gloss] += vote
        print(f"{language}: {len(messages)} messages")
    write({**_signs(arguments.folder), **_chosen(votes, {word for word, count in english.items() if count >= OFTEN})})


def write(found: Mapping[str, str]) -> None:
    """Writes a line for each English word, with all words that mean it."""
    lines: dict[str, list[str]] = defaultdict(list)
    for word, gloss in found.items():
        lines[gloss].append(word)
    text = "\n".join(f"{gloss}\t{' '.join(sorted(lines[gloss]))}" for gloss in sorted(lines))
    RESULT.write_bytes(lzma.compress(text.encode(), preset=9 | lzma.PRESET_EXTREME))
    print(f"{len(found)} words, {RESULT.stat().st_size / 1e6:.2f} MB")


def _chosen(votes: Mapping[str, Mapping[str, float]], said: Collection[str]) -> dict[str, str]:
    """The best gloss of each word, but for words that are English, shorten one, or are known already.

    Args:
        votes: What speaks for each gloss, by word.
        said: The words of the English messages.
    """
    best = {word: max(counted, key=lambda gloss: (counted[gloss], gloss)) for word, counted in votes.items()}
    known, english = known_phrases(), {*meanings.vocabulary(), *said, *abbreviations()}
    return {
        word: gloss
        for word, gloss in best.items()
        if word != gloss and word not in english and (word,) not in known
        if len(word) >= (SHORTEST_LATIN if word.isascii() else SHORTEST)
    }


def learnt(language: str, messages: Iterable[Message]) -> Iterator[tuple[str, str, float]]:
    """For each word the English one that stands in its place, with how much that says."""
    if language in UNSPACED:
        return
    rows = [one for one in messages if max(len(one.english), len(one.other)) <= LONGEST_MESSAGE]
    there = _translations([(one.english, one.other) for one in rows])
    back = _translations([(one.other, one.english) for one in rows])
    frequency = Counter(word for one in rows for word in one.other)
    best: dict[str, tuple[float, str]] = {}
    for (word, english), share in back.items():
        joint = float(np.sqrt(share * there.get((english, word), 0.0)))
        if word and joint >= LEARNT:
            best[word] = max(best.get(word, (0.0, "")), (joint, english))
    for word, (joint, english) in best.items():
        yield word, english, joint * min(frequency[word], MOST_VOTES)


def said_alone(language: str, messages: Iterable[Message]) -> Iterator[tuple[str, str, float]]:
    """For each word that is a whole message, what that is in English."""
    for english, other in messages:
        if len(other) != 1 or not 0 < len(english) <= SHORT_MESSAGE:
            continue
        if language not in UNSPACED or SHORTEST_UNSPACED <= len(other[0]) <= LONGEST_UNSPACED:
            yield other[0], " ".join(english), 1.0 if len(english) == 1 else TWO_WORDS


def _translations(rows: Iterable[tuple[Words, Words]]) -> dict[tuple[str, str], float]:
    """By a word and one of the other side's, how likely the first becomes the second (IBM Model 1)."""
    sources: dict[str, int] = {"": 0}  # What stands for no word at all.
    targets: dict[str, int] = {}
    links, place = [], 0
    for source, target in rows:
        numbers = [sources.setdefault(word, len(sources)) for word in ("", *dict.fromkeys(source))]
        for word in dict.fromkeys(target):
            number = targets.setdefault(word, len(targets))
            links += [(one, number, place) for one in numbers]
            place += 1
    found = np.array(links, np.int64)
    pairs, link = np.unique(found[:, 0] * len(targets) + found[:, 1], return_inverse=True)
    source_of = pairs // len(targets)
    likely = np.ones(len(pairs))
    for _ in range(ROUNDS):
        shares = likely[link]
        shares /= np.bincount(found[:, 2], shares)[found[:, 2]]
        expected = np.bincount(link, shares)
        likely = expected / np.bincount(source_of, expected)[source_of]
    names, others = list(sources), list(targets)
    return {
        (names[pair // len(others)], others[pair % len(others)]): float(share)
        for pair, share in zip(pairs.tolist(), likely, strict=True)
    }


def by_language(folder: Path) -> dict[str, set[Message]]:
    """All messages of the sources in a folder."""
    found: dict[str, set[Message]] = defaultdict(set)
    for language, english, other in (*_json_files(folder), *_po_files(folder), *_annotations(folder)):
        message = Message(_words(english), _words(other))
        if message.english and message.other and english != other:
            found[_base(language)].add(message)
    return {
        language: messages
        for language, messages in found.items()
        if len(messages) >= FEWEST_MESSAGES and language not in NOT_WANTED
    }


def _json_files(folder: Path) -> Iterator[tuple[str, str, str]]:
    files = [*folder.glob("**/translations/**/*.json"), *folder.glob("**/i18n/strings/*.json")]
    files += folder.glob("**/LC_MESSAGES/*-messages.json")
    groups: dict[tuple[str, str], dict[str, dict[str, str]]] = defaultdict(dict)
    for file in files:
        hashed = _HASHED.match(file.name)
        in_language = file.parent.name == "LC_MESSAGES"
        language = hashed[1] if hashed else file.parent.parent.name if in_language else file.stem
        group = (str(file.parent.parent.parent), file.name) if in_language else (str(file.parent), "")
        groups[group][language] = dict(_flat(json.loads(file.read_text(encoding="utf-8"))))
    for translations in groups.values():
        english = translations.get("en") or translations.get("en_EN") or {}
        for language, messages in translations.items():
            yield from ((language, english[key], text) for key, text in messages.items() if key in english)


def _po_files(folder: Path) -> Iterator[tuple[str, str, str]]:
    import polib

    for file in sorted(folder.glob("**/LC_MESSAGES/*.po")):
        for entry in polib.pofile(str(file)).translated_entries():
            yield file.parent.parent.name, entry.msgid, entry.msgstr or entry.msgstr_plural.get(0, "")


def _annotations(folder: Path) -> Iterator[tuple[str, str, str]]:
    english = _signs_of(folder, "en")
    for place in sorted(folder.glob("**/annotations/*/annotations.json")):
        language = place.parent.name
        for sign, told in _signs_of(folder, language).items():
            for kind in ("tts", "default"):
                if told.get(kind) and english.get(sign, {}).get(kind):
                    yield language, " ".join(english[sign][kind]), " ".join(told[kind])


def _signs_of(folder: Path, language: str) -> dict[str, dict[str, list[str]]]:
    """What CLDR says of each sign: its name (``tts``) and its keywords (``default``)."""
    found: dict[str, dict[str, list[str]]] = {}
    for file in folder.glob(f"**/annotations/{language}/annotations.json"):
        told = json.loads(file.read_text(encoding="utf-8"))["annotations"]
        found |= told.get("annotations", {})
    return found


def _signs(folder: Path) -> dict[str, str]:
    """What the signs that are not known are called in English."""
    names = {normalise(sign): told["tts"][0] for sign, told in _signs_of(folder, "en").items() if told.get("tts")}
    known = known_phrases()
    read = {sign: " ".join(_words(name)) for sign, name in names.items()}
    return {sign: name for sign, name in read.items() if name and _is_picture(sign) and (sign,) not in known}


def _is_picture(sign: str) -> bool:
    """Whether it is one sign that is neither a letter, a digit nor a punctuation mark."""
    return TOKEN.fullmatch(sign) is not None and unicodedata.category(sign[0]).startswith("S") and not sign.isascii()


def _flat(data: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, str]]:
    for key, value in data.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{path}{key}.")
        elif isinstance(value, str):
            yield f"{path}{key}", value


def _words(text: str) -> Words:
    return tuple(word for word in TOKEN.findall(normalise(_PLACEHOLDER.sub(" ", text))) if word[0].isalpha())


def _base(language: str) -> str:
    return language.replace("_", "-").split("-")[0].lower()


def check(folder: Path) -> None:
    """Prints how often the right label is found, by language."""
    files = {_base(file.stem): file for file in folder.glob("**/dist/languages/*.js")}
    english = _labels(files.pop("en"))
    labels = {language: _labels(file) for language, file in files.items()}
    pairs = {language: _short_pairs(english, told) for language, told in labels.items()}
    pairs = {language: found for language, found in pairs.items() if len(found) > DISTRACTORS}
    with_glosses = {language: _right(found) for language, found in pairs.items()}
    glosses.table().clear()
    for cached in (reading.read_name, similarity.alike, meanings.vector_of):
        cached.cache_clear()
    for language, found in sorted(pairs.items()):
        print(f"{language}: {with_glosses[language]:.0%} of {len(found)}, without {_right(found):.0%}")


def _short_pairs(english: Mapping[str, str], other: Mapping[str, str]) -> list[tuple[str, str]]:
    both = [(english[key], text) for key, text in other.items() if key in english and "{" not in text]
    return [(one, text) for one, text in both if len(one.split()) <= 3 and normalise(one) != normalise(text)]


def _labels(file: Path) -> dict[str, str]:
    found: dict[str, str] = {}
    path: list[str] = []
    for line in file.read_text(encoding="utf-8").splitlines():
        if entry := _JS_ENTRY.match(line):
            if entry[2] is None:
                path.append(entry[1])
            else:
                found[".".join((*path, entry[1]))] = entry[2].replace("\\'", "'")
        elif line.strip().startswith("}") and path:
            path.pop()
    return found


def _right(pairs: list[tuple[str, str]]) -> float:
    chance = random.Random(0)
    others = sorted({english for english, _ in pairs})
    right = 0
    for english, text in pairs:
        distractors = chance.sample([one for one in others if one != english], DISTRACTORS)
        scores = [_near(one, text) for one in distractors]
        right += _near(english, text) > max(scores)
    return right / len(pairs)


def _near(english: str, text: str) -> float:
    first, second = (meanings.vector_of(reading.read_name(one)) for one in (english, text))
    near = meanings.closeness([first], [second]) if first is not None and second is not None else 0.0
    return similarity.alike(english, text) + near / 2


if __name__ == "__main__":
    main()

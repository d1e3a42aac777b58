"""Which entry of a list a step describes in words of its own: ``archive the message about the delivery address``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from agent_judge.drive.lexicon import TOKEN, is_said_in, known_phrases, normalise, says_how
from agent_judge.drive.lists import LARGEST_ENTRY, built_alike, has_controls
from agent_judge.drive.reading import read_intent, read_name
from agent_judge.drive.roles import ENTRIES, INTERACTIVE
from agent_judge.drive.snapshot import Node

_SMALLEST = 3
"""Nodes of an entry: itself, what it is about, and something to do with it."""
_TELLING = 4
"""A single word that tells an entry from the others has so many letters."""
_LONGEST = 10
"""Words, and signs between them, that an entry is told by at most."""
_SAY_LITTLE = frozenset(("action", "generic", "state"))


def described(root: Node, intent: str) -> str:
    """The words of an intent by which it tells one entry of the page from the others of its list; empty if none.

    They are the longest run of words that can be read in that entry, with most words that none of the others has.
    """
    said, telling = normalise(intent), _telling(intent)
    if not telling:
        return ""
    found = [one for entries in _lists(root) if (one := _told_apart(entries, said, telling))]
    most = max((number for number, _ in found), default=0)
    runs = {run for number, run in found if number == most}
    return runs.pop() if len(runs) == 1 else ""


def _told_apart(entries: Sequence[Node], said: str, telling: frozenset[str]) -> tuple[int, str] | None:
    """The words that one entry of a list is told by, and how many of them no other has; ``None`` if there is none."""
    shown = [frozenset(TOKEN.findall(entry.shown)) & telling for entry in entries]
    often = Counter(word for words in shown for word in words)
    own = [frozenset(word for word in words if often[word] == 1) for words in shown]
    most = max(map(len, own))
    best = [number for number, words in enumerate(own) if len(words) == most]
    if not most or len(best) > 1 or (most == 1 and not _names_alone(next(iter(own[best[0]])))):
        return None
    run = _longest_run(said, own[best[0]], entries[best[0]].shown)
    return (most, run) if run else None


def _telling(intent: str) -> frozenset[str]:
    """The words of an intent that are about the entry, rather than about what is done with it."""
    little = {word for unit in read_intent(intent) if unit.kind in _SAY_LITTLE for word in unit.word.split(" ")}
    return frozenset(word for word in TOKEN.findall(normalise(intent)) if word not in little and _tells(word))


def _tells(word: str) -> bool:
    kind = known_phrases().get((word,), ("", frozenset()))[0]
    if not word[0].isalnum() or (len(word) == 1 and word.isalpha()) or kind == "stop" or word in says_how("silent"):
        return False
    return any(unit.kind not in _SAY_LITTLE for unit in read_name(word))


def _names_alone(word: str) -> bool:
    """Whether a single word may tell an entry from the others: ``Pizza``, but not ``amount``, which names a part."""
    return len(word) >= _TELLING and all(unit.kind in ("word", "number") for unit in read_name(word))


def _lists(root: Node) -> Iterator[Sequence[Node]]:
    """The lists of the page: parts beside each other that are built alike, and hold more than a control or a text."""
    for parent in root.walk():
        by_role: dict[str, list[Node]] = {}
        for child in parent.children:
            if _is_entry(child):
                by_role.setdefault(child.role, []).append(child)
        for first, *others in by_role.values():
            entries = [first, *(one for one in others if built_alike(first, one))]
            if len(entries) > 1:
                yield entries


def _is_entry(node: Node) -> bool:
    return (
        _SMALLEST <= node.size <= LARGEST_ENTRY
        and has_controls(node)
        and (node.role in ENTRIES or node.role not in INTERACTIVE)
    )


def _longest_run(said: str, own: frozenset[str], shown: str) -> str:
    """The longest run of words that a line of the entry has too, with most words of its own."""
    words, lines = list(TOKEN.finditer(said)), shown.split("\n")
    runs: list[tuple[int, int, str]] = []
    for start, first in enumerate(words):
        for end in range(start, min(start + _LONGEST, len(words))):
            run = said[first.start() : words[end].end()]
            if any(is_said_in(line, run) for line in lines):
                runs.append((sum(word[0] in own for word in words[start : end + 1]), len(run), run))
    count, _, run = max(runs, default=(0, 0, ""))
    return run if count else ""

"""Which entry of a list a step describes in words of its own: ``archive the message about the delivery address``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from agent_judge.drive.lexicon import TOKEN, normalise, says
from agent_judge.drive.reading import read_intent
from agent_judge.drive.roles import ENTRIES, INTERACTIVE
from agent_judge.drive.snapshot import Node

_SMALLEST = 3
"""Nodes of an entry: itself, what it is about, and something to do with it."""
_LARGEST = 40
_TELLING = 4
"""A single word of so many letters may tell an entry from the others."""
_SAY_LITTLE = frozenset(("action", "generic", "state"))


def described(root: Node, intent: str) -> str:
    """The words of an intent by which it tells one entry of the page from the others of its list; empty if none.

    They are the longest run of words that can be read in that entry, and in none of the others.
    """
    said = TOKEN.findall(normalise(intent))
    telling = _telling(intent)
    if not telling:
        return ""
    found: list[tuple[int, str]] = []
    for entries in _lists(root):
        shown = [frozenset(TOKEN.findall(entry.shown)) for entry in entries]
        often = Counter(word for words in shown for word in words & telling)
        own = [frozenset(word for word in words & telling if often[word] == 1) for words in shown]
        most = max(map(len, own))
        best = [number for number, words in enumerate(own) if len(words) == most]
        if most and len(best) == 1:
            run = _longest_run(said, own[best[0]], entries[best[0]].shown)
            if run and says(entries[best[0]].shown, run) and (most > 1 or len(max(own[best[0]], key=len)) >= _TELLING):
                found.append((most, run))
    return max(found, default=(0, ""))[1]


def _telling(intent: str) -> frozenset[str]:
    """The words of an intent that are about the entry, rather than about what is done with it."""
    units = read_intent(intent)
    little = {word for unit in units if unit.kind in _SAY_LITTLE for word in unit.word.split(" ")}
    words = {word for unit in units for word in unit.word.split(" ")}
    return frozenset(word for word in words - little if len(word) > 1 or word.isdigit())


def _lists(root: Node) -> Iterator[Sequence[Node]]:
    """The lists of the page: parts beside each other of one role, which hold more than a control or a text."""
    for parent in root.walk():
        by_role: dict[str, list[Node]] = {}
        for child in parent.children:
            if _is_entry(child):
                by_role.setdefault(child.role, []).append(child)
        yield from (entries for entries in by_role.values() if len(entries) > 1)


def _is_entry(node: Node) -> bool:
    if not _SMALLEST <= node.size <= _LARGEST:
        return False
    return node.role in ENTRIES or (node.role not in INTERACTIVE and bool(node.kinds & (INTERACTIVE | {"clickable"})))


def _longest_run(said: Sequence[str], own: frozenset[str], shown: str) -> str:
    """The longest run of words that a line of the entry has too, with most words of its own."""
    lines = [f" {' '.join(TOKEN.findall(line))} " for line in shown.split("\n")]
    runs: list[tuple[int, int, str]] = []
    for start, word in enumerate(said):
        if word not in own:
            continue
        for end in range(start + 1, len(said) + 1):
            run = " ".join(said[start:end])
            if not any(f" {run} " in line for line in lines):
                break
            runs.append((sum(one in own for one in said[start:end]), len(run), run))
    return max(runs, default=(0, 0, ""))[2]

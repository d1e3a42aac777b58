"""Which entry of a list, or which part of the page, a step is about."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from agent_judge.drive.described import described
from agent_judge.drive.ground_memory import Memory
from agent_judge.drive.ground_scenario import finds
from agent_judge.drive.lexicon import is_said_in, normalise, says
from agent_judge.drive.likeness import Wanted, without
from agent_judge.drive.lists import entry_of
from agent_judge.drive.roles import ENTRIES
from agent_judge.drive.snapshot import Node
from agent_judge.drive.structure import is_a_choice, names_an_entry

_MOST_PLACES = 12
"""A text that stands in more places than this says little about where."""
_SHORTEST = 3
_LONGEST = 8
_WORD = re.compile(r"[^\W_]+(?:[-'’.][^\W_]+)*")
_QUOTES = ('"', "“", "„", "«", "'", "‘")
_TITLES = frozenset(("heading", "button", "tab", "textbox"))
_POINTS = frozenset(("click", "dblclick", "check", "uncheck", "hover", "drag", "press"))
"""Actions on a part of an entry."""


@dataclass(frozen=True)
class About:
    """The text that a step's element stands near."""

    text: str = ""
    sure: bool = True
    """Whether the step itself speaks of it; otherwise it only happened to stand there when recorded."""
    besides: tuple[str, ...] = ()
    """Other entries that the step speaks of."""


def mentioned(root: Node, intent: str) -> list[str]:
    """The proper names in an intent that can be read on the page, in its order: ``put Coffee mug into the cart``.

    Of names that lie within each other, the longest.
    """
    words = list(_WORD.finditer(intent))
    page = root.shown
    names: list[str] = []
    start = 0
    while start < len(words):
        name, length = _name_from(words, start, intent, page)
        names += [name] if name and name not in names else []
        start += length
    return names


def _name_from(words: Sequence[re.Match[str]], start: int, intent: str, page: str) -> tuple[str, int]:
    """The longest proper name that begins with a word, and how many words it has; one where there is none."""
    first = words[start]
    proper = (start and first[0][0].isupper()) or first[0][0].isdigit() or intent[: first.start()].endswith(_QUOTES)
    for length in range(min(len(words) - start, _LONGEST), 0, -1) if proper else ():
        name = intent[first.start() : words[start + length - 1].end()]
        if len(name) >= _SHORTEST and is_said_in(page, normalise(name)):
            return name, length
    return "", 1


def entry_meant(memory: Memory, wanted: Wanted, root: Node) -> About:
    """The entry or group that the step is about.

    A text that was entered tells best, or a proper name that is on the page, then words of the intent that only one
    entry of a list has, and at last what stood near when it was recorded.
    """
    near, intent = wanted.target.near, wanted.intent
    entered = {normalise(text) for text in memory.entered if text}
    where = smallest_holding(root, near) if normalise(near) in entered else []
    held = bool(where) and not names_a_part(where)
    spoken_of = bool(near) and says(intent, near) and names_an_entry(near)
    spoken = [text for text in memory.entered if len(text) > 2 and says(intent, text)]
    spoken = [one for one in spoken if not (is_a_choice(root, one) or memory.only_entered(one, root))]
    spoken.sort(key=lambda text: (normalise(intent).find(normalise(text)), -len(text)))
    names = [one for one in mentioned(root, intent) if not (says(wanted.value, one) or is_a_choice(root, one))]
    named = spoken[:1] or sorted(names, key=lambda one: not says(near, one))[:1]
    if named and not held and not spoken_of:
        return About(named[0], besides=_apart(names, named[0]))
    if (
        not (held or spoken_of)
        and _points_at_one(wanted)
        and (told := described(root, without(intent, wanted.entered)))
    ):
        return About(told)
    return About(near, not intent or held or spoken_of, _apart(names, near))


def _points_at_one(wanted: Wanted) -> bool:
    """Whether a step may describe an entry: what is entered, drawn or shown mostly lies elsewhere."""
    return wanted.action in _POINTS and not wanted.surface and not finds(wanted)


def _apart(names: Sequence[str], about: str) -> tuple[str, ...]:
    """The names that have nothing to do with another."""
    return tuple(one for one in names if not (says(one, about) or says(about, one)))


def names_a_part(sources: Sequence[Node]) -> bool:
    """Whether a text is read in headings and controls alone: it names a part of the page then, no entry of a list."""
    return bool(sources) and all(
        any(node.role in _TITLES for node in (source, *source.ancestors()))
        and not any(node.role in ENTRIES for node in source.ancestors())
        and entry_of(source) is None
        for source in sources
    )


def smallest_holding(root: Node, near: str) -> list[Node]:
    """The smallest elements that show a text; the best readings only."""
    holding = [node for node in root.walk() if node.role != "fragment" and says(node.name, near)]
    exact = [node for node in holding if normalise(node.name) == normalise(near)]
    holding = exact or holding
    outer = {id(ancestor) for node in holding for ancestor in node.ancestors()}
    return [node for node in holding if id(node) not in outer][:_MOST_PLACES]

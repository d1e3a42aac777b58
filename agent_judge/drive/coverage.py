"""How much of what a task speaks of can be read in the program."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from functools import cache
from importlib.resources import files

from agent_judge.drive.lexicon import normalise

_WORD = re.compile(r"[^\W\d_]{3,}")
_FEWEST = 5
"""With fewer words a share says more about how the task was put than about the program."""
_ENDINGS = ("ies", "ing", "ed", "es", "s", "ly", "er")


def coverage(instruction: str, texts: Iterable[str]) -> float | None:
    """Share of a task's telling words that occur in texts, 0 to 1; ``None`` where there are too few of them to tell."""
    wanted = {stem(word) for word in _WORD.findall(normalise(instruction)) if word not in _silent()}
    if len(wanted) < _FEWEST:
        return None
    shown = {stem(word) for text in texts for word in _WORD.findall(normalise(text))}
    return round(len(wanted & shown) / len(wanted), 4)


def stem(word: str) -> str:
    """A word without its ending, crudely: ``tasks`` and ``task`` are the same."""
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word.removesuffix(ending).rstrip("e")
    return word.rstrip("e") if len(word) > 3 else word


@cache
def _silent() -> frozenset[str]:
    return frozenset(tomllib.loads((files(__package__) / "telling.toml").read_text(encoding="utf-8"))["silent"])

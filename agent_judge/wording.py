"""Numbers with their words: 1 task, 2 tasks."""

from __future__ import annotations


def counted(number: int, word: str) -> str:
    """A number with a word in the singular or plural, as in ``1 launch`` and ``2 launches``."""
    return f"{number} {word if number == 1 else _plural(word)}"


def _plural(word: str) -> str:
    if word.endswith(("s", "x", "ch", "sh")):
        return f"{word}es"
    if word.endswith("y") and word[-2:-1] not in "aeiou":
        return f"{word[:-1]}ies"
    return f"{word}s"

"""Removes from text what tells who wrote a program: names of models and their makers, authors, paths."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path, PurePosixPath

from agent_judge.judge.question import MARK
from agent_judge.schema import Solution

_FILE = Path(__file__).with_name("identity.toml")
_AUTHOR = "[author]"
_NO_WORD = re.compile(r"(?=.{4}).*[\d._/ -]")
"""A name of this form is no ordinary word, which an app about colours or stars might need."""

Hide = Callable[[str], str]


def anonymise(text: str) -> str:
    """Replaces every telling passage; text without one comes back unchanged."""
    for pattern, replacement in _rules():
        text = pattern.sub(replacement, text)
    return text


@cache
def _rules() -> tuple[tuple[re.Pattern[str], str], ...]:
    groups = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    return tuple(
        (re.compile("|".join(f"(?:{pattern})" for pattern in group["patterns"]), re.IGNORECASE), group["replacement"])
        for group in groups.values()
    )


def hider(models: Sequence[str] = (), solution: Solution | None = None) -> Hide:
    """Makes what takes the names that users gave out of a text.

    Whoever compares ``old.html`` with ``opus-new.html`` tells by these names which to expect more of. So a program
    of one file is shown as ``program`` with its ending, and the names of models go unless they are ordinary words.

    Args:
        models: Names of all models that take part.
        solution: Whose texts these are.
    """
    files = tuple(solution.files) if solution else ()
    return _hide(tuple(sorted(models)), files[0] if len(files) == 1 else "")


def hidden_in_data(text: str, hide: Hide) -> str:
    """Takes names out of the lines that are data, and leaves ours as they are."""
    return "\n".join(hide(line) if line.startswith(MARK) else line for line in text.split("\n"))


@cache
def _hide(models: tuple[str, ...], file: str) -> Hide:
    rules = [(_whole(name), _AUTHOR) for name in sorted(models, key=len, reverse=True) if _NO_WORD.match(name)]
    if file:
        rules.insert(0, (_whole(file), f"program{PurePosixPath(file).suffix}"))

    def hide(text: str) -> str:
        for pattern, replacement in rules:
            text = pattern.sub(replacement, text)
        return text

    return hide


def _whole(name: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![A-Za-z0-9]){re.escape(name)}(?![A-Za-z0-9])", re.IGNORECASE)

"""What words of other languages than English, and signs, mean in English where user interfaces use them.

The glosses (``glosses.txt.xz``) were learnt from the translations that programs carry;
``eval/benchmarks/word_glosses.py`` names those and makes the file. They only speak where the
curated words (``synonyms.toml``, ``concepts.toml``) do not.
"""

from __future__ import annotations

import lzma
from functools import cache
from importlib.resources import files


def gloss(word: str) -> str:
    """The English word or two for a word of any other language, as ``normalise`` leaves it; empty where not known."""
    return table().get(word, "")


@cache
def table() -> dict[str, str]:
    """All glosses by their word."""
    text = lzma.decompress((files(__package__) / "glosses.txt.xz").read_bytes()).decode()
    lines = (line.split("\t") for line in text.splitlines())
    return {word: english for english, words in lines for word in words.split(" ")}

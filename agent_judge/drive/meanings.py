"""How near names are in meaning where no word is shared or known: ``Dig through the records`` is a kind of search.

Each word is a vector (GloVe: Pennington, Socher and Manning, EMNLP 2014), and a name the mean of its words', the rarer
ones counting more (smooth inverse frequency: Arora, Liang and Ma, ICLR 2017). Words of other languages than English
count by the concept that they are known for.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import cache, lru_cache
from importlib.resources import as_file, files
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from agent_judge.drive.lexicon import TOKEN, plain_words
from agent_judge.drive.reading import Unit

_RARE = 1e-3
"""A word that makes up so much of all text counts half."""
_ZIPF = 0.1
"""The n-th of the most frequent words makes up about so much of all text, divided by n."""
_MOST_MEANINGS = 3
"""A sign that means more than this means little."""

Vector = NDArray[np.float32]


@lru_cache(maxsize=20_000)
def vector_of(units: tuple[Unit, ...]) -> Vector | None:
    """The direction of a name's meaning, of length 1; nothing where none of its words is known."""
    whole = sum((vector for unit in units for vector in _of_unit(unit)), start=np.zeros_like(_table().scale))
    length = float(np.linalg.norm(whole))
    return whole / length if length else None


def closeness(first: Sequence[Vector], second: Sequence[Vector]) -> float:
    """How near the nearest two of some meanings are, 0 to 1."""
    return max((max(0.0, float(one @ other)) for one in first for other in second), default=0.0)


def vocabulary() -> Collection[str]:
    """The English words whose meaning is known."""
    return _table().places.keys()


def _of_unit(unit: Unit) -> list[Vector]:
    if unit.kind in ("word", "number"):
        return [vector for token in TOKEN.findall(unit.word) for vector in _of_word(token)]
    meanings = sorted(unit.meanings)
    if len(meanings) > _MOST_MEANINGS:
        return []
    phrases = [phrase for phrase in map(plain_words, meanings) if phrase]
    share = np.float32(1 / max(1, len(phrases)))
    return [vector * share for phrase in phrases for word in phrase for vector in _of_word(word)]


def _of_word(word: str) -> list[Vector]:
    table = _table()
    place = table.places.get(word)
    if place is None:
        return []
    vector = table.vectors[place] * table.scale
    vector /= np.linalg.norm(vector) + 1e-9
    frequency = _ZIPF / (int(table.ranks[place]) + 1)
    return [(vector * (_RARE / (_RARE + frequency))).astype(np.float32)]


class _Table(NamedTuple):
    places: dict[str, int]
    ranks: NDArray[np.int32]
    """How many words are more frequent."""
    vectors: NDArray[np.int8]
    scale: Vector
    """What a unit of each direction stands for."""


@cache
def _table() -> _Table:
    with as_file(files(__package__) / "meanings.npz") as file, np.load(file) as data:
        places = {word: place for place, word in enumerate(str(data["words"]).split(" "))}
        return _Table(places, data["ranks"], data["vectors"], data["scale"].astype(np.float32))

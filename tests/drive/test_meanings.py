"""Names that share no word, and are near in meaning or not."""

from __future__ import annotations

import pytest

from agent_judge.drive.meanings import closeness, vector_of
from agent_judge.drive.reading import Unit, read_name


def near(first: str, second: str) -> float:
    vectors = [vector for name in (first, second) if (vector := vector_of(read_name(name))) is not None]
    assert len(vectors) == 2
    return closeness(vectors[:1], vectors[1:])


@pytest.mark.parametrize(
    ("meant", "nearer", "farther"),
    [
        ("sort by price", "cheapest first", "newest"),
        ("search", "dig", "paint"),
        ("pause", "halt", "colour"),
        ("clear the filters", "Zrušit filtr", "Rooms"),
        ("cancel", "Abbrechen", "Speichern"),
    ],
)
def test_what_is_nearer_in_meaning_is_nearer(meant: str, nearer: str, farther: str) -> None:
    assert near(meant, nearer) > near(meant, farther)


def test_a_name_is_as_near_to_itself_as_can_be() -> None:
    assert near("Wipe the tape", "wipe the tape") == pytest.approx(1)


def test_what_no_word_is_known_of_has_no_meaning() -> None:
    assert vector_of((Unit("qzxv", frozenset(("=qzxv",)), "word"),)) is None
    assert closeness([], []) == 0

"""Words of other languages and signs that no curated list has, read as what they mean in English."""

from __future__ import annotations

import pytest

from agent_judge.drive.glosses import gloss, table
from agent_judge.drive.lexicon import known_phrases, normalise
from agent_judge.drive.meanings import vocabulary
from agent_judge.drive.reading import read_name
from agent_judge.drive.similarity import alike


@pytest.mark.parametrize(
    ("name", "same", "other"),
    [
        ("Kosár", "Basket", "Search"),
        ("שלח", "Send", "Delete"),
        ("ذخیره", "Save", "Share"),
        ("Paieška", "Search", "Save"),
        ("Налаштування", "Settings", "Profile"),
        ("🌡", "Thermometer", "Compass"),
    ],
)
def test_a_word_of_another_language_is_read_as_the_english_one(name: str, same: str, other: str) -> None:
    assert (tuple(normalise(name).split(" "))) not in known_phrases()  # Else this says nothing of glosses.
    assert alike(name, same) > 0.8
    assert alike(name, other) < 0.3


def test_what_is_english_or_curated_is_left_as_it_is() -> None:
    words = table().keys()
    assert not words & vocabulary()
    assert not [word for word in words if (word,) in known_phrases()]


def test_a_gloss_is_read_once_whatever_it_says() -> None:
    circle = next(word for word, english in table().items() if gloss(english) and english not in vocabulary())
    assert read_name(circle)


def test_what_nobody_knows_has_none() -> None:
    assert gloss("qzxvw") == ""
    assert [unit.word for unit in read_name("qzxvw")] == ["qzxvw"]

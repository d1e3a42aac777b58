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


def test_a_gloss_is_not_translated_again() -> None:
    assert gloss("abac") == "abacus"
    assert [unit.word for unit in read_name("abac")] == ["abacus"]


@pytest.mark.parametrize(
    "word",
    ["them", "it", "at", "be", "been", "you", "will", "if", "had", "thu", "tue", "fri", "col", "nav", "btn", "img"],
)
def test_short_english_words_are_no_foreign_ones(word: str) -> None:
    assert gloss(word) == ""


@pytest.mark.parametrize(("name", "same"), [("सहेजें", "Save"), ("খুঁজুন", "Search"), ("ค้นหา", "Search")])
def test_vowel_signs_belong_to_the_word(name: str, same: str) -> None:
    assert alike(name, same) > 0.8


def test_what_nobody_knows_has_none() -> None:
    assert gloss("qzxvw") == ""
    assert [unit.word for unit in read_name("qzxvw")] == ["qzxvw"]

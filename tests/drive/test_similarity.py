"""Names that mean the same are alike, names that mean something else are not."""

from __future__ import annotations

import pytest

from agent_judge.drive.lexicon import says
from agent_judge.drive.likeness import without
from agent_judge.drive.reading import read_identifier
from agent_judge.drive.similarity import alike, misses_intent, serves

SAME = [
    ("Add", "＋"), ("Add item", "New task"), ("Delete", "🗑️"), ("Remove", "Löschen"), ("Edit", "Ändern"),
    ("Next", "Continue →"), ("Next", "下一步"), ("Submit", "Senden"), ("×", "multiply"), ("C", "Clear"),
    ("=", "Equals"), ("+/-", "Change sign"), ("Email", "E-Mail-Adresse"), ("Password", "Contraseña"),
    ("Start game", "New game"), ("Mark as done", "✓"), ("Cart", "Warenkorb"), ("Search", "🔍"),
    ("Über uns", "uber uns"), ("Rename… F2", "Rename"), ("Save (⌘S)", "Save"), ("Undo Ctrl+Z", "Undo"),
]  # fmt: skip
DIFFERENT = [
    ("Add to cart", "Remove from cart"), ("Email", "Password"), ("Item 1", "Item 2"), ("Next", "Back"), ("+", "-"),
    ("Save", "Cancel"), ("Red", "Green"), ("7", "8"), ("Delete", "Add"), ("Name", "City"), ("Undo", "Redo"),
]  # fmt: skip


@pytest.mark.parametrize(("one", "other"), SAME)
def test_the_same_in_other_words(one: str, other: str) -> None:
    assert alike(one, other) >= 0.75
    assert alike(one, other) == alike(other, one)


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_something_else(one: str, other: str) -> None:
    assert alike(one, other) < 0.5


def test_saying_less_is_less_alike_than_saying_the_same() -> None:
    assert alike("Delete", "Delete") > alike("Delete", "Delete all tasks") > alike("Delete", "Add")


@pytest.mark.parametrize(
    ("text", "wanted", "there"),
    [
        ("Score: 10", "Score: 1", False), ("Score: 1", "score:  1", True), ("Total $12.00", "$12", False),
        ("a\n b", "A b", True), ("v1.2", "1.2", True), ("café", "CAFE", True), ("anything", "", True),
    ],
)  # fmt: skip
def test_what_a_text_says(text: str, wanted: str, there: bool) -> None:
    assert says(text, wanted) is there


@pytest.mark.parametrize(
    ("intent", "right", "wrong"),
    [
        ("add the item", "＋", "Delete"),
        ("go on to the next question", "Avanti", "Indietro"),
        ("work out the result", "=", "+"),
        ("delete the last digit", "⌫", "7"),
        ("show only what is done", "Completed", "Active"),
        ("enter the digit 7", "7", "8"),
    ],
)
def test_what_serves_an_intent(intent: str, right: str, wrong: str) -> None:
    assert serves(right, intent) > 0.6
    assert serves(wrong, intent) < 0.5


def test_an_action_that_the_intent_only_mentions_is_not_the_one() -> None:
    assert misses_intent("Save", "delete the saved item")
    assert not misses_intent("New", "open the form for a new item")
    assert not misses_intent("Save", "save the changed item")


@pytest.mark.parametrize(
    ("identifier", "words"),
    [("fa-trash-2", "trash"), ("btnDelete", "delete"), ("k-7", "7"), ("lucide lucide-check-circle", "check")],
)
def test_identifiers_are_read_as_words(identifier: str, words: str) -> None:
    assert words in read_identifier(identifier)


@pytest.mark.parametrize(("identifier", "words"), [("btn-del", "delete"), ("nxtPage", "next page"), ("srch", "search")])
def test_what_identifiers_shorten_is_read(identifier: str, words: str) -> None:
    assert read_identifier(identifier) == words


@pytest.mark.parametrize("identifier", ["cls-1 icon-save", "ph ph-trash", "img-fluid icon-trash"])
def test_what_styles_and_icon_fonts_call_themselves_is_not(identifier: str) -> None:
    assert not {"close", "phone", "image"} & {*read_identifier(identifier).split()}


def test_how_many_there_are_is_no_part_of_a_name() -> None:
    assert alike("Basket (3)", "Basket (12)") > 0.9
    assert alike("Level 3", "Level 12") < 0.5


def test_to_mark_as_something_is_about_that() -> None:
    assert serves("Urgent", "mark the card as urgent") > 0.6
    assert serves("Done", "mark the card as done") > 0.6
    assert serves("Priority", "mark the card as done") < 0.5


@pytest.mark.parametrize(
    ("intent", "right", "wrong"),
    [
        ("show all contacts again, not only the favourites", "All contacts", "Favourites"),
        ("confirm that the entry is to be deleted", "Delete", "Add"),
        ("show the entries of all categories", "All 60.00 €", "Food 18.00 €"),
    ],
)
def test_what_an_intent_is_for_and_what_it_is_not_for(intent: str, right: str, wrong: str) -> None:
    assert serves(right, intent) > 0.6
    assert serves(wrong, intent) < 0.5


@pytest.mark.parametrize(
    ("word", "form"), [("category", "categories"), ("delete", "deleted"), ("favorit", "Favoriter")]
)
def test_a_form_of_a_word_means_the_same(word: str, form: str) -> None:
    assert alike(word, form) > 0.8


def test_what_is_not_to_be_done_is_not_what_a_step_is_for() -> None:
    intent = "do not delete the entry after all"
    assert serves("Cancel", intent) > serves("Delete", intent) + 0.3


def test_names_that_differ_in_brackets_are_not_the_same() -> None:
    assert alike("Export (CSV)", "Export (PDF)") < 0.6
    assert alike("Tags", "Tags (separated by commas)") > 0.9
    assert alike("Tags (with commas)", "Tags (separated by commas)") > 0.6


@pytest.mark.parametrize(
    ("text", "entry", "rest"),
    [("删除买牛奶", "买牛奶", "删除"), ("Delete Buy milk", "Buy milk", "delete"), ("Milkshake", "milk", "milkshake")],
)
def test_an_entry_is_taken_out_of_a_name(text: str, entry: str, rest: str) -> None:
    assert without(text, entry) == rest


def test_a_name_that_is_made_to_be_hard_to_read_is_read_at_once() -> None:
    assert alike("x" + " alt" * 25 + " ++++++++", "Save") < 0.5


def test_a_letter_means_something_alone_and_is_an_initial_among_words() -> None:
    assert alike("C", "Clear") > 0.8
    assert alike("C Change of address", "Change of address") > 0.8
    assert alike("Player X wins", "Player O wins") < 0.5

"""How much of a task's words a program shows, where there are enough of them to tell."""

from __future__ import annotations

from agent_judge.drive.coverage import coverage


def test_a_task_with_few_telling_words_gives_no_share() -> None:
    assert (
        coverage("Build a to-do list where items can be added and completed", ["To-do", "What needs to be done?"])
        is None
    )


def test_words_are_found_in_other_forms() -> None:
    task = "Build a recipe book with ingredients, portions, ratings, tags and favourites"
    assert coverage(task, ["Recipes", "Ingredient", "Portion", "Ratings", "Tag"]) == 0.7143

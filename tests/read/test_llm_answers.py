"""Answers that a model really wrote, against what each of them is, read by hand."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest

from agent_judge.read.answer import solution_from_answer

TRUTH = tomllib.loads((Path(__file__).parent / "data" / "llm_answers.toml").read_text(encoding="utf-8"))
ANSWERS = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "llm_answers.jsonl"


@pytest.fixture(scope="module")
def answers() -> dict[str, dict[str, str]]:
    if not ANSWERS.is_file():
        pytest.skip("the public answers (../shared/data/llm_answers.jsonl) are not beside this checkout")
    rows = [json.loads(line) for line in ANSWERS.read_text(encoding="utf-8").splitlines()]
    return {row["id"]: row for row in rows}


def test_every_answer_has_a_truth(answers: dict[str, dict[str, str]]) -> None:
    assert set(answers) == set(TRUTH)


@pytest.mark.parametrize("answer_id", TRUTH)
def test_environment_and_language_are_right(answers: dict[str, dict[str, str]], answer_id: str) -> None:
    solution = solution_from_answer(answers[answer_id]["response"], answers[answer_id]["instruction"])

    assert not solution.problem
    assert solution.environment == TRUTH[answer_id]["environment"]
    assert solution.language == TRUTH[answer_id]["language"]


@pytest.mark.parametrize(
    ("answer_id", "files"),
    [
        ("web_design-000001", {"main.py", "templates/index.html"}),
        ("web_design-000003", {"App.jsx", "PromptValidator.css"}),
        ("diagram_creation-000008", {"main.py"}),
        ("creative_coding-000006", {"main.js"}),
    ],
)
def test_answers_in_several_blocks_become_their_files(
    answers: dict[str, dict[str, str]], answer_id: str, files: set[str]
) -> None:
    solution = solution_from_answer(answers[answer_id]["response"], answers[answer_id]["instruction"])

    assert set(solution.files) == files
    assert all(b"```" not in content for content in solution.files.values())

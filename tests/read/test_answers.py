"""Answers of all kinds: what they are recognised as, and which of their blocks make the program."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from agent_judge.read.answer import solution_from_answer

DATA = Path(__file__).parent / "data"


def samples(name: str) -> list[Any]:
    answers = tomllib.loads((DATA / name).read_text(encoding="utf-8"))["answer"]
    return [pytest.param(answer, id=answer["name"]) for answer in answers]


def read(answer: dict[str, Any]) -> Any:
    text = answer["text"].replace("\n", "\r\n") if answer.get("crlf") else answer["text"]
    return solution_from_answer("\ufeff" * answer.get("bom", False) + text, answer.get("instruction", ""))


def differences(answer: dict[str, Any]) -> list[str]:
    """What a sample's Solution is and should not be, in words."""
    solution = read(answer)
    seen: dict[str, Any] = {
        "environment": solution.environment,
        "language": solution.language,
        "entry": solution.entry,
        "files": sorted(solution.files),
        "dependencies": list(solution.dependencies),
    }
    found = [f"{key} is {seen[key]}" for key in seen if key in answer and seen[key] != _sorted(answer[key])]
    code = "\n".join(content.decode() for content in solution.files.values())
    found += [f"lacks {text!r}" for text in answer.get("contains", ()) if text not in code]
    found += [f"holds {text!r}" for text in answer.get("lacks", ()) if text in code]
    if answer.get("problem", "") not in solution.problem or bool(solution.problem) != ("problem" in answer):
        found.append(f"problem is {solution.problem!r}")
    return found


def _sorted(value: Any) -> Any:
    return sorted(value) if isinstance(value, list) else value


@pytest.mark.parametrize("answer", samples("answers_held_out.toml"))
def test_answers_never_tuned_on(answer: dict[str, Any]) -> None:
    assert differences(answer) == []


@pytest.mark.parametrize("answer", samples("answers_tuned.toml"))
def test_answers_tuned_on(answer: dict[str, Any]) -> None:
    assert differences(answer) == []

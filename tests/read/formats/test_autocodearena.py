"""AutoCodeArena's prompts and generations, as a suite."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from agent_judge.errors import BadInput
from agent_judge.read.suite import load_suite

PAGE = "<!DOCTYPE html><html><body><h1>Counter</h1></body></html>"
PROMPTS = [
    {"uid": "u1", "instruction": "Make a counter", "category": "web_design"},
    {"uid": "u2", "instruction": "Make a clock", "category": "creative_coding"},
]


def generation(uid: str, **more: Any) -> dict[str, Any]:
    messages = [{"role": "user", "content": "?"}, {"role": "assistant", "content": {"answer": f"```html\n{PAGE}\n```"}}]
    return {"uid": uid, "messages": messages, **more}


def jsonl(path: Path, rows: list[Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    jsonl(tmp_path / "question.jsonl", PROMPTS)
    react = {
        "environment": "React",
        "code_to_execute": "export default function App() { return <p>Hi</p> }",
        "code_dependencies": [[], ["recharts"]],
    }
    jsonl(tmp_path / "model_answer" / "gpt-x" / "generation.jsonl", [generation("u1"), generation("u2", **react)])
    jsonl(tmp_path / "model_answer" / "other" / "generation.jsonl", [generation("u2", environment="HTML")])
    return tmp_path


def test_prompts_and_generations_are_a_suite(folder: Path) -> None:
    suite = load_suite(folder)
    assert [(task.id, task.category) for task in suite.tasks] == [("u1", "web_design"), ("u2", "creative_coding")]
    assert suite.models == ("gpt-x", "other")
    assert suite.solutions["u1"].keys() == {"gpt-x"}
    assert suite.solutions["u1"]["gpt-x"].environment == "html"
    react = suite.solutions["u2"]["gpt-x"]
    assert (react.environment, "recharts" in react.dependencies) == ("react", True)


def test_a_suite_toml_may_stand_beside_them(folder: Path) -> None:
    (folder / "suite.toml").write_text('name = "published"\npairing = "baseline"\nbaseline = "other"\n')
    suite = load_suite(folder)
    assert (suite.name, suite.pairing, suite.baseline) == ("published", "baseline", "other")


@pytest.mark.parametrize(
    ("file", "rows", "says"),
    [
        ("question.jsonl", [{"uid": "u1"}], "question.jsonl:1: no 'instruction'; the columns are: uid"),
        ("question.jsonl", [*PROMPTS, PROMPTS[0]], "question.jsonl:3: a second prompt with the uid 'u1'"),
        ("more.jsonl", PROMPTS, "one .jsonl with the prompts is needed; there is more.jsonl, question.jsonl"),
        ("m/generation.jsonl", [generation("u9")], "generation.jsonl:1: there is no prompt with the uid 'u9'"),
        ("m/generation.jsonl", [generation("u1")] * 2, "generation.jsonl:2: a second answer of 'm' to 'u1'"),
        (
            "m/generation.jsonl",
            [{**generation("u1"), "code_to_execute": ["<p>"]}],
            "generation.jsonl:1: 'code_to_execute' must be text, not list",
        ),
        ("m/generation.jsonl", [[1]], "generation.jsonl:1: each line is an object"),
    ],
    ids=["no instruction", "second prompt", "two files of prompts", "unknown uid", "second", "code", "no object"],
)
def test_what_is_wrong_is_told_with_its_line(folder: Path, file: str, rows: list[Any], says: str) -> None:
    jsonl(folder / file, rows)
    with pytest.raises(BadInput) as error:
        load_suite(folder)
    assert says in str(error.value)
    assert "\n" not in str(error.value)

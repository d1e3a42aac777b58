"""A suite folder is read whole; what is wrong is told with file and line."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from agent_judge.errors import BadInput
from agent_judge.places import demo_suite
from agent_judge.read.environment import load_environments
from agent_judge.read.suite import load_suite

PAGE = "<!DOCTYPE html><title>t</title><p>hello</p>"
SCENARIO = "id: look\nsteps:\n  - {do: press, key: Enter}\n"


@pytest.fixture
def suite(tmp_path: Path) -> Path:
    folder = tmp_path / "suite"
    write(folder / "suite.toml", 'name = "mine"\nseed = 3\njudges = ["evidence"]\n\n[limits]\nmemory_mib = 2048\n')
    write(
        folder / "tasks.jsonl", lines({"id": "todo", "instruction": "A to-do list"}, {"id": "quiz", "instruction": "q"})
    )
    write(folder / "answers/ant.jsonl", lines({"task_id": "todo", "response": f"```html\n{PAGE}\n```", "tokens": 12}))
    write(
        folder / "answers/bee.jsonl",
        lines({"task_id": "todo", "response": "no code"}, {"task_id": "quiz", "response": PAGE}),
    )
    write(folder / "solutions/cat/todo.html", PAGE)
    write(folder / "solutions/cat/quiz/index.html", PAGE)
    write(folder / "scenarios/todo/look.yaml", SCENARIO)
    return folder


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def lines(*objects: object) -> str:
    return "".join(json.dumps(each) + "\n" for each in objects)


def refusal(folder: Path) -> str:
    with pytest.raises(BadInput) as raised:
        load_suite(folder)
    message = str(raised.value)
    assert "\n" not in message
    return message.replace(str(folder) + os.sep, "")


def test_a_suite_is_read(suite: Path) -> None:
    loaded = load_suite(suite)

    assert (loaded.name, loaded.seed, loaded.rounds, loaded.pairing) == ("mine", 3, 1000, "all")
    assert loaded.models == ("ant", "bee", "cat")
    assert {task: sorted(by) for task, by in loaded.solutions.items()} == {
        "todo": ["ant", "bee", "cat"],
        "quiz": ["bee", "cat"],
    }
    assert loaded.solutions["todo"]["bee"].problem == "the answer holds no code"
    assert loaded.solutions["quiz"]["cat"].entry == "index.html"
    assert [scenario.id for scenario in loaded.scenarios["todo"]] == ["look"]


def test_a_solution_is_used_instead_of_an_answer(suite: Path) -> None:
    write(suite / "solutions/ant/todo.py", "print('hello')")

    assert load_suite(suite).solutions["todo"]["ant"].environment == "interpreter"


def test_limits_override_those_of_the_environments(suite: Path) -> None:
    with (suite / "suite.toml").open("a") as file:
        file.write("[limits.pygame]\nmemory_mib = 3000\ntotal_seconds = 9\n")
    loaded = load_suite(suite)
    html, pygame = load_environments()["html"], load_environments()["pygame"]

    assert loaded.limits_for(html) == html.limits.model_copy(update={"memory_mib": 2048})
    assert loaded.limits_for(pygame) == pygame.limits.model_copy(update={"memory_mib": 3000, "total_seconds": 9})


def test_the_digest_follows_the_content(suite: Path) -> None:
    before = load_suite(suite).digest

    assert load_suite(suite).digest == before
    write(suite / "solutions/cat/todo.html", PAGE + "<p>more</p>")
    assert load_suite(suite).digest != before


def test_the_bundled_suite_is_read() -> None:
    loaded = load_suite(demo_suite())

    assert len(loaded.tasks) >= 4
    assert all(not solution.problem for by in loaded.solutions.values() for solution in by.values())


BAD = {
    "unknown key": (
        "suite.toml",
        'name = "a"\nbasline = "x"',
        'suite.toml:2: unknown key "basline", did you mean "baseline"?',
    ),
    "wrong type": ("suite.toml", 'name = "a"\nseed = "many"', "suite.toml:2: seed: input should be a valid integer"),
    "wrong choice": (
        "suite.toml",
        'pairing = "al"',
        'suite.toml:1: unknown value of pairing "al", did you mean "all"?',
    ),
    "not TOML": ("suite.toml", 'name = "a\n', "suite.toml:1:10: not TOML"),
    "unknown environment": (
        "suite.toml",
        "[limits.pigame]\nmemory_mib = 1",
        'no environment "pigame", did you mean "pygame"?',
    ),
    "unknown limit": (
        "suite.toml",
        "[limits]\nmemory = 1",
        'suite.toml:2: unknown key "memory", did you mean "memory_mib"?',
    ),
    "unknown baseline": (
        "suite.toml",
        'baseline = "dog"',
        'the baseline "dog" is no model of this suite: ant, bee, cat',
    ),
    "no baseline": ("suite.toml", 'pairing = "baseline"', 'pairing = "baseline" needs a baseline'),
    "duplicate task": (
        "tasks.jsonl",
        lines(*[{"id": "todo", "instruction": "a"}] * 2),
        'tasks.jsonl:2: a second task "todo"',
    ),
    "task with unknown key": (
        "tasks.jsonl",
        lines({"id": "a", "instruction": "b", "categry": "c"}),
        'unknown key "categry", did you mean "category"?',
    ),
    "empty tasks": ("tasks.jsonl", "\n", "tasks.jsonl: the file is empty"),
    "bad line": (
        "answers/ant.jsonl",
        '{"task_id": "todo", "response": "x"}\n{"task_id":',
        "answers/ant.jsonl:2:12: not JSON",
    ),
    "number of 5,000 digits": (
        "tasks.jsonl",
        '{"id": "todo", "instruction": "a", "category": ' + "1" * 5000 + "}",
        "tasks.jsonl:1: a number in it has too many digits",
    ),
    "half a character in a task's id": (
        "tasks.jsonl",
        '{"id": "to\\ud800do", "instruction": "a"}',
        "tasks.jsonl:1: id holds half a character",
    ),
    "half a character in an instruction": (
        "tasks.jsonl",
        '{"id": "todo", "instruction": "a"}\n{"id": "b", "instruction": "\\udfff"}',
        "tasks.jsonl:2: instruction holds half a character",
    ),
    "line that is no object": ("answers/ant.jsonl", "[1]", "answers/ant.jsonl:1: each line is an object"),
    "answer to no task": (
        "answers/ant.jsonl",
        lines({"task_id": "tdo", "response": "x"}),
        'answers/ant.jsonl:1: there is no task "tdo" in tasks.jsonl, did you mean "todo"?',
    ),
    "second answer": (
        "answers/ant.jsonl",
        lines(*[{"task_id": "todo", "response": "x"}] * 2),
        'answers/ant.jsonl:2: a second answer to task "todo"',
    ),
    "answer without response": (
        "answers/ant.jsonl",
        lines({"task_id": "todo"}),
        'answers/ant.jsonl:1: "response" is missing',
    ),
    "model without answers": ("answers/dog.jsonl", "", "answers/dog.jsonl: the file is empty"),
    "climbing model name": (
        "answers/...jsonl",
        lines({"task_id": "todo", "response": "x"}),
        'answers/...jsonl: ".." cannot be a model\'s name',
    ),
    "solution of no task": ("solutions/cat/other.html", PAGE, 'solutions/cat/other.html: there is no task "other"'),
    "second solution": (
        "solutions/cat/todo.py",
        "print(1)",
        'solutions/cat/todo.py: a second solution of "cat" to task "todo"',
    ),
    "solution with no entry": (
        "solutions/bee/todo/data.csv",
        "a,b\n1,2\n",
        "solutions/bee/todo: nothing in it can be started",
    ),
    "scenario of no task": (
        "scenarios/tood/look.yaml",
        SCENARIO,
        'scenarios/tood: there is no task "tood" in tasks.jsonl, did you mean "todo"?',
    ),
    "bad scenario": (
        "scenarios/todo/b.yaml",
        "id: b\nsteps:\n  - {do: pres, key: x}",
        'scenarios/todo/b.yaml:3:6: unknown action "pres"',
    ),
    "second scenario": (
        "scenarios/todo/b.yaml",
        SCENARIO,
        'scenarios/todo/look.yaml: a second scenario "look" of task "todo"',
    ),
    "scenario of another task": (
        "scenarios/todo/b.yaml",
        "task: quiz\n" + SCENARIO,
        'is of task "quiz", but stands in todo/',
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_what_is_wrong_is_told_with_its_place(suite: Path, case: str) -> None:
    file, content, told = BAD[case]
    write(suite / file, content)

    assert told in refusal(suite)


def test_not_utf8_is_told_with_its_line(suite: Path) -> None:
    (suite / "answers/ant.jsonl").write_bytes(b'{"task_id": "todo", "response": ""}\n{"\xff"}\n')

    assert refusal(suite).startswith("answers/ant.jsonl:2: not UTF-8 text")


def test_all_of_few_problems_are_told_and_of_many_the_first(suite: Path) -> None:
    write(suite / "suite.toml", "basline = 1\nseeed = 2")
    write(suite / "answers/ant.jsonl", "[]")
    three = refusal(suite)
    assert three.startswith("suite.toml:1:")
    assert "; suite.toml:2:" in three
    assert "; answers/ant.jsonl:1:" in three

    write(suite / "answers/ant.jsonl", "[]\n[]\n[]")
    assert refusal(suite) == f"{three} (and 2 more)"


def test_a_folder_that_is_no_suite_is_refused(tmp_path: Path) -> None:
    assert "no such folder" in refusal(tmp_path / "none")
    assert "not a suite: it has no suite.toml and no tasks.jsonl" in refusal(tmp_path)


def test_a_suite_without_answers_is_refused(tmp_path: Path) -> None:
    write(tmp_path / "suite.toml", 'name = "a"')
    write(tmp_path / "tasks.jsonl", lines({"id": "todo", "instruction": "a"}))

    assert "nothing to run" in refusal(tmp_path)

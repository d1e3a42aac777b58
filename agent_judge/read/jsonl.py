"""``tasks.jsonl`` and ``answers/<model>.jsonl``, one JSON object a line."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from agent_judge.errors import BadInput
from agent_judge.read.explain import nearest, problems_of
from agent_judge.read.marked import HUGE_NUMBER, read_text
from agent_judge.schema import Answer, Task

MAX_BYTES = 1_000_000_000
"""Files of answers grow large."""


def read_tasks(path: Path) -> tuple[tuple[Task, ...], list[str]]:
    """Reads the tasks of a suite.

    Returns:
        The tasks, and what is wrong, each with file and line.
    """
    tasks: dict[str, Task] = {}
    problems: list[str] = []
    for number, data in objects(path, problems):
        try:
            task = Task.model_validate(data)
        except ValidationError as error:
            problems += _explained(path, number, error, Task)
            continue
        if half := next((name for name, value in data.items() if not _is_text(value)), ""):
            problems.append(f"{path}:{number}: {half} holds half a character (\\ud800 to \\udfff); write it whole")
        elif task.id in tasks:
            problems.append(f'{path}:{number}: a second task "{task.id}"')
        elif not task.id.strip():
            problems.append(f"{path}:{number}: the task's id is empty")
        elif not task.instruction.strip():
            problems.append(f'{path}:{number}: task "{task.id}" has an empty instruction')
        tasks.setdefault(task.id, task)
    return tuple(tasks.values()), problems


def read_answers(path: Path, task_ids: Sequence[str]) -> tuple[list[Answer], list[str]]:
    """Reads what one model answered; columns that we do not know are passed over.

    Returns:
        The answers to known tasks, and what is wrong, each with file and line.
    """
    answers: dict[str, Answer] = {}
    problems: list[str] = []
    for number, data in objects(path, problems):
        known = {key: value for key, value in data.items() if key in Answer.model_fields}
        try:
            answer = Answer.model_validate(known)
        except ValidationError as error:
            problems += _explained(path, number, error, Answer)
            continue
        if answer.task_id not in task_ids:
            meant = nearest(answer.task_id, task_ids)
            suggestion = f', did you mean "{meant}"?' if meant else ""
            problems.append(f'{path}:{number}: there is no task "{answer.task_id}" in tasks.jsonl{suggestion}')
        elif answer.task_id in answers:
            problems.append(f'{path}:{number}: a second answer to task "{answer.task_id}"')
        else:
            answers[answer.task_id] = answer
    return list(answers.values()), problems


def objects(path: Path, problems: list[str]) -> Iterator[tuple[int, dict[str, Any]]]:
    """The objects of a file, each with the number of its line; what is no object is added to the problems."""
    try:
        text = read_text(path, MAX_BYTES)
    except BadInput as error:
        problems.append(str(error))
        return
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            data = json.loads(line)
        except json.JSONDecodeError as error:
            problems.append(f"{path}:{number}:{error.colno}: not JSON: {error.msg}")
            continue
        except RecursionError:
            problems.append(f"{path}:{number}: nested too deeply")
            continue
        except ValueError:
            problems.append(f"{path}:{number}: {HUGE_NUMBER}")
            continue
        if isinstance(data, dict):
            yield number, data
        else:
            problems.append(f"{path}:{number}: each line is an object {{...}}, this one is not")


def _is_text(value: Any) -> bool:
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True


def _explained(path: Path, number: int, error: ValidationError, model: type[BaseModel]) -> list[str]:
    return [f"{path}:{number}: {problem.message}" for problem in problems_of(error, model)]

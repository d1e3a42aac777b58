"""AutoCodeArena as published: a file of prompts, and a ``generation.jsonl`` in a folder of each model."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from agent_judge.read.formats.executed import dependency_names, executed_solution, reply_of
from agent_judge.read.jsonl import objects
from agent_judge.schema import Solution, Task

GENERATIONS = "generation.jsonl"
_TEXTS = ("code_to_execute", "environment")


def is_autocodearena(folder: Path) -> bool:
    """Whether a folder holds answers in this form, and no tasks in ours."""
    return not (folder / "tasks.jsonl").exists() and any(folder.rglob(GENERATIONS))


def read_autocodearena(folder: Path) -> tuple[tuple[Task, ...], dict[str, dict[str, Solution]], list[str]]:
    """Reads prompts (``uid, instruction, category``) and what models answered to them.

    The prompts are the only other ``.jsonl`` at the top. A model has the name of the folder that its
    ``generation.jsonl`` (``uid, messages, environment, code_to_execute, code_dependencies``) lies in.

    Returns:
        Tasks, solutions by task and model, and what is wrong, each with file and line.
    """
    problems: list[str] = []
    prompts = sorted(path for path in folder.glob("*.jsonl") if path.name != GENERATIONS)
    if len(prompts) != 1:
        found = ", ".join(path.name for path in prompts) or "none"
        return (), {}, [f"{folder}: beside {GENERATIONS} one .jsonl with the prompts is needed; there is {found}"]
    tasks = _tasks(prompts[0], problems)
    solutions: dict[str, dict[str, Solution]] = {task_id: {} for task_id in tasks}
    for path in sorted(folder.rglob(GENERATIONS)):
        model = path.parent.name if path.parent != folder else folder.resolve().name
        for number, row in objects(path, problems):
            uid = str(row.get("uid") or "")
            if uid not in tasks:
                problems.append(f"{path}:{number}: there is no prompt with the uid {uid!r} in {prompts[0].name}")
            elif model in solutions[uid]:
                problems.append(f"{path}:{number}: a second answer of {model!r} to {uid!r}")
            elif strange := next((name for name in _TEXTS if not isinstance(row.get(name) or "", str)), ""):
                problems.append(f"{path}:{number}: {strange!r} must be text, not {type(row[strange]).__name__}")
            else:
                solutions[uid][model] = _solution(row, tasks[uid])
    return tuple(tasks.values()), solutions, problems


def _tasks(path: Path, problems: list[str]) -> dict[str, Task]:
    tasks: dict[str, Task] = {}
    for number, row in objects(path, problems):
        missing = [name for name in ("uid", "instruction") if not str(row.get(name) or "").strip()]
        if missing:
            problems.append(f"{path}:{number}: no {missing[0]!r}; the columns are: {', '.join(list(row)[:12])}")
            continue
        uid = str(row["uid"])
        if uid in tasks:
            problems.append(f"{path}:{number}: a second prompt with the uid {uid!r}")
        task = Task(id=uid, instruction=str(row["instruction"]), category=str(row.get("category") or ""))
        tasks.setdefault(uid, task)
    return tasks


def _solution(row: Mapping[str, Any], task: Task) -> Solution:
    return executed_solution(
        reply_of(row.get("messages")),
        str(row.get("code_to_execute") or ""),
        str(row.get("environment") or ""),
        dependency_names(row.get("code_dependencies")),
        task.instruction,
    )

"""A suite folder becomes tasks, solutions and scenarios; all that is wrong with it is found at once."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError, field_validator, model_validator

from agent_judge.errors import BadInput
from agent_judge.read.answer import solution_from_answer
from agent_judge.read.environment import Environment, Limits, load_environments
from agent_judge.read.explain import and_more, nearest, problems_of
from agent_judge.read.formats.autocodearena import is_autocodearena, read_autocodearena
from agent_judge.read.jsonl import read_answers, read_tasks
from agent_judge.read.marked import read_text
from agent_judge.read.scenario import load_scenario
from agent_judge.read.solution import solution_from_path
from agent_judge.schema import Model, Sandbox, Scenario, Solution, Task, digest_of

Pairing = Literal["all", "baseline", "adaptive"]
EVERY_ENVIRONMENT = "*"
_FILES = ("suite.toml", "tasks.jsonl")
_MOST_TOLD = 3
"""Problems that are told in full."""
_SAFE_NAME = re.compile(r"^(?!\.)[^/\\\x00-\x1f]{1,150}(?<![ .])$")


class LimitOverrides(Model):
    """What a suite allows instead of what its environments allow."""

    memory_mib: int | None = Field(None, gt=0)
    processes: int | None = Field(None, gt=0)
    disk_mib: int | None = Field(None, gt=0)
    output_kib: int | None = Field(None, gt=0)
    build_seconds: float | None = Field(None, gt=0)
    start_seconds: float | None = Field(None, gt=0)
    total_seconds: float | None = Field(None, gt=0)


class SuiteFile(Model):
    """``suite.toml``."""

    name: str = ""
    description: str = ""
    baseline: str = ""
    pairing: Pairing = "all"
    battles: int = Field(0, ge=0)
    """With adaptive pairing: how many pairs meet; half of all that could if 0."""
    judges: tuple[str, ...] = Field(("evidence",), min_length=1)
    sandbox: Sandbox = "local"
    """Where the solutions run."""
    seed: int = Field(0, ge=0, lt=2**32)
    rounds: int = Field(1000, ge=0, le=1_000_000)
    limits: dict[str, LimitOverrides] = Field(default_factory=dict)
    """By environment; what stands in ``[limits]`` itself is for every environment."""

    @field_validator("limits", mode="before")
    @classmethod
    def _for_every_environment(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        tables = {key: table for key, table in value.items() if isinstance(table, dict)}
        everywhere = {key: limit for key, limit in value.items() if not isinstance(limit, dict)}
        return {**({EVERY_ENVIRONMENT: everywhere} if everywhere else {}), **tables}

    @field_validator("limits")
    @classmethod
    def _known_environments(cls, value: dict[str, LimitOverrides]) -> dict[str, LimitOverrides]:
        for name in value:
            if name != EVERY_ENVIRONMENT and name not in load_environments():
                meant = nearest(name, list(load_environments()))
                raise ValueError(f'no environment "{name}"' + (f', did you mean "{meant}"?' if meant else ""))
        return value


class Suite(SuiteFile):
    """Tasks, what every model answered to them, and how the answers are used and judged."""

    tasks: tuple[Task, ...]
    solutions: dict[str, dict[str, Solution]]
    """By task id and model. A model may lack a task: it does not battle there."""
    scenarios: dict[str, tuple[Scenario, ...]] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _fits_together(self) -> Suite:
        for name in (*self.models, *(task.id for task in self.tasks)):
            if not _SAFE_NAME.match(name):
                raise ValueError(
                    f'"{name}" cannot be a name: it names folders, so it has no / or \\ and no leading dot'
                )
        if self.baseline and self.baseline not in self.models:
            raise ValueError(f'the baseline "{self.baseline}" is no model of this suite: {", ".join(self.models)}')
        if self.pairing == "baseline" and not self.baseline:
            raise ValueError('pairing = "baseline" needs a baseline')
        return self

    @property
    def models(self) -> tuple[str, ...]:
        """Every model that answered anything, sorted."""
        return tuple(sorted({model for answers in self.solutions.values() for model in answers}))

    @property
    def digest(self) -> str:
        """Content digest: a run is resumed only with the suite that it was begun with."""
        settings = self.model_dump(mode="json", exclude={"solutions", "scenarios", "sandbox"})
        solutions = {task: {model: s.digest for model, s in by.items()} for task, by in self.solutions.items()}
        return digest_of([settings, solutions, {task: [s.digest for s in by] for task, by in self.scenarios.items()}])

    def limits_for(self, environment: Environment) -> Limits:
        """What a session of an environment may use in this suite."""
        changed: dict[str, Any] = {}
        for name in (EVERY_ENVIRONMENT, environment.name):
            overrides = self.limits.get(name)
            changed |= overrides.model_dump(exclude_none=True) if overrides else {}
        return environment.limits.model_copy(update=changed)


def load_suite(folder: Path) -> Suite:
    """Reads a suite folder, or one of AutoCodeArena's prompts and generations, to which a ``suite.toml`` may be added.

    Raises:
        BadInput: What is wrong, with file and line; of much, the first three things, and how many more there are.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise BadInput(f"{folder}: {'not a folder' if folder.exists() else 'no such folder'}; a suite is a folder")
    return _Reader(folder).read()


class _Reader:
    """Reads a suite, collecting what is wrong with it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.problems: list[str] = []

    def read(self) -> Suite:
        if not any((self.folder / name).exists() for name in _FILES) and not is_autocodearena(self.folder):
            raise BadInput(f"{self.folder}: not a suite: it has no {' and no '.join(_FILES)}")
        published = is_autocodearena(self.folder)
        settings = SuiteFile() if published and not (self.folder / "suite.toml").exists() else self._settings()
        tasks, solutions = self._published() if published else self._tasks_and_solutions()
        scenarios = self._scenarios({task.id for task in tasks}) if tasks else {}
        self._refuse()
        if not any(solutions.values()):
            self.problems.append(f"{self.folder}: no answers/<model>.jsonl and no solutions/<model>/: nothing to run")
            self._refuse()
        try:
            return Suite(
                **{**settings.model_dump(), "name": settings.name or self.folder.resolve().name},
                tasks=tasks,
                solutions=solutions,
                scenarios=scenarios,
            )
        except ValidationError as error:
            first = problems_of(error, Suite)[0]
            raise BadInput(f"{self.folder}: {first.message}") from error

    def _refuse(self) -> None:
        if self.problems:
            told = "; ".join(self.problems[:_MOST_TOLD])
            raise BadInput(f"{told}{and_more(len(self.problems) - _MOST_TOLD + 1)}")

    def _settings(self) -> SuiteFile:
        path = self.folder / "suite.toml"
        try:
            text = read_text(path)
            return SuiteFile.model_validate(tomllib.loads(text))
        except BadInput as error:
            self.problems.append(str(error))
        except tomllib.TOMLDecodeError as error:
            self.problems.append(_toml_error(path, error))
        except ValidationError as error:
            for problem in problems_of(error, SuiteFile):
                self.problems.append(f"{path}:{_toml_line(text, problem.loc)}: {problem.message}")
        return SuiteFile()

    def _published(self) -> tuple[tuple[Task, ...], dict[str, dict[str, Solution]]]:
        tasks, solutions, problems = read_autocodearena(self.folder)
        self.problems += problems
        return tasks, solutions

    def _tasks_and_solutions(self) -> tuple[tuple[Task, ...], dict[str, dict[str, Solution]]]:
        tasks, problems = read_tasks(self.folder / "tasks.jsonl")
        self.problems += problems
        return tasks, self._solutions({task.id: task for task in tasks}) if tasks else {}

    def _solutions(self, tasks: dict[str, Task]) -> dict[str, dict[str, Solution]]:
        found: dict[str, dict[str, Solution]] = {task_id: {} for task_id in tasks}
        for path in _entries(self.folder / "solutions"):
            if not path.is_dir():
                self.problems.append(f"{path}: solutions/ holds one folder for each model")
            elif self._is_name(path.name, path):
                self._model_solutions(path, found)
        for path in _entries(self.folder / "answers"):
            if path.suffix != ".jsonl" or path.is_dir():
                self.problems.append(f"{path}: answers/ holds one <model>.jsonl for each model")
            elif self._is_name(path.name.removesuffix(".jsonl"), path):
                self._model_answers(path, tasks, found)
        return found

    def _model_answers(self, path: Path, tasks: dict[str, Task], found: dict[str, dict[str, Solution]]) -> None:
        model = path.name.removesuffix(".jsonl")
        answers, problems = read_answers(path, list(tasks))
        self.problems += problems
        for answer in answers:
            task = tasks[answer.task_id]
            if model not in found[task.id]:
                found[task.id][model] = solution_from_answer(answer.response, task.instruction)

    def _model_solutions(self, folder: Path, found: dict[str, dict[str, Solution]]) -> None:
        given = list(_entries(folder))
        if not given:
            self.problems.append(f"{folder}: the model has no solutions")
        for path in given:
            task_id = path.name if path.is_dir() else path.stem
            if task_id not in found:
                self.problems.append(f'{path}: there is no task "{task_id}" in tasks.jsonl{_meant(task_id, found)}')
            elif path.is_symlink() and not path.resolve().is_relative_to(self.folder.resolve()):
                self.problems.append(f"{path}: this link leads out of the suite's folder")
            elif folder.name in found[task_id]:
                self.problems.append(f'{path}: a second solution of "{folder.name}" to task "{task_id}"')
            else:
                try:
                    found[task_id][folder.name] = solution_from_path(path)
                except BadInput as error:
                    self.problems.append(str(error))

    def _scenarios(self, task_ids: set[str]) -> dict[str, tuple[Scenario, ...]]:
        found: dict[str, tuple[Scenario, ...]] = {}
        for folder in _entries(self.folder / "scenarios"):
            if folder.name not in task_ids:
                what = f'there is no task "{folder.name}" in tasks.jsonl{_meant(folder.name, task_ids)}'
                self.problems.append(f"{folder}: {what if folder.is_dir() else 'scenarios/ holds one folder a task'}")
            elif folder.is_dir():
                found[folder.name] = self._task_scenarios(folder)
        return found

    def _task_scenarios(self, folder: Path) -> tuple[Scenario, ...]:
        found: dict[str, Scenario] = {}
        for path in _entries(folder):
            if path.suffix not in (".yaml", ".yml", ".json"):
                continue
            try:
                scenario = load_scenario(path)
            except BadInput as error:
                self.problems.append(str(error))
                continue
            if scenario.task and scenario.task != folder.name:
                self.problems.append(f'{path}: is of task "{scenario.task}", but stands in {folder.name}/')
            elif scenario.id in found:
                self.problems.append(f'{path}: a second scenario "{scenario.id}" of task "{folder.name}"')
            else:
                found[scenario.id] = scenario
        return tuple(found.values())

    def _is_name(self, name: str, path: Path) -> bool:
        if _SAFE_NAME.match(name):
            return True
        self.problems.append(f'{path}: "{name}" cannot be a model\'s name: it names folders')
        return False


def _entries(folder: Path) -> list[Path]:
    """What a folder holds, without hidden files, sorted."""
    if not folder.is_dir():
        return []
    return sorted(path for path in folder.iterdir() if not re.match(r"^\.\w|^__", path.name))


def _meant(word: str, known: Any) -> str:
    meant = nearest(word, list(known))
    return f', did you mean "{meant}"?' if meant else ""


def _toml_error(path: Path, error: tomllib.TOMLDecodeError) -> str:
    place = re.search(r"\(at line (\d+), column (\d+)\)", str(error))
    where = f"{path}:{place[1]}:{place[2]}" if place else str(path)
    return f"{where}: not TOML: {re.sub(r' [(]at .*[)]$', '', str(error))}"


def _toml_line(text: str, loc: tuple[str | int, ...]) -> int:
    """The line on which the innermost key of a place is written; 1 when it is not written at all."""
    for part in reversed([part for part in loc if isinstance(part, str)]):
        for number, line in enumerate(text.splitlines(), start=1):
            if re.match(rf"\s*(?:\[.*)?[\"']?\b{re.escape(part)}\b[\"']?\s*[=\].]", line):
                return number
    return 1

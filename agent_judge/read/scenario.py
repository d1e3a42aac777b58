"""Scenario files, in YAML or JSON, become Scenarios; what is wrong in them is told with line and column."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from ruamel.yaml.nodes import ScalarNode

from agent_judge.errors import BadInput
from agent_judge.read.explain import Problem, and_more, problems_of
from agent_judge.read.marked import Marked, load_marked
from agent_judge.schema import Scenario


def load_scenario(path: Path) -> Scenario:
    """Reads a scenario.

    Raises:
        BadInput: ``file:line:column`` and what is wrong there; further problems are counted.
    """
    marked = load_marked(Path(path))
    scenario, problems = _validated(marked)
    if scenario is None:
        raise BadInput(f"{marked.where(problems[0].loc)}: {problems[0].message}{and_more(len(problems))}")
    return _with_uploads(marked, scenario)


def scenario_problems(path: Path) -> list[str]:
    """Everything that is wrong with a scenario file, one line each; empty when it is right."""
    try:
        marked = load_marked(Path(path))
        scenario, problems = _validated(marked)
        if scenario is not None:
            _with_uploads(marked, scenario)
    except BadInput as error:
        return [str(error)]
    return [f"{marked.where(problem.loc)}: {problem.message}" for problem in problems]


def scenario_schema() -> dict[str, Any]:
    """The JSON Schema of scenario files, for editors."""
    schema = Scenario.model_json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def _validated(marked: Marked) -> tuple[Scenario | None, list[Problem]]:
    """Validates, reading plain numbers as text where text is meant."""
    data = marked.data
    for _ in range(2):
        try:
            return Scenario.model_validate(data), []
        except ValidationError as error:
            meant = _as_text(marked, data, [d["loc"] for d in error.errors() if d["type"] == "string_type"])
            if meant == data:
                return None, problems_of(error, Scenario)
            data = meant
            last = error
    return None, problems_of(last, Scenario)


def _as_text(marked: Marked, data: Any, places: Sequence[tuple[int | str, ...]]) -> Any:
    """``text: 12`` means the text "12", as it is written."""
    changed = copy.deepcopy(data)
    for place in places:
        node = marked.node_at(place)[1]
        holder, last = _holder(changed, place)
        if isinstance(node, ScalarNode) and holder is not None and isinstance(holder[last], (int, float)):
            holder[last] = node.value
    return changed


def _holder(data: Any, place: Sequence[str | int]) -> tuple[Any, Any]:
    """The dict or list that holds a place, and its key there; parts that are not in the data are passed over."""
    holder, key, value = None, None, data
    for part in place:
        inside = (isinstance(value, dict) and part in value) or (
            isinstance(value, list) and isinstance(part, int) and part < len(value)
        )
        if inside:
            holder, key, value = value, part, value[part]
    return holder, key


def _with_uploads(marked: Marked, scenario: Scenario) -> Scenario:
    """Finds the files to upload; they stand beside the scenario or below it."""
    folder = marked.path.resolve().parent
    for number, step in enumerate(scenario.steps):
        where = marked.where(("steps", number, "files"))
        for name in step.files:
            if Path(name).is_absolute() or ".." in Path(name).parts:
                raise BadInput(f"{where}: {name}: files to upload stand beside the scenario or below it")
            if not (folder / name).is_file():
                raise BadInput(f"{where}: {name}: there is no such file beside the scenario")
    return scenario.placed_in(folder) if any(step.files for step in scenario.steps) else scenario

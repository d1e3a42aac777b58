"""A Scenario as the YAML that people read and edit."""

from __future__ import annotations

import io
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq

from agent_judge.schema import Scenario

_FLOW = {"target", "to", "at", "to_at", "size", "viewport", "by", "box"}
"""Values that stand on one line."""


def scenario_yaml(scenario: Scenario) -> str:
    """Writes a scenario; :func:`~agent_judge.read.scenario.load_scenario` reads the same one back."""
    data = scenario.model_dump(mode="json", exclude_defaults=True)
    data = {"id": scenario.id, **data}
    if "viewport" in data:
        data["viewport"] = scenario.viewport.model_dump()
    writer = YAML(typ="rt", pure=True)
    writer.indent(mapping=2, sequence=4, offset=2)
    writer.width = 110
    writer.allow_unicode = True
    stream = io.StringIO()
    writer.dump(_laid_out(data, ""), stream)
    return stream.getvalue()


def _laid_out(value: Any, key: str) -> Any:
    if isinstance(value, dict):
        mapping = CommentedMap((name, _laid_out(inner, name)) for name, inner in value.items())
        if key in _FLOW or key == "expectation":
            mapping.fa.set_flow_style()
        return mapping
    if isinstance(value, list):
        inner_key = "expectation" if key == "expect" else ""
        sequence = CommentedSeq(_laid_out(item, inner_key) for item in value)
        if value and not isinstance(value[0], dict):
            sequence.fa.set_flow_style()
        return sequence
    return value

"""A Scenario as the YAML that people read and edit."""

from __future__ import annotations

import io
import re
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.scalarstring import LiteralScalarString

from agent_judge.schema import Scenario

_SHORT = {
    "target", "to", "at", "to_at", "size", "viewport", "by", "box",
    "element", "no_element", "checked", "unchecked", "count", "value",
}  # fmt: skip
"""Values that stand on one line where they fit into it."""
_WIDTH = 100
"""Characters of a line, about."""
_PLAIN_LINES = re.compile(r"\S[ -~]*(?<! )(\n([!-~][ -~]*(?<! ))?)+")


def scenario_yaml(scenario: Scenario) -> str:
    """Writes a scenario; :func:`~agent_judge.read.scenario.load_scenario` reads the same one back."""
    data = scenario.model_dump(mode="json", exclude_defaults=True)
    data = {"id": scenario.id, **data}
    if "viewport" in data:
        data["viewport"] = scenario.viewport.model_dump()
    stream = io.StringIO()
    _writer(2**16).dump(_laid_out(data, "", 0), stream)  # Lines are broken by the layout alone.
    return stream.getvalue()


def _laid_out(value: Any, key: str, indent: int) -> Any:
    if isinstance(value, dict):
        mapping = CommentedMap((name, _laid_out(inner, name, indent + 2)) for name, inner in value.items())
        if (key in _SHORT or key == "expectation") and _fits(value, key, indent):
            mapping.fa.set_flow_style()
        return mapping
    if isinstance(value, list):
        inner_key = "expectation" if key == "expect" else ""
        sequence = CommentedSeq(_laid_out(item, inner_key, indent + 2) for item in value)
        if value and not isinstance(value[0], dict) and _fits(value, key, indent):
            sequence.fa.set_flow_style()
        return sequence
    return _scalar(value)


def _scalar(value: Any) -> Any:
    """Whole numbers without a fraction, texts of several lines as such where YAML keeps them letter by letter."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, str) and _PLAIN_LINES.fullmatch(value):
        return LiteralScalarString(value)
    return value


def _fits(value: Any, key: str, indent: int) -> bool:
    """Whether a value stands on one line together with its key."""
    stream = io.StringIO()
    flow = _writer(2**16)
    flow.default_flow_style = True
    flow.dump(value, stream)
    return indent + len(key) + 2 + len(stream.getvalue().rstrip()) <= _WIDTH


def _writer(width: int) -> YAML:
    writer = YAML(typ="rt", pure=True)
    writer.indent(mapping=2, sequence=4, offset=2)
    writer.width = width
    writer.allow_unicode = True
    return writer

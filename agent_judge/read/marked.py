"""YAML and JSON files with the place of every value, so that what is wrong can be pointed at."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import AliasEvent, CollectionEndEvent, CollectionStartEvent
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from agent_judge.errors import BadInput

MAX_BYTES = 5_000_000
MAX_DEPTH = 50
HUGE_NUMBER = "a number in it has too many digits"
Loc = Sequence[str | int]


# YAML 1.2's few plain types; ``no``, ``12:30``, ``08`` and ``2024-01-01`` stay the text that they look like.
_BOOL = re.compile(r"true|True|TRUE|false|False|FALSE")
_NULL = re.compile(r"~|null|Null|NULL|")
_INT = re.compile(r"[-+]?(?:0|[1-9]\d*)")
_FLOAT = re.compile(r"[-+]?(?:\d+\.\d*|\.\d+|\d+(?=[eE]))(?:[eE][-+]?\d+)?")
_TAGS = {"str", "int", "float", "bool", "null", "map", "seq", "timestamp"}


@dataclass(frozen=True)
class Marked:
    """The content of a file, and where each value of it stands."""

    path: Path
    data: Any
    root: Node

    def node_at(self, loc: Loc) -> tuple[Node, Node]:
        """The key (or the value itself, in a list) and the value at a place.

        Parts of the place that are not in the file are passed over: validators name
        short forms by what they stand for.
        """
        key, value = self.root, self.root
        for part in loc:
            if isinstance(value, MappingNode):
                found = [(k, v) for k, v in value.value if getattr(k, "value", None) == str(part)]
                key, value = found[-1] if found else (key, value)
            elif isinstance(value, SequenceNode) and isinstance(part, int) and part < len(value.value):
                key = value = value.value[part]
        return key, value

    def where(self, loc: Loc) -> str:
        """``file:line:column`` of a place, counted from 1."""
        mark = self.node_at(loc)[0].start_mark
        return f"{self.path}:{mark.line + 1}:{mark.column + 1}"


def read_text(path: Path, limit: int = MAX_BYTES) -> str:
    """Reads a UTF-8 text file.

    Raises:
        BadInput: It is missing, a folder, empty, too large or not UTF-8.
    """
    try:
        if path.is_dir():
            raise BadInput(f"{path}: is a folder, a file is needed")
        if not path.is_file():
            raise BadInput(f"{path}: no such file")
        size = path.stat().st_size
        if size > limit:
            raise BadInput(f"{path}: {size / 1e6:.1f} MB is too large, at most {limit / 1e6:g} MB")
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise BadInput(f"{path}:{line}: not UTF-8 text (byte {error.start})") from error
    except OSError as error:
        raise BadInput(f"{path}: cannot be read: {error.strerror}") from error
    if not text.strip():
        raise BadInput(f"{path}: the file is empty")
    return text


def load_marked(path: Path) -> Marked:
    """Reads a YAML or JSON file.

    Raises:
        BadInput: The file cannot be read or is not YAML (or JSON, by its extension).
    """
    text = read_text(path)
    data = _json(path, text) if path.suffix.lower() == ".json" else None
    try:
        # YAML allows no tabs where JSON does; one space for one tab keeps the columns.
        root = _compose(path, text.replace("\t", " ") if data is not None else text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        at = f":{mark.line + 1}:{mark.column + 1}" if mark else ""
        raise BadInput(f"{path}{at}: not YAML: {error.problem or error.context}") from error
    except YAMLError as error:
        raise BadInput(f"{path}: not YAML: {' '.join(str(error).split())}") from error
    if root is None:
        raise BadInput(f"{path}: the file is empty")
    marked = Marked(path, data, root)
    _refuse_twice(marked, root)
    _refuse_halves(marked, root)
    if data is None:
        marked = Marked(path, _value(marked, root), root)
    return marked


def _json(path: Path, text: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise BadInput(f"{path}:{error.lineno}:{error.colno}: not JSON: {error.msg}") from error
    except RecursionError as error:
        raise BadInput(f"{path}: nested too deeply") from error
    except ValueError as error:
        raise BadInput(f"{path}: {HUGE_NUMBER}") from error


def _compose(path: Path, text: str) -> Node | None:
    depth = 0
    for event in YAML(typ="safe", pure=True).parse(text):
        depth += isinstance(event, CollectionStartEvent) - isinstance(event, CollectionEndEvent)
        if depth > MAX_DEPTH:
            raise BadInput(f"{path}:{event.start_mark.line + 1}: nested too deeply")
        if isinstance(event, AliasEvent):
            place = f"{path}:{event.start_mark.line + 1}:{event.start_mark.column + 1}"
            raise BadInput(f"{place}: references (*{event.anchor}) are not used here")
    node: Node | None = YAML(typ="safe", pure=True).compose(text)
    return node


def _value(marked: Marked, node: Node) -> Any:
    if str(node.tag).rpartition(":")[2] not in _TAGS:
        mark = node.start_mark
        raise BadInput(f"{marked.path}:{mark.line + 1}:{mark.column + 1}: types ({node.tag}) are not used here")
    if isinstance(node, MappingNode):
        return {_key(marked, key): _value(marked, value) for key, value in node.value}
    if isinstance(node, SequenceNode):
        return [_value(marked, item) for item in node.value]
    plain = isinstance(node, ScalarNode) and node.style is None
    return _plain(node.value) if plain else _joined(node.value)


def _plain(text: str) -> str | int | float | bool | None:
    """The value of a word that stands without quotes."""
    if _NULL.fullmatch(text):
        return None
    if _BOOL.fullmatch(text):
        return text.lower() == "true"
    if _INT.fullmatch(text) and len(text) < 30:
        return int(text)
    if _FLOAT.fullmatch(text) and math.isfinite(float(text)):
        return float(text)
    return text


def _key(marked: Marked, node: Node) -> str:
    if not isinstance(node, ScalarNode):
        mark = node.start_mark
        raise BadInput(f"{marked.path}:{mark.line + 1}:{mark.column + 1}: a key must be a word")
    return str(node.value)


def _joined(text: str) -> str:
    """Text in which two escapes that stand for one character (a surrogate pair) are that character."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16")


def _refuse_halves(marked: Marked, node: Node) -> None:
    """Refuses escapes that stand for half a character, which no file can hold."""
    if isinstance(node, MappingNode):
        parts = [part for pair in node.value for part in pair]
    else:
        parts = node.value if isinstance(node, SequenceNode) else []
    for part in parts:
        _refuse_halves(marked, part)
    try:
        if isinstance(node, ScalarNode):
            _joined(node.value)
    except UnicodeDecodeError as error:
        mark = node.start_mark
        place = f"{marked.path}:{mark.line + 1}:{mark.column + 1}"
        raise BadInput(f"{place}: half a character (\\ud800 to \\udfff); write it whole") from error


def _refuse_twice(marked: Marked, node: Node) -> None:
    if isinstance(node, MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            name = _key(marked, key)
            if name in seen:
                mark = key.start_mark
                raise BadInput(f'{marked.path}:{mark.line + 1}:{mark.column + 1}: "{name}" is given twice')
            seen.add(name)
            _refuse_twice(marked, value)
    elif isinstance(node, SequenceNode):
        for item in node.value:
            _refuse_twice(marked, item)

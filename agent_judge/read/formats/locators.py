"""Playwright locators, as its recorder writes them, become Targets."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from agent_judge.errors import BadInput
from agent_judge.schema import Target

_ROWS = {"listitem", "row", "article", "group", "region", "treeitem", "option", "gridcell", "cell"}
_CALLS = {
    "get_by_role": "role",
    "get_by_text": "text",
    "get_by_label": "label",
    "get_by_placeholder": "placeholder",
    "get_by_alt_text": "alt",
    "get_by_title": "title",
    "get_by_test_id": "test-id",
    "locator": "default",
    "frame_locator": "frame-locator",
    "filter": "has-text",
    "nth": "nth",
}
_PROPERTIES = {"first": "first", "last": "last", "content_frame": "frame"}
ROW_WITH = "row_with"
"""The function of exported tests that finds the row with a text."""


@dataclass(frozen=True)
class Link:
    """One part of a locator: ``get_by_role("button", name="Add")`` is a role link with a name."""

    kind: str
    body: str = ""
    name: str = ""


def target_of(links: Sequence[Link], where: str) -> Target:
    """The Target that a chain of links means: its last element link, what stands before it as the row around it.

    Raises:
        BadInput: The chain names no element.
    """
    found: dict[str, Any] = {}
    near = ""
    for link in links:
        if link.kind in ("has-text", "has-not-text"):
            if link.kind == "has-text":
                found["text"] = link.body
        elif link.kind == "row":
            if not link.body:
                raise BadInput(f"{where}: {ROW_WITH} needs the row's text itself, as a string")
            near = link.body
        elif link.kind in ("nth", "first"):
            found["index"] = int(link.body) if link.kind == "nth" and link.body.lstrip("-").isdigit() else 0
        elif fields := _fields(link):
            near = _as_row(found) or near
            found = fields
    if near:
        found["near"] = near
    if found.get("index", 0) < 0:
        found.pop("index")
    if not {key for key in found if key != "index"}:
        raise BadInput(f"{where}: the locator names no element")
    return Target.model_validate(found)


def links_of_json(locator: Any) -> list[Link]:
    """The links of a locator in the recorder's JSONL."""
    links = []
    while isinstance(locator, dict):
        options = locator.get("options")
        name = options.get("name", "") if isinstance(options, dict) else ""
        links.append(Link(str(locator.get("kind", "")), _plain(locator.get("body", "")), _plain(name)))
        has_text = options.get("hasText") if isinstance(options, dict) else None
        if has_text:
            links.append(Link("has-text", _plain(has_text)))
        locator = locator.get("next")
    return links


def links_of_python(node: ast.expr) -> list[Link]:
    """The links of a locator in Python: ``page.get_by_role(...).first``."""
    links: list[Link] = []
    while isinstance(node, (ast.Call, ast.Attribute)):
        call = node if isinstance(node, ast.Call) else None
        attribute = node.func if isinstance(node, ast.Call) else node
        if not isinstance(attribute, ast.Attribute):
            break
        kind = _CALLS.get(attribute.attr) if call else _PROPERTIES.get(attribute.attr)
        if kind:
            keywords = {word.arg: literal(word.value) for word in call.keywords} if call else {}
            positional = [literal(argument) for argument in call.args] if call else []
            body = keywords.get("has_text", "") if attribute.attr == "filter" else (positional or [""])[0]
            links.append(Link(kind, _plain(body), _plain(keywords.get("name", ""))))
            if attribute.attr == "locator" and "has_text" in keywords:
                links.append(Link("has-text", _plain(keywords["has_text"])))
        node = attribute.value
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == ROW_WITH:
        links.append(Link("row", _plain(literal(node.args[1])) if len(node.args) > 1 else ""))
    return _outermost_first(links)


def literal(node: ast.expr) -> Any:
    """The value of a constant, a list, or ``re.compile("...")``; nothing for other expressions."""
    if (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "compile"
        and node.args
    ):
        return {"source": literal(node.args[0])}
    try:
        return ast.literal_eval(node)
    except (ValueError, SyntaxError):
        return ""


def _outermost_first(links: list[Link]) -> list[Link]:
    """Calls are met from the last to the first, but a ``has_text`` belongs after its own link."""
    ordered: list[Link] = []
    for link in reversed(links):
        ordered.append(link)
    for place, link in enumerate(ordered):
        if link.kind == "has-text" and place + 1 < len(ordered) and ordered[place + 1].kind == "default":
            ordered[place], ordered[place + 1] = ordered[place + 1], link
    return ordered


def _fields(link: Link) -> dict[str, Any]:
    """The fields of the Target that an element link gives; nothing for frames and the like."""
    if link.kind == "role":
        return {"role": link.body, **({"name": link.name} if link.name else {})}
    if link.kind == "alt":
        return {"role": "img", "name": link.body}
    if link.kind in ("text", "label", "placeholder", "title"):
        return {link.kind: link.body} if link.body else {}
    if link.kind == "test-id":
        return {"test_id": link.body}
    if link.kind == "default":
        return {"selectors": (link.body,)} if link.body else {}
    return {}


def _as_row(outer: dict[str, Any]) -> str:
    """The text of a row that an inner element belongs to."""
    if not outer:
        return ""
    if outer.get("text"):
        return str(outer["text"])
    return str(outer.get("name", "")) if outer.get("role") in _ROWS else str(outer.get("label", ""))


def _plain(value: Any) -> str:
    """Text as it is; of a regular expression the text that it looks for."""
    if isinstance(value, dict):
        source = re.sub(r"^\^|\$$", "", str(value.get("source", "")))
        return re.sub(r"\\(.)", r"\1", source)
    return str(value) if isinstance(value, (str, int)) else ""

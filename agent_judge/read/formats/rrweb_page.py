"""The page that an rrweb stream describes: its nodes, kept up to date, and what a Target needs to know of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from agent_judge.schema import Target

_INPUT_ROLES = {"checkbox": "checkbox", "radio": "radio", "button": "button", "submit": "button", "reset": "button",
                "image": "button", "range": "slider", "number": "spinbutton", "search": "searchbox"}  # fmt: skip
_TAG_ROLES = {"button": "button", "textarea": "textbox", "select": "combobox", "option": "option", "li": "listitem",
              "h1": "heading", "h2": "heading", "h3": "heading", "h4": "heading", "img": "img", "tr": "row",
              "summary": "button", "dialog": "dialog"}  # fmt: skip
_ROW_TAGS = {"li", "tr", "article"}
_CLICKABLE = {"button", "a", "input", "select", "textarea", "label", "option", "summary"}


class RecordedPage:
    """The nodes of a page by id."""

    def __init__(self) -> None:
        self._nodes: dict[int, dict[str, Any]] = {}
        self._parents: dict[int, int] = {}

    def take_snapshot(self, root: Any) -> None:
        """Takes a full snapshot."""
        self._nodes.clear()
        self._parents.clear()
        self._add(root, None)

    def mutate(self, data: dict[str, Any]) -> None:
        """Takes what changed."""
        for removed in data.get("removes", ()):
            node, parent = self._nodes.get(removed.get("id")), self._nodes.get(removed.get("parentId"))
            if node and parent and node in parent["childNodes"]:
                parent["childNodes"].remove(node)
        for added in data.get("adds", ()):
            self._insert(added)
        for changed in data.get("texts", ()):
            if node := self._nodes.get(changed.get("id")):
                node["textContent"] = changed.get("value")
        for changed in data.get("attributes", ()):
            if node := self._nodes.get(changed.get("id")):
                node.setdefault("attributes", {}).update(changed.get("attributes") or {})

    def kind_of_field(self, node_id: int) -> str:
        """``checkbox``, ``radio``, ``select``, ``file`` or ``text``."""
        node = self._nodes.get(node_id, {})
        if node.get("tagName") == "select":
            return "select"
        kind = str(self._attributes(node).get("type", "text")).lower()
        return kind if kind in ("checkbox", "radio", "file") else "text"

    def is_password(self, node_id: int) -> bool:
        """Whether what is typed there is a secret."""
        return str(self._attributes(self._nodes.get(node_id, {})).get("type", "")).lower() == "password"

    def option_label(self, node_id: int, value: str) -> str:
        """What a person reads for the value of a select box."""
        for option in self._below(self._nodes.get(node_id, {})):
            attributes = self._attributes(option)
            if option.get("tagName") == "option" and attributes.get("value", self.text_of(option)) == value:
                return self.text_of(option)
        return value

    def actionable(self, node_id: int) -> int:
        """The element that a click on a node inside it is meant for."""
        current: int | None = node_id
        while current is not None:
            node = self._nodes.get(current, {})
            if node.get("tagName") in _CLICKABLE or self._attributes(node).get("role"):
                return current
            current = self._parents.get(current)
        return node_id if self._nodes.get(node_id, {}).get("type") == 2 else self._parents.get(node_id, node_id)

    def labelled_field(self, node_id: int) -> int | None:
        """The field that a click on a label also clicks."""
        node = self._nodes.get(node_id, {})
        if node.get("tagName") != "label":
            return None
        wanted = self._attributes(node).get("for")
        for number, other in self._nodes.items():
            if wanted and self._attributes(other).get("id") == wanted:
                return number
        return next((inner["id"] for inner in self._below(node) if inner.get("tagName") in ("input", "select")), None)

    def target(self, node_id: int) -> Target | None:
        """Everything that the stream tells about an element."""
        node = self._nodes.get(node_id)
        if node is None or node.get("type") != 2:
            return None
        attributes = self._attributes(node)
        role = self._role(node)
        fields: dict[str, Any] = {
            "role": role,
            "label": self._label(node) if role in _FIELD_ROLES else "",
            "placeholder": attributes.get("placeholder", ""),
            "test_id": attributes.get("data-testid", ""),
            "title": attributes.get("title", ""),
            "near": self._row_text(node_id),
            "selectors": self._selectors(node),
        }
        text = self.text_of(node)
        fields["name"] = (
            attributes.get("aria-label") or fields["label"] or attributes.get("alt") or fields["placeholder"]
        )
        if not fields["name"] and role not in _FIELD_ROLES:
            fields["name" if role else "text"] = text[:80]
        given = {key: value for key, value in fields.items() if value}
        return Target.model_validate(given) if given else None

    def text_of(self, node: dict[str, Any]) -> str:
        """The text inside a node."""
        texts = [str(inner.get("textContent") or "") for inner in self._below(node) if inner.get("type") == 3]
        return " ".join("".join(texts).split())

    def _role(self, node: dict[str, Any]) -> str:
        attributes = self._attributes(node)
        if attributes.get("role"):
            return str(attributes["role"]).split()[0]
        tag = node.get("tagName", "")
        if tag == "input":
            return _INPUT_ROLES.get(str(attributes.get("type", "text")).lower(), "textbox")
        if tag == "a":
            return "link" if "href" in attributes else ""
        return _TAG_ROLES.get(tag, "")

    def _label(self, node: dict[str, Any]) -> str:
        identity = self._attributes(node).get("id")
        for other in self._nodes.values():
            if identity and other.get("tagName") == "label" and self._attributes(other).get("for") == identity:
                return self.text_of(other)
        current = self._parents.get(node["id"])
        while current is not None:
            around = self._nodes.get(current, {})
            if around.get("tagName") == "label":
                texts = [child for child in around["childNodes"] if child.get("type") == 3]
                own = " ".join("".join(str(child.get("textContent") or "") for child in texts).split())
                return own or self.text_of(around)
            current = self._parents.get(current)
        return ""

    def _row_text(self, node_id: int) -> str:
        """The text of the row that an element stands in, without the texts of its buttons."""
        current = self._parents.get(node_id)
        while current is not None:
            row = self._nodes.get(current, {})
            if row.get("tagName") in _ROW_TAGS or self._attributes(row).get("role") in ("listitem", "row"):
                buttons = {self.text_of(b) for b in self._below(row) if b.get("tagName") in ("button", "a")}
                text = self.text_of(row)
                for label in buttons:
                    text = text.replace(label, " ") if label else text
                return " ".join(text.split())[:80]
            current = self._parents.get(current)
        return ""

    def _selectors(self, node: dict[str, Any]) -> tuple[str, ...]:
        attributes = self._attributes(node)
        found = []
        if re.fullmatch(r"[A-Za-z][\w-]*", str(attributes.get("id", ""))):
            found.append(f"#{attributes['id']}")
        if re.fullmatch(r"[\w-]+", str(attributes.get("name", ""))):
            value = attributes.get("value")
            exact = f'[value="{value}"]' if attributes.get("type") == "radio" and value else ""
            found.append(f'{node["tagName"]}[name="{attributes["name"]}"]{exact}')
        return tuple(found)

    def _add(self, node: Any, parent: int | None) -> None:
        stack = [(node, parent)]
        while stack:
            current, above = stack.pop()
            if not isinstance(current, dict) or not isinstance(current.get("id"), int):
                continue
            current["childNodes"] = list(current.get("childNodes") or ())
            self._nodes[current["id"]] = current
            if above is not None:
                self._parents[current["id"]] = above
            stack += [(child, current["id"]) for child in current["childNodes"]]

    def _insert(self, added: dict[str, Any]) -> None:
        parent, node = self._nodes.get(added.get("parentId", -1)), added.get("node")
        if parent is None or not isinstance(node, dict):
            return
        following = [
            place for place, child in enumerate(parent["childNodes"]) if child.get("id") == added.get("nextId")
        ]
        parent["childNodes"].insert(following[0] if following else len(parent["childNodes"]), node)
        self._add(node, parent["id"])

    def _below(self, node: dict[str, Any]) -> Iterator[dict[str, Any]]:
        for child in node.get("childNodes", ()):
            yield child
            yield from self._below(child)

    @staticmethod
    def _attributes(node: dict[str, Any]) -> dict[str, Any]:
        found = node.get("attributes")
        return found if isinstance(found, dict) else {}


_FIELD_ROLES = {"textbox", "searchbox", "spinbutton", "slider", "combobox", "checkbox", "radio"}

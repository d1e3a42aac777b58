"""An element by the text of its row, as an XPath that tools without ``near`` understand, and read back from one."""

from __future__ import annotations

import re
from typing import Any

from agent_judge.read.formats.roles_xpath import role_of_xpath, role_xpath, xpath_text
from agent_judge.schema import Target

_ANY = "true()"
_LITERAL = r"(?:\"[^\"]*\"|'[^']*'|concat\((?:\"[^\"]*\"|'\"')(?:, (?:\"[^\"]*\"|'\"'))*\))"
_NAMED = (
    rf"(?P<kind>.+?) and \(contains\(normalize-space\(\.\), (?P<name>{_LITERAL})\)"
    r" or @aria-label=(?P=name) or @title=(?P=name) or @value=(?P=name)\)"
)
_AROUND = rf"xpath/\(//\*\[contains\(normalize-space\(\.\), (?P<near>{_LITERAL})\)"
_NEAR = re.compile(rf"{_AROUND} and \.//\*\[(?P<inner>.+)\]\]\)\[last\(\)\]//\*\[(?P=inner)\]", re.DOTALL)
_ROLE = re.compile(r"xpath///\*\[(?P<kind>.+)\]", re.DOTALL)
_PARTS = re.compile(r"\"([^\"]*)\"|'([^']*)'")


def near_xpath(target: Target) -> str:
    """The element of a kind in the innermost element that also holds a text."""
    kind = role_xpath(target.role) if target.role else _ANY
    if name := target.name or target.label or target.text:
        named = xpath_text(name)
        kind += (
            f" and (contains(normalize-space(.), {named}) or @aria-label={named} or @title={named} or @value={named})"
        )
    around = f"//*[contains(normalize-space(.), {xpath_text(target.near)}) and .//*[{kind}]]"
    return f"xpath/({around})[last()]//*[{kind}]"


def target_of_xpath(selector: str) -> dict[str, Any]:
    """The fields of the Target that our own XPath was made of, by a role or a row; nothing for any other selector.

    A name, a label and a text look the same in it, and are read as a name.
    """
    if alone := _ROLE.fullmatch(selector):
        role = role_of_xpath(alone["kind"])
        return {"role": role} if role else {}
    found = _NEAR.fullmatch(selector)
    if found is None:
        return {}
    named = re.fullmatch(_NAMED, found["inner"], re.DOTALL)
    kind = named["kind"] if named else found["inner"]
    fields = {
        "near": _text(found["near"]),
        "name": _text(named["name"]) if named else "",
        "role": "" if kind == _ANY else role_of_xpath(kind),
    }
    return {key: value for key, value in fields.items() if value}


def _text(literal: str) -> str:
    return "".join(double or single for double, single in _PARTS.findall(literal))

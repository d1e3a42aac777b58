"""Chrome DevTools Recorder's JSON (a user flow) becomes a Scenario."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any

from agent_judge.errors import BadInput
from agent_judge.read.formats.devtools_keys import playwright_key
from agent_judge.read.formats.imported import (
    Imported,
    goto_of,
    imported,
    left_site,
    parsed_json,
    press_of,
    relative_address,
    step,
    unpressed,
    viewport_of,
    without_focusing_clicks,
)
from agent_judge.read.formats.near_xpath import target_of_xpath
from agent_judge.schema import Step, Target, Viewport

_ARIA = re.compile(r"^aria/(?P<name>.*?)(?:\[role=\"(?P<role>[^\"]+)\"\])?$", re.DOTALL)
_COMPARISONS = {"==": "equals", ">=": "at_least", "<=": "at_most"}
_TAG_ROLES = {"button": "button", "select": "combobox", "textarea": "textbox", "li": "listitem", "tr": "row",
              **{f"h{level}": "heading" for level in range(1, 7)}}  # fmt: skip
_TEXT_EXPRESSION = re.compile(
    r"(?P<no>!\()?document\.body\.innerText\.toLowerCase\(\)\.replace\(/\\s\+/g, ' '\)"
    r"\.includes\((?P<words>\".*\")\)(?(no)\))"
)
_LEFT_OUT = {
    "emulateNetworkConditions": "a slow network is not part of a scenario",
    "close": "closing the page is not part of a scenario",
    "customStep": "what a custom step does is not written in the recording",
    "waitForExpression": "an expression on the page is not part of a scenario",
}


@dataclass
class _Flow:
    name: str
    steps: list[Step] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    start: str = ""
    address: str = ""
    viewport: Viewport | None = None
    scrolled: dict[str, tuple[float, float]] = field(default_factory=dict)
    held: list[str] = field(default_factory=list)
    """Keys that are down, in the order in which they were pressed."""
    used: bool = False
    """Whether a key was pressed while those were down."""


def scenario_from_devtools(text: str, name: str) -> Imported:
    """Reads a recording that Chrome DevTools Recorder exported as JSON.

    Raises:
        BadInput: It is no such recording; with the number of the step.
    """
    data = parsed_json(text, name)
    if not isinstance(data, dict) or not isinstance(data.get("steps"), list):
        raise BadInput(f'{name}: not a DevTools recording: an object with "title" and "steps" is needed')
    flow = _Flow(name)
    for number, entry in enumerate(data["steps"], start=1):
        where = f"{name}: step {number}"
        if not isinstance(entry, dict) or not isinstance(entry.get("type"), str):
            raise BadInput(f'{where}: not a step: it has no "type"')
        _read(flow, where, entry)
    return imported(without_focusing_clicks(flow.steps), name, str(data.get("title", "")), flow.viewport, flow.notes)


def _read(flow: _Flow, where: str, entry: dict[str, Any]) -> None:
    kind = entry["type"]
    if kind in _READERS:
        _READERS[kind](flow, where, entry)
        _expect_navigation(flow, where, entry)
    elif kind in _LEFT_OUT:
        flow.notes.append(f"{where}: {kind} is left out: {_LEFT_OUT[kind]}")
    else:
        raise BadInput(f"{where}: unknown step type {kind!r}")


def _set_viewport(flow: _Flow, where: str, entry: dict[str, Any]) -> None:
    size = viewport_of(_number(entry, "width", 1280), _number(entry, "height", 800))
    if flow.viewport is None and not flow.steps:
        flow.viewport = size
    else:
        flow.steps.append(step(where, do="resize", size=size))


def _navigate(flow: _Flow, where: str, entry: dict[str, Any]) -> None:
    url = str(entry.get("url", ""))
    if not flow.start and not url.startswith(("about:", "chrome:")):
        flow.start = url
    elif flow.start:
        if fields := goto_of(url, flow.start):
            flow.steps.append(step(where, **fields))
        else:
            flow.notes.append(left_site(where, url))
    flow.address = url


def _click(flow: _Flow, where: str, entry: dict[str, Any]) -> None:
    if entry.get("button", "primary") != "primary":
        flow.notes.append(
            f"{where}: a click with the {entry['button']} button is left out: a scenario has no such step"
        )
        return
    action = "dblclick" if entry["type"] == "doubleClick" else "click"
    flow.steps.append(step(where, do=action, target=_target(where, entry)))


def _hover(flow: _Flow, where: str, entry: dict[str, Any]) -> None:
    flow.steps.append(step(where, do="hover", target=_target(where, entry)))


def _change(flow: _Flow, where: str, entry: dict[str, Any]) -> None:
    target = _target(where, entry)
    chooses = target.role in ("combobox", "listbox") or any(_last_tag(css) == "select" for css in target.selectors)
    flow.steps.append(step(where, do="select" if chooses else "fill", target=target, value=entry.get("value", "")))


def _key_down(flow: _Flow, where: str, entry: dict[str, Any]) -> None:
    flow.held.append(playwright_key(str(entry.get("key", ""))))
    flow.used = False


def _key_up(flow: _Flow, where: str, entry: dict[str, Any]) -> None:
    """A press is told when its key comes up; modifiers that were only held for it are part of it."""
    key = playwright_key(str(entry.get("key", "")))
    held = flow.held[: flow.held.index(key)] if key in flow.held else flow.held
    if not flow.used or key not in _MODIFIERS:
        _press(flow, where, "+".join([*(other for other in held if other in _MODIFIERS), key]))
    flow.used = key not in _MODIFIERS or flow.used
    if key in flow.held:
        flow.held.remove(key)


def _press(flow: _Flow, where: str, chord: str) -> None:
    last = flow.steps[-1] if flow.steps else None
    fields = press_of(chord)
    if not fields:
        flow.notes.append(unpressed(where, chord))
    elif last and last.do == "press" and last.key == fields.get("key") and not last.expect and last.times < 1000:
        flow.steps[-1] = last.model_copy(update={"times": last.times + 1})
    else:
        flow.steps.append(step(where, **fields))


def _scroll(flow: _Flow, where: str, entry: dict[str, Any]) -> None:
    target = _target(where, entry) if entry.get("selectors") else None
    place = target.model_dump_json() if target else ""
    before = flow.scrolled.get(place, (0.0, 0.0))
    after = (_number(entry, "x", 0), _number(entry, "y", 0))
    flow.scrolled[place] = after
    by = (after[0] - before[0], after[1] - before[1])
    last = flow.steps[-1] if flow.steps else None
    if last and last.do == "scroll" and last.target == target and last.by:
        flow.steps.pop()
        by = (by[0] + last.by[0], by[1] + last.by[1])
    if by != (0.0, 0.0):
        flow.steps.append(step(where, do="scroll", target=target, by=by))


def _wait_for_element(flow: _Flow, where: str, entry: dict[str, Any]) -> None:
    place = _target(where, entry).model_dump(exclude_defaults=True)
    properties = {**(entry.get("properties") or {}), **(entry.get("attributes") or {})}
    expectations: list[dict[str, Any]] = []
    if entry.get("visible") is False:
        expectations.append({"no_element": place})
    elif "count" in entry or "operator" in entry:
        compared = _COMPARISONS.get(str(entry.get("operator", ">=")), "at_least")
        expectations.append({"count": {**place, compared: int(_number(entry, "count", 1))}})
    elif not properties:
        expectations.append({"element": place})
    for key, value in properties.items():
        if key == "checked":
            expectations.append({"checked" if value else "unchecked": place})
        elif key in ("value", "textContent", "innerText"):
            expectations.append({"value": {**place, "equals": str(value).strip()}})
        else:
            flow.notes.append(f"{where}: the expected {key} is left out: a scenario has no such expectation")
    if expectations:
        flow.steps.append(step(where, do="wait", expect=expectations))


def _wait_for_expression(flow: _Flow, where: str, entry: dict[str, Any]) -> None:
    """Reads the expressions that our own export writes for texts; what others mean is not known."""
    found = _TEXT_EXPRESSION.fullmatch(str(entry.get("expression", "")))
    if found is None:
        flow.notes.append(f"{where}: waitForExpression is left out: {_LEFT_OUT['waitForExpression']}")
        return
    kind = "no_text" if found["no"] else "text"
    flow.steps.append(step(where, do="wait", expect=[{kind: json.loads(found["words"])}]))


def _expect_navigation(flow: _Flow, where: str, entry: dict[str, Any]) -> None:
    """An asserted navigation to another place is expected after the step that caused it."""
    for event in entry.get("assertedEvents") or ():
        url = str(event.get("url", "")) if isinstance(event, dict) else ""
        if url and url != flow.address and entry["type"] != "navigate" and flow.steps:
            expected = relative_address(url, flow.start)
            last = flow.steps[-1]
            if expected not in ("", "/"):
                fields = last.model_dump(exclude_defaults=True)
                flow.steps[-1] = step(where, **{**fields, "expect": [*last.expect, {"url": expected}]})
            flow.address = url


def _target(where: str, entry: dict[str, Any]) -> Target:
    """Everything that the alternative selectors of a step tell about its element.

    A selector that is a list leads through frames or shadow roots; its last part names the element.
    """
    fields: dict[str, Any] = {}
    css: list[str] = []
    for selector in entry.get("selectors") or ():
        last = selector[-1] if isinstance(selector, list) and selector else selector
        if not isinstance(last, str):
            continue
        if last.startswith("aria/"):
            found = _ARIA.match(last)
            if found:
                fields.setdefault("name", found["name"])
                fields.setdefault("role", found["role"] or "")
        elif last.startswith("text/"):
            fields.setdefault("text", last.removeprefix("text/"))
        elif last.startswith("xpath/"):
            fields = {**target_of_xpath(last), **fields}
        else:
            css.append(last.removeprefix("pierce/"))
    fields = {key: value for key, value in fields.items() if value}
    test_id = re.search(r"\[data-testid=['\"]?([^'\"\]]+)", " ".join(css))
    if test_id:
        fields["test_id"] = test_id[1]
    if "role" not in fields and (
        role := next((_TAG_ROLES[tag] for tag in map(_last_tag, css) if tag in _TAG_ROLES), "")
    ):
        fields["role"] = role
    if css:
        fields["selectors"] = tuple(dict.fromkeys(css))
    if not fields:
        raise BadInput(f"{where}: it has no selector that we can read (aria, text, CSS, our own XPath)")
    return Target.model_validate(fields)


def _last_tag(css: str) -> str:
    """The tag that a CSS selector's last part names."""
    found = re.search(r"(?:^|[\s>+~])([a-z][a-z0-9]*)[^\s>+~]*$", css.strip())
    return found[1] if found else ""


def _number(entry: dict[str, Any], key: str, otherwise: float) -> float:
    value = entry.get(key)
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else otherwise


_MODIFIERS = ("Control", "Shift", "Alt", "Meta")
_READERS = {
    "setViewport": _set_viewport,
    "navigate": _navigate,
    "click": _click,
    "doubleClick": _click,
    "hover": _hover,
    "change": _change,
    "keyDown": _key_down,
    "keyUp": _key_up,
    "scroll": _scroll,
    "waitForElement": _wait_for_element,
    "waitForExpression": _wait_for_expression,
}

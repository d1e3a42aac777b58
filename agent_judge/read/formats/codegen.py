"""Playwright's recorder: its JSONL target, and the Python that ``playwright codegen`` writes."""

from __future__ import annotations

import ast
import json
import re
from dataclasses import dataclass, field
from typing import Any

from agent_judge.errors import BadInput
from agent_judge.read.formats.imported import (
    Imported,
    goto_of,
    imported,
    left_site,
    press_of,
    step,
    unpressed,
    viewport_of,
    without_focusing_clicks,
)
from agent_judge.read.formats.locators import links_of_json, links_of_python, literal, target_of
from agent_judge.schema import Step, Target, Viewport

_MODIFIERS = ((1, "Alt"), (2, "Control"), (4, "Meta"), (8, "Shift"))
_SAME_NAME = {"check", "uncheck", "hover"}


@dataclass
class _Recording:
    """What has been read so far."""

    name: str
    steps: list[Step] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    start: str = ""
    viewport: Viewport | None = None

    def act(self, where: str, **fields: Any) -> None:
        self.steps.append(step(where, **fields))

    def go(self, where: str, url: str) -> None:
        """The first address is the solution's own, which every replay begins at."""
        if url in ("", "about:blank", "chrome://newtab/"):
            return
        if not self.start:
            self.start = url
        else:
            self._act_or_note(where, goto_of(url, self.start), left_site(where, url))

    def press(self, where: str, target: Target, chord: str) -> None:
        """Keys that a scenario cannot press are noted."""
        fields = press_of(chord)
        self._act_or_note(where, fields and {**fields, "target": target}, unpressed(where, chord))

    def _act_or_note(self, where: str, fields: dict[str, Any], note: str) -> None:
        if fields:
            self.act(where, **fields)
        else:
            self.notes.append(note)

    def expect(self, where: str, expectation: dict[str, Any]) -> None:
        """An assertion belongs to the step before it; one at the very beginning waits by itself."""
        if not self.steps:
            self.act(where, do="wait", expect=[expectation])
            return
        last = self.steps[-1].model_dump(exclude_defaults=True)
        self.steps[-1] = step(where, **{**last, "expect": [*self.steps[-1].expect, expectation]})

    def finish(self) -> Imported:
        return imported(without_focusing_clicks(self.steps), self.name, "", self.viewport, self.notes)


def scenario_from_codegen_jsonl(text: str, name: str) -> Imported:
    """Reads what ``playwright codegen --target=jsonl`` writes.

    Raises:
        BadInput: A line is no action of the recorder; with its number.
    """
    recording = _Recording(name)
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        where = f"{name}:{number}"
        try:
            entry = json.loads(line)
        except ValueError as error:
            raise BadInput(f"{where}: not JSON: {error}") from error
        if not isinstance(entry, dict):
            raise BadInput(f"{where}: not an action of Playwright's recorder")
        if "name" in entry:
            _json_action(recording, where, entry)
        elif "browserName" not in entry:
            raise BadInput(f'{where}: not an action of Playwright\'s recorder: it has no "name"')
        else:
            _json_header(recording, entry)
    return recording.finish()


def _json_header(recording: _Recording, entry: dict[str, Any]) -> None:
    size = (entry.get("contextOptions") or {}).get("viewport")
    if isinstance(size, dict):
        recording.viewport = viewport_of(size.get("width", 1280), size.get("height", 800))


def _json_action(recording: _Recording, where: str, entry: dict[str, Any]) -> None:
    action = str(entry["name"])
    if action in ("openPage", "navigate"):
        recording.go(where, str(entry.get("url", "")))
        return
    if action == "closePage":
        return
    target = target_of(links_of_json(entry.get("locator")), where)
    held = [name for bit, name in _MODIFIERS if int(entry.get("modifiers") or 0) & bit]
    if action == "click":
        _click(recording, where, target, int(entry.get("clickCount", 1)), str(entry.get("button", "left")))
    elif action in _SAME_NAME:
        recording.act(where, do=action, target=target)
    elif action == "fill":
        recording.act(where, do="fill", target=target, value=entry.get("text", ""))
    elif action == "press":
        recording.press(where, target, "+".join([*held, str(entry.get("key", ""))]))
    elif action == "select":
        recording.act(where, do="select", target=target, value=_one_or_more(entry.get("options")))
    elif action == "setInputFiles":
        recording.act(where, do="upload", target=target, files=entry.get("files") or [])
    elif action.startswith("assert"):
        _json_assertion(recording, where, action, target, entry)
    else:
        recording.notes.append(f"{where}: {action} is left out: a scenario has no such step")


def _json_assertion(recording: _Recording, where: str, action: str, target: Target, entry: dict[str, Any]) -> None:
    place = target.model_dump(exclude_defaults=True)
    if action == "assertText":
        recording.expect(where, {"text": entry.get("text", "")})
    elif action == "assertVisible":
        recording.expect(where, {"element": place})
    elif action == "assertChecked":
        recording.expect(where, {"checked" if entry.get("checked", True) else "unchecked": place})
    elif action == "assertValue":
        recording.expect(where, {"value": {**place, "equals": entry.get("value", "")}})
    else:
        recording.notes.append(f"{where}: {action} is left out: a scenario has no such expectation")


def _click(recording: _Recording, where: str, target: Target, count: int, button: str) -> None:
    if count == 0:
        return  # The browser itself clicks a form's button when Enter is pressed in one of its fields.
    if button != "left":
        recording.notes.append(f"{where}: a click with the {button} button is left out: a scenario has no such step")
    elif count == 2:
        recording.act(where, do="dblclick", target=target)
    else:
        recording.act(where, do="click", target=target, times=count)


def _one_or_more(options: Any) -> Any:
    if isinstance(options, list):
        return options[0] if len(options) == 1 else tuple(map(str, options))
    return options


def scenario_from_codegen_python(text: str, name: str) -> Imported:
    """Reads the Python that ``playwright codegen`` writes: library, library async or pytest.

    Raises:
        BadInput: It is not Python, or uses no page.
    """
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError) as error:
        line = getattr(error, "lineno", 0) or 1
        raise BadInput(f"{name}:{line}: not Python: {getattr(error, 'msg', error)}") from error
    recording = _Recording(name)
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)]
    for call in sorted(calls, key=lambda node: (node.end_lineno or 0, node.end_col_offset or 0)):
        _python_call(recording, f"{name}:{call.lineno}", call)
    return recording.finish()


def _python_call(recording: _Recording, where: str, call: ast.Call) -> None:
    function = call.func
    if not isinstance(function, ast.Attribute):
        return
    action, subject = function.attr, function.value
    first = literal(call.args[0]) if call.args else ""
    if action == "goto":
        recording.go(where, str(first))
    elif action == "new_context":
        sizes = [literal(word.value) for word in call.keywords if word.arg == "viewport"]
        if sizes and isinstance(sizes[0], dict):
            recording.viewport = viewport_of(sizes[0].get("width", 1280), sizes[0].get("height", 800))
    elif _is_expect(subject):
        _python_assertion(recording, where, action, subject, first)
    elif links := links_of_python(subject):
        _python_action(recording, where, action, target_of(links, where), first, call)


def _python_action(recording: _Recording, where: str, action: str, target: Target, first: Any, call: ast.Call) -> None:
    options = {word.arg: literal(word.value) for word in call.keywords}
    if action == "click":
        _click(recording, where, target, int(options.get("click_count", 1)), str(options.get("button", "left")))
    elif action == "dblclick":
        recording.act(where, do="dblclick", target=target)
    elif action in _SAME_NAME:
        recording.act(where, do=action, target=target)
    elif action == "fill":
        recording.act(where, do="fill", target=target, value=first)
    elif action == "press":
        recording.press(where, target, re.sub(r"\bControlOrMeta\b", "Control", str(first)))
    elif action == "select_option":
        recording.act(where, do="select", target=target, value=_one_or_more(first))
    elif action == "set_input_files":
        recording.act(where, do="upload", target=target, files=first if isinstance(first, list) else [first])


def _is_expect(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "expect"


def _python_assertion(recording: _Recording, where: str, assertion: str, subject: ast.expr, first: Any) -> None:
    if not isinstance(subject, ast.Call) or not subject.args:
        return
    links = links_of_python(subject.args[0])
    if not links:
        return
    place = target_of(links, where).model_dump(exclude_defaults=True)
    expectations: dict[str, dict[str, Any]] = {
        "to_contain_text": {"text": first},
        "to_have_text": {"text": first},
        "to_be_visible": {"element": place},
        "to_be_checked": {"checked": place},
        "not_to_be_checked": {"unchecked": place},
        "to_have_value": {"value": {**place, "equals": first}},
        "to_be_empty": {"value": {**place, "equals": ""}},
    }
    if assertion in expectations:
        recording.expect(where, expectations[assertion])
    else:
        recording.notes.append(f"{where}: {assertion} is left out: a scenario has no such expectation")

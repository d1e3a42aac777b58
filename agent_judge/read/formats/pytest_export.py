"""A Scenario becomes a test file for pytest with Playwright's ``page`` fixture."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urljoin

from agent_judge.read.formats.locators import ROW_WITH
from agent_judge.schema import Expectation, Scenario, Step, Target

_HEADER = '''"""{title}"""

import re

from playwright.sync_api import Locator, Page, expect

ADDRESS = {address!r}


def {row_with}(page: Page, text: str, inside: Locator) -> Locator:
    """The innermost element that holds both a text and an element."""
    return page.locator("*").filter(has_text=text).filter(has=inside).last


def test_{name}(page: Page) -> None:
'''
_HELPER = re.compile(rf"\n\ndef {ROW_WITH}[\s\S]*?\.last\n")


def pytest_from_scenario(scenario: Scenario, address: str) -> str:
    """Writes a scenario as a test; ``ADDRESS`` at its top says where the program is.

    What a test cannot say (that something changed, that nothing broke) stands in it as a comment.
    """
    name = re.sub(r"\W+", "_", scenario.id).strip("_").lower() or "scenario"
    title = (scenario.title or scenario.id).replace('"""', "'''").rstrip('"\\')
    lines = list(_lines(scenario, address))
    text = _HEADER.format(row_with=ROW_WITH, title=title, name=name, address=address) + "".join(
        f"    {line}\n" for line in lines
    )
    if f"{ROW_WITH}(" not in "".join(lines):
        text = _HELPER.sub("", text).replace("import Locator, Page", "import Page")
    return text if "re.compile" in text else text.replace("import re\n\n", "", 1)


def _lines(scenario: Scenario, address: str) -> Iterator[str]:
    size = scenario.viewport
    yield f'page.set_viewport_size({{"width": {size.width}, "height": {size.height}}})'
    yield "page.goto(ADDRESS)"
    for step in scenario.steps:
        if step.intent:
            yield f"# {' '.join(step.intent.split())}"
        yield from _action(step, address)
        for expectation in step.expect:
            yield from _expectation(expectation, step.timeout)


def _action(step: Step, address: str) -> Iterator[str]:
    place = locator(step.target) if step.target else ""
    if step.do in ("click", "dblclick", "hover", "check", "uncheck"):
        arguments = _position(step) if step.do in ("click", "dblclick") else ""
        line = f"{place}.{step.do}({arguments})"
        yield from [line] * (step.times if step.do == "click" else 1)
    elif step.do == "fill":
        yield f"{place}.fill({_text(step)!r})"
    elif step.do == "type":
        yield f"{place}.press_sequentially({_text(step)!r})" if place else f"page.keyboard.type({_text(step)!r})"
    elif step.do == "select":
        yield f"{place}.select_option({list(step.value) if isinstance(step.value, tuple) else step.value!r})"
    elif step.do == "press":
        delay = f", delay={step.hold:g}" if step.hold else ""
        pressed = f"{place}.press({step.key!r}{delay})" if place else f"page.keyboard.press({step.key!r}{delay})"
        yield from _repeated(pressed, step.times)
    elif step.do == "scroll":
        yield from _scroll(step, place)
    elif step.do == "drag":
        yield f"{place}.drag_to({locator(step.to) if step.to else place}{_drag_positions(step)})"
    elif step.do == "goto":
        yield f"page.goto({urljoin(address, step.url or '')!r})"
    elif step.do == "resize" and step.size:
        yield f'page.set_viewport_size({{"width": {step.size.width}, "height": {step.size.height}}})'
    elif step.do == "upload":
        yield f"{place}.set_input_files({list(step.files)!r})"
    elif step.do == "wait" and step.ms:
        yield f"page.wait_for_timeout({step.ms:g})"


def _repeated(line: str, times: int) -> list[str]:
    return [line] if times == 1 else [f"for _ in range({times}):", f"    {line}"]


def _scroll(step: Step, place: str) -> Iterator[str]:
    if step.by is None:
        yield f"{place}.scroll_into_view_if_needed()"
    elif place:
        yield f'{place}.evaluate("(element, by) => element.scrollBy(...by)", {list(step.by)})'
    else:
        yield f"page.mouse.wheel({step.by[0]:g}, {step.by[1]:g})"


def _expectation(expectation: Expectation, timeout: float) -> Iterator[str]:
    within = f"timeout={timeout:g}"
    if expectation.text is not None:
        yield f"expect(page.get_by_text({expectation.text!r}).filter(visible=True).first).to_be_visible({within})"
    elif expectation.no_text is not None:
        yield f"expect(page.get_by_text({expectation.no_text!r}).filter(visible=True)).to_have_count(0, {within})"
    elif expectation.element is not None:
        yield f"expect({locator(expectation.element)}).to_be_visible({within})"
    elif expectation.no_element is not None:
        yield f"expect({locator(expectation.no_element)}).not_to_be_visible({within})"
    elif expectation.checked is not None:
        yield f"expect({locator(expectation.checked)}).to_be_checked({within})"
    elif expectation.unchecked is not None:
        yield f"expect({locator(expectation.unchecked)}).not_to_be_checked({within})"
    elif expectation.url is not None:
        yield f"expect(page).to_have_url(re.compile({re.escape(expectation.url)!r}), {within})"
    elif expectation.count is not None:
        yield from _count(expectation, within)
    elif expectation.value is not None:
        yield from _value(expectation, within)
    else:
        yield f"# expected: {expectation.kind}"


def _count(expectation: Expectation, within: str) -> Iterator[str]:
    count = expectation.count
    if count is None:
        return
    place = locator(count, several=True)
    if count.equals is not None:
        yield f"expect({place}).to_have_count({count.equals}, {within})"
    if count.at_least is not None:
        yield f"expect({place}.nth({count.at_least - 1})).to_be_attached({within})" if count.at_least else "pass"
    if count.at_most is not None:
        yield f"expect({place}.nth({count.at_most})).not_to_be_attached({within})"


def _value(expectation: Expectation, within: str) -> Iterator[str]:
    value = expectation.value
    if value is None:
        return
    place = locator(value)
    if value.number is not None:
        yield f"# expected: the number {value.number:g} in {place}"
        return
    wanted = value.equals if value.equals is not None else value.contains
    method = "to_have_value" if value.role in _FIELDS or value.label or value.placeholder else "to_contain_text"
    pattern = (
        repr(wanted)
        if value.equals is not None or method == "to_contain_text"
        else f"re.compile({re.escape(wanted or '')!r})"
    )
    yield f"expect({place}).{method}({pattern}, {within})"


_FIELDS = {"textbox", "searchbox", "spinbutton", "slider", "combobox"}


def locator(target: Target, several: bool = False) -> str:
    """A target as a Playwright locator in Python; of several that fit, the first or the one with its index."""
    inner = _element(target)
    found = f"page.{inner}"
    if target.near:
        found = f"{ROW_WITH}(page, {target.near!r}, {found}).{inner}"
    if several:
        return found
    return f"{found}.nth({target.index})" if target.index else f"{found}.first"


def _element(target: Target) -> str:
    name = target.name or target.label
    if target.test_id:
        return f"get_by_test_id({target.test_id!r})"
    if target.role:
        named = f", name={name!r}" if name else ""
        found = f"get_by_role({target.role!r}{named})"
        return f"{found}.filter(has_text={target.text!r})" if target.text and not name else found
    for method, value in (
        ("label", target.label),
        ("placeholder", target.placeholder),
        ("title", target.title),
        ("text", target.text or target.name),
    ):
        if value:
            return f"get_by_{method}({value!r})"
    return f"locator({(target.selectors or ('body',))[0]!r})"


def _position(step: Step) -> str:
    box = step.target.box if step.target else None
    if not step.at or not box:
        return ""
    return f'position={{"x": {step.at.x * box.width:g}, "y": {step.at.y * box.height:g}}}'


def _drag_positions(step: Step) -> str:
    box = step.target.box if step.target else None
    found = ""
    for name, point in (("source_position", step.at), ("target_position", step.to_at)):
        if point and box:
            found += f', {name}={{"x": {point.x * box.width:g}, "y": {point.y * box.height:g}}}'
    return found


def _text(step: Step) -> str:
    return step.value if isinstance(step.value, str) else "".join(step.value or ())

"""What we write as a test is run by pytest with Playwright."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

import pytest

from agent_judge.errors import BadInput
from agent_judge.launch.chromium import find_chromium
from agent_judge.read.formats.codegen import scenario_from_codegen_python
from agent_judge.read.formats.pytest_export import pytest_from_scenario
from agent_judge.schema import Scenario

ADDRESS = "http://127.0.0.1:8000"
CONFTEST = """
import os

import pytest
from playwright.sync_api import sync_playwright

@pytest.fixture(scope="session")
def browser():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=os.environ["CHROMIUM"], args=["--no-sandbox"])
        yield browser
        browser.close()

@pytest.fixture
def page(browser):
    page = browser.new_page()
    page.set_default_timeout(4000)
    yield page
    page.close()
"""


LIST = (
    {"do": "fill", "target": {"placeholder": "What needs to be done?"}, "value": 'Buy "milk"', "intent": "enter\nit"},
    {"do": "press", "key": "Enter", "expect": [{"text": 'Buy "milk"'}, {"role": "listitem", "count": 1}]},
    {"do": "type", "value": "Walk the dog"},
    {
        "do": "click",
        "target": {"role": "button", "name": "Add"},
        "expect": [{"count": {"role": "listitem", "at_least": 2, "at_most": 2}}],
    },
    {
        "do": "click",
        "target": {"role": "checkbox", "near": "Buy"},
        "expect": [{"checked": {"role": "checkbox", "near": "Buy"}}],
    },
    {"do": "press", "key": "Tab", "times": 2, "expect": [{"unchecked": {"role": "checkbox", "near": "Walk"}}]},
    {
        "do": "click",
        "target": {"role": "button", "name": "Delete", "near": "Walk the dog"},
        "expect": [{"no_text": "Walk the dog"}, {"changed": True}, {"no_element": {"role": "checkbox", "index": 1}}],
    },
)
FORM = (
    {"do": "fill", "target": {"label": "Name"}, "value": "Ann", "expect": [{"label": "Name", "value": "Ann"}]},
    {"do": "select", "target": {"role": "combobox"}, "value": "Medium"},
    {"do": "check", "target": {"role": "radio", "name": "Pick up"}},
    {"do": "scroll", "by": [0, 200]},
    {"do": "dblclick", "target": {"text": "Order"}},
    {"do": "hover", "target": {"title": "x", "role": "heading"}},
    {"do": "resize", "size": {"width": 600, "height": 500}},
    {"do": "click", "target": {"test_id": "send"}, "expect": [{"value": {"role": "status", "contains": "Ann: m"}}]},
    {"do": "goto", "url": "todo.html", "expect": [{"url": "todo.html"}]},
)
FAILING = ({"do": "press", "key": "Enter", "timeout": 500, "expect": [{"text": "Buy milk"}]},)


def written(name: str, steps: Any, page: str) -> str:
    return pytest_from_scenario(Scenario.model_validate({"id": name, "steps": steps}), f"{ADDRESS}/{page}")


def test_pytest_runs_what_was_written(tmp_path: Path, run_boxed: Any) -> None:
    recording = (Path(__file__).parents[1] / "data/codegen/form.py.txt").read_text(encoding="utf-8")
    recorded = scenario_from_codegen_python(recording, "recorded.py").scenario
    tests = {
        "list": written("list", LIST, "todo.html"),
        "form": written("form", FORM, "form.html"),
        "failing": written("failing", FAILING, "todo.html"),
        "recorded": pytest_from_scenario(recorded, f"{ADDRESS}/form.html"),
    }
    (tmp_path / "conftest.py").write_text(CONFTEST, encoding="utf-8")
    for name, text in tests.items():
        (tmp_path / f"test_{name}.py").write_text(text, encoding="utf-8")
    variables = ["HOME=/tmp", "PYTEST_DISABLE_PLUGIN_AUTOLOAD=1", f"CHROMIUM={find_chromium()}"]
    options = ["-q", "-p", "no:cacheprovider", "-c", "/dev/null", "--rootdir=.", "-rA"]

    done = run_boxed(["/usr/bin/env", *variables, sys.executable, "-m", "pytest", *options, "."])

    outcomes = {name: outcome for outcome, name in re.findall(r"^(\w+) test_(\w+)\.py::", done.stdout, re.MULTILINE)}
    assert outcomes == {"list": "PASSED", "form": "PASSED", "failing": "FAILED", "recorded": "PASSED"}, done.stdout
    assert "Buy milk" in done.stdout


def test_names_and_quotes_do_not_break_the_file() -> None:
    scenario = Scenario.model_validate({"id": "1: a'b", "title": '"""x\\"', "steps": FAILING})

    code = pytest_from_scenario(scenario, "http://x/'\"")

    compile(code, "test_written.py", "exec")
    assert "def test_1_a_b(page: Page) -> None:" in code


def test_an_element_by_its_row_is_read_back() -> None:
    target = {"role": "button", "name": "Delete", "near": "Buy 'milk'", "index": 0}
    scenario = Scenario.model_validate({"id": "list", "steps": [{"do": "click", "target": target}]})

    read = scenario_from_codegen_python(pytest_from_scenario(scenario, "http://x/"), "test_list.py").scenario

    assert [step.target for step in read.steps] == [step.target for step in scenario.steps]


def test_a_row_whose_text_is_not_written_out_is_told() -> None:
    code = 'page.goto("http://x/")\nrow_with(page, item, page.get_by_role("button")).get_by_role("button").click()\n'

    with pytest.raises(BadInput, match=r"test_list.py:2: row_with needs the row's text itself"):
        scenario_from_codegen_python(code, "test_list.py")

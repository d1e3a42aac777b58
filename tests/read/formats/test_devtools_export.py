"""What we write for Chrome DevTools is run by ``@puppeteer/replay`` itself."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from agent_judge.errors import MissingRequirement
from agent_judge.launch.chromium import find_chromium
from agent_judge.launch.npm import PackageProblem, fetch_packages
from agent_judge.read.formats.devtools import scenario_from_devtools
from agent_judge.read.formats.devtools_export import devtools_from_scenario
from agent_judge.schema import Scenario

ADDRESS = "http://127.0.0.1:8000"
RUNNER = """
import puppeteer from 'puppeteer-core';
import fs from 'node:fs';
import { createRunner, parse, PuppeteerRunnerExtension } from '@puppeteer/replay';
const browser = await puppeteer.launch({
  executablePath: process.env.CHROMIUM, pipe: true, args: ['--no-sandbox', '--disable-dev-shm-usage'],
});
const page = await browser.newPage();
try {
  const flow = parse(JSON.parse(fs.readFileSync('recording.json', 'utf8')));
  const runner = await createRunner(flow, new PuppeteerRunnerExtension(browser, page, { timeout: 4000 }));
  const completed = await runner.run();
  console.log(JSON.stringify({ completed, text: await page.evaluate(() => document.body.innerText) }));
} finally {
  await browser.close();
}
"""


@pytest.fixture(scope="session")
async def packages() -> Path:
    try:
        return await fetch_packages({"@puppeteer/replay": "^3.1.3", "puppeteer-core": "^24"})
    except (MissingRequirement, PackageProblem) as error:
        pytest.skip(f"the packages that run recordings are not to be had: {error}")


@pytest.fixture
def replayed(tmp_path: Path, packages: Path, run_boxed: Any) -> Any:
    """Runs a recording; gives what the page says in the end."""

    def run(recording: dict[str, Any]) -> tuple[str, str]:
        (tmp_path / "node_modules").symlink_to(packages / "node_modules")
        (tmp_path / "recording.json").write_text(json.dumps(recording), encoding="utf-8")
        (tmp_path / "run.mjs").write_text(RUNNER, encoding="utf-8")
        done = run_boxed(["/usr/bin/env", f"CHROMIUM={find_chromium()}", "HOME=/tmp", "node", "run.mjs"], packages)
        said = json.loads(done.stdout)["text"] if done.returncode == 0 else ""
        return said, done.stderr

    return run


def scenario(*steps: dict[str, Any]) -> Scenario:
    return Scenario.model_validate({"id": "written", "steps": steps})


def test_a_written_list_is_used(replayed: Any) -> None:
    written = devtools_from_scenario(
        scenario(
            {"do": "fill", "target": {"placeholder": "What needs to be done?"}, "value": "Buy milk"},
            {"do": "press", "key": "Enter", "expect": [{"text": "buy MILK"}, {"role": "listitem", "count": 1}]},
            {"do": "fill", "target": {"role": "textbox", "name": "What needs to be done?"}, "value": "Walk the dog"},
            {
                "do": "click",
                "target": {"role": "button", "name": "Add"},
                "expect": [{"count": {"role": "listitem", "equals": 2}}],
            },
            {"do": "check", "target": {"role": "checkbox", "near": "Buy milk"}},
            {
                "do": "click",
                "target": {"role": "button", "name": "Delete", "near": "Walk the dog"},
                "expect": [{"no_text": "Walk the dog"}, {"checked": {"role": "checkbox", "name": "Buy milk"}}],
            },
        ),
        f"{ADDRESS}/todo.html",
    )

    said, errors = replayed(written.data)

    assert not errors
    assert "Buy milk" in said
    assert "0 items left" in said
    assert written.notes == ()


def test_a_written_form_is_used(replayed: Any) -> None:
    written = devtools_from_scenario(
        scenario(
            {"do": "resize", "size": {"width": 700, "height": 500}},
            {"do": "fill", "target": {"label": "Name"}, "value": "Ann"},
            {"do": "select", "target": {"role": "combobox", "selectors": ["select"]}, "value": "m"},
            {"do": "check", "target": {"role": "radio", "name": "Pick up"}},
            {"do": "check", "target": {"label": "Gift wrap"}},
            {"do": "scroll", "by": [0, 300], "expect": [{"changed": True}]},
            {"do": "scroll", "by": [0, -300]},
            {"do": "wait", "ms": 50},
            {"do": "hover", "target": {"role": "heading", "name": "Order"}},
            {"do": "dblclick", "target": {"text": "Order"}},
            {"do": "press", "key": "Control+a"},
            {"do": "click", "target": {"test_id": "send"}, "expect": [{"text": "Thank you, Ann: m, pickup, wrapped"}]},
            {"do": "goto", "url": "todo.html", "expect": [{"url": "todo.html"}, {"element": {"role": "heading"}}]},
        ),
        f"{ADDRESS}/form.html",
    )

    said, errors = replayed(written.data)

    assert not errors
    assert "To-do" in said
    assert [note.split(":")[0] for note in written.notes] == ["step 3 (select)", "step 6 (scroll)"]


def test_an_expectation_that_does_not_hold_fails(replayed: Any) -> None:
    written = devtools_from_scenario(
        scenario({"do": "press", "key": "Enter", "timeout": 500, "expect": [{"text": "Buy milk"}]}),
        f"{ADDRESS}/todo.html",
    )

    said, errors = replayed(written.data)

    assert not said
    assert "500" in errors or "imeout" in errors


def test_what_was_written_is_read_back() -> None:
    original = scenario(
        {
            "do": "click",
            "target": {"role": "button", "name": "Add"},
            "expect": [{"count": {"selectors": ["li"], "at_least": 2}}],
        },
        {"do": "press", "key": "Control+a"},
        {"do": "scroll", "by": [0, 100]},
        {"do": "resize", "size": {"width": 400, "height": 400}},
    )
    written = devtools_from_scenario(original, "http://x/")

    read = scenario_from_devtools(written.text(), "a.json").scenario

    assert [step.do for step in read.steps] == ["click", "wait", "press", "scroll", "resize"]
    assert read.steps[0].target == original.steps[0].target
    assert read.steps[2:] == original.steps[1:]


@pytest.mark.parametrize(
    "target",
    [
        {"role": "checkbox", "near": "Buy milk"},
        {"role": "button", "name": "Delete", "near": 'Buy "2%" milk'},
        {
            "role": "button",
            "name": """Mum's "own" list""",
            "near": """it's "here" and (there)""",
            "selectors": ("#a > b",),
        },
        {"role": "treeitem", "name": "a and b", "near": "c"},
        {"name": "Done", "near": "Buy milk"},
        {"near": "Buy milk", "test_id": "remove"},
        {"role": "doc-tip", "near": "Buy milk"},
        {"role": "button"},
    ],
)
def test_an_element_by_its_row_or_role_is_read_back(target: dict[str, Any]) -> None:
    original = scenario({"do": "click", "target": target})

    written = devtools_from_scenario(original, "http://x/")
    read = scenario_from_devtools(written.text(), "a.json").scenario.steps[0].target

    assert read is not None
    told = read.model_dump(exclude_defaults=True)
    assert told | target == told
    assert set(told) - set(target) <= {"selectors"}


def test_what_cannot_be_written_is_noted() -> None:
    steps = (
        {"do": "drag", "target": {"name": "a"}, "to": {"name": "b"}},
        {"do": "press", "key": "a", "expect": [{"no_errors": True}]},
    )
    written = devtools_from_scenario(scenario(*steps), "http://x/")

    assert written.notes == (
        "step 1 (drag): left out: DevTools recordings have no such step",
        "step 2 (press): expecting no_errors is left out: DevTools recordings cannot say it",
    )

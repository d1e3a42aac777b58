"""A small suite of real pages with a best and a worst model."""

from __future__ import annotations

import json
from pathlib import Path

PAGE = """<!doctype html><html lang="en"><title>Counter</title><h1>Counter</h1>
<p>Count: <output id="n">0</output></p><button onclick="{click}">Add one</button>
<script>let n = 0; const out = document.getElementById('n');</script></html>"""
CLICKS = {
    "counts": "n += 1; out.textContent = n",
    "doubles": "n += 2; out.textContent = n",
    "ignores": "",
    "throws": "n += 1; out.textContent = n; if (n > 1) throw new Error('too many')",
}
SCENARIO = """id: count-to-two
title: Count to two
steps:
  - do: click
    intent: add one
    target: {role: button, name: Add one}
    expect: [{text: 'Count: 1'}]
    timeout: 500
  - do: click
    intent: add one more
    target: {role: button, name: Add one}
    expect: [{text: 'Count: 2'}, {no_errors: true}]
    timeout: 500
"""


def write_suite(folder: Path, tasks: int = 2, models: tuple[str, ...] = tuple(CLICKS)) -> Path:
    """Writes a suite whose best model is ``counts``."""
    folder.mkdir(parents=True)
    (folder / "suite.toml").write_text(
        'name = "counters"\npairing = "all"\njudges = ["evidence"]\nrounds = 50\nseed = 7\n'
    )
    lines = [
        {"id": f"counter-{number}", "instruction": f"Make counter number {number}", "category": "web_design"}
        for number in range(tasks)
    ]
    (folder / "tasks.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    (folder / "answers").mkdir()
    for model in models:
        page = PAGE.format(click=CLICKS[model])
        answers = [
            {"task_id": line["id"], "response": f"Here it is:\n```html\n{page.replace('Counter', line['id'])}\n```\n"}
            for line in lines
        ]
        (folder / "answers" / f"{model}.jsonl").write_text("".join(json.dumps(answer) + "\n" for answer in answers))
    for line in lines:
        place = folder / "scenarios" / line["id"]
        place.mkdir(parents=True)
        (place / "count.yaml").write_text(SCENARIO)
    return folder

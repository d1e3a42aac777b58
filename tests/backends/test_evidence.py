"""The same use of the same program leaves the same evidence on every backend, up to timing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from agent_judge.drive import Replay, examine
from agent_judge.launch.local import LocalBackend
from agent_judge.protocols import Backend
from agent_judge.schema import Evidence, Scenario, Solution, Task

PAGE = """<!doctype html><title>List</title><h1>Shopping</h1>
<form><label>What <input id="what"></label><button>Add</button></form><ul></ul><button id="bad">Break</button>
<img src="https://example.com/logo.png" alt="">
<script>
document.querySelector("form").onsubmit = (event) => {
  event.preventDefault();
  const item = document.createElement("li");
  item.textContent = document.querySelector("#what").value;
  document.querySelector("ul").append(item);
  console.warn("added " + item.textContent);
};
document.querySelector("#bad").onclick = () => { throw new TypeError("broken on purpose"); };
</script>"""
SCENARIO = Scenario.model_validate(
    {
        "id": "use",
        "title": "Use it",
        "steps": [
            {"do": "fill", "value": "Milk", "intent": "name it", "target": {"role": "textbox", "name": "What"}},
            {
                "do": "click",
                "intent": "add it",
                "target": {"role": "button", "name": "Add"},
                "expect": [{"text": "Milk"}, {"no_text": "Bread"}],
            },
            {"do": "click", "intent": "break it", "target": {"role": "button", "name": "Break"}},
            {"do": "click", "intent": "share it", "target": {"role": "button", "name": "Share"}},
        ],
    }
)
WHEN = frozenset(("seconds", "at", "screenshot", "versions", "key", "first_contentful_paint", "frame_rate", "cost"))
"""What differs from time to time, or names the backend."""


def told(data: Any) -> Any:
    """What evidence says, without what differs from time to time."""
    if isinstance(data, dict):
        return {key: told(value) for key, value in data.items() if key not in WHEN}
    return [told(one) for one in data] if isinstance(data, list | tuple) else data


async def used(backend: Backend, folder: Path) -> Evidence:
    solution = Solution(environment="html", language="html", entry="index.html", files={"index.html": PAGE.encode()})
    task = Task(id="list", instruction="A shopping list")
    return await examine(backend, task, solution, SCENARIO, Replay(), folder, key="k", seed=1)


@pytest.fixture(scope="module")
async def locally(tmp_path_factory: pytest.TempPathFactory) -> Evidence:
    """What is found without any sandbox but the browser."""
    async with LocalBackend() as backend:
        return await used(backend, tmp_path_factory.mktemp("local"))


async def test_evidence_is_the_same_up_to_timing(backend: Backend, locally: Evidence, tmp_path: Path) -> None:
    evidence = await used(backend, tmp_path)
    (trajectory,) = evidence.trajectories
    assert [step.outcome for step in trajectory.steps] == ["done", "done", "done", "not_found"]
    assert [message.text for one in trajectory.observations for message in one.console] == ["added Milk"]
    assert any("broken on purpose" in error for one in trajectory.observations for error in one.errors)
    assert [blocked.url for blocked in evidence.blocked_requests] == ["https://example.com/logo.png"]
    assert all((tmp_path / one.screenshot).is_file() for one in trajectory.observations)
    assert told(evidence.model_dump()) == told(locally.model_dump())

"""Programs that give names of the browser's to something else are driven and judged like any others."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from agent_judge.drive import Explore, Replay, examine
from agent_judge.drive.change import pixel_change
from agent_judge.drive.record import Recorder
from agent_judge.launch.local import LocalBackend
from agent_judge.protocols import Policy
from agent_judge.schema import Evidence, Scenario, Solution, Task
from tests.drive.conftest import Open, page_source

TASK = Task(id="todo", instruction="Build a to-do list with a task, a priority, a counter, tick boxes and clear")
SCENARIO = Scenario.model_validate(
    {
        "id": "todo",
        "steps": [
            {"do": "fill", "target": {"role": "textbox", "name": "Task"}, "value": "Buy milk"},
            {"do": "select", "target": {"role": "combobox", "name": "Priority"}, "value": "high"},
            {
                "do": "click",
                "target": {"role": "button", "name": "Add"},
                "expect": [{"text": "Buy milk (high)"}, {"role": "listitem", "count": 1}, {"text": "1 left"}],
            },
            {
                "do": "check",
                "target": {"role": "checkbox", "name": "Buy milk"},
                "expect": [{"checked": {"role": "checkbox", "name": "Buy milk"}}, {"text": "0 left"}],
            },
            {
                "do": "click",
                "target": {"role": "button", "name": "Clear"},
                "expect": [{"no_text": "Buy milk"}, {"changed": True}, {"no_errors": True}],
            },
        ],
    }
)

_SAME_PICTURE = 0.001
"""What two pictures of the same may differ in: how the edge of a letter is drawn."""
_BEFORE = {
    "its own collections": """
      class Map { constructor(tiles) { document.title = "a map"; this.size = tiles.length; } }
      class WeakMap {} const Set = "a set of tennis"; const Proxy = 0, Reflect = { on: "it" };""",
    "its own document parts": "class Event {} class Element {} const Node = null; class Text {} class HTMLElement {}",
    "its own functions": "let name = ''; function open() {} function close() {} function stop() {} function find() {}",
    "its own time": "var performance = 'good'; const Date = 'today'; let history = [], screen = 'full';",
    "forms named as the document's parts": "/**/</script><form name='body'></form><form name='title'></form><script>",
}
_AFTER = {
    "array methods": """
      for (const name of ["map", "filter", "find", "some", "every", "slice", "push", "includes", "flatMap", "join"]) {
        Array.prototype[name] = () => { throw new Error(name); };
      }
      Array.from = Array.isArray = null; Array.prototype[Symbol.iterator] = null;""",
    "text methods": """
      for (const name of ["trim", "split", "replace", "startsWith", "slice"]) String.prototype[name] = () => "";
      RegExp.prototype.exec = RegExp.prototype.test = null;""",
    "what all objects have": """
      Object.prototype.extra = function () {}; Object.keys = Object.entries = Object.values = Object.assign = null;
      Function.prototype.call = Function.prototype.apply = Function.prototype.bind = null;""",
    "names of the language": "JSON = {}; Symbol = Number = String = Boolean = Error = RegExp = Math = null; eval = 0;",
    "promises and timers": """
      Promise = class { constructor() { throw new Error("I promise nothing"); } };
      setTimeout = clearTimeout = setInterval = requestAnimationFrame = queueMicrotask = null;""",
    "what looks at the document": """
      document.querySelectorAll = () => []; document.querySelector = () => null; document.elementFromPoint = null;
      Document.prototype.getAnimations = Document.prototype.createTreeWalker = null;""",
    "measures of elements": """
      window.getComputedStyle = () => ({});
      Element.prototype.getBoundingClientRect = () => ({ x: 0, y: 0, width: 0, height: 0 });
      Element.prototype.getClientRects = () => [];""",
    "what elements can do": """
      for (const name of ["matches", "closest", "querySelectorAll", "getAttribute"]) Element.prototype[name] = null;
      Object.defineProperty(Element.prototype, "shadowRoot", { get() { throw new Error("none"); } });
      Object.defineProperty(HTMLElement.prototype, "innerText", { get: () => "nothing" });""",
    "what hears of changes": """
      MutationObserver = CustomEvent = Event = null; visualViewport = null;
      EventTarget.prototype.addEventListener = EventTarget.prototype.dispatchEvent = null;""",
    "what keeps listeners": """
      Map.prototype.get = Map.prototype.set = Map.prototype.delete = Set.prototype.add = Set.prototype.delete = null;
      EventTarget.prototype.removeEventListener = null;""",
    "the console": "console = { log() {} };",
}
_NAMES = {name: ("before", script) for name, script in _BEFORE.items()} | {
    name: ("after", script) for name, script in _AFTER.items()
}


async def gather(
    backend: LocalBackend, folder: Path, page: str, scenario: Scenario | None = SCENARIO, policy: Policy | None = None
) -> Evidence:
    files = {"index.html": page.encode()}
    solution = Solution(environment="html", language="html", entry="index.html", files=files)
    return await examine(backend, TASK, solution, scenario, policy or Replay(), folder, key="k", seed=1, retries=0)


def essence(evidence: Evidence, folder: Path) -> dict[str, Any]:
    """All that does not depend on the clock."""
    trajectory = evidence.trajectories[0]
    steps = [step.model_dump(exclude={"seconds"}) for step in trajectory.steps]
    seen = [one.model_dump(exclude={"at"}) for one in trajectory.observations]
    pictures = [(folder / one.screenshot).read_bytes() for one in trajectory.observations]
    probes = evidence.probes.model_dump(exclude={"first_contentful_paint", "frame_rate"})
    return {
        "launch": evidence.launch.outcome, "error": evidence.driver_error, "steps": steps, "seen": seen,
        "pictures": pictures, "probes": probes, "measured": evidence.probes.frame_rate is not None,
    }  # fmt: skip


@pytest.fixture(scope="module")
async def plain(backend: LocalBackend, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the program's evidence is as long as it leaves the browser's names alone."""
    folder = tmp_path_factory.mktemp("plain")
    evidence = await gather(backend, folder, page_source("own_names.html"))
    assert [step.outcome for step in evidence.trajectories[0].steps] == ["done"] * len(SCENARIO.steps)
    assert evidence.probes.accessibility is not None
    return essence(evidence, folder)


@pytest.mark.parametrize("names", _NAMES)
async def test_names_of_its_own_change_nothing_about_a_program(
    backend: LocalBackend, tmp_path: Path, plain: dict[str, Any], names: str
) -> None:
    place, script = _NAMES[names]
    page = page_source("own_names.html").replace(f"/* {place} */", script)
    told = essence(await gather(backend, tmp_path, page), tmp_path)
    for one, other in zip(told.pop("pictures"), plain["pictures"], strict=True):
        assert pixel_change(one, other).share < _SAME_PICTURE
    assert told == {part: expected for part, expected in plain.items() if part != "pictures"}


@pytest.mark.parametrize("names", ["its own collections", "array methods", "promises and timers", "the console"])
async def test_what_cannot_be_seen_is_noticed_all_the_same(backend: LocalBackend, tmp_path: Path, names: str) -> None:
    page = f"""<!DOCTYPE html><html lang="en"><title>Copy</title><h1>Copy</h1><p>Some text</p>
      <button id="copy">Copy</button> <button id="dead">Dead</button>
      <script>
        document.getElementById("copy").onclick = () => {{ navigator.clipboard.writeText("Some text"); }};
        document.getElementById("dead").onclick = () => {{}};
      </script><script>{_NAMES[names][1]}</script>"""
    evidence = await gather(backend, tmp_path, page, None, Explore())
    assert evidence.driver_error == ""
    blamed = {step.detail for step in evidence.trajectories[0].steps if step.outcome == "no_effect"}
    assert blamed == {'click button "Dead"'}


@pytest.mark.parametrize("names", ["its own collections", "what elements can do", "what hears of changes"])
async def test_what_a_person_does_is_recorded_all_the_same(open_page: Open, names: str) -> None:
    place, script = _NAMES[names]
    session = await open_page(page_source("own_names.html").replace(f"/* {place} */", script))
    assert session.page is not None
    recorder = Recorder(session.page)
    await recorder.start()
    await session.page.get_by_label("Task").fill("Buy milk")
    await session.page.get_by_role("button", name="Add").click()
    await session.page.title()  # What was told before is here now.
    told = [(event.type, event.target and event.target.name) for event in recorder.events]
    assert told == [("load", None), ("fill", "Task"), ("click", "Add")]

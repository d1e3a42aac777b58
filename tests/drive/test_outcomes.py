"""The five outcomes are kept apart: done, no_effect, not_found, crashed, driver_error."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from playwright.async_api import Route

from agent_judge.drive import act
from agent_judge.drive.change import pixel_change
from agent_judge.drive.driver import DriveConfig
from agent_judge.drive.replay import Replay
from agent_judge.errors import DriverError
from agent_judge.launch.chromium import open_browser
from agent_judge.launch.local import LocalBackend
from agent_judge.protocols import PageLog, Session
from agent_judge.schema import LaunchReport, Scenario, Task, Trajectory

Play = Callable[..., Awaitable[Trajectory]]
Open = Callable[[str], Awaitable[Session]]
TASK = Task(id="page", instruction="A page")
HASTY = DriveConfig(hang_seconds=2, usable=500, appear=300)


def click(name: str, *expect: dict[str, object], **more: object) -> dict[str, object]:
    return {"do": "click", "target": {"role": "button", "name": name}, "expect": list(expect), **more}


async def test_a_step_that_is_not_found_does_not_stop_the_next(play: Play) -> None:
    page = """<button onclick="this.textContent = 'Saved'">Save</button>"""
    trajectory = await play(page, click("Export"), click("Save", {"text": "Saved"}), config=HASTY)
    assert [step.outcome for step in trajectory.steps] == ["not_found", "done"]
    missing = trajectory.steps[0]
    assert 'button "Export"' in missing.reason
    assert missing.grounding is None
    assert missing.before == missing.after == 0
    assert not trajectory.completed


async def test_an_element_that_comes_late_is_waited_for(play: Play) -> None:
    page = """<script>setTimeout(() => { document.body.innerHTML = '<button>Late</button>' }, 700)</script>loading"""
    trajectory = await play(page, click("Late"))
    assert trajectory.steps[0].outcome == "done"


async def test_what_an_action_brings_later_is_waited_for(play: Play) -> None:
    page = """<button onclick="setTimeout(() => { p.textContent = 'Here' }, 600)">Load</button><p id="p"></p>"""
    trajectory = await play(page, click("Load", {"text": "Here"}))
    assert trajectory.steps[0].outcome == "done"
    assert "Here" in trajectory.observations[1].text


async def test_an_expectation_that_fails_is_no_effect(play: Play) -> None:
    trajectory = await play("<button>Save</button>", click("Save", {"text": "Saved"}, timeout=200))
    (step,) = trajectory.steps
    assert step.outcome == "no_effect"
    assert 'expected text "Saved"' in step.reason
    assert not step.expectations[0].held
    assert step.expectations[0].seen == "Save"


async def test_what_comes_and_goes_counts_although_something_else_never_comes(play: Play) -> None:
    page = """<button onclick="p.textContent = 'Saved'; later(600, () => { p.textContent = '' });
      later(900, () => { q.checked = true }); later(1100, () => { q.checked = false })">Save</button>
      <p id="p"></p><input type="checkbox" id="q" aria-label="Busy">
      <script>const later = (ms, what) => setTimeout(what, ms)</script>"""
    never: dict[str, object] = {"text": "Never"}
    save = click("Save", {"text": "Saved"}, {"checked": {"label": "Busy"}}, never, timeout=1500)
    (step,) = (await play(page, save)).steps
    assert [one.held for one in step.expectations] == [True, False, False]


async def test_expectations_that_come_true_one_after_the_other_are_met(play: Play) -> None:
    page = """<button onclick="p.textContent = 'Saving';
      setTimeout(() => { p.textContent = ''; document.querySelector('ul').innerHTML = '<li>Milk</li>' }, 700)">
      Save</button><p id="p"></p><ul></ul>"""
    trajectory = await play(page, click("Save", {"text": "Saving"}, {"role": "listitem", "count": 1}))
    assert trajectory.completed, trajectory.steps[0].reason


async def test_a_button_that_only_lights_up_changes_nothing(play: Play) -> None:
    page = """<style>button:hover, button:focus { background: gold; outline: 3px solid red }</style>
      <button>Dead</button><p>text</p><button onclick="document.body.style.background = 'pink'">Paint</button>"""
    trajectory = await play(
        page, click("Dead", {"changed": True}, timeout=200), click("Paint", {"changed": True}), click("Dead")
    )
    assert [step.outcome for step in trajectory.steps] == ["no_effect", "done", "done"]
    assert [step.change.any for step in trajectory.steps] == [False, True, False]


async def test_what_loses_the_pointer_or_the_focus_has_not_changed(play: Play) -> None:
    page = """<style>button:hover { background: gold } input:focus { outline: 5px solid red }</style>
      <button onclick="d.showModal()">Open</button><button onclick="p.textContent += 'x'">Write</button><p id="p"></p>
      <input aria-label="Note"><button>Dead</button>
      <dialog id="d"><input aria-label="Name"><button>Save</button></dialog>"""
    fill = {"do": "fill", "target": {"label": "Note"}, "value": "milk"}
    trajectory = await play(page, click("Write"), fill, click("Dead"), click("Open"), click("Save"))
    assert [step.change.any for step in trajectory.steps] == [True, True, False, True, False]


async def test_an_endless_loop_is_a_crash_and_the_rest_is_not_tried(play: Play) -> None:
    page = """<button onclick="for (;;);">Count</button>"""
    trajectory = await play(page, click("Count"), click("Count"), config=HASTY)
    assert [step.outcome for step in trajectory.steps] == ["crashed", "crashed"]
    assert "stopped responding" in trajectory.steps[0].reason
    assert not trajectory.driver_error


async def test_a_page_that_thinks_for_a_while_has_not_crashed(play: Play) -> None:
    page = """<button onclick="think()">Think</button><p id="n">0</p><script>
      const think = () => { const end = Date.now() + 1200; while (Date.now() < end);
        n.textContent = +n.textContent + 1; }
      </script>"""
    trajectory = await play(page, click("Think", {"text": "1"}), config=DriveConfig(usable=500))
    assert trajectory.steps[0].outcome == "done", trajectory.steps[0].reason
    assert trajectory.observations[-1].text.split()[-1] == "1"  # clicked once, not again while it did not answer


async def test_a_page_that_goes_blank_after_an_exception_is_a_crash(play: Play) -> None:
    page = """<div id="app"><h1>Shop</h1><button>Pay</button></div>
      <script>
      document.querySelector('button').onclick = () => { app.remove(); throw Error('total is not defined') }</script>"""
    trajectory = await play(page, click("Pay", {"text": "Thanks"}, timeout=200))
    (step,) = trajectory.steps
    assert step.outcome == "crashed"
    assert "went blank" in step.reason
    assert "total is not defined" in step.reason


async def test_an_exception_without_visible_harm_is_told_but_not_a_crash(play: Play) -> None:
    page = """<button onclick="this.textContent = 'Sent'; console.error('slow'); nothing.at.all()">Send</button>"""
    trajectory = await play(page, click("Send", {"text": "Sent"}), click("Sent", {"no_errors": True}, timeout=200))
    first, second = trajectory.steps
    assert (first.outcome, second.outcome) == ("done", "no_effect")
    seen = trajectory.observations[1]
    assert "nothing is not defined" in seen.errors[0]
    assert [(line.level, line.text) for line in seen.console] == [("error", "slow")]


@pytest.mark.parametrize("call", ["alert('Hi there')", "document.title = confirm('Hi there')", "prompt('Hi there')"])
async def test_a_dialog_is_answered_and_told(play: Play, call: str) -> None:
    trajectory = await play(f"""<button onclick="{call}">Greet</button>""", click("Greet", {"text": "Hi there"}))
    assert trajectory.steps[0].outcome == "done"
    assert "Hi there" in trajectory.observations[1].dialogs[0]


async def test_alert_on_load_does_not_hang(play: Play) -> None:
    page = """<script>alert('Welcome')</script><button onclick="this.textContent='Gone'">Go</button>"""
    trajectory = await play(page, click("Go", {"text": "Gone"}))
    assert trajectory.completed
    assert any("Welcome" in text for seen in trajectory.observations for text in seen.dialogs)


async def test_a_way_out_of_the_app_leads_back(play: Play) -> None:
    page = """<a href="https://example.com/">Docs</a><button onclick="this.textContent='Still here'">Check</button>"""
    trajectory = await play(
        page, {"do": "click", "target": {"role": "link", "name": "Docs"}}, click("Check", {"text": "Still here"})
    )
    assert not trajectory.driver_error
    assert trajectory.steps[1].outcome == "done", trajectory.steps[1].reason


async def test_a_page_that_closes_itself_is_a_crash(play: Play) -> None:
    trajectory = await play("""<button onclick="window.close()">Quit</button>""", click("Quit"), click("Quit"))
    assert trajectory.steps[-1].outcome in ("crashed", "done")
    assert not trajectory.driver_error


async def test_reloading_in_a_step_is_survived(play: Play) -> None:
    page = """<button onclick="location.reload()">Again</button><p id="p"></p>
      <script>p.textContent = 'visits ' + (sessionStorage.n = 1 + (+sessionStorage.n || 0))</script>"""
    trajectory = await play(page, click("Again", {"text": "visits 2"}), click("Again", {"text": "visits 3"}))
    assert trajectory.completed, [step.reason for step in trajectory.steps]


async def test_a_browser_that_is_gone_is_our_own_failure(backend: LocalBackend, tmp_path: Path) -> None:
    opened = await open_browser(backend.playwright)
    page = await opened.browser.new_page()
    await page.set_content("<button>Go</button>")

    class Bare:
        report = LaunchReport(outcome="ready")
        address = ""
        blocked_requests: list[object] = []  # noqa: RUF012 - a protocol's attribute

        def drain(self) -> PageLog:
            return PageLog()

        def death(self) -> str:
            return ""

        async def close(self) -> None:
            return None

    session = Bare()
    session.page = page  # type: ignore[attr-defined]
    scenario = Scenario.model_validate({"id": "x", "steps": [{"do": "wait", "ms": 600}, click("Go"), click("Go")]})
    driving = asyncio.create_task(Replay(HASTY).drive(session, TASK, scenario, tmp_path))  # type: ignore[arg-type]
    await page.wait_for_function("1")
    await opened.browser.close()
    trajectory = await driving
    assert trajectory.driver_error
    assert "crashed" not in {step.outcome for step in trajectory.steps}


async def test_replay_without_a_scenario_is_refused(open_page: Open, tmp_path: Path) -> None:
    session = await open_page("<p>x</p>")
    with pytest.raises(DriverError, match="scenario"):
        await Replay().drive(session, TASK, None, tmp_path)


async def test_every_observation_has_its_picture_and_its_words(play: Play, tmp_path: Path) -> None:
    page = """<title>Counter</title><button onclick="this.textContent='Two'">One</button>"""
    trajectory = await play(page, click("One"))
    assert [seen.screenshot for seen in trajectory.observations] == ["step-000.png", "step-001.png"]
    assert all((tmp_path / seen.screenshot).read_bytes().startswith(b"\x89PNG") for seen in trajectory.observations)
    seen = trajectory.observations[1]
    assert (seen.title, seen.text) == ("Counter", "Two")
    assert 'button "Two"' in seen.snapshot
    step = trajectory.steps[0]
    assert (step.before, step.after) == (0, 1)
    assert step.change.removed == ('- button "One"',)
    assert step.change.added == ('- button "Two"',)
    assert step.detail == 'click button "One"'
    assert step.grounding is not None
    assert step.grounding.element == 'button "One"'
    assert step.grounding.score > 0.9


async def test_the_same_twice_gives_the_same(open_page: Open, tmp_path: Path) -> None:
    scenario = Scenario.model_validate(
        {"id": "twice", "steps": [click("Count 0"), {"do": "fill", "target": {"label": "Name"}, "value": "Ann"}]}
    )
    pictures = []
    for turn in range(2):
        folder = tmp_path / str(turn)
        folder.mkdir()
        trajectory = await Replay().drive(await open_page("actions.html"), TASK, scenario, folder)
        pictures.append([(folder / seen.screenshot).read_bytes() for seen in trajectory.observations])
    assert [pixel_change(*pair).share for pair in zip(*pictures, strict=True)] == [0, 0, 0]


async def test_an_address_that_the_app_does_not_have_is_no_failure_of_ours(play: Play) -> None:
    page = """<button onclick="this.textContent = 'Saved'">Save</button>"""
    trajectory = await play(page, {"do": "goto", "url": "/nowhere"}, click("Save", {"text": "Saved"}))
    assert [step.outcome for step in trajectory.steps] == ["no_effect", "done"]
    assert "the app answers /nowhere with 404" in trajectory.steps[0].reason
    assert not trajectory.driver_error


async def test_a_page_of_which_something_never_loads_can_be_used(
    open_page: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(act, "_LOAD_TIMEOUT", 1000)
    page = """<button onclick="this.textContent = 'Saved'">Save</button>
      <script>if (location.search) document.write("<p>Statistics<img src='/chart.png'>")</script>"""
    session = await open_page(page)
    assert session.page is not None

    async def never(route: Route) -> None:
        """As a server that has locked itself."""

    await session.page.route("**/chart.png", never)
    steps = [{"do": "goto", "url": "?stats", "expect": [{"text": "Statistics"}]}, click("Save", {"text": "Saved"})]
    scenario = Scenario.model_validate({"id": "test", "steps": steps})
    trajectory = await Replay().drive(session, TASK, scenario, tmp_path)
    assert [step.outcome for step in trajectory.steps] == ["done", "done"], trajectory.steps
    assert not trajectory.driver_error


@pytest.mark.parametrize(
    ("does", "outcome"),
    [
        ("fetch('https://api.example.invalid/prices')", "done"),
        ("fetch('https://api.example.invalid/prices'); null.total", "no_effect"),
    ],
)
async def test_what_the_closed_network_causes_is_no_error_of_the_app(play: Play, does: str, outcome: str) -> None:
    page = f"""<button onclick="this.textContent = 'Asked'; {does}">Ask</button>"""
    trajectory = await play(page, click("Ask", {"text": "Asked"}, {"no_errors": True}, timeout=500))
    assert trajectory.steps[0].outcome == outcome, trajectory.steps[0].reason


ENTRY = """<input aria-label="Task" onkeydown="{}"><button onclick="{}">Add</button><ul></ul>"""
ADD = "const item = document.createElement('li'); item.textContent = document.querySelector('input').value; \
document.querySelector('ul').append(item)"


@pytest.mark.parametrize(
    ("key", "button", "outcome"),
    [("", "", "no_effect"), (f"if (event.key === 'Enter') {{ {ADD} }}", "", "done"), ("", ADD, "done")],
    ids=["nothing takes it", "Enter takes it and leaves it standing", "the button takes it"],
)
async def test_what_only_stands_where_it_was_entered_was_not_taken(
    play: Play, key: str, button: str, outcome: str
) -> None:
    fill = {"do": "fill", "intent": "enter a task", "target": {"label": "Task"}, "value": "Buy milk"}
    trajectory = await play(
        ENTRY.format(key, button),
        {**fill, "expect": [{"text": "Buy milk"}]},
        {"do": "press", "intent": "add the task", "key": "Enter", "expect": [{"text": "Buy milk"}], "timeout": 300},
    )
    assert [step.outcome for step in trajectory.steps] == ["done", outcome]
    assert ("nothing took notice" in trajectory.steps[1].detail) == (not key)


HOVERED = {
    "a row's button": """<style>.del { display: none } li:hover .del { display: inline }</style><ul>
      <li><span>Tea</span> <button class="del" onclick="this.parentElement.remove()">Delete</button></li>
      <li><span>Milk</span> <button class="del" onclick="this.parentElement.remove()">Delete</button></li></ul>""",
    "what cannot be pointed at": """<style>.del { visibility: hidden; pointer-events: none }
      .row:hover > .del { visibility: visible; pointer-events: auto }</style><div>
      <div class="row"><b>Tea</b> <button class="del" onclick="this.parentElement.remove()">Delete</button></div>
      <div class="row"><b>Milk</b> <button class="del" onclick="this.parentElement.remove()">Delete</button></div>
      </div>""",
    "what a script shows": """<ul></ul><script>for (const name of ["Tea", "Milk"]) {
      const row = document.querySelector("ul").appendChild(document.createElement("li"));
      row.textContent = name;
      row.onmouseenter = () => {
        row.innerHTML += "<button>Delete</button>";
        row.lastChild.onclick = () => row.remove(); };
      row.onmouseleave = () => row.lastChild.remove(); }</script>""",
}


@pytest.mark.parametrize("page", HOVERED.values(), ids=HOVERED.keys())
async def test_what_shows_itself_under_the_pointer_is_used(play: Play, page: str) -> None:
    step = click("Delete", {"no_text": "Milk"}, {"text": "Tea"}, intent="delete the item Milk")
    target = {"role": "button", "name": "Delete", "near": "Milk"}
    trajectory = await play(page, {**step, "target": target}, config=HASTY)
    assert trajectory.steps[0].outcome == "done", trajectory.steps[0].reason


async def test_what_does_not_show_itself_is_not_found(play: Play) -> None:
    trajectory = await play(HOVERED["a row's button"], click("Archive"), config=HASTY)
    assert trajectory.steps[0].outcome == "not_found"

"""A person uses the recorder's browser; what was recorded is then replayed on the same program."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from playwright.async_api import Page

from agent_judge.drive.record import Recorder, until_left
from agent_judge.drive.record_events import parse_recording, recorded_event, standalone_script
from agent_judge.drive.record_steps import scenario_from_recording
from agent_judge.drive.replay import Replay
from agent_judge.errors import BadInput
from agent_judge.launch.own_world import ask
from agent_judge.protocols import Session
from agent_judge.read.scenario import load_scenario
from agent_judge.read.write_scenario import scenario_yaml
from agent_judge.schema import Scenario, Task

Open = Callable[[str], Awaitable[Session]]
Person = Callable[[Page], Awaitable[None]]
Record = Callable[[str, Person], Awaitable[Scenario]]


@pytest.fixture
def record(open_page: Open, tmp_path: Path) -> Record:
    """Records what a person does on a page, and gives the scenario as its file says it."""

    async def recorded(page: str, person: Person) -> Scenario:
        session = await open_page(page)
        assert session.page
        recorder = Recorder(session.page)
        await recorder.start()
        await person(session.page)
        await session.page.evaluate("0")  # What was told before is here now.
        file = tmp_path / "recorded.yaml"
        file.write_text(scenario_yaml(recorder.scenario("recorded").scenario), encoding="utf-8")
        return load_scenario(file)

    return recorded


async def replayed(scenario: Scenario, open_page: Open, page: str, folder: Path) -> Session:
    session = await open_page(page)
    trajectory = await Replay().drive(session, Task(id="t", instruction=""), scenario, folder)
    assert [(step.detail, step.outcome, step.reason) for step in trajectory.steps if step.outcome != "done"] == []
    return session


async def shown(session: Session, selector: str) -> str:
    assert session.page
    return await session.page.inner_text(selector)


async def test_typing_is_one_fill_and_a_button_of_a_row_is_known_by_its_row(
    record: Record, open_page: Open, tmp_path: Path
) -> None:
    async def person(page: Page) -> None:
        await page.mouse.click(220, 85)
        await page.click("#what")
        await page.keyboard.type("Brad")
        await page.keyboard.press("Backspace")
        await page.keyboard.press("Backspace")
        await page.keyboard.type("ead")
        await page.keyboard.press("Enter")
        await page.keyboard.type("Milk")
        await page.click("text=Add")
        await page.click("li:nth-child(1) button svg")

    scenario = await record("record.html", person)
    assert [(step.do, step.value or step.key) for step in scenario.steps][-5:] == [
        ("fill", "Bread"), ("press", "Enter"), ("fill", "Milk"), ("click", None), ("click", None),
    ]  # fmt: skip
    field, remove = scenario.steps[-5].target, scenario.steps[-1].target
    assert field
    assert remove
    assert (field.role, field.name, field.label, field.placeholder) == (
        "textbox", "What to buy", "What to buy", "Milk, bread ...",
    )  # fmt: skip
    assert field.selectors[0] == "#what"
    assert field.box
    assert field.box.width > 50
    assert (remove.role, remove.name, remove.near) == ("button", "Remove", "Bread")
    session = await replayed(scenario, open_page, "record.html", tmp_path)
    assert await shown(session, "#list") == "Milk"


async def test_choices_ticks_passwords_and_double_clicks_are_what_the_person_meant(
    record: Record, open_page: Open, tmp_path: Path
) -> None:
    async def person(page: Page) -> None:
        await page.focus("#shop")
        await page.keyboard.press("ArrowDown")
        await page.click("text=Organic only")
        await page.click("text=Card")
        await page.click("#code")
        await page.keyboard.type("secret7")
        await page.dblclick("#title")
        await page.click("#box")

    scenario = await record("record.html", person)
    assert [(step.do, step.value) for step in scenario.steps] == [
        ("select", "Corner shop"), ("check", None), ("check", None), ("fill", "•••••••"), ("dblclick", None),
        ("check", None),
    ]  # fmt: skip
    assert "secret" not in scenario_yaml(scenario)
    session = await replayed(scenario, open_page, "record.html", tmp_path)
    assert session.page
    assert await session.page.input_value("#shop") == "c"
    assert await session.page.is_checked("#bio")
    assert await session.page.is_checked("[value=card]")
    assert await session.page.get_attribute("#box", "aria-checked") == "true"
    assert "renamed" in await shown(session, "#log")


async def test_scrolling_is_one_step_and_the_keyboard_can_do_it_all(
    record: Record, open_page: Open, tmp_path: Path
) -> None:
    async def person(page: Page) -> None:
        await page.mouse.move(400, 300)
        await page.mouse.wheel(0, 200)
        await page.wait_for_function("scrollY >= 200")
        await page.mouse.wheel(0, 300)
        await page.wait_for_function("scrollY >= 500")
        await page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
        await page.focus("#far")
        await page.keyboard.press("Enter")

    scenario = await record("record.html", person)
    assert [step.do for step in scenario.steps] == ["scroll", "click"]
    assert scenario.steps[0].by == (0, 500)
    session = await replayed(scenario, open_page, "record.html", tmp_path)
    assert "finished" in await shown(session, "#log")


async def test_a_game_keeps_its_keys_and_how_long_they_are_held(
    record: Record, open_page: Open, tmp_path: Path
) -> None:
    async def person(page: Page) -> None:
        await page.keyboard.down("ArrowRight")
        await page.evaluate("new Promise((done) => setTimeout(done, 300))")
        await page.keyboard.up("ArrowRight")
        await page.keyboard.press("Space")
        await page.mouse.click(100, 100)

    scenario = await record(GAME, person)
    assert [(step.do, step.key) for step in scenario.steps] == [
        ("press", "ArrowRight"), ("press", "Space"), ("click", None),
    ]  # fmt: skip
    assert scenario.steps[0].hold >= 290
    assert scenario.steps[2].at
    session = await replayed(scenario, open_page, GAME, tmp_path)
    assert session.page
    assert await session.page.title() == "ArrowRight, ,click 100 100"


async def test_keys_of_a_game_that_are_held_at_the_same_time_are_chords(
    record: Record, open_page: Open, tmp_path: Path
) -> None:
    async def person(page: Page) -> None:
        async def wait(ms: int) -> None:
            await page.evaluate("(ms) => new Promise((done) => setTimeout(done, ms))", ms)

        await page.keyboard.down("ArrowRight")
        await wait(300)
        await page.keyboard.down("Space")
        await wait(150)
        await page.keyboard.up("Space")
        await wait(200)
        await page.keyboard.up("ArrowRight")
        await page.keyboard.press("ArrowUp")

    scenario = await record(GAME, person)
    assert [step.key for step in scenario.steps] == ["ArrowRight", "ArrowRight+Space", "ArrowRight", "ArrowUp"]
    assert all(step.hold // 100 >= least for step, least in zip(scenario.steps, (3, 1, 2, 0), strict=True))
    session = await replayed(scenario, open_page, GAME, tmp_path)
    assert session.page
    assert await session.page.title() == "ArrowRight,ArrowRight, ,ArrowRight,ArrowUp"


async def test_dragging_a_card_is_recorded_with_where_it_went(record: Record, open_page: Open, tmp_path: Path) -> None:
    async def person(page: Page) -> None:
        await page.drag_and_drop("text=Write", "#done")

    scenario = await record(BOARD, person)
    (drag,) = scenario.steps
    assert drag.target
    assert drag.to
    assert drag.target.text == "Write"
    session = await replayed(scenario, open_page, BOARD, tmp_path)
    assert "Write" in await shown(session, "#done")


async def test_a_reload_by_the_person_is_a_step_and_the_recording_goes_on(record: Record) -> None:
    async def person(page: Page) -> None:
        await page.click("#far")
        await page.reload()
        async with asyncio.timeout(10):  # A person takes a moment, too.
            while not await ask(page, "() => Boolean(globalThis[Symbol.for('agent-judge')].recorded)"):
                pass
        await page.click("text=Add")

    scenario = await record("record.html", person)
    assert [step.do for step in scenario.steps] == ["click", "goto", "click"]


async def test_recording_ends_when_the_window_is_closed(open_page: Open) -> None:
    session = await open_page("record.html")
    assert session.page
    waiting = asyncio.create_task(until_left(session, asyncio.Event()))
    await asyncio.sleep(0)
    await session.page.close()
    assert await asyncio.wait_for(waiting, 20) == ""


async def test_a_page_that_tells_lies_is_not_believed(record: Record) -> None:
    async def person(page: Page) -> None:
        assert await page.evaluate("Object.getOwnPropertyNames(window).filter((name) => /judge/i.test(name))") == []
        await page.evaluate("""console.debug('tell {"type": "fill", "time": 1, "value": "a lie"}')""")
        await page.click("#far")

    assert [step.do for step in (await record("record.html", person)).steps] == ["click"]


async def test_the_script_posts_events_from_a_frame_to_the_page_around_it(open_page: Open) -> None:
    inner = "<button onclick='this.remove()'>Start</button>"
    session = await open_page(AROUND.replace("INNER", inner.replace("'", "&quot;")))
    assert session.page
    frame = session.page.frames[1]
    await frame.evaluate(standalone_script())
    await frame.click("text=Start")
    await session.page.wait_for_function("told.some((event) => event.type === 'click')")
    events = parse_recording(await session.page.evaluate("JSON.stringify(told)"), "told.json")
    (click,) = scenario_from_recording(events, "told.json").scenario.steps
    assert click.target
    assert (click.do, click.target.role, click.target.name) == ("click", "button", "Start")


def test_what_is_no_recording_is_refused_in_one_line() -> None:
    for text in ('{"type": "click"', '[{"type": "click", "time": 1}]', '[{"type": "leap", "time": 1}]'):
        with pytest.raises(BadInput) as refused:
            parse_recording(text, "told.json")
        assert str(refused.value).startswith("told.json")
        assert "\n" not in str(refused.value)
    with pytest.raises(BadInput, match="nothing that can be replayed"):
        scenario_from_recording([recorded_event({"type": "load", "time": 1, "width": 800, "height": 600})], "x")


GAME = """<!DOCTYPE html><title></title><body style="margin:0"><canvas width="400" height="300"></canvas><script>
const did = [];
const note = (what) => { did.push(what); document.title = did.join(); };
addEventListener("keydown", (event) => { if (!event.repeat) note(event.key); });
document.querySelector("canvas").onclick = (event) => note(`click ${event.offsetX} ${event.offsetY}`);
</script></body>"""

BOARD = """<!DOCTYPE html><style>section { width: 200px; height: 200px; float: left; border: 1px solid; }</style>
<section id="open"><h2>Open</h2><p draggable="true" id="card">Write</p></section>
<section id="done"><h2>Done</h2></section><script>
const done = document.querySelector("#done");
document.querySelector("#card").ondragstart = (event) => event.dataTransfer.setData("text", "card");
done.ondragover = (event) => event.preventDefault();
done.ondrop = (event) => { event.preventDefault(); done.append(document.querySelector("#card")); };
</script>"""

AROUND = """<!DOCTYPE html><script>
const told = [];
addEventListener("message", (message) => { if (message.data.source === "agent-judge") told.push(message.data.event); });
</script><iframe srcdoc="INNER"></iframe>"""


async def test_what_is_recorded_near_a_control_tells_its_entry_from_the_others(
    record: Record, open_page: Open, tmp_path: Path
) -> None:
    async def person(page: Page) -> None:
        await page.click(".mail:nth-child(2) .file")
        await page.click(".mail:nth-child(3) .bin")

    scenario = await record("inbox.html", person)
    targets = [step.target for step in scenario.steps if step.do == "click"]
    assert [target and target.near for target in targets] == ["Change of delivery address", "Offers"]
    session = await replayed(scenario, open_page, "inbox.html", tmp_path)
    assert await shown(session, "#log") == "file Change of delivery address; bin Weekly offers for your office;"

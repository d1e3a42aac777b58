"""Without a scenario, what a page offers is used: all of it, once, and without blaming it for what is no fault."""

from __future__ import annotations

import itertools
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from playwright.async_api import Error

from agent_judge.drive import explore as explore_module
from agent_judge.drive.candidates import Candidate, Collected
from agent_judge.drive.controls import usable_controls
from agent_judge.drive.driver import Driver
from agent_judge.drive.explore import Explore, ExploreConfig
from agent_judge.protocols import Session
from agent_judge.schema import Task, Trajectory

Open = Callable[[str], Awaitable[Session]]
Looked = tuple[Collected, dict[str, Candidate]]
TASK = Task(id="page", instruction="A page")
SIGN_UP = """<label>Email <input id="mail" type="email"></label>
  <label>Plan <select id="plan"><option>Free</option><option>Plus</option></select></label>
  <label><input type="checkbox" id="news"> Newsletter</label>
  <button onclick="p.textContent = [mail.value, plan.value, news.checked].join(' ')">Send</button>
  <button>Does nothing</button>
  <ul><li><button onclick="this.closest('li').remove()">Delete</button></li></ul>
  <a href="https://example.com/">Elsewhere</a><p id="p"></p>"""


async def explore(open_page: Open, folder: Path, page: str, steps: int = 24) -> Trajectory:
    policy = Explore(explore=ExploreConfig(steps=steps, steps_again=steps // 2, patience=300))
    return await policy.drive(await open_page(page), TASK, None, folder)


def blamed(trajectory: Trajectory) -> list[str]:
    return [step.detail for step in trajectory.steps if step.outcome == "no_effect"]


def said(trajectory: Trajectory) -> str:
    return " ".join(error for seen in trajectory.observations for error in seen.errors)


async def test_everything_is_used_with_plausible_values(open_page: Open, tmp_path: Path) -> None:
    trajectory = await explore(open_page, tmp_path, SIGN_UP)
    done = [step.detail for step in trajectory.steps]
    assert any('with "ada@example.com"' in detail for detail in done)
    assert any('"Plus"' in detail for detail in done)
    assert any("ada@example.com Plus true" in seen.text for seen in trajectory.observations)
    assert not any("Elsewhere" in detail for detail in done)
    assert trajectory.exercised == 1.0
    assert not trajectory.driver_error
    assert done.index('click button "Delete"') > done.index('click button "Send"')


async def test_only_a_button_that_never_does_anything_is_blamed(open_page: Open, tmp_path: Path) -> None:
    trajectory = await explore(open_page, tmp_path, SIGN_UP)
    assert blamed(trajectory) == ['click button "Does nothing"']


async def test_it_ends_and_is_the_same_again(open_page: Open, tmp_path: Path) -> None:
    page = "".join(
        f"<button onclick=\"this.textContent += '!'\">Tool {letter}</button>" for letter in "abcdefghijklmnopq"
    )
    first = await explore(open_page, tmp_path, page, steps=8)
    second = await explore(open_page, tmp_path, page, steps=8)
    assert len(first.steps) <= 12
    assert [step.detail for step in first.steps] == [step.detail for step in second.steps]
    assert first.exercised is not None
    assert first.exercised < 1


async def test_a_canvas_is_played_with_keys(open_page: Open, tmp_path: Path) -> None:
    trajectory = await explore(open_page, tmp_path, "game.html")
    assert any("press ArrowRight" in step.detail for step in trajectory.steps)
    assert any(step.change.pixels > 0 for step in trajectory.steps)


async def test_dead_buttons_are_found_wherever_they_are(open_page: Open, tmp_path: Path) -> None:
    page = """<label>Note <input id="t"></label><button>Add note</button>
      <button onclick="d.showModal()">Edit profile</button>
      <dialog id="d"><label>Name <input></label><button>Save</button>
        <button onclick="d.close()">Cancel</button></dialog>
      <ul id="list"><li>Milk <button onclick="list.innerHTML = list.innerHTML">Delete</button></li></ul>
      <div role="tablist"><button role="tab" aria-selected="true">General</button><button role="tab">Privacy</button>
      </div>"""
    trajectory = await explore(open_page, tmp_path, page)
    names = {detail.split('"')[1] for detail in blamed(trajectory)}
    assert names == {"Add note", "Save", "Delete", "Privacy"}


async def test_what_cannot_be_seen_is_no_fault(open_page: Open, tmp_path: Path) -> None:
    page = """<form><label>Code <input required pattern="z+"></label><button>Send</button></form>
      <button onclick="navigator.clipboard.writeText('x')">Copy link</button>
      <button onclick="const a = document.createElement('a'); a.href = 'data:,x'; a.download = 'x'; a.click()">Export
      </button><button onclick="const c = new AudioContext(), o = c.createOscillator(); o.connect(c.destination);
        o.start()">Beep</button>
      <button onclick="localStorage.kept = Date.now()">Keep it</button>
      <button onclick="fetch('/log', {method: 'POST'}).catch(() => 0)">Report</button>
      <button onclick="setTimeout(() => { p.textContent = 'late' }, 60000)">Remind me</button>
      <button onclick="alert('Hello')">Greet</button><button disabled>Next step</button><p id="p"></p>
      <button onclick="document.body.requestFullscreen()">Large view</button>"""
    assert blamed(await explore(open_page, tmp_path, page)) == []


async def test_an_answered_question_takes_no_other_answer(open_page: Open, tmp_path: Path) -> None:
    answers = "".join(f"<button onclick='answer(this)'>{city}</button>" for city in ("Paris", "Rome", "Bern", "Oslo"))
    page = f"""<style>button {{ width: 200px }}</style><p id="p">Which is the capital of Italy?</p><div>{answers}</div>
      <script>let given; const answer = (one) => {{ if (!given) p.textContent = given = one.textContent }}</script>"""
    assert blamed(await explore(open_page, tmp_path, page)) == []


async def test_buttons_are_used_again_to_see_what_breaks_with_use(open_page: Open, tmp_path: Path) -> None:
    page = """<button onclick="n.textContent = +n.textContent + 1; if (n.textContent > 1) tally.push(n)">Count</button>
      <button onclick="n.textContent = 0">Reset</button><p id="n">0</p>"""
    assert "tally is not defined" in said(await explore(open_page, tmp_path, page))


async def test_entries_are_taken_away_until_none_is_left(open_page: Open, tmp_path: Path) -> None:
    page = """<ul id="list"></ul><script>let all = ["Milk", "Bread", "Eggs"];
      const show = () => { list.innerHTML = "";
        for (const one of all) list.innerHTML += `<li>${one} <button onclick="drop('${one}')">Delete</button></li>`;
        document.title = all[0].length; };
      const drop = (one) => { all = all.filter((other) => other !== one); show(); };
      show();</script>"""
    assert "reading 'length'" in said(await explore(open_page, tmp_path, page))


async def test_a_crash_ends_it(open_page: Open, tmp_path: Path) -> None:
    page = "<h1>Shop</h1><button onclick=\"document.body.innerHTML = ''; throw Error('gone')\">Pay</button>"
    trajectory = await explore(open_page, tmp_path, page)
    assert trajectory.steps[-1].outcome == "crashed"


@pytest.mark.parametrize("looks", [2, 5], ids=["while all is used", "while it is used again"])
async def test_an_app_that_dies_while_nothing_is_done_to_it_has_crashed(
    open_page: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, looks: int
) -> None:
    monkeypatch.setattr(explore_module, "usable_controls", after(looks, lambda driver: driver.page.close()))
    page = "<button onclick=\"p.textContent += 'x'\">A</button><button>B</button><button>C</button><p id=p></p>"
    trajectory = await explore(open_page, tmp_path, page)
    assert trajectory.steps[-1].outcome == "crashed", trajectory.steps
    assert trajectory.steps[-1].reason == "the page closed itself"
    assert trajectory.driver_error == ""


async def test_a_look_that_fails_is_our_own_failure(
    open_page: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(_: Driver) -> None:
        raise Error("Timeout 5000ms exceeded.")

    monkeypatch.setattr(explore_module, "usable_controls", after(2, fail))
    trajectory = await explore(open_page, tmp_path, "<button>A</button><button>B</button>")
    assert trajectory.driver_error == "Timeout 5000ms exceeded."


def after(looks: int, happens: Callable[[Driver], Awaitable[None]]) -> Callable[[Driver], Awaitable[Looked]]:
    """Looks at the page, where something happens after so many times."""
    left = itertools.count(looks, -1)

    async def look(driver: Driver) -> Looked:
        if next(left) == 0:
            await happens(driver)
        return await usable_controls(driver)

    return look


REDRAWN = """<div id="root"></div><script>
  const state = {name: "", mail: "", list: []};
  function draw() {
    root.innerHTML = `<form onsubmit="return false"><label>Name <input id="n" value="${state.name}"></label>
      <label>Email <input id="m" value="${state.mail}"></label>
      <button id="add" type="button">Add contact</button></form>
      <ul>${state.list.map(entry => `<li>${entry}</li>`).join("")}</ul>`;
    n.oninput = () => { state.name = n.value; draw(); };
    m.oninput = () => { state.mail = m.value; draw(); };
    add.onclick = () => { state.list.push(`${state.name} ${state.mail} ${state.list.length}`); draw(); };
  }
  draw();
</script>"""


async def test_a_page_that_draws_itself_anew_with_every_letter_is_used_to_the_end(
    open_page: Open, tmp_path: Path
) -> None:
    trajectory = await explore(open_page, tmp_path, REDRAWN)
    assert not trajectory.driver_error
    assert [step.detail for step in trajectory.steps].count('click button "Add contact"') > 1
    assert not blamed(trajectory)


COUNTER = """<p>Count: <output id="n">0</output></p>
  <button onclick="n.textContent = +n.textContent + 1">Increase</button>
  <button onclick="{reset}">Reset</button>"""


async def test_a_reset_that_leaves_what_there_is_to_begin_anew_is_blamed(open_page: Open, tmp_path: Path) -> None:
    dead = await explore(open_page, tmp_path, COUNTER.format(reset=""))
    live = await explore(open_page, tmp_path, COUNTER.format(reset="n.textContent = 0"))
    assert (blamed(dead), blamed(live)) == (['click button "Reset"'], [])


async def test_a_reset_with_nothing_to_begin_anew_is_not_blamed(open_page: Open, tmp_path: Path) -> None:
    trajectory = await explore(open_page, tmp_path, '<p>0</p><button onclick="void 0">Reset</button>')
    assert blamed(trajectory) == []


LISTENED = """<div id="box"><p>What is told here is <b>long</b></p><ul id="list"><li data-id="1">Tea</li>
  <li data-id="2">Milk</li></ul></div><p id="said"></p>
  <script>document.getElementById("box").addEventListener("click", () => 1);
  document.getElementById("list").addEventListener("click", (event) => {
    if (event.target.dataset.id === "2") said.textContent = "Milk it is"; });</script>"""


async def test_what_may_only_be_listened_for_is_tried_and_not_blamed(open_page: Open, tmp_path: Path) -> None:
    trajectory = await explore(open_page, tmp_path, LISTENED)
    assert any("Milk it is" in seen.text for seen in trajectory.observations)
    assert blamed(trajectory) == []

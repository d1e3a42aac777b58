"""Without a scenario, what a page offers is used: all of it, once, and without blaming it for what is no fault."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

from agent_judge.drive.explore import Explore, ExploreConfig
from agent_judge.protocols import Session
from agent_judge.schema import Task, Trajectory

Open = Callable[[str], Awaitable[Session]]
TASK = Task(id="page", instruction="A page")
SIGN_UP = """<label>Email <input id="mail" type="email"></label>
  <label>Plan <select id="plan"><option>Free</option><option>Plus</option></select></label>
  <label><input type="checkbox" id="news"> Newsletter</label>
  <button onclick="p.textContent = [mail.value, plan.value, news.checked].join(' ')">Send</button>
  <button>Does nothing</button>
  <ul><li><button onclick="this.closest('li').remove()">Delete</button></li></ul>
  <a href="https://example.com/">Elsewhere</a><p id="p"></p>"""


async def explore(open_page: Open, folder: Path, page: str, steps: int = 24) -> Trajectory:
    policy = Explore(explore=ExploreConfig(steps=steps))
    return await policy.drive(await open_page(page), TASK, None, folder)


async def test_everything_is_used_once_with_plausible_values(open_page: Open, tmp_path: Path) -> None:
    trajectory = await explore(open_page, tmp_path, SIGN_UP)
    done = [step.detail for step in trajectory.steps]
    assert any('with "ada@example.com"' in detail for detail in done)
    assert any('"Plus"' in detail for detail in done)
    assert any("ada@example.com Plus true" in seen.text for seen in trajectory.observations)
    assert not any("Elsewhere" in detail for detail in done)
    assert trajectory.exercised == 1.0
    assert not trajectory.driver_error
    (delete,) = (number for number, detail in enumerate(done) if "Delete" in detail)
    assert delete > max(number for number, detail in enumerate(done) if "Send" in detail)


async def test_only_a_button_that_never_does_anything_is_blamed(open_page: Open, tmp_path: Path) -> None:
    trajectory = await explore(open_page, tmp_path, SIGN_UP)
    blamed = [step.detail for step in trajectory.steps if step.outcome == "no_effect"]
    assert blamed == ['click button "Does nothing"']


async def test_it_ends_and_is_the_same_again(open_page: Open, tmp_path: Path) -> None:
    page = "".join(f"<button onclick=\"this.textContent += '!'\">Tool {letter}</button>" for letter in "abcdefghijkl")
    first = await explore(open_page, tmp_path, page, steps=8)
    second = await explore(open_page, tmp_path, page, steps=8)
    assert len(first.steps) <= 8
    assert [step.detail for step in first.steps] == [step.detail for step in second.steps]
    assert first.exercised is not None
    assert first.exercised < 1


async def test_a_canvas_is_played_with_keys(open_page: Open, tmp_path: Path) -> None:
    trajectory = await explore(open_page, tmp_path, "game.html")
    assert any("press ArrowRight" in step.detail for step in trajectory.steps)
    assert any(step.change.pixels > 0 for step in trajectory.steps)


async def test_a_crash_ends_it(open_page: Open, tmp_path: Path) -> None:
    page = "<h1>Shop</h1><button onclick=\"document.body.innerHTML = ''; throw Error('gone')\">Pay</button>"
    trajectory = await explore(open_page, tmp_path, page)
    assert trajectory.steps[-1].outcome == "crashed"

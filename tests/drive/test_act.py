"""Every action reaches the page as real input, and only what it should do happens."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from agent_judge.drive.act import Hands, NoEffect
from agent_judge.drive.ground import NotFound
from agent_judge.protocols import Session
from agent_judge.schema import StepRecord, Target, Trajectory

Play = Callable[..., Awaitable[Trajectory]]
Open = Callable[[str], Awaitable[Session]]


def said(text: str) -> dict[str, object]:
    return {"text": text}


def names(role: str, name: str) -> dict[str, str]:
    return {"role": role, "name": name}


ACTIONS = {
    "click": [{"do": "click", "target": names("button", "Count 0"), "expect": [said("Count 1")]}],
    "click several times": [
        {"do": "click", "target": names("button", "Count 0"), "times": 3, "expect": [said("Count 3")]}
    ],
    "click at a place": [
        {"do": "click", "target": names("application", "Pad"), "at": {"x": 0.25, "y": 0.5},
         "expect": [said("pressed at 25,50")]}
    ],
    "dblclick": [{"do": "dblclick", "target": names("button", "Double"), "expect": [said("double")]}],
    "hover": [{"do": "hover", "target": names("button", "Hover me"), "expect": [said("Menu shown")]}],
    "fill is heard by key listeners": [
        {"do": "fill", "target": {"label": "Name"}, "value": "Ann", "expect": [said("Hello Ann")]}
    ],
    "fill replaces": [
        {"do": "fill", "target": {"label": "Name"}, "value": "Ann"},
        {"do": "fill", "target": {"label": "Name"}, "value": "Bo", "expect": [{"label": "Name", "value": "Bo"}]},
    ],
    "fill with nothing": [
        {"do": "fill", "target": {"label": "Name"}, "value": "Ann"},
        {"do": "fill", "target": {"label": "Name"}, "value": "", "expect": [{"label": "Name", "value": ""}]},
    ],
    "fill a number": [
        {"do": "fill", "target": {"label": "Age"}, "value": 42, "expect": [{"label": "Age", "value": {"number": 42}}]}
        | {"expect": [{"value": {"label": "Age", "number": 42}}]}
    ],
    "fill a date": [
        {"do": "fill", "target": {"label": "Born"}, "value": "2001-02-03",
         "expect": [{"label": "Born", "value": "2001-02-03"}]}
    ],
    "fill a slider": [{"do": "fill", "target": {"label": "Volume"}, "value": 7, "expect": [said("volume 7")]}],
    "fill lines": [
        {"do": "fill", "target": names("textbox", "Story"), "value": "one\ntwo",
         "expect": [{"value": {"name": "Story", "contains": "one two"}}]}
    ],
    "fill what is editable": [
        {"do": "fill", "target": names("textbox", "Rich"), "value": "bold words", "expect": [said("bold words")]}
    ],
    "type goes on where the text ends": [
        {"do": "fill", "target": {"label": "Name"}, "value": "An"},
        {"do": "type", "value": "na", "expect": [{"label": "Name", "value": "Anna"}]},
    ],
    "press": [{"do": "press", "key": "a", "expect": [said("key a")]}],
    "press a chord": [{"do": "press", "key": "Control+k", "expect": [said("key Control+k")]}],
    "press several times": [
        {"do": "press", "target": {"label": "Age"}, "key": "ArrowUp", "times": 4,
         "expect": [{"value": {"label": "Age", "number": 4}}]}
    ],
    "scroll the page": [{"do": "scroll", "by": [0, 900], "expect": [said("scrolled")]}],
    "scroll an element": [
        {"do": "scroll", "target": names("region", "Scroller"), "by": [0, 50], "expect": [said("inner scroll")]}
    ],
    "scroll into view": [{"do": "scroll", "target": {"text": "Far below"}, "expect": [said("scrolled")]}],
    "drag within an element": [
        {"do": "drag", "target": names("application", "Pad"), "at": {"x": 0.1, "y": 0.2}, "to_at": {"x": 0.9, "y": 0.8},
         "expect": [said("drew from 10,20 to 90,80")]}
    ],
    "select by label": [
        {"do": "select", "target": {"label": "Fruit"}, "value": "Banana",
         "expect": [{"label": "Fruit", "value": "Banana"}]}
    ],
    "select by value": [
        {"do": "select", "target": {"label": "Fruit"}, "value": "b", "expect": [{"label": "Fruit", "value": "Banana"}]}
    ],
    "check and uncheck": [
        {"do": "check", "target": names("checkbox", "Subscribe"),
         "expect": [said("on"), {"checked": names("checkbox", "Subscribe")}]},
        {"do": "uncheck", "target": names("checkbox", "Subscribe"),
         "expect": [said("off"), {"unchecked": names("checkbox", "Subscribe")}]},
    ],
    "check what is checked leaves it so": [
        {"do": "check", "target": names("checkbox", "Subscribe")},
        {"do": "check", "target": names("checkbox", "Subscribe"),
         "expect": [{"checked": names("checkbox", "Subscribe")}]},
    ],
    "check a toggle button": [
        {"do": "check", "target": names("checkbox", "Mute"), "expect": [{"checked": names("checkbox", "Mute")}]}
    ],
    "wait for a while": [{"do": "wait", "ms": 30}],
    "wait for what comes": [{"do": "wait", "expect": [said("Actions")]}],
    "resize": [{"do": "resize", "size": {"width": 500, "height": 400}, "expect": [said("resized to 500")]}],
    "goto": [{"do": "goto", "url": "#part", "expect": [{"url": "#part"}]}],
    "click a link": [{"do": "click", "target": names("link", "Link"), "expect": [said("linked"), {"url": "#part"}]}],
}  # fmt: skip


@pytest.mark.parametrize("steps", ACTIONS.values(), ids=ACTIONS.keys())
async def test_action_does_what_a_person_would(play: Play, steps: list[dict[str, object]]) -> None:
    trajectory = await play("actions.html", *steps)
    assert not trajectory.driver_error
    assert trajectory.completed, [(step.outcome, step.reason) for step in trajectory.steps]


async def test_upload(play: Play, tmp_path: Path) -> None:
    picture = tmp_path / "cat.png"
    picture.write_bytes(b"x")
    step = {"do": "upload", "target": {"label": "Picture"}, "files": [str(picture)], "expect": [said("file cat.png")]}
    assert (await play("actions.html", step)).completed


async def test_upload_of_a_missing_file_is_our_own_failure(play: Play) -> None:
    trajectory = await play("actions.html", {"do": "upload", "target": {"label": "Picture"}, "files": ["no.png"]})
    assert trajectory.steps[0].outcome == "driver_error"
    assert "no such file: no.png" in trajectory.driver_error


async def test_native_drag_and_drop(play: Play) -> None:
    step = {
        "do": "drag", "target": {"text": "Write tests"}, "to": {"role": "region", "name": "Done"},
        "expect": [said("moved to Done")],
    }  # fmt: skip
    trajectory = await play("drag.html", step)
    assert trajectory.completed, trajectory.steps[0].reason


async def test_a_held_key_acts_for_as_long_as_it_is_held(play: Play) -> None:
    trajectory = await play(
        "game.html",
        {"do": "press", "key": "ArrowRight", "hold": 600, "expect": [{"changed": True}]},
        {"do": "press", "key": "ArrowLeft", "expect": [{"no_errors": True}]},
    )
    assert trajectory.completed
    moved = int(trajectory.observations[1].text.split("Distance:")[1].split()[0])
    assert moved >= 55  # 600 ms at 100 pixels a second, and a little for what is pressed and let go
    assert trajectory.steps[0].change.pixels > 0


async def test_a_canvas_is_clicked_at_a_relative_place(play: Play) -> None:
    step = {"do": "click", "target": {"role": "canvas"}, "at": {"x": 0.75, "y": 0.5}, "expect": [said("Distance: 300")]}
    trajectory = await play("game.html", step)
    assert trajectory.completed, trajectory.steps[0].reason


async def test_a_canvas_that_answers_late_has_changed(play: Play) -> None:
    page = """<canvas width="300" height="200"></canvas><script>
      const field = document.querySelector("canvas").getContext("2d");
      addEventListener("keydown", () => setTimeout(() => field.fillRect(0, 0, 150, 200), 800));
    </script>"""
    trajectory = await play(page, {"do": "press", "key": "ArrowRight", "expect": [{"changed": True}]})
    assert trajectory.steps[0].outcome == "done"
    assert trajectory.steps[0].change.pixels > 0


async def test_a_disabled_button_has_no_effect_and_says_so(play: Play) -> None:
    (step,) = await steps_of(play, "actions.html", {"do": "click", "target": names("button", "Disabled")})
    assert (step.outcome, "disabled" in step.reason) == ("no_effect", True)


async def test_what_lies_under_something_else_cannot_be_clicked(play: Play) -> None:
    page = """<button>Buy</button><div id="cover" style="position:fixed;inset:0;background:#0008">Wait</div>"""
    (step,) = await steps_of(play, page, {"do": "click", "target": names("button", "Buy")})
    assert (step.outcome, "#cover lies over it" in step.reason) == ("no_effect", True)


async def test_an_element_that_never_holds_still_is_clicked(play: Play) -> None:
    page = """<style>@keyframes m { to { translate: 200px } }
      button { animation: m 2s linear infinite alternate }</style>
      <button onclick="document.title = this.textContent = 'Caught'">Catch me</button>"""
    (step,) = await steps_of(
        play, page, {"do": "click", "target": names("button", "Catch me"), "expect": [said("Caught")]}
    )
    assert step.outcome == "done", step.reason


async def test_an_element_that_never_holds_still_is_scrolled_to_and_dragged(play: Play) -> None:
    page = """<style>@keyframes m { to { scale: 1.2 } } .card { animation: m 1s linear infinite alternate }</style>
      <div style="height: 2000px"></div>
      <button class="card" draggable="true" ondragstart="p.textContent = 'Taken'">Card</button>
      <p id="p">Nothing</p><div style="height: 2000px"></div>"""
    scrolled, dragged = await steps_of(
        play,
        page,
        {"do": "scroll", "target": names("button", "Card")},
        {"do": "drag", "target": names("button", "Card"), "to_at": {"x": 1, "y": 1}, "expect": [said("Taken")]},
    )
    assert scrolled.outcome == "done", scrolled.reason
    assert dragged.outcome == "done", dragged.reason


@pytest.mark.parametrize("kind", ["checkbox", "radio", "submit"])
async def test_what_takes_no_text_has_no_effect(open_page: Open, kind: str) -> None:
    session = await open_page(f"<input type={kind}>")
    assert session.page is not None

    async def find(_: Target, __: str) -> NotFound:
        return NotFound("nothing else is looked for")

    with pytest.raises(NoEffect, match="does not take 'milk'"):
        await Hands(session.page, session.address, find)._fill(session.page.locator("input"), "milk")


async def test_a_hidden_checkbox_is_checked_through_its_label(play: Play) -> None:
    page = """<style>input { position: absolute; opacity: 0; inset: 0 } label { position: relative; display: block }
      span { position: relative; z-index: 1; background: #eee; padding: 8px } :checked + span { color: green }</style>
      <label><input type="checkbox" onchange="document.title = 'x'"><span>Dark mode</span></label>"""
    (step,) = await steps_of(
        play, page, {"do": "check", "target": names("checkbox", "Dark mode"), "expect": [
            {"checked": names("checkbox", "Dark mode")}]},
    )  # fmt: skip
    assert step.outcome == "done", step.reason


async def test_a_custom_select_is_opened_and_chosen_from(play: Play) -> None:
    page = """<div role="combobox" tabindex="0" aria-label="Colour" onclick="list.hidden = false">Red</div>
      <ul role="listbox" id="list" hidden><li role="option" onclick="document.querySelector('div').textContent='Blue';
      list.hidden = true">Blue</li><li role="option">Green</li></ul>"""
    (step,) = await steps_of(
        play, page, {"do": "select", "target": names("combobox", "Colour"), "value": "Blue", "expect": [
            {"no_element": {"role": "option", "name": "Green"}}, said("Blue")]},
    )  # fmt: skip
    assert step.outcome == "done", step.reason


async def test_an_option_that_is_not_there_has_no_effect(play: Play) -> None:
    (step,) = await steps_of(play, "actions.html", {"do": "select", "target": {"label": "Fruit"}, "value": "Pear"})
    assert (step.outcome, "no option 'Pear'" in step.reason) == ("no_effect", True)


async def test_frames_and_shadow_trees_are_reached(play: Play) -> None:
    page = """<div id="host"></div><script>
      host.attachShadow({mode: 'open'}).innerHTML = '<button>Inner</button><p></p>';
      const [button, paragraph] = host.shadowRoot.children;
      button.onclick = () => paragraph.textContent = 'shadow works';
      </script><iframe srcdoc="<button onclick=&quot;this.textContent='frame works'&quot;>Framed</button>"></iframe>"""
    trajectory = await play(
        page,
        {"do": "click", "target": names("button", "Inner"), "expect": [said("shadow works")]},
        {"do": "click", "target": names("button", "Framed"), "expect": [said("frame works")]},
    )
    assert trajectory.completed, [step.reason for step in trajectory.steps]


async def steps_of(play: Play, page: str, *steps: dict[str, object]) -> tuple[StepRecord, ...]:
    return (await play(page, *steps)).steps

"""The right element is found on pages that the target was not recorded on, and what is not there is not."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from agent_judge.drive.ground import Grounder
from agent_judge.drive.intent import Chosen, choose_for_step
from agent_judge.drive.observe import View
from agent_judge.protocols import Session
from agent_judge.schema import Step

Open = Callable[[str], Awaitable[Session]]

LIST = """<style>.x, .row div { cursor: pointer } .x { width: 20px; height: 20px }</style>
  <h1>Shopping</h1><input placeholder="What is missing?"><div class="x fa-plus" id="plus" onclick="1"></div>
  <div id="rows">
    <div class="row"><div class="x chk" id="c1"></div><span>Buy milk</span>
      <div class="x icon-trash" id="d1"></div></div>
    <div class="row"><div class="x chk" id="c2"></div><span>Call Ann</span>
      <div class="x icon-trash" id="d2"></div></div>
  </div>"""
FORM = """<form><label>E-Mail <input id="mail"></label><p>Passwort<br><input type="password" id="secret"></p>
  <select id="country" aria-label="Land"><option>Kanada</option><option>Japan</option></select>
  <button id="go">Konto erstellen</button><button type="button" id="stop">Abbrechen</button></form>"""
TABLE = """<table><tr><td>Free</td><td><button id="free">Choose</button></td></tr>
  <tr><td>Plus</td><td><button id="plus">Choose</button></td></tr></table>"""
SVG = """<button id="bin"><svg width="20" height="20"><title>Trash</title><path d="M0 0h9"/></svg></button>
  <button id="pen" title="Rename"><svg width="20" height="20"><path d="M0 0h9"/></svg></button>"""


async def ground(session: Session, step: dict[str, Any], entered: tuple[str, ...] = ()) -> tuple[str, str]:
    """The id of the element that is found and what is done to it; nothing where none is found."""
    page = session.page
    assert page is not None
    view = View(page.url, "", "", await page.aria_snapshot(mode="ai", boxes=True))
    grounder = Grounder(page)
    grounder.memory.entered += entered
    chosen = await choose_for_step(grounder, view, Step.model_validate(step))
    if not isinstance(chosen, Chosen):
        return "", ""
    return str(await chosen.found.place.evaluate("element => element.id")), chosen.step.do


FOUND = {
    "an icon by its class": (LIST, {"do": "click", "target": {"role": "button", "name": "Add"}}, "plus"),
    "an icon by what the step is for": (
        LIST, {"do": "click", "intent": "add the item", "target": {"selectors": [".b7"]}}, "plus",
    ),
    "the delete icon of the row": (
        LIST, {"do": "click", "target": {"role": "button", "name": "Delete", "near": "Call Ann"}}, "d2",
    ),
    "the delete icon of the row, named in the target": (
        LIST, {"do": "click", "target": {"role": "button", "name": "Delete Buy milk", "near": "Buy milk"}}, "d1",
    ),
    "a toggle by its row": (
        LIST,
        {"do": "check", "intent": "mark the item Buy milk as done", "target": {"role": "checkbox", "near": "Buy milk"}},
        "c1",
    ),
    "a field in another language": (
        FORM, {"do": "fill", "target": {"label": "Email address"}, "value": "a@b.c"}, "mail",
    ),
    "a field whose label only stands above it": (
        FORM, {"do": "fill", "target": {"role": "textbox", "name": "Password"}, "value": "x"}, "secret",
    ),
    "a list in another language": (
        FORM, {"do": "select", "target": {"role": "combobox", "name": "Country"}, "value": "Japan"}, "country",
    ),
    "a button in another language": (FORM, {"do": "click", "target": {"role": "button", "name": "Sign up"}}, "go"),
    "a button of the same name by its row": (
        TABLE, {"do": "click", "target": {"role": "button", "name": "Choose", "near": "Plus"}}, "plus",
    ),
    "the n-th of the same name": (
        TABLE, {"do": "click", "target": {"role": "button", "name": "Choose", "index": 1}}, "plus",
    ),
    "an icon by the title of its drawing": (
        SVG, {"do": "click", "target": {"role": "button", "name": "Delete"}}, "bin",
    ),
    "an icon by its tooltip": (SVG, {"do": "click", "target": {"role": "button", "name": "Edit"}}, "pen"),
    "by a test id": (
        '<p id="no">x</p><div data-testid="total" id="yes">12</div>',
        {"do": "click", "target": {"test_id": "total"}},
        "yes",
    ),
    "by a selector alone": (FORM, {"do": "click", "target": {"selectors": ["#nothing", "#stop"]}}, "stop"),
}  # fmt: skip


@pytest.mark.parametrize(("page", "step", "element"), FOUND.values(), ids=FOUND.keys())
async def test_found(open_page: Open, page: str, step: dict[str, Any], element: str) -> None:
    assert (await ground(await open_page(page), step))[0] == element


ABSENT = {
    "another action": (LIST, {"do": "click", "target": {"role": "button", "name": "Undo"}}),
    "another field": (FORM, {"do": "fill", "target": {"role": "textbox", "name": "Phone"}, "value": "1"}),
    "a row that is not there": (
        LIST, {"do": "click", "target": {"role": "button", "name": "Delete", "near": "Feed the cat"}},
    ),
    "searching is not entering": (
        LIST,
        {"do": "fill", "intent": "search the items", "target": {"role": "searchbox", "name": "Search"}, "value": "x"},
    ),
    "an opposite": (FORM, {"do": "click", "target": {"role": "button", "name": "Sign out"}}),
    "a place with nothing": (FORM, {"do": "click", "target": {"box": {"x": 700, "y": 500, "width": 20, "height": 20}}}),
}  # fmt: skip


@pytest.mark.parametrize(("page", "step"), ABSENT.values(), ids=ABSENT.keys())
async def test_what_is_not_there_is_not_found(open_page: Open, page: str, step: dict[str, Any]) -> None:
    assert await ground(await open_page(page), step, entered=("Feed the cat",)) == ("", "")


async def test_a_box_means_what_lies_there(open_page: Open) -> None:
    session = await open_page('<canvas id="field" width="300" height="200" style="background: red"></canvas>')
    step = {"do": "click", "target": {"box": {"x": 8, "y": 8, "width": 300, "height": 200}}}
    assert await ground(session, step) == ("field", "click")


async def test_a_choice_of_a_list_is_made_with_radio_buttons(open_page: Open) -> None:
    session = await open_page("""<fieldset><legend>Size</legend><label><input type="radio" name="s" id="s">Small</label>
      <label><input type="radio" name="s" id="l">Large</label></fieldset>""")
    step = {"do": "select", "target": {"role": "combobox", "name": "Choose one"}, "value": "Large"}
    assert await ground(session, step) == ("l", "click")


async def test_a_tab_is_an_option_of_a_list(open_page: Open) -> None:
    session = await open_page("""<select id="view"><option>Everything</option><option>Done</option></select>""")
    assert await ground(session, {"do": "click", "target": {"role": "tab", "name": "Completed"}}) == ("view", "select")


async def test_enter_confirms_where_there_is_no_button(open_page: Open) -> None:
    session = await open_page("""<input id="field" placeholder="Task" value="Buy milk"><p>Nothing yet</p>""")
    step = {"do": "click", "intent": "add the item", "target": {"role": "button", "name": "Add"}}
    assert await ground(session, step, entered=("Buy milk",)) == ("field", "press")


async def test_text_is_double_clicked_where_there_is_no_edit_button(open_page: Open) -> None:
    session = await open_page(
        """<ul><li><p id="text">Buy milk</p><button>Delete</button></li><li><p>Tea</p></li></ul>"""
    )
    step = {
        "do": "click",
        "intent": "change the item",
        "target": {"role": "button", "name": "Edit", "near": "Buy milk"},
    }
    assert await ground(session, step, entered=("Buy milk",)) == ("text", "dblclick")


async def test_only_the_open_dialog_is_acted_on(open_page: Open) -> None:
    session = await open_page("""<button>Save</button><dialog open id="d"><label>Name <input value="Ann"></label>
      <button id="inner">Save person</button></dialog>""")
    step = {"do": "click", "target": {"role": "button", "name": "Save"}}
    assert await ground(session, step) == ("inner", "click")

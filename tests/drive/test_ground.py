"""The right element is found on pages that the target was not recorded on, and what is not there is not."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from agent_judge.drive.candidates import collect
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


DIALOG = """<button id="outer">Save</button><dialog id="d"><label>Name <input value="Ann"></label>
  <button id="inner">Save person</button></dialog><script>document.getElementById("d").{opened}()</script>"""
OVERLAY = """<button id="outer">Save</button>
  <div style="position: fixed; inset: 0; background: #0008"><div role="dialog" style="margin: 99px; background: white">
  <label>Name <input value="Ann"></label><button id="inner">Save person</button></div></div>"""


@pytest.mark.parametrize(
    ("page", "element"),
    [
        (DIALOG.replace("{opened}", "showModal"), "inner"),
        (OVERLAY, "inner"),
        (DIALOG.replace("{opened}", "show"), "outer"),
    ],
    ids=["modal", "covering the page", "beside the page"],
)
async def test_a_dialog_hides_what_it_keeps_from_being_used(open_page: Open, page: str, element: str) -> None:
    step = {"do": "click", "target": {"role": "button", "name": "Save"}}
    assert await ground(await open_page(page), step) == (element, "click")


UNNAMED = {
    "a canvas by its id": (
        """<button>Play</button><canvas id="field"></canvas>""",
        {"do": "click", "target": {"role": "canvas", "selectors": ["#field"]}}, "field",
    ),
    "a drawing surface that is a vector drawing": (
        """<svg id="sheet" width="400" height="300"></svg><button>Pencil</button>""",
        {"do": "drag", "intent": "draw a line with the pen", "to_at": {"x": 0.9, "y": 0.5},
         "target": {"selectors": ["body > canvas:nth-child(1)"]}}, "sheet",
    ),
    "a swatch by its colour": (
        """<style>i { display: inline-block; width: 20px; height: 20px; cursor: pointer }</style>
           <i id="r" style="background: #e53935"></i><i id="b" style="background: #1e88e5"></i>""",
        {"do": "click", "intent": "choose blue", "target": {"role": "radio", "name": "Blue"}}, "b",
    ),
    "the control of the entry that the intent speaks of": (
        """<ul><li>Green tea, $4 <button id="a1">Add</button></li><li>Coffee mug, $9 <button id="a2">Add</button></li>
           </ul>""",
        {"do": "click", "intent": "put Coffee mug into the cart",
         "target": {"role": "button", "name": "Buy", "near": "Articles"}}, "a2",
    ),
    "a wide button with a sign alone": (
        """<div class="send" id="s" onclick="1" style="cursor: pointer; width: 400px; height: 40px"></div>
           <input class="who" placeholder="Name">""",
        {"do": "click", "intent": "send the message", "target": {"role": "button", "name": "Send"}}, "s",
    ),
    "a field that takes words rather than numbers or dates": (
        """<input type="number"><input type="date"><input id="words">""",
        {"do": "fill", "intent": "describe it", "value": "Train ticket", "target": {"role": "textbox"}}, "words",
    ),
    "a field by its id": (
        """<input id="search-cards"><input id="title">""",
        {"do": "fill", "intent": "search the cards", "value": "report",
         "target": {"role": "searchbox", "name": "Search cards"}}, "search-cards",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("page", "step", "element"), UNNAMED.values(), ids=UNNAMED.keys())
async def test_what_is_told_without_a_name_is_found(
    open_page: Open, page: str, step: dict[str, Any], element: str
) -> None:
    assert (await ground(await open_page(page), step))[0] == element


async def test_the_same_control_of_every_entry_is_not_guessed(open_page: Open) -> None:
    session = await open_page("""<ul><li>Tea <button>Delete</button></li><li>Mug <button>Delete</button></li></ul>""")
    step = {"do": "click", "intent": "delete the item", "target": {"role": "button", "name": "Remove"}}
    assert await ground(session, step) == ("", "")


MOVED = """<h2>To do</h2><div class="col"><article draggable="true" id="card"><h3>Write report</h3></article>
  <article draggable="true"><h3>Book room</h3></article></div><h2>In progress</h2><div class="col">Nothing</div>"""


async def test_an_entry_is_dragged_where_a_menu_moved_it(open_page: Open) -> None:
    step = {
        "do": "click",
        "intent": "move the card Write report to the column of what is in progress",
        "target": {"role": "menuitem", "name": "Doing"},
    }
    assert await ground(await open_page(MOVED), step) == ("card", "drag")


async def test_a_menu_moves_an_entry_that_was_dragged(open_page: Open) -> None:
    session = await open_page("""<ul>
      <li>Write report <select aria-label="Column" id="s"><option>To do</option><option>Doing</option></select></li>
      <li>Book room <select aria-label="Column"><option>To do</option><option>Doing</option></select></li></ul>""")
    step = {
        "do": "drag",
        "intent": "move the card Write report to the column of what is in progress",
        "target": {"role": "article", "name": "Write report"},
        "to": {"text": "In progress"},
    }
    assert await ground(session, step) == ("s", "select")


async def test_only_the_dialog_that_asks_can_be_answered(open_page: Open) -> None:
    session = await open_page("""<ul><li>Buy milk <button id="d1">Delete</button></li>
      <li>Call Ann <button id="d2">Delete</button></li></ul>
      <dialog id="ask"><p>Sure?</p><button id="yes">Delete</button><button id="no">Cancel</button></dialog>
      <script>document.getElementById("ask").showModal()</script>""")
    entered = ("Buy milk", "Call Ann")
    confirm = {"do": "click", "intent": "confirm that the item Call Ann is to be deleted", "target": {"text": "Yes"}}
    assert await ground(session, confirm, entered) == ("yes", "click")
    keep = {"do": "click", "intent": "do not delete the item after all", "target": {"role": "button", "name": "No"}}
    assert await ground(session, keep, entered) == ("no", "click")


async def test_what_was_entered_is_confirmed_in_the_form_that_holds_it(open_page: Open) -> None:
    session = await open_page("""<div><p><label>Name <input></label><label>Phone <input></label></p>
      <button id="new">Save contact</button></div>
      <table><tr><td><input value="Ada"></td><td><input value="555 0199"></td>
      <td><button id="done">Done</button><button>Cancel</button></td></tr></table>""")
    step = {
        "do": "click",
        "intent": "save the changed contact",
        "target": {"role": "button", "name": "Save"},
    }
    assert await ground(session, step, entered=("Ada", "555 0199")) == ("done", "click")


MENU = """<ul id="menu"><li id="r" data-cmd="rename">Rename… F2</li><li id="c" data-cmd="clear">Clear…</li></ul>
  <script>document.getElementById("menu").addEventListener("click", (event) => {
    document.title = event.target.closest("[data-cmd]").dataset.cmd; });</script>"""
TREE = """<div id="tree"><div id="all" data-genre="all">All music</div><div id="rock" data-genre="rock">Rock</div></div>
  <script>document.querySelector("#tree").addEventListener("mousedown", () => 1)</script>"""
PAGE = """<div id="s" data-action="save">Save</div><p>Nothing to save</p>
  <script>document.addEventListener("click", () => 1)</script>"""


@pytest.mark.parametrize(
    ("page", "step", "element"),
    [
        (MENU, {"intent": "rename the list", "target": {"role": "button", "name": "Rename"}}, "r"),
        (TREE, {"intent": "show only rock songs", "target": {"role": "button", "name": "Rock"}}, "rock"),
        (PAGE, {"intent": "save the text", "target": {"role": "button", "name": "Save"}}, "s"),
    ],
    ids=["commands", "one of several", "anywhere on the page"],
)
async def test_what_one_listener_serves_is_found_part_by_part(
    open_page: Open, page: str, step: dict[str, Any], element: str
) -> None:
    assert await ground(await open_page(page), {"do": "click", **step}) == (element, "click")


async def test_a_listener_that_was_removed_is_forgotten(open_page: Open) -> None:
    session = await open_page("""<p id="word">Rename</p><script>const heard = () => 1;
      for (const first of [false, true]) word.addEventListener("click", heard, first);
      word.removeEventListener("click", heard)</script>""")
    assert session.page
    assert [row["text"] for _, row in (await collect(session.page, [], [])).rows] == ["Rename"]
    await session.page.evaluate("word.removeEventListener('click', heard, { capture: true })")
    assert (await collect(session.page, [], [])).rows == []


PLAIN_DIALOG = """<button id="outer">Delete</button>
  <div style="position: fixed; inset: 0; background: #0008"><div style="margin: 99px; background: white">
  <p>Sure?</p><button id="no">Cancel</button><button id="yes">Delete</button></div></div>"""
BESIDE_BACKDROP = """<button id="outer">Delete</button>
  <div style="position: fixed; inset: 0; background: #0008"></div>
  <div style="position: fixed; left: 99px; top: 99px; background: white">
  <p>Sure?</p><button id="no">Cancel</button><button id="yes">Delete</button></div>"""


@pytest.mark.parametrize("page", [PLAIN_DIALOG, BESIDE_BACKDROP], ids=["on its backdrop", "beside it"])
@pytest.mark.parametrize("said", ["Delete", "Yes"])
async def test_a_dialog_of_plain_elements_hides_what_is_behind_it(open_page: Open, page: str, said: str) -> None:
    step = {"do": "click", "intent": "confirm that it is to be deleted", "target": {"role": "button", "name": said}}
    assert await ground(await open_page(page), step) == ("yes", "click")


async def test_up_is_not_down(open_page: Open) -> None:
    session = await open_page("""<ul><li>Iron Bridge <button id="d1">Down</button></li>
      <li>Blue Harbour <button id="u2">Up</button><button id="d2">Down</button></li></ul>""")
    up = {"do": "click", "target": {"role": "button", "name": "Move up"}}
    second = {**up, "intent": "move Blue Harbour up, before Iron Bridge"}
    first = {**up, "intent": "move Iron Bridge up"}
    assert await ground(session, second) == ("u2", "click")
    assert await ground(session, first) == ("", "")


async def test_the_title_of_a_list_is_no_entry(open_page: Open) -> None:
    session = await open_page("""<h2>Road trip</h2><ul><li>Iron Bridge <button>Remove</button></li></ul>
      <footer><button id="clear">Clear playlist</button></footer>""")
    step = {
        "do": "click",
        "intent": "empty the playlist",
        "target": {"role": "button", "name": "Clear all", "near": "Road trip"},
    }
    assert await ground(session, step, entered=("Road trip",)) == ("clear", "click")


async def test_a_field_is_told_by_the_icon_in_its_frame(open_page: Open) -> None:
    session = await open_page("""<div><i class="icon-search"></i><input id="find"></div>
      <div><i class="icon-pencil"></i><input id="text"></div>""")
    step = {
        "do": "fill",
        "intent": "search the songs",
        "value": "Mara",
        "target": {"role": "searchbox", "name": "Search"},
    }
    assert (await ground(session, step))[0] == "find"


SHELL = """<style>#app { position: fixed; inset: 0; overflow: auto } label input { opacity: 0 }</style>
  <div id="app"><label><input type="checkbox" id="box"><span style="margin-left: -18px">Milk</span></label>
  <p style="height: 2000px"></p><button id="save">Save</button></div>"""
BACKGROUND = """<div style="position: fixed; inset: 0; background: #eef; z-index: -1"></div>
  <p style="height: 2000px">Long</p><button id="save">Save</button>"""
CUSTOM = """<div style="position: fixed; inset: 0"><x-bar></x-bar></div><script>
  customElements.define("x-bar", class extends HTMLElement { constructor() {
    super(); this.attachShadow({ mode: "open" }).innerHTML = "<button id=save>Save</button>"; } })</script>"""
NAMED = """<img name="elementFromPoint"><form><input name="getAttributeNames"><input name="contains">
  <input name="children"></form><button id="save">Save</button>"""


@pytest.mark.parametrize("page", [SHELL, BACKGROUND, CUSTOM, NAMED], ids=["shell", "background", "custom", "named"])
async def test_what_fills_the_page_hides_nothing_that_can_be_used(open_page: Open, page: str) -> None:
    step = {"do": "click", "intent": "save it", "target": {"role": "button", "name": "Store"}}
    assert await ground(await open_page(page), step) == ("save", "click")


async def test_a_box_under_its_mark_can_be_ticked(open_page: Open) -> None:
    step = {"do": "check", "intent": "tick Milk", "target": {"role": "checkbox", "name": "Milk"}}
    assert (await ground(await open_page(SHELL), step))[0] == "box"

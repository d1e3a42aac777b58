"""An element is chosen if it is likely enough among all that is on the page, and by what the other steps tell."""

from __future__ import annotations

from typing import Any, cast

import pytest
from playwright.async_api import Page

from agent_judge.drive.candidates import snapshot_candidates
from agent_judge.drive.ground import Grounder, NotFound, Search
from agent_judge.drive.ground_scenario import meant, plan_of
from agent_judge.drive.intent import Considered
from agent_judge.drive.observe import View
from agent_judge.drive.snapshot import parse_snapshot
from agent_judge.drive.ways import Quest, Way, step_for
from agent_judge.drive.weighing import shares_of, sums
from agent_judge.schema import Step

FORM = """
- main [ref=e1] [box=0,0,800,600]:
  - textbox "Frobnication" [ref=e2] [box=10,10,300,24]: {first}
  - textbox "Wibble" [ref=e3] [box=10,50,300,24]
  - textbox "Email" [ref=e4] [box=10,90,300,24]
  - button "Save" [ref=e5] [box=10,130,80,24]
"""


def considered(
    page: str, steps: list[dict[str, Any]], number: int = 0, entered: tuple[str, ...] = (), before: str = ""
) -> Considered:
    """A step of a scenario on a page, and the page as the step before found it."""
    grounder = Grounder(cast("Page", None))
    every = [Step.model_validate(one) for one in steps]
    grounder.memory.plan, grounder.memory.entered = plan_of(every), list(entered)
    step, wanted, view = every[number], meant(every[number]), View("", "", "", page)
    if before:
        grounder.memory.looks.begin("click", View("", "", "", before))
    grounder.memory.looks.begin(step.do, view)
    candidates = snapshot_candidates(view.tree)
    search = Search(grounder.choose(candidates, wanted), grounder.rank(candidates, wanted), candidates, None)
    quest = Quest(grounder, candidates, step, wanted)
    return Considered(search, quest, None, page, grounder.memory.looks.at(view))


def told(name: str, considered: Considered) -> dict[str, float]:
    """What a fact is for each element, by reference; without those of which it says nothing."""
    evidence = considered.evidence
    facts = zip(evidence.elements, evidence.told(), strict=True)
    return {one.ref: fact[name] for one, fact in facts if fact.get(name)}


def weighed(page: str, steps: list[dict[str, Any]], number: int = 0, entered: tuple[str, ...] = ()) -> Way | NotFound:
    """What one step of a scenario comes to on a page."""
    return considered(page, steps, number, entered).weighed()


def click(name: str, intent: str) -> dict[str, Any]:
    """A click on a button."""
    return {"do": "click", "intent": intent, "target": {"role": "button", "name": name}}


def fill(name: str, intent: str, value: str, top: float) -> dict[str, Any]:
    """Something entered into a field."""
    box = {"x": 10, "y": top, "width": 300, "height": 24}
    return {"do": "fill", "value": value, "intent": intent, "target": {"role": "textbox", "name": name, "box": box}}


def chosen(choice: Way | NotFound) -> str:
    """The chosen element's reference."""
    return "" if isinstance(choice, NotFound) else choice.choice.candidate.ref


def test_not_there_has_a_share_of_the_likelihood() -> None:
    plain = {"fit": 1.0, "same role": 1.0, "interactive": 1.0}
    shares = shares_of(sums([{**plain, "like": 0.9, "strength": 0.9, "serves": 0.9}, {**plain, "like": 0.2}], "click"))
    assert shares[0] > shares[1] > 0
    assert sum(shares) < 1


def test_a_choice_that_fits_well_is_made() -> None:
    page = '- main [ref=e1]:\n  - button "Add note" [ref=e2]\n  - button "Settings" [ref=e3]\n'
    assert chosen(weighed(page, [click("New note", "add a note")])) == "e2"


@pytest.mark.parametrize("name", ["Add filter", "New folder"])
def test_a_choice_that_says_another_thing_is_not_made(name: str) -> None:
    page = f'- main [ref=e1]:\n  - button "{name}" [ref=e2]\n  - button "Settings" [ref=e3]\n'
    choice = weighed(page, [click("Open the editor", "open the form for a new expense")])
    assert isinstance(choice, NotFound)
    assert name in " ".join((choice.reason, *choice.alternatives))


def test_what_ends_a_form_does_not_open_one() -> None:
    page = (
        '- main [ref=e1] [box=0,0,800,600]:\n  - textbox "Description" [ref=e2] [box=10,10,300,24]\n'
        '  - textbox "Amount" [ref=e3] [box=10,40,300,24]\n  - button "Add expense" [ref=e4] [box=10,70,90,24]\n'
    )
    step = click("New expense", "open the form for a new expense")
    assert isinstance(weighed(page, [step]), NotFound)
    alone = '- main [ref=e1]:\n  - button "Add expense" [ref=e4] [box=10,70,90,24]\n  - button "Settings" [ref=e5]\n'
    assert chosen(weighed(alone, [step])) == "e4"


def test_a_button_beside_a_field_for_searching_may_open_a_form() -> None:
    page = (
        '- main [ref=e1] [box=0,0,800,600]:\n  - heading "Notes" [ref=e2]\n'
        '  - textbox "Search notes" [ref=e3] [box=10,10,300,24]\n  - button "New note" [ref=e4] [box=320,10,90,24]\n'
    )
    assert chosen(weighed(page, [click("Add a note", "open the form for a new note")])) == "e4"


def test_the_field_that_is_left_is_meant_however_it_is_called() -> None:
    steps = [
        fill("Title", "enter the title", "Soup", 10),
        fill("Servings", "enter how many people it serves", "a lot", 50),
        fill("E-mail", "enter the email address", "ada@example.org", 90),
    ]
    assert chosen(weighed(FORM.format(first="Soup"), steps, 1, ("Soup",))) == "e3"


def test_a_field_that_holds_what_another_step_entered_is_not_meant() -> None:
    steps = [fill("Title", "enter the title", "Soup", 10), fill("Text", "write the text", "Onions and leeks", 50)]
    choice = weighed(FORM.format(first="Soup"), steps, 1, ("Soup",))
    assert chosen(choice) == "e3" or (isinstance(choice, NotFound) and "Wibble" in choice.alternatives[0]), choice


def test_a_list_that_does_not_offer_a_value_is_not_typed_into() -> None:
    page = (
        '- main [ref=e1]:\n  - combobox "Remark" [ref=e2]:\n    - option "10:00"\n    - option "11:00"\n'
        '  - button "Save" [ref=e3]\n'
    )
    step = fill("Remark", "write a remark", "Please bring water", 10)
    assert isinstance(weighed(page, [step]), NotFound)


@pytest.mark.parametrize("rest", ["", "Text that has little to do with it"], ids=["alone", "by its intent unlikely"])
def test_what_is_named_exactly_as_recorded_needs_no_weighing(rest: str) -> None:
    page = '- main [ref=e1]:\n  - button "Zork" [ref=e2]\n  - textbox "Text" [ref=e3]\n  - button "Save" [ref=e4]\n'
    step = Step.model_validate(click("Zork", rest or "zork"))
    grounder, wanted = Grounder(cast("Page", None)), meant(step)
    candidates = snapshot_candidates(parse_snapshot(page))
    search = Search(grounder.choose(candidates, wanted), grounder.rank(candidates, wanted), candidates, None)
    known = Considered(search, Quest(grounder, candidates, step, wanted), None)
    assert known.beyond_doubt
    assert chosen(known.by_rules()) == "e2"


def test_a_list_is_not_chosen_from_by_a_step_that_means_none_of_its_options() -> None:
    page = '- main [ref=e1]:\n  - combobox "Sort" [ref=e2]:\n    - option "Newest"\n    - option "Oldest"\n'
    quest = quest_for(page, click("Sort", "open the menu"))
    assert step_for(quest, quest.candidates[0]).do == "click"


def test_a_field_is_not_filled_by_a_click_on_something_that_does_not_say_the_value() -> None:
    page = '- main [ref=e1]:\n  - button "4 stars" [ref=e2]\n  - button "Clear" [ref=e3]\n'
    quest = quest_for(page, fill("Rating", "rate it", "4", 10))
    stars, clear = (next(one for one in quest.candidates if one.ref == ref) for ref in ("e2", "e3"))
    assert step_for(quest, stars).do == "click"
    assert step_for(quest, clear).do == "fill"


def quest_for(page: str, step: dict[str, Any]) -> Quest:
    """A step on a page."""
    wanted = Step.model_validate(step)
    candidates = snapshot_candidates(parse_snapshot(page))
    return Quest(Grounder(cast("Page", None)), candidates, wanted, meant(wanted))


def test_the_only_field_of_a_page_is_meant_whatever_it_is_called() -> None:
    page = (
        '- main [ref=e1] [box=0,0,800,600]:\n  - textbox "Write something down" [ref=e2] [box=10,10,300,24]\n'
        '  - button "Note it down" [ref=e3] [box=320,10,30,24]\n'
        '  - combobox "Which notes" [ref=e4] [box=10,50,90,24]:\n    - option "Everything"\n    - option "Finished"\n'
    )
    assert chosen(weighed(page, [fill("New task", "enter a task", "Post the letter", 10)])) == "e2"


ASKED = """
- main [ref=e1] [box=0,0,800,600]:
  - button "Empty" [ref=e2] [box=10,10,80,24]
  - button "Sort" [ref=e3] [box=10,50,80,24]
  - text: All of it?
  - button "Do so" [ref=e4] [box=10,90,80,24]
  - button "Cancel" [ref=e5] [box=100,90,80,24]
"""


def test_what_the_step_before_opened_is_told_as_new() -> None:
    before = "\n".join(ASKED.splitlines()[:4])
    step = click("Yes", "confirm that the list is to be emptied")

    assert told("new after pushing", considered(ASKED, [step], before=before)) == {"e4": 1, "e5": 1}
    assert told("new", considered(ASKED, [step], before=ASKED)) == {}


def test_the_last_answer_is_none_that_declines() -> None:
    before = "\n".join(ASKED.splitlines()[:4])
    step = click("Yes", "confirm that the list is to be emptied")

    assert told("last answer", considered(ASKED, [step], before=before)) == {"e4": 1}


def test_what_stands_beside_a_title_belongs_to_no_entry_of_a_list() -> None:
    page = """
- main [ref=e1] [box=0,0,800,600]:
  - generic [ref=e2] [box=0,0,800,30]:
    - text: Road trip
    - button "Empty" [ref=e3] [box=10,10,80,24]
  - list [ref=e4] [box=0,40,800,200]:
    - listitem [ref=e5] [box=0,40,800,24]:
      - text: Iron Bridge
      - button "Remove" [ref=e6] [box=10,40,80,24]
    - listitem [ref=e7] [box=0,70,800,24]:
      - text: Blue Harbour
      - button "Remove" [ref=e8] [box=10,70,80,24]
"""
    found = considered(page, [click("Clear", "empty the list")], entered=("Road trip", "Iron Bridge"))

    assert told("beside an entry alone", found) == {"e3": 1}
    assert set(told("in an entry unasked", found)) >= {"e6"}


TOOLS = """
- main [ref=e1] [box=0,0,800,600]:
  - button "Save" [ref=e2] [box=10,10,80,24]
  - button "Frob" [ref=e3] [box=110,10,80,24]
  - button "Print" [ref=e4] [box=210,10,80,24]
  - textbox "Email" [ref=e5] [box=10,90,300,24]
"""


def test_the_only_control_that_no_other_step_means_is_told() -> None:
    steps = [click("Wibble", "wibble it"), click("Save", "save it"), click("Print", "print it")]
    assert told("left of controls", considered(TOOLS, steps)) == {"e3": 1.0}
    assert told("left of controls", considered(TOOLS, steps[:2])) == {"e3": 0.5, "e4": 0.5}


def test_of_what_the_step_before_brought_up_the_rest_is_told() -> None:
    before = "\n".join(line for line in TOOLS.splitlines() if "Frob" not in line and "Print" not in line)
    steps = [click("Wibble", "wibble it"), click("Print", "print it"), click("Other", "do more")]
    assert told("left of new controls", considered(TOOLS, steps, before=before)) == {"e3": 1.0}


SEARCHED = """
- main [ref=e1] [box=0,0,800,600]:
  - searchbox "Search" [ref=e2] [box=10,10,300,24]: lamp
  - button "All" [ref=e3] [box=320,10,80,24]
  - textbox "Name" [ref=e4] [box=10,90,300,24]: lamp
  - button "Ok" [ref=e5] [box=320,90,80,24]
"""


def test_what_is_searched_for_fills_no_form_and_what_is_saved_ends_one() -> None:
    search = fill("Search", "search for lamp", "lamp", 10)
    go = click("Sent", "go to the sent ones")
    assert told("after the filled", considered(SEARCHED, [search, go], 1, ("lamp",))) == {}
    name = fill("Name", "enter the name", "lamp", 90)
    assert told("after the filled", considered(SEARCHED, [name, go], 1, ("lamp",))) != {}
    find = [search, click("Search", "search for it")]
    assert told("ends form", considered(SEARCHED, find, 1, ("lamp",)))["e3"] == 1
    assert told("ends no form", considered(SEARCHED, find, 1, ("lamp",))) == {}
    saved = [name, click("Ok", "save the name"), go]
    assert told("after the filled", considered(SEARCHED, saved, 2, ("lamp",))) == {}


def test_the_title_of_an_entry_does_nothing_with_it() -> None:
    page = """
- list [ref=e1]:
  - listitem [ref=e2]:
    - button "Weekly offers" [ref=e3]
    - button "Toss" [ref=e4]
  - listitem [ref=e5]:
    - button "Invoice" [ref=e6]
    - button "Toss" [ref=e7]
"""
    step = click("Delete", "delete the message with the weekly offers")
    assert told("only names the entry", considered(page, [step])) == {"e3": 1.0}
    titled = page.replace("Weekly offers", "Change of delivery address")
    described = click("Delete", "delete the message about the change of delivery address")
    assert told("only names the entry", considered(titled, [described])) == {"e3": 1.0}
    opened = click("Open", "open the message with the weekly offers")
    assert told("only names the entry", considered(page, [opened])) == {}

"""Many people's sessions become the few scenarios that they have in common."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from agent_judge.read.formats.imported import Imported, Moment
from agent_judge.read.formats.importing import import_recording
from agent_judge.read.mine import MineConfig, mine
from agent_judge.schema import Scenario

DATA = Path(__file__).parent / "data"
ENTRY = {"role": "textbox", "name": "New item"}
ADD = {"role": "button", "name": "Add"}


def session(
    *steps: dict[str, Any], pauses: dict[int, float] | None = None, fresh: int | None = None, idle: int | None = None
) -> Imported:
    """A session with a second between its steps, more before those in ``pauses``."""
    at, moments = 0.0, []
    for index in range(len(steps)):
        at += (pauses or {}).get(index, 1.0)
        moments.append(Moment(at, effect=index != idle, fresh=index == fresh))
    return Imported(Scenario.model_validate({"id": "raw", "steps": steps}), (), tuple(moments))


def adding(text: str) -> list[dict[str, Any]]:
    return [{"do": "fill", "target": ENTRY, "value": text}, {"do": "click", "target": ADD}]


def completing(text: str) -> list[dict[str, Any]]:
    return [{"do": "check", "target": {"role": "checkbox", "near": text}}]


def told(sessions: list[Imported], **config: Any) -> list[tuple[str, tuple[int, ...]]]:
    found = mine(sessions, "todo", MineConfig(**config))
    return [(" ".join(step.do for step in one.scenario.steps), one.people) for one in found]


def test_people_who_type_other_words_do_the_same() -> None:
    sessions = [session(*adding(text), *completing(text)) for text in ("Buy milk", "Eggs", "Call Ann")]

    assert told(sessions) == [("fill click check", (0, 1, 2))]


def test_what_more_people_did_comes_first() -> None:
    longer = [*adding("c"), *completing("c")]
    sessions = [session(*adding("a")), session(*adding("b")), session(*longer)]

    assert told(sessions) == [("fill click", (0, 1, 2)), ("fill click check", (2,))]
    assert told(sessions, least_people=2) == [("fill click", (0, 1, 2))]
    assert told(sessions, most=1) == [("fill click", (0, 1, 2))]


def test_a_part_of_what_as_many_people_did_is_left_out() -> None:
    whole = [*adding("a"), *completing("a")]

    assert told([session(*whole), session(*whole, *adding("b"), pauses={3: 60.0})]) == [
        ("fill click check", (0, 1)),
    ]


def test_pauses_and_reloads_split_a_session() -> None:
    steps = [*adding("a"), {"do": "press", "key": "ArrowUp"}, {"do": "press", "key": "Enter"}]

    assert [what for what, _ in told([session(*steps, pauses={2: 31.0})])] == ["fill click", "press press"]
    assert [what for what, _ in told([session(*steps, fresh=2)])] == ["fill click", "press press"]
    assert [what for what, _ in told([session(*steps, pauses={2: 29.0})])] == ["fill click press press"]


def test_noise_is_dropped() -> None:
    heading = {"do": "dblclick", "target": {"role": "heading", "name": "To-do"}}
    noisy = [
        {"do": "scroll", "by": [0, 300]},
        *adding("a"),
        heading,
        {"do": "scroll", "by": [0, 40]},
        {"do": "resize", "size": {"width": 500, "height": 500}},
        *completing("a"),
        {"do": "wait", "ms": 900},
    ]

    assert told([session(*noisy, idle=3), session(*adding("b"), *completing("b"))]) == [("fill click check", (0, 1))]


def test_a_click_that_did_something_is_kept() -> None:
    card = {"do": "click", "target": {"name": "Card 1"}}

    assert told([session(card, *adding("a"))]) == [("click fill click", (0,))]


def test_scenarios_are_named_for_what_they_do() -> None:
    (found,) = mine([session(*adding("a"))], "To-do list")

    assert (found.scenario.id, found.scenario.task) == ("to-do-list-1", "To-do list")
    assert found.scenario.title == "fill New item, click Add"


def test_recordings_of_different_tools_are_mined_together() -> None:
    recordings = [
        import_recording(DATA / name) for name in ("rrweb/todo.json", "codegen/todo.jsonl", "codegen/form.jsonl")
    ]

    found = mine(recordings, "mixed")

    assert sorted(person for one in found for person in one.people) == [0, 1, 2]
    assert mine([]) == []

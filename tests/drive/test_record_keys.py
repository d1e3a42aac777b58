"""Keys that go down before others are up: held together, or only one after the other by a quick hand."""

from __future__ import annotations

from typing import Any

from agent_judge.drive.record_events import RecordedEvent
from agent_judge.drive.record_keys import Held, chords, held_together, runs_of
from agent_judge.drive.record_steps import scenario_from_recording


def test_a_quick_hand_holds_nothing_together() -> None:
    keys = [Held("ArrowLeft", 0, 120), Held("ArrowUp", 90, 200)]

    assert list(runs_of(keys)) == [(0, 2)]
    assert not held_together(keys)


def test_keys_one_after_the_other_are_runs_of_their_own() -> None:
    keys = [Held("a", 0, 100), Held("b", 100, 200), Held("c", 150, 160), Held("d", 300, 300)]

    assert list(runs_of(keys)) == [(0, 1), (1, 3), (3, 4)]
    assert list(runs_of([])) == []


def test_a_tap_while_another_key_is_held_is_a_chord_within_it() -> None:
    keys = [Held("ArrowRight", 0, 900), Held("Space", 200, 300), Held("Space", 500, 600)]

    assert held_together(keys)
    assert chords(keys) == [
        ("ArrowRight", 200), ("ArrowRight+Space", 100), ("ArrowRight", 200), ("ArrowRight+Space", 100),
        ("ArrowRight", 300),
    ]  # fmt: skip


def test_two_keys_that_share_a_long_time_are_a_chord_then() -> None:
    keys = [Held("ArrowRight", 0, 600), Held("ArrowUp", 300, 900)]

    assert held_together(keys)
    assert chords(keys) == [("ArrowRight", 300), ("ArrowRight+ArrowUp", 300), ("ArrowUp", 300)]


def test_a_moment_too_short_for_a_game_is_left_out() -> None:
    keys = [Held("ArrowRight", 0, 400), Held("Space", 5, 390)]

    assert chords(keys) == [("ArrowRight+Space", 385)]


def test_no_key_is_lost_however_short_it_was_tapped() -> None:
    keys = [Held("ArrowRight", 0, 900), Held("Space", 200, 200), Held("ArrowUp", 505, 512)]

    assert chords(keys) == [
        ("ArrowRight", 200), ("ArrowRight+Space", 20), ("ArrowRight", 285), ("ArrowRight+ArrowUp", 20),
        ("ArrowRight", 375),
    ]  # fmt: skip


def test_a_pause_begins_when_the_last_key_was_let_go() -> None:
    def event(kind: Any, time: float, key: str, hold: float = 0) -> RecordedEvent:
        return RecordedEvent(type=kind, time=time, key=key, code=key, hold=hold, game=True)

    events = [
        event("keydown", 0, "ArrowRight"), event("keydown", 200, "Space"), event("keyup", 300, "Space", 100),
        event("keyup", 1000, "ArrowRight", 1000), event("keydown", 1050, "ArrowUp"),
        event("keyup", 1100, "ArrowUp", 50), event("keydown", 1600, "ArrowUp"), event("keyup", 1650, "ArrowUp", 50),
    ]  # fmt: skip

    steps = scenario_from_recording(events, "game").scenario.steps

    assert [(step.do, step.key or step.ms, step.hold) for step in steps] == [
        ("press", "ArrowRight", 200), ("press", "ArrowRight+Space", 100), ("press", "ArrowRight", 700),
        ("press", "ArrowUp", 50), ("wait", 500, 0), ("press", "ArrowUp", 50),
    ]  # fmt: skip

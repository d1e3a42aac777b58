"""Colours are called what a person calls them."""

from __future__ import annotations

import pytest

from agent_judge.drive.colours import colour_name


@pytest.mark.parametrize(
    ("colour", "name"),
    [
        ("#e53935", "red"),
        ("#d00", "red"),
        ("rgb(30, 136, 229)", "blue"),
        ("#43a047", "green"),
        ("#fdd835", "yellow"),
        ("#fb8c00", "orange"),
        ("#6d4c41", "brown"),
        ("#800080", "purple"),
        ("#ffc0cb", "pink"),
        ("#000", "black"),
        ("rgba(255, 255, 255, 1)", "white"),
        ("#777777", "gray"),
        ("rgba(0, 0, 0, 0)", ""),
        ("#12345", ""),
        ("inherit", ""),
    ],
)
def test_a_colour_is_named(colour: str, name: str) -> None:
    assert colour_name(colour) == name

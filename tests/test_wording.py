"""Numbers stand with the right word."""

from __future__ import annotations

import pytest

from agent_judge.wording import counted


@pytest.mark.parametrize(
    ("number", "word", "said"),
    [
        (1, "task", "1 task"),
        (0, "task", "0 tasks"),
        (2, "launch", "2 launches"),
        (3, "reply", "3 replies"),
        (2, "key", "2 keys"),
        (2, "more battle", "2 more battles"),
    ],
)
def test_singular_and_plural(number: int, word: str, said: str) -> None:
    assert counted(number, word) == said

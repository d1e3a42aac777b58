"""A choice that is unlikely among all else that is on the page is not made."""

from __future__ import annotations

from typing import cast

import pytest
from playwright.async_api import Page

from agent_judge.drive.candidates import snapshot_candidates
from agent_judge.drive.doubt import likelihoods
from agent_judge.drive.ground import Grounder, NotFound, Search
from agent_judge.drive.ground_scenario import meant
from agent_judge.drive.intent import Considered
from agent_judge.drive.snapshot import parse_snapshot
from agent_judge.drive.ways import Quest
from agent_judge.schema import Step


def considered(page: str, step: Step) -> Considered:
    """What the rules choose for a step."""
    grounder, wanted = Grounder(cast("Page", None)), meant(step)
    candidates = snapshot_candidates(parse_snapshot(page))
    ranked = grounder.rank(candidates, wanted)
    search = Search(grounder.choose(candidates, wanted), ranked, candidates, None)
    return Considered(search, Quest(grounder, candidates, step, wanted), None)


def step(name: str, intent: str) -> Step:
    """A click on a button."""
    return Step.model_validate({"do": "click", "intent": intent, "target": {"role": "button", "name": name}})


def test_not_there_has_a_share_of_the_likelihood() -> None:
    plain = {"fit": 1.0, "same role": 1.0, "interactive": 1.0}
    shares = likelihoods([{**plain, "like": 0.9, "called": 0.9, "serves": 0.9}, {**plain, "like": 0.2}])
    assert shares[0] > shares[1] > 0
    assert sum(shares) < 1


def test_a_choice_that_fits_well_is_made() -> None:
    page = '- main [ref=e1]:\n  - button "Add note" [ref=e2]\n  - button "Settings" [ref=e3]\n'
    made = considered(page, step("New note", "add a note"))
    assert not isinstance(made.choice, NotFound)
    assert made.choice.candidate.ref == "e2"
    assert made.doubt() is None


def test_a_choice_that_is_called_exactly_so_is_beyond_doubt() -> None:
    page = '- main [ref=e1]:\n  - button "Frobnicate" [ref=e2]\n  - button "Settings" [ref=e3]\n'
    assert considered(page, step("Frobnicate", "add a note")).beyond_doubt


@pytest.mark.parametrize("name", ["Add filter", "New folder"])
def test_a_choice_that_says_another_thing_is_doubted(name: str) -> None:
    page = f'- main [ref=e1]:\n  - button "{name}" [ref=e2]\n  - button "Settings" [ref=e3]\n'
    made = considered(page, step("Open the editor", "open the form for a new expense"))
    doubt = made.doubt()
    assert isinstance(made.choice, NotFound) or doubt is not None
    if doubt is not None:
        assert "too doubtful" in doubt.reason
        assert name in doubt.alternatives[0] + doubt.reason

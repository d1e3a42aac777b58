"""The element for a step, and the step's action as this page wants it done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from agent_judge.drive.candidates import Candidate
from agent_judge.drive.doubt import Weighing, least_likelihood, likelihoods
from agent_judge.drive.ground import Found, Grounder, NotFound, Scored, Search, in_words
from agent_judge.drive.ground_scenario import meant
from agent_judge.drive.likeness import Wanted
from agent_judge.drive.observe import View
from agent_judge.drive.similarity import actions_of, read_name
from agent_judge.drive.ways import Quest, Way, beside_field, other_way
from agent_judge.schema import Step

_SURE = 0.75
"""From this score on, other ways are not looked for."""
_EDITS = frozenset(("edit",))
_BEYOND_DOUBT = frozenset(("test_id", "as before", "selector", "box"))
"""What shows an element to be the one without any likeness."""


@dataclass(frozen=True)
class Chosen:
    """The element for a step, and the step as it is done here."""

    found: Found
    step: Step


@dataclass(frozen=True)
class Considered:
    """What the rules choose for a step, before it is doubted."""

    search: Search
    quest: Quest
    way: Way | None

    @property
    def choice(self) -> Scored | NotFound:
        """The element, if any."""
        return self.way.choice if self.way else self.search.choice

    @property
    def beyond_doubt(self) -> bool:
        """Whether the choice is not weighed: the step says too little, or the element is surely the one.

        Another way is taken for how the page is built; likeness says little about it.
        """
        choice = self.choice
        if self.way or isinstance(choice, NotFound) or not self.quest.wanted.purpose:
            return True
        shown = _BEYOND_DOUBT & {*choice.method.split("+")}
        return choice.score >= self.quest.grounder.config.decisive or bool(shown)

    def evidence(self, choice: Scored) -> list[tuple[Candidate, Mapping[str, float]]]:
        """What can be told of a choice, given first, and of the elements that it is weighed against."""
        weighing = Weighing(self.quest.grounder, self.search.candidates, self.quest.wanted, self.quest.just_filled)
        return weighing.evidence(self.search.ranked, choice, by_other_way=self.way is not None)

    def doubt(self) -> NotFound | None:
        """Why the choice is not made after all: weighed against all else that is on the page, it is too unlikely."""
        choice, wanted = self.choice, self.quest.wanted
        if isinstance(choice, NotFound) or self.beyond_doubt:
            return None
        evidence = self.evidence(choice)
        likely = likelihoods([facts for _, facts in evidence])
        if likely[0] >= least_likelihood():
            return None
        shares = sorted(zip(likely, (one.words for one, _ in evidence), strict=True), key=lambda one: -one[0])[:3]
        reason = f"{choice.candidate.words} is too doubtful for {in_words(wanted.target)} ({likely[0]:.2f})"
        return NotFound(reason, tuple(f"{words} {share:.2f}" for share, words in shares))


async def choose_for_step(grounder: Grounder, view: View, step: Step) -> Chosen | NotFound:
    """Finds the element for a step whose target is given, or another way to do what the step intends."""
    considered = await consider(grounder, view, step)
    search, way = considered.search, considered.way
    if doubt := considered.doubt():
        search, way = replace(search, choice=doubt), None
    if way:
        return await _chosen(grounder, search, way.choice, way.step)
    choice = await grounder.settled(search, view, considered.quest.wanted)
    return choice if isinstance(choice, NotFound) else await _chosen(grounder, search, choice, step)


async def consider(grounder: Grounder, view: View, step: Step) -> Considered:
    """Looks for the element of a step, and for other ways to do what it intends where that is not sure."""
    wanted = meant(step)
    search = await grounder.search(view, wanted)
    _remember_editing(grounder, search.candidates, step, wanted)
    least = search.choice.score if isinstance(search.choice, Scored) else 0.0
    quest = Quest(grounder, search.candidates, step, wanted)
    way = other_way(quest, least) if least < _SURE else None
    if way is None and isinstance(search.choice, Scored):
        way = beside_field(quest, search.choice.candidate)
    return Considered(search, quest, way)


def _remember_editing(grounder: Grounder, candidates: Sequence[Candidate], step: Step, wanted: Wanted) -> None:
    """Keeps which entry a step begins to change, for the step that enters what it is changed to."""
    if step.do == "fill" or not candidates:
        return
    named = [unit for text in wanted.namings.values() for unit in read_name(text)]
    edits = any(unit.meanings & _EDITS for unit in (*actions_of(wanted.purpose)[:1], *named))
    grounder.memory.editing = grounder.about(wanted, candidates[0].node.root).text if edits else ""


async def _chosen(grounder: Grounder, search: Search, choice: Scored, step: Step) -> Chosen | NotFound:
    found = await grounder.found(choice, search)
    return Chosen(found, step) if isinstance(found, Found) else found

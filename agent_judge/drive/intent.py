"""The element for a step, and the step's action as this page wants it done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from agent_judge.drive.candidates import Candidate
from agent_judge.drive.dialogs import not_covered
from agent_judge.drive.evidence import Evidence
from agent_judge.drive.ground import Found, Grounder, NotFound, Scored, Search, in_words
from agent_judge.drive.ground_scenario import meant
from agent_judge.drive.lexicon import normalise
from agent_judge.drive.likeness import Wanted
from agent_judge.drive.novelty import Look
from agent_judge.drive.observe import View
from agent_judge.drive.reading import actions_of, read_name
from agent_judge.drive.ways import Quest, Way, beside_field, other_way, step_for
from agent_judge.drive.weighing import weigh
from agent_judge.schema import Step

CHOSEN = "chooser"
"""What found an element that a chooser chose."""
_SURE = 0.75
"""From this score on, other ways are not looked for."""
_EDITS = frozenset(("edit",))
_WORTH_SAYING = 0.01
_TOLD = 3
"""So many elements are told where none is likely enough."""
_BY_PLACE = frozenset(("entry", "drag", "beside"))
"""Other ways to do a step that are told by how the page is built."""
_BEYOND_DOUBT = frozenset(("test_id", "as before"))
"""What shows an element to be the one without any likeness."""


@dataclass(frozen=True)
class Chosen:
    """The element for a step, and the step as it is done here."""

    found: Found
    step: Step


@dataclass(frozen=True)
class Undecided(NotFound):
    """Nothing is likely enough, but something may be meant."""

    options: tuple[Way, ...] = ()
    """What may be meant, likeliest first."""
    search: Search | None = None
    snapshot: str = ""
    """The page that they are on."""


@dataclass(frozen=True)
class Considered:
    """What the rules choose for a step, before it is weighed."""

    search: Search
    quest: Quest
    way: Way | None
    snapshot: str = ""
    look: Look | None = None
    """The page, with what is new on it."""

    @property
    def choice(self) -> Scored | NotFound:
        """The element, if any."""
        return self.way.choice if self.way else self.search.choice

    @property
    def beyond_doubt(self) -> bool:
        """Whether the choice is not weighed: the step says too little, or the element is surely the one."""
        if not self.quest.wanted.purpose or not self.search.candidates:
            return True
        choice = self.choice
        if isinstance(choice, NotFound):
            return False
        return bool(_BEYOND_DOUBT & {*choice.method.split("+")}) or self._called_the_same(choice)

    def _called_the_same(self, choice: Scored) -> bool:
        """Whether the element has the very role and name that were recorded, or is the very choice of a list."""
        wanted, one = self.quest.wanted, choice.candidate
        if choice.score < self.quest.grounder.config.decisive:
            return False
        names = {normalise(text) for where, text in one.names.items() if where != "icon"}
        if self.way:
            return self.quest.step.do == "select" and normalise(wanted.entered) in names
        return wanted.target.role in one.roles and any(normalise(text) in names for text in wanted.called)

    @property
    def evidence(self) -> Evidence:
        """All that can be told of the elements that come into question."""
        quest = self.quest
        return Evidence(quest.grounder, self.search, quest.wanted, self.way, quest.just_filled, self.look)

    def weighed(self) -> Way | NotFound:
        """The element that is likely enough to be the one, and what is done to it; where there is none, why."""
        if self.way and self.way.choice.method in _BY_PLACE:
            return self.way  # It is told by how the page is built, of which the weights know less.
        likely = weigh(self.evidence, None if isinstance(self.choice, NotFound) else self.choice)
        if likely and likely.sure_enough:
            return self._as_done_here(likely.candidate, likely.likelihood)
        if isinstance(self.search.choice, NotFound) and not likely:
            return self.search.choice
        shares = likely.shares if likely else ()
        told = [(one.words, share) for one, share in shares[:_TOLD] if share >= _WORTH_SAYING]
        options = tuple(self._as_done_here(one, share) for one, share in shares[: self.quest.grounder.config.options])
        return Undecided(
            f"nothing fits {in_words(self.quest.wanted.target)}",
            tuple(f"{words} {share:.2f}" for words, share in told),
            options,
            self.search,
            self.snapshot,
        )

    def by_rules(self) -> Way | NotFound:
        """What the rules choose, which is not weighed; where they choose nothing, what may be meant."""
        choice = self.search.choice
        if self.way:
            return self.way
        if isinstance(choice, Scored):
            return Way(choice, self.quest.step)
        likely = [one for one in self.search.ranked if one.score > 0][: self.quest.grounder.config.options]
        if not likely:
            return choice
        options = tuple(Way(one, step_for(self.quest, one.candidate)) for one in likely)
        return Undecided(choice.reason, choice.alternatives, options, self.search, self.snapshot)

    def _as_done_here(self, chosen: Candidate, likelihood: float) -> Way:
        if self.way and self.way.choice.candidate is chosen:
            return self.way
        rule = next((one for one in self.search.ranked if one.candidate is chosen), None)
        score = round(max(likelihood, rule.score if rule else 0.0), 4)
        method = rule.method if rule and rule.method else "weighed"
        return Way(Scored(chosen, score, method), step_for(self.quest, chosen))


async def choose_for_step(grounder: Grounder, view: View, step: Step) -> Chosen | NotFound:
    """Finds the element for a step whose target is given, or another way to do what the step intends."""
    considered = await consider(grounder, view, step)
    way = considered.by_rules() if considered.beyond_doubt else considered.weighed()
    return way if isinstance(way, NotFound) else await _chosen(grounder, considered.search, way)


async def take(grounder: Grounder, undecided: Undecided, number: int) -> Chosen | NotFound:
    """Takes one of the options of a step that was not decided, counted from 0."""
    if undecided.search is None or not 0 <= number < len(undecided.options):
        return undecided
    way = undecided.options[number]
    return await _chosen(grounder, undecided.search, replace(way, choice=replace(way.choice, method=CHOSEN)))


async def consider(grounder: Grounder, view: View, step: Step) -> Considered:
    """Looks for the element of a step, and for other ways to do what it intends where that is not sure."""
    wanted = meant(step)
    search = await grounder.search(view, wanted)
    _remember_editing(grounder, search.candidates, step, wanted)
    least = search.choice.score if isinstance(search.choice, Scored) else 0.0
    quest = Quest(grounder, not_covered(search.candidates), step, wanted)
    way = other_way(quest, least) if least < _SURE else None
    if way is None and isinstance(search.choice, Scored):
        way = beside_field(quest, search.choice.candidate)
    return Considered(search, quest, way, view.snapshot, grounder.memory.looks.at(view))


def _remember_editing(grounder: Grounder, candidates: Sequence[Candidate], step: Step, wanted: Wanted) -> None:
    """Keeps which entry a step begins to change, for the step that enters what it is changed to."""
    if step.do == "fill" or not candidates:
        return
    named = [unit for text in wanted.namings.values() for unit in read_name(text)]
    edits = any(unit.meanings & _EDITS for unit in (*actions_of(wanted.purpose)[:1], *named))
    grounder.memory.editing = grounder.about(wanted, candidates[0].node.root).text if edits else ""


async def _chosen(grounder: Grounder, search: Search, way: Way) -> Chosen | NotFound:
    found = await grounder.found(way.choice, search)
    return Chosen(found, way.step) if isinstance(found, Found) else found

"""From a Target to the element that it means on a page that it has never seen, or an honest "not there".

Every element of the right kind is scored by how alike it is to the target: what it is
called (names, labels, placeholders, titles, icons; by words and by synonyms), how well
its role stands in for the target's, and whether it belongs to the row, card or group
that the target names. The best is taken if it reaches a threshold and leaves the next
one behind by a margin; below that, the target is not found, and nothing is guessed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from playwright.async_api import Page
from pydantic import BaseModel, Field

from agent_judge.drive.candidates import Candidate, Collected, Place, collect, enrich, snapshot_candidates
from agent_judge.drive.dialogs import front_dialog, in_front, not_covered
from agent_judge.drive.entries import About, entry_meant, names_a_part, smallest_holding
from agent_judge.drive.ground_memory import AS_BEFORE, Memory
from agent_judge.drive.ground_scenario import OtherSteps
from agent_judge.drive.lexicon import normalise, says
from agent_judge.drive.likeness import Likeness, Wanted
from agent_judge.drive.lists import twins_of
from agent_judge.drive.nearness import Nearness, repeated
from agent_judge.drive.observe import View
from agent_judge.drive.reading import read_name
from agent_judge.drive.roles import ENTRIES, INTERACTIVE, accepted_roles, role_fit
from agent_judge.drive.snapshot import Node
from agent_judge.drive.structure import (
    CHOICES,
    beside_field,
    ends_form,
    frames,
    overlap,
    rect,
    shows,
)
from agent_judge.schema import Grounding, Target


class GroundConfig(BaseModel):
    """When an element is taken for a target."""

    threshold: float = 0.6
    """Below this score a target is not found."""
    margin: float = 0.04
    """Two elements closer than this fit equally well."""
    decisive: float = 0.93
    """From this score on, the accessibility snapshot alone decides."""
    role_floor: float = 0.6
    """Elements whose role stands in for the target's less than this are not looked at."""
    options: int = Field(6, ge=1)
    """How many elements a chooser is given to choose from, where none is taken."""


@dataclass(frozen=True)
class Scored:
    """How well an element fits a target."""

    candidate: Candidate
    score: float
    method: str
    repeated: bool = False
    """Whether other entries of a list have the same, and nothing says which entry is meant."""


@dataclass(frozen=True)
class Found:
    """The element that a target means."""

    candidate: Candidate
    place: Place
    grounding: Grounding


@dataclass(frozen=True)
class NotFound:
    """Nothing on the page fits, or several things fit equally well."""

    reason: str
    alternatives: tuple[str, ...] = ()


_INSIDE_ENTRY = 0.6
"""A step that is not about an entry hardly means a control that belongs to one."""


@dataclass(frozen=True)
class Search:
    """What looking for a target came to."""

    choice: Scored | NotFound
    ranked: Sequence[Scored]
    candidates: Sequence[Candidate]
    collected: Collected | None
    """The document's own account, where it was asked."""


_ANOTHER_STEPS = 0.5
"""An element that is clearly another step's is hardly this one's."""
_OUTSIDE_FORM = 0.7
_LAST_ENTERED = 3
"""A field may show what was entered last in other words; those before it are beside it."""
_PART_OF_PAGE = 0.5
"""An entry is at most such a part of the page."""
_CONFIRMS_FIELD = 0.6
"""A button beside a field hardly opens another place to enter something."""
_LARGEST_ENTRY = 16
"""An entry of a list has hardly more nodes than this."""
_PLAIN_BUTTON = 0.85
"""A button is ticked only where it is plainly meant."""
_SAME_PLACE = 0.5
_ONLY_ONE = 0.66
_HALF_LIKELY = 0.4
"""The only thing on the page that can be ticked is meant if its name is at least so much alike."""
_OF_A_KIND, _SEVERAL = 0.15, 2
_TOGGLES = frozenset(("checkbox", "switch"))
_CERTAIN = frozenset(("fill",))
"""Actions whose element can be told by there being only one that takes them."""


class Grounder:
    """Finds elements on one page."""

    def __init__(self, page: Page, config: GroundConfig | None = None) -> None:
        self._page = page
        self.config = config or GroundConfig()
        self.memory = Memory()
        self._known_about: tuple[Node, Wanted, tuple[str, ...], About] | None = None
        self._known_entries: tuple[Node, tuple[str, ...], tuple[str, ...]] | None = None

    async def find(self, view: View, wanted: Wanted) -> Found | NotFound:
        """Finds the element that a step means.

        Args:
            view: The page as last seen; its refs must still be good.
            wanted: What to look for, and what will be done to it.
        """
        search = await self.search(view, wanted)
        choice = search.choice
        return choice if isinstance(choice, NotFound) else await self.found(choice, search)

    async def search(self, view: View, wanted: Wanted) -> Search:
        """Looks for the element that a step means; the document is only asked where the snapshot does not decide."""
        if wanted.may_be_decided_by(view.snapshot):
            candidates = snapshot_candidates(view.tree)
            ranked = self.rank(candidates, wanted)
            choice = self._decide(ranked, wanted.target)
            decided = isinstance(choice, Scored) and choice.score >= self.config.decisive
            # Of several that fit, some may lie behind others, which the document alone knows.
            alone = decided and sum(ranked[0].score - one.score < self.config.margin for one in ranked) == 1
            if alone and front_dialog(view.tree, modal=True) is None:
                return Search(choice, ranked, candidates, None)
        candidates, collected = await self.all_candidates(view, wanted)
        ranked = self.rank(candidates, wanted, modal=collected.modal, known=True)
        return Search(self._decide(ranked, wanted.target), ranked, candidates, collected)

    async def all_candidates(self, view: View, wanted: Wanted) -> tuple[list[Candidate], Collected]:
        """The elements of the snapshot with all that the document knows of them, and those that it leaves out."""
        collecting = asyncio.create_task(collect(self._page, wanted.namings.values(), wanted.target.selectors))
        await asyncio.sleep(0)  # The page lists its elements while the snapshot is read here.
        candidates = snapshot_candidates(view.tree)
        collected = await collecting
        return enrich(view.tree, candidates, collected), collected

    async def found(self, choice: Scored, search: Search) -> Found | NotFound:
        """Makes a choice something that can be acted on."""
        place = await self.place(choice.candidate, search.collected)
        if place is None:
            return NotFound("the element went away while it was looked for")
        return Found(choice.candidate, place, _grounding(choice, search.ranked))

    def choose(self, candidates: Sequence[Candidate], wanted: Wanted) -> Scored | NotFound:
        """Decides which candidate a target means, if any."""
        return self._decide(self.rank(candidates, wanted), wanted.target)

    def _decide(self, ranked: Sequence[Scored], target: Target) -> Scored | NotFound:
        alternatives = tuple(f"{one.candidate.words} {one.score:.2f}" for one in ranked[:3] if one.score >= 0.01)
        if not ranked or ranked[0].score < self.config.threshold:
            return NotFound(f"nothing fits {in_words(target)}", alternatives)
        best = ranked[0]
        equals = _without_wrappers([one for one in ranked if best.score - one.score < self.config.margin])
        if len(equals) == 1:
            return equals[0]
        several = NotFound(f"several fit {in_words(target)} equally well", alternatives)
        return self._settle_tie(equals, target) or several

    def rank(
        self, candidates: Sequence[Candidate], wanted: Wanted, *, modal: bool = True, known: bool = False
    ) -> list[Scored]:
        """Scores all candidates that come into question, best first.

        Args:
            candidates: The page's elements.
            wanted: What is looked for.
            modal: Whether an open dialog keeps what is behind it from being used.
            known: Whether the document told that, rather than it being likely.
        """
        if not candidates:
            return []
        original, about = wanted, self.about(wanted, candidates[0].node.root)
        wanted = wanted.about(about.text if about.sure else "", about.besides)
        dialog = front_dialog(candidates[0].node.root, modal=known) if modal else None
        fits = self._fitting(in_front(candidates, modal=known) if modal else not_covered(candidates), wanted)
        target = wanted.target
        if wanted.nameless and not target.near and not target.role:
            return _ranked([_by_place(one, target, fit) for one, fit in fits])
        possible = [one for one, _ in fits]
        nearness = Nearness(possible, about, self.memory.entered) if about.text and fits else None
        if dialog and nearness and not any(dialog.holds(place) for place in nearness.places):
            nearness = None  # A dialog is about the entry that it was opened for, whether it says so or not.
        twins = repeated(possible) if wanted.intent else frozenset()
        names_entry = not wanted.action or self._names_what_was_entered(target)
        others = OtherSteps(self.memory.plan, original, candidates, self.just_filled(candidates))
        scored = []
        for one, fit in fits:
            likeness = self.memory.recall(target, one) or self._edited(one, wanted, others) or wanted.likeness(one)
            score, method = likeness.score, likeness.method
            held = method in ("value", "as before")
            if score and not held and (others.claimed(one) or others.holds_other(one)):
                score *= _ANOTHER_STEPS
            if nearness and score and not (held and others.holds_own(one)):
                score *= nearness.fit(one, has_name=not wanted.nameless)
                method = f"{method}+near" if method else "near"
            known = nearness is not None and (nearness.about_an_entry or (about.sure and nearness.belongs(one)))
            elsewhere = not (known or names_entry) and likeness.method not in ("value", "as before")
            if score and elsewhere and dialog is None and (id(one) in twins or self.in_entry(one)):
                score *= _INSIDE_ENTRY
            if wanted.opens and score and (beside_field(one) or ends_form(one)):
                score *= _CONFIRMS_FIELD
            if score and one.is_arrow and not wanted.steps_number:
                score *= _ANOTHER_STEPS
            if target.role and fit == 1.0:
                method = f"role+{method}" if method else "role"
            score = round(score * fit * (0.97 if one.disabled else 1.0), 4)
            belongs = nearness is not None and nearness.belongs(one)
            scored.append(Scored(one, score, method, repeated=id(one) in twins and not belongs))
        scored = self._kept_in_form(scored, others)
        scored = self._with_what_remains(scored, wanted, nearness, others)
        return _ranked(_nearest_of_equals(scored, nearness) if nearness else scored)

    def just_filled(self, candidates: Sequence[Candidate]) -> Candidate | None:
        """The field that was filled last."""
        held = {normalise(one.node.own_text): one for one in reversed(candidates) if one.is_field}
        last = (normalise(text) for text in reversed(self.memory.entered[-_LAST_ENTERED:]) if text)
        return next((held[text] for text in last if text in held), None)

    def _edited(self, candidate: Candidate, wanted: Wanted, others: OtherSteps) -> Likeness | None:
        """Full likeness for the field that holds the entry which the last step began to change."""
        if others.holds_own(candidate):
            return Likeness(AS_BEFORE, "value")
        if others.holds_other(candidate):
            return None
        held = candidate.node.own_text if candidate.is_field and wanted.action == "fill" else ""
        if not held or not self.memory.editing or not says(held, self.memory.editing) or wanted.contradicts(candidate):
            return None
        return Likeness(AS_BEFORE, "value")

    def _fitting(self, candidates: Sequence[Candidate], wanted: Wanted) -> list[tuple[Candidate, float]]:
        """Candidates of a role that comes into question, and how well it does."""
        accepted = accepted_roles(wanted.action)
        ticks = wanted.action in ("check", "uncheck")
        role, pushes, fills = wanted.role, wanted.pushes, wanted.action == "fill"
        fit_of: dict[tuple[str, ...], float] = {}
        fitting = []
        for one in candidates:
            fit = fit_of.get(one.roles)
            if fit is None:
                usable = accepted is None or any(own in accepted for own in one.roles)
                fit = max(role_fit(role, own) for own in one.roles) if usable else 0.0
                if ticks and one.role == "button":
                    fit *= _PLAIN_BUTTON
                fit_of[one.roles] = fit
            if fills and not one.takes(wanted.value):
                continue
            if fit >= self.config.role_floor and not (pushes and one.holds_controls) and not (fills and one.options):
                fitting.append((one, fit))
        return fitting

    def about(self, wanted: Wanted, root: Node) -> About:
        """The entry or group that a step is about."""
        entered = tuple(self.memory.entered)
        known = self._known_about
        if known is None or known[0] is not root or known[1:3] != (wanted, entered):
            self._known_about = known = (root, wanted, entered, entry_meant(self.memory, wanted, root))
        return known[3]

    def _names_what_was_entered(self, target: Target) -> bool:
        """Whether the target itself is told by the words of an entry: ``checkbox "Buy milk"``."""
        told = (target.name, target.label, target.text, target.title)
        return any(says(text, entered) for text in told if text for entered in self.memory.entered if entered)

    def in_entry(self, candidate: Candidate) -> bool:
        """Whether a candidate belongs to one entry of a list, judged by what was entered in this run."""
        return next(self._parts_with_entries(candidate), None) is not None

    def in_listed_entry(self, candidate: Candidate) -> bool:
        """Whether it does, and the entry is built as one of a list, or has others like it beside it."""
        return any(
            part.role in ENTRIES or next(twins_of(part), None) is not None
            for part in self._parts_with_entries(candidate)
        )

    def _parts_with_entries(self, candidate: Candidate) -> Iterator[Node]:
        """The small parts of the page around a candidate that show something which was entered."""
        entries = self._entries_of(candidate.node.root)
        if not entries:
            return
        around = [candidate.node, *candidate.node.ancestors()][:4] if candidate.in_snapshot else [candidate.node]
        most = min(candidate.node.root.size * _PART_OF_PAGE, _LARGEST_ENTRY)
        yield from (node for node in around if node.size <= most and shows(node, entries))

    def _entries_of(self, root: Node) -> tuple[str, ...]:
        """What was entered in this run, but for what names a part of the page: ``Road trip`` over a list of songs."""
        entered = tuple(text for text in self.memory.entered if text)
        known = self._known_entries
        if known is None or known[0] is not root or known[1] != entered:
            entries = tuple(text for text in entered if not names_a_part(smallest_holding(root, text)))
            self._known_entries = known = (root, entered, entries)
        return known[2]

    def _kept_in_form(self, scored: list[Scored], others: OtherSteps) -> list[Scored]:
        """Where the step before filled a field and the next fits in the same form, does not look outside of it."""
        form = others.form
        inside = [one for one in scored if form and form.holds(one.candidate.node)]
        if form is None or max((one.score for one in inside), default=0.0) < self.config.threshold:
            return scored
        return [
            one if form.holds(one.candidate.node) else replace(one, score=round(one.score * _OUTSIDE_FORM, 4))
            for one in scored
        ]

    def _with_what_remains(
        self, scored: list[Scored], wanted: Wanted, nearness: Nearness | None, others: OtherSteps
    ) -> list[Scored]:
        """Lets an element without a telling name be meant if it is the only one of its kind where it is looked for."""
        if scored and max(one.score for one in scored) >= self.config.threshold:
            return scored
        if left := others.remaining():
            return [replace(one, score=_ONLY_ONE, method="left") if one.candidate is left else one for one in scored]
        only = _only_toggle(scored, wanted) or _choice_that_says(scored, wanted, self.memory)
        if only:
            return [Scored(one.candidate, _ONLY_ONE, "only one") if one is only else one for one in scored]
        toggles = wanted.action in ("check", "uncheck") and nearness is not None and nearness.found
        if wanted.action == "fill" and (first := _first_of_groups(scored)):
            return [replace(one, score=_ONLY_ONE, method="first") if one is first else one for one in scored]
        anything = wanted.action == "fill" or toggles
        kind = [one for one in scored if anything or wanted.target.role in one.candidate.roles]
        if nearness:
            kind = [one for one in kind if nearness.belongs(one.candidate)] or (kind if wanted.action == "fill" else [])
        possible = [one for one in kind if not wanted.contradicts(one.candidate)]
        focused = [one for one in possible if "active" in one.candidate.node.states]
        for rest in (possible, focused):
            if len(rest) == 1 and ((nearness and nearness.about_an_entry) or wanted.action in _CERTAIN):
                only = rest[0]
                return [Scored(one.candidate, _ONLY_ONE, "only one") if one is only else one for one in scored]
        return scored

    def _settle_tie(self, equals: list[Scored], target: Target) -> Scored | None:
        """Decides among elements that fit equally well by what is left: index, selector, place, order."""
        in_order = sorted(equals, key=lambda one: one.candidate.order)
        if target.index is not None:
            return in_order[target.index] if target.index < len(in_order) else None
        by_selector = [one for one in equals if _selected(one.candidate, target)]
        if by_selector:
            return min(by_selector, key=lambda one: one.candidate.selector)
        if all(one.repeated for one in equals):
            return None
        best = max(one.score for one in equals)
        top = [one for one in in_order if one.score == best]
        if len(top) == 1 and best >= self.config.decisive:
            return top[0]
        if target.box:
            box = rect(target.box)
            there = [one for one in top if one.candidate.rect and overlap(one.candidate.rect, box) > _SAME_PLACE]
            if len(there) == 1:
                return there[0]
        return top[0] if all(one.candidate.role == top[0].candidate.role for one in top) else None

    async def place(self, candidate: Candidate, collected: Collected | None) -> Place | None:
        """What Playwright acts on, unless the element went away."""
        if candidate.ref:
            return self._page.get_by_ref(candidate.ref)
        return await collected.handle(candidate) if collected and candidate.index >= 0 else None


def _first_of_groups(scored: Sequence[Scored]) -> Scored | None:
    """The first of several fields that differ only in the group they add to, as the columns of a board have them."""
    best = max((one.score for one in scored), default=0.0)
    likely = [one for one in scored if one.score >= _HALF_LIKELY and best - one.score <= _OF_A_KIND]
    actions = [{unit.word for unit in read_name(one.candidate.name) if unit.kind == "action"} for one in likely]
    if len(likely) < _SEVERAL or not actions[0] or any(words != actions[0] for words in actions):
        return None
    return min(likely, key=lambda one: one.candidate.order)


def _only_toggle(scored: Sequence[Scored], wanted: Wanted) -> Scored | None:
    """The only thing on the page that can be ticked, if its name is at all like the wanted one."""
    toggles = [one for one in scored if any(role in _TOGGLES for role in one.candidate.roles)]
    if wanted.action not in ("check", "uncheck") or wanted.target.role not in _TOGGLES or len(toggles) != 1:
        return None
    return toggles[0] if toggles[0].score >= _HALF_LIKELY else None


def _choice_that_says(scored: Sequence[Scored], wanted: Wanted, memory: Memory) -> Scored | None:
    """The only one of several choices that says what stood near the recorded one: ``Premium, $12 a month``."""
    near = wanted.target.near
    if wanted.target.role not in CHOICES or not near or near in memory.entered:
        return None
    choices = [one for one in scored if any(role in CHOICES for role in one.candidate.roles)]
    saying = [one for one in choices if any(says(name, near) for name in one.candidate.names.values())]
    return saying[0] if len(choices) > 1 and len(saying) == 1 else None


def _selected(candidate: Candidate, target: Target) -> bool:
    """Whether a candidate fits a selector by more than chance: by an id, or at the place where it was recorded."""
    if candidate.selector < 0:
        return False
    if ">" not in target.selectors[candidate.selector] and " " not in target.selectors[candidate.selector]:
        return True
    return bool(target.box and candidate.rect and overlap(candidate.rect, rect(target.box)) > _SAME_PLACE)


def in_words(target: Target) -> str:
    """A target as a person would say it: ``button "Delete" near "Buy milk"``."""
    naming = target.name or target.label or target.text or target.placeholder or target.title or target.test_id
    words = [target.role or ("" if naming else "element"), f'"{naming}"' if naming else ""]
    if target.near:
        words.append(f'near "{target.near}"')
    if not any((target.role, naming, target.near)):
        words.append(f"at {target.selectors[0]}" if target.selectors else "at a place")
    if target.index is not None:
        words.append(f"number {target.index + 1}")
    return " ".join(word for word in words if word)


def _by_place(candidate: Candidate, target: Target, fit: float) -> Scored:
    if candidate.selector >= 0:
        return Scored(candidate, round(0.9 * fit, 4), "selector")
    if target.test_id and candidate.test_id == target.test_id:
        return Scored(candidate, 1.0, "test_id")
    if target.box and candidate.rect and candidate.rect.area:
        box = rect(target.box)
        useful = 1.0 if any(role in INTERACTIVE for role in candidate.roles) else 0.9
        return Scored(candidate, round(overlap(candidate.rect, box) * useful, 4), "box")
    return Scored(candidate, 0.0, "")


def _without_wrappers(equals: list[Scored]) -> list[Scored]:
    """Leaves out elements around another that fits as well: a click on either is the same click."""
    nodes = {id(one.candidate.node) for one in equals}

    def wraps(one: Scored) -> bool:
        if any(frames(one.candidate, other.candidate) for other in equals):
            return True
        if not one.candidate.in_snapshot:
            return False
        inner = one.candidate.node.walk()
        next(inner)
        return any(id(node) in nodes for node in inner) and one.candidate.role not in INTERACTIVE

    return [one for one in equals if not wraps(one)] or equals[:1]


def _nearest_of_equals(scored: list[Scored], nearness: Nearness) -> list[Scored]:
    """Of elements that fit equally well and share the text's group, prefers the one closest to the text."""
    best = max((one.score for one in scored), default=0.0)
    equals = [one for one in scored if best and best - one.score < 0.01 and nearness.belongs(one.candidate)]
    if len(equals) < 2:
        return scored
    least = min(nearness.gap(one.candidate) for one in equals)
    farther = {id(one) for one in equals if nearness.gap(one.candidate) > least}
    return [replace(one, score=round(one.score * 0.9, 4)) if id(one) in farther else one for one in scored]


def _ranked(scored: list[Scored]) -> list[Scored]:
    return sorted(scored, key=lambda one: (-one.score, one.candidate.order))


def _grounding(choice: Scored, ranked: Sequence[Scored]) -> Grounding:
    others = [one for one in ranked if one.candidate is not choice.candidate and one.score > 0][:3]
    return Grounding(
        score=min(choice.score, 1.0),
        method=choice.method,
        element=choice.candidate.words,
        box=choice.candidate.rect.box() if choice.candidate.rect else None,
        alternatives=tuple(f"{one.candidate.words} {one.score:.2f}" for one in others),
    )

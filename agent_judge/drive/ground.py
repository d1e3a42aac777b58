"""From a Target to the element that it means on a page that it has never seen, or an honest "not there".

Every element of the right kind is scored by how alike it is to the target: what it is
called (names, labels, placeholders, titles, icons; by words and by synonyms), how well
its role stands in for the target's, and whether it belongs to the row, card or group
that the target names. The best is taken if it reaches a threshold and leaves the next
one behind by a margin; below that, the target is not found, and nothing is guessed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from playwright.async_api import Page
from pydantic import BaseModel

from agent_judge.drive.candidates import FIELDS, Candidate, Collected, Place, collect, enrich, snapshot_candidates
from agent_judge.drive.likeness import Likeness, Wanted
from agent_judge.drive.nearness import Nearness
from agent_judge.drive.observe import View
from agent_judge.drive.roles import INTERACTIVE, accepted_roles, role_fit
from agent_judge.drive.similarity import normalise, says
from agent_judge.drive.snapshot import Node, Rect
from agent_judge.schema import Box, Grounding, Target


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


@dataclass(frozen=True)
class Scored:
    """How well an element fits a target."""

    candidate: Candidate
    score: float
    method: str


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


@dataclass
class Memory:
    """What earlier steps of the same run taught: the texts that were entered, and which elements targets meant."""

    entered: list[str] = field(default_factory=list)
    _found: dict[str, str] = field(default_factory=dict)

    def remember(self, target: Target, candidate: Candidate) -> None:
        """Keeps which element a target meant."""
        if candidate.ref and not target.near:
            self._found[_identity(target)] = candidate.ref

    def recall(self, target: Target, candidate: Candidate) -> Likeness | None:
        """Full likeness for the element that the same target meant before."""
        if candidate.ref and self._found.get(_identity(target)) == candidate.ref:
            return Likeness(_AS_BEFORE, "as before")
        return None


def _identity(target: Target) -> str:
    return "|".join((target.role, target.name, target.label, target.placeholder, target.text, str(target.index)))


_AS_BEFORE = 0.97
_INSIDE_ENTRY = 0.7
"""A step that is not about an entry hardly means a control that belongs to one."""


@dataclass(frozen=True)
class Search:
    """What looking for a target came to."""

    choice: Scored | NotFound
    ranked: Sequence[Scored]
    candidates: Sequence[Candidate]
    collected: Collected | None
    """The document's own account, where it was asked."""


_PART_OF_PAGE = 0.5
"""An entry is at most such a part of the page."""
_DIALOGS = frozenset(("dialog", "alertdialog"))
_SAME_PLACE = 0.5
_ONLY_ONE = 0.66
_HALF_LIKELY = 0.4
"""The only thing on the page that can be ticked is meant if its name is at least so much alike."""
_TOGGLES = frozenset(("checkbox", "switch"))
_CHOICES = frozenset(("radio", "menuitemradio", "option", "tab"))
_CERTAIN = frozenset(("fill",))
"""Actions whose element can be told by there being only one that takes them."""


class Grounder:
    """Finds elements on one page."""

    def __init__(self, page: Page, config: GroundConfig | None = None) -> None:
        self._page = page
        self.config = config or GroundConfig()
        self.memory = Memory()

    async def find(self, view: View, wanted: Wanted) -> Found | NotFound:
        """Finds the element that a step means.

        Args:
            view: The page as last seen; its refs must still be good.
            wanted: What to look for, and what will be done to it.
        """
        search = await self.search(view, wanted)
        if isinstance(search.choice, NotFound):
            return search.choice
        return await self.found(search.choice, search)

    async def search(self, view: View, wanted: Wanted) -> Search:
        """Looks for the element that a step means; the document is only asked where the snapshot does not decide."""
        candidates = snapshot_candidates(view.tree)
        ranked = self.rank(candidates, wanted)
        choice = self._decide(ranked, wanted.target)
        if isinstance(choice, Scored) and choice.score >= self.config.decisive:
            return Search(choice, ranked, candidates, None)
        candidates, collected = await self.all_candidates(view, candidates, wanted)
        ranked = self.rank(candidates, wanted)
        return Search(self._decide(ranked, wanted.target), ranked, candidates, collected)

    async def all_candidates(
        self, view: View, candidates: list[Candidate], wanted: Wanted
    ) -> tuple[list[Candidate], Collected]:
        """The elements of the snapshot with all that the document knows of them, and those that it leaves out."""
        collected = await collect(self._page, wanted.namings.values(), wanted.target.selectors)
        return enrich(view.tree, candidates, collected), collected

    async def found(self, choice: Scored, search: Search) -> Found | NotFound:
        """Makes a choice something that can be acted on."""
        place = await self._place(choice.candidate, search.collected)
        if place is None:
            return NotFound("the element went away while it was looked for")
        return Found(choice.candidate, place, _grounding(choice, search.ranked))

    def choose(self, candidates: Sequence[Candidate], wanted: Wanted) -> Scored | NotFound:
        """Decides which candidate a target means, if any."""
        return self._decide(self.rank(candidates, wanted), wanted.target)

    def _decide(self, ranked: Sequence[Scored], target: Target) -> Scored | NotFound:
        alternatives = tuple(f"{one.candidate.words} {one.score:.2f}" for one in ranked[:3])
        if not ranked or ranked[0].score < self.config.threshold:
            return NotFound(f"nothing fits {in_words(target)}", alternatives)
        best = ranked[0]
        equals = _without_wrappers([one for one in ranked if best.score - one.score < self.config.margin])
        if len(equals) == 1:
            return equals[0]
        several = NotFound(f"several fit {in_words(target)} equally well", alternatives)
        return self._settle_tie(equals, target) or several

    def rank(self, candidates: Sequence[Candidate], wanted: Wanted) -> list[Scored]:
        """Scores all candidates that come into question, best first."""
        near = self.near(wanted)
        wanted = wanted.about(near)
        fits = self._fitting(in_front(candidates), wanted)
        target = wanted.target
        if wanted.nameless and not target.near and not target.role:
            return _ranked([_by_place(one, target, fit) for one, fit in fits])
        nearness = Nearness([one for one, _ in fits], near, self.memory.entered) if near and fits else None
        scored = []
        for one, fit in fits:
            likeness = self.memory.recall(target, one) or wanted.likeness(one)
            score, method = likeness.score, likeness.method
            if nearness and score:
                score *= nearness.fit(one, has_name=not wanted.nameless)
                method = f"{method}+near" if method else "near"
            about_an_entry = nearness is not None and nearness.about_an_entry
            if score and not about_an_entry and likeness.method not in ("value", "as before") and self._in_entry(one):
                score *= _INSIDE_ENTRY
            if target.role and fit == 1.0:
                method = f"role+{method}" if method else "role"
            scored.append(Scored(one, round(score * fit * (0.97 if one.disabled else 1.0), 4), method))
        scored = self._with_what_remains(scored, wanted, nearness)
        return _ranked(_nearest_of_equals(scored, nearness) if nearness else scored)

    def _fitting(self, candidates: Sequence[Candidate], wanted: Wanted) -> list[tuple[Candidate, float]]:
        """Candidates of a role that comes into question, and how well it does."""
        accepted = accepted_roles(wanted.action)
        role, pushes, fills = wanted.role, wanted.pushes, wanted.action == "fill"
        fit_of: dict[tuple[str, ...], float] = {}
        fitting = []
        for one in candidates:
            fit = fit_of.get(one.roles)
            if fit is None:
                usable = accepted is None or any(own in accepted for own in one.roles)
                fit = max(role_fit(role, own) for own in one.roles) if usable else 0.0
                fit_of[one.roles] = fit
            if fit >= self.config.role_floor and not (pushes and one.holds_controls) and not (fills and one.options):
                fitting.append((one, fit))
        return fitting

    def near(self, wanted: Wanted) -> str:
        """The entry or group that the step is about; a text that was entered before tells best."""
        about = [text for text in self.memory.entered if len(text) > 2 and says(wanted.intent, text)]
        if about and not any(normalise(wanted.target.near) == normalise(text) for text in self.memory.entered):
            return max(about, key=len)
        return wanted.target.near

    def _in_entry(self, candidate: Candidate) -> bool:
        """Whether a candidate belongs to one entry of a list, judged by what was entered in this run."""
        if not self.memory.entered:
            return False
        around = [candidate.node, *candidate.node.ancestors()][:4] if candidate.in_snapshot else [candidate.node]
        most = candidate.node.root.size * _PART_OF_PAGE
        return any(node.size <= most and _shows(node, self.memory.entered) for node in around)

    def _with_what_remains(self, scored: list[Scored], wanted: Wanted, nearness: Nearness | None) -> list[Scored]:
        """Lets an element without a telling name be meant if it is the only one of its kind where it is looked for."""
        if scored and max(one.score for one in scored) >= self.config.threshold:
            return scored
        only = _only_toggle(scored, wanted) or _choice_that_says(scored, wanted, self.memory)
        if only:
            return [Scored(one.candidate, _ONLY_ONE, "only one") if one is only else one for one in scored]
        toggles = wanted.action in ("check", "uncheck") and nearness is not None and nearness.found
        anything = wanted.action == "fill" or toggles
        kind = [one for one in scored if anything or wanted.target.role in one.candidate.roles]
        if nearness:
            kind = [one for one in kind if nearness.belongs(one.candidate)] or (kind if wanted.action == "fill" else [])
        possible = [one for one in kind if not wanted.contradicts(one.candidate)]
        focused = [one for one in possible if "active" in one.candidate.node.states]
        for rest in (possible, focused):
            if len(rest) == 1 and (nearness or wanted.action in _CERTAIN):
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
        best = max(one.score for one in equals)
        top = [one for one in in_order if one.score == best]
        if len(top) == 1 and best >= self.config.decisive:
            return top[0]
        if target.box:
            box = _rect(target.box)
            there = [one for one in top if one.candidate.rect and _overlap(one.candidate.rect, box) > _SAME_PLACE]
            if len(there) == 1:
                return there[0]
        return top[0] if all(one.candidate.role == top[0].candidate.role for one in top) else None

    async def _place(self, candidate: Candidate, collected: Collected | None) -> Place | None:
        if candidate.ref:
            return self._page.get_by_ref(candidate.ref)
        return await collected.handle(candidate) if collected and candidate.index >= 0 else None


def _only_toggle(scored: Sequence[Scored], wanted: Wanted) -> Scored | None:
    """The only thing on the page that can be ticked, if its name is at all like the wanted one."""
    toggles = [one for one in scored if any(role in _TOGGLES for role in one.candidate.roles)]
    if wanted.action not in ("check", "uncheck") or wanted.target.role not in _TOGGLES or len(toggles) != 1:
        return None
    return toggles[0] if toggles[0].score >= _HALF_LIKELY else None


def _choice_that_says(scored: Sequence[Scored], wanted: Wanted, memory: Memory) -> Scored | None:
    """The only one of several choices that says what stood near the recorded one: ``Premium, $12 a month``."""
    near = wanted.target.near
    if wanted.target.role not in _CHOICES or not near or near in memory.entered:
        return None
    choices = [one for one in scored if any(role in _CHOICES for role in one.candidate.roles)]
    saying = [one for one in choices if any(says(name, near) for name in one.candidate.names.values())]
    return saying[0] if len(choices) > 1 and len(saying) == 1 else None


def _selected(candidate: Candidate, target: Target) -> bool:
    """Whether a candidate fits a selector by more than chance: by an id, or at the place where it was recorded."""
    if candidate.selector < 0:
        return False
    if ">" not in target.selectors[candidate.selector] and " " not in target.selectors[candidate.selector]:
        return True
    return bool(target.box and candidate.rect and _overlap(candidate.rect, _rect(target.box)) > _SAME_PLACE)


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
        box = _rect(target.box)
        useful = 1.0 if any(role in INTERACTIVE for role in candidate.roles) else 0.9
        return Scored(candidate, round(_overlap(candidate.rect, box) * useful, 4), "box")
    return Scored(candidate, 0.0, "")


def _rect(box: Box) -> Rect:
    return Rect(box.x, box.y, box.width, box.height)


def _overlap(one: Rect, other: Rect) -> float:
    width = min(one.x + one.width, other.x + other.width) - max(one.x, other.x)
    height = min(one.y + one.height, other.y + other.height) - max(one.y, other.y)
    shared = max(width, 0) * max(height, 0)
    return shared / (one.area + other.area - shared) if shared else 0.0


def _without_wrappers(equals: list[Scored]) -> list[Scored]:
    """Leaves out elements around another that fits as well: a click on either is the same click."""
    nodes = {id(one.candidate.node) for one in equals}

    def wraps(one: Scored) -> bool:
        if not one.candidate.in_snapshot:
            return False
        inner = one.candidate.node.walk()
        next(inner)
        return any(id(node) in nodes for node in inner) and one.candidate.role not in INTERACTIVE

    return [one for one in equals if not wraps(one)] or equals[:1]


def in_front(candidates: Sequence[Candidate]) -> Sequence[Candidate]:
    """While a dialog with something to enter is open, only what is in it can be used."""
    if not candidates:
        return candidates
    root = candidates[0].node.root
    dialog = next((node for node in root.walk() if node.role in _DIALOGS and _takes_input(node)), None)
    if dialog is None:
        return candidates
    inside = {id(node) for node in dialog.walk()}
    return [one for one in candidates if id(one.node) in inside]


def _takes_input(node: Node) -> bool:
    return any(one.role in FIELDS and one.ref for one in node.walk())


def _nearest_of_equals(scored: list[Scored], nearness: Nearness) -> list[Scored]:
    """Of elements that fit equally well and share the text's group, prefers the one closest to the text."""
    best = max((one.score for one in scored), default=0.0)
    equals = [one for one in scored if best and best - one.score < 0.01 and nearness.belongs(one.candidate)]
    if len(equals) < 2:
        return scored
    least = min(nearness.gap(one.candidate) for one in equals)
    farther = {id(one) for one in equals if nearness.gap(one.candidate) > least}
    return [replace(one, score=round(one.score * 0.9, 4)) if id(one) in farther else one for one in scored]


def _shows(node: Node, texts: Sequence[str]) -> bool:
    """Whether one of the texts stands in a part of the page, other than as the value of a field."""
    shown = [one.name for one in node.walk() if one.name and not (one.parent and one.parent.role in FIELDS)]
    return any(text and says(name, text) for name in shown for text in texts)


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

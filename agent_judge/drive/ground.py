"""From a Target to the element that it means on a page that it has never seen, or an honest "not there".

Every element of the right kind is scored by how alike it is to the target: what it is
called (names, labels, placeholders, titles, icons; by words and by synonyms), how well
its role stands in for the target's, and whether it belongs to the row, card or group
that the target names. The best is taken if it reaches a threshold and leaves the next
one behind by a margin; below that, the target is not found, and nothing is guessed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from playwright.async_api import Page
from pydantic import BaseModel

from agent_judge.drive.candidates import Candidate, Collected, Place, collect, enrich, snapshot_candidates
from agent_judge.drive.nearness import Nearness
from agent_judge.drive.observe import View
from agent_judge.drive.roles import ENTRIES, INTERACTIVE, accepted_roles, role_fit
from agent_judge.drive.similarity import alike, normalise, says
from agent_judge.drive.snapshot import Rect
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
    """What earlier steps of the same run taught: texts that were entered, elements that were found."""

    entered: list[str] = field(default_factory=list)
    found: dict[str, str] = field(default_factory=dict)
    """Target, as JSON, to the element in words."""


_HOW_SURE = {
    ("name", "name"): 1.0, ("name", "text"): 1.0, ("text", "text"): 1.0, ("text", "name"): 1.0,
    ("name", "label"): 0.98, ("label", "name"): 1.0, ("label", "label"): 1.0, ("title", "title"): 1.0,
    ("placeholder", "placeholder"): 1.0, ("name", "icon"): 0.88, ("title", "icon"): 0.86, ("text", "icon"): 0.86,
    ("label", "icon"): 0.7, ("placeholder", "icon"): 0.6,
}  # fmt: skip
"""How much it says when the target's one naming is alike to the element's other."""
_CROSSWISE = 0.95


class Grounder:
    """Finds elements on one page."""

    def __init__(self, page: Page, config: GroundConfig | None = None) -> None:
        self._page = page
        self.config = config or GroundConfig()
        self.memory = Memory()

    async def find(self, view: View, target: Target, action: str = "") -> Found | NotFound:
        """Finds the element that a target means.

        Args:
            view: The page as last seen; its refs must still be good.
            target: What to look for.
            action: What will be done to it; only elements that this can be done to are looked at.
        """
        candidates = snapshot_candidates(view.tree)
        choice = self.choose(candidates, target, action)
        collected = None
        if not (isinstance(choice, Scored) and choice.score >= self.config.decisive):
            collected = await collect(self._page, _namings(target).values(), target.selectors)
            candidates = enrich(view.tree, candidates, collected)
            choice = self.choose(candidates, target, action)
        if isinstance(choice, NotFound):
            return choice
        place = await self._place(choice.candidate, collected)
        if place is None:
            return NotFound("the element went away while it was looked for")
        ranked = self.rank(candidates, target, action)
        return Found(choice.candidate, place, _grounding(choice, ranked))

    def choose(self, candidates: Sequence[Candidate], target: Target, action: str = "") -> Scored | NotFound:
        """Decides which candidate a target means, if any."""
        ranked = self.rank(candidates, target, action)
        alternatives = tuple(f"{one.candidate.words} {one.score:.2f}" for one in ranked[:3])
        if not ranked or ranked[0].score < self.config.threshold:
            return NotFound(f"nothing fits {in_words(target)}", alternatives)
        best = ranked[0]
        equals = [one for one in ranked if best.score - one.score < self.config.margin]
        equals = _without_wrappers(equals)
        if len(equals) == 1:
            return equals[0]
        return self._settle_tie(equals, target) or NotFound(
            f"several fit {in_words(target)} equally well", alternatives
        )

    def rank(self, candidates: Sequence[Candidate], target: Target, action: str = "") -> list[Scored]:
        """Scores all candidates that come into question, best first."""
        accepted = accepted_roles(action)
        fits = [
            (one, fit)
            for one in candidates
            if (fit := max(role_fit(target.role, role) for role in one.roles)) >= self.config.role_floor
            and (accepted is None or any(role in accepted for role in one.roles))
        ]
        namings = _namings(target)
        if not namings and not target.near and not target.role:
            return _ranked(_by_place(one, target, fit) for one, fit in fits)
        named = [(one, *_naming(one, namings, target), fit) for one, fit in fits]
        nearness = Nearness([one for one, *_ in named], target.near) if target.near else None
        scored = []
        for one, likeness, method, fit in named:
            score = likeness * fit * (0.97 if one.disabled else 1.0)
            if nearness:
                score *= nearness.fit(one, has_name=bool(namings), entered=self.memory.entered)
                method = f"{method}+near" if method else "near"
            if target.role and fit == 1.0:
                method = f"role+{method}" if method else "role"
            scored.append(Scored(one, round(score, 4), method))
        return _ranked(scored)

    def _settle_tie(self, equals: list[Scored], target: Target) -> Scored | None:
        """Decides among elements that fit equally well by what is left: index, selector, place, order."""
        in_order = sorted(equals, key=lambda one: one.candidate.order)
        if target.index is not None:
            return in_order[target.index] if target.index < len(in_order) else None
        by_selector = [one for one in equals if one.candidate.selector >= 0]
        if by_selector:
            return min(by_selector, key=lambda one: one.candidate.selector)
        best = max(one.score for one in equals)
        top = [one for one in in_order if one.score == best]
        if len(top) == 1 and best >= self.config.decisive:
            return top[0]
        if target.box:
            box = Rect(target.box.x, target.box.y, target.box.width, target.box.height)
            return min(top, key=lambda one: _distance(one.candidate.rect, box))
        if len({one.candidate.words for one in top}) == 1 or all(
            one.candidate.role == top[0].candidate.role for one in top
        ):
            return top[0]
        return None

    async def _place(self, candidate: Candidate, collected: Collected | None) -> Place | None:
        if candidate.ref:
            return self._page.get_by_ref(candidate.ref)
        return await collected.handle(candidate) if collected and candidate.index >= 0 else None


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


def _namings(target: Target) -> dict[str, str]:
    namings = {
        "name": target.name, "label": target.label, "placeholder": target.placeholder, "text": target.text,
        "title": target.title,
    }  # fmt: skip
    return {where: text for where, text in namings.items() if text}


def _naming(candidate: Candidate, namings: dict[str, str], target: Target) -> tuple[float, str]:
    """How alike a candidate's names are to the target's, and what shows it."""
    if target.test_id and candidate.test_id == target.test_id:
        return 1.0, "test_id"
    if not namings:
        return (0.8, "") if not target.near else (0.95, "")
    best, method = 0.0, ""
    for wanted_in, wanted in namings.items():
        for found_in, found in candidate.names.items():
            likeness = alike(wanted, found)
            if likeness < 0.9 and target.near and found_in in ("name", "text"):
                likeness = max(likeness, alike(wanted, _without(found, target.near)))
            if candidate.role in ENTRIES and likeness < 0.9 and says(found, wanted):
                likeness = 0.9
            sure = likeness * _HOW_SURE.get((wanted_in, found_in), _CROSSWISE)
            if sure > best:
                exact = normalise(wanted) == normalise(found)
                best, method = sure, (wanted_in if exact else "icon" if found_in == "icon" else "synonym")
    return best, method


def _without(text: str, near: str) -> str:
    """A name without the entry that it is about: ``Delete Buy milk`` is ``Delete``, near ``Buy milk``."""
    folded, about = normalise(text), normalise(near)
    return folded.replace(about, " ").strip() if about and about in folded else text


def _by_place(candidate: Candidate, target: Target, fit: float) -> Scored:
    if candidate.selector >= 0:
        return Scored(candidate, round(0.9 * fit, 4), "selector")
    if target.test_id and candidate.test_id == target.test_id:
        return Scored(candidate, 1.0, "test_id")
    if target.box and candidate.rect and candidate.rect.area:
        box = Rect(target.box.x, target.box.y, target.box.width, target.box.height)
        useful = 1.0 if any(role in INTERACTIVE for role in candidate.roles) else 0.9
        return Scored(candidate, round(_overlap(candidate.rect, box) * useful, 4), "box")
    return Scored(candidate, 0.0, "")


def _overlap(one: Rect, other: Rect) -> float:
    width = min(one.x + one.width, other.x + other.width) - max(one.x, other.x)
    height = min(one.y + one.height, other.y + other.height) - max(one.y, other.y)
    shared = max(width, 0) * max(height, 0)
    return shared / (one.area + other.area - shared) if shared else 0.0


def _distance(rect: Rect | None, box: Rect) -> float:
    if rect is None:
        return float("inf")
    (x, y), (other_x, other_y) = rect.middle, box.middle
    return (x - other_x) ** 2 + (y - other_y) ** 2


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


def _ranked(scored: object) -> list[Scored]:
    ranked: list[Scored] = list(scored)  # type: ignore[call-overload]
    return sorted(ranked, key=lambda one: (-one.score, one.candidate.order))


def _grounding(choice: Scored, ranked: list[Scored]) -> Grounding:
    others = [one for one in ranked if one.candidate is not choice.candidate and one.score > 0][:3]
    return Grounding(
        score=min(choice.score, 1.0),
        method=choice.method,
        element=choice.candidate.words,
        box=choice.candidate.rect.box() if choice.candidate.rect else None,
        alternatives=tuple(f"{one.candidate.words} {one.score:.2f}" for one in others),
    )

"""What earlier steps of a run taught about a page."""

from __future__ import annotations

from dataclasses import dataclass, field

from agent_judge.drive.candidates import Candidate
from agent_judge.drive.ground_scenario import Plan
from agent_judge.drive.lexicon import says
from agent_judge.drive.likeness import Likeness
from agent_judge.drive.novelty import Looks
from agent_judge.drive.snapshot import Node
from agent_judge.schema import Target

AS_BEFORE = 0.97
"""How sure it is that what a target meant before is meant again."""


@dataclass
class Memory:
    """What earlier steps of the same run taught: the texts that were entered, and which elements targets meant."""

    entered: list[str] = field(default_factory=list)
    entered_in: dict[str, str] = field(default_factory=dict)
    """By text, the reference of the field that it was entered in last."""
    editing: str = ""
    """The entry that the last step began to change."""
    plan: Plan = field(default_factory=Plan)
    """The scenario that the steps belong to."""
    looks: Looks = field(default_factory=Looks)
    """The page as the last steps found it."""
    _found: dict[str, str] = field(default_factory=dict)

    def remember(self, target: Target, candidate: Candidate) -> None:
        """Keeps which element a target meant."""
        if candidate.ref and not target.near:
            self._found[_identity(target)] = candidate.ref

    def only_entered(self, text: str, root: Node) -> bool:
        """Whether a text that was entered stands nowhere but in its field: it is no entry of a list then."""
        field = self.entered_in.get(text)
        others = (one for one in root.walk() if one.ref != field and one.role != "text")
        return bool(field) and not any(says(f"{one.name} {one.own_text}", text) for one in others)

    def recall(self, target: Target, candidate: Candidate) -> Likeness | None:
        """Full likeness for the element that the same target meant before."""
        if self._found and candidate.ref and self._found.get(_identity(target)) == candidate.ref:
            return Likeness(AS_BEFORE, "as before")
        return None


def _identity(target: Target) -> str:
    return "|".join((target.role, target.name, target.label, target.placeholder, target.text, str(target.index)))

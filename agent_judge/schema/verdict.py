"""Which of two solutions is better: verdicts, the votes and claims within them, and battles."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from agent_judge.schema.base import Model
from agent_judge.schema.cost import Cost
from agent_judge.schema.evidence import Severity

Winner = Literal["A", "B", "tie", "both_bad"]
_FLIPPED: dict[Winner, Winner] = {"A": "B", "B": "A", "tie": "tie", "both_bad": "both_bad"}


class Criterion(Model):
    """One criterion of a Verdict: how each side did, and the steps it rests on."""

    criterion: str
    a: float
    """Score of A, 0 to 1."""
    b: float
    weight: float
    message: str = ""
    steps_a: tuple[str, ...] = ()
    """References into A's evidence, as in :class:`Finding`."""
    steps_b: tuple[str, ...] = ()

    def flipped(self) -> Criterion:
        """The same with A and B exchanged."""
        return self.model_copy(update={"a": self.b, "b": self.a, "steps_a": self.steps_b, "steps_b": self.steps_a})


class Claim(Model):
    """A model judge's finding about one solution, and whether the evidence bears it out."""

    side: Literal["A", "B"]
    severity: Severity
    criterion: str
    message: str
    steps: tuple[str, ...] = ()
    """References into that side's evidence, as in :class:`Finding`."""
    quotes: tuple[str, ...] = ()
    """Text that the judge says it saw there."""
    supported: bool = True
    """Whether every cited step exists and every quote is in the evidence; what is not supported does not count."""
    problem: str = ""
    """Why it is not supported."""

    def flipped(self) -> Claim:
        """The same with A and B exchanged."""
        return self.model_copy(update={"side": "B" if self.side == "A" else "A"})


class Vote(Model):
    """One voice within a Verdict: one order of the two, one member of a panel, one person."""

    voter: str
    winner: Winner
    confidence: float = Field(ge=0, le=1)
    rationale: str = ""
    first: Literal["A", "B", ""] = ""
    """Which of the two was shown first, where the vote is one order's."""
    round: int = 1
    weight: float = 1.0
    claims: tuple[Claim, ...] = ()
    cost: Cost = Cost()

    def flipped(self) -> Vote:
        """The same with A and B exchanged."""
        claims = tuple(claim.flipped() for claim in self.claims)
        first = {"A": "B", "B": "A"}.get(self.first, "")
        return self.model_copy(update={"winner": _FLIPPED[self.winner], "claims": claims, "first": first})


class Verdict(Model):
    """Which of two solutions is better, how surely, and why."""

    winner: Winner
    strength: float = Field(ge=0, le=1)
    """How much better: 0 (equal) to 1 (incomparable)."""
    confidence: float = Field(ge=0, le=1)
    """Probability that the winner is right, as the judge sees it."""
    rationale: str
    criteria: tuple[Criterion, ...] = ()
    judge: str = ""
    cost: Cost = Cost()
    votes: tuple[Vote, ...] = ()
    """Who voted what and why, where several voices made the verdict."""
    claims: tuple[Claim, ...] = ()
    """What a model judge found, each checked against the evidence."""
    supported: float | None = None
    """Share of the claims that the evidence bears out; ``None`` where there are none."""
    position_bias: bool | None = None
    """Whether the judge decided differently when the two were shown in the other order."""
    prompt: str = ""
    """Names and versions of the prompts that it rests on."""
    records: tuple[str, ...] = ()
    """Names of the kept requests and answers."""

    def flipped(self) -> Verdict:
        """The verdict with A and B exchanged; the rationale keeps its words."""
        return self.model_copy(
            update={
                "winner": _FLIPPED[self.winner],
                "criteria": tuple(c.flipped() for c in self.criteria),
                "votes": tuple(v.flipped() for v in self.votes),
                "claims": tuple(c.flipped() for c in self.claims),
            }
        )


BattleWinner = Literal["model_a", "model_b", "tie", "both_bad"]


class Battle(BaseModel):
    """One Verdict between two models on one Task, in the columns that arena tools share."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    task_id: str
    model_a: str
    model_b: str
    winner: BattleWinner
    judge: str = ""
    environment: str = ""
    """The environment of both, or ``mixed``."""
    language: str = ""
    category: str = ""
    confidence: float | None = None
    run_id: str = ""

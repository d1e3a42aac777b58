"""Pairs of answers that people voted on, whatever dataset they come from, and what a judge made of them."""

from __future__ import annotations

from collections.abc import Sequence

from agent_judge.read.formats.executed import executed_solution
from agent_judge.schema import Battle, Model, Solution, Task, Winner

PEOPLE = "people"
"""The judge's name of votes."""


class VotedSide(Model):
    """One of two answers."""

    model: str
    answer: str = ""
    """The reply as the model gave it."""
    code: str = ""
    """What was executed, where the dataset tells; it may have been taken from the answer, or edited."""
    environment: str = ""
    """The dataset's name of it: ``React``, ``Streamlit``, ..."""
    dependencies: tuple[str, ...] = ()
    output: str = ""
    """What executing it printed when the vote was cast."""
    screenshot: bytes = b""
    """What the voter saw; PNG or JPEG, empty where the dataset has none."""

    @property
    def length(self) -> int:
        """Characters of the answer, or of the code where only that is known."""
        return len(self.answer) or len(self.code)


class VotedPair(Model):
    """Two answers to one task, and one person's vote."""

    id: str
    task: Task
    a: VotedSide
    b: VotedSide
    vote: Winner
    rater: str = ""
    language: str = ""


class Judged(Model):
    """A vote, and a judge's verdict on the same pair; what agreement is computed from."""

    id: str
    task_id: str
    vote: Winner
    verdict: Winner | None
    """``None`` where the judge gave none; such a pair counts as not judged, not as a disagreement."""
    confidence: float | None = None
    model_a: str = ""
    model_b: str = ""
    length_a: int = 0
    length_b: int = 0
    category: str = ""
    language: str = ""
    environment: str = ""
    swapped: bool = False
    """Whether the judge saw b first; vote and verdict are still told as if a came first."""


def judged(pair: VotedPair, verdict: Winner | None, confidence: float | None = None, swapped: bool = False) -> Judged:
    """Puts a verdict beside a vote.

    Args:
        pair: What was voted on.
        verdict: The judge's winner, told for the pair's own order.
        confidence: The judge's.
        swapped: Whether the judge saw b first.
    """
    same = pair.a.environment if pair.a.environment == pair.b.environment else "mixed"
    return Judged(
        id=pair.id,
        task_id=pair.task.id,
        vote=pair.vote,
        verdict=verdict,
        confidence=confidence,
        model_a=pair.a.model,
        model_b=pair.b.model,
        length_a=pair.a.length,
        length_b=pair.b.length,
        category=pair.task.category,
        language=pair.language,
        environment=same,
        swapped=swapped,
    )


def solution_of(side: VotedSide, instruction: str = "") -> Solution:
    """Makes a side runnable: from the code that was executed for the voter, else from the answer."""
    return executed_solution(side.answer, side.code, side.environment, side.dependencies, instruction)


def battles_of(items: Sequence[Judged], source: str) -> list[Battle]:
    """People's votes (``people``) or a judge's verdicts (its name) as battles to be ranked."""
    names = {"A": "model_a", "B": "model_b", "tie": "tie", "both_bad": "both_bad"}
    found = []
    for item in items:
        winner = item.vote if source == PEOPLE else item.verdict
        if winner is None or item.model_a == item.model_b:
            continue
        columns = item.model_dump(include={"task_id", "model_a", "model_b", "category", "language", "environment"})
        found.append(Battle.model_validate({**columns, "winner": names[winner], "judge": source}))
    return found

"""A model as a judge: asked in both orders, each of its findings checked, and the two ballots joined."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Literal

from agent_judge.errors import DriverError, JudgeError
from agent_judge.judge import frames
from agent_judge.judge.anonymise import hidden_in_data, hider
from agent_judge.judge.asker import Asker, Estimate
from agent_judge.judge.ballot import BALLOT_CRITERIA, Ballot, ballot_schema, parse_ballot, winner_of
from agent_judge.judge.case import shows_code, shows_run, shows_steps, solution_blocks, task_blocks
from agent_judge.judge.citations import Sources, checked, share_supported
from agent_judge.judge.prompt import Prompt, load_prompt
from agent_judge.judge.question import Block, Question, Text
from agent_judge.schema import Claim, Cost, Criterion, Evidence, Mode, Solution, Task, Verdict, Vote, Winner, digest_of
from agent_judge.schema.cost import together

VERSION = 1
DISAGREEMENT = 0.3
"""Confidence of a tie that only stands because the two orders disagree."""
_KEPT = 32
"""Of so many solutions, what is shown is kept in memory."""

Side = Literal["A", "B"]
FindSolution = Callable[[str], Solution | None]


@dataclass(frozen=True)
class Sight:
    """What a judge sees."""

    mode: Mode = "code+interaction"
    image_budget: int = 8_000
    """Image tokens for both solutions together."""
    evidence_root: Path = Path()
    """The folder that the screenshots' paths are relative to."""
    find_solution: FindSolution = lambda _: None
    """Finds a solution by its digest; without it no code is shown."""
    models: tuple[str, ...] = ()
    """Names of all models that take part, which no judge is told."""


@dataclass(frozen=True)
class Opinion:
    """One order's ballot as a vote, and all that belongs to it."""

    ballot: Ballot
    first: Side
    winner: Winner
    confidence: float
    claims: tuple[Claim, ...]
    cost: Cost
    record: str


class ModelJudge:
    """Compares two solutions by asking a model."""

    def __init__(self, name: str, asker: Asker, sight: Sight, role: Prompt | None = None) -> None:
        """Makes a judge.

        Args:
            name: What verdicts call it.
            asker: Asks the model.
            sight: What it sees.
            role: A prompt that it judges by, beside the common one.
        """
        self.name = name
        self.asker = asker
        self.sight = sight
        self.prompts = (load_prompt("judge"), *((role,) if role else ()))
        self._shown: OrderedDict[str, tuple[Block, ...]] = OrderedDict()

    def fingerprint(self) -> str:
        """Names all that determines its verdicts."""
        texts = [[prompt.label, prompt.text] for prompt in self.prompts]
        settings = [self.sight.mode, self.sight.image_budget, sorted(self.sight.models), frames.VERSION]
        return digest_of([VERSION, self.asker.transport.fingerprint(), texts, settings])

    async def judge(self, task: Task, a: Evidence, b: Evidence) -> Verdict:
        """Asks in both orders at once; where they disagree, it is a tie of low confidence.

        Raises:
            JudgeError: The model gave no valid answer in one of the orders.
        """
        return await self.decide(task, a, b)

    async def decide(
        self, task: Task, a: Evidence, b: Evidence, before: Mapping[Side, tuple[Block, ...]] | None = None,
        prompt: Prompt | None = None,
    ) -> Verdict:  # fmt: skip
        """Judges, where other voices were heard with these in mind.

        Args:
            task: What was asked for.
            a: What the one did.
            b: What the other did.
            before: What others said, worded for the order in which this side comes first.
            prompt: What to do with it.

        Raises:
            JudgeError: The model gave no valid answer in one of the orders, or a screenshot is gone.
        """
        try:
            for evidence in (a, b):
                await asyncio.to_thread(self._blocks, evidence)
        except DriverError as error:
            raise JudgeError(f"not asked: {error}") from error
        sources = {"A": self._sources(a), "B": self._sources(b)}
        orders: tuple[Side, Side] = ("A", "B")
        asked = [self._ask(task, a, b, first, sources, (before or {}).get(first, ()), prompt) for first in orders]
        opinions = await asyncio.gather(*asked, return_exceptions=True)
        for opinion in opinions:
            if isinstance(opinion, BaseException):
                raise opinion
        used = (*self.prompts, *((prompt,) if prompt else ()))
        verdict = joined(tuple(o for o in opinions if isinstance(o, Opinion)))
        return verdict.model_copy(update={"judge": self.name, "prompt": ", ".join(p.label for p in used)})

    def estimate(self, task: Task, a: Evidence, b: Evidence) -> Estimate:
        """What judging would send and cost, without sending anything."""
        total = Estimate(0, 0, 0, 0.0, 0.0)
        orders: tuple[Side, Side] = ("A", "B")
        for first in orders:
            total += self.asker.estimate(self.question(task, a, b, first))
        return total

    def question(
        self, task: Task, a: Evidence, b: Evidence, first: Side, before: tuple[Block, ...] = (),
        prompt: Prompt | None = None,
    ) -> Question:  # fmt: skip
        """What the model is asked when one side comes first."""
        one, two = (a, b) if first == "A" else (b, a)
        system = "\n\n".join(p.text for p in (*self.prompts, *((prompt,) if prompt else ())))
        return Question(
            system=system,
            shared=task_blocks(task),
            first=(Text("# The first program"), *self._blocks(one)),
            second=(Text("# The second program"), *self._blocks(two)),
            closing=(*before, Text("# Your answer\n\nCompare the first and the second program.")),
            schema=ballot_schema(),
        )

    async def _ask(
        self, task: Task, a: Evidence, b: Evidence, first: Side, sources: dict[str, Sources],
        before: tuple[Block, ...], prompt: Prompt | None,
    ) -> Opinion:  # fmt: skip
        question = self.question(task, a, b, first, before, prompt)
        ballot, cost, record = await self.asker.ask(question, parse_ballot)
        return opinion_of(ballot, first, checked(ballot, first, sources), cost, record)

    def _blocks(self, evidence: Evidence) -> tuple[Block, ...]:
        """What is shown of one solution; kept, because it is in several questions."""
        if evidence.key not in self._shown:
            self._shown[evidence.key] = self._look_at(evidence)
            if len(self._shown) > _KEPT:
                self._shown.popitem(last=False)
        return self._shown[evidence.key]

    def _look_at(self, evidence: Evidence) -> tuple[Block, ...]:
        mode = self.sight.mode
        pictures: tuple[Block, ...] = ()
        if shows_run(mode):
            found = frames.candidates(evidence, self.sight.evidence_root, with_steps=shows_steps(mode))
            pictures = frames.album(found, self.sight.image_budget // 2).pictures
        if pictures:
            pictures = (Text("Pictures, each with the step after which it was taken:"), *pictures)
        hide = hider(self.sight.models, self.sight.find_solution(evidence.solution))
        blocks = solution_blocks(evidence, self._code(evidence), mode, pictures)
        return tuple(Text(hidden_in_data(b.text, hide)) if isinstance(b, Text) else b for b in blocks)

    def _sources(self, evidence: Evidence) -> Sources:
        shown = "\n".join(block.text for block in self._blocks(evidence) if isinstance(block, Text))
        return Sources(evidence, self._code(evidence), shown)

    def _code(self, evidence: Evidence) -> Solution | None:
        return self.sight.find_solution(evidence.solution) if shows_code(self.sight.mode) else None


def opinion_of(ballot: Ballot, first: Side, claims: tuple[Claim, ...], cost: Cost, record: str) -> Opinion:
    """What a ballot is worth: the less of it the evidence bears out, the nearer it comes to a coin toss.

    A ballot that names a winner, but nothing of which is in the evidence, is a tie.
    """
    share = share_supported(claims)
    winner = winner_of(ballot, first)
    if share == 0 and winner in ("A", "B"):
        return Opinion(ballot, first, "tie", DISAGREEMENT, claims, cost, record)
    confidence = 0.5 + (ballot.confidence - 0.5) * (1.0 if share is None else share)
    return Opinion(ballot, first, winner, confidence, claims, cost, record)


def joined(opinions: tuple[Opinion, ...]) -> Verdict:
    """One verdict from the ballots of both orders."""
    agree = len({opinion.winner for opinion in opinions}) == 1
    winner: Winner = opinions[0].winner if agree else "tie"
    claims = tuple(dict.fromkeys(claim for opinion in opinions for claim in opinion.claims))
    criteria = _criteria(opinions, claims)
    return Verdict(
        winner=winner,
        strength=_strength(winner, criteria),
        confidence=fmean(o.confidence for o in opinions) if agree else DISAGREEMENT,
        rationale=_rationale(opinions, winner, agree),
        criteria=criteria,
        cost=together(tuple(opinion.cost for opinion in opinions)),
        votes=tuple(_vote(opinion, number) for number, opinion in enumerate(opinions)),
        claims=claims,
        supported=share_supported(claims),
        position_bias=not agree,
        records=tuple(opinion.record for opinion in opinions if opinion.record),
    )


def _vote(opinion: Opinion, number: int) -> Vote:
    return Vote(
        voter=("one order", "the other order")[number],
        winner=opinion.winner,
        first=opinion.first,
        confidence=opinion.confidence,
        rationale=_neutral(opinion.ballot.reasons, opinion.first, opinion.winner),
        claims=opinion.claims,
        cost=opinion.cost,
    )


def _criteria(opinions: tuple[Opinion, ...], claims: tuple[Claim, ...]) -> tuple[Criterion, ...]:
    found = []
    for name in BALLOT_CRITERIA:
        pairs = [_sides(s.first, s.second, o.first) for o in opinions for s in o.ballot.scores if s.criterion == name]
        if not pairs:
            continue
        told = [claim for claim in claims if claim.criterion == name and claim.supported]
        found.append(
            Criterion(
                criterion=name,
                a=fmean(a for a, _ in pairs) / 10,
                b=fmean(b for _, b in pairs) / 10,
                weight=1.0,
                message="; ".join(claim.message for claim in told),
                steps_a=_cited(told, "A"),
                steps_b=_cited(told, "B"),
            )
        )
    return tuple(found)


def _strength(winner: Winner, criteria: tuple[Criterion, ...]) -> float:
    if winner not in ("A", "B") or not criteria:
        return 0.0
    difference = fmean(c.a - c.b for c in criteria)
    return max(0.0, min(1.0, difference if winner == "A" else -difference))


def _rationale(opinions: tuple[Opinion, ...], winner: Winner, agree: bool) -> str:
    if agree:
        best = max(opinions, key=lambda o: (o.confidence, o.ballot.reasons))
        return _neutral(best.ballot.reasons, best.first, winner)
    return "The two orders of showing them led to different answers, so that neither is preferred."


def _neutral(reasons: str, first: Side, winner: Winner) -> str:
    """Speaks of the winner and the other, so that the words stay right when A and B are exchanged."""
    names = {"first": "the one", "second": "the other"}
    if winner in ("A", "B"):
        names = {"first": "the winner" if winner == first else "the other"}
        names["second"] = "the other" if winner == first else "the winner"
    for place, name in names.items():
        reasons = reasons.replace(f"[{place}]", name)
    return reasons[:1].upper() + reasons[1:]


def _cited(claims: list[Claim], side: Side) -> tuple[str, ...]:
    return tuple(dict.fromkeys(step for claim in claims if claim.side == side for step in claim.steps))


def _sides(first: float, second: float, order: Side) -> tuple[float, float]:
    return (first, second) if order == "A" else (second, first)

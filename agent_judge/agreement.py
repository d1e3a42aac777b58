"""Judges pairs that people voted on, in a run like any other, and puts verdicts beside votes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from agent_judge.agree import Judged, Rating, VotedPair, judged, read_votes, solution_of, voted_criteria
from agent_judge.agree.calibrate import VotedCriteria
from agent_judge.errors import BadInput
from agent_judge.graph import Progress
from agent_judge.judge import EvidenceJudge
from agent_judge.read.suite import Suite
from agent_judge.run import run_suite
from agent_judge.schema import Decision, Judging, Solution, Task, Winner, digest_of
from agent_judge.store import EvidenceStore, RunFolder, joined

_SIDES = ("A", "B")
_FLIPPED: dict[Winner, Winner] = {"A": "B", "B": "A", "tie": "tie", "both_bad": "both_bad"}


@dataclass(frozen=True)
class JudgedPair:
    """A voted pair, and what a judge decided about it."""

    pair: VotedPair
    decision: Decision | None
    language: str = ""
    """That both solutions are written in, or ``mixed``."""

    def beside_vote(self) -> Judged:
        """The vote and the verdict side by side."""
        verdict = self.decision.verdict if self.decision else None
        found = judged(self.pair, verdict.winner if verdict else None, verdict.confidence if verdict else None)
        return found if found.language else found.model_copy(update={"language": self.language})


@dataclass(frozen=True)
class Meeting:
    """Where a voted pair meets in the suite; votes of several people on the same two answers meet in one place."""

    task_id: str
    swapped: bool
    """Whether the pair's a is the suite's B."""

    def side(self, place: str) -> str:
        """The suite's name of a pair's side, A or B."""
        return {"A": "B", "B": "A"}[place] if self.swapped else place


def meetings_of(pairs: Sequence[VotedPair]) -> list[Meeting]:
    """Where each pair meets, in the order of the pairs."""
    first: dict[str, tuple[str, str]] = {}
    found = []
    for number, pair in enumerate(pairs, start=1):
        a, b = (digest_of(side.model_dump(mode="json", exclude={"model"})) for side in (pair.a, pair.b))
        met = digest_of([pair.task.instruction, pair.task.category, *sorted((a, b))])
        task_id, then_a = first.setdefault(met, (_task_id(number), a))
        found.append(Meeting(task_id, swapped=then_a != a))
    return found


def suite_of(pairs: Sequence[VotedPair], judge: str) -> Suite:
    """Makes a suite in which every two answers that were voted on are a task with two solutions, A and B."""
    tasks, solutions = list[Task](), dict[str, dict[str, Solution]]()
    for pair, meeting in zip(pairs, meetings_of(pairs), strict=True):
        if meeting.task_id not in solutions:
            told = pair.task.instruction
            tasks.append(Task(id=meeting.task_id, instruction=told, category=pair.task.category))
            solutions[meeting.task_id] = {"A": solution_of(pair.a, told), "B": solution_of(pair.b, told)}
    return Suite(name="votes", tasks=tuple(tasks), solutions=solutions, judges=(judge,), rounds=0)


async def judge_votes(
    data: str | Path,
    out: str | Path,
    judge: str = "evidence",
    *,
    judging: Judging | None = None,
    jobs: int = 2,
    reuse: bool | None = None,
    resume: bool = False,
    progress: Progress | None = None,
) -> list[JudgedPair]:
    """Judges every pair of a dataset of votes.

    Args:
        data: BigCodeReward or plain pairs, a JSONL or Parquet file, a folder, or a dataset's name on the hub.
        out: The run folder.
        judge: Whose agreement is wanted.
        judging: How it judges; its mode also decides whether the programs are used or only looked at.
        jobs: How many solutions are used at the same time.
        reuse: Whether evidence that earlier runs gathered under the same conditions serves again, as by default.
        resume: Whether to go on with the run that ``out`` holds.
        progress: Is told what has been done.

    Returns:
        The pairs in the order of the dataset.
    """
    pairs = read_votes(data)
    suite = suite_of(pairs, judge)
    told = judging is not None and "mode" in judging.model_fields_set
    await run_suite(
        suite, out, jobs=jobs, interaction="interaction" in judging.mode if judging and told else None,
        judging=judging, reuse=reuse, resume=resume, progress=progress,
    )  # fmt: skip
    decisions = {decision.task_id: decision for decision in RunFolder(Path(out)).read_decisions()}
    return [
        JudgedPair(
            pair,
            _turned(decisions.get(meeting.task_id), meeting),
            _language(suite.solutions[meeting.task_id].values()),
        )
        for pair, meeting in zip(pairs, meetings_of(pairs), strict=True)
    ]


def voted_criteria_of(data: str | Path, out: str | Path, judge: EvidenceJudge) -> list[VotedCriteria]:
    """What the evidence judge measured on every pair of a run of :func:`judge_votes`, for fitting its weights.

    Raises:
        BadInput: The run holds no evidence of the pairs.
    """
    folder = RunFolder(Path(out))
    store = EvidenceStore(folder.evidence, None)
    kept: dict[tuple[str, str], tuple[str, ...]] = {
        (entry.task_id, entry.model): entry.evidence for entry in folder.read_run().entries if entry.evidence
    }
    found = []
    pairs = read_votes(data)
    for pair, meeting in zip(pairs, meetings_of(pairs), strict=True):
        keys = [kept.get((meeting.task_id, meeting.side(place))) for place in _SIDES]
        parts = [[part for key in (side or ()) if (part := store.get(key)) is not None] for side in keys]
        if all(parts):
            criteria = judge.criteria(joined(parts[0]), joined(parts[1]))
            found.append(voted_criteria(pair.task.id, pair.vote, criteria))
    if not found:
        raise BadInput(f"{folder.path}: no pair of {data} has evidence for both sides")
    return found


def orders_of(items: Sequence[JudgedPair]) -> list[Judged]:
    """What the judge said in each order by itself, from which its liking for a place is measured."""
    found = []
    for item in items:
        votes = item.decision.verdict.votes if item.decision and item.decision.verdict else ()
        found += [
            judged(item.pair, vote.winner, vote.confidence, swapped=vote.first == "B") for vote in votes if vote.first
        ]
    return found


def ratings_by_people(pairs: Sequence[VotedPair]) -> list[Rating]:
    """Votes of named raters on the same two answers, whichever stood first; a rater's first vote counts."""
    found: dict[tuple[str, str], Rating] = {}
    for pair in pairs:
        sides = [digest_of([side.model, side.answer, side.code]) for side in (pair.a, pair.b)]
        vote = pair.vote if sides[0] <= sides[1] else _FLIPPED[pair.vote]
        item = digest_of([pair.task.id, *sorted(sides)])
        if pair.rater:
            found.setdefault((item, pair.rater), Rating(item=item, rater=pair.rater, value=vote, task=pair.task.id))
    return list(found.values())


def ratings_by_members(items: Sequence[JudgedPair]) -> list[Rating]:
    """What each member of a panel said last; the two orders of a single judge are no members."""
    found = []
    for number, item in enumerate(items, start=1):
        votes = item.decision.verdict.votes if item.decision and item.decision.verdict else ()
        last = {vote.voter: vote.winner for vote in sorted(votes, key=lambda vote: vote.round) if not vote.first}
        found += [
            Rating(item=str(number), rater=voter, value=winner, task=item.pair.task.id)
            for voter, winner in last.items()
        ]
    return found


def _language(solutions: Iterable[Solution]) -> str:
    found = {solution.language for solution in solutions}
    return found.pop() if len(found) == 1 else "mixed"


def _turned(decision: Decision | None, meeting: Meeting) -> Decision | None:
    """The decision as if the pair's a were the suite's A."""
    if decision is None or decision.verdict is None or not meeting.swapped:
        return decision
    return decision.model_copy(update={"verdict": decision.verdict.flipped()})


def _task_id(number: int) -> str:
    """Datasets' ids are of any form; task ids name folders."""
    return f"pair-{number:06d}"

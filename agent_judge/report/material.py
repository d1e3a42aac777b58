"""All that a report tells, read from a run folder, and grouped the way it is read."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import ValidationError

from agent_judge.errors import BadInput
from agent_judge.schema import Cost, Decision, Entry, Evidence, Leaderboard, Run, Verdict, digest_of
from agent_judge.store import EVIDENCE_FILE, RunFolder
from agent_judge.wording import counted


@dataclass
class Pair:
    """Two models on one task, with what each judge said about them."""

    slug: str
    """Names the pair in a link: the same for the same task and models in any run."""
    task_id: str
    model_a: str
    model_b: str
    decisions: list[Decision] = field(default_factory=list)
    """All with the pair's own A and B."""

    @property
    def verdicts(self) -> list[Verdict]:
        """Those of the judges that gave one."""
        return [decision.verdict for decision in self.decisions if decision.verdict]

    @property
    def disagreement(self) -> bool:
        """Whether its judges named different winners."""
        return len({verdict.winner for verdict in self.verdicts}) > 1


@dataclass(frozen=True)
class Material:
    """A run with everything that stands beside it."""

    folder: Path
    run: Run
    pairs: list[Pair]
    leaderboard: Leaderboard | None
    """``None`` while the run is not over."""
    evidence: dict[str, Evidence]
    """By key; keys whose evidence is not there are left out."""

    def entry_evidence(self, entry: Entry) -> list[Evidence]:
        """An entry's evidence, one per scenario."""
        return [self.evidence[key] for key in entry.evidence if key in self.evidence]


@dataclass
class Record:
    """How often a model won, tied and lost, over all judges."""

    won: int = 0
    tied: int = 0
    lost: int = 0

    @property
    def total(self) -> int:
        """All its battles."""
        return self.won + self.tied + self.lost


def read_material(folder: Path) -> Material:
    """Reads a run folder.

    Raises:
        BadInput: It is not a run folder, or one of its files cannot be read.
    """
    files = RunFolder(folder)
    run = files.read_run()
    keys = dict.fromkeys(key for entry in run.entries for key in entry.evidence)
    evidence = {key: found for key in keys if (found := _read_evidence(files.evidence / key)) is not None}
    return Material(folder, run, group_pairs(_read_decisions(files)), _read_leaderboard(files), evidence)


def group_pairs(decisions: Iterable[Decision]) -> list[Pair]:
    """Brings the decisions of several judges about the same pair together, in the order they first come.

    A decision that names the two models the other way round is turned.
    """
    pairs: dict[tuple[str, frozenset[str]], Pair] = {}
    for decision in decisions:
        key = (decision.task_id, frozenset((decision.model_a, decision.model_b)))
        if key not in pairs:
            pairs[key] = Pair(_slug(decision), decision.task_id, decision.model_a, decision.model_b)
        pair = pairs[key]
        pair.decisions.append(decision if decision.model_a == pair.model_a else _turned(decision))
    _make_slugs_differ(pairs.values())
    return list(pairs.values())


def model_records(pairs: Iterable[Pair]) -> dict[str, Record]:
    """Counts each model's battles; ``both_bad`` counts as tied."""
    records: dict[str, Record] = {}
    for pair in pairs:
        sides = records.setdefault(pair.model_a, Record()), records.setdefault(pair.model_b, Record())
        for verdict in pair.verdicts:
            if verdict.winner in ("A", "B"):
                winner, loser = sides if verdict.winner == "A" else sides[::-1]
                winner.won += 1
                loser.lost += 1
            else:
                for side in sides:
                    side.tied += 1
    return records


def total_cost(pairs: Iterable[Pair], evidence: Iterable[Evidence] = ()) -> Cost:
    """What all verdicts, and the driving of models, cost together; money only where every price is known."""
    costs = [verdict.cost for pair in pairs for verdict in pair.verdicts]
    costs += [trajectory.cost for found in evidence for trajectory in found.trajectories]
    used = [cost for cost in costs if cost.input_tokens or cost.output_tokens or cost.usd is not None]
    prices = [cost.usd for cost in used if cost.usd is not None]
    return Cost(
        input_tokens=sum(cost.input_tokens for cost in costs),
        cached_tokens=sum(cost.cached_tokens for cost in costs),
        output_tokens=sum(cost.output_tokens for cost in costs),
        usd=sum(prices) if prices and len(prices) == len(used) else None,
        seconds=sum(cost.seconds for cost in costs),
    )


def supported_share(pairs: Iterable[Pair]) -> float | None:
    """Share of all claims of model judges that the evidence bears out; ``None`` where nobody claimed anything."""
    claims = [claim for pair in pairs for verdict in pair.verdicts for claim in verdict.claims]
    return sum(claim.supported for claim in claims) / len(claims) if claims else None


def left_out(material: Material) -> list[str]:
    """What a reader must know before trusting the numbers: what is missing, and why."""
    run, board = material.run, material.leaderboard
    notes = [*run.notes, *(board.notes if board else ())]
    if board is None:
        notes.append("The run is not over: there is no leaderboard yet.")
    elif not run.interaction:
        notes.append("Judged from the first screenshot alone: nothing was clicked, typed or played.")
    notes += [f"{entry.model} on {entry.task_id}: {entry.problem}" for entry in run.entries if entry.problem]
    lost = sum(key not in material.evidence for entry in run.entries for key in entry.evidence)
    if lost:
        notes.append(f"The evidence of {counted(lost, 'use')} is not in the run folder and cannot be shown.")
    problems = Counter(
        (decision.judge, decision.problem)
        for pair in material.pairs
        for decision in pair.decisions
        if decision.verdict is None
    )
    notes += [
        f"{judge} gave no verdict on {counted(count, 'pair')}: {problem}"
        for (judge, problem), count in problems.items()
    ]
    return list(dict.fromkeys(notes))


def _turned(decision: Decision) -> Decision:
    verdict = decision.verdict.flipped() if decision.verdict else None
    return decision.model_copy(update={"model_a": decision.model_b, "model_b": decision.model_a, "verdict": verdict})


def _slug(decision: Decision) -> str:
    parts = (decision.task_id, decision.model_a, decision.model_b)
    return "-".join(re.sub(r"[^a-z0-9]+", "-", part.lower()).strip("-") for part in parts)


def _make_slugs_differ(pairs: Iterable[Pair]) -> None:
    """Names that differ only in what a link cannot hold are told apart by their digest."""
    listed: Sequence[Pair] = list(pairs)
    counts = Counter(pair.slug for pair in listed)
    for pair in listed:
        if counts[pair.slug] > 1 or not pair.slug.strip("-"):
            pair.slug += "-" + digest_of([pair.task_id, pair.model_a, pair.model_b])[:8]


def _read_evidence(folder: Path) -> Evidence | None:
    try:
        return Evidence.model_validate_json((folder / EVIDENCE_FILE).read_bytes())
    except FileNotFoundError:
        return None
    except ValidationError as error:
        raise BadInput(f"{folder / EVIDENCE_FILE}: not evidence of this version: {error.errors()[0]['msg']}") from error


def _read_decisions(files: RunFolder) -> list[Decision]:
    try:
        return files.read_decisions()
    except ValidationError as error:
        raise BadInput(f"{files.path / 'verdicts.jsonl'}: not verdicts: {error.errors()[0]['msg']}") from error


def _read_leaderboard(files: RunFolder) -> Leaderboard | None:
    try:
        return files.read_leaderboard()
    except FileNotFoundError:
        return None
    except ValidationError as error:
        raise BadInput(f"{files.path / 'leaderboard.json'}: not a leaderboard: {error.errors()[0]['msg']}") from error

"""People as a judge: votes that were cast before, read from a file."""

from __future__ import annotations

from collections import Counter, defaultdict
from pathlib import Path

from pydantic import ValidationError

from agent_judge.errors import BadInput, JudgeError
from agent_judge.schema import Evidence, Model, Task, Verdict, Vote, Winner, digest_of


class PersonsVote(Model):
    """One line of a file of votes."""

    task_id: str
    solution_a: str
    """Digest of the solution that the voter saw as A."""
    solution_b: str
    winner: Winner
    voter: str = "a person"
    comment: str = ""


class VotesJudge:
    """Decides as most people did who compared the same two solutions."""

    def __init__(self, name: str, votes: tuple[PersonsVote, ...]) -> None:
        self.name = name
        self._votes: dict[tuple[str, str, str], list[Vote]] = defaultdict(list)
        for vote in votes:
            cast = Vote(voter=vote.voter, winner=vote.winner, confidence=1.0, rationale=vote.comment)
            self._votes[vote.task_id, vote.solution_a, vote.solution_b].append(cast)
            self._votes[vote.task_id, vote.solution_b, vote.solution_a].append(cast.flipped())
        self._fingerprint = digest_of([vote.model_dump(mode="json") for vote in votes])

    def fingerprint(self) -> str:
        """Names the votes."""
        return self._fingerprint

    async def judge(self, task: Task, a: Evidence, b: Evidence) -> Verdict:
        """Decides by majority; where two answers have equally many votes, it is a tie.

        Raises:
            JudgeError: Nobody compared these two.
        """
        votes = self._votes.get((task.id, a.solution, b.solution), [])
        if not votes:
            raise JudgeError("nobody has voted on these two solutions")
        counts = Counter(vote.winner for vote in votes).most_common()
        most = counts[0][1]
        leading: list[Winner] = [winner for winner, count in counts if count == most]
        winner: Winner = leading[0] if len(leading) == 1 else "tie"
        share = most / len(votes) if len(leading) == 1 else 1 / len(leading)
        return Verdict(
            winner=winner,
            strength=abs(sum((v.winner == "A") - (v.winner == "B") for v in votes)) / len(votes),
            confidence=share,
            rationale=f"{most} of {len(votes)} people decided so." if len(leading) == 1 else "People disagree.",
            judge=self.name,
            votes=tuple(votes),
        )


def load_votes(file: Path, name: str) -> VotesJudge:
    """Reads votes, one JSON object per line.

    Raises:
        BadInput: The file cannot be read, or a line is not a vote.
    """
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{file}: cannot read the votes: {error}") from error
    votes = []
    for number, line in enumerate(lines, 1):
        if line.strip():
            try:
                votes.append(PersonsVote.model_validate_json(line))
            except ValidationError as error:
                first = error.errors()[0]
                where = ".".join(str(part) for part in first["loc"])
                raise BadInput(f"{file}:{number}: {where + ': ' if where else ''}{first['msg']}") from error
    if not votes:
        raise BadInput(f"{file}: there are no votes in it")
    return VotesJudge(name, tuple(votes))

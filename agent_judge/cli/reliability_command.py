"""``agent-judge reliability``: how far each member of a panel can be trusted, learnt from their agreement alone."""

from __future__ import annotations

import json as json_format
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from agent_judge.cli.output import Output
from agent_judge.errors import BadInput
from agent_judge.judge import learn_reliability
from agent_judge.judge.counting import weight_of
from agent_judge.schema import Verdict, Vote
from agent_judge.store import RunFolder, write_atomically
from agent_judge.wording import counted

LEAST_BATTLES = 10
"""Of fewer, agreement tells hardly more than chance."""


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command()(reliability)


def reliability(
    runs: Annotated[list[Path], typer.Argument(help="Folders of runs in which the panel decided.")],
    out: Annotated[
        Path, typer.Option("-o", "--out", metavar="FILE", help="Where to write it; a panel names it as learnt.")
    ],
    judge: Annotated[
        str, typer.Option("--judge", metavar="NAME", help="The panel; needed where the runs have several.")
    ] = "",
) -> None:
    """Learns from runs how far each member of a panel can be trusted."""
    output = Output()
    name, battles = _battles(runs, judge)
    if len(battles) < LEAST_BATTLES:
        raise BadInput(f"{name} has decided {counted(len(battles), 'battle')}: {LEAST_BATTLES} are needed at least")
    learnt = learn_reliability(battles)
    try:
        write_atomically(out, json_format.dumps(learnt, ensure_ascii=False, indent=2) + "\n")
    except OSError as error:
        raise BadInput(f"--out {out}: cannot be written: {error.strerror}") from error
    table = Table("member", "battles", "reliability", "weight", title=f"{escape(name)}: {len(battles)} battles")
    for member, value in sorted(learnt.items(), key=lambda item: -item[1]):
        voted = sum(vote.voter == member for votes in battles for vote in votes)
        table.add_row(escape(member), str(voted), f"{value:.2f}", f"{weight_of(value):.2f}")
    output.console.print(table)
    output.say(
        f"written: {escape(str(out))}; a panel uses it with aggregate: reliability and learnt: {escape(out.name)}"
    )


def _battles(runs: Sequence[Path], judge: str) -> tuple[str, list[tuple[Vote, ...]]]:
    """The panel's name, and the members' votes in each battle that it decided."""
    verdicts = [verdict for run in runs for verdict in _verdicts(run)]
    panels = sorted({verdict.judge for verdict in verdicts if verdict.judge.startswith("panel:")})
    if judge and judge not in panels:
        raise BadInput(f"--judge {judge}: the runs have verdicts of {', '.join(panels) or 'no panel'}")
    if not judge and len(panels) != 1:
        raise BadInput(f"name one panel with --judge: the runs have verdicts of {', '.join(panels) or 'none'}")
    name = judge or panels[0]
    return name, [_alone(verdict.votes) for verdict in verdicts if verdict.judge == name]


def _verdicts(run: Path) -> Iterable[Verdict]:
    folder = RunFolder(run)
    if not folder.exists():
        raise BadInput(f"{run}: no folder of a run")
    return (decision.verdict for decision in folder.read_decisions() if decision.verdict is not None)


def _alone(votes: Sequence[Vote]) -> tuple[Vote, ...]:
    """Each member's first vote: agreement that comes from having heard each other proves nothing."""
    first: dict[str, Vote] = {}
    for vote in sorted(votes, key=lambda vote: vote.round):
        first.setdefault(vote.voter, vote)
    return tuple(first.values())

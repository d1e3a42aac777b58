"""``agent-judge rank``: a leaderboard from a file of battles."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from agent_judge.cli.output import JsonOption, Output
from agent_judge.rank import rank as rank_battles
from agent_judge.rank import read_battles


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command()(rank)


def rank(
    battles: Annotated[Path, typer.Argument(help="battles.jsonl, or CSV or Parquet with model_a, model_b, winner.")],
    rounds: Annotated[int, typer.Option("--rounds", min=1, max=1_000_000, help="Bootstrap rounds.")] = 1000,
    by: Annotated[
        list[str] | None, typer.Option("--by", help="Also rank parts: environment, language, category.")
    ] = None,
    seed: Annotated[int, typer.Option("--seed", help="Seeds the bootstrap.")] = 0,
    baseline: Annotated[str, typer.Option("--baseline", help="The model whose rating is 1000.")] = "",
    json: JsonOption = "",
) -> None:
    """Ranks models by their battles, with bootstrapped 95 % intervals."""
    output = Output(json)
    leaderboard = rank_battles(read_battles(battles), rounds=rounds, seed=seed, by=tuple(by or ()), baseline=baseline)
    output.leaderboard(leaderboard)
    output.result(leaderboard)

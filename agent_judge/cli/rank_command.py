"""``agent-judge rank``: a leaderboard from a file of battles."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.markup import escape

from agent_judge.cli.output import JsonOption, Output
from agent_judge.cli.standings import show_standings
from agent_judge.errors import BadInput
from agent_judge.rank import rank as rank_battles
from agent_judge.rank import rank_history, read_table, save_plots, write_leaderboard
from agent_judge.rank.write import FORMATS

Method = Literal["bradley-terry", "davidson", "rao-kupper", "elo", "win-rate"]


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command()(rank)


def rank(
    battles: Annotated[Path, typer.Argument(help="battles.jsonl, or CSV or Parquet with model_a, model_b, winner.")],
    rounds: Annotated[
        int, typer.Option("--rounds", min=0, max=1_000_000, help="Bootstrap rounds; 0: intervals by formula.")
    ] = 1000,
    by: Annotated[
        list[str] | None, typer.Option("--by", help="Also rank parts: environment, language, category, judge.")
    ] = None,
    seed: Annotated[int, typer.Option("--seed", help="Seeds the bootstrap.")] = 0,
    baseline: Annotated[str, typer.Option("--baseline", help="The model whose rating is 1000.")] = "",
    method: Annotated[Method, typer.Option("--method", help="The model of who wins.")] = "bradley-terry",
    both_bad: Annotated[
        Literal["tie", "skip"], typer.Option("--both-bad", help="Whether it counts as a tie or is left out.")
    ] = "tie",
    resample: Annotated[
        Literal["task", "battle", "judge"], typer.Option("--resample", help="What a bootstrap round draws.")
    ] = "task",
    control: Annotated[
        list[str] | None,
        typer.Option("--control", help="Covariate to hold apart: position, or X of columns X_a and X_b."),
    ] = None,
    judge_aware: Annotated[
        bool, typer.Option("--judge-aware", help="Let a noisy judge count less (arXiv 2601.21817).")
    ] = False,
    anchor: Annotated[str, typer.Option("--anchor", help="With --judge-aware: the judge to measure others by.")] = "",
    out: Annotated[
        list[Path] | None,
        typer.Option("-o", "--out", help="Write the table: .json, .csv, .md or .tex; may be repeated."),
    ] = None,
    plots: Annotated[Path | None, typer.Option("--plots", help="Folder for plots as SVG and PNG.")] = None,
    json: JsonOption = "",
) -> None:
    """Ranks models by their battles, with bootstrapped 95 % intervals."""
    output = Output(json)
    if anchor and not judge_aware:
        raise BadInput("--anchor is the judge that others are measured by; it needs --judge-aware")
    _check_places(out or (), plots)
    table = read_table(battles)
    leaderboard = rank_battles(
        table,
        rounds=rounds,
        seed=seed,
        by=tuple(by or ()),
        baseline=baseline,
        method=method,
        both_bad=both_bad,
        resample=resample,
        control=tuple(control or ()),
        judge_aware=judge_aware,
        anchor=anchor,
    )
    show_standings(output, leaderboard, anchor)
    for file in out or ():
        write_leaderboard(leaderboard, file)
        output.say(f"written: {escape(str(file))}")
    if plots:
        history = rank_history(
            table, seed=seed, baseline=baseline, method=method, both_bad=both_bad, control=tuple(control or ())
        )
        for picture in save_plots(leaderboard, plots, history):
            output.say(f"written: {escape(str(picture))}")
    output.result(leaderboard)


def _check_places(files: Sequence[Path], plots: Path | None) -> None:
    """Says before the work that a result could not be written after it."""
    for file in files:
        if file.suffix.lower() not in FORMATS:
            raise BadInput(f"-o {file}: cannot tell the format; end the name in {', '.join(FORMATS)}")
        if not file.parent.is_dir():
            raise BadInput(f"-o {file}: there is no folder {file.parent}")
    if plots:
        try:
            plots.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise BadInput(f"--plots {plots}: cannot be made: {error.strerror}") from error

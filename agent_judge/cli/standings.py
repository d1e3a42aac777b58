"""Prints a leaderboard with all that tells how far to trust it: slices, groups, significance, effects, judges."""

from __future__ import annotations

from rich.markup import escape
from rich.table import Table

from agent_judge.cli.output import Output
from agent_judge.schema import Comparison, Leaderboard, ModelRating
from agent_judge.wording import counted

_MOST_MODELS_IN_PAIRS = 8
"""With more models only neighbours in rank are compared on the screen; the JSON has every pair."""


def show_standings(output: Output, board: Leaderboard, anchor: str = "") -> None:
    """Prints the whole, what it rests on, then every slice with the number of battles behind it.

    Args:
        output: Where to.
        board: As ranked.
        anchor: The judge that the sharpness of others is told by; without one it is their mean.
    """
    for number, group in enumerate((board, *board.groups), start=1):
        of = f" {number} of {len(board.groups) + 1}" if board.groups else ""
        output.console.print(_ratings(group, f"{'Group' if of else 'Leaderboard'}{of}, {_battles(group)}"))
    _notes(output, board)
    _show_significance(output, board)
    _show_fitted(output, board, anchor)
    for column, parts in board.slices.items():
        for value, part in parts.items():
            name = value if value.startswith("same ") else f"{column}: {value}"
            for group in (part, *part.groups):
                output.console.print(_ratings(group, f"{name}, {_battles(group)}"))


def _ratings(board: Leaderboard, title: str) -> Table:
    table = Table(title=escape(title), title_justify="left")
    best = ("best",) if any(1 in line.top for line in board.models) else ()
    for heading in ("rank", "model", "rating", "95 % interval", "rank range", *best, "battles"):
        table.add_column(heading, justify="left" if heading == "model" else "right")
    for line in board.models:
        table.add_row(
            str(line.rank),
            escape(line.model),
            f"{line.rating:.0f}",
            f"{line.lower:.0f} to {line.upper:.0f}",
            _ranks(line),
            *([_chance(line.top.get(1, 0.0))] if best else []),
            f"{line.battles}{' (few)' if line.few else ''}",
        )
    return table


def _chance(share: float) -> str:
    return ">99 %" if share > 0.99 else "<1 %" if share < 0.01 else f"{share:.0%}".replace("%", " %")


def _ranks(line: ModelRating) -> str:
    return f"{line.rank_lower}" if line.rank_lower == line.rank_upper else f"{line.rank_lower}-{line.rank_upper}"


def _battles(board: Leaderboard) -> str:
    few = ", too few to trust" if board.too_few else ""
    return f"{counted(board.battles, 'battle')} of {counted(board.tasks, 'task')}{few}"


def _notes(output: Output, board: Leaderboard) -> None:
    for note in board.notes:
        output.say(f"[dim]note: {escape(note)}[/dim]")


def _show_significance(output: Output, board: Leaderboard) -> None:
    """Which models these battles tell apart."""
    if not board.comparisons:
        return
    every = len(board.models) <= _MOST_MODELS_IN_PAIRS
    neighbours = {(one.model, other.model) for one, other in zip(board.models, board.models[1:], strict=False)}
    shown = [one for one in board.comparisons if every or (one.better, one.worse) in neighbours]
    title = "Who is better than whom" if every else "Neighbours in rank"
    table = Table(title=title, title_justify="left")
    for heading in ("better", "worse", "probability", "corrected p", "significant", "direct battles"):
        table.add_column(heading, justify="left" if heading in ("better", "worse") else "right")
    for one in shown:
        table.add_row(*_compared(one))
    output.console.print(table)
    apart = sum(one.significant for one in board.comparisons)
    output.say(
        f"{apart} of {counted(len(board.comparisons), 'pair')} of models are told apart "
        "(p-values corrected by Benjamini and Hochberg, 5 %)"
    )


def _compared(one: Comparison) -> tuple[str, ...]:
    p_value = "< 0.001" if one.p_value < 0.001 else f"{one.p_value:.3f}"
    sure = "[green]yes[/green]" if one.significant else "no"
    chance = ">99.9%" if one.probability > 0.999 else f"{one.probability:.1%}"
    return escape(one.better), escape(one.worse), chance, p_value, sure, str(one.battles)


def _show_fitted(output: Output, board: Leaderboard, anchor: str) -> None:
    """What was fitted beside the ratings: covariates held apart, and how sharp each judge is."""
    for effect in board.effects:
        per = "standing first" if effect.name == "position" else f"one standard deviation more {effect.name}"
        output.say(escape(f"{per}: {effect.elo:+.0f} points ({effect.lower:+.0f} to {effect.upper:+.0f}), held apart"))
    whom = anchor or "usual"
    for judge in board.judges:
        output.say(
            escape(
                f"judge {judge.judge}: tells models apart {judge.discrimination:.2f} times as sharply as {whom} "
                f"({judge.lower:.2f} to {judge.upper:.2f}), {counted(judge.battles, 'battle')}"
            )
        )

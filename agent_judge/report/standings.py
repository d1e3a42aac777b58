"""A leaderboard as it is drawn: intervals on a common scale, the win matrix, slices."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from agent_judge.report.material import Pair, Record, model_records
from agent_judge.schema import Leaderboard, ModelRating

_MARGIN = 0.06
"""Room left and right of the outermost interval ends, as a share of the scale."""


@dataclass(frozen=True)
class Scale:
    """A rating axis; places on it are in per cent of its width."""

    low: float
    high: float
    ticks: tuple[float, ...]

    def at(self, rating: float) -> float:
        """Where a rating stands, 0 to 100."""
        return round(100 * (rating - self.low) / (self.high - self.low), 2)


@dataclass(frozen=True)
class Standing:
    """One line of a leaderboard with its interval drawn."""

    rating: ModelRating
    record: Record
    left: float
    """Lower end of the interval, per cent of the axis."""
    middle: float
    right: float

    @property
    def ranks(self) -> str:
        """The ranks that the interval allows."""
        lower, upper = self.rating.rank_lower, self.rating.rank_upper
        return str(lower) if lower == upper else f"{lower}–{upper}"


@dataclass(frozen=True)
class Standings:
    """A leaderboard ready to be drawn."""

    name: str
    rows: list[Standing]
    scale: Scale
    battles: int
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Cell:
    """How often the row's model won against the column's."""

    share: float | None
    """``None``: they never met."""
    record: Record

    @property
    def tone(self) -> str:
        """Class of its colour: ``lose-5`` … ``even`` … ``win-5``."""
        if self.share is None:
            return "none"
        step = round((self.share - 0.5) * 10)
        return "even" if step == 0 else f"{'win' if step > 0 else 'lose'}-{abs(step)}"


def standings(name: str, board: Leaderboard, pairs: Sequence[Pair]) -> Standings:
    """Draws a leaderboard.

    Args:
        name: What it ranks: a slice's value, or nothing for all battles.
        board: The leaderboard.
        pairs: Those behind the leaderboard, to count battles won; none for a slice.
    """
    scale = scale_of(board.models)
    records = model_records(pairs)
    rows = [
        Standing(
            model,
            records.get(model.model, Record()),
            scale.at(model.lower),
            scale.at(model.rating),
            scale.at(model.upper),
        )
        for model in board.models
    ]
    return Standings(name, rows, scale, sum(model.battles for model in board.models) // 2, board.notes)


def scale_of(models: Sequence[ModelRating]) -> Scale:
    """An axis on which all intervals fit, with round numbers marked."""
    ends = [end for model in models for end in (model.lower, model.upper, model.rating) if math.isfinite(end)]
    low, high = (min(ends), max(ends)) if ends else (900.0, 1100.0)
    room = max((high - low) * _MARGIN, 5.0)
    low, high = low - room, high + room
    step = _round_step((high - low) / 4)
    first = math.ceil(low / step)
    ticks = tuple(step * number for number in range(first, math.floor(high / step) + 1))
    return Scale(low, high, ticks)


def win_matrix(board: Leaderboard, pairs: Sequence[Pair]) -> list[list[Cell]]:
    """Row against column, in the leaderboard's order."""
    met = _records_between(pairs)
    names = [model.model for model in board.models]
    return [
        [
            Cell(board.win_rates.get(row, {}).get(column) if row != column else None, met.get((row, column), Record()))
            for column in names
        ]
        for row in names
    ]


def slices(board: Leaderboard) -> dict[str, list[Standings]]:
    """The leaderboard's parts by what they are cut by, each with most battles first."""
    drawn = {
        by: sorted((standings(value, part, ()) for value, part in parts.items()), key=lambda s: (-s.battles, s.name))
        for by, parts in board.slices.items()
    }
    return {by: parts for by, parts in drawn.items() if parts}


def _records_between(pairs: Sequence[Pair]) -> dict[tuple[str, str], Record]:
    met: dict[tuple[str, str], Record] = {}
    for pair in pairs:
        for name, record in model_records([pair]).items():
            other = pair.model_b if name == pair.model_a else pair.model_a
            total = met.setdefault((name, other), Record())
            total.won += record.won
            total.tied += record.tied
            total.lost += record.lost
    return met


def _round_step(rough: float) -> float:
    power = 10 ** math.floor(math.log10(rough))
    return next(factor * power for factor in (1, 2, 2.5, 5, 10) if factor * power >= rough * 0.999)

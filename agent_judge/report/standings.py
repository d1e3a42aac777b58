"""A leaderboard as it is drawn: intervals on a common scale, the win matrix, slices."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from agent_judge.report.material import Pair, Record, model_records
from agent_judge.schema import Leaderboard, ModelRating

_MARGIN = 0.06
"""Room left and right of the outermost interval ends, as a share of the scale."""
_SHOWN_TOPS = (1, 3)
_MIXED = "mixed"
"""The slice of battles whose two sides differ in what it is cut by."""


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
    left: float
    """Lower end of the interval, per cent of the axis."""
    middle: float
    right: float

    @property
    def ranks(self) -> str:
        """The ranks that the interval allows."""
        lower, upper = self.rating.rank_lower, self.rating.rank_upper
        return str(lower) if lower == upper else f"{lower}–{upper}"

    @property
    def ties(self) -> int:
        """Battles neither won nor lost."""
        return self.rating.battles - self.rating.wins - self.rating.losses


@dataclass(frozen=True)
class Standings:
    """A leaderboard ready to be drawn."""

    name: str
    """What it ranks: a slice's value, or nothing for all battles."""
    board: Leaderboard
    scale: Scale
    rows: list[Standing]
    matrix: list[list[Cell]] = field(default_factory=list)
    """Of a slice: share of battles that the row's model won; empty where none is known."""
    groups: tuple[Standings, ...] = ()
    """Models that never met those above, ranked by themselves."""

    @property
    def some_few(self) -> bool:
        """Whether some models, but not all, have too few battles; of all of them the notes tell."""
        return len({model.few for model in self.board.models}) > 1

    @property
    def chances(self) -> tuple[int, ...]:
        """The k for which it says how likely each model is among the best k: 1, and 3 where there are enough."""
        known = {k for model in self.board.models for k in model.top}
        return tuple(k for k in _SHOWN_TOPS if k in known)


@dataclass(frozen=True)
class Cell:
    """What is known of the row's model against the column's."""

    share: float | None
    """Of battles won, or of probability to be better; ``None``: not known."""
    title: str = ""
    significant: bool = False
    note: str = ""
    """Stands small below the share."""

    @property
    def tone(self) -> str:
        """Class of its colour: ``lose-5`` … ``even`` … ``win-5``."""
        if self.share is None:
            return "none"
        step = round((self.share - 0.5) * 10)
        return "even" if step == 0 else f"{'win' if step > 0 else 'lose'}-{abs(step)}"


def standings(board: Leaderboard, name: str = "", scale: Scale | None = None) -> Standings:
    """Draws a leaderboard, on its own scale if none is given."""
    scale = scale or scale_of(board.models)
    rows = [
        Standing(model, scale.at(model.lower), scale.at(model.rating), scale.at(model.upper)) for model in board.models
    ]
    return Standings(name, board, scale, rows)


def scale_of(models: Sequence[ModelRating], ticks: int = 6) -> Scale:
    """An axis on which all intervals fit, with about so many round numbers marked."""
    ends = [end for model in models for end in (model.lower, model.upper, model.rating) if math.isfinite(end)]
    low, high = (min(ends), max(ends)) if ends else (900.0, 1100.0)
    room = max((high - low) * _MARGIN, 5.0)
    low, high = low - room, high + room
    step = _round_step((high - low) / ticks)
    first = math.ceil(low / step)
    marked = tuple(step * number for number in range(first, math.floor(high / step) + 1))
    return Scale(low, high, marked)


def win_matrix(board: Leaderboard, pairs: Sequence[Pair]) -> list[list[Cell]]:
    """Share of battles that the row's model won against the column's, in the leaderboard's order."""
    met = _records_between(pairs)

    def cell(row: str, column: str) -> Cell:
        record = met.get((row, column), Record())
        title = f"{record.won} won, {record.tied} tied, {record.lost} lost" if record.total else ""
        note = f"{record.total:,} battle{'s' if record.total != 1 else ''}" if record.total else ""
        return Cell(board.win_rates.get(row, {}).get(column), title, note=note)

    return _matrix(board, cell)


def certainty_matrix(board: Leaderboard) -> list[list[Cell]]:
    """Probability that the row's model is better than the column's; nothing where the leaderboard does not say."""
    cells: dict[tuple[str, str], Cell] = {}
    for known in board.comparisons:
        p_value = "p < 0.001" if known.p_value < 0.001 else f"p = {known.p_value:.2g}"
        title = f"{p_value}, {'significant' if known.significant else 'not significant'}"
        better = Cell(known.probability, title, known.significant, p_value)
        cells[known.better, known.worse] = better
        cells[known.worse, known.better] = replace(better, share=1 - known.probability)
    return _matrix(board, lambda row, column: cells.get((row, column), Cell(None))) if cells else []


def slices(board: Leaderboard) -> dict[str, list[Standings]]:
    """The leaderboard's parts by what they are cut by, on one scale each, most battles first, mixed ones last."""
    drawn = {}
    for by, parts in board.slices.items():
        scale = scale_of([model for part in parts.values() for model in part.models], ticks=4)
        listed = sorted(parts.items(), key=lambda item: (item[0] == _MIXED, -item[1].battles, item[0]))
        drawn[by] = [_slice(part, name, scale) for name, part in listed]
    return {by: parts for by, parts in drawn.items() if parts}


def _slice(board: Leaderboard, name: str, scale: Scale) -> Standings:
    groups = tuple(_slice(group, name, scale) for group in board.groups)
    shares = _matrix(board, lambda row, column: Cell(board.win_rates.get(row, {}).get(column)))
    known = any(cell.share is not None for cells in shares for cell in cells)
    return replace(standings(board, name, scale), matrix=shares if known else [], groups=groups)


def _matrix(board: Leaderboard, cell: Callable[[str, str], Cell]) -> list[list[Cell]]:
    names = [model.model for model in board.models]
    return [[cell(row, column) if row != column else Cell(None) for column in names] for row in names]


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
    power = 10.0 ** math.floor(math.log10(rough))
    return next(factor * power for factor in (1, 2, 2.5, 5, 10) if factor * power >= rough * 0.999)

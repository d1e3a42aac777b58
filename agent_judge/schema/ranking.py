"""How models rank, and how far to trust it."""

from __future__ import annotations

from pydantic import Field

from agent_judge.schema.base import Model


class ModelRating(Model):
    """One line of a Leaderboard."""

    model: str
    rating: float
    """Elo scale."""
    lower: float
    upper: float
    rank: int
    rank_lower: int
    """Best rank within the interval."""
    rank_upper: int
    battles: int
    wins: int = 0
    losses: int = 0
    top: dict[int, float] = Field(default_factory=dict)
    """``top[k]``: probability of being among the best k; over all models these add up to k."""
    few: bool = False
    """Whether its battles are too few to trust its interval."""
    sandwich: tuple[float, float] | None = None
    """The interval by the cluster-robust sandwich formula, as a cross-check of a bootstrap."""


class Comparison(Model):
    """How sure it is that one model is better than another."""

    better: str
    worse: str
    probability: float
    """That ``better`` is better, as share of the bootstrap rounds."""
    p_value: float
    """Two-sided, corrected by Benjamini and Hochberg over all pairs of the leaderboard."""
    significant: bool
    """Whether the corrected p-value is at most 0.05."""
    battles: int
    """Direct ones."""


class Effect(Model):
    """What a covariate (answer length, position, ...) is worth, held apart from the ratings."""

    name: str
    elo: float
    """Rating points for one standard deviation of the covariate's difference; for a position, for standing first."""
    lower: float
    upper: float


class JudgeWeight(Model):
    """How sharply a judge tells models apart: 1 is usual, 0 is noise."""

    judge: str
    discrimination: float
    lower: float
    upper: float
    battles: int


class Leaderboard(Model):
    """Models with rating, 95 % interval and rank range, best first."""

    models: tuple[ModelRating, ...]
    win_rates: dict[str, dict[str, float]] = Field(default_factory=dict)
    """``win_rates[a][b]``: share of battles of a against b that a won, ties as half."""
    rounds: int
    seed: int
    slices: dict[str, dict[str, Leaderboard]] = Field(default_factory=dict)
    """``slices["category"]["game"]``: the same over a part of the battles."""
    notes: tuple[str, ...] = ()
    """What a reader must know: models left out, groups that never met, too few battles."""
    method: str = "bradley-terry"
    """``bradley-terry``, ``davidson``, ``rao-kupper``, ``elo`` or ``win-rate``."""
    interval: str = ""
    """What the intervals rest on: ``bootstrap over tasks``, ``sandwich over tasks``, ..."""
    battles: int = 0
    tasks: int = 0
    too_few: bool = False
    """Whether the battles are too few to trust the intervals."""
    comparisons: tuple[Comparison, ...] = ()
    """Every pair of models, the better rated first."""
    effects: tuple[Effect, ...] = ()
    judges: tuple[JudgeWeight, ...] = ()
    groups: tuple[Leaderboard, ...] = ()
    """Models that never met those above, not even through others: each group ranked by itself."""

"""How ratings and ranks settled while battles came in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np

from agent_judge.errors import BadInput
from agent_judge.rank.estimate import Method
from agent_judge.rank.ranking import rank
from agent_judge.rank.table import BOTH_BAD, BattleTable
from agent_judge.schema import Battle, Leaderboard


def rank_history(
    battles: Sequence[Battle] | BattleTable,
    *,
    points: int = 12,
    rounds: int = 200,
    seed: int = 0,
    baseline: str = "",
    method: Method = "bradley-terry",
    both_bad: Literal["tie", "skip"] = "tie",
    control: Sequence[str] = (),
) -> list[Leaderboard]:
    """Ranks growing numbers of battles, in the order in which they stand.

    Args:
        battles: All of them; the last leaderboard ranks all.
        points: How many leaderboards, at evenly spaced numbers of battles.
        rounds: Bootstrap rounds of each.
        seed: As :func:`~agent_judge.rank.rank` takes it.
        baseline: Anchors the ratings as soon as it has a battle.
        method: As :func:`~agent_judge.rank.rank` takes it; of win rates, there are none before the baseline's first
            battle.
        both_bad: The same.
        control: The same.

    Returns:
        Leaderboards, fewest battles first; ``Leaderboard.battles`` tells how many each rests on. Models without a
        battle yet are not in it.
    """
    if points < 1:
        raise BadInput(f"points must be 1 or more, not {points}")
    table = battles if isinstance(battles, BattleTable) else BattleTable.from_battles(battles)
    if both_bad == "skip":
        table = table.take(np.flatnonzero(table.winner != BOTH_BAD))
    sizes = np.unique(np.linspace(0, len(table), points + 1)[1:].round().astype(int))
    boards = []
    for size in sizes[sizes > 0].tolist():
        part = table.take(np.arange(size))
        known = baseline if baseline in part.models else ""
        if known or method != "win-rate":
            boards.append(rank(part, rounds=rounds, seed=seed, baseline=known, method=method, control=control))
    return boards

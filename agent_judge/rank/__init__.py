"""Battles → Leaderboard: ratings with intervals, and how sure the order is."""

from agent_judge.rank.history import rank_history
from agent_judge.rank.pairing import next_pairs
from agent_judge.rank.plots import save_plots
from agent_judge.rank.ranking import rank
from agent_judge.rank.read import read_battles, read_frame, read_table
from agent_judge.rank.table import BattleTable
from agent_judge.rank.write import write_leaderboard

__all__ = [
    "BattleTable",
    "next_pairs",
    "rank",
    "rank_history",
    "read_battles",
    "read_frame",
    "read_table",
    "save_plots",
    "write_leaderboard",
]

"""Battles → Leaderboard: ratings with intervals, and how sure the order is."""

from agent_judge.rank.ranking import rank
from agent_judge.rank.read import read_battles, read_table
from agent_judge.rank.table import BattleTable

__all__ = ["BattleTable", "rank", "read_battles", "read_table"]

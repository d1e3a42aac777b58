"""Verdicts × human votes → how far a judge agrees with people, and weights fitted to votes."""

from agent_judge.agree.boards import compare_leaderboards
from agent_judge.agree.calibrate import calibrate, voted_criteria
from agent_judge.agree.calibration import plot_reliability
from agent_judge.agree.compare import compare_judges
from agent_judge.agree.datasets import read_votes
from agent_judge.agree.raters import Rating, rater_agreement
from agent_judge.agree.report import Agreement, agreement
from agent_judge.agree.votes import PEOPLE, Judged, VotedPair, VotedSide, battles_of, judged, solution_of

__all__ = [
    "PEOPLE",
    "Agreement",
    "Judged",
    "Rating",
    "VotedPair",
    "VotedSide",
    "agreement",
    "battles_of",
    "calibrate",
    "compare_judges",
    "compare_leaderboards",
    "judged",
    "plot_reliability",
    "rater_agreement",
    "read_votes",
    "solution_of",
    "voted_criteria",
]

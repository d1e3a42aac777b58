"""Two solutions' Evidence to a Verdict."""

from agent_judge.judge.asker import Estimate, Purchase, purchase
from agent_judge.judge.budget import Budget, Pace
from agent_judge.judge.case import MODES
from agent_judge.judge.counting import learn_reliability
from agent_judge.judge.evidence import EvidenceJudge
from agent_judge.judge.findings import findings
from agent_judge.judge.model_judge import Sight
from agent_judge.judge.records import Records
from agent_judge.judge.registry import JudgeSettings, estimate, load_judge, load_mind
from agent_judge.judge.weights import Weights, load_weights, save_weights

__all__ = [
    "MODES",
    "Budget",
    "Estimate",
    "EvidenceJudge",
    "JudgeSettings",
    "Pace",
    "Purchase",
    "Records",
    "Sight",
    "Weights",
    "estimate",
    "findings",
    "learn_reliability",
    "load_judge",
    "load_mind",
    "load_weights",
    "purchase",
    "save_weights",
]

"""Two solutions' Evidence to a Verdict."""

from agent_judge.judge.evidence import EvidenceJudge
from agent_judge.judge.findings import findings
from agent_judge.judge.registry import JudgeSettings, load_judge, load_mind
from agent_judge.judge.weights import Weights, load_weights, save_weights

__all__ = [
    "EvidenceJudge",
    "JudgeSettings",
    "Weights",
    "findings",
    "load_judge",
    "load_mind",
    "load_weights",
    "save_weights",
]

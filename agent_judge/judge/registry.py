"""Judges by the names that ``--judge`` takes."""

from __future__ import annotations

from pathlib import Path

from agent_judge.errors import BadInput
from agent_judge.judge.evidence import EvidenceJudge
from agent_judge.judge.weights import load_weights
from agent_judge.protocols import Judge

KNOWN = ("evidence",)


def load_judge(name: str, weights: Path | None = None) -> Judge:
    """Makes the judge of a name.

    Args:
        name: One of :data:`KNOWN`.
        weights: Weights of the evidence judge, instead of the embedded ones.

    Raises:
        BadInput: There is no judge of this name, or its settings cannot be used.
    """
    if name == "evidence":
        return EvidenceJudge(load_weights(weights))
    raise BadInput(f"unknown judge {name!r}: known are {', '.join(KNOWN)}")

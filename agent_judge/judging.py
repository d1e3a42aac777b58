"""How the judges of a run judge: what they see, what they may cost, where their answers are kept."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from langgraph.checkpoint.base import BaseCheckpointSaver
from pydantic import Field

from agent_judge.drive.agent import Agent
from agent_judge.judge import JudgeSettings, load_judge
from agent_judge.judge.asker import purchase
from agent_judge.judge.budget import Budget
from agent_judge.judge.case import Mode
from agent_judge.judge.model_judge import Sight
from agent_judge.judge.records import Records
from agent_judge.judge.registry import load_mind
from agent_judge.protocols import Judge
from agent_judge.read.suite import Suite
from agent_judge.schema import Model
from agent_judge.store import RunFolder


class Judging(Model):
    """Settings of the judges of one run."""

    weights: Path | None = None
    """Weights of the evidence judge, as ``calibrate`` writes them; its own if not given."""
    mode: Mode = "code+interaction"
    """What model judges see."""
    image_tokens: int = Field(8_000, ge=0)
    """Image tokens per verdict, for both solutions together."""
    max_cost: float | None = None
    """US dollars that all model judges together may cost."""
    batch: bool = False
    """Whether Claude is asked in batches: half the price, hours instead of seconds."""
    replay_responses: bool = False
    """Whether verdicts come from the kept answers alone, without a network."""
    driver: str = ""
    """The model that uses the programs, ``claude`` or ``claude:MODEL``; recorded scenarios do if not given."""


@dataclass(frozen=True)
class Models:
    """The judges of a run by name, and the model that drives, if one does."""

    judges: dict[str, Judge]
    driver: Agent | None
    budget: Budget
    """What they share, and what of it is spent."""


def make_models(
    names: tuple[str, ...],
    judging: Judging,
    suite: Suite,
    folder: RunFolder,
    checkpointer: BaseCheckpointSaver[str] | None = None,
) -> Models:
    """Makes the judges of a run, and its driver.

    Raises:
        BadInput: There is no such judge, or its settings cannot be used.
        MissingRequirement: One needs a key, and there is none.
    """
    budget = Budget(judging.max_cost)
    solutions = {s.digest: s for by_model in suite.solutions.values() for s in by_model.values()}
    settings = JudgeSettings(
        weights=judging.weights,
        sight=Sight(judging.mode, judging.image_tokens, folder.evidence, solutions.get),
        shared=purchase(Records(folder.responses), budget, replay=judging.replay_responses),
        batch=folder.path / "batches" if judging.batch else None,
        many=len(suite.models) > 2,
        checkpointer=checkpointer,
    )
    driver = Agent(load_mind(judging.driver, settings)) if judging.driver else None
    return Models({name: load_judge(name, settings) for name in names}, driver, budget)

"""How the judges of a run judge: what they see, what they may cost, where their answers are kept."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from agent_judge.judge import JudgeSettings, load_judge
from agent_judge.judge.asker import purchase
from agent_judge.judge.budget import Budget
from agent_judge.judge.case import Mode
from agent_judge.judge.model_judge import Sight
from agent_judge.judge.records import Records
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


def make_judges(names: tuple[str, ...], judging: Judging, suite: Suite, folder: RunFolder) -> dict[str, Judge]:
    """Makes the judges of a run, by name.

    Raises:
        BadInput: There is no such judge, or its settings cannot be used.
        MissingRequirement: A judge needs a key, and there is none.
    """
    solutions = {s.digest: s for by_model in suite.solutions.values() for s in by_model.values()}
    settings = JudgeSettings(
        weights=judging.weights,
        sight=Sight(judging.mode, judging.image_tokens, folder.evidence, solutions.get),
        shared=purchase(Records(folder.responses), Budget(judging.max_cost), replay=judging.replay_responses),
        batch=folder.path / "batches" if judging.batch else None,
        many=len(suite.models) > 2,
    )
    return {name: load_judge(name, settings) for name in names}

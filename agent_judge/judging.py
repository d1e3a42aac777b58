"""Makes the judges of a run, and the models that use programs: what they share, and where their answers are kept."""

from __future__ import annotations

from dataclasses import dataclass

from langgraph.checkpoint.base import BaseCheckpointSaver

from agent_judge.drive.agent import Agent
from agent_judge.drive.choose import ModelChooser
from agent_judge.judge import JudgeSettings, load_judge
from agent_judge.judge.asker import purchase
from agent_judge.judge.budget import Budget
from agent_judge.judge.model_judge import Sight
from agent_judge.judge.records import Records
from agent_judge.judge.registry import load_mind
from agent_judge.protocols import Judge
from agent_judge.read.suite import Suite
from agent_judge.schema import Judging
from agent_judge.store import RunFolder


@dataclass(frozen=True)
class Models:
    """The judges of a run by name, and the models that drive or choose elements, if any do."""

    judges: dict[str, Judge]
    driver: Agent | None
    chooser: ModelChooser | None
    budget: Budget
    """What they share, and what of it is spent."""

    def fingerprints(self) -> dict[str, str]:
        """Names all that determines what each of them says; who uses the programs goes by ``driver``, ``chooser``."""
        using = {"driver": self.driver, "chooser": self.chooser}
        said = {name: one.fingerprint() for name, one in using.items() if one}
        return {name: judge.fingerprint() for name, judge in self.judges.items()} | said


def make_models(
    names: tuple[str, ...],
    judging: Judging,
    suite: Suite,
    folder: RunFolder,
    checkpointer: BaseCheckpointSaver[str] | None = None,
) -> Models:
    """Makes the judges of a run, its driver and its chooser.

    Raises:
        BadInput: There is no such judge, or its settings cannot be used.
        MissingRequirement: One needs a key, and there is none.
    """
    records = Records(folder.responses)
    budget = Budget(judging.max_cost, folder.payments)
    solutions = {s.digest: s for by_model in suite.solutions.values() for s in by_model.values()}
    settings = JudgeSettings(
        weights=judging.weights,
        sight=Sight(judging.mode, judging.image_tokens, folder.evidence, solutions.get, suite.models),
        shared=purchase(records, budget, replay=judging.replay_responses),
        batch=folder.path / "batches" if judging.batch else None,
        many=len(suite.models) > 2,
        checkpointer=checkpointer,
    )
    driver = Agent(load_mind(judging.driver, settings)) if judging.driver else None
    chooser = ModelChooser(load_mind(judging.chooser, settings)) if judging.chooser else None
    return Models({name: load_judge(name, settings) for name in names}, driver, chooser, budget)

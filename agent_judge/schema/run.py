"""A run, as its folder tells it."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field

from agent_judge.schema.base import Model
from agent_judge.schema.cost import Cost
from agent_judge.schema.solution import Task
from agent_judge.schema.verdict import Verdict

Sandbox = Literal["local", "docker", "e2b"]
"""Where solutions run: boxes of this machine, containers, or virtual machines of E2B."""
Mode = Literal["code", "code+execution", "execution", "interaction", "code+interaction"]


class Entry(Model):
    """One model's solution to one task, as a run met it."""

    task_id: str
    model: str
    solution: str
    """The Solution's digest."""
    environment: str
    language: str
    evidence: tuple[str, ...] = ()
    """Keys of its Evidence in the store, one per scenario, in the order of the scenarios."""
    problem: str = ""
    """Why there is no evidence although the run is over: our own side failed, or this machine lacks something."""


class Decision(Model):
    """One judge's answer about one pair: a Verdict, or the reason why there is none."""

    task_id: str
    model_a: str
    model_b: str
    judge: str
    verdict: Verdict | None
    problem: str = ""
    """Why there is no verdict; such a pair makes no Battle."""


class Judging(Model):
    """How the judges of a run judge: what they see, what they may cost."""

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
    chooser: str = ""
    """The model that says which element a scenario's step means where rules do not tell; such steps are not done if
    not given."""


class Totals(Model):
    """What judging came to in a run, and what was paid for it."""

    verdicts: int
    no_verdicts: dict[str, int] = Field(default_factory=dict)
    """How often there is none, by reason."""
    position_bias: int = 0
    """How many verdicts are of judges who decided differently when the two were shown in the other order."""
    paid: Cost = Cost()
    """Of all requests to models that judged or used the programs, before and after a resume, those that gave no
    answer included; verdicts and evidence that were there already cost nothing."""


class Run(Model):
    """What was run, with what: ``run.json``. Results stand beside it."""

    id: str
    suite: str
    suite_digest: str = ""
    """Content digest of the suite; a run is resumed only with the same one."""
    description: str = ""
    created: str
    """ISO 8601, UTC."""
    finished: str = ""
    """ISO 8601, UTC; empty while the run is not over."""
    tasks: tuple[Task, ...]
    models: tuple[str, ...]
    judges: tuple[str, ...]
    entries: tuple[Entry, ...] = ()
    baseline: str = ""
    interaction: bool = True
    reuse: bool = True
    """Whether evidence that earlier runs gathered served again."""
    judging: Judging = Judging()
    sandbox: Sandbox = "local"
    """Where the solutions ran."""
    limits: dict[str, dict[str, float]] = Field(default_factory=dict)
    """By environment: what a session might use."""
    fingerprints: dict[str, str] = Field(default_factory=dict)
    """By judge, and of the models that used programs as ``driver``, ``chooser``: names all that determined what each
    said."""
    rounds: int
    seed: int
    versions: dict[str, str] = Field(default_factory=dict)
    notes: tuple[str, ...] = ()
    """What a reader must know: what was left out and why."""
    totals: Totals | None = None
    """Known when the run is over."""

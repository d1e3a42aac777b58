"""Options that tell judges how to judge; ``run`` and ``compare`` share them."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Annotated

import typer

from agent_judge.errors import BadInput
from agent_judge.judge.case import MODES
from agent_judge.launch.backends import SANDBOXES
from agent_judge.schema import Judging

JUDGES = "Who decides: evidence, claude, claude:MODEL, openai:MODEL@URL, panel:NAME, votes:FILE."
WeightsOption = Annotated[
    Path | None,
    typer.Option("--weights", metavar="FILE", help="Weights of the evidence judge, as calibrate writes them."),
]
ModeOption = Annotated[str, typer.Option("--mode", metavar="MODE", help=f"What model judges see: {', '.join(MODES)}.")]
ImageTokensOption = Annotated[
    int, typer.Option("--image-tokens", min=0, help="Image tokens for each verdict of a model judge.")
]
MaxCostOption = Annotated[
    float | None,
    typer.Option("--max-cost", metavar="DOLLARS", help="US dollars that model judges may cost; they stop before."),
]
BatchOption = Annotated[bool, typer.Option("--batch", help="Ask Claude in batches: cheaper, and slower.")]
ReplayResponsesOption = Annotated[
    bool, typer.Option("--replay-responses", help="Judge from the kept answers alone, without a network.")
]
SandboxOption = Annotated[
    str, typer.Option("--sandbox", metavar="NAME", help=f"Where solutions run: {', '.join(SANDBOXES)}.")
]
SuiteSandboxOption = Annotated[
    str,
    typer.Option(
        "--sandbox",
        metavar="NAME",
        help=f"Where solutions run: {', '.join(SANDBOXES)}; where the suite says if not given.",
    ),
]
DriverOption = Annotated[
    str,
    typer.Option("--driver", metavar="MODEL", help="A model that uses the programs: claude or claude:MODEL."),
]
ChooserOption = Annotated[
    str,
    typer.Option(
        "--chooser",
        metavar="MODEL",
        help="A model that says which element a scenario's step means where that is not sure: claude or claude:MODEL.",
    ),
]
DryRunOption = Annotated[
    bool, typer.Option("--dry-run", help="Use the solutions, and say what judging them would send and cost.")
]


def judging_of(
    weights: Path | None,
    mode: str,
    image_tokens: int,
    max_cost: float | None,
    *,
    batch: bool = False,
    replay_responses: bool = False,
    driver: str = "",
    chooser: str = "",
    given: Collection[str] = (),
) -> Judging:
    """Reads the options. Only what was asked for is set, so that a resumed run keeps what it was begun with.

    Args:
        weights: As in :class:`Judging`; so are the others.
        mode: Checked here.
        image_tokens: Image tokens per verdict.
        max_cost: US dollars.
        batch: Whether to ask in batches.
        replay_responses: Whether to judge from the kept answers.
        driver: The model that uses the programs.
        chooser: The model that says which element a step means.
        given: Names of options that were given, though it be with their usual value.

    Raises:
        BadInput: There is no such mode, or two options exclude each other.
    """
    if mode not in MODES:
        raise BadInput(f"--mode {mode}: known are {', '.join(MODES)}")
    if driver and chooser:
        raise BadInput("--chooser: a model that drives by itself, as with --driver, chooses its elements itself")
    options = {
        "weights": weights,
        "mode": mode,
        "image_tokens": image_tokens,
        "max_cost": max_cost,
        "batch": batch,
        "replay_responses": replay_responses,
        "driver": driver,
        "chooser": chooser,
    }
    usual = Judging()
    return Judging(**{name: value for name, value in options.items() if name in given or value != getattr(usual, name)})


def given_options(context: typer.Context) -> set[str]:
    """Names of the options that stand on the command line."""
    sources = {name: context.get_parameter_source(name) for name in context.params}
    return {name for name, source in sources.items() if source is not None and source.name == "COMMANDLINE"}

"""Options that tell judges how to judge; ``run`` and ``compare`` share them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from agent_judge.errors import BadInput
from agent_judge.judge.case import MODES
from agent_judge.judging import Judging

WeightsOption = Annotated[
    Path | None, typer.Option("--weights", help="Weights of the evidence judge, as calibrate writes them.")
]
ModeOption = Annotated[str, typer.Option("--mode", help=f"What model judges see: {', '.join(MODES)}.")]
ImageTokensOption = Annotated[
    int, typer.Option("--image-tokens", min=0, help="Image tokens for each verdict of a model judge.")
]
MaxCostOption = Annotated[
    float | None, typer.Option("--max-cost", help="US dollars that model judges may cost; they stop before.")
]
BatchOption = Annotated[bool, typer.Option("--batch", help="Ask Claude in batches: cheaper, and slower.")]
ReplayResponsesOption = Annotated[
    bool, typer.Option("--replay-responses", help="Judge from the kept answers alone, without a network.")
]
DriverOption = Annotated[str, typer.Option("--driver", help="A model that uses the programs: claude or claude:MODEL.")]
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
) -> Judging:
    """Reads the options.

    Raises:
        BadInput: There is no such mode.
    """
    if mode not in MODES:
        raise BadInput(f"--mode {mode}: known are {', '.join(MODES)}")
    return Judging(
        weights=weights,
        mode=mode,
        image_tokens=image_tokens,
        max_cost=max_cost,
        batch=batch,
        replay_responses=replay_responses,
        driver=driver,
    )

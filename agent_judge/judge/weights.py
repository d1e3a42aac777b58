"""The evidence judge's weights as data: read from a file, written by whoever fits them to votes."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field, ValidationError, field_validator

from agent_judge.errors import BadInput
from agent_judge.schema import Model

_EMBEDDED = Path(__file__).with_name("weights.json")

CRITERIA = (
    "launched", "visible", "stability", "steps", "completed", "expectations", "responsiveness",
    "working_controls", "exceptions", "console", "substance", "coverage", "accessibility", "layout", "frame_rate",
)  # fmt: skip
"""Every criterion of the evidence judge, in the order in which it is told."""


class StepCredit(Model):
    """What a step is worth by its outcome, 0 to 1.

    A feature that is not there counts a little more than one that is there and
    does nothing, because looking for it may have missed it; a crash counts nothing.
    """

    done: float = Field(1.0, ge=0, le=1)
    not_found: float = Field(0.3, ge=0, le=1)
    no_effect: float = Field(0.2, ge=0, le=1)
    crashed: float = Field(0.0, ge=0, le=1)


class Weights(Model):
    """How much each criterion counts, in logits of the preference."""

    criteria: dict[str, float]
    """Criterion to weight. None is negative, so that the score is monotone; what is not named counts nothing."""
    credit: StepCredit = StepCredit()
    tie_band: float = Field(ge=0)
    """Differences of up to this many logits are a tie."""
    decisive: float = Field(gt=0)
    """Difference in logits at which a verdict's strength is about three quarters."""
    floor: float = Field(ge=0, le=1)
    """A solution that does less than this share of the recorded steps does not work at all."""

    @field_validator("criteria")
    @classmethod
    def _known_and_monotone(cls, criteria: dict[str, float]) -> dict[str, float]:
        for name, weight in criteria.items():
            if name not in CRITERIA:
                raise ValueError(f"unknown criterion {name}; known are {', '.join(CRITERIA)}")
            if not weight >= 0:
                raise ValueError(f"{name} must not be negative: more of it is always better")
        return criteria


def load_weights(file: Path | None = None) -> Weights:
    """Reads weights from a JSON file; without one, the embedded weights.

    Raises:
        BadInput: The file is missing, not JSON, or has a wrong key or value.
    """
    path = file or _EMBEDDED
    try:
        return Weights.model_validate_json(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{path}: cannot read the weights: {error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise BadInput(f"{path}: {where + ': ' if where else ''}{first['msg']}") from error


def save_weights(weights: Weights, file: Path) -> None:
    """Writes weights so that :func:`load_weights` reads the same."""
    file.write_text(weights.model_dump_json(indent=2) + "\n", encoding="utf-8")

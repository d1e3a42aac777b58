"""The answer that a model judge gives about a first and a second program, and its schema."""

from __future__ import annotations

import json
import re
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from agent_judge.schema import Severity, Winner

Place = Literal["first", "second"]
BallotWinner = Literal["first", "second", "tie", "both_bad"]
BALLOT_CRITERIA = ("functions", "usability", "appearance", "accessibility", "code", "integrity")
BallotCriterion = Literal["functions", "usability", "appearance", "accessibility", "code", "integrity"]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class BallotFinding(_Part):
    """Something good or bad that is worth telling about one program."""

    program: Place
    good: bool = Field(description="true for a strength, false for a fault")
    severity: Severity = Field(description="how much it matters")
    criterion: BallotCriterion
    message: str
    steps: list[str] = Field(description="steps that show it, as <scenario>#<number> or <scenario>#launch")
    quotes: list[str] = Field(description="words copied exactly from this program's part of the material")


class BallotScore(_Part):
    """Both programs by one criterion, 0 (useless) to 10 (perfect)."""

    criterion: BallotCriterion
    first: float
    second: float


class Ballot(_Part):
    """What a model judge answers."""

    findings: list[BallotFinding]
    scores: list[BallotScore]
    reasons: str = Field(description="two or three sentences that call the programs [first] and [second]")
    winner: BallotWinner
    confidence: float = Field(description="probability that the winner is right, 0.5 to 1")


def ballot_schema() -> dict[str, Any]:
    """The JSON schema of a ballot, in the subset that structured outputs take."""
    schema: dict[str, Any] = _strict(Ballot.model_json_schema())
    return schema


def parse_ballot(text: str) -> Ballot:
    """Reads a ballot from a model's answer, also from within prose or a fenced block.

    Raises:
        ValueError: It holds no valid ballot; the message says what is wrong in one line.
    """
    try:
        ballot = Ballot.model_validate_json(_json_in(text))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise ValueError(f"not a ballot: {where + ': ' if where else ''}{first['msg']}") from error
    if not 0 <= ballot.confidence <= 1:
        raise ValueError(f"not a ballot: confidence {ballot.confidence} is not between 0 and 1")
    if any(not 0 <= value <= 10 for score in ballot.scores for value in (score.first, score.second)):
        raise ValueError("not a ballot: a score is not between 0 and 10")
    return ballot


def winner_of(ballot: Ballot, first: Literal["A", "B"]) -> Winner:
    """Translates the places of a ballot to the sides of a verdict."""
    second: Literal["A", "B"] = "B" if first == "A" else "A"
    winners: dict[BallotWinner, Winner] = {"first": first, "second": second, "tie": "tie", "both_bad": "both_bad"}
    return winners[ballot.winner]


def _json_in(text: str) -> str:
    stripped = text.strip()
    if stripped.startswith("{"):
        return stripped
    fenced = re.findall(r"```(?:json)?\s*\n(.*?)\n\s*```", text, re.DOTALL)
    for candidate in (*reversed(fenced), text[text.find("{") : text.rfind("}") + 1]):
        try:
            json.loads(candidate)
        except ValueError:
            continue
        return str(candidate)
    return stripped


def _strict(schema: Any) -> Any:
    """Drops what structured outputs refuse (bounds, defaults, titles) and closes every object."""
    if isinstance(schema, list):
        return [_strict(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    if "properties" in schema:
        properties = {name: _strict(part) for name, part in schema["properties"].items()}
        kept = {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}
        return kept | ({"$defs": {n: _strict(d) for n, d in schema["$defs"].items()}} if "$defs" in schema else {})
    kept_keys = ("type", "enum", "const", "items", "anyOf", "allOf", "$ref", "description")
    return {key: _strict(value) for key, value in schema.items() if key in kept_keys}

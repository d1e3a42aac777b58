"""What a run in which models judged leaves behind, as tests read it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from agent_judge.schema import Decision, Verdict


def battles(run: Path) -> list[tuple[str, str, str, str]]:
    """Judge, both models and the winner of every battle."""
    lines = [json.loads(line) for line in (run / "battles.jsonl").read_text().splitlines()]
    return sorted((line["judge"], line["model_a"], line["model_b"], line["winner"]) for line in lines)


def verdicts(run: Path) -> dict[tuple[str, str, str], Verdict]:
    """Every verdict by judge and models."""
    lines = (run / "verdicts.jsonl").read_bytes().splitlines()
    decisions = [Decision.model_validate_json(line) for line in lines]
    return {(d.judge, d.model_a, d.model_b): d.verdict for d in decisions if d.verdict is not None}


def answers_kept(run: Path) -> int:
    """How many requests have an answer beside the verdicts."""
    records: list[dict[str, Any]] = [json.loads(file.read_text()) for file in (run / "responses").glob("*.json")]
    return sum(any(not attempt["problem"] for attempt in record["attempts"]) for record in records)


def spent(run: Path) -> float:
    """US dollars that a run has paid."""
    return sum(float(json.loads(line)["usd"]) for line in (run / "responses" / "spent.jsonl").read_text().splitlines())

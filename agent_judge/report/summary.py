"""A run in Markdown: the leaderboard and the battles, for terminals and for CI."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from agent_judge.report.material import Material, Pair, left_out, read_material, total_cost
from agent_judge.schema import Decision
from agent_judge.wording import counted

_MOST_BATTLES = 200
_WINNERS = {"tie": "tie", "both_bad": "both bad"}


def markdown_summary(run_folder: Path) -> str:
    """Tells a run in Markdown.

    Args:
        run_folder: As for :func:`~agent_judge.report.write_report`.

    Raises:
        BadInput: It is not a run folder, or one of its files cannot be read.
    """
    material = read_material(run_folder)
    run = material.run
    parts = [
        f"# {_cell(run.suite)}",
        f"{counted(len(run.models), 'model')}, {counted(len(run.tasks), 'task')}, "
        f"{counted(len(material.pairs), 'battle')}, "
        f"judged by {_cell(', '.join(run.judges))}.{_cost(material)}",
        _leaderboard(material),
        _battles(material.pairs),
    ]
    if notes := left_out(material):
        parts.append("## To know\n\n" + "\n".join(f"- {_cell(note)}" for note in notes))
    return "\n\n".join(part for part in parts if part) + "\n"


def _leaderboard(material: Material) -> str:
    if material.leaderboard is None:
        return ""
    rows = []
    for model in material.leaderboard.models:
        span = f" ({model.rank_lower}–{model.rank_upper})" if model.rank_lower != model.rank_upper else ""
        ties = model.battles - model.wins - model.losses
        rows.append(
            (
                f"{model.rank}{span}",
                _cell(model.model),
                f"{model.rating:.0f}",
                f"{model.lower:.0f} – {model.upper:.0f}",
                f"{model.wins} · {ties} · {model.losses}",
            )
        )
    return "## Leaderboard\n\n" + _table(("Rank", "Model", "Rating", "95 % interval", "Won · tied · lost"), rows)


def _battles(pairs: list[Pair]) -> str:
    if not pairs:
        return ""
    rows = [
        (_cell(pair.task_id), _cell(pair.model_a), _cell(pair.model_b), *_decision_cells(pair, decision))
        for pair in pairs[:_MOST_BATTLES]
        for decision in pair.decisions
    ]
    table = _table(("Task", "A", "B", "Winner", "Confidence", "Judge", "Why"), rows)
    rest = len(pairs) - _MOST_BATTLES
    more = f"\n\n… and {counted(rest, 'more battle')} in report.html." if rest > 0 else ""
    return f"## Battles\n\n{table}{more}"


def _decision_cells(pair: Pair, decision: Decision) -> tuple[str, str, str, str]:
    if decision.verdict is None:
        return "no verdict", "", _cell(decision.judge), _cell(decision.problem)
    winner = {"A": pair.model_a, "B": pair.model_b}.get(decision.verdict.winner)
    words = f"**{_cell(winner)}**" if winner is not None else _WINNERS[decision.verdict.winner]
    return (
        words,
        f"{decision.verdict.confidence:.0%}",
        _cell(decision.judge),
        _cell(_first_sentence(decision.verdict.rationale)),
    )


def _cost(material: Material) -> str:
    cost = total_cost(material.pairs, material.evidence.values())
    tokens = cost.input_tokens + cost.output_tokens
    money = f"${cost.usd:.2f}" if cost.usd is not None else ""
    told = [part for part in (money, f"{tokens:,} tokens" if tokens else "") if part]
    return f" Cost: {', '.join(told)}." if told else ""


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _first_sentence(text: str, longest: int = 160) -> str:
    sentence = re.split(r"(?<=[.!?])\s", text.strip(), maxsplit=1)[0]
    return sentence if len(sentence) <= longest else sentence[: longest - 1].rstrip() + "…"


def _cell(text: str) -> str:
    """Text that stays text within a table cell: no markup, no line break."""
    flat = " ".join(text.split())
    return re.sub(r"([\\`*_\[\]|~])", r"\\\1", flat).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")

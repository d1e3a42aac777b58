"""All that is known of a judge's agreement with people, in one value and as Markdown."""

from __future__ import annotations

from collections.abc import Sequence

from agent_judge.agree.bias import Biases, Preference, biases
from agent_judge.agree.calibration import Calibration, calibration
from agent_judge.agree.metrics import FOUR, THREE, Scores, scores
from agent_judge.agree.resample import Measured
from agent_judge.agree.votes import Judged
from agent_judge.errors import BadInput
from agent_judge.schema import Model
from agent_judge.wording import counted

SLICES = ("category", "language", "environment")
FEW_PAIRS = 30
"""A slice with fewer pairs is marked."""


class Slice(Model):
    """Agreement over part of the pairs, in three classes."""

    pairs: int
    few: bool
    scores: Scores


class Agreement(Model):
    """A judge against votes."""

    judge: str
    mode: str
    pairs: int
    """With a verdict."""
    unjudged: int
    """Pairs for which the judge gave no verdict; they are in none of the numbers."""
    tasks: int
    three: Scores
    four: Scores
    slices: dict[str, dict[str, Slice]]
    biases: Biases
    calibration: Calibration | None
    notes: tuple[str, ...] = ()


def agreement(
    items: Sequence[Judged], *, judge: str = "", mode: str = "", rounds: int = 1000, seed: int = 0
) -> Agreement:
    """Measures how far a judge agrees with votes.

    Args:
        items: Votes with verdicts; see :func:`~agent_judge.agree.votes.judged`.
        judge: Its name; that of its model lets self-preference be measured.
        mode: What it was shown.
        rounds: Bootstrap rounds over tasks, for every interval.
        seed: Of the bootstrap.

    Raises:
        BadInput: There is no verdict at all.
    """
    known = [item for item in items if item.verdict is not None]
    if not known:
        raise BadInput("the judge gave no verdict on any pair, so there is no agreement to measure")
    straight = [item for item in known if not item.swapped] or known
    slices: dict[str, dict[str, Slice]] = {}
    for column in SLICES:
        values = sorted({getattr(item, column) for item in straight} - {""})
        if values:
            slices[column] = {
                value: _slice([item for item in straight if getattr(item, column) == value], rounds, seed)
                for value in values
            }
    tasks = len({item.task_id for item in straight})
    unjudged = len({item.id for item in items} - {item.id for item in known})
    notes = []
    if tasks < FEW_PAIRS:
        notes.append(f"only {counted(tasks, 'task')}: intervals are rough")
    if unjudged:
        notes.append(f"{counted(unjudged, 'pair')} without a verdict left out")
    return Agreement(
        judge=judge,
        mode=mode,
        pairs=len(straight),
        unjudged=unjudged,
        tasks=tasks,
        three=scores(straight, THREE, rounds, seed),
        four=scores(straight, FOUR, rounds, seed),
        slices=slices,
        biases=biases(known, judge, rounds, seed),
        calibration=calibration(straight, rounds, seed),
        notes=tuple(notes),
    )


def _slice(items: Sequence[Judged], rounds: int, seed: int) -> Slice:
    return Slice(pairs=len(items), few=len(items) < FEW_PAIRS, scores=scores(items, THREE, rounds, seed))


def to_markdown(found: Agreement) -> str:
    """Tables for people."""
    votes = f"{counted(found.pairs, 'vote')} on {counted(found.tasks, 'task')}"
    lines = [f"{votes}, against the verdicts of {found.judge or 'a judge'} {found.mode}".strip(), ""]
    lines += ["| | accuracy | macro F1 | Cohen's kappa | Matthews |", "| --- | --- | --- | --- | --- |"]
    lines += [_line("A, B or neither", found.three), _line("A, B, tie or both bad", found.four)]
    for column, parts in found.slices.items():
        for value, part in parts.items():
            mark = ", few" if part.few else ""
            lines.append(_line(f"{column} {value} ({part.pairs}{mark})", part.scores))
    lines += ["", "*Neither* is a tie or both bad. Parts, comparisons and calibration are measured in A, B or neither."]
    lines += ["", "| prefers | judge | people | difference |", "| --- | --- | --- | --- |"]
    for name, preference in (
        ("the first answer", found.biases.position),
        ("the longer answer", found.biases.length),
        ("its own family", found.biases.own_family),
    ):
        lines.append(_preference(name, preference))
    if found.biases.consistency:
        lines += ["", f"Same verdict in both orders: {_number(found.biases.consistency)}"]
    if found.calibration:
        lines += ["", f"Expected calibration error: {_number(found.calibration.expected_error)}"]
    return "\n".join([*lines, "", *(f"- {note}" for note in found.notes)]).rstrip() + "\n"


def _line(name: str, one: Scores) -> str:
    columns = (one.accuracy, one.macro_f1, one.kappa, one.matthews)
    return f"| {name} | " + " | ".join(_number(column) for column in columns) + " |"


def _preference(name: str, one: Preference | None) -> str:
    if one is None:
        return f"| {name} | not measurable | | |"
    return f"| {name} ({counted(one.pairs, 'vote')}) | {one.judge:.3f} | {one.people:.3f} | {_number(one.difference)} |"


def _number(one: Measured | None) -> str:
    return "not defined" if one is None else f"{one.value:.3f} [{one.lower:.3f}, {one.upper:.3f}]"

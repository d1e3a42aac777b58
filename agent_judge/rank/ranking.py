"""Battles to Leaderboard."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Literal

import numpy as np

from agent_judge.errors import BadInput
from agent_judge.rank.blas import one_blas_thread
from agent_judge.rank.board import board
from agent_judge.rank.estimate import Estimate, Method, RankOptions, Resample, bradley_terry
from agent_judge.rank.groups import split_groups
from agent_judge.rank.simple import online_elo, win_rate
from agent_judge.rank.table import BOTH_BAD, LABELS, BattleTable
from agent_judge.schema import Battle, Leaderboard

MIXED = "mixed"
"""Label of a battle between two solutions that do not share it."""


Ranked = Callable[[BattleTable, RankOptions], Leaderboard]
_ONE_JUDGE = "these battles have one judge or none: judges are neither drawn nor weighed here"
_NO_ANCHOR = "the anchor judged none of these battles: judges are weighed without it"


def rank(
    battles: Sequence[Battle] | BattleTable,
    *,
    rounds: int = 1000,
    seed: int = 0,
    by: Sequence[str] = (),
    baseline: str = "",
    method: Method = "bradley-terry",
    both_bad: Literal["tie", "skip"] = "tie",
    resample: Resample = "task",
    control: Sequence[str] = (),
    judge_aware: bool = False,
    anchor: str = "",
) -> Leaderboard:
    """Ranks models by their battles, with 95 % intervals.

    Args:
        battles: Who met whom and who won; a table for millions of them.
        rounds: Bootstrap rounds. With 0 the intervals come from the cluster-robust sandwich formula.
        seed: The same seed and battles give the same leaderboard, whatever their order.
        by: Columns to rank slices by as well: ``environment``, ``language``, ``category``, ``judge``.
        baseline: The model whose rating is 1000; without one the mean of all is.
        method: ``bradley-terry`` (ties are half wins), ``davidson`` or ``rao-kupper`` (ties have a parameter),
            ``elo`` (online, in the order of the battles), ``win-rate`` (percent won against the baseline).
        both_bad: Whether such a verdict counts as a tie or is left out.
        resample: What a bootstrap round draws: whole tasks, single battles, or all of a judge's battles.
        control: Covariates whose effect is held apart from the ratings: ``position``, or the ``x`` of columns
            ``x_a`` and ``x_b``.
        judge_aware: Fits how sharply each judge tells models apart, so that a noisy one counts less
            (arXiv 2601.21817).
        anchor: With ``judge_aware``, the judge whose sharpness is 1 by definition, as people's votes.

    Returns:
        The models that met, directly or through others; models that never met those are in ``groups``.

    Raises:
        BadInput: No battles, an unknown column, or what an option needs is not there.
    """
    table = battles if isinstance(battles, BattleTable) else BattleTable.from_battles(battles)
    options = RankOptions(
        rounds, seed, baseline, method, both_bad, resample, tuple(control), judge_aware, anchor
    )  # fmt: skip
    _check(table, options, by)
    kept, notes = _relevant(_without_both_bad(table, options), options)
    with one_blas_thread():
        whole = _grouped(kept, options)
        slices = {column: _sliced(kept, column, options) for column in by}
    return whole.model_copy(update={"slices": slices, "notes": (*notes, *whole.notes)})


def _check(table: BattleTable, options: RankOptions, by: Sequence[str]) -> None:
    if not len(table):
        raise BadInput("there are no battles to rank")
    if options.rounds < 0:
        raise BadInput(f"rounds must be 0 or more, not {options.rounds}")
    unknown = [column for column in by if column not in LABELS]
    if unknown:
        raise BadInput(f"cannot rank by {unknown[0]!r}; columns are: {', '.join(LABELS)}")
    missing = [column for column in by if column not in table.labels]
    if missing:
        raise BadInput(f"cannot rank by {missing[0]!r}: the battles have no such column, or it is empty")
    if options.baseline and options.baseline not in table.models:
        raise BadInput(f"no battle with the baseline {options.baseline!r}; models are: {', '.join(table.models[:20])}")
    if options.method == "win-rate" and not options.baseline:
        raise BadInput("method win-rate needs a baseline")
    if options.method in ("elo", "win-rate") and (options.control or options.judge_aware):
        raise BadInput(f"method {options.method} has no covariates and no judge weights; use bradley-terry")


def _without_both_bad(table: BattleTable, options: RankOptions) -> BattleTable:
    if options.both_bad == "tie":
        return table
    kept = table.take(np.flatnonzero(table.winner != BOTH_BAD))
    if not len(kept):
        raise BadInput("every battle is both_bad; with both_bad left out there is nothing to rank")
    return kept


def _relevant(table: BattleTable, options: RankOptions) -> tuple[BattleTable, tuple[str, ...]]:
    """For win rates only battles against the baseline count; models without any are named in a note."""
    if options.method != "win-rate":
        return table, ()
    if options.baseline not in table.models:
        raise BadInput(f"every battle with the baseline {options.baseline!r} is both_bad, and those are left out")
    base = table.models.index(options.baseline)
    kept = table.take(np.flatnonzero((table.a == base) | (table.b == base)))
    out = [model for model in table.models if model not in set(kept.models)]
    return kept, ((f"no battle against {options.baseline}, so left out: {', '.join(out)}",) if out else ())


def _grouped(table: BattleTable, options: RankOptions) -> Leaderboard:
    groups = split_groups(table)
    if len(groups) == 1:
        return _connected(table, options)
    boards = [_part(group, options, _connected) for group in groups]
    others = "; ".join(", ".join(group.models[:5]) + (", ..." if len(group.models) > 5 else "") for group in groups[1:])
    note = f"{len(groups)} groups of models never met, not even through others, and are ranked apart: {others}"
    return boards[0].model_copy(update={"groups": tuple(boards[1:]), "notes": (note, *boards[0].notes)})


def _connected(table: BattleTable, options: RankOptions) -> Leaderboard:
    return board(table, _estimate(table, options), options)


def _estimate(table: BattleTable, options: RankOptions) -> Estimate:
    if options.method == "elo":
        return online_elo(table, options)
    if options.method == "win-rate":
        return win_rate(table, options)
    return bradley_terry(table, options)


def _sliced(table: BattleTable, column: str, options: RankOptions) -> dict[str, Leaderboard]:
    """One leaderboard per value, and one of all battles whose two sides share a value, where some do not."""
    labels = table.labels[column]
    out = {}
    for code, value in enumerate(labels.values):
        rows = np.flatnonzero(labels.codes == code)
        if len(rows):
            out[value or "(none)"] = _part(table.take(rows), options, _grouped)
    if MIXED in out and len(out) > 2:
        told = [code for code, value in enumerate(labels.values) if value not in (MIXED, "")]
        out[f"same {column}"] = _part(table.take(np.flatnonzero(np.isin(labels.codes, told))), options, _grouped)
    return out


def _part(table: BattleTable, options: RankOptions, ranked: Ranked) -> Leaderboard:
    """Ranks a part of the battles by what can be done with it; a note says where that is less than with all."""
    column = table.labels.get("judge")
    judges = {column.values[code] for code in np.unique(column.codes)} if column else set()
    possible, note = options, ""
    if len(judges) < 2:
        resample: Resample = "task" if options.resample == "judge" else options.resample
        possible, note = replace(options, resample=resample, judge_aware=False, anchor=""), _ONE_JUDGE
    elif options.anchor not in judges:
        possible, note = replace(options, anchor=""), _NO_ANCHOR
    found = ranked(table, possible)
    return found if possible == options else found.model_copy(update={"notes": (note, *found.notes)})

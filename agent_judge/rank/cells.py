"""Battles that the likelihood cannot tell apart, counted together.

A *cell* is a pair of models (with the same judge and covariates, where these
matter). A fit looks at the counts of cells only, so its cost does not grow
with the number of battles.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from agent_judge.rank.table import BattleTable, Floats, Ints

Codes = npt.NDArray[np.int64]
_OUTCOME = np.array([0, 1, 2, 1])
"""Of a winner's place in ``WINNERS``: 0 a won, 1 nobody, 2 b won."""


@dataclass(frozen=True)
class Cells:
    """P cells. Counts of a cell are three: a won, nobody won, b won."""

    a: Ints
    """(P,) the model of the pair that comes first in the canonical order."""
    b: Ints
    judge: Ints | None
    """(P,) the judge of the cell, where judges are told apart."""
    x: Floats
    """(P, K) covariates, as seen from a."""
    counts: Floats
    """(3, P) how many battles went each way."""
    column: Codes
    """(n,) where in ``counts.ravel()`` each battle is counted."""

    def __len__(self) -> int:
        return len(self.a)


def count_cells(table: BattleTable, place: Ints, judge: Ints | None, x: Floats) -> Cells:
    """Counts battles by cell.

    Args:
        table: n battles, none a self-battle.
        place: Position of each model in an order that does not depend on names.
        judge: (n,) number of the judge of each battle, or None to not tell judges apart.
        x: (n, K) covariates as seen from model_a.
    """
    a, b = place[table.a].astype(np.int64), place[table.b].astype(np.int64)
    flip = a > b
    outcome = _OUTCOME[table.winner]
    outcome = np.where(flip, 2 - outcome, outcome)
    models = len(table.models)
    code = np.where(flip, b, a) * models + np.where(flip, a, b)
    parts: list[tuple[Codes, Floats | Codes]] = []
    if judge is not None:
        parts.append(_extend(judge))
    signed = np.where(flip[:, None], -x, x)
    parts += [_extend(signed[:, k]) for k in range(x.shape[1])]
    for inverse, values in parts:
        code = _dense(code)[0] * len(values) + inverse
    cell, first = _dense(code)
    cells = len(first)
    column = outcome * cells + cell
    return Cells(
        a=np.minimum(a[first], b[first]).astype(np.int32),
        b=np.maximum(a[first], b[first]).astype(np.int32),
        judge=None if judge is None else judge[first],
        x=signed[first],
        counts=np.bincount(column, minlength=3 * cells).reshape(3, cells).astype(np.float64),
        column=column,
    )


def _extend(values: npt.NDArray[np.generic]) -> tuple[Codes, Codes]:
    distinct, inverse = np.unique(values, return_inverse=True)
    return inverse.astype(np.int64), distinct


def _dense(code: Codes) -> tuple[Codes, Codes]:
    """Renumbers codes as 0, 1, ... in their order; also a battle that has each."""
    top = int(np.max(code, initial=-1)) + 1
    if top <= 4 * len(code) + 1_000_000:  # a table of all possible codes is cheaper than sorting
        first = np.full(top, -1, dtype=np.int64)
        first[code[::-1]] = np.arange(len(code) - 1, -1, -1)
        present = first >= 0
        return (np.cumsum(present) - 1)[code], first[present]
    _, first, inverse = np.unique(code, return_index=True, return_inverse=True)
    return inverse.astype(np.int64), first.astype(np.int64)


@dataclass(frozen=True)
class Units:
    """What a bootstrap draws: C kinds of units (tasks, battles, judges), equal ones counted once."""

    many: Codes
    """(C,) how many units there are of each kind."""
    counts: sp.csr_array
    """(3P, C) the cell counts that one unit of each kind brings."""
    total: int
    """How many units there are."""

    def __len__(self) -> int:
        return len(self.many)


def group_units(cells: Cells, unit: Codes | Ints | None) -> Units:
    """Finds equal units: exchangeable in a bootstrap, whatever their names and order.

    Args:
        cells: The counted battles.
        unit: (n,) number of the unit that each battle belongs to; None where each battle is one.
    """
    width = 3 * len(cells)
    if unit is None:
        many = np.bincount(cells.column, minlength=width)
        kinds = np.flatnonzero(many)
        place: sp.csr_array = sp.csr_array(
            (np.ones(len(kinds), np.float32), (kinds, np.arange(len(kinds)))), (width, len(kinds))
        )
        return Units(many[kinds].astype(np.int64), place, len(cells.column))
    order = np.argsort(unit, kind="stable")
    column, sorted_unit = cells.column[order], unit[order]
    starts = np.flatnonzero(np.r_[True, sorted_unit[1:] != sorted_unit[:-1]])
    lengths = np.diff(np.r_[starts, len(column)])
    signature = np.add.reduceat(_mixed(column), starts)  # equal sums of mixed keys: equal content, but for 2^-64
    _, first, many = np.unique(signature, return_index=True, return_counts=True)
    rows = column[_ranges(starts[first], lengths[first])]
    kinds = np.repeat(np.arange(len(first)), lengths[first])
    counts = sp.coo_array((np.ones(len(rows), np.float32), (rows, kinds)), (width, len(first))).tocsr()
    return Units(many.astype(np.int64), counts, len(starts))


def _ranges(starts: Codes, lengths: Codes) -> Codes:
    ends = np.cumsum(lengths)
    return np.arange(ends[-1]) - np.repeat(ends - lengths, lengths) + np.repeat(starts, lengths)


def _mixed(keys: Codes) -> npt.NDArray[np.uint64]:
    """Spreads integers over 64 bits (the finaliser of SplitMix64)."""
    z = (keys.astype(np.uint64) + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))

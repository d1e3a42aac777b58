"""Battles as columns: what millions of them are held in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from agent_judge.errors import BadInput
from agent_judge.schema import Battle, BattleWinner

Ints = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float64]

WINNERS: tuple[BattleWinner, ...] = ("model_a", "tie", "model_b", "both_bad")
"""A battle's winner is stored as its place here."""
A_WON, TIE, B_WON, BOTH_BAD = range(4)

LABELS = ("judge", "environment", "language", "category")
"""Columns that battles can be sliced by."""


@dataclass(frozen=True)
class Labels:
    """One text column: ``values[codes[i]]`` is the text of battle i."""

    values: tuple[str, ...]
    codes: Ints

    @classmethod
    def encode(cls, texts: Sequence[str] | pa.Array | pa.ChunkedArray) -> Labels:
        """Codes texts by their place in sorted order; a missing text is the empty one."""
        array = texts if isinstance(texts, (pa.Array, pa.ChunkedArray)) else pa.array(texts, type=pa.string())
        if array.null_count:
            array = pc.fill_null(array, "")
        coded = (array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array).dictionary_encode()
        if isinstance(coded, pa.ChunkedArray):
            coded = coded.unify_dictionaries().combine_chunks()
        found = np.array(coded.dictionary.to_pylist(), dtype=object)
        order = np.argsort(found)
        place = np.empty(len(order), dtype=np.int32)
        place[order] = np.arange(len(order), dtype=np.int32)
        codes = place[coded.indices.to_numpy(zero_copy_only=False)] if len(array) else np.empty(0, np.int32)
        return cls(tuple(found[order].tolist()), codes)

    def take(self, rows: npt.NDArray[np.intp]) -> Labels:
        """The column of some battles only; values that no longer occur are kept."""
        return Labels(self.values, self.codes[rows])


@dataclass(frozen=True)
class BattleTable:
    """n battles between ``models``; every array has length n."""

    models: tuple[str, ...]
    a: Ints
    """Place of model_a in ``models``."""
    b: Ints
    winner: npt.NDArray[np.int8]
    """Place in :data:`WINNERS`."""
    task: Ints
    """Battles with the same number belong to the same task."""
    labels: Mapping[str, Labels] = field(default_factory=dict)
    covariates: Mapping[str, tuple[Floats, Floats]] = field(default_factory=dict)
    """What style control may use: name to (value of model_a's answer, of model_b's), as ``answer_length``."""

    def __len__(self) -> int:
        return len(self.a)

    @classmethod
    def from_battles(cls, battles: Sequence[Battle]) -> BattleTable:
        """Turns rows into columns. Battles with an empty ``task_id`` are each a task of their own."""
        for row, battle in enumerate(battles, 1):
            if battle.model_a == battle.model_b:
                raise BadInput(f"battle {row}: model_a and model_b are both {battle.model_a!r}; remove self-battles")
        place = {winner: i for i, winner in enumerate(WINNERS)}
        return cls.from_columns(
            pa.array([battle.model_a for battle in battles], type=pa.string()),
            pa.array([battle.model_b for battle in battles], type=pa.string()),
            np.array([place[battle.winner] for battle in battles], dtype=np.int8),
            pa.array([battle.task_id for battle in battles], type=pa.string()),
            {name: pa.array([getattr(battle, name) for battle in battles], type=pa.string()) for name in LABELS},
        )

    @classmethod
    def from_columns(
        cls,
        model_a: pa.Array | pa.ChunkedArray | Sequence[str],
        model_b: pa.Array | pa.ChunkedArray | Sequence[str],
        winner: npt.NDArray[np.int8],
        task: pa.Array | pa.ChunkedArray | Sequence[str] | None = None,
        labels: Mapping[str, pa.Array | pa.ChunkedArray | Sequence[str]] | None = None,
        covariates: Mapping[str, tuple[Floats, Floats]] | None = None,
    ) -> BattleTable:
        """Encodes columns of names; ``winner`` holds places in :data:`WINNERS`. Without tasks each battle is one."""
        first, second = Labels.encode(model_a), Labels.encode(model_b)
        models = tuple(sorted({*first.values, *second.values}))
        place = {name: i for i, name in enumerate(models)}
        a = np.array([place[name] for name in first.values], dtype=np.int32)[first.codes]
        b = np.array([place[name] for name in second.values], dtype=np.int32)[second.codes]
        encoded = {name: Labels.encode(column) for name, column in (labels or {}).items()}
        used = {name: column for name, column in encoded.items() if column.values not in ((), ("",))}
        return cls(models, a, b, winner, _task_codes(task, len(a)), used, dict(covariates or {}))

    def take(self, rows: npt.NDArray[np.intp]) -> BattleTable:
        """Some of the battles; models that are left without any are dropped."""
        a, b = self.a[rows], self.b[rows]
        present = np.zeros(len(self.models), dtype=bool)
        present[a] = present[b] = True
        place = np.cumsum(present, dtype=np.int32) - 1
        return replace(
            self,
            models=tuple(np.array(self.models, dtype=object)[present].tolist()),
            a=place[a].astype(np.int32),
            b=place[b].astype(np.int32),
            winner=self.winner[rows],
            task=self.task[rows],
            labels={name: column.take(rows) for name, column in self.labels.items()},
            covariates={name: (left[rows], right[rows]) for name, (left, right) in self.covariates.items()},
        )


def _task_codes(task: pa.Array | pa.ChunkedArray | Sequence[str] | None, battles: int) -> Ints:
    if task is None:
        return np.arange(battles, dtype=np.int32)
    column = Labels.encode(task)
    codes = column.codes.copy()
    if "" in column.values:
        alone = codes == column.values.index("")
        codes[alone] = len(column.values) + np.arange(np.count_nonzero(alone), dtype=np.int32)
    return codes

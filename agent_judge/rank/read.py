"""Reads battles from JSONL, CSV and Parquet, in our columns or as arena tools write them."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Protocol, cast

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from agent_judge.errors import BadInput
from agent_judge.rank.files import Opened, open_table, shown
from agent_judge.rank.table import LABELS, WINNERS, BattleTable, Floats
from agent_judge.schema import Battle, BattleWinner

_NEEDED = ("model_a", "model_b", "winner")


class ArrowStream(Protocol):
    """A data frame of any library that speaks the Arrow interface."""

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        """Hands out the columns."""
        ...


def read_battles(path: Path) -> list[Battle]:
    """Reads battles as rows.

    Raises:
        BadInput: The file is missing, empty, not what its name says, lacks a column, or a row cannot be used.
    """
    file = _named(open_table(path))
    winner = _winners(file)
    _check_models(file)
    texts = {name: _texts(file, name) for name in ("task_id", "model_a", "model_b", *LABELS, "run_id")}
    confidence = _numbers(file, "confidence") if "confidence" in file.names else None
    return [
        Battle(
            winner=WINNERS[code],
            confidence=None if confidence is None or np.isnan(confidence[row]) else float(confidence[row]),
            **{name: column[row] for name, column in texts.items() if column is not None},
        )
        for row, code in enumerate(winner.tolist())
    ]


def read_table(path: Path) -> BattleTable:
    """Reads battles as columns: seconds for millions of rows.

    Beyond the columns of a Battle, every pair of numeric columns ``x_a`` and ``x_b`` becomes a covariate ``x``.

    Raises:
        BadInput: As :func:`read_battles`.
    """
    return _table(_named(open_table(path)))


def read_frame(frame: ArrowStream) -> BattleTable:
    """Takes battles from a data frame of pandas, Polars, DuckDB or Arrow, with the columns of :func:`read_table`.

    Raises:
        BadInput: There are no battles, a column is missing, or a row (counted from 0) cannot be used.
    """
    return _table(_named(Opened("data frame", pa.table(frame), "frame")))


def _table(file: _File) -> BattleTable:
    winner = _winners(file)
    _check_models(file)
    return BattleTable.from_columns(
        _column(file, "model_a"),
        _column(file, "model_b"),
        winner,
        _column(file, "task_id") if "task_id" in file.names else None,
        {name: _column(file, name) for name in LABELS if name in file.names},
        _covariates(file),
    )


@cache
def _spellings() -> tuple[Mapping[str, str], Mapping[str, BattleWinner]]:
    """Plain spelling to our word: of columns, of winners."""
    data = tomllib.loads(Path(__file__).with_name("spellings.toml").read_text(encoding="utf-8"))
    columns = {spelling: name for name, spellings in data["columns"].items() for spelling in spellings}
    winners = {spelling: name for name, spellings in data["winners"].items() for spelling in spellings}
    return columns, winners


def _plain(word: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", word.strip().lower()).strip("_")


def winner_of(spelling: str) -> BattleWinner | None:
    """Our word for a winner as arena tools spell it, or None where it is none that is known."""
    return _spellings()[1].get(_plain(spelling))


@dataclass(frozen=True)
class _File:
    opened: Opened
    table: pa.Table
    names: Mapping[str, str]
    """Our name of a column to the file's."""

    @property
    def path(self) -> str:
        return self.opened.name

    def where(self, row: int, name: str) -> str:
        """A place in words."""
        return f"{self.path}, {self.opened.row_in_words(row)}, column {shown(self.names.get(name, name))}"


def _named(opened: Opened) -> _File:
    """Finds our columns under the names that arena tools give them."""
    columns = _column_names(opened)
    if opened.table.num_rows == 0:
        raise BadInput(f"{opened.name}: there are no battles in it")
    names: dict[str, str] = {}
    for column in columns:
        ours = _spellings()[0].get(_plain(column))
        if ours and (ours not in names or _plain(column) == ours):
            names[ours] = column
    missing = [name for name in _NEEDED if name not in names]
    if missing:
        found = ", ".join(shown(column) for column in columns[:12])
        raise BadInput(f"{opened.name}: no column {missing[0]!r}; the columns are: {found}")
    if twice := next((column for column in names.values() if columns.count(column) > 1), ""):
        raise BadInput(f"{opened.name}: two columns are named {twice!r}; rename or remove one")
    once = [place for place, column in enumerate(columns) if columns.count(column) == 1]
    return _File(opened, opened.table.select(once), names)


def _column_names(opened: Opened) -> list[str]:
    try:
        return list(opened.table.column_names)
    except UnicodeDecodeError as error:
        raise BadInput(f"{opened.name}: the name of a column is not UTF-8") from error


def _column(file: _File, name: str) -> pa.ChunkedArray:
    column = file.table.column(file.names[name])
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if pa.types.is_floating(column.type):
        column = pc.if_else(pc.is_nan(column), None, column)
    try:
        if not (pa.types.is_string(column.type) or pa.types.is_large_string(column.type)):
            column = column.cast(pa.string())
        column.validate(full=True)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        if pa.types.is_nested(column.type):
            raise BadInput(f"{file.path}: column {file.names[name]} holds {column.type}, not text") from error
        raise BadInput(f"{file.where(_first_undecodable(column), name)}: not UTF-8") from error
    return column


def _first_undecodable(column: pa.ChunkedArray) -> int:
    for row, text in enumerate(column.cast(pa.binary()).to_pylist()):
        try:
            (text or b"").decode()
        except UnicodeDecodeError:
            return row
    return 0


def _texts(file: _File, name: str) -> list[str] | None:
    if name not in file.names:
        return [""] * file.table.num_rows if name == "task_id" else None
    return cast(list[str], pc.fill_null(_column(file, name), "").to_pylist())


def _winners(file: _File) -> npt.NDArray[np.int8]:
    """(n,) places in WINNERS."""
    column = _column(file, "winner").combine_chunks()
    column = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    coded = column.dictionary_encode()
    place = {winner: i for i, winner in enumerate(WINNERS)}
    words = coded.dictionary.to_pylist()
    known = [winner_of(word) for word in words]
    table = np.array([-1 if winner is None else place[winner] for winner in known] + [-2], dtype=np.int8)
    codes = pc.fill_null(coded.indices, len(words)).to_numpy(zero_copy_only=False)
    winner: npt.NDArray[np.int8] = table[codes]
    strange = np.flatnonzero(winner < 0)
    if len(strange):
        row = int(strange[0])
        if winner[row] == -2:
            raise BadInput(f"{file.where(row, 'winner')}: there is no winner (write tie for none)")
        raise BadInput(
            f"{file.where(row, 'winner')}: unknown winner '{shown(words[codes[row]])}'; "
            "write model_a, model_b, tie or both_bad"
        )
    return winner


def _check_models(file: _File) -> None:
    first, second = _column(file, "model_a"), _column(file, "model_b")
    for name, column in (("model_a", first), ("model_b", second)):
        empty = pc.fill_null(pc.equal(pc.utf8_trim_whitespace(column), ""), True)
        row = pc.index(empty, True).as_py()
        if row >= 0:
            raise BadInput(f"{file.where(row, name)}: the model has no name")
    row = pc.index(pc.equal(first, second), True).as_py()
    if row >= 0:
        raise BadInput(
            f"{file.where(row, 'model_b')}: '{shown(first[row].as_py())}' is compared with itself; remove the row"
        )


def _numbers(file: _File, name: str) -> Floats:
    column = file.table.column(file.names.get(name, name))
    try:
        values = pc.fill_null(column.cast(pa.float64()), float("nan")).to_numpy()
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise BadInput(f"{file.path}: column {file.names.get(name, name)} holds something that is no number") from error
    return cast(Floats, values)


def _covariates(file: _File) -> dict[str, tuple[Floats, Floats]]:
    """Pairs of numeric columns ``x_a`` and ``x_b``."""
    found = {}
    types = dict(zip(file.table.column_names, file.table.schema.types, strict=True))
    for column, kind in types.items():
        other = column[:-2] + "_b"
        numeric = pa.types.is_integer(kind) or pa.types.is_floating(kind)
        if not column.endswith("_a") or not numeric or other not in types:
            continue
        pair = _numbers(file, column), _numbers(file, other)
        for name, values in zip((column, other), pair, strict=True):
            if not np.isfinite(values).all():
                row = int(np.flatnonzero(~np.isfinite(values))[0])
                raise BadInput(f"{file.where(row, name)}: no finite number; a covariate needs one in every row")
        found[column[:-2]] = pair
    return found

"""Reads battles from JSONL, CSV and Parquet, in our columns or as arena tools write them."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, cast

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.json
import pyarrow.parquet

from agent_judge.errors import BadInput
from agent_judge.rank.table import LABELS, WINNERS, BattleTable, Floats
from agent_judge.schema import Battle, BattleWinner

_NEEDED = ("model_a", "model_b", "winner")
_KINDS = {".parquet": "parquet", ".csv": "csv", ".tsv": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl"}
_JSON_BLOCK = 1 << 26
"""A JSON line, screenshots and all, must fit into one block."""


def read_battles(path: Path) -> list[Battle]:
    """Reads battles as rows.

    Raises:
        BadInput: The file is missing, empty, not what its name says, lacks a column, or a row cannot be used.
    """
    file = _open(path)
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
    file = _open(path)
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
    path: Path
    table: pa.Table
    names: Mapping[str, str]
    """Our name of a column to the file's."""
    first_row: int
    """Number of the line that the first row stands on; 1 for Parquet, which has no lines."""
    row_word: str

    def where(self, row: int, name: str) -> str:
        """A place in words."""
        return f"{self.path}, {self.row_word} {row + self.first_row}, column {self.names.get(name, name)}"


def _open(path: Path) -> _File:
    if path.is_dir():
        raise BadInput(f"{path}: is a folder; name the file of battles in it")
    if not path.is_file():
        raise BadInput(f"{path}: no such file")
    if path.stat().st_size == 0:
        raise BadInput(f"{path}: the file is empty; it needs battles with the columns {', '.join(_NEEDED)}")
    kind = _kind(path)
    try:
        table = {"parquet": _parquet, "csv": _csv, "jsonl": _jsonl}[kind](path)
    except (pa.ArrowException, OSError) as error:
        raise BadInput(f"{path}: not readable as {kind}: {str(error).splitlines()[0]}") from error
    if table.num_rows == 0:
        raise BadInput(f"{path}: there are no battles in it")
    names: dict[str, str] = {}
    for column in table.column_names:
        ours = _spellings()[0].get(_plain(column))
        if ours and (ours not in names or _plain(column) == ours):
            names[ours] = column
    missing = [name for name in _NEEDED if name not in names]
    if missing:
        found = ", ".join(table.column_names[:12])
        raise BadInput(f"{path}: no column {missing[0]!r}; the columns are: {found}")
    return _File(path, table, names, {"parquet": 1, "csv": 2, "jsonl": 1}[kind], "row" if kind == "parquet" else "line")


def _kind(path: Path) -> str:
    for suffix in path.suffixes[-2:]:  # the last may be .gz
        if suffix.lower() in _KINDS:
            return _KINDS[suffix.lower()]
    with path.open("rb") as stream:
        start = stream.read(64)
    if start.startswith(b"PAR1"):
        return "parquet"
    return "jsonl" if start.lstrip()[:1] in (b"{", b"[") else "csv"


def _parquet(path: Path) -> pa.Table:
    return pa.parquet.read_table(path)


def _csv(path: Path) -> pa.Table:
    strange: list[pa.csv.InvalidRow] = []
    try:
        return _read_csv(path, strange, threads=True)
    except pa.ArrowInvalid:
        strange.clear()
    try:
        return _read_csv(path, strange, threads=False)  # slower, but knows the number of a row
    except pa.ArrowInvalid as error:
        if not strange:
            raise
        row = strange[0]
        told = f"{row.actual_columns} columns, where the first line names {row.expected_columns}"
        raise BadInput(f"{path}, line {row.number}: {told}") from error


def _read_csv(path: Path, strange: list[pa.csv.InvalidRow], *, threads: bool) -> pa.Table:
    def refuse(row: pa.csv.InvalidRow) -> str:
        strange.append(row)  # what is raised here would be lost
        return "error"

    delimiter = "\t" if ".tsv" in [suffix.lower() for suffix in path.suffixes] else ","
    with pa.input_stream(str(path), compression="detect") as stream:
        return pa.csv.read_csv(
            stream,
            read_options=pa.csv.ReadOptions(use_threads=threads),
            parse_options=pa.csv.ParseOptions(delimiter=delimiter, newlines_in_values=True, invalid_row_handler=refuse),
            convert_options=pa.csv.ConvertOptions(strings_can_be_null=True, null_values=["", "NaN", "nan", "null"]),
        )


def _jsonl(path: Path) -> pa.Table:
    try:
        with pa.input_stream(str(path), compression="detect") as stream:
            return pa.json.read_json(stream, read_options=pa.json.ReadOptions(block_size=_JSON_BLOCK))
    except pa.ArrowInvalid:
        return _jsonl_by_line(path)


def _jsonl_by_line(path: Path) -> pa.Table:
    """Slower, but takes columns of mixed types, and knows which line is wrong."""
    rows: list[dict[str, Any]] = []
    with pa.input_stream(str(path), compression="detect") as stream:
        lines = stream.read().split(b"\n")
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (UnicodeDecodeError, json.JSONDecodeError) as error:
            reason = "not UTF-8" if isinstance(error, UnicodeDecodeError) else f"not JSON: {error.msg}"
            raise BadInput(f"{path}, line {number}: {reason}") from error
        if not isinstance(row, dict):
            raise BadInput(f"{path}, line {number}: a battle is a JSON object, not {type(row).__name__}")
        rows.append(row)
    columns = dict.fromkeys(key for row in rows for key in row)
    simple = {key: [_scalar(row.get(key)) for row in rows] for key in columns}
    return pa.table({key: _uniform(values) for key, values in simple.items()})


def _scalar(value: Any) -> Any:
    return None if isinstance(value, (dict, list)) or value != value else value


def _uniform(values: list[Any]) -> pa.Array:
    try:
        return pa.array(values)
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        return pa.array([None if value is None else str(value) for value in values])


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
            f"{file.where(row, 'winner')}: unknown winner {words[codes[row]]!r}; "
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
        raise BadInput(f"{file.where(row, 'model_b')}: {first[row].as_py()!r} is compared with itself; remove the row")


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
            if np.isnan(values).any():
                row = int(np.flatnonzero(np.isnan(values))[0])
                raise BadInput(f"{file.where(row, name)}: no number; a covariate needs one in every row")
        found[column[:-2]] = pair
    return found

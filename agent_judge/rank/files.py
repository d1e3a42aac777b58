"""Opens a table in JSONL, CSV or Parquet, whatever is wrong with it, and knows on which line a row stands."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv
import pyarrow.json
import pyarrow.parquet

from agent_judge.errors import BadInput
from agent_judge.wording import counted

_KINDS = {".parquet": "parquet", ".csv": "csv", ".tsv": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl", ".json": "jsonl"}
_JSON_BLOCK = 1 << 26
"""A JSON line, screenshots and all, must fit into one block."""
_MOST_BRACKETS = 2_000
"""A JSON line that opens more is not given to Arrow, which a few thousand nested ones bring down."""
_DELIMITERS = ",;\t"
_WIDE = ((b"\xff\xfe", "UTF-16"), (b"\xfe\xff", "UTF-16"))


@dataclass(frozen=True)
class Opened:
    """A table as it stands in a file, or in memory."""

    name: str
    table: pa.Table
    kind: str
    """``parquet``, ``csv``, ``jsonl`` or ``frame``."""
    content: bytes = b""
    """What a text file holds, uncompressed."""

    def row_in_words(self, row: int) -> str:
        """Where a row, counted from 0, stands: its line in a text file."""
        if self.kind == "frame":
            return f"row {row}"
        if self.kind == "parquet":
            return f"row {row + 1}"
        return f"line {self._lines[row] if row < len(self._lines) else row + 1}"

    @cached_property
    def _lines(self) -> list[int]:
        """The line on which each row begins: blank ones are passed over, and a CSV row may go over several."""
        if self.kind == "csv":
            return [begins for begins, _ in _csv_rows(self.content)][1:]
        return [number for number, line in enumerate(self.content.split(b"\n"), 1) if line.strip()]


def open_table(path: Path) -> Opened:
    """Opens a file.

    Raises:
        BadInput: It is missing, a folder, empty, or not what its name says; with the line that is wrong.
    """
    if path.is_dir():
        raise BadInput(f"{path}: is a folder; name the file of battles in it")
    if not path.is_file():
        raise BadInput(f"{path}: no such file")
    try:
        if path.stat().st_size == 0:
            raise BadInput(f"{path}: the file is empty")
        kind = _kind(path)
        if kind == "parquet":
            return Opened(str(path), pa.parquet.read_table(path), kind)
        with pa.input_stream(str(path), compression="detect") as stream:
            content = stream.read()
        _check_text(path, content)
        table = _csv(path, content) if kind == "csv" else _jsonl(path, content)
        return Opened(str(path), table, kind, content)
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{path}: not readable as {kind_of(path)}: {shown(str(error).splitlines()[0], 160)}") from error


def kind_of(path: Path) -> str:
    """What a file's name says it is, or nothing."""
    endings = [suffix.lower() for suffix in path.suffixes[-2:]]  # the last may be .gz
    return next((_KINDS[ending] for ending in endings if ending in _KINDS), "")


def _kind(path: Path) -> str:
    if kind := kind_of(path):
        return kind
    with path.open("rb") as stream:
        start = stream.read(64)
    if start.startswith(b"PAR1"):
        return "parquet"
    return "jsonl" if start.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"[") else "csv"


def shown(text: str, most: int = 60) -> str:
    """A text from a file within a message: on one line, not too long, and nothing in it that a terminal obeys."""
    plain = "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in text[: most + 1])
    return plain if len(plain) <= most else f"{plain[:most]}..."


def _check_text(path: Path, content: bytes) -> None:
    """Refuses pictures, archives and the like before a parser makes columns of their bytes."""
    for mark, encoding in _WIDE:
        if content.startswith(mark):
            raise BadInput(f"{path}: written in {encoding}; save it as UTF-8")
    if b"\0" in content[:4096]:
        raise BadInput(f"{path}: not a text file; battles are JSONL, CSV or Parquet")
    head = content[: content.find(b"\n") + 1] or content
    if not _decodes(head):
        raise BadInput(f"{path}, line 1: not UTF-8")


def _decodes(text: bytes) -> bool:
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True


def _delimiter(content: bytes, name: str) -> str:
    """The one that the first line has most of."""
    first = content[: content.find(b"\n") + 1].decode(errors="replace") or name
    return max(_DELIMITERS, key=first.count)


def _csv(path: Path, content: bytes) -> pa.Table:
    try:
        return _read_csv(path, content)
    except pa.ArrowInvalid:
        _explain_csv(path, content)
        raise


def _read_csv(path: Path, content: bytes) -> pa.Table:
    return pa.csv.read_csv(
        pa.BufferReader(content),
        parse_options=pa.csv.ParseOptions(delimiter=_delimiter(content, str(path)), newlines_in_values=True),
        convert_options=pa.csv.ConvertOptions(strings_can_be_null=True, null_values=["", "NaN", "nan", "null"]),
    )


def _explain_csv(path: Path, content: bytes) -> None:
    """Finds the line that Arrow does not take, as it does not always tell.

    Raises:
        BadInput: There is such a line.
    """
    delimiter, expected = _delimiter(content, str(path)).encode(), 0
    for begins, row in _csv_rows(content):
        if not _decodes(row):
            raise BadInput(f"{path}, line {begins}: not UTF-8")
        if row.count(b'"') % 2:
            raise BadInput(f"{path}, line {begins}: a quotation mark in it is not closed")
        columns = 1 + re.sub(rb'"[^"]*"', b"", row).count(delimiter)
        expected = expected or columns
        if columns != expected:
            told = f"{counted(columns, 'column')}, where the first line names {expected}"
            raise BadInput(f"{path}, line {begins}: {told}")


def _csv_rows(content: bytes) -> Iterator[tuple[int, bytes]]:
    """Rows with the line that each begins on; a line break within quotation marks does not end a row."""
    kept: list[bytes] = []
    quoted = False
    for number, line in enumerate(content.split(b"\n"), 1):
        kept.append(line)
        quoted ^= line.count(b'"') % 2 == 1
        if quoted:
            continue
        row = b"\n".join(kept)
        if row.strip(b"\r"):
            yield number - len(kept) + 1, row
        kept = []
    if kept:
        yield content.count(b"\n") + 2 - len(kept), b"\n".join(kept)


def _jsonl(path: Path, content: bytes) -> pa.Table:
    content = content.removeprefix(b"\xef\xbb\xbf")
    if content.lstrip()[:1] == b"[":
        return _of_rows(path, _json_list(path, content))
    if not _too_deep_for_arrow(content):
        try:
            options = pa.json.ReadOptions(block_size=_JSON_BLOCK)
            return pa.json.read_json(pa.BufferReader(content), read_options=options)
        except pa.ArrowInvalid:
            pass
    return _of_rows(path, _json_lines(path, content))


def _too_deep_for_arrow(content: bytes) -> bool:
    opened = 0
    for line in content.split(b"\n"):
        opened = line.count(b"[") + line.count(b"{") + (0 if line.startswith(b"{") else opened)
        if opened > _MOST_BRACKETS:
            return True
    return False


def _json_list(path: Path, content: bytes) -> Iterator[tuple[str, Any]]:
    """Some tools write all battles as one list."""
    for number, row in enumerate(parse_json(content, str(path)), 1):
        yield f"{path}, entry {number}", row


def _json_lines(path: Path, content: bytes) -> Iterator[tuple[str, Any]]:
    """Slower than Arrow, but takes columns of mixed types, and knows which line is wrong."""
    for number, line in enumerate(content.split(b"\n"), 1):
        if line.strip():
            where = f"{path}, line {number}"
            yield where, parse_json(line, where)


def parse_json(text: bytes, where: str) -> Any:
    """Parses a JSON text.

    Raises:
        BadInput: It is none, or one that brings parsers down; told of ``where``.
    """
    try:
        return json.loads(text.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise BadInput(f"{where}: not UTF-8") from error
    except json.JSONDecodeError as error:
        raise BadInput(f"{where}: not JSON: {error.msg}") from error
    except RecursionError as error:
        raise BadInput(f"{where}: nested too deeply") from error
    except ValueError as error:
        raise BadInput(f"{where}: a number in it has too many digits") from error


def _of_rows(path: Path, rows: Iterator[tuple[str, Any]]) -> pa.Table:
    found: list[dict[str, Any]] = []
    for where, row in rows:
        if not isinstance(row, dict):
            raise BadInput(f"{where}: a battle is a JSON object, not {type(row).__name__}")
        found.append(row)
    columns = dict.fromkeys(key for row in found for key in row)
    simple = {key: [_scalar(row.get(key)) for row in found] for key in columns}
    return pa.table({whole(key): _uniform(values) for key, values in simple.items()})


def _scalar(value: Any) -> Any:
    if isinstance(value, str):
        return whole(value)
    return None if isinstance(value, (dict, list)) or value != value else value


def whole(text: str) -> str:
    """A text without halves of characters, which JSON can name and UTF-8 cannot hold."""
    return re.sub("[\ud800-\udfff]", "\ufffd", text)


def _uniform(values: list[Any]) -> pa.Array:
    try:
        return pa.array(values)
    except (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError):
        return pa.array([None if value is None else str(value) for value in values])

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from agent_judge.errors import BadInput
from agent_judge.rank import rank, read_battles, read_frame, read_table
from agent_judge.rank.read import winner_of
from agent_judge.rank.table import A_WON, TIE
from agent_judge.schema import Battle

ROWS: list[dict[str, object]] = [
    {"task_id": "t1", "model_a": "x", "model_b": "y", "winner": "model_a", "judge": "j", "confidence": 0.5},
    {"task_id": "t1", "model_a": "y", "model_b": "z", "winner": "tie (bothbad)", "judge": "j", "confidence": None},
    {"task_id": "t2", "model_a": "z", "model_b": "x", "winner": "tie", "judge": "k", "confidence": 1.0},
]
WINNERS = ["model_a", "both_bad", "tie"]
FIRST = '{"model_a": "x", "model_b": "y", "winner": "tie"}'
SECOND = '{"model_a": "y", "model_b": "z", "winner": "A"}'


def as_jsonl(rows: list[dict[str, object]], path: Path) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def as_csv(text: str, path: Path) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def as_parquet(rows: list[dict[str, object]], path: Path) -> Path:
    pq.write_table(pa.Table.from_pylist(rows), path)
    return path


@pytest.fixture(params=["jsonl", "csv", "parquet", "jsonl.gz"])
def file(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    path = tmp_path / f"battles.{request.param}"
    if request.param == "parquet":
        return as_parquet(ROWS, path)
    if request.param == "csv":
        lines = [",".join(ROWS[0]), *(",".join("" if v is None else str(v) for v in row.values()) for row in ROWS)]
        return as_csv("\n".join(lines) + "\n", path)
    text = "".join(json.dumps(row) + "\n" for row in ROWS)
    path.write_bytes(gzip.compress(text.encode()) if request.param == "jsonl.gz" else text.encode())
    return path


def test_reads_every_format_alike(file: Path) -> None:
    battles = read_battles(file)
    assert [battle.winner for battle in battles] == WINNERS
    assert [battle.confidence for battle in battles] == [0.5, None, 1.0]
    assert [battle.task_id for battle in battles] == ["t1", "t1", "t2"]
    assert rank(read_table(file), rounds=20, by=["judge"]) == rank(battles, rounds=20, by=["judge"])


def test_reads_what_it_writes(tmp_path: Path) -> None:
    battles = [
        Battle(task_id="a", model_a="x", model_b="y", winner="both_bad", language="ts", run_id="r", confidence=0.1)
    ]
    path = tmp_path / "battles.jsonl"
    path.write_text(battles[0].model_dump_json() + "\n", encoding="utf-8")
    assert read_battles(path) == battles


def test_reads_arena_columns_of_any_type_and_ignores_the_rest(tmp_path: Path) -> None:
    rows: list[dict[str, object]] = [
        {"question_id": 7, "left": "x", "right": "y", "vote": "leftvote", "conversation": [{"role": "user"}], "n": 1},
        {"question_id": "8", "left": "y", "right": "x", "vote": "bothbad_vote", "conversation": "none", "n": "many"},
    ]
    battles = read_battles(as_jsonl(rows, tmp_path / "arena.jsonl"))
    assert [(battle.task_id, battle.winner) for battle in battles] == [("7", "model_a"), ("8", "both_bad")]


@pytest.mark.parametrize(
    ("spelling", "winner"),
    [
        ("model_a", "model_a"), ("Model B", "model_b"), ("vote_model_A", "model_a"), ("tie (bothbad)", "both_bad"),
        ("tie (both bad)", "both_bad"), ("both_bad", "both_bad"), ("bothbad", "both_bad"), ("TIE", "tie"),
        ("vote_both_bad", "both_bad"), ("vote_tie", "tie"), ("right", "model_b"), ("model_c", None),
    ],
)  # fmt: skip
def test_knows_how_arenas_spell_winners(spelling: str, winner: str | None) -> None:
    assert winner_of(spelling) == winner


def test_pairs_of_numbers_become_covariates(tmp_path: Path) -> None:
    path = as_csv(
        "model_a,model_b,winner,length_a,length_b,note_a\nx,y,tie,10,20,hi\ny,x,model_a,5,6,ho\n", tmp_path / "b.csv"
    )
    table = read_table(path)
    assert list(table.covariates) == ["length"]
    assert table.covariates["length"][1].tolist() == [20, 6]


BAD: dict[str, tuple[str | bytes | None, str]] = {
    "missing file": (None, "no such file"),
    "empty file": ("", "the file is empty"),
    "header only": ("model_a,model_b,winner\n", "there are no battles"),
    "missing column": ("model_a,model_b\nx,y\n", "no column 'winner'; the columns are: model_a, model_b"),
    "unknown winner": ("model_a,model_b,winner\nx,y,tie\nx,y,maybe\n", "line 3, column winner: unknown winner 'maybe'"),
    "no winner": ("model_a,model_b,winner\nx,y,tie\nx,y,\n", "line 3, column winner: there is no winner"),
    "NaN winner": ("model_a,model_b,winner\nx,y,NaN\n", "line 2, column winner: there is no winner"),
    "no model": ("model_a,model_b,winner\nx,y,tie\nx,,tie\n", "line 3, column model_b: the model has no name"),
    "self-battle": (
        "model_a,model_b,winner\nx,y,tie\nx,x,tie\n",
        "line 3, column model_b: 'x' is compared with itself",
    ),
    "ragged": ("model_a,model_b,winner\nx,y,tie\nx,y\n", "line 3: 2 columns, where the first line names 3"),
    "latin-1": (b"model_a,model_b,winner\nx,y,tie\nx,\xe9,tie\n", "line 3, column model_b: not UTF-8"),
    "extra column": ("model_a,model_b,winner\nx,y,tie\nx,y,tie,1\n", "line 3: 4 columns, where the first line names 3"),
    "open quotation": ('model_a,model_b,winner\nx,y,tie\n"x,y,tie\n', "line 3: a quotation mark in it is not closed"),
    "after blank lines and broken ones": (
        'model_a,model_b,winner\n\n"x\nx",y,tie\n\nx,y,maybe\n',
        "line 6, column winner: unknown winner 'maybe'",
    ),
    "control characters": ("model_a,model_b,winner\nx,y,\x1b[31mred\n", "unknown winner '\\x1b[31mred'"),
    "long value": (f"model_a,model_b,winner\nx,y,{'w' * 5000}\n", f"unknown winner '{'w' * 60}...'"),
    "column twice": ("model_a,model_b,winner,winner\nx,y,tie,tie\n", "two columns are named 'winner'"),
    "header in latin-1": (b"mod\xe9,model_b,winner\nx,y,tie\n", "line 1: not UTF-8"),
    "picture": (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\n\xff\n", "not a text file"),
    "noise": (b"model_a,model_b,winner\nx,y,tie\n\xff,\xfe\n", "line 3: not UTF-8"),
    "UTF-16": ("model_a,model_b,winner\nx,y,tie\n".encode("utf-16"), "written in UTF-16; save it as UTF-8"),
    "endless covariate": ("model_a,model_b,winner,n_a,n_b\nx,y,tie,1,inf\n", "line 2, column n_b: no finite number"),
    "covariate gap": (
        "model_a,model_b,winner,n_a,n_b\nx,y,tie,1,2\nx,y,tie,,2\n",
        "line 3, column n_a: no finite number",
    ),
}


@pytest.mark.parametrize(("content", "message"), BAD.values(), ids=list(BAD))
def test_bad_csv_is_told_in_one_line(content: str | bytes | None, message: str, tmp_path: Path) -> None:
    path = tmp_path / "battles.csv"
    if content is not None:
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(BadInput) as error:
        read_table(path)
    assert message in str(error.value)
    assert str(path) in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b'{"model_a": "x", "model_b": "y", "winner": "tie"}\n{"model_a": \n', "line 2: not JSON"),
        (b'{"model_a": "x", "model_b": "y", "winner": "tie"}\n[1]\n', "line 2: a battle is a JSON object, not list"),
        (b'{"model_a": "\xff", "model_b": "y", "winner": "tie"}\n', "line 1: not UTF-8"),
        (b'{"model_a": ' + b"[" * 100_000 + b"]" * 100_000 + b"}\n", "line 1: nested too deeply"),
        (b'{"model_a": "x", "n": ' + b"9" * 5000 + b"}\n[\n", "line 1: a number in it has too many digits"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF", "not a text file"),
        (
            b'{"model_a": "x", "model_b": "y", "winner": "tie"}\n\n{"model_a": "x", "model_b": "y", "winner": "?"}\n',
            "line 3, column winner: unknown winner",
        ),
        (b'[{"model_a": "x", "model_b": "y", "winner": "tie"}, 5]', "entry 2: a battle is a JSON object, not int"),
        (b'{"model_a": "x", "model_b": "y", "winner": NaN}\n', "line 1, column winner: there is no winner"),
    ],
)
def test_bad_jsonl_is_told_in_one_line(content: bytes, message: str, tmp_path: Path) -> None:
    path = tmp_path / "battles.jsonl"
    path.write_bytes(content)
    with pytest.raises(BadInput) as error:
        read_battles(path)
    assert message in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("b.json", f"[{FIRST},\n {SECOND}]"),
        ("half.json", f'[{FIRST}, {SECOND.replace("}", ", ")}"n": "\\ud800"}}]'),
        ("battles", f"\ufeff{FIRST}\n{SECOND}"),
        ("b.csv", "\ufeffmodel_a;model_b;winner\nx;y;tie\n\ny;z;A\n"),
        ("b.tsv", "model_a\tmodel_b\twinner\nx\ty\ttie\ny\tz\tA\n"),
    ],
)
def test_reads_what_other_programs_make_of_a_table(name: str, content: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(content, encoding="utf-8")
    table = read_table(tmp_path / name)
    assert table.models == ("x", "y", "z")
    assert table.winner.tolist() == [TIE, A_WON]


def test_a_parquet_that_is_none_is_told(tmp_path: Path) -> None:
    path = tmp_path / "battles.parquet"
    path.write_bytes(b"PAR1 this is no parquet file")
    with pytest.raises(BadInput, match="not readable as parquet"):
        read_battles(path)


def test_data_frames_are_ranked_as_files_are(tmp_path: Path) -> None:
    columns = {"model_a": ["x", "y", "x"], "model_b": ["y", "z", "z"], "winner": ["model_a", "tie (bothbad)", "B"]}
    pq.write_table(pa.table(columns), tmp_path / "b.parquet")
    frame, file = read_frame(pa.table(columns)), read_table(tmp_path / "b.parquet")
    assert frame.models == file.models == ("x", "y", "z")
    assert frame.winner.tolist() == file.winner.tolist()
    columns["winner"][1] = "nobody knows"
    with pytest.raises(BadInput, match=r"^data frame, row 1, column winner: unknown winner 'nobody knows'"):
        read_frame(pa.table(columns))

from __future__ import annotations

import base64
import json
import sys
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from agent_judge.agree import read_votes, solution_of
from agent_judge.errors import BadInput, MissingRequirement

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
HTML = "<!DOCTYPE html><html><body><h1>Counter</h1></body></html>"
STREAMLIT = "import streamlit as st\nst.title('Counter')\n"


def side(code: str, environment: str, answer: str) -> dict[str, Any]:
    first = {"sandbox_state": {"code_to_execute": "old", "sandbox_environment": environment, "sandbox_output": ""}}
    last = {
        "sandbox_state": {
            "code_to_execute": code,
            "sandbox_environment": environment,
            "sandbox_output": "served",
            "screenshot_base64": "data:image/png;base64," + base64.b64encode(PNG).decode(),
            "code_dependencies": [["streamlit"], []] if environment == "Streamlit" else [[], []],
        }
    }
    messages = [{"role": "user", "content": "Make a counter"}, {"role": "assistant", "content": answer}]
    return {"messages": messages, "sandbox_logs_by_round": {"2": last, "1": first, "10": None}}


def bigcodereward(vote: str = "vote_model_A", session: str = "s1") -> dict[str, Any]:
    return {
        "chat_session_id": session,
        "instruction": "Make a counter",
        "model_A": "alpha",
        "model_B": "beta",
        "states": {
            "model_A": side(HTML, "HTML", f"Here:\n```html\n{HTML}\n```"),
            "model_B": side(STREAMLIT, "Streamlit", f"```python\n{STREAMLIT}```"),
        },
        "human_vote": vote,
        "category_name": "web_design",
    }


def as_jsonl(rows: list[Any], path: Path) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def rounds_as_map(rows: list[dict[str, Any]]) -> pa.Table:
    """Rounds as Parquet's own kind of map, which comes back as pairs."""
    state = pa.struct(
        {
            **dict.fromkeys(("code_to_execute", "sandbox_environment", "sandbox_output"), pa.string()),
            "screenshot_base64": pa.string(),
            "code_dependencies": pa.list_(pa.list_(pa.string())),
        }
    )
    rounds = pa.map_(pa.string(), pa.struct({"sandbox_state": state}))
    side = pa.struct({"messages": pa.list_(pa.struct({"role": pa.string(), "content": pa.string()})),
                      "sandbox_logs_by_round": rounds})  # fmt: skip
    texts = {name: pa.string() for name in rows[0] if name != "states"}
    schema = pa.schema({**texts, "states": pa.struct({"model_A": side, "model_B": side})})
    return pa.Table.from_pylist(
        [{**row, "states": {name: paired(side) for name, side in row["states"].items()}} for row in rows], schema
    )


def paired(side: dict[str, Any]) -> dict[str, Any]:
    return {**side, "sandbox_logs_by_round": list(side["sandbox_logs_by_round"].items())}


@pytest.fixture(params=["jsonl", "parquet", "parquet with states as text", "parquet with rounds as map", "folder"])
def published(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    rows = [bigcodereward(), bigcodereward("vote_both_bad", "s2")]
    if request.param == "jsonl":
        return as_jsonl(rows, tmp_path / "votes.jsonl")
    if request.param == "folder":
        (tmp_path / "data").mkdir()
        as_jsonl(rows, tmp_path / "data" / "train.jsonl")
        return tmp_path
    if "text" in request.param:
        rows = [{**row, "states": json.dumps(row["states"])} for row in rows]
    table = rounds_as_map(rows) if "map" in request.param else pa.Table.from_pylist(rows)
    pq.write_table(table, tmp_path / "votes.parquet")
    return tmp_path / "votes.parquet"


def test_reads_bigcodereward_as_published(published: Path) -> None:
    pairs = read_votes(published)
    assert [(pair.id, pair.vote) for pair in pairs] == [("s1", "A"), ("s2", "both_bad")]
    first = pairs[0]
    assert (first.a.model, first.b.model, first.task.category) == ("alpha", "beta", "web_design")
    assert first.task.id == pairs[1].task.id
    assert (first.a.code, first.a.environment, first.a.output) == (HTML, "HTML", "served")
    assert first.a.screenshot == PNG
    assert first.a.answer.startswith("Here:")
    assert first.b.dependencies == ("streamlit",)


def test_sides_become_solutions_in_their_environment(published: Path) -> None:
    pair = read_votes(published)[0]
    assert solution_of(pair.a, pair.task.instruction).environment == "html"
    streamlit = solution_of(pair.b, pair.task.instruction)
    assert (streamlit.language, "streamlit" in streamlit.dependencies) == ("python", True)


@pytest.mark.parametrize(
    ("vote", "winner"),
    [("vote_model_A", "A"), ("vote_model_B", "B"), ("vote_tie", "tie"), ("vote_both_bad", "both_bad")],
)
def test_knows_every_vote(vote: str, winner: str, tmp_path: Path) -> None:
    assert read_votes(as_jsonl([bigcodereward(vote)], tmp_path / "v.jsonl"))[0].vote == winner


def test_reads_plain_pairs(tmp_path: Path) -> None:
    row = {
        "instruction": "Make a counter",
        "model_a": "x",
        "model_b": "y",
        "answer_a": HTML,
        "code_b": HTML,
        "vote": "tie",
    }
    first, second = read_votes(as_jsonl([row, {**row, "id": "p2", "task_id": "t", "rater": "r"}], tmp_path / "v.jsonl"))
    assert (first.vote, first.a.answer, first.b.code) == ("tie", HTML, HTML)
    assert (second.id, second.task.id, second.rater) == ("p2", "t", "r")
    assert first.id != second.id


def test_every_vote_has_an_id_of_its_own(tmp_path: Path) -> None:
    """Two people on the same answers; else one's vote would be held against the verdict on the other's."""
    row = {"instruction": "x", "model_a": "a", "model_b": "b", "answer_a": HTML, "answer_b": HTML, "vote": "A"}
    rows = [{**row, "rater": rater} for rater in ("ann", "bob", "cy")] + [bigcodereward(), bigcodereward()]
    ids = [pair.id for pair in read_votes(as_jsonl(rows, tmp_path / "v.jsonl"))]
    assert len(set(ids)) == 5
    assert ids[1:3] == [f"{ids[0]}#2", f"{ids[0]}#3"]


def test_half_a_character_in_an_answer_does_not_stop_the_others(tmp_path: Path) -> None:
    row = {"instruction": "x", "model_a": "a", "model_b": "b", "answer_a": f"{HTML}\ud800", "code_b": HTML, "vote": "B"}
    (pair,) = read_votes(as_jsonl([row], tmp_path / "v.jsonl"))
    assert pair.a.answer == f"{HTML}\ufffd"


def test_more_rows_than_are_read_at_once(tmp_path: Path) -> None:
    rows = [{**bigcodereward(session=f"s{i}")} for i in range(200)]
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "v.parquet")
    assert [pair.id for pair in read_votes(tmp_path / "v.parquet")] == [f"s{i}" for i in range(200)]


def with_state(**changes: Any) -> dict[str, Any]:
    """A row in which something of one side is not as published."""
    row = bigcodereward()
    return {**row, "states": {**row["states"], "model_A": {**row["states"]["model_A"], **changes}}}


def without(row: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in row.items() if key != name}


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (without(bigcodereward(), "human_vote"), "line 1: no 'human_vote'"),
        (bigcodereward("vote_maybe"), "line 1, column human_vote: unknown vote 'vote_maybe'"),
        ({**bigcodereward(), "states": {"model_A": {}}}, "line 1, column states: must hold model_A and model_B"),
        ({**bigcodereward(), "states": "{"}, "line 1, column states: not JSON"),
        ({"instruction": "x", "model_a": "a", "model_b": "b", "answer_a": "c", "vote": "tie"}, "neither 'answer_b'"),
        ([1], "line 1: must be a JSON object, not list"),
        (with_state(sandbox_logs_by_round=5), "column sandbox_logs_by_round: must be an object, not int"),
        (
            with_state(sandbox_logs_by_round={"0": [1]}),
            "column sandbox_logs_by_round: a round must hold a sandbox_state",
        ),
        (with_state(sandbox_logs_by_round=None, messages="no"), "there is neither a reply nor code of alpha"),
        ({**bigcodereward(), "model_A": ["alpha"]}, "line 1, column model_A: must be text, not list"),
        ({**bigcodereward(), "model_A": float("nan")}, "line 1: no 'model_A'"),
        (bigcodereward("vote\x1b[31m"), "unknown vote 'vote\\x1b[31m'"),
    ],
)
def test_bad_rows_are_told_in_one_line(row: Any, message: str, tmp_path: Path) -> None:
    with pytest.raises(BadInput) as error:
        read_votes(as_jsonl([row], tmp_path / "votes.jsonl"))
    assert message in str(error.value)
    assert "\n" not in str(error.value)


def test_bad_files_are_told_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no such file or folder"):
        read_votes(tmp_path / "missing")
    with pytest.raises(BadInput, match=r"no \.jsonl or \.parquet file"):
        read_votes(tmp_path)
    (tmp_path / "v.jsonl").write_bytes(b"")
    with pytest.raises(BadInput, match="no votes"):
        read_votes(tmp_path / "v.jsonl")
    (tmp_path / "v.jsonl").write_bytes(b'{"a": "\xff"}\n')
    with pytest.raises(BadInput, match="line 1: not UTF-8"):
        read_votes(tmp_path / "v.jsonl")
    (tmp_path / "v.jsonl").write_bytes(b'{"a": ' + b"[" * 100_000 + b"]" * 100_000 + b"}")
    with pytest.raises(BadInput, match="line 1: nested too deeply"):
        read_votes(tmp_path / "v.jsonl")
    (tmp_path / "v.jsonl").write_bytes(b'{"a": ' + b"9" * 5000 + b"}")
    with pytest.raises(BadInput, match="line 1: a number in it has too many digits"):
        read_votes(tmp_path / "v.jsonl")
    (tmp_path / "v.png").write_bytes(b"\0\x10JFIF")
    with pytest.raises(BadInput, match="line 1: not text; votes are JSONL or Parquet"):
        read_votes(tmp_path / "v.png")
    (tmp_path / "v.csv").write_text("model_a,model_b,vote\nx,y,tie\n", encoding="utf-8")
    with pytest.raises(BadInput, match="votes are read from JSONL or Parquet, not CSV"):
        read_votes(tmp_path / "v.csv")
    (tmp_path / "v.parquet").write_bytes(b"PAR1")
    with pytest.raises(BadInput, match="not readable as parquet"):
        read_votes(tmp_path / "v.parquet")


def test_the_hub_needs_its_client(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    with pytest.raises(MissingRequirement, match="pip install huggingface_hub"):
        read_votes("hf://datasets/bigcode/bigcodereward")

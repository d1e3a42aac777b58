"""Reads datasets of votes: BigCodeReward as published, and plain JSONL of pairs."""

from __future__ import annotations

import base64
import binascii
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, cast

import pyarrow as pa
import pyarrow.parquet

from agent_judge.agree.hub import PREFIX, fetch_dataset
from agent_judge.agree.votes import VotedPair, VotedSide
from agent_judge.errors import BadInput
from agent_judge.rank.files import parse_json, shown, whole
from agent_judge.rank.read import winner_of
from agent_judge.read.formats.executed import dependency_names, reply_of
from agent_judge.schema import Task, Winner, digest_of

_ROWS_AT_ONCE = 64
"""Of a Parquet file: rows hold screenshots, so that a whole file may not fit into memory twice."""
_LETTERS: dict[str, Winner] = {"model_a": "A", "model_b": "B", "tie": "tie", "both_bad": "both_bad"}
Row = Mapping[str, Any]


def read_votes(data: str | Path) -> list[VotedPair]:
    """Reads pairs with votes.

    Args:
        data: A JSONL or Parquet file, a folder of such, or ``hf://datasets/OWNER/NAME[/PATH]`` on the Hugging Face
            hub. Rows are BigCodeReward's (``chat_session_id, instruction, model_A, model_B, states, human_vote``), or
            plain: ``instruction, model_a, model_b, answer_a, answer_b, vote`` and optionally ``id, task_id, code_a,
            code_b, environment_a, environment_b, category, language, rater``.

    Returns:
        The pairs in the order of the rows, each with an id of its own: where rows share one, as several people's votes
        on the same answers may, the second is ``id#2``. Two answers by the same model are a pair as well; only
        rankings leave it out.

    Raises:
        BadInput: Nothing there, not readable, or a row that lacks something; names file and row.
        MissingRequirement: The hub is asked, and it or its client is not there.
    """
    pairs: list[VotedPair] = []
    seen: Counter[str] = Counter()
    for file in _files(data):
        for where, row in _rows(file):
            pair = _bigcodereward(row, where) if "states" in row else _plain(row, where)
            seen[pair.id] += 1
            if seen[pair.id] > 1:
                pair = pair.model_copy(update={"id": f"{pair.id}#{seen[pair.id]}"})
            pairs.append(pair)
    if not pairs:
        raise BadInput(f"{data}: there are no votes in it")
    return pairs


def _files(data: str | Path) -> list[Path]:
    path = fetch_dataset(str(data)) if str(data).startswith(PREFIX) else Path(data)
    if path.is_dir():
        found = sorted(f for f in path.rglob("*") if f.suffix in (".jsonl", ".parquet"))
        if not found:
            raise BadInput(f"{path}: no .jsonl or .parquet file in this folder")
        return found
    if not path.is_file():
        raise BadInput(f"{path}: no such file or folder")
    return [path]


def _rows(file: Path) -> Iterator[tuple[str, Row]]:
    """Rows with the words that name their place."""
    if not file.is_file():
        raise BadInput(f"{file}: no such file")
    if _is_parquet(file):
        yield from _parquet_rows(file)
        return
    with file.open("rb") as stream:
        for number, line in enumerate(stream, 1):
            where = f"{file}, line {number}"
            if number == 1 and b"\0" in line:
                raise BadInput(f"{where}: not text; votes are JSONL or Parquet")
            if line.strip():
                yield where, _object(line, where)


def _is_parquet(file: Path) -> bool:
    if file.suffix.lower() in (".csv", ".tsv"):
        raise BadInput(f"{file}: votes are read from JSONL or Parquet, not CSV")
    with file.open("rb") as stream:
        return file.suffix.lower() == ".parquet" or stream.read(4) == b"PAR1"


def _parquet_rows(file: Path) -> Iterator[tuple[str, Row]]:
    number = 0
    try:
        for batch in pa.parquet.ParquetFile(file).iter_batches(_ROWS_AT_ONCE):
            for row in batch.to_pylist():
                number += 1
                yield f"{file}, row {number}", row
    except (pa.ArrowException, OSError) as error:
        raise BadInput(f"{file}: not readable as parquet: {shown(str(error).splitlines()[0], 160)}") from error


def _object(text: bytes | str, where: str) -> Row:
    row = parse_json(text if isinstance(text, bytes) else text.encode(), where)
    if not isinstance(row, dict):
        raise BadInput(f"{where}: must be a JSON object, not {type(row).__name__}")
    return cast(Row, _whole(row))


def _whole(value: Any) -> Any:
    """Without halves of characters in any text; they could be written nowhere."""
    if isinstance(value, str):
        return whole(value)
    if isinstance(value, list):
        return [_whole(one) for one in value]
    return {_whole(key): _whole(one) for key, one in value.items()} if isinstance(value, dict) else value


def _text(row: Row, name: str, where: str) -> str:
    value = _optional(row, name, where)
    if not value.strip():
        columns = ", ".join(shown(str(column)) for column in list(row)[:12])
        raise BadInput(f"{where}: no {name!r}; the columns are: {columns}")
    return value


def _optional(row: Row, name: str, where: str) -> str:
    """A text, or a number as one; nothing where it is missing, null or NaN."""
    value = row.get(name)
    if value is None or value != value:
        return ""
    if isinstance(value, (list, dict, bytes)):
        raise BadInput(f"{where}, column {name}: must be text, not {type(value).__name__}")
    return str(value)


def _vote(row: Row, name: str, where: str) -> Winner:
    spelling = _text(row, name, where)
    winner = winner_of(spelling)
    if winner is None:
        raise BadInput(
            f"{where}, column {name}: unknown vote '{shown(spelling)}'; write model_a, model_b, tie or both_bad"
        )
    return _LETTERS[winner]


def _task(row: Row, where: str, category: str) -> Task:
    """Two pairs with the same instruction are of the same task, where no id says otherwise."""
    instruction = _text(row, "instruction", where)
    return Task(
        id=_optional(row, "task_id", where) or digest_of(instruction), instruction=instruction, category=category
    )


def _bigcodereward(row: Row, where: str) -> VotedPair:
    states = row["states"]
    if isinstance(states, str):
        states = _object(states, f"{where}, column states")
    if not isinstance(states, Mapping) or not all(isinstance(states.get(k), Mapping) for k in ("model_A", "model_B")):
        raise BadInput(f"{where}, column states: must hold model_A and model_B")
    return VotedPair(
        id=_text(row, "chat_session_id", where),
        task=_task(row, where, _optional(row, "category_name", where)),
        a=_state(states["model_A"], _text(row, "model_A", where), where),
        b=_state(states["model_B"], _text(row, "model_B", where), where),
        vote=_vote(row, "human_vote", where),
        rater=_optional(row, "user_id", where),
        language=_optional(row, "language", where),
    )


def _state(state: Mapping[str, Any], model: str, where: str) -> VotedSide:
    """The last round that executed something, as that is what the voter saw last."""
    states = [_sandbox_state(one, where) for one in _rounds(state.get("sandbox_logs_by_round"), where)]
    last: Row = next((one for one in reversed(states) if one.get("code_to_execute")), {})
    answer, code = reply_of(state.get("messages")), _optional(last, "code_to_execute", where)
    if not answer.strip() and not code.strip():
        raise BadInput(f"{where}, column states: there is neither a reply nor code of {shown(model)}")
    return VotedSide(
        model=model,
        answer=answer,
        code=code,
        environment=_optional(last, "sandbox_environment", where),
        dependencies=dependency_names(last.get("code_dependencies")),
        output=_output(last.get("sandbox_output")),
        screenshot=_picture(last.get("screenshot_base64"), where),
    )


def _rounds(rounds: Any, where: str) -> list[Any]:
    """In their order; Parquet may hold them as a list, or as pairs, and names every round of any row, most null."""
    if isinstance(rounds, list) and all(isinstance(one, tuple) for one in rounds):
        rounds = dict(rounds)
    if isinstance(rounds, Mapping):
        return [rounds[key] for key in sorted(rounds, key=lambda key: (len(str(key)), str(key)))]
    if rounds is None or isinstance(rounds, list):
        return list(rounds or ())
    raise BadInput(f"{where}, column sandbox_logs_by_round: must be an object, not {type(rounds).__name__}")


def _sandbox_state(one: Any, where: str) -> Row:
    state = {} if one is None else one.get("sandbox_state") or {} if isinstance(one, Mapping) else None
    if not isinstance(state, Mapping):
        raise BadInput(f"{where}, column sandbox_logs_by_round: a round must hold a sandbox_state")
    return state


def _output(output: Any) -> str:
    return output if isinstance(output, str) else "" if output is None else json.dumps(output, ensure_ascii=False)


def _picture(text: Any, where: str) -> bytes:
    if not text:
        return b""
    try:
        return base64.b64decode(str(text).rpartition(",")[2], validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadInput(f"{where}, column screenshot_base64: not base64") from error


def _plain(row: Row, where: str) -> VotedPair:
    name = next((key for key in ("vote", "human_vote", "winner") if key in row), "vote")
    sides = {
        side: VotedSide(
            model=_text(row, f"model_{side}", where),
            answer=_optional(row, f"answer_{side}", where),
            code=_optional(row, f"code_{side}", where),
            environment=_optional(row, f"environment_{side}", where) or _optional(row, "environment", where),
        )
        for side in "ab"
    }
    for side, one in sides.items():
        if not one.answer and not one.code:
            raise BadInput(f"{where}: neither 'answer_{side}' nor 'code_{side}' says anything")
    task = _task(row, where, _optional(row, "category", where))
    vote = _vote(row, name, where)
    return VotedPair(
        id=_optional(row, "id", where)
        or digest_of([task.id, *(side.model_dump(mode="json") for side in sides.values())]),
        task=task,
        a=sides["a"],
        b=sides["b"],
        vote=vote,
        rater=_optional(row, "rater", where),
        language=_optional(row, "language", where),
    )

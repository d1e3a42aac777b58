"""Reads datasets of votes: BigCodeReward and AutoCodeArena as published, and plain JSONL of pairs."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet

from agent_judge.agree.votes import VotedPair, VotedSide
from agent_judge.errors import BadInput, MissingRequirement
from agent_judge.rank.read import winner_of
from agent_judge.schema import Task, Winner, digest_of

_HUB = "hf://datasets/"
_LETTERS: dict[str, Winner] = {"model_a": "A", "model_b": "B", "tie": "tie", "both_bad": "both_bad"}
Row = Mapping[str, Any]


def read_votes(data: str | Path) -> list[VotedPair]:
    """Reads pairs with votes.

    Args:
        data: A JSONL or Parquet file, a folder of such, or ``hf://datasets/OWNER/NAME[/PATH]`` on the Hugging Face
            hub. Rows are BigCodeReward's (``chat_session_id, instruction, model_A, model_B, states, human_vote``), or
            plain: ``instruction, model_a, model_b, answer_a, answer_b, vote`` and optionally ``id, task_id, code_a,
            code_b, environment_a, environment_b, category, language, rater``.

    Raises:
        BadInput: Nothing there, not readable, or a row that lacks something; names file and row.
        MissingRequirement: The hub is asked and its client is not installed.
    """
    pairs = []
    for file in _files(data):
        for where, row in _rows(file):
            pairs.append(_bigcodereward(row, where) if "states" in row else _plain(row, where))
    if not pairs:
        raise BadInput(f"{data}: there are no votes in it")
    return pairs


def read_tasks(file: Path) -> list[Task]:
    """Reads AutoCodeArena's prompts: ``uid, instruction, category``."""
    return [
        Task(
            id=_text(row, "uid", where),
            instruction=_text(row, "instruction", where),
            category=str(row.get("category") or ""),
        )
        for where, row in _rows(file)
    ]


def read_generations(file: Path, model: str = "") -> dict[str, VotedSide]:
    """Reads one model's ``generation.jsonl`` of AutoCodeArena, by ``uid``.

    Args:
        file: Rows with ``uid, messages, environment, code_to_execute, code_dependencies``.
        model: Its name; the folder's name if not given.
    """
    return {
        _text(row, "uid", where): VotedSide(
            model=model or file.parent.name,
            answer=_answer(row.get("messages")),
            code=str(row.get("code_to_execute") or ""),
            environment=str(row.get("environment") or ""),
            dependencies=_dependencies(row.get("code_dependencies")),
        )
        for where, row in _rows(file)
    }


def _files(data: str | Path) -> list[Path]:
    if str(data).startswith(_HUB):
        return _from_hub(str(data).removeprefix(_HUB))
    path = Path(data)
    if path.is_dir():
        found = sorted(f for f in path.rglob("*") if f.suffix in (".jsonl", ".parquet"))
        if not found:
            raise BadInput(f"{path}: no .jsonl or .parquet file in this folder")
        return found
    if not path.is_file():
        raise BadInput(f"{path}: no such file or folder")
    return [path]


def _from_hub(name: str) -> list[Path]:
    try:
        from huggingface_hub import snapshot_download
    except ImportError as error:
        raise MissingRequirement(
            "reading from the Hugging Face hub needs its client: pip install huggingface_hub"
        ) from error
    owner, dataset, *inside = name.split("/")
    pattern = "/".join(inside) or "**"
    folder = snapshot_download(f"{owner}/{dataset}", repo_type="dataset", allow_patterns=pattern)
    return _files(Path(folder))


def _rows(file: Path) -> Iterator[tuple[str, Row]]:
    """Rows with the words that name their place."""
    if not file.is_file():
        raise BadInput(f"{file}: no such file")
    if file.suffix == ".parquet":
        try:
            table = pa.parquet.read_table(file)
        except (pa.ArrowException, OSError) as error:
            raise BadInput(f"{file}: not readable as parquet: {str(error).splitlines()[0]}") from error
        for number, row in enumerate(table.to_pylist(), 1):
            yield f"{file}, row {number}", row
        return
    with file.open("rb") as stream:
        for number, line in enumerate(stream, 1):
            if line.strip():
                yield f"{file}, line {number}", _object(line, f"{file}, line {number}")


def _object(text: bytes | str, where: str) -> Row:
    try:
        row = json.loads(text)
    except UnicodeDecodeError as error:
        raise BadInput(f"{where}: not UTF-8") from error
    except json.JSONDecodeError as error:
        raise BadInput(f"{where}: not JSON: {error.msg}") from error
    if not isinstance(row, dict):
        raise BadInput(f"{where}: must be a JSON object, not {type(row).__name__}")
    return row


def _text(row: Row, name: str, where: str) -> str:
    value = row.get(name)
    if value is None or str(value) == "":
        raise BadInput(f"{where}: no {name!r}; the columns are: {', '.join(list(row)[:12])}")
    return str(value)


def _vote(row: Row, name: str, where: str) -> Winner:
    spelling = _text(row, name, where)
    winner = winner_of(spelling)
    if winner is None:
        raise BadInput(f"{where}, column {name}: unknown vote {spelling!r}; write model_a, model_b, tie or both_bad")
    return _LETTERS[winner]


def _task(row: Row, where: str, category: str) -> Task:
    """Two pairs with the same instruction are of the same task, where no id says otherwise."""
    instruction = _text(row, "instruction", where)
    given = row.get("task_id")
    return Task(id=str(given) if given else digest_of(instruction), instruction=instruction, category=category)


def _bigcodereward(row: Row, where: str) -> VotedPair:
    states = row["states"]
    if isinstance(states, str):
        states = _object(states, f"{where}, column states")
    if not isinstance(states, Mapping) or not all(isinstance(states.get(k), Mapping) for k in ("model_A", "model_B")):
        raise BadInput(f"{where}, column states: must hold model_A and model_B")
    return VotedPair(
        id=_text(row, "chat_session_id", where),
        task=_task(row, where, str(row.get("category_name") or "")),
        a=_state(states["model_A"], _text(row, "model_A", where), where),
        b=_state(states["model_B"], _text(row, "model_B", where), where),
        vote=_vote(row, "human_vote", where),
        rater=str(row.get("user_id") or ""),
        language=str(row.get("language") or ""),
    )


def _state(state: Mapping[str, Any], model: str, where: str) -> VotedSide:
    """The last round that executed something, as that is what the voter saw last."""
    rounds = state.get("sandbox_logs_by_round") or {}
    if isinstance(rounds, Mapping):
        ordered = [rounds[key] for key in sorted(rounds, key=lambda key: (len(str(key)), str(key)))]
    else:
        ordered = list(rounds)
    states = [(one or {}).get("sandbox_state") or {} for one in ordered]
    last: Mapping[str, Any] = next((one for one in reversed(states) if one.get("code_to_execute")), {})
    return VotedSide(
        model=model,
        answer=_answer(state.get("messages")),
        code=str(last.get("code_to_execute") or ""),
        environment=str(last.get("sandbox_environment") or ""),
        dependencies=_dependencies(last.get("code_dependencies")),
        output=_output(last.get("sandbox_output")),
        screenshot=_picture(last.get("screenshot_base64"), where),
    )


def _output(output: Any) -> str:
    return output if isinstance(output, str) else "" if output is None else json.dumps(output, ensure_ascii=False)


def _picture(text: Any, where: str) -> bytes:
    if not text:
        return b""
    try:
        return base64.b64decode(str(text).rpartition(",")[2], validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadInput(f"{where}, column screenshot_base64: not base64") from error


def _answer(messages: Any) -> str:
    """The last reply: ``content`` is the text itself, or holds it as ``answer``, or as parts with a ``text``."""
    replies = [m for m in messages or () if isinstance(m, Mapping) and m.get("role") in (None, "assistant", "model")]
    if not replies:
        return ""
    content = replies[-1].get("content")
    if isinstance(content, Mapping):
        content = content.get("answer") or content.get("text")
    if isinstance(content, Sequence) and not isinstance(content, str):
        content = "".join(str(part.get("text") or "") for part in content if isinstance(part, Mapping))
    return str(content or "")


def _dependencies(given: Any) -> tuple[str, ...]:
    """A list of names, or a pair of lists (Python, npm), or an object of such lists."""
    if isinstance(given, Mapping):
        return tuple(name for part in given.values() for name in _dependencies(part))
    if isinstance(given, str):
        return tuple(given.split())
    return tuple(
        name
        for part in given or ()
        for name in (_dependencies(part) if isinstance(part, (list, tuple)) else (str(part),))
    )


def _plain(row: Row, where: str) -> VotedPair:
    name = next((key for key in ("vote", "human_vote", "winner") if key in row), "vote")
    sides = {
        side: VotedSide(
            model=_text(row, f"model_{side}", where),
            answer=str(row.get(f"answer_{side}") or ""),
            code=str(row.get(f"code_{side}") or ""),
            environment=str(row.get(f"environment_{side}") or row.get("environment") or ""),
        )
        for side in "ab"
    }
    for side, one in sides.items():
        if not one.answer and not one.code:
            raise BadInput(f"{where}: neither 'answer_{side}' nor 'code_{side}' is there")
    task = _task(row, where, str(row.get("category") or ""))
    vote = _vote(row, name, where)
    given = row.get("id")
    return VotedPair(
        id=str(given) if given else digest_of([task.id, *(side.model_dump(mode="json") for side in sides.values())]),
        task=task,
        a=sides["a"],
        b=sides["b"],
        vote=vote,
        rater=str(row.get("rater") or ""),
        language=str(row.get("language") or ""),
    )

"""A dataset on the hub, through the hub's own client, from a hub on this machine."""

from __future__ import annotations

import hashlib
import json
import socket
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from huggingface_hub import constants

import agent_judge.agree.hub
from agent_judge.agree import read_votes
from agent_judge.errors import AgentJudgeError

Ask = Callable[[str, str], list[str]]
NOBODY = "http://127.0.0.1:9"

REVISION = "0123456789abcdef0123456789abcdef01234567"


def vote(name: str) -> dict[str, Any]:
    return {
        "id": name, "instruction": "Count", "model_a": "x", "model_b": "y", "answer_a": "a", "answer_b": "b",
        "vote": "tie",
    }  # fmt: skip


FILES = {
    "data/train.jsonl": json.dumps(vote("train")) + "\n",
    "data/test.jsonl": json.dumps(vote("test")) + "\n",
    "README.md": "# Votes\n",
}


class Hub(BaseHTTPRequestHandler):
    """Answers what the client asks for one public dataset, ``someone/votes``."""

    def do_GET(self) -> None:
        path = unquote(urlsplit(self.path).path)
        if path.startswith("/api/datasets/someone/votes/tree/"):
            rows = [
                {"type": "file", "path": name, "size": len(text), "oid": hashlib.sha1(text.encode()).hexdigest()}
                for name, text in FILES.items()
            ]
            self._json(rows)
        elif path.startswith("/api/datasets/someone/votes"):
            siblings = [{"rfilename": name} for name in FILES]
            self._json({"id": "someone/votes", "sha": REVISION, "siblings": siblings, "private": False, "tags": []})
        elif (name := path.removeprefix(f"/datasets/someone/votes/resolve/{REVISION}/")) in FILES:
            self._file(FILES[name])
        else:
            self.send_response(404 if "someone" in path else 401)
            self.send_header("Content-Length", "0")
            self.end_headers()

    do_HEAD = do_GET

    def _json(self, value: Any) -> None:
        self._answer(json.dumps(value).encode(), {"Content-Type": "application/json"})

    def _file(self, text: str) -> None:
        digest = hashlib.sha256(text.encode()).hexdigest()
        self._answer(text.encode(), {"ETag": f'"{digest}"', "X-Repo-Commit": REVISION})

    def _answer(self, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(200)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Keeps quiet."""


@pytest.fixture(scope="module")
def hub() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def ask(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Ask:
    """Reads a dataset from a hub, with an empty cache at first; gives the ids, or what is wrong."""
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", True)
    monkeypatch.setattr(agent_judge.agree.hub, "PATIENCE", 2.0)

    def read(address: str, endpoint: str) -> list[str]:
        monkeypatch.setattr(constants, "ENDPOINT", endpoint)
        template = endpoint + "/{repo_id}/resolve/{revision}/{filename}"
        monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", template)
        try:
            return [pair.id for pair in read_votes(address)]
        except AgentJudgeError as error:
            return [type(error).__name__, *str(error).splitlines()]

    return read


def test_a_dataset_is_fetched_and_read_also_when_the_hub_is_gone(ask: Ask, hub: str, tmp_path: Path) -> None:
    assert ask("hf://datasets/someone/votes", hub) == ["test", "train"]
    assert ask("hf://datasets/someone/votes/data/test.jsonl", hub) == ["test"]
    assert not list(tmp_path.rglob("README.md"))
    assert ask("hf://datasets/someone/votes/data", NOBODY) == ["test", "train"]


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("hf://datasets/nobody/nothing", "the hub has no such dataset, or it is not public"),
        ("hf://datasets/someone/votes/no.jsonl", "the dataset has no no.jsonl"),
        ("hf://datasets/some one/votes", "Repo id"),
        ("hf://datasets/someone", "names no dataset; write hf://datasets/OWNER/NAME"),
    ],
)
def test_what_the_hub_does_not_have_is_told_in_one_line(ask: Ask, hub: str, address: str, says: str) -> None:
    kind, said = ask(address, hub)
    assert kind == "BadInput"
    assert said.startswith(f"{address}: {says}")


def test_a_hub_that_does_not_answer_is_waited_for_no_longer_than_promised(ask: Ask) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        kind, said = ask("hf://datasets/someone/votes", f"http://127.0.0.1:{silent.getsockname()[1]}")
    assert kind == "MissingRequirement"
    assert said.startswith("hf://datasets/someone/votes: the hub does not answer within 2 s; fetch it elsewhere")


def test_a_hub_that_is_not_there_is_told_in_one_line(ask: Ask) -> None:
    kind, said = ask("hf://datasets/someone/votes", NOBODY)
    assert kind == "MissingRequirement"
    assert "the hub cannot be reached" in said

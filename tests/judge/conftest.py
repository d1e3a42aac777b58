"""What the tests of model judges share: a task, a strict server, and Claude as a judge that asks it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from agent_judge.judge import JudgeSettings, load_judge
from agent_judge.judge.model_judge import ModelJudge
from agent_judge.schema import Task
from tests.judge.messages_server import KEY, MessagesServer, Script

TASK = Task(id="list", instruction="Build a shopping list", category="web_design")
Serve = Callable[[Script], MessagesServer]


@pytest.fixture
def serve(monkeypatch: pytest.MonkeyPatch) -> Iterator[Serve]:
    running: list[MessagesServer] = []

    def start(script: Script) -> MessagesServer:
        server = MessagesServer(script)
        running.append(server.__enter__())
        monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
        monkeypatch.setenv("ANTHROPIC_BASE_URL", server.url)
        return server

    yield start
    for server in running:
        server.__exit__()


def claude(name: str = "claude", **settings: Any) -> ModelJudge:
    judge = load_judge(name, JudgeSettings(**settings))
    assert isinstance(judge, ModelJudge)
    return judge

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from agent_judge.errors import BadInput, JudgeError, MissingRequirement
from agent_judge.judge import JudgeSettings, load_judge
from agent_judge.judge.asker import purchase, told_to_wait
from agent_judge.judge.model_judge import Sight
from agent_judge.judge.records import Records
from agent_judge.schema import Verdict
from tests.judge.chat_server import KEY, ChatServer, Reply, spoken
from tests.judge.conftest import TASK
from tests.judge.voters import of_quality, pictured


@pytest.fixture
def server() -> Iterator[ChatServer]:
    running = ChatServer()
    yield running
    running.close()


async def judged(server: ChatServer, model: str = "local", **settings: Any) -> Verdict:
    judge = load_judge(f"openai:{model}@{server.url}", JudgeSettings(**settings))
    return await judge.judge(TASK, of_quality(9), of_quality(2))


async def test_any_such_endpoint_judges(server: ChatServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    verdict = await judged(server)
    assert (verdict.winner, verdict.position_bias, verdict.supported) == ("A", False, 1.0)
    assert (verdict.cost.input_tokens, verdict.cost.cached_tokens, verdict.cost.output_tokens) == (1200, 800, 100)
    assert verdict.cost.usd is None
    assert set(server.keys) == {f"Bearer {KEY}"}
    assert all(body["response_format"]["type"] == "json_schema" for body in server.received)


async def test_an_endpoint_without_key_and_schemas_judges_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    server = ChatServer(takes_schema=False)
    try:
        assert (await judged(server)).winner == "A"
        assert set(server.keys) == {None}
    finally:
        server.close()


async def test_an_endpoint_of_newer_habits_judges_too(server: ChatServer) -> None:
    server.limit, server.takes_schema = "max_completion_tokens", False
    assert (await judged(server)).winner == "A"
    assert "max_tokens" not in server.received[-1]
    assert "response_format" not in server.received[-1]


async def test_it_waits_as_long_as_the_endpoint_asks(server: ChatServer) -> None:
    slow_down = (429, {"retry-after": "1.5"}, {"error": {"message": "slow down"}})
    asked: list[float] = []

    def script(body: dict[str, Any], number: int) -> Reply | None:
        asked.append(time.monotonic())
        return slow_down if number == 1 else None

    server.script = script
    assert (await judged(server)).winner == "A"
    # Without being asked to, it would have waited half a second at most.
    assert asked[-1] - asked[0] >= 1.5


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({"retry-after": "7"}, 7.0),
        ({"retry-after": "7", "retry-after-ms": "250"}, 0.25),
        ({"retry-after": "100000"}, 300.0),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "-1"}, None),
        ({"retry-after": "soon"}, None),
        ({}, None),
    ],
)
def test_only_waits_that_can_be_kept_are_kept(headers: dict[str, str], wait: float | None) -> None:
    assert told_to_wait(headers) == wait


async def test_pictures_are_sent(server: ChatServer, tmp_path: Path) -> None:
    judge = load_judge(f"openai:local@{server.url}", JudgeSettings(sight=Sight(evidence_root=tmp_path)))
    verdict = await judge.judge(TASK, pictured(of_quality(9), tmp_path), pictured(of_quality(2), tmp_path))
    assert verdict.winner == "A"
    kinds = [block["type"] for block in server.received[0]["messages"][1]["content"]]
    assert kinds.count("image_url") == 2


@pytest.mark.parametrize(
    "trouble",
    [
        (429, {"retry-after": "0.01"}, {"error": {"message": "slow down"}}),
        (500, {"retry-after": "0.01"}, "oops"),
        (200, {}, spoken("I prefer the first.")),
        (200, {}, spoken("", refusal="I cannot help with that")),
        (200, {}, spoken('{"findings":', finish="length")),
    ],
)
async def test_trouble_that_passes_changes_nothing(server: ChatServer, trouble: Reply) -> None:
    server.script = lambda body, number: trouble if number in (1, 2) else None
    assert (await judged(server)).winner == "A"


async def test_trouble_that_stays_gives_no_verdict(server: ChatServer, tmp_path: Path) -> None:
    server.script = lambda body, number: (200, {}, spoken("", refusal="I cannot help with that"))
    with pytest.raises(JudgeError, match="I cannot help with that"):
        await judged(server, shared=purchase(Records(tmp_path)))


@pytest.mark.parametrize(
    ("reply", "message"),
    [
        ((401, {}, {"error": {"message": "wrong key"}}), "OPENAI_API_KEY was refused"),
        ((404, {}, {"error": {"message": "no such model"}}), "no model 'local'"),
        ((200, {}, "<html>Welcome</html>"), "does not answer in JSON"),
        ((200, {}, {"hello": "world"}), "does not answer as chat completions do"),
        ((200, {}, [1]), "does not answer as chat completions do"),
    ],
)
async def test_a_wrong_endpoint_is_told_in_one_line(server: ChatServer, reply: Reply, message: str) -> None:
    server.script = lambda body, number: reply
    with pytest.raises(BadInput, match=message) as caught:
        await judged(server)
    assert "\n" not in str(caught.value)


async def test_a_refused_request_is_not_repeated(server: ChatServer) -> None:
    server.script = lambda body, number: (400, {}, {"error": {"message": "too many images"}})
    with pytest.raises(JudgeError, match="too many images"):
        await judged(server)
    assert len(server.received) == 2


@pytest.mark.parametrize("name", ["openai:", "openai:@http://x", "openai:m@localhost:8000", "openai"])
def test_a_name_without_model_or_address_is_told(name: str) -> None:
    with pytest.raises(BadInput, match=r"openai:MODEL"):
        load_judge(name)


def test_without_a_key_the_variable_to_set_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    with pytest.raises(MissingRequirement, match="export OPENAI_API_KEY"):
        load_judge("openai:gpt-6")

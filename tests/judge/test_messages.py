from __future__ import annotations

import asyncio
import json
import threading
from pathlib import Path
from typing import Any

import pytest

from agent_judge.errors import BadInput, JudgeError, MissingRequirement
from agent_judge.judge import load_judge
from agent_judge.judge.asker import purchase
from agent_judge.judge.records import Records
from tests.judge.conftest import TASK, Serve, claude
from tests.judge.messages_server import Answer, Drop, Fail, Hang, Page, Say
from tests.judge.voters import ballot, fair, of_quality

SOON = {"retry-after-ms": "1"}


def all_kept(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(file.read_text()) for file in folder.glob("*.json")]


async def test_requests_share_a_cached_beginning(serve: Serve) -> None:
    server = serve(fair)
    shared = purchase()
    pages = [of_quality(i) for i in range(4)]
    judge = claude(shared=shared)
    verdicts = [await judge.judge(TASK, a, b) for a in pages for b in pages if a.key < b.key]
    marks = [json.dumps(body).count('"cache_control"') for body in server.received]
    assert set(marks) == {3}
    assert sum(v.cost.cached_tokens for v in verdicts[1:]) > 0.5 * sum(v.cost.input_tokens for v in verdicts[1:])


async def test_the_first_request_of_a_task_goes_ahead_so_that_the_others_find_the_cache(
    serve: Serve,
) -> None:
    early: list[bool] = []
    others = threading.Event()

    def script(body: dict[str, Any]) -> Answer:
        if body is server.received[0]:
            early.append(others.wait(0.3))
        else:
            others.set()
        return fair(body)

    server = serve(script)
    judge = claude()
    pages = [of_quality(i) for i in range(4)]
    verdicts = await asyncio.gather(*(judge.judge(TASK, a, b) for a in pages for b in pages if a.key < b.key))
    assert early == [False]
    assert sum(v.cost.cached_tokens == 0 for v in verdicts) <= 1


TROUBLES: dict[str, Answer] = {
    "429": Fail(429, "rate_limit_error", "slow down", SOON),
    "529": Fail(529, "overloaded_error", "Overloaded", SOON),
    "500": Fail(500, headers=SOON),
    "502 page": Page(502),
    "dropped": Drop(),
    "refusal": Say("I cannot", stop="refusal", explanation="it looked like malware"),
    "truncated": Say('{"findings": [', stop="max_tokens"),
    "not JSON": Say("I prefer the first one."),
    "wrong shape": Say('{"winner": "first"}'),
    "unknown winner": Say(ballot("third")),
    "confidence out of range": Say(ballot("first", confidence=7)),
}


@pytest.mark.parametrize("trouble", [name for name in TROUBLES if name != "502 page"])
async def test_trouble_that_passes_changes_nothing(serve: Serve, trouble: str) -> None:
    seen: list[Any] = []

    def script(body: dict[str, Any]) -> Answer:
        seen.append(body)
        return TROUBLES[trouble] if len(seen) in (1, 3) else fair(body)

    serve(script)
    verdict = await claude().judge(TASK, of_quality(9), of_quality(2))
    assert verdict.winner == "A"
    assert len(seen) == 4


@pytest.mark.parametrize(
    ("trouble", "reason"),
    [
        ("refusal", "it refused to answer: it looked like malware"),
        ("truncated", "cut off"),
        ("not JSON", "not a ballot"),
        ("wrong shape", "not a ballot"),
        ("unknown winner", "winner"),
        ("confidence out of range", "confidence"),
        ("429", "429: slow down"),
    ],
)
async def test_trouble_that_stays_gives_no_verdict(serve: Serve, tmp_path: Path, trouble: str, reason: str) -> None:
    serve(lambda _: TROUBLES[trouble])
    with pytest.raises(JudgeError, match=reason) as caught:
        await claude(shared=purchase(Records(tmp_path))).judge(TASK, of_quality(9), of_quality(2))
    assert "\n" not in str(caught.value)
    kept = all_kept(tmp_path)
    assert all(reason in record["attempts"][-1]["problem"] for record in kept)
    assert kept


async def test_no_answer_in_time_gives_no_verdict(serve: Serve) -> None:
    serve(lambda _: Hang(30))
    judge = claude()
    transport: Any = judge.asker.transport
    transport.client = transport.client.with_options(timeout=0.2, max_retries=1)
    with pytest.raises(JudgeError, match="did not answer in time"):
        await judge.judge(TASK, of_quality(9), of_quality(2))


async def test_a_request_that_the_api_refuses_is_not_repeated(serve: Serve) -> None:
    server = serve(lambda _: Fail(400, "invalid_request_error", "prompt is too long"))
    with pytest.raises(JudgeError, match="prompt is too long"):
        await claude().judge(TASK, of_quality(9), of_quality(2))
    assert len(server.received) == 2


@pytest.mark.parametrize("status", [200, 404, 403])
async def test_a_server_that_answers_with_a_page_is_told(serve: Serve, status: int) -> None:
    serve(lambda _: Page(status))
    with pytest.raises(BadInput, match="ANTHROPIC_BASE_URL") as caught:
        await claude().judge(TASK, of_quality(9), of_quality(2))
    assert "\n" not in str(caught.value)


async def test_a_wrong_key_is_told(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    serve(fair)
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-wrong")
    with pytest.raises(BadInput, match="ANTHROPIC_API_KEY was refused"):
        await claude().judge(TASK, of_quality(9), of_quality(2))


async def test_an_unknown_model_is_told(serve: Serve) -> None:
    serve(fair)
    with pytest.raises(BadInput, match="no model 'claude-9'"):
        await claude("claude:claude-9").judge(TASK, of_quality(9), of_quality(2))


def test_without_a_key_the_variable_to_set_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    with pytest.raises(MissingRequirement, match="export ANTHROPIC_API_KEY") as caught:
        load_judge("claude")
    assert caught.value.exit_code == 3

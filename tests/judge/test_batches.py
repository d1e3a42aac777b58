from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from agent_judge.errors import BadInput, JudgeError
from tests.judge.batch_run import run
from tests.judge.conftest import Serve
from tests.judge.messages_server import Answer, Drop, Fail, MessagesServer, Page, Say
from tests.judge.voters import fair

ROOT = Path(__file__).parents[2]


def sent(server: MessagesServer) -> list[str]:
    """The name of every request that was sent in a batch."""
    return [request["custom_id"] for batch in server.batches.values() for request in batch["requests"]]


async def test_many_battles_go_out_as_one_batch_at_half_the_price(serve: Serve, tmp_path: Path) -> None:
    server = serve(fair)
    verdicts = await run(tmp_path, 10)
    assert [verdict.winner for verdict in verdicts] == ["B"] * 10
    assert len(server.batches) == 1
    assert len(set(sent(server))) == 20
    tokens = [(vote.cost.input_tokens, vote.cost.cached_tokens, vote.cost.output_tokens) for vote in verdicts[0].votes]
    most = sum(given * 2.5 + cached * 0.1 + got * 10 for given, cached, got in tokens) / 1e6
    assert verdicts[0].cost.usd is not None
    assert 0 < verdicts[0].cost.usd <= most / 2


async def test_what_is_sent_is_written_down_before_it_is_sent(
    serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = serve(fair)
    written: list[str] = []
    original = server.create_batch

    def create_batch(body: dict[str, Any]) -> dict[str, Any]:
        for file in (tmp_path / "batches").glob("*.json"):
            written.extend(json.loads(file.read_text())["names"])
        return original(body)

    monkeypatch.setattr(server, "create_batch", create_batch)
    await run(tmp_path, 2)
    assert sorted(written) == sorted(sent(server))


async def test_what_expired_or_failed_in_a_batch_goes_into_the_next(serve: Serve, tmp_path: Path) -> None:
    seen: list[Any] = []

    def script(body: dict[str, Any]) -> Answer:
        seen.append(body)
        troubles: dict[int, Answer] = {2: Drop(), 5: Fail(529, "overloaded_error", "Overloaded"), 7: Say("no ballot")}
        return troubles.get(len(seen), fair(body))

    server = serve(script)
    verdicts = await run(tmp_path, 5)
    assert [verdict.winner for verdict in verdicts] == ["B"] * 5
    assert len(server.batches) == 2
    assert len(server.batches["msgbatch_0001"]["requests"]) == 3


async def test_a_request_that_is_refused_in_a_batch_gives_no_verdict(serve: Serve, tmp_path: Path) -> None:
    serve(lambda _: Fail(400, "invalid_request_error", "prompt is too long"))
    with pytest.raises(JudgeError, match="prompt is too long"):
        await run(tmp_path, 1)


async def test_what_was_refused_in_a_batch_is_sent_again_by_a_resumed_run(serve: Serve, tmp_path: Path) -> None:
    server = serve(lambda _: Fail(400, "invalid_request_error", "Your credit balance is too low"))
    with pytest.raises(JudgeError, match="credit balance"):
        await run(tmp_path, 1)
    server.script = fair
    assert [verdict.winner for verdict in await run(tmp_path, 1)] == ["B"]


async def test_a_damaged_record_of_a_batch_is_told(serve: Serve, tmp_path: Path) -> None:
    serve(fair)
    (tmp_path / "batches").mkdir()
    (tmp_path / "batches" / "x.json").write_text("{")
    with pytest.raises(BadInput, match=r"x\.json: not a record of a batch"):
        await run(tmp_path, 1)


@pytest.mark.parametrize("status", [200, 404])
async def test_a_page_instead_of_a_batch_is_told(serve: Serve, tmp_path: Path, status: int) -> None:
    serve(fair).page = Page(status)
    with pytest.raises(BadInput, match="ANTHROPIC_BASE_URL") as caught:
        await run(tmp_path, 1)
    assert "\n" not in str(caught.value)


async def test_a_download_that_breaks_off_is_begun_again(serve: Serve, tmp_path: Path) -> None:
    server = serve(fair)
    server.torn_downloads = 2
    assert [verdict.winner for verdict in await run(tmp_path, 4)] == ["B"] * 4
    assert len(server.answered) == 8


async def test_a_download_that_keeps_breaking_off_gives_no_verdict(serve: Serve, tmp_path: Path) -> None:
    server = serve(fair)
    server.torn_downloads = 1_000
    with pytest.raises(JudgeError, match="results of the batch msgbatch_0000 cannot be read"):
        await run(tmp_path, 4)
    server.torn_downloads = 0
    assert [verdict.winner for verdict in await run(tmp_path, 4)] == ["B"] * 4
    assert len(server.answered) == 8


@pytest.mark.parametrize("how", ["of another key", "too old"])
async def test_a_batch_that_is_gone_is_told_before_anything_is_paid_twice(
    serve: Serve, tmp_path: Path, how: str
) -> None:
    server = serve(fair)
    await run(tmp_path, 2)
    for record in (tmp_path / "records").glob("*.json"):
        record.unlink()
    if how == "too old":
        server.gone.add("msgbatch_0000")
    else:
        server.batches.clear()
    with pytest.raises(BadInput, match="delete this file to have its requests sent, and paid for, again") as caught:
        await run(tmp_path, 2)
    file = Path(str(caught.value).split(": ")[0])
    assert len(server.answered) == 4
    file.unlink()  # noqa: ASYNC240  # one small file
    assert [verdict.winner for verdict in await run(tmp_path, 2)] == ["B"] * 2
    assert len(server.answered) == 8


class Killed:
    """A run in its own process, killed with SIGKILL once the server has seen what it waits for."""

    def __init__(self, folder: Path, battles: int) -> None:
        self.folder, self.battles = folder, battles

    def start(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, str(ROOT / "tests/judge/batch_run.py"), str(self.folder), str(self.battles)]
        return subprocess.Popen(
            command,
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def kill_when(self, reached: threading.Event) -> None:
        process = self.start()
        try:
            assert reached.wait(180)
        finally:
            process.send_signal(signal.SIGKILL)
            process.communicate()

    def finish(self) -> list[str]:
        process = self.start()
        out, err = process.communicate(timeout=300)
        assert process.returncode == 0, err.decode()
        return list(json.loads(out))


@pytest.fixture
def reached(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Set when a batch is polled for the third time."""
    event = threading.Event()
    original = MessagesServer.batch

    def batch(self: MessagesServer, name: str, polled: bool = True) -> dict[str, Any]:
        answer = original(self, name, polled)
        if self.batches[name]["polls"] == 3:
            event.set()
        return answer

    monkeypatch.setattr(MessagesServer, "batch", batch)
    return event


def test_a_killed_run_takes_its_batch_up_again(serve: Serve, tmp_path: Path, reached: threading.Event) -> None:
    server = serve(fair)
    server.polls_until_ended = 1_000_000
    killed = Killed(tmp_path, 8)
    killed.kill_when(reached)
    server.polls_until_ended = 0
    assert killed.finish() == ["B"] * 8
    assert len(server.batches) == 1
    assert len(sent(server)) == len(set(sent(server))) == len(server.answered) == 16


async def as_if_killed_while_sending(folder: Path) -> Path:
    """What is on the disk when a run is killed before it hears the name of its batch."""
    await run(folder / "before", 4)
    (file,) = (folder / "before" / "batches").glob("*.json")  # one small file
    after = folder / "after"
    (after / "batches").mkdir(parents=True)
    (after / "batches" / file.name).write_text(json.dumps({**json.loads(file.read_text()), "id": ""}))
    return after


async def test_a_batch_whose_name_was_never_heard_is_found_again(serve: Serve, tmp_path: Path) -> None:
    server = serve(fair)
    folder = await as_if_killed_while_sending(tmp_path)
    other = server.create_batch({"requests": [{"custom_id": f"x{i}", "params": {}} for i in range(8)]})
    assert [verdict.winner for verdict in await run(folder, 4)] == ["B"] * 4
    assert set(server.batches) == {"msgbatch_0000", other["id"]}
    assert len(server.answered) == 8


async def test_a_batch_whose_receipt_was_lost_is_not_sent_again(serve: Serve, tmp_path: Path) -> None:
    server = serve(fair)
    server.torn_submissions = 1
    assert [verdict.winner for verdict in await run(tmp_path, 4)] == ["B"] * 4
    assert len(server.batches) == 1
    assert len(server.answered) == 8


async def test_a_batch_that_never_arrived_is_sent_after_the_restart(serve: Serve, tmp_path: Path) -> None:
    server = serve(fair)
    folder = await as_if_killed_while_sending(tmp_path)
    server.batches.clear()
    assert [verdict.winner for verdict in await run(folder, 4)] == ["B"] * 4
    assert len(sent(server)) == 8
    assert [verdict.winner for verdict in await run(folder, 4)] == ["B"] * 4
    assert len(sent(server)) == 8

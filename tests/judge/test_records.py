from __future__ import annotations

import json
from pathlib import Path

import pytest

from agent_judge.errors import BadInput, JudgeError
from agent_judge.judge.asker import purchase
from agent_judge.judge.model_judge import Sight
from agent_judge.judge.records import Records
from agent_judge.schema import Verdict
from tests.judge.conftest import TASK, Serve, claude
from tests.judge.messages_server import KEY, Say
from tests.judge.voters import fair, of_quality, pictured, programs_of


@pytest.fixture
async def kept(serve: Serve, tmp_path: Path) -> tuple[Verdict, Path]:
    serve(fair)
    good = pictured(of_quality(9), tmp_path)
    sight = Sight(evidence_root=tmp_path)
    verdict = await claude(sight=sight, shared=purchase(Records(tmp_path / "records"))).judge(TASK, good, of_quality(2))
    return verdict, tmp_path


async def test_requests_and_answers_are_kept_and_keys_are_not(kept: tuple[Verdict, Path]) -> None:
    verdict, folder = kept
    records = folder / "records"
    assert sorted(verdict.records) == sorted(file.name for file in records.glob("*.json"))
    texts = [file.read_text() for file in records.glob("*.json")]
    assert all(KEY not in text and "claude-sonnet-5-5" in text and "quality 9" in text for text in texts)
    pictures = [part["picture"] for text in texts for part in json.loads(text)["request"]["first"] if "picture" in part]
    assert pictures
    assert all((records / name).exists() for name in pictures)


async def test_verdicts_are_recomputed_from_what_was_kept_without_key_or_network(
    kept: tuple[Verdict, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    verdict, folder = kept
    monkeypatch.delenv("ANTHROPIC_API_KEY")
    monkeypatch.setenv("ANTHROPIC_BASE_URL", "http://127.0.0.1:1")
    judge = claude(sight=Sight(evidence_root=folder), shared=purchase(Records(folder / "records"), replay=True))
    good = pictured(of_quality(9), folder)
    assert await judge.judge(TASK, good, of_quality(2)) == verdict
    with pytest.raises(JudgeError, match="no answer was kept"):
        await judge.judge(TASK, good, of_quality(3))


async def test_a_resumed_run_asks_only_for_what_is_missing(serve: Serve, tmp_path: Path) -> None:
    server = serve(lambda body: fair(body) if "quality 9" in programs_of(body)[0] else Say("I prefer the first one."))
    with pytest.raises(JudgeError):
        await claude(shared=purchase(Records(tmp_path))).judge(TASK, of_quality(9), of_quality(2))
    server.script, server.received[:] = fair, []
    assert (await claude(shared=purchase(Records(tmp_path))).judge(TASK, of_quality(9), of_quality(2))).winner == "A"
    assert len(server.received) == 1


async def test_a_damaged_record_is_told(serve: Serve, tmp_path: Path) -> None:
    serve(fair)
    verdict = await claude(shared=purchase(Records(tmp_path))).judge(TASK, of_quality(9), of_quality(2))
    (tmp_path / verdict.records[0]).write_text("{")
    with pytest.raises(BadInput, match=r"delete it to have it asked again"):
        await claude(shared=purchase(Records(tmp_path))).judge(TASK, of_quality(9), of_quality(2))

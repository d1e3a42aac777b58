from __future__ import annotations

import asyncio
import json
import re
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from agent_judge.errors import BadInput, JudgeError, MissingRequirement
from agent_judge.judge import JudgeSettings, load_judge
from agent_judge.judge.asker import purchase
from agent_judge.judge.budget import Budget, Pace
from agent_judge.judge.case import MODES, Mode
from agent_judge.judge.model_judge import ModelJudge, Sight
from agent_judge.judge.records import Records
from agent_judge.schema import LaunchReport, Task, Verdict
from tests.judge.evidence_builder import complain, evidence, trajectory
from tests.judge.messages_server import (
    KEY,
    Answer,
    Drop,
    Fail,
    Hang,
    MessagesServer,
    Page,
    Say,
    Script,
    image_count,
    text_of,
)
from tests.judge.voters import always, ballot, fair, finding, html, of_quality, pictured, programs_of

TELLING = re.findall(r"\S+", "gpt openai claude opus gemini@ deepseek qwen maverick grok kimi alice /home")
Serve = Callable[[Script], MessagesServer]
TASK = Task(id="list", instruction="Build a shopping list", category="web_design")
SOON = {"retry-after-ms": "1"}


@pytest.fixture
def serve(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Script], MessagesServer]]:
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


def all_kept(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(file.read_text()) for file in folder.glob("*.json")]


async def test_the_better_one_wins_in_either_place(serve: Serve) -> None:
    server = serve(fair)
    good, poor = of_quality(9), of_quality(2)
    ahead, behind = await claude().judge(TASK, good, poor), await claude().judge(TASK, poor, good)
    assert (ahead.winner, behind.winner) == ("A", "B")
    for verdict in (ahead, behind):
        assert verdict.confidence == pytest.approx(0.9)
        assert verdict.strength == pytest.approx(0.7)
        assert verdict.position_bias is False
        assert verdict.supported == 1.0
        assert verdict.rationale == "The winner has more quality."
        assert verdict.prompt == "judge@1"
        assert verdict.judge == "claude"
        assert [vote.winner for vote in verdict.votes] == [verdict.winner] * 2
    assert (ahead.criteria[0].a, ahead.criteria[0].b) == (0.9, 0.2)
    assert len(server.received) == 4
    assert server.refused == []


async def test_both_orders_are_asked_at_the_same_time(serve: Serve) -> None:
    # Neither order is answered before both were asked.
    both = threading.Barrier(2, timeout=20)

    def script(body: dict[str, Any]) -> Answer:
        both.wait()
        return fair(body)

    serve(fair)
    judge = claude()
    await judge.judge(TASK, of_quality(1), of_quality(2))
    serve(script)
    assert (await claude(shared=judge.asker.shared).judge(TASK, of_quality(9), of_quality(2))).winner == "A"


async def test_a_judge_that_prefers_a_place_gives_a_tie_that_says_so(serve: Serve) -> None:
    serve(always(ballot("first")))
    verdict = await claude().judge(TASK, of_quality(9), of_quality(2))
    assert verdict.winner == "tie"
    assert verdict.position_bias is True
    assert verdict.confidence < 0.5
    assert verdict.strength == 0
    assert {vote.winner for vote in verdict.votes} == {"A", "B"}


async def test_what_is_not_in_the_evidence_does_not_count(serve: Serve) -> None:
    def script(body: dict[str, Any]) -> Answer:
        worse = "second" if "quality 9" in programs_of(body)[0] else "first"
        better = "first" if worse == "second" else "second"
        made_up = [
            finding(worse, "use#1", message="real"),
            finding(worse, "use#17", message="no such step"),
            finding(worse, quotes=["Total: 12"], message="no such words"),
            finding(worse, message="cites nothing"),
            finding(worse, "the last one", message="no reference"),
        ]
        return Say(ballot(better, made_up))

    serve(script)
    verdict = await claude().judge(TASK, of_quality(9), of_quality(2))
    assert verdict.winner == "A"
    assert verdict.supported == pytest.approx(1 / 5)
    assert verdict.confidence == pytest.approx(0.5 + 0.4 / 5)
    problems = {claim.message: claim.problem for claim in verdict.claims}
    assert problems == {
        "real": "",
        "no such step": "there is no step use#17",
        "no such words": "“Total: 12” is not in the evidence",
        "cites nothing": "it cites nothing",
        "no reference": "'the last one' does not name a step",
    }
    assert verdict.criteria[0].message == "real"
    assert (verdict.criteria[0].steps_a, verdict.criteria[0].steps_b) == ((), ("use#1",))


async def test_a_vote_that_rests_on_nothing_real_is_a_tie(serve: Serve) -> None:
    def script(body: dict[str, Any]) -> Answer:
        winner = "first" if "quality 9" in programs_of(body)[0] else "second"
        return Say(ballot(winner, [finding("first", "use#99"), finding("second", quotes=["not there"])]))

    serve(script)
    verdict = await claude().judge(TASK, of_quality(9), of_quality(2))
    assert (verdict.winner, verdict.supported) == ("tie", 0.0)
    assert verdict.confidence < 0.5


@pytest.mark.parametrize("mode", MODES)
async def test_each_mode_shows_what_it_says(serve: Serve, tmp_path: Path, mode: Mode) -> None:
    server = serve(always(ballot("tie")))
    code = html("<p>MARK-OF-CODE</p>")
    used = complain(trajectory("dn"), 0, console=("MARK-OF-CONSOLE",))
    used = complain(used, 2, errors=("MARK-OF-LATER-ERROR",))
    launch = LaunchReport(outcome="ready", stderr="MARK-OF-LAUNCH")
    used = used.model_copy(update={"launch": launch})
    one = pictured(evidence(used, name="one"), tmp_path)
    sight = Sight(mode=mode, evidence_root=tmp_path, find_solution=lambda _: code)
    await claude(sight=sight).judge(TASK, one, one.model_copy(update={"key": "two"}))
    text = text_of(server.received[0])
    assert ("MARK-OF-CODE" in text) == mode.startswith("code")
    assert ("MARK-OF-LAUNCH" in text) == ("MARK-OF-CONSOLE" in text) == (mode != "code")
    assert ("use#1 click: no_effect" in text) == ("MARK-OF-LATER-ERROR" in text) == mode.endswith("interaction")
    assert (image_count(server.received[0]) > 0) == (mode != "code")


async def test_nothing_tells_who_wrote_it(serve: Serve) -> None:
    server = serve(always(ballot("tie")))
    telling = (
        "<!-- Generated by GPT-5.1-codex, an OpenAI model, on 2026-01-01 -->\n"
        '<meta name="generator" content="Claude Opus 5.5">\n'
        "/* @author Gemini 3 Pro <gemini@google.com> */\n"
        "// written by deepseek-v3.2 for /home/alice/answers/deepseek-v3/index.html\n"
        "// qwen3-coder, claude-sonnet-5-5, Llama 4 Maverick, grok-4, Kimi K2\n"
        "<p>Gemini is an air sign, and a llama is an animal.</p>"
    )
    page = of_quality(5)
    page = page.model_copy(
        update={"trajectories": tuple(complain(t, 0, console=(telling,)) for t in page.trajectories)}
    )
    await claude(sight=Sight(find_solution=lambda _: html(telling))).judge(TASK, page, page)
    sent = "".join(text_of(body) for body in server.received).casefold()
    for name in TELLING:
        assert name not in sent, name
    assert "gemini 3" not in sent
    assert "gemini is an air sign, and a llama is an animal." in sent


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
    serve(fair)
    judge = claude()
    pages = [of_quality(i) for i in range(4)]
    verdicts = await asyncio.gather(*(judge.judge(TASK, a, b) for a in pages for b in pages if a.key < b.key))
    assert sum(v.cost.cached_tokens == 0 for v in verdicts) <= 1


@pytest.mark.parametrize("count", [1, 2, 7, 20, 21, 60])
async def test_any_number_of_screenshots_of_any_size_is_taken(serve: Serve, tmp_path: Path, count: int) -> None:
    server = serve(always(ballot("tie")))
    sizes = [(1280, 800), (390, 844), (1, 1), (640, 5000), (2500, 200), (200, 200)]
    sizes += [(4096, 4096)] * (count < 10)
    one = pictured(evidence(trajectory("d" * (count - 1)), name="one"), tmp_path, sizes)
    two = pictured(evidence(trajectory("n" * (count - 1)), name="two"), tmp_path, sizes)
    for budget in (1_000, 40_000):
        await claude(sight=Sight(evidence_root=tmp_path, image_budget=budget)).judge(TASK, one, two)
    assert server.refused == []
    assert all(image_count(body) >= 1 for body in server.received)


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
    server = serve(lambda body: fair(body) if "quality 9" in programs_of(body)[0] else TROUBLES["not JSON"])
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


async def test_what_it_costs_is_told(serve: Serve) -> None:
    serve(fair)
    shared = purchase(budget=Budget(most=100))
    verdict = await claude(shared=shared).judge(TASK, of_quality(9), of_quality(2))
    cost = verdict.cost
    assert cost.usd is not None
    assert cost.usd == pytest.approx(sum(vote.cost.usd or 0 for vote in verdict.votes))
    at_most = (cost.input_tokens * 2.5 + cost.cached_tokens * 0.1 + cost.output_tokens * 10) / 1e6
    assert 0 < cost.usd <= at_most
    assert shared.budget.spent.usd == pytest.approx(cost.usd)


async def test_a_limit_of_money_is_never_passed(serve: Serve) -> None:
    server = serve(fair)
    budget = Budget(most=0.5)
    judge = claude(shared=purchase(budget=budget))
    pages = [of_quality(i) for i in range(8)]
    battles = [judge.judge(TASK, a, b) for a in pages for b in pages if a.key < b.key]
    outcomes = await asyncio.gather(*battles, return_exceptions=True)
    refused = [o for o in outcomes if isinstance(o, JudgeError)]
    assert refused
    assert "limit of 0.5 US dollars" in str(refused[0])
    assert 0 < (budget.spent.usd or 0) <= 0.5
    assert len(server.received) < 2 * len(battles)


@pytest.mark.parametrize("amount", [0, -1, float("nan")])
def test_a_budget_of_nothing_is_told(amount: float) -> None:
    with pytest.raises(BadInput, match="--max-cost"):
        Budget(amount)


async def test_a_limit_of_money_needs_a_price(serve: Serve) -> None:
    serve(fair)
    with pytest.raises(BadInput, match="price of claude-9 is not known"):
        await claude("claude:claude-9", shared=purchase(budget=Budget(1))).judge(TASK, of_quality(1), of_quality(2))


async def test_a_dry_run_says_what_would_be_sent_and_sends_nothing(serve: Serve, tmp_path: Path) -> None:
    server = serve(fair)
    good = pictured(of_quality(9), tmp_path)
    judge = claude(sight=Sight(evidence_root=tmp_path), shared=purchase(Records(tmp_path / "records")))
    estimate = judge.estimate(TASK, good, of_quality(2))
    assert server.received == []
    assert estimate.requests == 2
    assert estimate.usd_at_most is not None
    assert estimate.usd_expected is not None
    verdict = await judge.judge(TASK, good, of_quality(2))
    assert 0 < estimate.usd_expected <= estimate.usd_at_most
    assert (verdict.cost.usd or 0) < estimate.usd_at_most
    assert judge.estimate(TASK, good, of_quality(2)).requests == 0


async def test_no_more_than_so_many_at_once(serve: Serve) -> None:
    server = serve(fair)
    judge = claude(shared=purchase(pace=Pace(at_once=3)))
    await asyncio.gather(*(judge.judge(TASK, of_quality(i), of_quality(i + 1)) for i in range(8)))
    assert server.most_at_once <= 3


def test_the_fingerprint_names_what_decides() -> None:
    def fingerprint(name: str = "claude", **settings: Any) -> str:
        return claude(name, shared=purchase(replay=True), **settings).fingerprint()

    assert fingerprint() == fingerprint()
    others = [
        fingerprint("claude:claude-opus-5-5"),
        fingerprint(sight=Sight(mode="code")),
        fingerprint(sight=Sight(image_budget=100)),
        fingerprint(effort="low"),
    ]
    assert len({fingerprint(), *others}) == 5

from __future__ import annotations

import re
import threading
from pathlib import Path
from typing import Any

import pytest

from agent_judge.errors import JudgeError
from agent_judge.judge.asker import purchase
from agent_judge.judge.case import MODES
from agent_judge.judge.model_judge import Sight
from agent_judge.schema import BlockedRequest, LaunchReport, Mode
from tests.judge.conftest import TASK, Serve, claude
from tests.judge.evidence_builder import complain, evidence, trajectory
from tests.judge.messages_server import Answer, Say, image_count, text_of
from tests.judge.voters import always, ballot, fair, finding, html, of_quality, pictured, programs_of

TELLING = re.findall(r"\S+", "gpt openai claude opus gemini@ deepseek qwen maverick grok kimi alice /home")


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
        assert verdict.prompt == "judge@2"
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


async def test_whatever_was_shown_of_a_program_can_be_quoted(serve: Serve) -> None:
    used = evidence(
        trajectory("dn"), name="used", blocked=(BlockedRequest(url="https://a.example/x.js", kind="script"),)
    )
    real = ["use#1 click: no_effect", "Outcome: ready", "script https://a.example/x.js", "Outcome … no_effect"]
    quotes = [*real, "use#0 click: no_effect", "no_effect ... This program is written"]
    serve(lambda body: Say(ballot("tie", [finding("first", quotes=[quote]) for quote in quotes])))
    verdict = await claude().judge(TASK, used, used)
    assert {claim.quotes[0]: claim.supported for claim in verdict.claims} == dict.fromkeys(
        quotes, False
    ) | dict.fromkeys(real, True)


async def test_the_start_of_a_program_that_never_ran_can_be_cited(serve: Serve) -> None:
    broken = evidence(name="broken", launch=LaunchReport(outcome="build_failed", reason="Unexpected token"))

    def script(body: dict[str, Any]) -> Answer:
        place = "first" if "quality 9" in programs_of(body)[0] else "second"
        other = "second" if place == "first" else "first"
        assert "## Start (#launch)" in text_of(body)
        return Say(ballot(place, [finding(other, "#launch", message="it does not build")]))

    serve(script)
    verdict = await claude().judge(TASK, of_quality(9), broken)
    assert (verdict.winner, verdict.supported) == ("A", 1.0)
    assert [claim.problem for claim in verdict.claims] == [""]


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


async def test_neither_the_names_of_the_models_nor_of_their_files_are_told(serve: Serve) -> None:
    def script(body: dict[str, Any]) -> Answer:
        return Say(ballot("tie", [finding("first", quotes=["Error in program.html by [author]"])]))

    server = serve(script)
    page = of_quality(5)
    said = "Error in old-baseline.html by our-model-7b"
    page = page.model_copy(update={"trajectories": tuple(complain(t, 0, console=(said,)) for t in page.trajectories)})
    sight = Sight(find_solution=lambda _: html(f"<!-- {said} -->", "old-baseline.html"), models=("our-model-7b", "b"))
    verdict = await claude(sight=sight).judge(TASK, page, page)
    sent = "".join(text_of(body) for body in server.received)
    assert "baseline" not in sent
    assert "our-model" not in sent
    # What a judge quotes as it was shown is in the evidence.
    assert verdict.supported == 1.0


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


def test_the_fingerprint_names_what_decides() -> None:
    def fingerprint(name: str = "claude", **settings: Any) -> str:
        return claude(name, shared=purchase(replay=True), **settings).fingerprint()

    assert fingerprint() == fingerprint()
    others = [
        fingerprint("claude:claude-opus-5-5"),
        fingerprint(sight=Sight(mode="code")),
        fingerprint(sight=Sight(image_budget=100)),
        fingerprint(sight=Sight(models=("our-model-7b",))),
        fingerprint(effort="low"),
    ]
    assert len({fingerprint(), *others}) == 6


async def test_without_its_screenshots_there_is_no_verdict(serve: Serve, tmp_path: Path) -> None:
    server = serve(fair)
    one = pictured(of_quality(9), tmp_path)
    with pytest.raises(JudgeError, match=r"not asked: .*cannot be read"):
        await claude(sight=Sight(evidence_root=tmp_path / "elsewhere")).judge(TASK, one, of_quality(2))
    assert server.received == []

"""Builds run folders as `agent-judge run` writes them, with drawn screenshots, through the schema alone.

``python tests/report/synthetic_run.py FOLDER [TASKS] [MODELS]`` writes one to look at, with its report.
"""

from __future__ import annotations

import io
import itertools
import random
import sys
from functools import cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from agent_judge.report import write_report
from agent_judge.schema import (
    AccessibilityViolation,
    BlockedRequest,
    Box,
    Change,
    Claim,
    Comparison,
    ConsoleMessage,
    Cost,
    Criterion,
    Decision,
    DriverClaim,
    Entry,
    Evidence,
    ExpectationResult,
    Grounding,
    LaunchReport,
    Leaderboard,
    ModelRating,
    Observation,
    Probes,
    Run,
    StepOutcome,
    StepRecord,
    Task,
    Trajectory,
    Verdict,
    Vote,
    Winner,
)
from agent_judge.store import RunFolder

HOSTILE = (
    "</script><script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">\u2028\u202eevil"
)
MODELS = ("amber-7b", "birch-large", "cedar", "dune-mini", "elm-pro", "fir", "ginkgo", "hazel")
CATEGORIES = ("web_design", "game_development", "data_dashboard")
TASKS = (
    (
        "todo-list",
        "Build a to-do list. A field adds items, a checkbox completes them, a button deletes them.",
    ),
    (
        "star-dodge",
        "Make a browser game on a canvas: the arrow keys move a ship, meteors fall, each hit costs one of three lives.",
    ),
    (
        "tip-calculator",
        "Build a tip calculator: the bill, the share in per cent and the number of people give what each one pays.",
    ),
)
ACTIONS = (
    ("enter a new item", 'fill textbox "What needs to be done?" with "Buy milk"', "“Buy milk” is visible"),
    ("add it", "press Enter", "1 listitem"),
    ("enter another one", 'fill textbox "What needs to be done?" with "Walk the dog"', "“Walk the dog” is visible"),
    ("add that too", 'click button "Add"', "2 listitems"),
    ("mark the first as done", 'check checkbox near "Buy milk"', "checkbox near “Buy milk” is checked"),
    ("delete the second", 'click button "Delete" near "Walk the dog"', "“Walk the dog” is not visible"),
)


def build_run(
    folder: Path, tasks: int = 3, models: int = 4, *, judges: tuple[str, ...] = ("evidence", "claude")
) -> Path:
    """Writes a run folder of ``tasks`` × all pairs of ``models``; every kind of outcome occurs in it."""
    chosen = MODELS[:models]
    asked = tuple(
        Task(
            id=TASKS[number][0] if number < len(TASKS) else f"task-{number:03}",
            instruction=TASKS[number % len(TASKS)][1],
            category=CATEGORIES[number % len(CATEGORIES)],
        )
        for number in range(tasks)
    )
    files = RunFolder(folder)
    entries = tuple(
        _entry(files, task, task_number, model, model_number)
        for task_number, task in enumerate(asked)
        for model_number, model in enumerate(chosen)
    )
    decisions = [
        _decision(task, number, pair, judge)
        for number, task in enumerate(asked)
        for pair in itertools.combinations(range(models), 2)
        for judge in judges
    ]
    files.write_run(
        Run(
            id="2026-11-24-0815-synthetic",
            suite="Synthetic suite",
            description="Drawn programs with every kind of outcome.",
            created="2026-11-24T08:15:00+00:00",
            finished="2026-11-24T08:19:00+00:00",
            tasks=asked,
            models=chosen,
            judges=judges,
            entries=entries,
            rounds=1000,
            seed=0,
            versions={"agent-judge": "0.1.0", "chromium": "156.0", "playwright": "1.65.0"},
            notes=("streamlit answers were left out: this machine has no Streamlit",),
        )
    )
    files.write_results(decisions, [])
    files.write_leaderboard(_leaderboard(chosen, tasks * (models - 1), asked))
    return folder


def _entry(files: RunFolder, task: Task, task_number: int, model: str, number: int) -> Entry:
    key = f"{task_number:04x}{number:04x}" + "0" * 24
    plain = {"task_id": task.id, "model": model, "solution": key, "environment": "react" if number % 2 else "html"}
    if task_number == 2 and number == 3:
        return Entry(**plain, language="tsx", problem="node is not installed (apt-get install nodejs)")
    place = files.evidence / key
    place.mkdir(parents=True)
    broken = task_number == 1 and number == 3
    evidence = _failed_evidence(key) if broken else _evidence(place, key, task_number, number)
    (place / "evidence.json").write_text(evidence.model_dump_json(), encoding="utf-8")
    return Entry(**plain, language="tsx" if number % 2 else "html", evidence=(key,))


def _failed_evidence(key: str) -> Evidence:
    log = '✘ [ERROR] Expected ">" but found "className"\n\n    App.tsx:12:9:\n      12 │ <div className="app">\n'
    launch = LaunchReport(
        outcome="build_failed", reason='App.tsx:12:9: Expected ">" but found "className"', seconds=0.4, build_log=log
    )
    trajectory = Trajectory(scenario="main-use", title="Add two items and complete one", policy="replay", launch=launch)
    return Evidence(
        key=key, solution=key, environment="react", language="tsx", launch=launch, trajectories=(trajectory,)
    )


def _evidence(place: Path, key: str, task_number: int, number: int) -> Evidence:
    outcomes = _outcomes(number, task_number)
    launch = LaunchReport(outcome="ready", seconds=0.31)
    observations, steps = [_observation(place, key, 0, number, task_number)], []
    for index, outcome in enumerate(outcomes):
        observations.append(_observation(place, key, index + 1, number, task_number, outcome))
        steps.append(_step(index, outcome))
    trajectory = Trajectory(
        scenario="main-use",
        title="Add two items and complete one",
        policy="replay",
        launch=launch,
        observations=tuple(observations),
        steps=tuple(steps),
        claims=_driver_claims() if number == 2 else (),
        cost=Cost(input_tokens=900, output_tokens=40, usd=0.004) if number == 2 else Cost(),
    )
    probes = Probes(
        first_contentful_paint=84.0 + 40 * number,
        frame_rate=60,
        overflow=24 if number == 2 else 0,
        substance=0.42,
        coverage=0.75,
        accessibility=(
            AccessibilityViolation(rule="label", impact="critical", help="Form elements must have labels", count=2),
        )
        if number
        else (),
    )
    blocked = (BlockedRequest(url="https://fonts.example.com/inter.css", kind="stylesheet"),) if number == 1 else ()
    return Evidence(
        key=key,
        solution=key,
        environment="react" if number % 2 else "html",
        language="tsx" if number % 2 else "html",
        launch=launch,
        trajectories=(trajectory,),
        probes=probes,
        blocked_requests=blocked,
    )


def _driver_claims() -> tuple[DriverClaim, ...]:
    sound = DriverClaim(step="main-use#5", severity="critical", message="deleting ends it", quote="", supported=True)
    invented = DriverClaim(
        step="main-use#40", severity="minor", message="it is slow", quote="9 s", supported=False, problem="no such step"
    )
    return sound, invented


def _outcomes(number: int, task_number: int) -> tuple[StepOutcome, ...]:
    kinds: tuple[tuple[StepOutcome, ...], ...] = (
        ("done",) * 6,
        ("done", "done", "done", "no_effect", "done", "not_found"),
        ("done", "done", "done", "done", "done", "crashed"),
        ("done", "no_effect", "done", "no_effect", "not_found", "driver_error"),
    )
    return kinds[(number + (task_number % 2) * (number > 0)) % len(kinds)]


def _observation(
    place: Path, key: str, index: int, number: int, task_number: int, outcome: StepOutcome | None = None
) -> Observation:
    name = f"step-{index:03}.png"
    shown = index if outcome != "no_effect" else index - 1
    (place / name).write_bytes(page_picture(number % 4, task_number % 3, shown))
    crashed = outcome == "crashed"
    return Observation(
        at=index * 0.6,
        url="http://solution.test/",
        title=HOSTILE if number == 1 else "To do",
        screenshot=f"{key}/{name}",
        errors=("TypeError: Cannot read properties of undefined (reading 'id')\n    at remove (app.js:41:18)",)
        if crashed
        else (),
        console=(ConsoleMessage(level="error", text=HOSTILE),) if outcome == "not_found" else (),
        failed_requests=("GET /api/items 404",) if crashed else (),
    )


def _step(index: int, outcome: StepOutcome) -> StepRecord:
    intent, detail, expected = ACTIONS[index % len(ACTIONS)]
    reasons = {
        "done": "",
        "no_effect": f"expected {expected}, but the page stayed as it was",
        "not_found": "nothing on the page matches button “Delete”",
        "crashed": "the page threw an exception and went blank",
        "driver_error": "the browser did not answer within 30 s",
    }
    held = outcome == "done"
    tried = outcome in ("done", "no_effect")
    return StepRecord(
        index=index,
        do=detail.split()[0],
        intent=intent,
        detail=detail,
        outcome=outcome,
        reason=reasons[outcome],
        grounding=Grounding(
            score=0.93, method="role+name", element='button "Add"', box=Box(x=420, y=150, width=430, height=54)
        )
        if tried
        else None,
        expectations=(ExpectationResult(kind="text", held=held, expected=expected, seen="" if held else HOSTILE),)
        if tried
        else (),
        before=index,
        after=index + 1,
        seconds=0.4,
        change=Change(pixels=0.031, added=(f'- listitem: "{detail}"',), removed=("- paragraph: Nothing to do",))
        if held
        else Change(),
    )


def _decision(task: Task, number: int, pair: tuple[int, int], judge: str) -> Decision:
    a, b = pair
    names = {"task_id": task.id, "model_a": MODELS[a], "model_b": MODELS[b], "judge": judge}
    chance = random.Random(f"{task.id}{pair}{judge}").random()
    if judge == "claude" and chance > 0.93:
        return Decision(**names, verdict=None, problem="the judge did not answer within 60 s, three times")
    winner: Winner = "A" if chance < 0.6 else "tie" if chance < 0.72 else "B" if chance < 0.96 else "both_bad"
    cost = (
        Cost(input_tokens=18_200, cached_tokens=12_000, output_tokens=640, usd=0.0312, seconds=7.4)
        if judge == "claude"
        else Cost()
    )
    claims = (
        Claim(
            side="B", severity="major", criterion="function", message="the button “Delete” is missing",
            steps=("main-use#5",), quotes=("Walk the dog",),
        ),
        Claim(
            side="B", severity="minor", criterion="looks", message="the total is wrong", steps=("main-use#11",),
            supported=False, problem="there is no step main-use#11",
        ),
    )  # fmt: skip
    votes = tuple(
        Vote(
            voter=voter, winner=winner, confidence=0.8, rationale="It does all that was asked (main-use#3).", cost=cost
        )
        for voter in ("first order", "other order")
    )
    verdict = Verdict(
        winner=winner,
        strength=0.62,
        confidence=round(0.55 + 0.44 * chance, 3),
        judge=judge,
        cost=cost,
        rationale=f"The first completes every step. The second loses the item that was added last: {HOSTILE}"
        if number == 0
        else "One completes every step; in the other a button does nothing.",
        criteria=(
            Criterion(
                criterion="steps_done",
                a=1.0,
                b=0.67,
                weight=3,
                message="6 of 6 steps done against 4 of 6",
                steps_a=("main-use#3",),
                steps_b=("main-use#3", "main-use#5"),
            ),
            Criterion(
                criterion="errors", a=1.0, b=0.8, weight=1.5, message="an uncaught exception", steps_b=("main-use#5",)
            ),
            Criterion(
                criterion="launched", a=1.0, b=1.0, weight=2, steps_a=("main-use#launch",), steps_b=("nowhere#7",)
            ),
        ),
    )
    if judge == "claude":
        told = {
            "claims": claims,
            "votes": votes,
            "supported": 0.5,
            "position_bias": winner == "tie",
            "prompt": "judge v1",
        }
        verdict = verdict.model_copy(update=told)
    return Decision(**names, verdict=verdict)


def _leaderboard(models: tuple[str, ...], battles: int, tasks: tuple[Task, ...]) -> Leaderboard:
    rates = {
        a: {
            b: min(1.0, max(0.0, round(0.5 + 0.12 * (place_b - place_a), 2)))
            for place_b, b in enumerate(models)
            if 0 < abs(place_b - place_a) < 5
        }
        for place_a, a in enumerate(models)
    }
    parts = {
        category: Leaderboard(
            models=_ranked(models, 120, battles // 3), win_rates=rates, rounds=1000, seed=0, battles=12, tasks=1,
            too_few=True,
        )
        for category in sorted({task.category for task in tasks})
    }  # fmt: skip
    apart = Leaderboard(models=_ranked(models[2:], 90, 4), rounds=1000, seed=0, battles=4, tasks=2)
    whole = {
        "html": Leaderboard(
            models=_ranked(models[:2], 90, 14),
            rounds=1000,
            seed=0,
            battles=14,
            tasks=2,
            groups=(apart,) * (len(models) > 3),
        )
    }
    return Leaderboard(
        models=_ranked(models, 55, battles),
        win_rates=rates,
        rounds=1000,
        seed=0,
        slices={"category": parts, "environment": whole},
        interval="bootstrap over tasks",
        battles=battles * len(models) // 2,
        tasks=len(tasks),
        comparisons=tuple(
            Comparison(
                better=a, worse=b, probability=min(0.999, 0.6 + 0.15 * (place_b - place_a)),
                p_value=0.3 / 10 ** (place_b - place_a - 1), significant=place_b - place_a > 1, battles=6,
            )
            for place_a, a in enumerate(models)
            for place_b, b in enumerate(models)
            if place_b > place_a
        ),
    )  # fmt: skip


def _ranked(models: tuple[str, ...], spread: float, count: int) -> tuple[ModelRating, ...]:
    rows = []
    for place, model in enumerate(models):
        rating = 1000 + 80 * ((len(models) - 1) / 2 - place)
        rows.append(
            ModelRating(
                model=model,
                rating=rating,
                lower=rating - spread,
                upper=rating + 1.2 * spread,
                rank=place + 1,
                rank_lower=max(1, place),
                rank_upper=min(len(models), place + 2),
                battles=count,
                wins=count * (len(models) - place) // (len(models) + 1),
                losses=count * place // (len(models) + 1),
                top={
                    1: (0.86, 0.12, 0.02)[place] if place < 3 else 0.0,
                    3: (1.0, 0.97, 0.8)[place] if place < 3 else 0.23,
                },
                few=place == 3,
            )
        )
    return tuple(rows)


@cache
def page_picture(number: int, task_number: int, index: int) -> bytes:
    """Draws a screenshot of a little app: its look by model, its title by task, its content by step."""
    paper, ink, accent = (
        ("#ffffff", "#222222", "#3366cc"),
        ("#10151f", "#e8ecf4", "#22c58b"),
        ("#fdf6ec", "#47351d", "#d9622b"),
        ("#eef2ff", "#1d2456", "#7c3aed"),
    )[number]
    image = Image.new("RGB", (1280, 800), paper)
    draw = ImageDraw.Draw(image)
    large, small = ImageFont.load_default(44), ImageFont.load_default(28)
    draw.rectangle((0, 0, 1280, 84), fill=accent)
    draw.text((60, 20), f"{TASKS[task_number][0]} (model {number}, step {index})", fill=paper, font=large)
    draw.rounded_rectangle((380, 140, 900, 214), 12, outline=accent, width=3)
    draw.text((404, 158), ("Buy milk", "", "Walk the dog")[index % 3], fill=ink, font=small)
    for row in range(min(index, 6) // 2 + (index > 1)):
        top = 250 + 90 * row
        fill = accent if (row + index) % 4 == 0 else paper
        words = ("Buy milk", "Walk the dog", "Water plants", "Call Ann")[row % 4]
        draw.rounded_rectangle((380, top, 900, top + 74), 12, fill=fill, outline=accent, width=2)
        draw.text((450, top + 20), words, fill=ink, font=small)
    buffer = io.BytesIO()
    image.save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()


if __name__ == "__main__":
    counts = [int(word) for word in sys.argv[2:]]
    write_report(build_run(Path(sys.argv[1]), *counts))

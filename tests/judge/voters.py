"""Scripted models: what they answer, and evidence with pictures for them to look at."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw

from agent_judge.schema import Evidence, Observation, Solution, Trajectory
from tests.judge.evidence_builder import evidence, trajectory
from tests.judge.messages_server import Answer, Say, text_of


def ballot(
    winner: str = "first",
    findings: Sequence[dict[str, Any]] = (),
    scores: tuple[float, float] | None = None,
    confidence: float = 0.9,
    reasons: str = "[first] was compared with [second].",
) -> str:
    first, second = scores or {"first": (8.0, 4.0), "second": (4.0, 8.0)}.get(winner, (6.0, 6.0))
    return json.dumps(
        {
            "findings": list(findings),
            "scores": [{"criterion": "functions", "first": first, "second": second}],
            "reasons": reasons,
            "winner": winner,
            "confidence": confidence,
        }
    )


def finding(
    program: str, *steps: str, quotes: Sequence[str] = (), good: bool = False, message: str = "it breaks"
) -> dict[str, Any]:
    return {
        "program": program,
        "good": good,
        "severity": "major",
        "criterion": "functions",
        "message": message,
        "steps": list(steps),
        "quotes": list(quotes),
    }


def always(text: str) -> Callable[[dict[str, Any]], Answer]:
    """A model that says the same whatever it is shown."""
    return lambda body: Say(text)


def programs_of(body: dict[str, Any]) -> tuple[str, str]:
    """What a request says about the first and about the second program."""
    _, first, second, _ = re.split(
        r"^# (?:The first program|The second program|Your answer)$", text_of(body), flags=re.M
    )
    return first, second


def fair(body: dict[str, Any]) -> Answer:
    """A model that prefers the program whose page shows the higher quality, in whichever order."""
    first, second = (int(found[1]) if (found := re.search(r"quality (\d+)", part)) else 0 for part in programs_of(body))
    winner = "first" if first > second else "second" if second > first else "tie"
    quoted = [finding("first", quotes=[f"quality {first}"]), finding("second", quotes=[f"quality {second}"])]
    return Say(ballot(winner, quoted, (min(first, 10), min(second, 10)), reasons=f"[{winner}] has more quality."))


def observant(body: dict[str, Any]) -> Answer:
    """A model that prefers the program in which fewer steps failed, and makes up two of its three findings."""
    failure = re.compile(r"^(\S+#\d+) \w+: (?:no_effect|not_found|crashed)", re.M)
    failed_first, failed_second = (failure.findall(part) for part in programs_of(body))
    if len(failed_first) == len(failed_second):
        # Where no step is shown, it reads the code.
        first, second = ("n += 1" in part for part in programs_of(body))
        return Say(ballot("tie" if first == second else "first" if first else "second"))
    winner, other = ("first", "second") if len(failed_first) < len(failed_second) else ("second", "first")
    step = (failed_second if winner == "first" else failed_first)[0]
    findings = [
        finding(other, step, message="the button does nothing"),
        finding(other, "count-to-two#99", message="a step that never was"),
        finding(other, quotes=["Total: 99"], message="words that never were"),
    ]
    return Say(ballot(winner, findings, reasons=f"[{winner}] counts, [{other}] does not."))


def of_quality(quality: int, name: str = "", outcomes: str = "dd") -> Evidence:
    """Evidence of a page that shows how good it is."""
    used = trajectory(outcomes)
    shown = tuple(o.model_copy(update={"text": f"A list of quality {quality}"}) for o in used.observations)
    return evidence(used.model_copy(update={"observations": shown}), name=name or f"q{quality}")


def pictured(given: Evidence, root: Path, sizes: Sequence[tuple[int, int]] = ((1280, 800),)) -> Evidence:
    """The evidence with a different screenshot in every observation, of the sizes in turn."""
    number = 0
    trajectories: list[Trajectory] = []
    for used in given.trajectories:
        observations: list[Observation] = []
        for observation in used.observations:
            name = f"{given.key}-{used.scenario}-{len(observations):03d}.png"
            draw_page(root / name, sizes[number % len(sizes)], number)
            observations.append(observation.model_copy(update={"screenshot": name}))
            number += 1
        trajectories.append(used.model_copy(update={"observations": tuple(observations)}))
    return given.model_copy(update={"trajectories": tuple(trajectories)})


def draw_page(path: Path, size: tuple[int, int], items: int) -> None:
    """A page with a heading and so many list items."""
    image = Image.new("RGB", size, "white")
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, size[0], 60), fill="#223355")
    draw.text((20, 20), "Shopping list", fill="white")
    for item in range(items):
        top = 80 + 22 * (item % max(1, (size[1] - 100) // 22))
        draw.text((30 + 90 * (item * 22 // max(1, size[1])), top), f"item {item}", fill="black")
    image.save(path, compress_level=1)


def html(text: str, name: str = "index.html") -> Solution:
    return Solution(environment="html", language="html", entry=name, files={name: text.encode()})

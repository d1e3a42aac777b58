"""Fits what a choice of an element is doubted by: ``agent_judge/drive/doubt.json``.

On every page of the transfer suite's apps that are not held out, what can be told of the choice and of the other
elements is collected, with which of them are right. A linear model is fitted to it that
shares the likelihood out among the elements and "not there"; the signs of what can only
speak for or against an element are given. Prints what it comes to on each app when it is
fitted on the others. Usage::

    python -m eval.benchmarks.fit_grounding --collect FOLDER [app ...]
    python -m eval.benchmarks.fit_grounding --fit FOLDER
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from scipy.optimize import minimize

from agent_judge.drive import doubt
from agent_judge.drive.ground import NotFound
from agent_judge.drive.intent import consider
from agent_judge.drive.observe import Observer
from agent_judge.launch.local import LocalBackend
from agent_judge.schema import Step
from eval.benchmarks import transfer

MODEL = Path(doubt.__file__).with_name("doubt.json")
ABOUT = (
    "Weights of the second look at a choice, by what can be told of an element (doubt.py says what each is). "
    "Fitted by eval/benchmarks/fit_grounding.py; a choice whose share of the likelihood is below the threshold is "
    "not made."
)
THRESHOLD = 0.4
RIDGE = 80.0
HARD = 5.0
"""How much more an app counts on which the rules are wrong nearly as often as on one that they were not made for."""
HARD_APPS = ("contacts", "expenses")
PER_APP = 300.0
FOR = frozenset(
    ("like", "called", "serves", "like ahead", "serves ahead", "spoken ahead", "fit ahead", "kind", "way", "belongs",
     "same number", "same role", "interactive", "next field", "held and changed")
)  # fmt: skip
"""What can only speak for an element."""
AGAINST = frozenset(
    ("contradicts", "another thing", "other number", "other action", "other thing", "unsaid things",
     "in another entry", "repeated", "search")
)  # fmt: skip
"""What can only speak against one."""


async def collect(backend: LocalBackend, app: str) -> list[dict[str, Any]]:
    """Every choice on every version of an app, with what can be told of the elements."""
    recordings = await transfer.record_all(backend, app)
    choices: list[dict[str, Any]] = []
    for variant in recordings:

        async def weigh(
            version: transfer.Version,
            observer: Observer,
            step: dict[str, Any],
            label: transfer.Label,
            on: str = variant,
        ) -> None:
            for origin, steps in recordings.items():
                if origin != on and step["id"] in steps:
                    recorded = Step.model_validate(steps[step["id"]])
                    choices.append(await told(version, origin, observer, recorded, label))

        await transfer.play(backend, app, variant, weigh, recordings)
    return choices


async def told(
    version: transfer.Version, origin: str, observer: Observer, step: Step, label: transfer.Label
) -> dict[str, Any]:
    """What can be told of one choice, and whether it and the elements beside it are right."""
    grounder = version.grounder(origin)
    considered = await consider(grounder, await observer.read(), step)
    choice = considered.choice
    made = not isinstance(choice, NotFound)
    best = choice if not isinstance(choice, NotFound) else next(iter(considered.search.ranked), None)
    about: dict[str, Any] = {"absent": label.absent, "made": made, "sure": False, "facts": [], "right": []}
    if best is None:
        return about
    about["sure"] = made and considered.beyond_doubt
    for candidate, facts in considered.evidence(best):
        place = await grounder.place(candidate, considered.search.collected)
        about["facts"].append(facts)
        about["right"].append(await transfer.judge(place, label) == "right")
    return about


class Table:
    """The elements of an app's choices, a row each."""

    def __init__(self, choices: Sequence[dict[str, Any]], names: Sequence[str]) -> None:
        rows = [(number, facts) for number, one in enumerate(choices) for facts in one["facts"]]
        self.facts = np.array([[facts.get(name, 0.0) for name in names] for _, facts in rows])
        self.of = np.array([number for number, _ in rows])
        self.right = np.array([right for one in choices for right in one["right"]], bool)
        self.choices = choices


def fit(apps: dict[str, Table], names: Sequence[str]) -> tuple[Any, float]:
    """Weights and bias, by penalised likelihood; every app counts the same, hard ones more."""
    facts = np.vstack([one.facts for one in apps.values()])
    right = np.concatenate([one.right for one in apps.values()])
    starts = np.cumsum([0, *(len(one.choices) for one in apps.values())])
    of = np.concatenate([one.of + start for one, start in zip(apps.values(), starts, strict=False)])
    count = int(starts[-1])
    weight = np.concatenate(
        [
            np.full(len(one.choices), PER_APP / len(one.choices) * (HARD if app in HARD_APPS else 1.0))
            for app, one in apps.items()
        ]
    )
    mean, spread = facts.mean(0), facts.std(0) + 1e-6
    scaled = (facts - mean) / spread
    there = np.zeros(count, bool)
    there[of[right]] = True

    def loss(parameters: Any) -> tuple[float, Any]:
        sums = scaled @ parameters[:-1] + parameters[-1]
        most = np.zeros(count)
        np.maximum.at(most, of, sums)
        parts, rest = np.exp(sums - most[of]), np.exp(-most)
        whole = np.bincount(of, parts, count) + rest
        good = np.bincount(of, parts * right, count)
        share = np.where(there[of], parts * right / (good[of] + 1e-12), 0.0)
        slope = weight[of] * (parts / whole[of] - share)
        value = -(weight * np.log((np.where(there, good, rest) + 1e-12) / whole)).sum()
        gradient = np.append(scaled.T @ slope + 2 * RIDGE * parameters[:-1], slope.sum())
        return float(value + RIDGE * (parameters[:-1] ** 2).sum()), gradient

    bounds = [(0.0 if name in FOR else None, 0.0 if name in AGAINST else None) for name in names] + [(None, None)]
    start = np.zeros(len(names) + 1)
    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": 200}).x
    weights = found[:-1] / spread
    return weights, float(found[-1] - (weights * mean).sum())


def shares(table: Table, model: tuple[Any, float], least: float) -> tuple[float, float, float]:
    """The right, the wrong and the absent that are reported, where choices below ``least`` are not made."""
    sums = table.facts @ model[0] + model[1]
    right: list[bool] = []
    wrong: list[bool] = []
    for number, one in enumerate(table.choices):
        own = sums[table.of == number]
        likely = np.exp(own[0]) / (np.exp(own).sum() + 1) if len(own) else 0.0
        made = one["made"] and (one["sure"] or likely >= least)
        right.append(bool(made and one["right"][0]))
        wrong.append(bool(made and not one["right"][0]))
    absent = np.array([one["absent"] for one in table.choices])
    return (
        float(np.mean(np.array(right)[~absent])),
        float(np.mean(np.array(wrong)[~absent])),
        float(1 - np.mean(np.array(wrong)[absent])),
    )


def report(tables: dict[str, Table], names: Sequence[str]) -> list[str]:
    """What choices come to on each app when the weights are fitted on the others, with and without doubt."""
    lines = ["| app left out | rules alone: right, wrong, absent | with doubt: right, wrong, absent |", "|---|---|---|"]
    for app, table in tables.items():
        model = fit({name: one for name, one in tables.items() if name != app}, names)
        cells = [", ".join(f"{share:.1%}" for share in shares(table, model, least)) for least in (0.0, THRESHOLD)]
        lines.append(f"| {app} | {cells[0]} | {cells[1]} |")
    return lines


async def collect_all(folder: Path, apps: Sequence[str]) -> None:
    """Keeps what can be told of every app's choices, a file each."""
    async with LocalBackend() as backend:
        for app in apps:
            choices = await collect(backend, app)
            await asyncio.to_thread((folder / f"{app}.json").write_text, json.dumps(choices), encoding="utf-8")
            print(app, flush=True)


def fit_all(folder: Path) -> None:
    """Prints how the doubt carries over to an app that it was not fitted on, then fits it on all and keeps it."""
    stored = {file.stem: json.loads(file.read_text(encoding="utf-8")) for file in sorted(folder.glob("*.json"))}
    names = sorted({name for one in stored.values() for choice in one for facts in choice["facts"] for name in facts})
    tables = {app: Table(choices, names) for app, choices in stored.items()}
    print("\n".join(report(tables, names)))
    weights, bias = fit(tables, names)
    kept = {name: round(float(weight), 4) for name, weight in zip(names, weights, strict=True) if abs(weight) > 5e-5}
    model = {"about": ABOUT, "threshold": THRESHOLD, "bias": round(bias, 4), "weights": kept}
    MODEL.write_text(json.dumps(model, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    if len(sys.argv) < 3 or sys.argv[1] not in ("--collect", "--fit"):
        raise SystemExit(__doc__)
    place = Path(sys.argv[2])
    if sys.argv[1] == "--collect":
        place.mkdir(parents=True, exist_ok=True)
        wanted = sys.argv[3:] or transfer.tuned_on()
        asyncio.run(collect_all(place, wanted))
    else:
        fit_all(place)

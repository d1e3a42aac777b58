"""Fits what the choice of an element is weighed by: ``agent_judge/drive/weights.json``.

On every page of the transfer suite's apps that are not held out, what can be told of the elements is collected, with
which of them are right; once with all words that are known, and once with a part of them forgotten, as a program of a
new kind has words that nobody thought of. Two models are fitted to it. A linear one shares the likelihood out among
the elements and "not there". A logistic one says how sure the likeliest element is; it learns from the choices that the
first one makes on an app that it was not fitted on. Prints what both come to on each app when they are fitted on the
others. Usage::

    python -m eval.benchmarks.fit_grounding --collect FOLDER [app ...]
    python -m eval.benchmarks.fit_grounding --fit FOLDER
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit

from agent_judge.drive import lexicon, reading, similarity, weighing
from agent_judge.drive.ground import NotFound
from agent_judge.drive.intent import consider
from agent_judge.drive.observe import Observer
from agent_judge.launch.local import LocalBackend
from agent_judge.schema import Step
from eval.benchmarks import transfer

MODEL = Path(weighing.__file__).with_name("weights.json")
ABOUT = (
    "Weights of what can be told of an element (evidence.py and agreement.py say what each is), and what is added to "
    "them for actions of a group; and weights of what tells how sure the likeliest element is (sureness), which is "
    "chosen if that reaches the threshold, or a lower one (agreed) where the rules choose the same and its share of "
    "the likelihood is large (alone). Fitted by eval/benchmarks/fit_grounding.py."
)
THRESHOLD = 0.87
"""Chosen so that on apps that it was not fitted on, with words forgotten, at most 2 % of the choices are wrong."""
AGREED, ALONE = 0.6, 0.8
"""Where the rules choose the same element and its share is so large, a lower threshold has as few wrong choices."""
THRESHOLDS = (0.5, 0.6, 0.7, 0.8, THRESHOLD, 0.9)
RIDGE, SURENESS_RIDGE = 15.0, 25.0
PER_APP = 300.0
FORGOTTEN = 0.3
GROUPS = ("enters", "pushes")
LIKELY = 12
"""So many elements of a page are fitted to; the others are told apart by any weights."""


FOR = frozenset((
    "like", "like icon", "beside like", "serves", "serves icon", "strength", "rule", "way", "action",
    "action and thing", "thing", "share of things", "generic", "word", "number", "covers", "covers intent", "fit",
    "same role", "acceptable", "interactive", "belongs", "only one in entry", "only one left in entry",
    "next empty field", "before the next", "ends form", "ends dialog", "holds its own", "kind", "offers",
    "offers what is said", "offers the number", "only field left", "left of fields", "strength ahead", "like ahead",
    "serves ahead", "rule ahead", "fit ahead", "covers ahead", "covers intent ahead", "offers ahead",
    "like icon ahead", "serves icon ahead", "in dialog", "says the entry", "for a sentence", "only yes",
    "new after pushing", "says what is entered", "last answer", "left of controls", "left of new controls",
    "means the action", "means the intent", "means the name", "means the action ahead", "means the intent ahead",
    "means the name ahead",
))  # fmt: skip
"""What can only speak for an element."""
AGAINST = frozenset((
    "other action", "other thing", "other number", "unasked", "search", "refuses", "offers nothing",
    "holds another's", "claimed", "claim", "rival", "in another entry", "in a twin entry", "no such entry",
    "behind dialog", "another says the entry", "repeated", "another than a field", "another than a toggle",
    "ends no form", "ends form unasked", "so already", "ruled out", "disabled", "holds controls", "holds entries",
    "other height", "other width", "farther across", "farther down", "of its kind", "only common", "unknown words",
    "number unasked", "thing unasked", "in an entry unasked", "crowd", "opposite", "says no",
    "arrow", "opens what is open", "apart", "says another value", "old after pushing", "only names the entry",
))  # fmt: skip
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
    """What can be told of the elements of one choice, and which are right."""
    grounder = version.grounder(origin)
    view = await observer.read()
    grounder.memory.looks.begin(step.do, view)
    considered = await consider(grounder, view, step)
    choice = considered.choice
    about: dict[str, Any] = {"absent": label.absent, "group": weighing.group_of(step.do), "facts": [], "right": []}
    if not considered.search.candidates:
        return about
    evidence = considered.evidence
    about["facts"] = evidence.told()
    rules = None if isinstance(choice, NotFound) else choice
    about["action"] = step.do
    about["agreement"] = [
        weighing.agreement_of(rules) if rules and one is rules.candidate else "" for one in evidence.elements
    ]
    about["same"] = [weighing.same_clicks(evidence.elements, one) for one in evidence.elements]
    for candidate in evidence.elements:
        place = await grounder.place(candidate, considered.search.collected)
        about["right"].append(await transfer.judge(place, label) == "right")
    return about


_ALL_PHRASES = lexicon.known_phrases
_READERS = (lexicon, reading, similarity)


def _know(phrases: Callable[[], Any]) -> None:
    """Has words read by other phrases."""
    for module in _READERS[:2]:
        setattr(module, "known_phrases", phrases)  # noqa: B010  # mypy lets no function be assigned to
    for cached in [_ALL_PHRASES, *(one for module in _READERS for one in vars(module).values())]:
        if hasattr(cached, "cache_clear"):
            cached.cache_clear()


def forget(app: str) -> None:
    """Forgets a part of the words that are known, another one for each app."""
    known = _ALL_PHRASES()
    chance = random.Random(app)
    kept = {phrase: one for phrase, one in known.items() if one[0] == "stop" or chance.random() > FORGOTTEN}

    def remembered() -> dict[tuple[str, ...], tuple[str, frozenset[str]]]:
        return kept

    _know(remembered)


class Table:
    """The elements of an app's choices, a row each, with columns for all actions and more for each group."""

    def __init__(self, choices: Sequence[dict[str, Any]], names: Sequence[str]) -> None:
        rows = [(number, facts) for number, one in enumerate(choices) for facts in one["facts"]]
        plain = np.array([[facts.get(name, 0.0) for name in names] for _, facts in rows])
        self.of = np.array([number for number, _ in rows])
        groups = np.array([[choices[number]["group"] == group for group in GROUPS] for number, _ in rows], float)
        own = [plain * groups[:, [column]] for column in range(len(GROUPS))]
        self.facts = np.hstack([plain, *own, groups])
        self.right = np.array([right for one in choices for right in one["right"]], bool)
        self.choices = choices


def likeliest(choices: Sequence[dict[str, Any]], every: int) -> list[dict[str, Any]]:
    """Every so many of the choices, with the likelier elements only."""
    kept = []
    for one in choices[::every]:
        order = sorted(range(len(one["facts"])), key=partial(_unlikely, one))[:LIKELY]
        kept.append(one | {key: [one[key][number] for number in order] for key in ("facts", "right")})
    return kept


def _unlikely(choice: dict[str, Any], number: int) -> float:
    facts: dict[str, float] = choice["facts"][number]
    fits = max(facts.get("strength", 0.0), facts.get("rule", 0.0), 0.8 * facts.get("offers", 0.0))
    hints = ("belongs", "only field left", "next empty field")
    return -(fits + 0.3 * sum(facts.get(name, 0.0) for name in hints) + 9 * bool(choice["right"][number]))


Model = tuple[Any, float]


def fit(tables: Sequence[Table], names: Sequence[str]) -> Model:
    """Weights and bias, by penalised likelihood; every table counts the same."""
    facts = np.vstack([one.facts for one in tables])
    right = np.concatenate([one.right for one in tables])
    starts = np.cumsum([0, *(len(one.choices) for one in tables)])
    of = np.concatenate([one.of + start for one, start in zip(tables, starts, strict=False)])
    count = int(starts[-1])
    weight = np.concatenate([np.full(len(one.choices), PER_APP / len(one.choices)) for one in tables])
    mean, spread = facts.mean(0), facts.std(0)
    varies = spread > 1e-9
    scaled = (facts[:, varies] - mean[varies]) / spread[varies]
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

    start = np.zeros(int(varies.sum()) + 1)
    columns = [*names] * (len(GROUPS) + 1) + [""] * len(GROUPS)
    bounds = [_bounds(name) for name, kept in zip(columns, varies, strict=True) if kept] + [(None, None)]
    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": 250}).x
    weights = np.zeros(facts.shape[1])
    weights[varies] = found[:-1] / spread[varies]
    return weights, float(found[-1] - (weights * mean).sum())


def _bounds(name: str) -> tuple[float | None, float | None]:
    return 0.0 if name in FOR else None, 0.0 if name in AGAINST else None


@dataclass(frozen=True)
class Chosen:
    """The likeliest element of a choice, by a model."""

    signs: dict[str, float]
    right: bool
    absent: bool


def choices_of(choices: Sequence[dict[str, Any]], names: Sequence[str], model: Model) -> list[Chosen]:
    """What a model makes of an app's choices."""
    table = Table(choices, names)
    found = table.facts @ model[0] + model[1]
    ends = np.searchsorted(table.of, np.arange(len(choices) + 1))
    chosen = []
    for one, start, end in zip(choices, ends, ends[1:], strict=False):
        if start == end:
            chosen.append(Chosen({}, False, one["absent"]))
            continue
        sums = found[start:end].tolist()
        best = int(np.argmax(sums))
        signs = weighing.signs(one["facts"], sums, one["action"], one["agreement"][best], one["same"][best])
        chosen.append(Chosen(signs, one["right"][best], one["absent"]))
    return chosen


Sureness = tuple[dict[str, float], float]


def fit_sureness(apps: Sequence[Sequence[Chosen]]) -> Sureness:
    """Weights and bias of how sure a choice is; every app counts the same."""
    made = [(one, PER_APP / len(app)) for app in apps for one in app if one.signs]
    names = sorted({name for one, _ in made for name in one.signs})
    signs = np.array([[one.signs.get(name, 0.0) for name in names] for one, _ in made])
    right = np.array([one.right for one, _ in made], float)
    weight = np.array([weight for _, weight in made])
    mean, spread = signs.mean(0), signs.std(0) + 1e-9
    scaled = (signs - mean) / spread

    def loss(parameters: Any) -> tuple[float, Any]:
        whole = scaled @ parameters[:-1] + parameters[-1]
        slope = weight * (expit(whole) - right)
        value = (weight * (np.logaddexp(0, whole) - right * whole)).sum()
        gradient = np.append(scaled.T @ slope + 2 * SURENESS_RIDGE * parameters[:-1], slope.sum())
        return float(value + SURENESS_RIDGE * (parameters[:-1] ** 2).sum()), gradient

    bounds = [_bounds(name) for name in names] + [(None, None)]
    start = np.zeros(len(names) + 1)
    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": 500}).x
    weights = found[:-1] / spread
    return dict(zip(names, weights.tolist(), strict=True)), float(found[-1] - weights @ mean)


def sure(model: Sureness, choice: Chosen) -> float:
    """How sure a choice is."""
    whole = model[1] + sum(model[0].get(name, 0.0) * value for name, value in choice.signs.items())
    return float(expit(whole)) if choice.signs else 0.0


def shares(choices: Sequence[tuple[float, Chosen]], least: float | None = None) -> tuple[float, float, float]:
    """The right, the wrong and the absent that are reported.

    Args:
        choices: How sure each is.
        least: Choices that are less sure are not made; without it, the lower threshold is
            in use too (`weigh` doubts some choices further).
    """
    there = [(_is_made(likely, one, least), one.right) for likely, one in choices if not one.absent]
    absent = [_is_made(likely, one, least) and not one.right for likely, one in choices if one.absent]
    return (
        float(np.mean([made and right for made, right in there])),
        float(np.mean([made and not right for made, right in there])),
        1 - float(np.mean(absent)) if absent else 1.0,
    )


def _is_made(likely: float, choice: Chosen, least: float | None) -> bool:
    if least is not None:
        return likely >= least
    agreed = choice.signs.get("choice: clear") or choice.signs.get("choice: agreed")
    alone = agreed and choice.signs["choice: share"] >= ALONE
    return likely >= (AGREED if alone else THRESHOLD)


class Fits:
    """The linear models, each fitted on all apps but some."""

    def __init__(self, tables: dict[str, list[Table]], names: Sequence[str]) -> None:
        self._tables, self._names = tables, names
        self._known: dict[frozenset[str], Model] = {}

    def prepare(self, without: Sequence[frozenset[str]]) -> None:
        """Fits several at a time."""
        with ProcessPoolExecutor(initializer=_keep, initargs=(self._tables, self._names)) as pool:
            self._known.update(zip(without, pool.map(_fit_without, without), strict=True))

    def without(self, *apps: str) -> Model:
        """The one that is fitted on all apps but these."""
        return self._known[frozenset(apps)]


_kept: tuple[dict[str, list[Table]], Sequence[str]] = ({}, ())


def _keep(tables: dict[str, list[Table]], names: Sequence[str]) -> None:
    global _kept  # once for each process, which is cheaper than with every model
    _kept = (tables, names)


def _fit_without(apps: frozenset[str]) -> Model:
    tables, names = _kept
    return fit([one for app, ones in tables.items() if app not in apps for one in ones], names)


Stored = dict[str, list[dict[str, Any]]]


def report(sources: Sequence[Stored], fits: Fits, names: Sequence[str]) -> None:
    """What choices come to on each app when the weights are fitted on the others, at several thresholds.

    Args:
        sources: The choices, with all words known and with a part of them forgotten.
        fits: The linear models.
        names: What is told of elements.
    """
    apps = list(sources[0])
    models: dict[str, Sureness] = {}
    for app in apps:
        others = [(source, other) for source in sources for other in apps if other != app and other in source]
        models[app] = fit_sureness(
            [choices_of(source[other], names, fits.without(app, other)) for source, other in others]
        )
    for title, source in zip(("all words known", "words forgotten"), sources, strict=True):
        columns = ("best", *(f"from {one}" for one in THRESHOLDS), "lower where agreed")
        print(f"| {title}: app left out | {' | '.join(columns)} |", flush=True)
        everything: list[tuple[float, Chosen]] = []
        for app in source:
            made = [(sure(models[app], one), one) for one in choices_of(source[app], names, fits.without(app))]
            everything += made
            _print_shares(app, made)
        _print_shares("all", everything)


def _print_shares(app: str, made: Sequence[tuple[float, Chosen]]) -> None:
    best = np.mean([one.right for _, one in made if not one.absent])
    cells = [", ".join(f"{share:.1%}" for share in shares(made, least)) for least in (*THRESHOLDS, None)]
    print(f"| {app} | {best:.1%} | {' | '.join(cells)} |", flush=True)


async def collect_all(folder: Path, apps: Sequence[str]) -> None:
    """Keeps what can be told of every app's choices, a file each, and once more with words forgotten."""
    async with LocalBackend() as backend:
        for app in apps:
            for file in (folder / f"{app}.json", folder / "forgotten" / f"{app}.json"):
                if file.parent != folder:
                    forget(app)
                choices = await collect(backend, app)
                await asyncio.to_thread(file.write_text, json.dumps(choices), encoding="utf-8")
            _know(_ALL_PHRASES)
            print(app, flush=True)


def stored(folder: Path) -> dict[str, list[dict[str, Any]]]:
    """The choices that were kept, by app."""
    return {file.stem: json.loads(file.read_text(encoding="utf-8")) for file in sorted(folder.glob("*.json"))}


def fit_all(folder: Path, *, only_fit: bool = False) -> None:
    """Prints how weights carry over to an app that they were not fitted on, then fits them on all and keeps them."""
    plain, forgotten = stored(folder), stored(folder / "forgotten")
    names = sorted({name for one in plain.values() for choice in one for facts in choice["facts"] for name in facts})
    tables = {
        app: [Table(likeliest(one, every), names) for one, every in ((choices, 2), (forgotten.get(app, []), 3)) if one]
        for app, choices in plain.items()
    }
    fits, apps = Fits(tables, names), list(plain)
    pairs = [] if only_fit else [frozenset(pair) for pair in combinations(apps, 2)]
    fits.prepare([*(frozenset((app,)) for app in apps), *pairs, frozenset()])
    if not only_fit:
        report((plain, forgotten), fits, names)
    seen = [choices_of(source[app], names, fits.without(app)) for source in (plain, forgotten) for app in source]
    weights, bias = fits.without()
    MODEL.write_text(json.dumps(written(weights, bias, names, fit_sureness(seen)), indent=1) + "\n", encoding="utf-8")


def written(weights: Any, bias: float, names: Sequence[str], sureness: Sureness) -> dict[str, Any]:
    """The model as it is kept."""

    def part(start: int) -> dict[str, float]:
        own = zip(names, weights[start : start + len(names)], strict=True)
        return {name: round(float(weight), 4) for name, weight in own if abs(weight) > 5e-4}

    count = len(names)
    groups = {group: part(count * (number + 1)) for number, group in enumerate(GROUPS)}
    for number, group in enumerate(GROUPS):
        groups[group]["bias"] = round(float(weights[count * (len(GROUPS) + 1) + number]), 4)
    return {
        "about": ABOUT,
        "threshold": THRESHOLD,
        "agreed": AGREED,
        "alone": ALONE,
        "bias": round(bias, 4),
        "weights": part(0),
        "groups": groups,
        "sureness": {
            "bias": round(sureness[1], 4),
            "weights": {name: round(weight, 4) for name, weight in sureness[0].items() if abs(weight) > 5e-4},
        },
    }


if __name__ == "__main__":
    if len(sys.argv) < 3 or sys.argv[1] not in ("--collect", "--fit", "--only-fit"):
        raise SystemExit(__doc__)
    place = Path(sys.argv[2])
    if sys.argv[1] == "--collect":
        (place / "forgotten").mkdir(parents=True, exist_ok=True)
        wanted = sys.argv[3:] or transfer.tuned_on()
        asyncio.run(collect_all(place, wanted))
    else:
        fit_all(place, only_fit=sys.argv[1] == "--only-fit")

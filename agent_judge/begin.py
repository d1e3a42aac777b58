"""Begins a run, or goes on with one: under the settings that it was begun with, or not at all."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from agent_judge.drive import DRIVER_VERSION
from agent_judge.errors import BadInput
from agent_judge.launch.backends import backend_of, sandbox_of
from agent_judge.read.environment import load_environments
from agent_judge.read.suite import Suite
from agent_judge.schema import Judging, Run, Sandbox, digest_of
from agent_judge.store import RunFolder

_FREE = ("max_cost", "batch", "replay_responses")
"""Settings of judges that no verdict depends on: a resumed run may have others."""
_PROGRAMS = "programs in "
"""Before an environment's name: all that may change how its programs behave."""
_ANEW = "begin another run with a new --out"


@dataclass(frozen=True)
class Wishes:
    """What whoever starts a run asks for; what is not given is as usual, or as it was in a run that goes on."""

    judges: tuple[str, ...] = ()
    interaction: bool | None = None
    reuse: bool | None = None
    judging: Judging | None = None
    """Only the fields that were set count as asked for."""
    sandbox: str = ""


def begin(folder: RunFolder, suite: Suite, wishes: Wishes, *, resume: bool) -> Run:
    """What a run is: a new one, or the one that the folder holds.

    Raises:
        BadInput: The folder holds a run and ``resume`` is false, or its run was begun in another way.
    """
    if not folder.exists():
        return _new(folder, suite, wishes)
    if not resume:
        raise BadInput(f"{folder.path} holds a run already: continue it with --resume, or choose another --out")
    return _resumed(folder, suite, wishes)


_MODELS = {"driver": "the model that uses the programs", "chooser": "the model that chooses elements"}


def with_fingerprints(run: Run, fingerprints: Mapping[str, str], folder: RunFolder) -> Run:
    """Remembers what determined the judges' answers, and the driving model's.

    Raises:
        BadInput: One of them has changed since the run began.
    """
    for name, now in fingerprints.items():
        if run.fingerprints.get(name, now) != now:
            who = _MODELS.get(name, f"judge {name}")
            raise BadInput(
                f"{folder.path}: {who} is not what it was when this run began: its version, model, prompts, weights "
                f"or votes have changed; {_ANEW}"
            )
    return run.model_copy(update={"fingerprints": dict(fingerprints)})


def _new(folder: RunFolder, suite: Suite, wishes: Wishes) -> Run:
    judging = wishes.judging or Judging()
    if judging.weights is not None:
        judging = judging.model_copy(update={"weights": judging.weights.resolve()})
    sandbox = sandbox_of(wishes.sandbox or suite.sandbox)
    return Run(
        id=folder.path.resolve().name,
        suite=suite.name,
        suite_digest=suite.digest,
        description=suite.description,
        created=now(),
        tasks=suite.tasks,
        models=suite.models,
        judges=wishes.judges or suite.judges,
        baseline=suite.baseline,
        interaction=wishes.interaction is not False,
        reuse=wishes.reuse is not False,
        judging=judging,
        sandbox=sandbox,
        limits=_limits(suite),
        rounds=suite.rounds,
        seed=suite.seed,
        versions=_versions(sandbox, suite),
    )


def _resumed(folder: RunFolder, suite: Suite, wishes: Wishes) -> Run:
    run = folder.read_run()
    if run.suite_digest != suite.digest:
        raise BadInput(
            f"{folder.path} holds a run of another suite, or {suite.name} has changed since it began: {_ANEW}"
        )
    was, asked = _settings(run), _asked(wishes)
    for name, value in asked.items():
        if was[name] != value:
            raise BadInput(
                f"{folder.path}: this run was begun {_written(name, was[name])}, not {_written(name, value)}: "
                f"leave that option out to go on with it, or {_ANEW}"
            )
    _refuse_changed(folder.path, run, suite)
    given = wishes.judging or Judging()
    free = {name: getattr(given, name) for name in _FREE if name in given.model_fields_set}
    # Kept answers are replayed when that is asked for, not ever after.
    return run.model_copy(update={"judging": run.judging.model_copy(update={"replay_responses": False, **free})})


def _settings(run: Run) -> dict[str, Any]:
    """What a run was begun with, by the name of the option."""
    return {
        "judge": run.judges,
        "interaction": run.interaction,
        "fresh": not run.reuse,
        "sandbox": run.sandbox,
        **run.judging.model_dump(exclude=set(_FREE)),
    }


def _asked(wishes: Wishes) -> dict[str, Any]:
    asked: dict[str, Any] = {}
    if wishes.judges:
        asked["judge"] = wishes.judges
    if wishes.interaction is not None:
        asked["interaction"] = wishes.interaction
    if wishes.reuse is not None:
        asked["fresh"] = not wishes.reuse
    if wishes.sandbox:
        asked["sandbox"] = sandbox_of(wishes.sandbox)
    if wishes.judging is not None:
        asked |= wishes.judging.model_dump(exclude_unset=True, exclude=set(_FREE))
    if asked.get("weights") is not None:
        asked["weights"] = asked["weights"].resolve()
    return asked


def _written(name: str, value: Any) -> str:
    """A setting as the command line says it."""
    option = f"--{name.replace('_', '-')}"
    if name == "interaction":
        return f"with {option if value else '--no-interaction'}"
    if value is True:
        return f"with {option}"
    if not value:
        return f"without {option}"
    return "with " + " ".join(f"{option} {one}" for one in (value if isinstance(value, tuple) else (value,)))


def _refuse_changed(path: Path, run: Run, suite: Suite) -> None:
    """Refuses to mix what was found under different conditions in one run."""
    here = _versions(run.sandbox, suite)
    for name, then in run.versions.items():
        if then and here.get(name, then) != then:
            told = f"begun with {name} {then}, and this is {here[name]}"
            if name == "driver":
                told = "begun by an agent-judge that used programs in another way"
            elif name.startswith(_PROGRAMS):
                told = f"begun where {name.removeprefix(_PROGRAMS)} programs ran otherwise: tools or fonts have changed"
            raise BadInput(f"{path}: this run was {told}; {_ANEW}")
    for name, limits in _limits(suite).items():
        if run.limits.get(name, limits) != limits:
            raise BadInput(f"{path}: the limits of {name} programs have changed since this run began; {_ANEW}")


def _versions(sandbox: Sandbox, suite: Suite) -> dict[str, str]:
    backend = backend_of(sandbox)
    return {
        "agent-judge": version("agent-judge"),
        "driver": DRIVER_VERSION,
        "python": platform.python_version(),
        **{name: told for name, told in backend.versions("none").items() if told},
        **{f"{_PROGRAMS}{name}": digest_of(dict(backend.versions(name)))[:12] for name in _used(suite)},
    }


def _limits(suite: Suite) -> dict[str, dict[str, float]]:
    known = load_environments()
    return {name: suite.limits_for(known[name]).model_dump() for name in _used(suite)}


def _used(suite: Suite) -> list[str]:
    """The environments of a suite's programs."""
    used = {s.environment for by_model in suite.solutions.values() for s in by_model.values()}
    return sorted(used & load_environments().keys())


def now() -> str:
    """This moment: ISO 8601, UTC."""
    return datetime.now(UTC).isoformat(timespec="seconds")

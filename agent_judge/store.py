"""The run folder, and the evidence that runs share.

A run folder holds all that its report needs, so that it can be moved or archived.
Evidence is also kept once per machine, under a key that names everything that
determines it, and is hard-linked into the run folders that use it.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from pydantic import ValidationError

from agent_judge.errors import BadInput
from agent_judge.places import cache_folder
from agent_judge.schema import Battle, Cost, Decision, Evidence, Leaderboard, Model, Run, Verdict, digest_of

EVIDENCE_FILE = "evidence.json"


class EvidenceStore:
    """Evidence by key: a folder each, with ``evidence.json`` and the screenshots of one trajectory."""

    def __init__(self, root: Path, shared: Path | None) -> None:
        """Opens a store.

        Args:
            root: The run's own ``evidence`` folder.
            shared: Where this machine keeps evidence between runs; ``None`` shares nothing.
        """
        self.root = root
        self.shared = shared
        root.mkdir(parents=True, exist_ok=True)
        if shared is not None:
            shared.mkdir(parents=True, exist_ok=True)

    def get(self, key: str) -> Evidence | None:
        """Finds evidence in the run, else among the machine's, which then enters the run."""
        own = _read_evidence(self.root / key)
        if own is None and self.shared is not None and _read_evidence(self.shared / key) is not None:
            _replace_by_links(self.shared / key, self.root / key)
            own = _read_evidence(self.root / key)
        return own

    def workplace(self) -> Path:
        """A new empty folder in which evidence is gathered before :meth:`put`."""
        return Path(tempfile.mkdtemp(prefix=".gathering-", dir=self.root))

    def put(self, evidence: Evidence, workplace: Path, *, share: bool = True) -> Evidence:
        """Keeps evidence with the screenshots in its workplace; what is kept is complete or not there at all.

        Args:
            evidence: Its screenshots are file names within the workplace.
            workplace: From :meth:`workplace`; it is used up.
            share: Whether later runs may use it. Failures of our own side, and programs
                that run elsewhere and may change, must not be shared.

        Returns:
            The evidence with screenshots as paths within the store.
        """
        kept = _with_prefixed_screenshots(evidence)
        (workplace / EVIDENCE_FILE).write_text(kept.model_dump_json(), encoding="utf-8")
        _move_into_place(workplace, self.root / kept.key)
        if share and self.shared is not None and _read_evidence(self.shared / kept.key) is None:
            _replace_by_links(self.root / kept.key, self.shared / kept.key)
        return kept

    def forget_unfinished(self) -> None:
        """Removes what a killed run had begun to gather."""
        for folder in self.root.glob(".gathering-*"):
            shutil.rmtree(folder, ignore_errors=True)


class VerdictStore:
    """Verdicts by key: one file each."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def get(self, key: str) -> Verdict | None:
        """Finds a verdict."""
        try:
            return Verdict.model_validate_json((self.root / f"{key}.json").read_bytes())
        except (FileNotFoundError, ValidationError):
            return None  # never given, or by a version that wrote it otherwise: asked for anew

    def put(self, key: str, verdict: Verdict) -> None:
        """Keeps a verdict."""
        self.root.mkdir(parents=True, exist_ok=True)
        write_atomically(self.root / f"{key}.json", verdict.model_dump_json())


def shared_evidence() -> Path:
    """Where this machine keeps evidence between runs."""
    return cache_folder() / "evidence"


def joined(parts: Sequence[Evidence]) -> Evidence:
    """One solution's evidence under several scenarios, from its evidence under each.

    The launch and the probes are those of the first part that our own side did not fail in.
    """
    sound = [part for part in parts if not part.driver_error] or list(parts)
    blocked = {(request.url, request.kind): request for part in parts for request in part.blocked_requests}
    return sound[0].model_copy(
        update={
            "key": parts[0].key if len(parts) == 1 else digest_of([part.key for part in parts]),
            "trajectories": tuple(trajectory for part in parts for trajectory in part.trajectories),
            "blocked_requests": tuple(blocked.values()),
        }
    )


class RunFolder:
    """The files of one run; see section "Run folder" of the README."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.evidence = path / "evidence"
        self.verdicts = path / "verdicts"
        self.responses = path / "responses"
        self.payments = self.responses / "spent.jsonl"
        self.checkpoints = path / "checkpoints.sqlite"
        self.report = path / "report.html"
        self._run = path / "run.json"
        self._decisions = path / "verdicts.jsonl"
        self._battles = path / "battles.jsonl"
        self._leaderboard = path / "leaderboard.json"

    def exists(self) -> bool:
        """Whether a run was begun here."""
        return self._run.exists()

    @contextmanager
    def held(self) -> Iterator[None]:
        """Keeps other processes out of the folder for as long as it is worked in.

        Raises:
            BadInput: Another process works in it, or it cannot be made.
        """
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            opened = (self.path / ".lock").open("w")
        except OSError as error:
            raise BadInput(f"{self.path}: cannot be used as a run folder: {error.strerror}") from error
        with opened as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise BadInput(f"{self.path}: another agent-judge is at work in this run folder") from None
            yield

    def read_run(self) -> Run:
        """Reads ``run.json``.

        Raises:
            BadInput: There is none, or it is not one of ours.
        """
        try:
            return Run.model_validate_json(self._run.read_bytes())
        except FileNotFoundError:
            raise BadInput(f"{self.path}: not a run folder (it has no run.json)") from None
        except ValidationError as error:
            raise BadInput(f"{self._run}: not a run of this version: {error.errors()[0]['msg']}") from error

    def write_run(self, run: Run) -> None:
        """Writes ``run.json``."""
        self.path.mkdir(parents=True, exist_ok=True)
        write_atomically(self._run, run.model_dump_json(indent=1))

    def write_results(self, decisions: Sequence[Decision], battles: Sequence[Battle]) -> None:
        """Writes ``verdicts.jsonl`` and ``battles.jsonl``, whole: a killed run leaves no half line."""
        write_atomically(self._decisions, _lines(decisions))
        write_atomically(self._battles, "".join(battle.model_dump_json(exclude_none=True) + "\n" for battle in battles))

    def write_leaderboard(self, leaderboard: Leaderboard) -> None:
        """Writes ``leaderboard.json``."""
        write_atomically(self._leaderboard, leaderboard.model_dump_json(indent=1))

    def read_decisions(self) -> list[Decision]:
        """Reads ``verdicts.jsonl``; nothing when there is none yet."""
        if not self._decisions.exists():
            return []
        return [Decision.model_validate_json(line) for line in self._decisions.read_bytes().splitlines() if line]

    def read_payments(self) -> list[Cost]:
        """Reads what every request to a model cost; nothing when none was sent."""
        if not self.payments.exists():
            return []
        return [Cost.model_validate_json(line) for line in self.payments.read_bytes().splitlines() if line]

    def read_leaderboard(self) -> Leaderboard:
        """Reads ``leaderboard.json``."""
        return Leaderboard.model_validate_json(self._leaderboard.read_bytes())


def write_atomically(path: Path, text: str) -> None:
    """Writes a file that readers see whole, old or new, also after a crash."""
    handle, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    Path(name).chmod(0o644)
    Path(name).replace(path)


def _lines(models: Iterable[Model]) -> str:
    return "".join(model.model_dump_json() + "\n" for model in models)


def _read_evidence(folder: Path) -> Evidence | None:
    """Reads what a folder holds; nothing unless it is whole."""
    try:
        found = Evidence.model_validate_json((folder / EVIDENCE_FILE).read_bytes())
    except (OSError, ValidationError):
        return None  # never gathered, damaged, or by a version that wrote it otherwise: gathered anew
    pictures = [seen.screenshot for trajectory in found.trajectories for seen in trajectory.observations]
    return found if all((folder.parent / picture).is_file() for picture in pictures if picture) else None


def _with_prefixed_screenshots(evidence: Evidence) -> Evidence:
    trajectories = tuple(
        trajectory.model_copy(
            update={
                "observations": tuple(
                    seen.model_copy(update={"screenshot": f"{evidence.key}/{seen.screenshot}"})
                    if seen.screenshot
                    else seen
                    for seen in trajectory.observations
                )
            }
        )
        for trajectory in evidence.trajectories
    )
    return evidence.model_copy(update={"trajectories": trajectories})


def _move_into_place(folder: Path, place: Path) -> None:
    """Renames a finished folder; one that is there already was gathered from the same inputs, and is replaced."""
    if place.exists():
        shutil.rmtree(place)
    folder.chmod(0o755)
    folder.rename(place)


def _replace_by_links(source: Path, place: Path) -> None:
    """Copies a folder by hard links where the file system can, else by content; what stood there was of no use."""
    unfinished = Path(tempfile.mkdtemp(prefix=".gathering-", dir=place.parent))
    for file in source.iterdir():
        try:
            os.link(file, unfinished / file.name)
        except OSError:
            shutil.copy2(file, unfinished / file.name)
    unfinished.chmod(0o755)
    shutil.rmtree(place, ignore_errors=True)
    try:
        unfinished.rename(place)
    except OSError:
        shutil.rmtree(unfinished)  # another run was faster

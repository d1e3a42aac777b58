"""Judges by the names that ``--judge`` takes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from langgraph.checkpoint.base import BaseCheckpointSaver

from agent_judge.drive.agent import Mind
from agent_judge.errors import BadInput
from agent_judge.judge.asker import Asker, Effort, Estimate, Purchase, Transport, purchase
from agent_judge.judge.evidence import EvidenceJudge
from agent_judge.judge.model_judge import ModelJudge, Sight
from agent_judge.judge.panel import PanelJudge
from agent_judge.judge.panel_file import find_panel, load_panel_file, load_reliability
from agent_judge.judge.prompt import Prompt, load_role
from agent_judge.judge.votes import load_votes
from agent_judge.judge.weights import load_weights
from agent_judge.protocols import Judge
from agent_judge.schema import Evidence, Task

CLAUDE = "claude-sonnet-5-5"
"""The model of ``--judge claude``."""
KNOWN = ("evidence", "claude", "claude:MODEL", "openai:MODEL[@URL]", "votes:FILE", "panel:NAME|FILE")


@dataclass(frozen=True)
class JudgeSettings:
    """What judges need beyond their name; a run makes one of these for all its judges."""

    weights: Path | None = None
    """Weights of the evidence judge, instead of the embedded ones."""
    sight: Sight = field(default_factory=Sight)
    """What model judges see."""
    shared: Purchase = field(default_factory=purchase)
    """Their records, budget and pace."""
    effort: Effort | None = None
    """How hard Claude thinks; the model's own default if not given."""
    batch: Path | None = None
    """Sends Claude's requests in batches, and keeps in this folder what was sent."""
    checkpointer: BaseCheckpointSaver[str] | None = None
    """Keeps what panels have said, so that interrupted ones go on."""
    many: bool = True
    """Whether a solution is in more than one battle, so that caching its part pays."""


def load_judge(name: str, settings: JudgeSettings | None = None) -> Judge:
    """Makes the judge of a name.

    Args:
        name: One of :data:`KNOWN`.
        settings: What it needs beyond its name.

    Raises:
        BadInput: There is no judge of this name, or its settings cannot be used.
        MissingRequirement: It needs a key, and there is none.
    """
    return _make(name, settings or JudgeSettings(), None, ())


def estimate(judge: Judge, task: Task, a: Evidence, b: Evidence) -> Estimate:
    """What a judge would send and cost to decide, without sending anything; nothing for judges that ask no model."""
    if isinstance(judge, (ModelJudge, PanelJudge)):
        return judge.estimate(task, a, b)
    return Estimate(0, 0, 0, 0.0, 0.0)


def load_mind(name: str, settings: JudgeSettings | None = None) -> Mind:
    """Makes a model that uses programs: ``claude`` or ``claude:MODEL``.

    Raises:
        BadInput: There is no such model.
        MissingRequirement: It needs a key, and there is none.
    """
    from agent_judge.judge.claude_mind import ClaudeMind
    from agent_judge.judge.messages import connect

    kind, _, model = name.partition(":")
    if kind != "claude" or name.endswith(":"):
        raise BadInput(f"unknown model {name!r}: known are claude, claude:MODEL")
    used = settings or JudgeSettings()
    used.shared.refuse_without_price(model or CLAUDE)
    # Evidence that is kept needs no key.
    return ClaudeMind(model or CLAUDE, connect(needs_key=not used.shared.replay), used.shared, used.effort)


def _make(name: str, settings: JudgeSettings, role: Prompt | None, above: tuple[Path, ...]) -> Judge:
    """Makes a judge, which can have a role and can sit on panels."""
    kind, _, rest = name.partition(":")
    if name == "evidence":
        return EvidenceJudge(load_weights(settings.weights))
    if kind in _MODEL_JUDGES and (rest or ":" not in name):
        transport = _MODEL_JUDGES[kind](rest, settings)
        settings.shared.refuse_without_price(transport.model)
        return ModelJudge(name, Asker(transport, settings.shared), settings.sight, role)
    if kind == "votes" and rest:
        return load_votes(Path(rest), name)
    if kind == "panel" and rest:
        return _panel(name, find_panel(rest), settings, above)
    raise BadInput(f"unknown judge {name!r}: known are {', '.join(KNOWN)}")


def _panel(name: str, file: Path, settings: JudgeSettings, above: tuple[Path, ...]) -> PanelJudge:
    if file in above:
        circle = " → ".join(path.stem for path in (*above[above.index(file) :], file))
        raise BadInput(f"{file}: a panel cannot sit on itself: {circle}")
    panel = load_panel_file(file)
    members = tuple(
        _make(_beside(member.judge, file), settings, load_role(member.role) if member.role else None, (*above, file))
        for member in panel.members
    )
    reliability = load_reliability(file.parent / panel.learnt) if panel.aggregate == "reliability" else {}
    unknown = [name for name in panel.names if name not in reliability] if panel.aggregate == "reliability" else []
    if unknown:
        raise BadInput(f"{file}: {panel.learnt} says nothing of {unknown[0]!r}: it tells of {', '.join(reliability)}")
    return PanelJudge(name, panel, members, reliability, settings.checkpointer)


def _beside(judge: str, file: Path) -> str:
    """Takes the file that a member names as relative to the panel's own."""
    kind, _, rest = judge.partition(":")
    beside = file.parent / rest
    return f"{kind}:{beside}" if kind in ("panel", "votes") and rest and beside.is_file() else judge


def _claude(model: str, settings: JudgeSettings) -> Transport:
    # The SDK takes a second to import, which no other judge should wait for.
    from agent_judge.judge.batches import BatchTransport
    from agent_judge.judge.messages import MessagesTransport, connect

    # Kept answers need no key.
    client = connect(needs_key=not settings.shared.replay)
    if settings.batch is not None:
        return BatchTransport(model or CLAUDE, client, settings.batch, settings.effort)
    return MessagesTransport(model or CLAUDE, client, settings.effort, cache_first=settings.many)


def _openai(model: str, settings: JudgeSettings) -> Transport:
    from agent_judge.judge.chat import connect_chat

    return connect_chat(model, needs_key=not settings.shared.replay)


_MODEL_JUDGES: dict[str, Callable[[str, JudgeSettings], Transport]] = {"claude": _claude, "openai": _openai}

"""Many raw sessions of one task become few clean scenarios, ranked by how many people did the same.

Sessions are split where people paused or loaded the page anew, freed of noise, and compared by what was done
to what kind of element; what was typed may differ. A scenario that is part of a longer one which as many people
did is left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pydantic import Field

from agent_judge.read.formats.imported import Imported, Moment, id_of
from agent_judge.schema import Model, Scenario, Step, Target

_STILL_ROLES = {"", "heading", "paragraph", "main", "list", "listitem", "article", "img", "document", "generic"}
"""Roles of elements that a click does nothing to, unless the page changed."""

Signature = tuple[tuple[str, ...], ...]


class MineConfig(Model):
    """How sessions become scenarios."""

    idle_seconds: float = Field(30, gt=0)
    """A pause of this length ends a session."""
    least_steps: int = Field(2, ge=1)
    """Shorter scenarios are left out."""
    least_people: int = Field(1, ge=1)
    """Scenarios that fewer people did are left out."""
    most: int = Field(20, ge=1)
    """How many scenarios are kept."""
    least_scroll: float = Field(100, ge=0)
    """Scrolling less than this is jitter, in CSS pixels."""


@dataclass(frozen=True)
class Mined:
    """A scenario that people did, and who."""

    scenario: Scenario
    people: tuple[int, ...]
    """Indexes of the sessions in which it was done."""


def mine(sessions: Sequence[Imported], task: str = "", config: MineConfig | None = None) -> list[Mined]:
    """Finds the scenarios in raw sessions of one task, the most common first.

    Args:
        sessions: Imported recordings, one a person.
        task: The task that they were recorded on.
        config: How to split, clean and choose.
    """
    config = config or MineConfig()
    parts = [
        (person, steps, session.scenario)
        for person, session in enumerate(sessions)
        for steps in _parts(session, config)
        if len(steps) >= config.least_steps
    ]
    signatures = [signature_of(steps) for _, steps, _ in parts]
    supporters = {
        candidate: tuple(sorted({parts[i][0] for i, other in enumerate(signatures) if _contains(other, candidate)}))
        for candidate in signatures
    }
    chosen = [one for one in supporters if not _is_covered(one, supporters)]
    ranked = sorted(chosen, key=lambda one: (-len(supporters[one]), -len(one), signatures.index(one)))
    found: list[Mined] = []
    for signature in ranked[: config.most]:
        if len(supporters[signature]) >= config.least_people:
            _, steps, source = parts[signatures.index(signature)]
            found.append(Mined(_scenario(steps, source, task, len(found) + 1), supporters[signature]))
    return found


def signature_of(steps: Sequence[Step]) -> Signature:
    """What steps do, whatever was typed: two people who add different items do the same."""
    typed: dict[str, str] = {}
    signature = []
    for step in steps:
        if step.do in ("fill", "type") and isinstance(step.value, str):
            typed.setdefault(_plain(step.value), f"${len(typed) + 1}")
        chosen = _plain(" ".join(step.value) if isinstance(step.value, tuple) else step.value or "")
        done = "fill" if step.do == "type" else step.do
        signature.append((done, *_place(step.target, typed), typed.get(chosen, chosen), step.key or "", step.url or ""))
    return tuple(signature)


def _place(target: Target | None, typed: dict[str, str]) -> tuple[str, str, str]:
    """An element's kind, name and row, with what was typed earlier replaced by its number."""
    if target is None:
        return "", "", ""
    name = _plain(target.name or target.label or target.placeholder or target.text or target.test_id or target.title)
    if not name and target.selectors:
        name = target.selectors[0]
    return target.role, _numbered(name, typed), _numbered(_plain(target.near), typed)


def _numbered(text: str, typed: dict[str, str]) -> str:
    for value, number in typed.items():
        if value:
            text = re.sub(rf"(?<!\w){re.escape(value)}(?!\w)", number, text)
    return text


def _plain(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip().lower()


def _parts(session: Imported, config: MineConfig) -> Iterator[list[Step]]:
    """Splits a session at pauses and fresh loads, and drops its noise."""
    steps, moments = session.scenario.steps, session.moments
    part: list[tuple[Step, Moment | None]] = []
    for index, step in enumerate(steps):
        moment = moments[index] if moments else None
        before = part[-1][1] if part else None
        paused = moment and before and moment.at - before.at >= config.idle_seconds
        if part and (paused or (moment and moment.fresh)):
            yield list(_without_noise(part, config))
            part = []
        part.append((step, moment))
    yield list(_without_noise(part, config))


def _without_noise(part: Sequence[tuple[Step, Moment | None]], config: MineConfig) -> Iterator[Step]:
    """Drops what led to nothing: clicks on still elements, small scrolling, resizing, pauses at the ends."""
    kept: list[Step] = []
    for step, moment in part:
        if step.do in ("click", "dblclick", "hover") and _is_still(step.target) and moment and not moment.effect:
            continue
        if step.do == "scroll" and step.by and abs(step.by[0]) + abs(step.by[1]) < config.least_scroll:
            continue
        if step.do == "resize" or (kept and step == kept[-1] and step.do in ("fill", "check", "uncheck", "select")):
            continue
        kept.append(step)
    while kept and kept[0].do in ("wait", "scroll", "hover"):
        kept.pop(0)
    while kept and kept[-1].do in ("wait", "scroll", "hover"):
        kept.pop()
    yield from kept


def _is_still(target: Target | None) -> bool:
    return target is not None and target.role in _STILL_ROLES and not target.test_id


def _contains(longer: Signature, shorter: Signature) -> bool:
    size = len(shorter)
    return any(longer[start : start + size] == shorter for start in range(len(longer) - size + 1))


def _is_covered(signature: Signature, supporters: dict[Signature, tuple[int, ...]]) -> bool:
    """Whether a longer scenario that as many people did holds this one."""
    return any(
        len(other) > len(signature) and len(people) >= len(supporters[signature]) and _contains(other, signature)
        for other, people in supporters.items()
    )


def _scenario(steps: Sequence[Step], source: Scenario, task: str, number: int) -> Scenario:
    title = ", ".join(dict.fromkeys(_words(step) for step in steps))
    title = title if len(title) <= 100 else f"{title[:97]}..."
    identity = f"{id_of(task) if task else 'mined'}-{number}"
    return Scenario(id=identity, title=title, task=task, viewport=source.viewport, steps=tuple(steps))


def _words(step: Step) -> str:
    target = step.target
    name = (target.name or target.label or target.placeholder or target.text or target.role) if target else ""
    return " ".join(word for word in (step.do, name or step.key or "") if word)

"""A panel as data: who sits on it, how they talk, and how their votes are counted."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Literal

import yaml
from pydantic import Field, ValidationError, model_validator

from agent_judge.errors import BadInput
from agent_judge.judge.prompt import roles
from agent_judge.schema import Model

_BUNDLED = Path(__file__).with_name("panels")

Protocol = Literal["vote", "critique", "check"]
Aggregation = Literal["majority", "weights", "reliability"]


class Member(Model):
    """One seat."""

    name: str = ""
    """What votes call it; made from role and judge if not given."""
    role: str = ""
    """What it looks for; only judges that ask a model have one."""
    judge: str
    """Name of any judge, another panel too."""
    weight: float = Field(1.0, gt=0)


class PanelFile(Model):
    """A panel, as its YAML file says."""

    protocol: Protocol = "vote"
    """``vote``: each decides alone. ``critique``: then each reads what the others found and votes again.
    ``check``: each member but the first verifies the findings of the one before it; the last one decides."""
    rounds: int = Field(1, ge=1, le=5)
    """How often votes are cast again after reading the others."""
    aggregate: Aggregation = "majority"
    """``reliability`` weighs each member by how often it agreed with the panel before, see ``learnt``."""
    learnt: str = ""
    """File with each member's reliability, relative to this one."""
    members: tuple[Member, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _sound(self) -> PanelFile:
        known = roles()
        for member in self.members:
            if member.role and member.role not in known:
                raise ValueError(f"unknown role {member.role!r}: known are {', '.join(known)}")
            if member.role and not member.judge.startswith(("claude", "openai:")):
                raise ValueError(f"{member.judge} cannot have a role: only claude and openai:... can")
        if self.protocol == "check" and len(self.members) < 2:
            raise ValueError("protocol check needs at least two members")
        if self.aggregate == "reliability" and not self.learnt:
            raise ValueError("aggregate reliability needs learnt: a file with each member's reliability")
        return self

    @property
    def names(self) -> tuple[str, ...]:
        """What votes call the members; each has its own."""
        names: list[str] = []
        for member in self.members:
            name = member.name or (f"{member.role} ({member.judge})" if member.role else member.judge)
            taken = sum(other == name or other.startswith(f"{name} #") for other in names)
            names.append(f"{name} #{taken + 1}" if taken else name)
        return tuple(names)


def find_panel(name: str) -> Path:
    """The file of a bundled panel's name, or of a path.

    Raises:
        BadInput: There is none.
    """
    bundled = _BUNDLED / f"{name}.yaml"
    if bundled.is_file() and "/" not in name:
        return bundled
    file = Path(name)
    if not file.is_file():
        known = ", ".join(sorted(path.stem for path in _BUNDLED.glob("*.yaml")))
        raise BadInput(f"panel:{name}: there is no such file, and the bundled panels are {known}")
    return file.resolve()


def load_panel_file(file: Path) -> PanelFile:
    """Reads a panel.

    Raises:
        BadInput: It is not YAML, or has a wrong key or value.
    """
    try:
        data = yaml.safe_load(file.read_text(encoding="utf-8"))
        return PanelFile.model_validate(data)
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{file}: cannot read the panel: {error}") from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f":{mark.line + 1}" if mark else ""
        raise BadInput(f"{file}{line}: not YAML: {getattr(error, 'problem', None) or error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise BadInput(
            f"{file}: {where + ': ' if where else ''}{first['msg'].removeprefix('Value error, ')}"
        ) from error


def load_reliability(file: Path) -> dict[str, float]:
    """Reads what :func:`~agent_judge.judge.counting.learn_reliability` has learnt.

    Raises:
        BadInput: The file is missing or does not map members to shares between 0 and 1.
    """
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
        return {str(name): _share(value) for name, value in found.items()}
    except (OSError, ValueError, AttributeError, TypeError) as error:
        raise BadInput(f"{file}: not a file of members' reliability: {error}") from error


def _share(value: object) -> float:
    if not isinstance(value, (int, float)) or not 0 <= value <= 1:
        raise ValueError(f"{value!r} is not between 0 and 1")
    return float(value)

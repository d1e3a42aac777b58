"""The faults of a solution that its console, exceptions and requests tell of."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from agent_judge.drive.complaints import Complaint, complaints, follows_from
from agent_judge.judge.sides import Seen
from agent_judge.schema import BlockedRequest


class Fault(NamedTuple):
    """One distinct complaint, and where it was first seen."""

    kind: Complaint
    text: str
    reference: str


def faults(seen: Iterable[Seen], blocked: Iterable[BlockedRequest] = ()) -> tuple[Fault, ...]:
    """Collects distinct exceptions, console errors and failed requests in the order of their first sight.

    What follows from requests that the sandbox refused is left out: it is a limit
    of the environment, not a fault of the solution. Of a refused script that is
    only what speaks of a name that the script would have defined.
    """
    refused = tuple(blocked)
    found: dict[tuple[Complaint, str], Fault] = {}
    for reference, observation in ((s.reference, s.observation) for s in seen):
        for kind, text in complaints(observation):
            if not follows_from(text, refused):
                found.setdefault((kind, text), Fault(kind, text, reference))
    return tuple(found.values())

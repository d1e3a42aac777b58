"""What the console, exceptions and requests say, without what only the closed network caused."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Literal, NamedTuple

from agent_judge.judge.sides import Seen
from agent_judge.schema import BlockedRequest

Kind = Literal["exception", "console", "request"]

_LOADING = re.compile(r"Failed to load resource|net::ERR_|ERR_BLOCKED|WebSocket connection to", re.IGNORECASE)
_NOT_LOADED = re.compile(r"is not defined|Cannot find module|Failed to resolve module specifier", re.IGNORECASE)
_NOT_FETCHED = re.compile(r"Failed to fetch|NetworkError|Load failed|dynamically imported module", re.IGNORECASE)


class Fault(NamedTuple):
    """One distinct complaint, and where it was first seen."""

    kind: Kind
    text: str
    reference: str


def faults(seen: Iterable[Seen], blocked: Iterable[BlockedRequest] = ()) -> tuple[Fault, ...]:
    """Collects distinct exceptions, console errors and failed requests in the order of their first sight.

    What follows from requests that the sandbox refused is left out: it is a limit
    of the environment, not a fault of the solution.
    """
    refused = tuple(blocked)
    found: dict[tuple[Kind, str], Fault] = {}
    for reference, kind, text in _complaints(seen):
        if not _follows_from(text, refused):
            found.setdefault((kind, text), Fault(kind, text, reference))
    return tuple(found.values())


def _complaints(seen: Iterable[Seen]) -> Iterable[tuple[str, Kind, str]]:
    for reference, observation in ((s.reference, s.observation) for s in seen):
        for text in observation.errors:
            yield reference, "exception", text
        for message in observation.console:
            # The browser's own lines about requests repeat what failed_requests already hold.
            if message.level == "error" and not _LOADING.search(message.text):
                yield reference, "console", message.text
        for text in observation.failed_requests:
            yield reference, "request", text


def _follows_from(text: str, refused: tuple[BlockedRequest, ...]) -> bool:
    if any(request.url and request.url in text for request in refused):
        return True
    kinds = {request.kind for request in refused}
    if "script" in kinds and _NOT_LOADED.search(text):
        return True
    return bool(kinds - {"image", "font", "stylesheet", "media"}) and bool(_NOT_FETCHED.search(text))

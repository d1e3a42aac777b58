"""What the console, exceptions and requests say, without what only the closed network caused."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Literal, NamedTuple

from agent_judge.judge.libraries import Library, library_at
from agent_judge.judge.sides import Seen
from agent_judge.schema import BlockedRequest

Kind = Literal["exception", "console", "request"]

_LOADING = re.compile(r"Failed to load resource|net::ERR_|ERR_BLOCKED|WebSocket connection to", re.IGNORECASE)
_UNDEFINED = re.compile(r"(?<![\w$.])([\w$]+) is not defined|Can't find variable: ([\w$]+)")
_UNUSABLE = re.compile(r"(\S+) is not a (?:function|constructor)")
_MODULE = re.compile(
    r"""(?:Cannot find module|Failed to resolve module specifier|Could not resolve|Can't resolve)"""
    r"""\s+["'`]([^"'`]+)["'`]"""
)
_NOT_FETCHED = re.compile(r"Failed to fetch(?! dynamically)|NetworkError|Load failed|Network Error", re.IGNORECASE)
_NOT_IMPORTED = re.compile(r"dynamically imported module|importing a module script failed", re.IGNORECASE)
_ASKED_FOR_DATA = frozenset(("fetch", "xhr", "eventsource", "websocket", "ping", "other"))
_NOT_ALLOWED = re.compile(r"NotAllowedError|Requested device not found|Permission denied by (?:user|system)")
"""What a browser says where a person would have been asked: nobody is there to allow it."""
_IDENTIFIER = re.compile(r"[A-Za-z_$][\w$]*")


class Fault(NamedTuple):
    """One distinct complaint, and where it was first seen."""

    kind: Kind
    text: str
    reference: str


def faults(seen: Iterable[Seen], blocked: Iterable[BlockedRequest] = ()) -> tuple[Fault, ...]:
    """Collects distinct exceptions, console errors and failed requests in the order of their first sight.

    What follows from requests that the sandbox refused is left out: it is a limit
    of the environment, not a fault of the solution. Of a refused script that is
    only what speaks of a name that the script would have defined.
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
    if _NOT_ALLOWED.search(text):
        return True
    if any(request.url and request.url in text for request in refused):
        return True
    kinds = {request.kind for request in refused}
    if _NOT_FETCHED.search(text):
        return bool(kinds & _ASKED_FOR_DATA)
    if _NOT_IMPORTED.search(text):
        return "script" in kinds
    missing = [library_at(request.url) for request in refused if request.kind == "script"]
    return bool(missing) and _for_want_of(text, missing)


def _for_want_of(text: str, missing: list[Library]) -> bool:
    """Whether a complaint is about what one of these libraries would have brought, not about the solution's names."""
    if module := _MODULE.search(text):
        wanted = module[1].lower()
        return any(wanted == name or wanted.startswith(name + "/") for one in missing for name in one.packages)
    if undefined := _UNDEFINED.search(text):
        name = undefined[1] or undefined[2]
        return any(one.defines(name) for one in missing)
    if unusable := _UNUSABLE.search(text):
        return any(one.defines(name) for one in missing for name in _IDENTIFIER.findall(unusable[1]))
    return False

"""What the console, exceptions and requests of a page say, and what of it only the closed network caused."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Literal, Protocol

from agent_judge.drive.libraries import Library, library_at
from agent_judge.schema import BlockedRequest, ConsoleMessage

Complaint = Literal["exception", "console", "request"]

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


class Log(Protocol):
    """What a page said in a while."""

    @property
    def console(self) -> Sequence[ConsoleMessage]:
        """Console lines."""
        ...

    @property
    def errors(self) -> Sequence[str]:
        """Uncaught exceptions."""
        ...

    @property
    def failed_requests(self) -> Sequence[str]:
        """Requests to the page's own server that failed."""
        ...


def complaints(log: Log) -> Iterator[tuple[Complaint, str]]:
    """All that a page complains of."""
    for text in log.errors:
        yield "exception", text
    for message in log.console:
        # The browser's own lines about requests repeat what failed_requests already hold.
        if message.level == "error" and not _LOADING.search(message.text):
            yield "console", message.text
    for text in log.failed_requests:
        yield "request", text


def follows_from(text: str, refused: Sequence[BlockedRequest]) -> bool:
    """Whether a complaint follows from what the sandbox refuses: a limit of the environment, not a fault of the page.

    Of a refused script that is only what speaks of a name that the script would have defined.
    """
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

"""A local HTTP server that speaks the Messages API strictly and answers from a script."""

from __future__ import annotations

import json
import re
import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.judge.messages_rules import (
    Refusal,
    blocks_of,
    check_batch_request,
    check_headers,
    check_json_type,
    check_message_request,
    images_in,
    invalid,
)

KEY = "sk-ant-test-0123456789"
MAX_BODY = 32 * 1024 * 1024
CACHE_MINIMUM = 512


@dataclass(frozen=True)
class Say:
    """An answer in words."""

    text: str
    stop: str = "end_turn"
    explanation: str = ""
    tools: tuple[tuple[str, dict[str, Any]], ...] = ()
    thinking: str = ""


@dataclass(frozen=True)
class Fail:
    """An error, before anything was thought about."""

    status: int
    kind: str = "api_error"
    message: str = "something went wrong"
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Page:
    """A page, as a gateway in the way would send it."""

    status: int = 200


class Drop:
    """Closes the connection without an answer."""


@dataclass(frozen=True)
class Hang:
    """Does not answer for so long."""

    seconds: float


Answer = Say | Fail | Page | Drop | Hang
Script = Callable[[dict[str, Any]], Answer]


class MessagesServer:
    """Start with ``with``; then ``url`` is where it listens and ``script`` what it answers."""

    def __init__(self, script: Script, keys: tuple[str, ...] = (KEY,)) -> None:
        self.script = script
        self.keys = set(keys)
        self.received: list[dict[str, Any]] = []
        """Every valid message request, in order."""
        self.answered: list[str] = []
        """Text of every answer that was thought about, which is what is paid for."""
        self.refused: list[Refusal] = []
        """What was wrong with the others."""
        self.headers: list[dict[str, str]] = []
        self.batches: dict[str, dict[str, Any]] = {}
        self.gone: set[str] = set()
        """Batches whose results are no longer kept."""
        self.torn_downloads = 0
        """So many downloads of results break off in the middle."""
        self.torn_submissions = 0
        """So many batches are taken, and the connection breaks off before this is said."""
        self.page: Page | None = None
        """What every request for a batch is answered with instead."""
        self.polls_until_ended = 1
        self.limits: dict[str, str] = {}
        """Headers that tell the account's limits."""
        self.at_once = self.most_at_once = 0
        self.signatures: set[str] = set()
        self._cached: set[str] = set()
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self._server = _Listener(self)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> MessagesServer:
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def answer(self, body: dict[str, Any]) -> tuple[int, Mapping[str, str], dict[str, Any] | str] | None:
        """Status, headers and body for a valid request; ``None`` closes the connection."""
        with self._lock:
            self.received.append(body)
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            answer = self.script(body)
            if isinstance(answer, Hang):
                self._closing.wait(answer.seconds)
                return None
        finally:
            with self._lock:
                self.at_once -= 1
        if isinstance(answer, Drop):
            return None
        if isinstance(answer, Page):
            return answer.status, {"content-type": "text/html"}, "<html>Welcome to the gateway</html>"
        if isinstance(answer, Fail):
            return answer.status, answer.headers, error_body(answer.kind, answer.message)
        with self._lock:
            return 200, self.limits, self._message(body, answer)

    def create_batch(self, body: dict[str, Any]) -> dict[str, Any]:
        check_batch_request(body)
        with self._lock:
            name = f"msgbatch_{len(self.batches):04d}"
            now = datetime.now(UTC)
            self.batches[name] = {"requests": body["requests"], "created": now, "polls": 0, "results": {}}
        return self.batch(name, polled=False)

    def batch(self, name: str, polled: bool = True) -> dict[str, Any]:
        if name not in self.batches:
            raise Refusal(404, "not_found_error", f"batch {name}")
        batch = self.batches[name]
        with self._lock:
            batch["polls"] += polled
            ended = batch["polls"] >= self.polls_until_ended
        count = len(batch["requests"])
        return {
            "id": name,
            "type": "message_batch",
            "processing_status": "ended" if ended else "in_progress",
            "request_counts": {
                "processing": 0 if ended else count,
                "succeeded": count if ended else 0,
                "errored": 0,
                "canceled": 0,
                "expired": 0,
            },
            "created_at": batch["created"].isoformat(),
            "expires_at": (batch["created"] + timedelta(hours=24)).isoformat(),
            "ended_at": batch["created"].isoformat() if ended else None,
            "archived_at": batch["created"].isoformat() if name in self.gone else None,
            "cancel_initiated_at": None,
            "results_url": f"{self.url}/v1/messages/batches/{name}/results"
            if ended and name not in self.gone
            else None,
        }

    def results(self, name: str) -> str:
        batch = self.batches[name]
        for request in batch["requests"]:
            if request["custom_id"] not in batch["results"]:
                batch["results"][request["custom_id"]] = self._result(request["params"])
        lines = [{"custom_id": name, "result": result} for name, result in reversed(batch["results"].items())]
        return "".join(json.dumps(line) + "\n" for line in lines)

    def _result(self, params: dict[str, Any]) -> dict[str, Any]:
        try:
            check_message_request(params, self.signatures)
        except Refusal as refusal:
            return {"type": "errored", "error": error_body(refusal.kind, refusal.message)}
        self.received.append(params)
        answer = self.script(params)
        if isinstance(answer, Say):
            return {"type": "succeeded", "message": self._message(params, answer)}
        if isinstance(answer, Fail):
            return {"type": "errored", "error": error_body(answer.kind, answer.message)}
        return {"type": "expired"}

    def _message(self, body: dict[str, Any], answer: Say) -> dict[str, Any]:
        self.answered.append(answer.text)
        content: list[dict[str, Any]] = []
        number = len(self.answered)
        if answer.thinking:
            signature = f"sig-{number}"
            self.signatures.add(signature)
            content.append({"type": "thinking", "thinking": answer.thinking, "signature": signature})
        if answer.text:
            content.append({"type": "text", "text": answer.text})
        content += [
            {"type": "tool_use", "id": f"toolu_{number}_{i}", "name": name, "input": given}
            for i, (name, given) in enumerate(answer.tools)
        ]
        details = {"type": "refusal", "category": None, "explanation": answer.explanation or None}
        return {
            "id": f"msg_{number}",
            "type": "message",
            "role": "assistant",
            "model": body["model"],
            "content": content,
            "stop_reason": "tool_use" if answer.tools else answer.stop,
            "stop_sequence": None,
            "stop_details": details if answer.stop == "refusal" else None,
            "usage": self._usage(body, answer),
        }

    def _usage(self, body: dict[str, Any], answer: Say) -> dict[str, Any]:
        """Counts tokens: those of the longest known beginning are read, those up to the last mark written."""
        total = read = written = 0
        prefix = json.dumps(body.get("tools") or []) + body["model"]
        blocks = [*_system_blocks(body), *(b for m in body["messages"] for b in blocks_of(m))]
        if body.get("cache_control"):
            blocks[-1] = {**blocks[-1], "cache_control": body["cache_control"]}
        for block in blocks:
            total += _tokens(block)
            prefix += json.dumps({k: v for k, v in block.items() if k != "cache_control"}, sort_keys=True)
            read = total if prefix in self._cached else read
            if block.get("cache_control") and total >= CACHE_MINIMUM:
                written = total
                self._cached.add(prefix)
        return {
            "input_tokens": total - max(written, read),
            "cache_creation_input_tokens": max(0, written - read),
            "cache_read_input_tokens": read,
            "output_tokens": 1 + len(answer.text) // 3,
        }


class _Listener(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, messages: MessagesServer) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.messages = messages

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Does not mind clients that go away, as killed ones do."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


def error_body(kind: str, message: str, details: dict[str, Any] | None = None) -> dict[str, Any]:
    error = {"type": kind, "message": message, **({"details": details} if details else {})}
    return {"type": "error", "error": error, "request_id": "req_test"}


class _Handler(BaseHTTPRequestHandler):
    """One connection: checks what is asked, and sends what the script answers."""

    protocol_version = "HTTP/1.1"
    server: _Listener

    @property
    def messages(self) -> MessagesServer:
        return self.server.messages

    def do_POST(self) -> None:
        self._respond(self._post)

    def do_GET(self) -> None:
        self._respond(self._get)

    def _respond(self, act: Callable[[bytes], None]) -> None:
        length = int(self.headers.get("content-length") or 0)
        data = self.rfile.read(length)
        given = {name.lower(): value for name, value in self.headers.items()}
        self.messages.headers.append(given)
        try:
            check_headers(given, self.messages.keys)
            if self.messages.page and "batches" in self.path:
                self._send(self.messages.page.status, {"content-type": "text/html"}, "<html>Welcome</html>")
            else:
                act(data)
        except Refusal as refusal:
            self.messages.refused.append(refusal)
            self._send(refusal.status, {}, error_body(refusal.kind, refusal.message, refusal.details))

    def _post(self, data: bytes) -> None:
        if len(data) > MAX_BODY:
            raise Refusal(413, "request_too_large", "Request exceeds the maximum size")
        given = {name.lower(): value for name, value in self.headers.items()}
        check_json_type(given)
        try:
            body = json.loads(data)
        except ValueError:
            raise invalid("The request body is not valid JSON") from None
        if self.path == "/v1/messages":
            check_message_request(body, self.messages.signatures)
            answer = self.messages.answer(body)
            if answer is None:
                self.close_connection = True
                self.connection.close()
            else:
                self._send(*answer)
        elif self.path == "/v1/messages/batches":
            created = self.messages.create_batch(body)
            if self.messages.torn_submissions:
                self.messages.torn_submissions -= 1
                self.close_connection = True
                self.connection.close()
            else:
                self._send(200, {}, created)
        else:
            raise Refusal(404, "not_found_error", f"no such path: {self.path}")

    def _get(self, data: bytes) -> None:
        path = self.path.split("?")[0]
        if path == "/v1/messages/batches":
            found = [self.messages.batch(name, polled=False) for name in sorted(self.messages.batches, reverse=True)]
            first, last = (found[0]["id"], found[-1]["id"]) if found else (None, None)
            self._send(200, {}, {"data": found, "has_more": False, "first_id": first, "last_id": last})
        elif match := re.fullmatch(r"/v1/messages/batches/([^/]+)/results", path):
            self._send_results(self.messages.results(match[1]))
        elif match := re.fullmatch(r"/v1/messages/batches/([^/]+)", path):
            self._send(200, {}, self.messages.batch(match[1]))
        else:
            raise Refusal(404, "not_found_error", f"no such path: {path}")

    def _send_results(self, lines: str) -> None:
        self.send_response(200)
        self.send_header("content-type", "application/x-jsonl")
        self.send_header("content-length", str(len(lines.encode())))
        self.end_headers()
        if self.messages.torn_downloads:
            self.messages.torn_downloads -= 1
            self.wfile.write(lines.encode()[: len(lines) // 2])
            self.close_connection = True
            self.connection.close()
        else:
            self.wfile.write(lines.encode())

    def _send(self, status: int, headers: Mapping[str, str], body: dict[str, Any] | str) -> None:
        data = (body if isinstance(body, str) else json.dumps(body)).encode()
        self.send_response(status)
        for name, value in {"content-type": "application/json", "request-id": "req_test", **headers}.items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        with suppress(BrokenPipeError, ConnectionResetError):  # the client has given up
            self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:
        pass


def _system_blocks(body: Mapping[str, Any]) -> list[dict[str, Any]]:
    system = body.get("system") or []
    return [{"type": "text", "text": system}] if isinstance(system, str) else list(system)


def _tokens(block: Mapping[str, Any]) -> int:
    if block["type"] == "image":
        return 1500
    return 1 + len(json.dumps(block)) // 4


def text_of(body: dict[str, Any]) -> str:
    """All text of a request's messages."""
    return "\n".join(b["text"] for m in body["messages"] for b in blocks_of(m) if b["type"] == "text")


def image_count(body: dict[str, Any]) -> int:
    return sum(1 for _ in images_in(body["messages"]))

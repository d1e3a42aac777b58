"""A local HTTP server that speaks OpenAI's chat completions strictly and answers from a script."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from typing import Any

from PIL import Image

from tests.judge.messages_server import Say, Script
from tests.judge.voters import fair

Reply = tuple[int, dict[str, str], Any]
KEY = "sk-local-42"


class ChatServer:
    """Speaks chat completions strictly; ``script`` may answer instead."""

    def __init__(self, takes_schema: bool = True, voter: Script = fair) -> None:
        self.takes_schema = takes_schema
        self.voter = voter
        self.limit = "max_tokens"
        """How it calls the most tokens of an answer."""
        self.received: list[dict[str, Any]] = []
        self.keys: list[str | None] = []
        self.script: Callable[[dict[str, Any], int], Reply | None] = lambda body, number: None
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["content-length"])))
                outer.received.append(body)
                outer.keys.append(self.headers.get("authorization"))
                status, headers, answer = outer.script(body, len(outer.received)) or outer.answer(self.path, body)
                data = answer.encode() if isinstance(answer, str) else json.dumps(answer).encode()
                self.send_response(status)
                for name, value in {"content-length": str(len(data)), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, format: str, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/v1"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def answer(self, path: str, body: dict[str, Any]) -> Reply:
        if path != "/v1/chat/completions" or body["model"] != "local":
            return 404, {}, {"error": {"message": "The model does not exist"}}
        roles = [message["role"] for message in body["messages"]]
        if roles != ["system", "user"] or set(body) - {"model", self.limit, "messages", "response_format"}:
            if self.limit not in body:
                return 400, {}, {"error": {"message": f"Unsupported parameter, use '{self.limit}' instead."}}
            return 400, {}, {"error": {"message": "malformed"}}
        if not self.takes_schema and "response_format" in body:
            return 400, {}, {"error": {"message": "response_format json_schema is not supported"}}
        for block in body["messages"][1]["content"]:
            if block["type"] == "image_url":
                head, _, data = block["image_url"]["url"].partition(",")
                with Image.open(BytesIO(base64.b64decode(data))) as image:
                    assert head == f"data:image/{(image.format or '').lower()};base64"
        texts = [block for block in body["messages"][1]["content"] if block["type"] == "text"]
        said = self.voter({"messages": [{"role": "user", "content": texts}]})
        assert isinstance(said, Say)
        text = said.text if self.takes_schema else f"Let me think.\n\n```json\n{said.text}\n```\nThat is all."
        return 200, {}, spoken(text)


def spoken(text: str, finish: str = "stop", refusal: str | None = None) -> dict[str, Any]:
    usage = {"prompt_tokens": 1000, "completion_tokens": 50, "prompt_tokens_details": {"cached_tokens": 400}}
    message = {"role": "assistant", "content": text, "refusal": refusal}
    return {"choices": [{"index": 0, "message": message, "finish_reason": finish}], "usage": usage}

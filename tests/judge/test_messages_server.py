"""The strict server's own tests: it must refuse what the real API refuses."""

from __future__ import annotations

import base64
import copy
from io import BytesIO
from typing import Any

import anthropic
import httpx2
import pytest
from PIL import Image

from tests.judge.messages_server import KEY, MessagesServer, Say
from tests.judge.voters import always

HEADERS = {"authorization": f"Bearer {KEY}", "anthropic-version": "2026-10-21", "content-type": "application/json"}
SCHEMA = {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"], "additionalProperties": False}
TOOL = {"name": "click", "description": "d", "input_schema": {"type": "object", "properties": {}}}
USE = {"role": "assistant", "content": [{"type": "tool_use", "id": "t1", "name": "click", "input": {}}]}
RESULT = {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "t1", "content": "ok"}]}


def picture(size: tuple[int, int] = (10, 10), kind: str = "PNG", media_type: str = "image/png") -> dict[str, Any]:
    buffer = BytesIO()
    Image.new("RGB", size).save(buffer, kind)
    data = base64.b64encode(buffer.getvalue()).decode()
    return {"type": "image", "source": {"type": "base64", "media_type": media_type, "data": data}}


def body(**changes: Any) -> dict[str, Any]:
    base = {"model": "claude-sonnet-5-5", "max_tokens": 100, "messages": [{"role": "user", "content": "Hello"}]}
    return {name: value for name, value in {**base, **changes}.items() if value is not ...}


def saying(*blocks: Any, role: str = "user") -> dict[str, Any]:
    return body(messages=[{"role": role, "content": list(blocks)}])


def formatted(schema: Any) -> dict[str, Any]:
    return body(output_config={"format": {"type": "json_schema", "schema": schema}})


CLIENT = httpx2.Client(verify=False)


@pytest.fixture(scope="module")
def server() -> Any:
    with MessagesServer(always("Hello!")) as running:
        yield running


def post(server: MessagesServer, given: Any, path: str = "/v1/messages", **headers: str | None) -> httpx2.Response:
    sent = {name: value for name, value in {**HEADERS, **headers}.items() if value is not None}
    if isinstance(given, bytes):
        return CLIENT.post(server.url + path, content=given, headers=sent)
    return CLIENT.post(server.url + path, json=given, headers=sent)


VALID = {
    "plain": body(),
    "system, cached": body(system=[{"type": "text", "text": "Be kind", "cache_control": {"type": "ephemeral"}}]),
    "picture": saying(picture(), {"type": "text", "text": "What is it?"}),
    "structured": formatted(SCHEMA),
    "conversation": body(
        messages=[body()["messages"][0], {"role": "assistant", "content": "Hi"}, body()["messages"][0]]
    ),
    "tools": body(tools=[TOOL], messages=[body()["messages"][0], USE, RESULT]),
    "effort": body(output_config={"effort": "low"}),
    "adaptive": body(thinking={"type": "adaptive"}),
    "20 large pictures": saying(*[picture((2500, 10)) for _ in range(20)]),
}


@pytest.mark.parametrize("given", VALID.values(), ids=VALID)
def test_what_the_api_takes_is_answered(server: MessagesServer, given: dict[str, Any]) -> None:
    answer = post(server, given)
    assert answer.status_code == 200, answer.text
    assert answer.json()["content"] == [{"type": "text", "text": "Hello!"}]


WRONG: dict[str, tuple[Any, str]] = {
    "unknown field": (body(prompt="x"), "Extra inputs"),
    "temperature": (body(temperature=0), "removed"),
    "no model": (body(model=...), "model: Field required"),
    "no max_tokens": (body(max_tokens=...), "max_tokens: Field required"),
    "no messages": (body(messages=...), "messages: Field required"),
    "max_tokens 0": (body(max_tokens=0), "greater than or equal to 1"),
    "max_tokens text": (body(max_tokens="100"), "valid integer"),
    "max_tokens too many": (body(max_tokens=200_000), "maximum allowed"),
    "empty messages": (body(messages=[]), "at least one message"),
    "assistant first": (saying({"type": "text", "text": "x"}, role="assistant"), "first message"),
    "same role twice": (body(messages=[body()["messages"][0]] * 2), "alternate"),
    "prefill": (body(messages=[body()["messages"][0], {"role": "assistant", "content": "{"}]), "prefill"),
    "unknown role": (saying({"type": "text", "text": "x"}, role="tool"), "Unexpected role"),
    "empty text": (saying({"type": "text", "text": " "}), "non-empty"),
    "empty content": (saying(), "non-empty content"),
    "unknown block": (saying({"type": "video"}), "does not match any"),
    "extra key in text": (saying({"type": "text", "text": "x", "lang": "en"}), "Extra inputs"),
    "picture of the assistant": (
        body(messages=[body()["messages"][0], {"role": "assistant", "content": [picture()]}, body()["messages"][0]]),
        "does not match any",
    ),
    "media type": (saying(picture(media_type="image/bmp")), "media_type"),
    "wrong media type": (saying(picture(kind="JPEG")), "does not match the provided media type"),
    "not base64": (
        saying({"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "%%%"}}),
        "invalid base64",
    ),
    "not a picture": (
        saying({"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "aGVsbG8="}}),
        "Could not process image",
    ),
    "picture too wide": (saying(picture((8001, 1))), "8000 pixels"),
    "many pictures too wide": (saying(*[picture((2001, 1)) for _ in range(21)]), "2000 pixels"),
    "too many pictures": (saying(*[picture() for _ in range(101)]), "too many images"),
    "five cache marks": (
        saying(*[{"type": "text", "text": "x", "cache_control": {"type": "ephemeral"}} for _ in range(5)]),
        "maximum of 4 blocks",
    ),
    "cache mark": (saying({"type": "text", "text": "x", "cache_control": {"type": "forever"}}), "ephemeral"),
    "tool name": (body(tools=[{**TOOL, "name": "click it"}]), "pattern"),
    "same tool twice": (body(tools=[TOOL, TOOL]), "unique"),
    "tool without schema": (body(tools=[{"name": "click"}]), "input_schema"),
    "strict tool with open schema": (
        body(tools=[{**TOOL, "strict": True}]),
        "additionalProperties",
    ),
    "forced tool": (body(tools=[TOOL], tool_choice={"type": "any"}), "forced tool use"),
    "tool choice without tools": (body(tool_choice={"type": "auto"}), "while providing tools"),
    "use without result": (
        body(tools=[TOOL], messages=[body()["messages"][0], USE, body()["messages"][0]]),
        "without `tool_result`",
    ),
    "result without use": (body(tools=[TOOL], messages=[RESULT]), "unexpected `tool_use_id`"),
    "use of no tool": (body(messages=[body()["messages"][0], USE, RESULT]), "not among the tools"),
    "open schema": (formatted({"type": "object", "properties": {}}), "additionalProperties"),
    "bounds in schema": (
        formatted({**SCHEMA, "properties": {"a": {"type": "number", "maximum": 1}}}),
        "'maximum' is not supported",
    ),
    "required but not defined": (formatted({**SCHEMA, "required": ["b"]}), "not defined"),
    "dangling reference": (formatted({**SCHEMA, "properties": {"a": {"$ref": "#/$defs/X"}}}), "cannot be resolved"),
    "format kind": (body(output_config={"format": {"type": "json_object"}}), "json_schema"),
    "effort": (body(output_config={"effort": "huge"}), "effort"),
    "thinking off": (body(model="claude-opus-5-5", thinking={"type": "disabled"}), "not supported for this model"),
    "thinking budget": (body(thinking={"type": "enabled", "budget_tokens": 10}), "budget_tokens"),
    "system picture": (body(system=[picture()]), "does not match 'text'"),
    "forged thinking": (
        body(
            tools=[TOOL],
            messages=[
                body()["messages"][0],
                {
                    "role": "assistant",
                    "content": [{"type": "thinking", "thinking": "x", "signature": "?"}, *USE["content"]],
                },
                RESULT,
            ],
        ),
        "Invalid `signature`",
    ),
    "not an object": ([1], "must be an object"),
    "not JSON": (b"{", "not valid JSON"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_the_api_refuses_is_refused(server: MessagesServer, name: str) -> None:
    given, message = WRONG[name]
    answer = post(server, given)
    assert answer.status_code == 400, answer.text
    assert answer.json()["error"]["type"] == "invalid_request_error"
    assert message in answer.json()["error"]["message"]


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"authorization": None}, 401),
        ({"authorization": "Bearer wrong"}, 401),
        ({"anthropic-version": None}, 400),
        ({"anthropic-version": "2020-01-01"}, 400),
        ({"content-type": "text/plain"}, 400),
    ],
)
def test_headers_are_checked(server: MessagesServer, headers: dict[str, str | None], status: int) -> None:
    assert post(server, body(), "/v1/messages", **headers).status_code == status


def test_an_unknown_model_a_wrong_path_and_too_much_are_refused(server: MessagesServer) -> None:
    assert post(server, body(model="claude-9")).status_code == 404
    assert post(server, body(), path="/v1/complete").status_code == 404
    assert post(server, b" " * (32 * 1024 * 1024 + 1)).status_code == 413


@pytest.mark.parametrize(
    ("requests", "message"),
    [
        ([], "at least 1"),
        ([{"custom_id": "a"}], "params"),
        ([{"custom_id": "a b", "params": body()}], "pattern"),
        ([{"custom_id": "a", "params": body()}] * 2, "not unique"),
    ],
)
def test_wrong_batches_are_refused(server: MessagesServer, requests: list[Any], message: str) -> None:
    answer = post(server, {"requests": requests}, path="/v1/messages/batches")
    assert answer.status_code == 400
    assert message in answer.json()["error"]["message"]


def test_the_installed_sdk_is_understood() -> None:
    with MessagesServer(lambda _: Say("Hello!", thinking="hm")) as running:
        client = anthropic.Anthropic(api_key=KEY, base_url=running.url)
        message = client.messages.create(model="claude-sonnet-5-5", max_tokens=100, messages=body()["messages"])
        assert [block.type for block in message.content] == ["thinking", "text"]
        requests = copy.deepcopy([{"custom_id": "one", "params": body()}])
        batch = client.messages.batches.create(requests=requests)  # type: ignore[arg-type]  # plain dicts
        assert batch.processing_status == "in_progress"
        assert client.messages.batches.retrieve(batch.id).processing_status == "ended"
        results = list(client.messages.batches.results(batch.id))
        assert [(r.custom_id, r.result.type) for r in results] == [("one", "succeeded")]
        assert [b.id for b in client.messages.batches.list()] == [batch.id]

"""What the Messages API refuses, as its documentation and its own error messages say (version 2026-10-21).

Where the real API is lenient and a sender of ours would be wrong all the same
(two messages of the same role in a row), this is stricter.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

from PIL import Image, UnidentifiedImageError

VERSIONS = ("2023-06-01", "2026-10-21")
MODELS = {"claude-opus-5-5", "claude-sonnet-5-5", "claude-haiku-5-5", "claude-opus-5", "claude-sonnet-5"}
ALWAYS_THINK = {"claude-opus-5-5"}
NO_FORCED_TOOLS = {"claude-opus-5-5", "claude-sonnet-5-5"}
MAX_OUTPUT = 128_000
MAX_IMAGES = 100
MAX_IMAGE_BYTES = 5 * 1024 * 1024
MAX_SIDE, MAX_SIDE_MANY, MANY = 8000, 2000, 20
CACHE_MARKS = 4
FORMATS = {"image/jpeg": "JPEG", "image/png": "PNG", "image/gif": "GIF", "image/webp": "WEBP"}
FIELDS = {
    "model", "messages", "max_tokens", "system", "metadata", "stop_sequences", "stream", "thinking", "tool_choice",
    "tools", "output_config", "service_tier", "cache_control", "container", "inference_geo", "diagnostics", "speed",
}  # fmt: skip
REMOVED = {"temperature", "top_p", "top_k"}
EFFORTS = {"low", "medium", "high", "xhigh", "max"}
SCHEMA_WORDS = {
    "type", "properties", "required", "additionalProperties", "items", "enum", "const", "anyOf", "allOf", "$ref",
    "$defs", "description", "title", "format", "default",
}  # fmt: skip
_NAME = re.compile(r"[a-zA-Z0-9_-]{1,128}")


@dataclass
class Refusal(Exception):
    """What the API answers instead."""

    status: int
    kind: str
    message: str
    details: dict[str, Any] = field(default_factory=dict)


def invalid(message: str) -> Refusal:
    return Refusal(400, "invalid_request_error", message)


def check_headers(headers: Mapping[str, str], keys: set[str]) -> None:
    given = headers.get("x-api-key") or (headers.get("authorization") or "").removeprefix("Bearer ")
    if not given:
        raise Refusal(401, "authentication_error", "authorization: header is required")
    if given not in keys:
        raise Refusal(401, "authentication_error", "invalid x-api-key")
    version = headers.get("anthropic-version")
    if not version:
        raise invalid("anthropic-version: header is required")
    if version not in VERSIONS:
        raise invalid(f'anthropic-version: "{version}" is not a valid version')


def check_json_type(headers: Mapping[str, str]) -> None:
    if not (headers.get("content-type") or "").startswith("application/json"):
        raise invalid("content-type: must be application/json")


def check_message_request(body: Any, signatures: set[str] | None = None) -> None:
    """Raises what the API would answer to a request that it refuses."""
    if not isinstance(body, dict):
        raise invalid("request body must be an object")
    for name in body:
        if name in REMOVED:
            raise invalid(f"{name}: removed in API version 2026-10-21")
        if name not in FIELDS:
            raise invalid(f"{name}: Extra inputs are not permitted")
    for name in ("model", "max_tokens", "messages"):
        if name not in body:
            raise invalid(f"{name}: Field required")
    if body["model"] not in MODELS:
        raise Refusal(404, "not_found_error", f"model: {body['model']}")
    _max_tokens(body["max_tokens"])
    if body.get("stream"):
        raise invalid("stream: this server does not stream")
    tools = _tools(body.get("tools"))
    _tool_choice(body, tools)
    _thinking(body)
    _output_config(body.get("output_config"))
    _system(body.get("system"))
    _messages(body["messages"], tools, signatures)
    _images(body["messages"])
    _cache_marks(body)


def check_batch_request(body: Any) -> None:
    if not isinstance(body, dict) or set(body) - {"requests"}:
        raise invalid("batch: only requests is permitted")
    requests = body.get("requests")
    if not isinstance(requests, list) or not requests:
        raise invalid("requests: List should have at least 1 item")
    if len(requests) > 100_000:
        raise invalid("requests: List should have at most 100000 items")
    seen: set[str] = set()
    for number, request in enumerate(requests):
        if not isinstance(request, dict) or set(request) != {"custom_id", "params"}:
            raise invalid(f"requests.{number}: custom_id and params are required, and nothing else")
        name = request["custom_id"]
        if not isinstance(name, str) or not re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", name):
            raise invalid(f"requests.{number}.custom_id: String should match pattern '^[a-zA-Z0-9_-]{{1,64}}$'")
        if name in seen:
            raise invalid(f"requests.{number}.custom_id: {name} is not unique")
        seen.add(name)


def blocks_of(message: Mapping[str, Any]) -> list[dict[str, Any]]:
    content = message["content"]
    return [{"type": "text", "text": content}] if isinstance(content, str) else content


def images_in(messages: list[Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for m, message in enumerate(messages):
        for c, block in enumerate(blocks_of(message)):
            if block["type"] == "image":
                yield f"messages.{m}.content.{c}", block
            if block["type"] == "tool_result" and isinstance(block.get("content"), list):
                for i, inner in enumerate(block["content"]):
                    if inner.get("type") == "image":
                        yield f"messages.{m}.content.{c}.content.{i}", inner


def _max_tokens(value: Any) -> None:
    if not isinstance(value, int) or isinstance(value, bool):
        raise invalid("max_tokens: Input should be a valid integer")
    if value < 1:
        raise invalid("max_tokens: must be greater than or equal to 1")
    if value > MAX_OUTPUT:
        raise invalid(f"max_tokens: {value} > {MAX_OUTPUT}, which is the maximum allowed number of output tokens")


def _tools(tools: Any) -> set[str]:
    if tools is None:
        return set()
    if not isinstance(tools, list):
        raise invalid("tools: Input should be a valid list")
    names: set[str] = set()
    for number, tool in enumerate(tools):
        where = f"tools.{number}"
        if not isinstance(tool, dict) or set(tool) - {
            "name",
            "description",
            "input_schema",
            "strict",
            "type",
            "cache_control",
        }:
            raise invalid(f"{where}: Extra inputs are not permitted")
        if not _NAME.fullmatch(str(tool.get("name", ""))):
            raise invalid(f"{where}.custom.name: String should match pattern '^[a-zA-Z0-9_-]{{1,128}}$'")
        if tool["name"] in names:
            raise invalid("tools: Tool names must be unique.")
        names.add(tool["name"])
        schema = tool.get("input_schema")
        if not isinstance(schema, dict) or schema.get("type") != "object":
            raise invalid(f"{where}.custom.input_schema.type: Field required")
        if tool.get("strict"):
            _schema(schema, f"{where}.custom.input_schema", schema.get("$defs", {}))
    return names


def _tool_choice(body: Mapping[str, Any], tools: set[str]) -> None:
    choice = body.get("tool_choice")
    if choice is None:
        return
    if not tools:
        raise invalid("tool_choice may only be specified while providing tools")
    kind = choice.get("type") if isinstance(choice, dict) else None
    if kind not in ("auto", "any", "tool", "none"):
        raise invalid("tool_choice: Input tag does not match any of the expected tags")
    if kind in ("any", "tool") and body["model"] in NO_FORCED_TOOLS:
        raise invalid("tool_choice: forced tool use is not supported for this model")
    if kind == "tool" and choice.get("name") not in tools:
        raise invalid(f"tool_choice: Tool '{choice.get('name')}' not found in provided tools")


def _thinking(body: Mapping[str, Any]) -> None:
    thinking = body.get("thinking")
    if thinking is None:
        return
    kind = thinking.get("type") if isinstance(thinking, dict) else None
    if kind not in ("adaptive", "disabled", "enabled", "between_tools"):
        raise invalid("thinking: Input tag does not match any of the expected tags")
    if kind in ("enabled", "disabled") and body["model"] in ALWAYS_THINK:
        raise invalid(f'"thinking.type.{kind}" is not supported for this model.')
    if kind == "enabled" and not 1024 <= thinking.get("budget_tokens", 0) < body["max_tokens"]:
        raise invalid("thinking.enabled.budget_tokens: must be at least 1024 and less than max_tokens")


def _output_config(config: Any) -> None:
    if config is None:
        return
    if not isinstance(config, dict) or set(config) - {"format", "effort"}:
        raise invalid("output_config: Extra inputs are not permitted")
    if config.get("effort") is not None and config["effort"] not in EFFORTS:
        raise invalid("output_config.effort: Input should be 'low', 'medium', 'high', 'xhigh' or 'max'")
    form = config.get("format")
    if form is None:
        return
    if form.get("type") != "json_schema" or not isinstance(form.get("schema"), dict):
        raise invalid("output_config.format: Input should be a json_schema with a schema")
    _schema(form["schema"], "output_config.format.schema", form["schema"].get("$defs", {}))


def _schema(schema: Any, where: str, definitions: Mapping[str, Any]) -> None:
    if not isinstance(schema, dict):
        raise invalid(f"{where}: a schema must be an object")
    for word in schema:
        if word not in SCHEMA_WORDS:
            raise invalid(f"{where}: For '{schema.get('type')}' type, property '{word}' is not supported")
    if schema.get("type") == "object" and schema.get("additionalProperties") is not False:
        raise invalid(f"{where}: For 'object' type, 'additionalProperties' must be explicitly set to false")
    for missing in set(schema.get("required", [])) - set(schema.get("properties", {})):
        raise invalid(f"{where}: required property '{missing}' is not defined")
    reference = schema.get("$ref")
    if reference is not None and reference.removeprefix("#/$defs/") not in definitions:
        raise invalid(f"{where}: $ref {reference} cannot be resolved")
    inner = [*schema.get("properties", {}).items(), *schema.get("$defs", {}).items()]
    inner += [("items", schema["items"])] if "items" in schema else []
    inner += [(str(i), part) for word in ("anyOf", "allOf") for i, part in enumerate(schema.get(word, []))]
    for name, part in inner:
        _schema(part, f"{where}.{name}", definitions)


def _system(system: Any) -> None:
    if system is None or isinstance(system, str):
        return
    if not isinstance(system, list):
        raise invalid("system: Input should be a valid list")
    for number, block in enumerate(system):
        if not isinstance(block, dict) or block.get("type") != "text":
            raise invalid(f"system.{number}: Input tag does not match 'text'")
        _text(block, f"system.{number}")


def _messages(messages: Any, tools: set[str], signatures: set[str] | None) -> None:
    if not isinstance(messages, list) or not messages:
        raise invalid("messages: at least one message is required")
    before: dict[str, Any] | None = None
    for number, message in enumerate(messages):
        where = f"messages.{number}"
        if not isinstance(message, dict) or set(message) != {"role", "content"}:
            raise invalid(f"{where}: role and content are required, and nothing else")
        if message["role"] not in ("user", "assistant"):
            raise invalid(f'{where}: Unexpected role "{message["role"]}"')
        if number == 0 and message["role"] != "user":
            raise invalid('messages: first message must use the "user" role')
        if before is not None and before["role"] == message["role"]:
            raise invalid(f'messages: roles must alternate between "user" and "assistant", but found two at {where}')
        _content(message, where, signatures)
        _tool_results(before, message, where)
        before = message
    if before is not None and before["role"] == "assistant":
        raise invalid("This model does not support assistant message prefill.")
    for number, message in enumerate(messages):
        for c, block in enumerate(blocks_of(message)):
            if block["type"] == "tool_use" and block["name"] not in tools:
                raise invalid(f"messages.{number}.content.{c}: tool {block['name']} is not among the tools")


def _content(message: Mapping[str, Any], where: str, signatures: set[str] | None) -> None:
    content = message["content"]
    if isinstance(content, str):
        if not content.strip():
            raise invalid(f"{where}: text content blocks must be non-empty")
        return
    if not isinstance(content, list) or not content:
        raise invalid(f"{where}: all messages must have non-empty content")
    allowed = (
        ("text", "image", "tool_result", "document") if message["role"] == "user" else ("text", "tool_use", "thinking")
    )
    for number, block in enumerate(content):
        place = f"{where}.content.{number}"
        kind = block.get("type") if isinstance(block, dict) else None
        if kind not in allowed:
            raise invalid(f"{place}: Input tag '{kind}' found using 'type' does not match any of the expected tags")
        if kind == "text":
            _text(block, place)
        if kind == "thinking" and signatures is not None and block.get("signature") not in signatures:
            raise invalid(f"{place}: Invalid `signature` in `thinking` block")


def _text(block: Mapping[str, Any], where: str) -> None:
    if set(block) - {"type", "text", "cache_control", "citations"}:
        raise invalid(f"{where}.text: Extra inputs are not permitted")
    if not isinstance(block.get("text"), str) or not block["text"].strip():
        raise invalid(f"{where}: text content blocks must be non-empty")
    if block.get("citations"):
        raise invalid(f"{where}.citations: not permitted")


def _tool_results(before: Mapping[str, Any] | None, message: Mapping[str, Any], where: str) -> None:
    asked = {b["id"] for b in blocks_of(before) if b["type"] == "tool_use"} if before else set()
    given = [b["tool_use_id"] for b in blocks_of(message) if b["type"] == "tool_result"]
    for name in given:
        if name not in asked:
            raise invalid(f"{where}: unexpected `tool_use_id` found in `tool_result` blocks: {name}")
    if message["role"] == "user" and asked - set(given):
        raise invalid(
            f"{where}: `tool_use` ids were found without `tool_result` blocks immediately after: {asked - set(given)}"
        )
    kinds = [b["type"] for b in blocks_of(message)]
    if "tool_result" in kinds and "tool_result" in kinds[len(given) :]:
        raise invalid(f"{where}: `tool_result` blocks must come first")


def _images(messages: list[Any]) -> None:
    images = list(images_in(messages))
    if len(images) > MAX_IMAGES:
        raise invalid(f"messages: too many images: {len(images)} > {MAX_IMAGES}")
    most = MAX_SIDE_MANY if len(images) > MANY else MAX_SIDE
    for where, block in images:
        _image(where, block, most)


def _image(where: str, block: Mapping[str, Any], most: int) -> None:
    source = block.get("source", {})
    if set(source) != {"type", "media_type", "data"} or source["type"] != "base64":
        raise invalid(f"{where}.image.source: Field required")
    if source["media_type"] not in FORMATS:
        raise invalid(f"{where}.image.source.base64.media_type: Input should be 'image/jpeg', 'image/png', ...")
    try:
        data = base64.b64decode(source["data"], validate=True)
    except (binascii.Error, ValueError, TypeError):
        raise invalid(f"{where}.image.source.base64.data: invalid base64 data") from None
    if len(data) > MAX_IMAGE_BYTES:
        raise invalid(f"{where}.image.source.base64: image exceeds 5 MB maximum: {len(data)} bytes > {MAX_IMAGE_BYTES}")
    try:
        with Image.open(BytesIO(data)) as image:
            kind, size = image.format, image.size
            image.verify()
    except (UnidentifiedImageError, OSError, SyntaxError):
        raise invalid(f"{where}.image.source.base64.data: Could not process image") from None
    if kind != FORMATS[source["media_type"]]:
        raise invalid(f"{where}: Image does not match the provided media type {source['media_type']}")
    if max(size) > most:
        raise Refusal(
            400,
            "invalid_request_error",
            f"{where}: At least one of the image dimensions exceed max allowed size: {most} pixels",
            {"error_code": "image_dimensions_too_large", "max_side_length_pixels": most, "paths": [where]},
        )


def _cache_marks(body: Mapping[str, Any]) -> None:
    marks = list(_marks(body))
    for mark in marks:
        if mark.get("type") != "ephemeral" or mark.get("ttl", "5m") not in ("5m", "1h") or set(mark) - {"type", "ttl"}:
            raise invalid("cache_control: Input should be ephemeral, with a ttl of 5m or 1h")
    if len(marks) > CACHE_MARKS:
        raise invalid(f"A maximum of {CACHE_MARKS} blocks with cache_control may be provided. Found {len(marks)}.")


def _marks(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        for name, part in value.items():
            if name == "cache_control" and part is not None:
                yield part
            else:
                yield from _marks(part)
    elif isinstance(value, list):
        for part in value:
            yield from _marks(part)

"""Anthropic's Messages API as a transport, and the shape of its requests and replies."""

from __future__ import annotations

import base64
from dataclasses import replace
from typing import Any, Literal, cast

import anthropic
import httpx2
from anthropic.types import Message
from anthropic.types.message_create_params import MessageCreateParamsNonStreaming

from agent_judge.errors import BadInput, JudgeError, MissingRequirement
from agent_judge.judge.asker import Effort, Reply, limit_in
from agent_judge.judge.prices import Usage
from agent_judge.judge.question import Block, Question, Text

KEY_VARIABLE = "ANTHROPIC_API_KEY"
MAX_TOKENS = 16_000
"""Room for thinking and a ballot, and still below what must be streamed."""
NOT_THE_API = "the server does not speak the Messages API (did it answer with a page?): check ANTHROPIC_BASE_URL"
RETRIES = 6
"""429, 529, other server errors, timeouts and dropped connections are asked again so often, as the API asks."""


class MessagesTransport:
    """Sends each question at once."""

    batch = False
    max_tokens = MAX_TOKENS

    def __init__(
        self,
        model: str,
        client: anthropic.AsyncAnthropic,
        effort: Effort | None = None,
        cache_first: bool = True,
    ) -> None:
        """Wraps a client.

        Args:
            model: Model's name.
            client: Where to send to.
            effort: How hard it thinks; the model's own default if not given.
            cache_first: Whether the first solution's part is worth caching: it comes first in other battles too.
        """
        self.model = model
        self.client = client
        self.effort = effort
        self.cache_first = cache_first

    def fingerprint(self) -> list[Any]:
        """All that determines what the model is asked, beside the question."""
        return ["messages", self.model, self.effort, self.max_tokens]

    async def send(self, question: Question, name: str) -> Reply:
        """Sends a question; see :class:`~agent_judge.judge.asker.Transport`."""
        request = message_request(question, self.model, self.max_tokens, self.effort, self.cache_first)
        try:
            answer = await self.client.messages.with_raw_response.create(**request)
            message = await answer.parse()
        except anthropic.AnthropicError as error:
            raise failure(error, self.model) from error
        return replace(
            reply_of(message), tokens_per_minute=limit_in(answer.headers, "anthropic-ratelimit-input-tokens-limit")
        )


def connect(needs_key: bool = True) -> anthropic.AsyncAnthropic:
    """Makes a client with the key and the address of the environment.

    Raises:
        MissingRequirement: There is no key.
    """
    # No connection outlives its request, so that none is left to close when the event loop is gone.
    limits = httpx2.Limits(max_keepalive_connections=0)
    http_client = anthropic.DefaultAsyncHttpxClient(limits=limits)
    client = anthropic.AsyncAnthropic(max_retries=RETRIES, http_client=http_client)
    if needs_key and not (client.api_key or client.auth_token or client.credentials):
        raise MissingRequirement(f"no key for Claude: export {KEY_VARIABLE}=... (keys are made at platform.claude.com)")
    return client


def message_request(
    question: Question, model: str, max_tokens: int, effort: Effort | None = None, cache_first: bool = True
) -> MessageCreateParamsNonStreaming:
    """The question as a request, with cache marks where battles stop having parts in common."""
    content = [
        *_content(question.shared, mark=True),
        *_content(question.first, mark=cache_first),
        *_content(question.second, mark=False),
        *_content(question.closing, mark=False),
    ]
    output_config: dict[str, Any] = {"format": {"type": "json_schema", "schema": question.schema}}
    if effort is not None:
        output_config["effort"] = effort
    request = {
        "model": model,
        "max_tokens": max_tokens,
        "system": [{"type": "text", "text": question.system, "cache_control": {"type": "ephemeral"}}],
        "messages": [{"role": "user", "content": content}],
        "output_config": output_config,
    }
    return cast(MessageCreateParamsNonStreaming, request)


def reply_of(message: Message) -> Reply:
    """Reads an answer.

    Raises:
        BadInput: It does not come from the Messages API.
    """
    # A gateway that answers with a page gives a string, whatever its type says.
    if not isinstance(message, Message) or message.type != "message":
        raise BadInput(NOT_THE_API)
    usage = message.usage
    text = "".join(block.text for block in message.content if block.type == "text")
    stops: dict[str | None, Literal["done", "refused", "truncated"]] = {
        "refusal": "refused",
        "max_tokens": "truncated",
        "model_context_window_exceeded": "truncated",
    }
    return Reply(
        text=text,
        stop=stops.get(message.stop_reason, "done"),
        usage=Usage(
            input=usage.input_tokens,
            cache_write=usage.cache_creation_input_tokens or 0,
            cached=usage.cache_read_input_tokens or 0,
            output=usage.output_tokens,
        ),
        raw=message.model_dump(mode="json", exclude_none=True),
        reason=(message.stop_details.explanation or "") if message.stop_details else "",
    )


def failure(error: anthropic.AnthropicError, model: str) -> BadInput | JudgeError:
    """Says in one line what went wrong, by whose fault."""
    if isinstance(error, anthropic.APIStatusError) and "html" in error.response.headers.get("content-type", ""):
        return BadInput(
            f"the server answered {error.status_code} with a page instead of JSON: check ANTHROPIC_BASE_URL"
        )
    if isinstance(error, anthropic.AuthenticationError):
        return BadInput(f"the key in {KEY_VARIABLE} was refused: {_said(error)}")
    if isinstance(error, anthropic.PermissionDeniedError):
        return BadInput(f"the key in {KEY_VARIABLE} may not be used for {model}: {_said(error)}")
    if isinstance(error, anthropic.NotFoundError):
        return BadInput(f"there is no model {model!r} at this address: {_said(error)}")
    if isinstance(error, anthropic.APIStatusError):
        return JudgeError(f"{model} answered {error.status_code}: {_said(error)}")
    if isinstance(error, anthropic.APITimeoutError):
        return JudgeError(f"{model} did not answer in time")
    if isinstance(error, anthropic.APIConnectionError):
        return JudgeError(f"no connection to {model}: {error.__cause__ or error}")
    if isinstance(error, anthropic.APIResponseValidationError):
        return BadInput("the server does not speak the Messages API: check ANTHROPIC_BASE_URL")
    return JudgeError(f"{model}: {' '.join(str(error).split())}")


def content_of(block: Block) -> dict[str, Any]:
    """A block as the Messages API takes it."""
    if isinstance(block, Text):
        return {"type": "text", "text": block.text}
    data = base64.standard_b64encode(block.data).decode()
    return {"type": "image", "source": {"type": "base64", "media_type": block.media_type, "data": data}}


def _content(blocks: tuple[Block, ...], mark: bool) -> list[dict[str, Any]]:
    content = [content_of(block) for block in blocks]
    if mark and content:
        content[-1]["cache_control"] = {"type": "ephemeral"}
    return content


def _said(error: anthropic.APIStatusError) -> str:
    return " ".join((error.api_message or error.message).split())[:300]

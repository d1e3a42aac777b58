"""Claude as the model that drives: a conversation with tools over the Messages API."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Sequence
from typing import Any

import anthropic
from anthropic.types import Message

from agent_judge.drive.agent import Call, Conversation, Told
from agent_judge.errors import BadInput, DriverError, JudgeError
from agent_judge.judge.asker import CHARACTERS_PER_TOKEN, Effort, Purchase
from agent_judge.judge.frames import tokens_as_sent
from agent_judge.judge.messages import failure, reply_of
from agent_judge.judge.prices import Usage, dollars
from agent_judge.schema import Cost, digest_of
from agent_judge.schema.cost import together

MAX_TOKENS = 8_000
_WINDOW_TOKENS = tokens_as_sent(1280, 800)


class ClaudeMind:
    """A model of Anthropic's that can drive."""

    def __init__(
        self, model: str, client: anthropic.AsyncAnthropic, shared: Purchase, effort: Effort | None = None
    ) -> None:
        """Wraps a client.

        Args:
            model: Model's name.
            client: Where to send to.
            shared: The run's budget and pace.
            effort: How hard it thinks; the model's own default if not given.
        """
        self.model = model
        self.client = client
        self.shared = shared
        self.effort = effort

    def fingerprint(self) -> str:
        """Names the model and its settings."""
        return digest_of([self.model, self.effort, MAX_TOKENS])

    def converse(self, prompt: str, tools: list[dict[str, Any]]) -> Conversation:
        """Begins a conversation."""
        return _ClaudeConversation(self, prompt, tools)


class _ClaudeConversation:
    def __init__(self, mind: ClaudeMind, prompt: str, tools: list[dict[str, Any]]) -> None:
        self.cost = Cost(usd=0.0)
        self._mind = mind
        self._messages: list[Any] = []
        self._request: dict[str, Any] = {
            "model": mind.model,
            "max_tokens": MAX_TOKENS,
            "system": [{"type": "text", "text": prompt, "cache_control": {"type": "ephemeral"}}],
            "tools": tools,
            # The end of each turn is cached, so that the next one pays for what is new.
            "cache_control": {"type": "ephemeral"},
        }
        if mind.effort is not None:
            self._request["output_config"] = {"effort": mind.effort}

    async def tell(self, parts: Sequence[Told]) -> tuple[Call, ...]:
        """Tells Claude something and takes the calls that it answers with; see :class:`Conversation`."""
        # Results must stand first, whatever else is told.
        ordered = sorted(parts, key=lambda part: not part.call)
        self._messages.append({"role": "user", "content": [block for part in ordered for block in _blocks(part)]})
        message = await self._ask()
        reply = reply_of(message)
        if reply.stop == "refused":
            raise DriverError(f"{self._mind.model} refused to go on: {reply.reason or 'no reason given'}")
        self._messages.append(message.to_param())
        return tuple(
            Call(block.id, block.name, dict(block.input)) for block in message.content if block.type == "tool_use"
        )

    async def _ask(self) -> Message:
        mind, shared = self._mind, self._mind.shared
        if shared.replay:
            raise DriverError(
                "not used: with --replay-responses no model is asked, and there is no evidence of this use"
            )
        prompt = self._prompt_tokens()
        most = dollars(shared.prices, mind.model, Usage(cache_write=prompt, output=MAX_TOKENS))
        started = time.monotonic()
        try:
            async with shared.budget.reserve(most, mind.model):
                async with shared.pace.keep(prompt) as sending:
                    message: Message = await mind.client.messages.create(**self._request, messages=self._messages)
                    usage = reply_of(message).usage
                    sending.tokens = usage.input + usage.cache_write
                cost = Cost(
                    input_tokens=usage.input + usage.cache_write,
                    cached_tokens=usage.cached,
                    output_tokens=usage.output,
                    usd=dollars(shared.prices, mind.model, usage),
                    seconds=time.monotonic() - started,
                )
                shared.budget.pay(cost)
        except anthropic.AnthropicError as error:
            problem = failure(error, mind.model)
            raise (problem if isinstance(problem, BadInput) else DriverError(str(problem))) from error
        except JudgeError as error:
            raise DriverError(str(error)) from error
        self.cost = together((self.cost, cost))
        return message

    def _prompt_tokens(self) -> int:
        texts = json.dumps([self._request["system"], self._request["tools"]])
        pictures = characters = 0
        for message in self._messages:
            for block in message["content"]:
                plain = block if isinstance(block, dict) else block.to_dict()
                text = json.dumps(plain)
                held = text.count('"media_type"')
                pictures += held
                characters += 0 if held else len(text)
        return round((len(texts) + characters) / CHARACTERS_PER_TOKEN) + pictures * _WINDOW_TOKENS


def _blocks(part: Told) -> list[dict[str, Any]]:
    content: list[dict[str, Any]] = [{"type": "text", "text": part.text}]
    if part.picture:
        data = base64.standard_b64encode(part.picture).decode()
        source = {"type": "base64", "media_type": "image/png", "data": data}
        content.append({"type": "image", "source": source})
    if not part.call:
        return content
    return [{"type": "tool_result", "tool_use_id": part.call, "content": content, "is_error": part.wrong}]

"""Any endpoint that speaks OpenAI's chat completions as a transport: vLLM, SGLang, gateways, OpenAI itself."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import random
from dataclasses import dataclass, replace
from typing import Any, Literal

import httpx2

from agent_judge.errors import BadInput, JudgeError, MissingRequirement
from agent_judge.judge.asker import Reply, limit_in, told_to_wait
from agent_judge.judge.prices import Usage
from agent_judge.judge.question import Block, Question, Text

KEY_VARIABLE = "OPENAI_API_KEY"
ADDRESS_VARIABLE = "OPENAI_BASE_URL"
DEFAULT_ADDRESS = "https://api.openai.com/v1"
RETRIES = 6
_FIRST_WAIT, _LONGEST_WAIT = 0.5, 30.0


@dataclass(frozen=True)
class Dialect:
    """What endpoints differ in; which one this is, its refusals tell."""

    schema: bool = True
    """Whether it takes a JSON schema."""
    limit: Literal["max_tokens", "max_completion_tokens"] = "max_tokens"
    """How it calls the most tokens of an answer."""

    def after(self, refusal: str) -> Dialect:
        """What to try next; the same where the refusal is about something else."""
        if self.limit == "max_tokens" and "max_completion_tokens" in refusal:
            return replace(self, limit="max_completion_tokens")
        if self.schema and ("schema" in refusal or "response_format" in refusal):
            return replace(self, schema=False)
        return self


class ChatTransport:
    """Sends each question at once."""

    batch = False
    max_tokens = 16_000

    def __init__(self, model: str, address: str, key: str, timeout: float = 600.0) -> None:
        """Wraps an endpoint.

        Args:
            model: Model's name.
            address: Where the API is, up to and without ``/chat/completions``.
            key: Its key; empty where it needs none.
            timeout: Seconds that an answer may take.
        """
        self.model = model
        self._address = f"{address.rstrip('/')}/chat/completions"
        self._headers = {"authorization": f"Bearer {key}"} if key else {}
        self._timeout = timeout
        self._dialect = Dialect()

    def fingerprint(self) -> list[Any]:
        """All that determines what the model is asked, beside the question."""
        return ["chat", self.model, self._address, self.max_tokens]

    async def send(self, question: Question, name: str) -> Reply:
        """Sends a question; see :class:`~agent_judge.judge.asker.Transport`.

        Where the endpoint does not take a JSON schema, the schema is put into words.
        """
        async with httpx2.AsyncClient(timeout=self._timeout, headers=self._headers) as client:
            while True:
                used = self._dialect
                answer = await self._post(client, chat_request(question, self.model, self.max_tokens, used))
                if answer.status_code not in (400, 422):
                    return self._reply(answer)
                wanted = used.after(answer.text)
                if wanted == used:
                    raise JudgeError(f"{self.model} refused the request: {_said(answer)}")
                if self._dialect == used:  # else another request has learnt something since
                    self._dialect = wanted

    async def _post(self, client: httpx2.AsyncClient, request: dict[str, Any]) -> httpx2.Response:
        trouble = ""
        for attempt in range(RETRIES + 1):
            wait = min(_FIRST_WAIT * 2**attempt, _LONGEST_WAIT) * (1 - random.random() / 4)
            try:
                answer = await client.post(self._address, json=request)
            except httpx2.TimeoutException:
                trouble = f"{self.model} did not answer in time"
            except httpx2.InvalidURL as error:
                raise BadInput(f"{self._address}: not an address: {error}") from error
            except httpx2.TransportError as error:
                trouble = f"no connection to {self._address}: {error}"
            else:
                if answer.status_code not in (408, 409, 429) and answer.status_code < 500:
                    return answer
                trouble = f"{self.model} answered {answer.status_code}: {_said(answer)}"
                wait = told_to_wait(answer.headers) or wait
            if attempt < RETRIES:
                await asyncio.sleep(wait)
        raise JudgeError(trouble)

    def _reply(self, answer: httpx2.Response) -> Reply:
        if answer.status_code in (401, 403):
            raise BadInput(f"the key in {KEY_VARIABLE} was refused by {self._address}: {_said(answer)}")
        try:
            body = answer.json()
        except ValueError:
            raise BadInput(f"{self._address} does not answer in JSON: is this the address of the API?") from None
        if answer.status_code == 404:
            raise BadInput(f"there is no model {self.model!r} at {self._address}: {_said(answer)}")
        if answer.status_code != 200:
            raise JudgeError(f"{self.model} answered {answer.status_code}: {_said(answer)}")
        return replace(
            _read(body, self._address), tokens_per_minute=limit_in(answer.headers, "x-ratelimit-limit-tokens")
        )


def connect_chat(name: str, needs_key: bool = True) -> ChatTransport:
    """Makes the transport of ``MODEL`` or ``MODEL@ADDRESS``.

    Raises:
        BadInput: No model or no address is named.
        MissingRequirement: OpenAI's own endpoint needs a key, and there is none.
    """
    model, _, address = name.partition("@")
    if not model or (address and not address.startswith(("http://", "https://"))):
        raise BadInput(f"openai:{name}: name a model and an address, as in openai:MODEL@http://localhost:8000/v1")
    address = address or os.environ.get(ADDRESS_VARIABLE, "") or DEFAULT_ADDRESS
    key = os.environ.get(KEY_VARIABLE, "")
    if not key and needs_key and address == DEFAULT_ADDRESS:
        raise MissingRequirement(
            f"no key for {address}: export {KEY_VARIABLE}=..., or name an address: openai:MODEL@URL"
        )
    return ChatTransport(model, address, key)


def chat_request(question: Question, model: str, max_tokens: int, dialect: Dialect) -> dict[str, Any]:
    """The question as a request."""
    content = [_content(block) for block in question.blocks]
    request: dict[str, Any] = {"model": model, dialect.limit: max_tokens}
    if not dialect.schema:
        words = "Answer with one JSON object that fits this schema, and nothing else:\n" + json.dumps(question.schema)
        content.append({"type": "text", "text": words})
    else:
        schema = {"name": "answer", "strict": True, "schema": question.schema}
        request["response_format"] = {"type": "json_schema", "json_schema": schema}
    request["messages"] = [{"role": "system", "content": question.system}, {"role": "user", "content": content}]
    return request


def _content(block: Block) -> dict[str, Any]:
    if isinstance(block, Text):
        return {"type": "text", "text": block.text}
    data = base64.standard_b64encode(block.data).decode()
    return {"type": "image_url", "image_url": {"url": f"data:{block.media_type};base64,{data}"}}


def _read(body: Any, address: str) -> Reply:
    try:
        choice = body["choices"][0]
        message, usage = choice["message"], body.get("usage") or {}
        refusal = message.get("refusal") or ""
        text = message.get("content") or ""
        stop: Literal["done", "refused", "truncated"] = "done"
        if refusal or choice.get("finish_reason") == "content_filter":
            stop = "refused"
        elif choice.get("finish_reason") == "length":
            stop = "truncated"
        cached = int((usage.get("prompt_tokens_details") or {}).get("cached_tokens") or 0)
        tokens = Usage(
            input=int(usage.get("prompt_tokens") or 0) - cached,
            cached=cached,
            output=int(usage.get("completion_tokens") or 0),
        )
    except (AttributeError, IndexError, KeyError, TypeError, ValueError):
        raise BadInput(f"{address} does not answer as chat completions do: is this the address of the API?") from None
    return Reply(text=str(text), stop=stop, usage=tokens, raw=body, reason=str(refusal))


def _said(answer: httpx2.Response) -> str:
    try:
        error = answer.json()["error"]
        text = error["message"] if isinstance(error, dict) else error
    except (ValueError, KeyError, TypeError):
        text = answer.text
    return " ".join(str(text).split())[:300]

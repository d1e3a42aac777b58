"""Asks a model one question until there is a valid answer: kept, paced, paid for, and never made up."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol, TypeVar

from agent_judge.errors import JudgeError
from agent_judge.judge.budget import Budget, Pace, Warmth, unpriced
from agent_judge.judge.frames import tokens
from agent_judge.judge.prices import Prices, Usage, dollars, load_prices
from agent_judge.judge.question import Picture, Question
from agent_judge.judge.records import Attempt, Record, Records, as_kept
from agent_judge.schema import Cost, digest_of
from agent_judge.schema.cost import together

CHARACTERS_PER_TOKEN = 3.0
"""Fewer than is usual of ASCII, so that estimates are on the safe side. Other characters are a token each."""
LEAST_PER_TOKEN = 2.0
"""Fewer still, for what must not be passed. Of other characters each byte is a token then."""
EXPECTED_OUTPUT = 2_000
"""Tokens that a verdict usually takes, thinking included."""
LONGEST_WAIT = 300.0
"""Seconds; whoever asks for more is asked again sooner."""

Effort = Literal["low", "medium", "high", "xhigh", "max"]
"""How hard a model thinks."""
Parsed = TypeVar("Parsed")


@dataclass(frozen=True)
class Reply:
    """What a provider sent back."""

    text: str
    stop: Literal["done", "refused", "truncated", "failed", "rejected"]
    """``rejected``: it was not asked, and would not be if it were sent again as it is."""
    usage: Usage
    raw: dict[str, Any]
    """The answer as it came, for the record."""
    reason: str = ""
    """Why it was refused or failed."""
    tokens_per_minute: int | None = None
    """How many prompt tokens the provider takes in a minute, where it tells."""


class Transport(Protocol):
    """Brings a question to one model of one provider and its reply back."""

    model: str
    batch: bool
    """Whether requests are collected to batches, which have their own price and pace."""
    max_tokens: int
    """Most tokens of an answer."""

    def fingerprint(self) -> list[Any]:
        """All that determines what the model is asked, beside the question."""
        ...

    async def send(self, question: Question, name: str) -> Reply:
        """Sends a question; retries what the provider asks to be retried.

        Args:
            question: What to ask.
            name: Names this request; after a restart, the same request has the same name.

        Raises:
            BadInput: The key, the model's name or the address is wrong.
            MissingRequirement: There is no key.
            JudgeError: There is no reply, also not after the retries.
        """
        ...


@dataclass(frozen=True)
class Estimate:
    """What asking would send and cost."""

    requests: int
    prompt_tokens: int
    image_tokens: int
    """Of the prompt tokens, those of pictures."""
    usd_expected: float | None
    usd_at_most: float | None

    def __add__(self, other: Estimate) -> Estimate:
        """Both together; unknown dollars stay unknown."""
        return Estimate(
            self.requests + other.requests,
            self.prompt_tokens + other.prompt_tokens,
            self.image_tokens + other.image_tokens,
            _sum(self.usd_expected, other.usd_expected),
            _sum(self.usd_at_most, other.usd_at_most),
        )


@dataclass(frozen=True)
class Purchase:
    """What judges of a run share: its records, its budget and its pace."""

    records: Records
    budget: Budget
    pace: Pace
    warmth: Warmth
    prices: Prices
    replay: bool = False
    """Whether answers come from the records alone, without a network."""

    def refuse_without_price(self, model: str) -> None:
        """Tells before anything is used that no limit can be kept on a model whose price is not known.

        Raises:
            BadInput: There is a limit, and the model would be asked.
        """
        if self.budget.most is not None and not self.replay and self.prices.of(model) is None:
            raise unpriced(model)


def purchase(
    records: Records | None = None, budget: Budget | None = None, pace: Pace | None = None, replay: bool = False
) -> Purchase:
    """What judges share, with nothing kept, no limit and the usual pace unless given."""
    return Purchase(records or Records(None), budget or Budget(), pace or Pace(), Warmth(), load_prices(), replay)


class Asker:
    """Asks one model."""

    attempts = 4
    """How often a question is asked in all when answers are refused, cut off or not valid."""

    def __init__(self, transport: Transport, shared: Purchase) -> None:
        self.transport = transport
        self.shared = shared

    async def ask(self, question: Question, parse: Callable[[str], Parsed]) -> tuple[Parsed, Cost, str]:
        """Gets a valid answer, from the records where it is there already.

        Args:
            question: What to ask.
            parse: Reads the answer; raises ``ValueError`` where it is not valid.

        Returns:
            The answer, what it cost, and the name of its record.

        Raises:
            JudgeError: There is none; the reason is in the record.
        """
        key = self.key(question)
        kept = self.shared.records.get(key)
        if kept is not None and kept.answered is not None:
            return parse(kept.answered.text), _cost_of(kept), self.shared.records.name(key)
        if self.shared.replay:
            raise JudgeError(kept.problem if kept else f"no answer was kept for the request {key}")
        record = kept or Record(key=key, model=self.transport.model, request=as_kept(question))
        for _ in range(self.attempts):
            # What never came back keeps its name, so that a batch which has it already is taken up again.
            number = sum(attempt.answer is not None for attempt in record.attempts)
            attempt, fatal = await self._attempt(question, f"{key}-{number}", parse)
            record = record.model_copy(update={"attempts": (*record.attempts, attempt)})
            self.shared.records.put(record, question)
            if not attempt.problem:
                return parse(attempt.text), _cost_of(record), self.shared.records.name(key)
            if fatal:
                raise JudgeError(attempt.problem)
        raise JudgeError(f"{self.transport.model} gave no valid answer in {self.attempts} attempts: {record.problem}")

    def key(self, question: Question) -> str:
        """Names a request: equal for equal questions to the same model with the same settings."""
        return digest_of([self.transport.fingerprint(), question.digest])

    def estimate(self, question: Question) -> Estimate:
        """What asking would send and cost; nothing where the answer is kept already."""
        kept = self.shared.records.get(self.key(question))
        if kept is not None and kept.answered is not None:
            return Estimate(0, 0, 0, 0.0, 0.0)
        prompt, images = prompt_tokens(question)
        return Estimate(1, prompt, images, self._dollars(prompt, EXPECTED_OUTPUT), self._at_most(question))

    async def _attempt(self, question: Question, name: str, parse: Callable[[str], object]) -> tuple[Attempt, bool]:
        """Asks once; also says whether asking again is of no use."""
        prompt, _ = prompt_tokens(question)
        started = time.monotonic()
        async with self.shared.budget.reserve(self._at_most(question), self.transport.model):
            try:
                reply = await self._send(question, name, prompt)
            except JudgeError as error:
                return Attempt(problem=str(error), seconds=time.monotonic() - started, usd=0.0), True
            attempt = Attempt(
                answer=reply.raw,
                text=reply.text,
                input=reply.usage.input,
                cache_write=reply.usage.cache_write,
                cached=reply.usage.cached,
                output=reply.usage.output,
                usd=dollars(self.shared.prices, self.transport.model, reply.usage, self.transport.batch),
                seconds=time.monotonic() - started,
                problem=_problem_with(reply, parse),
            )
            self.shared.budget.pay(_cost(attempt))
        return attempt, reply.stop == "rejected"

    async def _send(self, question: Question, name: str, prompt: int) -> Reply:
        if self.transport.batch:
            return await self.transport.send(question, name)
        pace, prefix = self.shared.pace, digest_of([self.transport.model, question.prefix])
        async with self.shared.warmth.of(prefix), pace.keep(prompt) as sending:
            reply = await self.transport.send(question, name)
            sending.tokens = reply.usage.input + reply.usage.cache_write
            pace.learn(reply.tokens_per_minute)
        return reply

    def _at_most(self, question: Question) -> float | None:
        return self._dollars(prompt_tokens_at_most(question), self.transport.max_tokens)

    def _dollars(self, prompt: int, output: int) -> float | None:
        usage = Usage(cache_write=prompt, output=output)
        return dollars(self.shared.prices, self.transport.model, usage, self.transport.batch)


def limit_in(headers: Mapping[str, str], name: str) -> int | None:
    """The limit that a header tells; ``None`` where it tells none."""
    told = headers.get(name, "")
    return int(told) if told.isdigit() else None


def told_to_wait(headers: Mapping[str, str]) -> float | None:
    """Seconds that an answer asks to wait before the next try; ``None`` where it asks for nothing that we could do."""
    for name, seconds in (("retry-after-ms", 1e-3), ("retry-after", 1.0)):
        try:
            wait = float(headers[name]) * seconds
        except (KeyError, ValueError):
            continue
        if math.isfinite(wait) and wait >= 0:
            return min(wait, LONGEST_WAIT)
    return None


def prompt_tokens(question: Question) -> tuple[int, int]:
    """Estimates the tokens of a prompt: all, and of these those of pictures."""
    pictures = [block for block in question.blocks if isinstance(block, Picture)]
    images = sum(tokens(picture.width, picture.height) for picture in pictures)
    plain, other, _ = _characters(question)
    return round(plain / CHARACTERS_PER_TOKEN) + other + images, images


def prompt_tokens_at_most(question: Question) -> int:
    """More tokens than a prompt can be expected to have."""
    _, images = prompt_tokens(question)
    plain, _, other = _characters(question)
    return round(plain / LEAST_PER_TOKEN) + other + images


def _characters(question: Question) -> tuple[int, int, int]:
    """How many characters of ASCII the text of a question has, how many others, and how many bytes the others take."""
    texts = [question.system, *(block.text for block in question.blocks if not isinstance(block, Picture))]
    plain = sum(len(text.encode("ascii", "ignore")) for text in texts)
    every = sum(len(text) for text in texts)
    return plain, every - plain, sum(len(text.encode("utf-8", "replace")) for text in texts) - plain


def _problem_with(reply: Reply, parse: Callable[[str], object]) -> str:
    if reply.stop == "refused":
        return f"it refused to answer{': ' + reply.reason if reply.reason else ''}"
    if reply.stop in ("failed", "rejected"):
        return reply.reason
    if reply.stop == "truncated":
        return "its answer was cut off"
    try:
        parse(reply.text)
    except ValueError as error:
        return str(error)
    return ""


def _cost_of(record: Record) -> Cost:
    return together(tuple(_cost(attempt) for attempt in record.attempts))


def _cost(attempt: Attempt) -> Cost:
    return Cost(
        input_tokens=attempt.input + attempt.cache_write,
        cached_tokens=attempt.cached,
        output_tokens=attempt.output,
        usd=attempt.usd,
        seconds=attempt.seconds,
    )


def _sum(one: float | None, two: float | None) -> float | None:
    return None if one is None or two is None else one + two

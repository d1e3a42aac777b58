"""Message Batches as a transport: requests are collected, sent together at half the price, and polled for.

What was sent is written down before it is sent. After a restart a batch that is
under way is taken up again, also one whose answer we did not live to see: its
requests carry names that are made from their content.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, Literal

import anthropic
import httpx2
from anthropic.types.message_create_params import MessageCreateParamsNonStreaming
from anthropic.types.messages import MessageBatch, MessageBatchIndividualResponse
from anthropic.types.messages.batch_create_params import Request
from pydantic import ValidationError

from agent_judge.errors import BadInput, JudgeError
from agent_judge.judge.asker import Effort, Reply, told_to_wait
from agent_judge.judge.messages import MAX_TOKENS, NOT_THE_API, RETRIES, failure, message_request, reply_of
from agent_judge.judge.prices import Usage
from agent_judge.judge.question import Question
from agent_judge.schema import Model, digest_of
from agent_judge.store import write_atomically

MOST_REQUESTS = 100_000
MOST_BYTES = 200 * 1024 * 1024
"""The API takes 256 MB."""
_CLOCKS_DIFFER = timedelta(minutes=10)
_FIRST_POLL = 1.0
_SURELY_NOT_TAKEN = (429, 529)
_RESULT_TRIES = 4
"""A download of results that breaks off is begun again so often; what arrived before is not lost."""

Requests = dict[str, MessageCreateParamsNonStreaming]
"""Requests by name."""


class Submission(Model):
    """A batch that was sent, or was about to be."""

    names: tuple[str, ...]
    """The requests' names."""
    started: datetime
    id: str = ""
    """The batch's name; empty until the API has told it."""


class BatchTransport:
    """Collects questions until no new one has come for a while, then sends them as one batch."""

    batch = True
    max_tokens = MAX_TOKENS

    def __init__(
        self,
        model: str,
        client: anthropic.AsyncAnthropic,
        folder: Path,
        effort: Effort | None = None,
        linger: float = 5.0,
        poll: float = 60.0,
    ) -> None:
        """Wraps a client.

        Args:
            model: Model's name.
            client: Where to send to.
            folder: Where it is written down what was sent.
            effort: How hard the model thinks; its own default if not given.
            linger: Seconds without a new question after which a batch is sent.
            poll: Most seconds between two looks at whether a batch has ended; the first ones come sooner.
        """
        self.model = model
        self.client = client
        self.effort = effort
        self._linger = linger
        self._poll = poll
        self._folder = folder
        self._waiting: Requests = {}
        self._answers: dict[str, asyncio.Future[Reply]] = {}
        self._arrived = asyncio.Event()
        self._sender: asyncio.Task[None] | None = None
        self._under_way: set[asyncio.Task[None]] = set()
        folder.mkdir(parents=True, exist_ok=True)

    def fingerprint(self) -> list[Any]:
        """The same as of single requests: an answer is worth the same either way."""
        return ["messages", self.model, self.effort, self.max_tokens]

    async def send(self, question: Question, name: str) -> Reply:
        """Puts a question into the next batch and waits for its answer."""
        if name not in self._answers:
            self._answers[name] = asyncio.get_running_loop().create_future()
            self._waiting[name] = message_request(question, self.model, self.max_tokens, self.effort)
            self._arrived.set()
            if self._sender is None or self._sender.done():
                self._sender = asyncio.create_task(self._collect())
        try:
            return await asyncio.shield(self._answers[name])
        finally:
            if self._answers[name].done():
                del self._answers[name]

    async def _collect(self) -> None:
        """Waits until questions stop coming, finds those that were sent before, and sends the rest."""
        try:
            while self._waiting:
                await self._until_quiet()
                for submission in self._submissions():
                    self._follow(submission, self._take(submission.names), fresh=False)
                for names in self._parts():
                    submission = Submission(names=names, started=datetime.now(UTC))
                    self._write(submission)
                    self._follow(submission, self._take(names), fresh=True)
        except (OSError, BadInput) as error:
            self._fail(self._take(tuple(self._waiting)), BadInput(f"{self._folder}: {error}"))

    async def _until_quiet(self) -> None:
        while self._arrived.is_set():
            self._arrived.clear()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._arrived.wait(), self._linger)

    def _take(self, names: tuple[str, ...]) -> Requests:
        return {name: self._waiting.pop(name) for name in names if name in self._waiting}

    def _parts(self) -> list[tuple[str, ...]]:
        """The waiting requests' names, as many together as one batch may hold."""
        parts: list[list[str]] = []
        size = 0
        for name, request in self._waiting.items():
            bytes_of_this = len(json.dumps(request))
            if not parts or size + bytes_of_this > MOST_BYTES or len(parts[-1]) >= MOST_REQUESTS:
                parts.append([])
                size = 0
            parts[-1].append(name)
            size += bytes_of_this
        return [tuple(part) for part in parts]

    def _follow(self, submission: Submission, requests: Requests, fresh: bool) -> None:
        if requests:
            task = asyncio.create_task(self._carry_out(submission, requests, fresh))
            self._under_way.add(task)
            task.add_done_callback(self._under_way.discard)
            task.add_done_callback(partial(self._fail_with, tuple(requests)))

    async def _carry_out(self, submission: Submission, requests: Requests, fresh: bool) -> None:
        """Sees one batch through: every request gets its reply, or the reason why there is none."""
        try:
            batch = await self._batch_of(submission, requests, fresh)
            async for result in self._results(batch):
                self._settle(result)
            self._fail(requests, JudgeError(f"the batch {batch.id} has no result for this request"))
        except anthropic.AnthropicError as error:
            self._fail(requests, failure(error, self.model))

    async def _batch_of(self, submission: Submission, requests: Requests, fresh: bool) -> MessageBatch:
        """The batch that a submission became, or else a new one.

        Raises:
            BadInput: It is gone, or is not known to this key.
        """
        if submission.id:
            return await self._known(submission)
        lost = None if fresh else await self._lost(submission)
        if lost is None:
            self._file(submission).unlink(missing_ok=True)
            submission = Submission(names=tuple(requests), started=datetime.now(UTC))
            self._write(submission)
            lost = await self._sent(submission, requests)
        self._write(submission.model_copy(update={"id": lost.id}))
        return lost

    async def _sent(self, submission: Submission, requests: Requests) -> MessageBatch:
        """Sends a batch. Where it is not known whether it has arrived, this looks before it sends it again."""
        entries: list[Request] = [{"custom_id": name, "params": params} for name, params in requests.items()]
        once = self.client.with_options(max_retries=0)
        for attempt in range(RETRIES):
            try:
                return _batch(await once.messages.batches.create(requests=entries))
            except (anthropic.APIConnectionError, anthropic.APIStatusError) as error:
                answer = error.response if isinstance(error, anthropic.APIStatusError) else None
                if answer and answer.status_code not in (408, 409, 429) and answer.status_code < 500:
                    raise
                asked = told_to_wait(answer.headers) if answer else None
                await asyncio.sleep(asked or min(self._poll, _FIRST_POLL * 2**attempt))
            if answer and answer.status_code in _SURELY_NOT_TAKEN:
                continue
            found = await self._lost(submission)
            if found is not None:
                return found
        return _batch(await once.messages.batches.create(requests=entries))

    async def _known(self, submission: Submission) -> MessageBatch:
        file = self._file(submission)
        try:
            batch = _batch(await self.client.messages.batches.retrieve(submission.id))
        except anthropic.NotFoundError as error:
            raise BadInput(
                f"{file}: the batch {submission.id} is not known to this key: use the one that it was sent with, "
                "or delete this file to have its requests sent, and paid for, again"
            ) from error
        if batch.archived_at is not None:
            raise BadInput(
                f"{file}: the results of the batch {submission.id} are no longer kept; "
                "delete this file to have its requests sent, and paid for, again"
            )
        return batch

    async def _lost(self, submission: Submission) -> MessageBatch | None:
        """Finds the batch of a submission that was sent, but whose name we did not live to write down.

        A batch does not tell what is in it before it has ended, so that this waits for
        the end of every batch that is of the right size and time and not known.
        """
        known = {s.id for s in self._submissions()}
        async for batch in self.client.messages.batches.list(limit=100):
            if batch.created_at < submission.started - _CLOCKS_DIFFER:
                return None
            if batch.id in known or _size(batch) != len(submission.names):
                continue
            if {result.custom_id async for result in self._results(batch)} == set(submission.names):
                return batch
        return None

    async def _results(self, batch: MessageBatch) -> AsyncIterator[MessageBatchIndividualResponse]:
        wait = min(_FIRST_POLL, self._poll)
        while batch.processing_status != "ended":
            await asyncio.sleep(wait)
            wait = min(wait * 1.5, self._poll)
            batch = _batch(await self.client.messages.batches.retrieve(batch.id))
        for tries_left in reversed(range(_RESULT_TRIES)):
            try:
                async for result in await self.client.messages.batches.results(batch.id):
                    yield result
                return
            except (httpx2.TransportError, json.JSONDecodeError) as error:
                if not tries_left:
                    raise JudgeError(f"the results of the batch {batch.id} cannot be read: {error}") from error

    def _settle(self, result: MessageBatchIndividualResponse) -> None:
        future = self._answers.get(result.custom_id)
        if future is None or future.done():
            return
        outcome = result.result
        if outcome.type == "succeeded":
            future.set_result(reply_of(outcome.message))
            return
        stop: Literal["failed", "rejected"] = "failed"
        why = f"it was {outcome.type} in its batch"
        if outcome.type == "errored":
            why = outcome.error.error.message
            if outcome.error.error.type == "invalid_request_error":
                stop, why = "rejected", f"{self.model} refused the request: {why}"
        raw = outcome.model_dump(mode="json")
        future.set_result(Reply(text="", stop=stop, usage=Usage(), raw=raw, reason=why))

    def _fail(self, names: Iterable[str], error: BaseException) -> None:
        for name in names:
            future = self._answers.get(name)
            if future is not None and not future.done():
                future.set_exception(error)

    def _fail_with(self, names: tuple[str, ...], ended: asyncio.Task[None]) -> None:
        """Nobody waits for ever: what ended a batch ends those who wait for its requests."""
        error = None if ended.cancelled() else ended.exception()
        if error is not None:
            self._fail(names, error)

    def _file(self, submission: Submission) -> Path:
        return self._folder / f"{digest_of(submission.names)}.json"

    def _write(self, submission: Submission) -> None:
        write_atomically(self._file(submission), submission.model_dump_json() + "\n")

    def _submissions(self) -> list[Submission]:
        found = []
        for file in sorted(self._folder.glob("*.json")):
            try:
                found.append(Submission.model_validate_json(file.read_bytes()))
            except ValidationError as error:
                raise BadInput(
                    f"{file.name}: not a record of a batch; delete it to have its requests sent again"
                ) from error
        return found


def _batch(answer: MessageBatch) -> MessageBatch:
    """A batch as the API tells it.

    Raises:
        BadInput: It does not come from the Messages API.
    """
    # A gateway that answers with a page gives a string, whatever its type says.
    if not isinstance(answer, MessageBatch) or answer.type != "message_batch":
        raise BadInput(NOT_THE_API)
    return answer


def _size(batch: MessageBatch) -> int:
    counts = batch.request_counts
    return counts.processing + counts.succeeded + counts.errored + counts.canceled + counts.expired

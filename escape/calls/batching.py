"""Calls in batches: what many trials ask is gathered, handed in together and waited for; each gets its own answer.

A batch is written down before it is handed in and again with the provider's id, so that whoever goes on with the run
collects it, whatever died meanwhile. Stopping a run leaves its batches with the provider; cancelling is another thing.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import secrets
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterable, Iterator, Sequence
from typing import Protocol, TypeVar

from escape.calls.budget import Budget
from escape.calls.journal import ASKER, Asked, Asker, Journal
from escape.errors import FailureKind, ModelError
from escape.models import BatchEngine, BatchOutcome
from escape.records import Batch
from escape.schema import Answer, Prompt

T = TypeVar("T")

ATTEMPTS = 3  # of a request that came back unanswered
TRIES = 8  # of a call about a batch, a second apart at first
REPAIRS = 6  # of a request whose form was refused
GATHER_S = 1.0  # quiet for so long, what was asked is handed in
LOOK_S, LOOK_MOST_S = 2.0, 60.0  # between two looks at a batch: at first, and at most


class Limits(Protocol):
    """What batches need of a run's calls: its money, whether it was stopped, and its clock."""

    budget: Budget

    @property
    def stopping(self) -> bool:
        """True once nothing new may be asked."""

    async def wait(self, seconds: float, *until: asyncio.Event) -> None:
        """Sleep until the time is up or the run is stopped."""


class Batched:
    """A model that is asked in batches."""

    def __init__(self, calls: Limits, engine: BatchEngine, journal: Journal) -> None:
        self.spec = engine.model.spec
        self._calls, self._engine, self._journal = calls, engine, journal
        self._known = {b.tag: b for b in journal.known if b.model == self.spec.name}
        self._waiting: dict[str, Asked] = {}
        self._flying: dict[str, dict[str, Asked]] = {}  # by tag, by request
        self._times: Counter[tuple[object, str]] = Counter()
        self._most = engine.most_requests
        self._gathering: asyncio.Task[None] | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def close(self) -> None:
        """Release the connections. What is with the provider stays there."""
        for task in (*self._tasks, *([self._gathering] if self._gathering else [])):
            task.cancel()
        await self._engine.model.close()

    async def complete(self, prompt: Prompt) -> Answer:
        """Like Model.complete: returns once the batch with this prompt is over. Raises ModelError."""
        asker = ASKER.get() or Asker(("", "", 0))
        request_id, since = self._name(asker, prompt), asker.since
        async with self._calls.budget.for_call(self.spec, prompt) as money:
            money.used, attempts, repairs = 0.0, 0, 0
            while True:
                one = Asked(request_id, prompt, since)
                outcome = await self._asked(one)
                if isinstance(outcome, Answer):
                    return money.paid(outcome.model_copy(update={"attempts": attempts + 1}))
                since = time.time()
                if one.from_before:  # it failed in another life, maybe with other settings
                    continue
                if repairs < REPAIRS and self._is_mended(one, outcome):
                    repairs += 1
                    continue
                attempts += 1
                again = outcome.kind.may_pass
                if attempts >= ATTEMPTS or not again:
                    doubt = money.failed(may_cost=outcome.kind.may_cost)
                    raise ModelError(outcome.kind, outcome.message, None, attempts if again else 1, doubt)

    def _is_mended(self, one: Asked, error: ModelError) -> bool:
        """Whether the same can be asked in another form, as the server's words or another's refusal have shown."""
        if error.kind not in {FailureKind.BAD_REQUEST, FailureKind.UNKNOWN_MODEL}:
            return False
        model = self._engine.model
        return one.sent != model.request(one.prompt) or model.adapt(error.message.casefold(), one.sent)

    def _name(self, asker: Asker, prompt: Prompt) -> str:
        """A request's id: the same whenever this run asks this model for the same, whatever became of the words."""
        asked = (asker.trial, prompt.name)
        self._times[asked] += 1
        told = json.dumps([self._journal.run_id, self.spec.name, *asked, self._times[asked]])
        return hashlib.sha256(told.encode()).hexdigest()[:32]

    async def _asked(self, one: Asked) -> BatchOutcome:
        if self._calls.stopping:
            raise _left()
        self._waiting[one.request_id] = one
        if self._gathering is None or self._gathering.done():
            self._gathering = asyncio.create_task(self._gather())
        outcome = await one.outcome
        if isinstance(outcome, ModelError) and outcome.kind is FailureKind.CANCELLED:
            raise outcome
        return outcome

    async def _gather(self) -> None:
        """Hand in what waits, once nothing more comes."""
        while self._waiting:
            before = -1
            while before != len(self._waiting) and not self._calls.stopping:
                before = len(self._waiting)
                await self._calls.wait(GATHER_S)
            asked, self._waiting = list(self._waiting.values()), {}
            try:
                rest = [] if self._calls.stopping else await self._collected(asked)
                if self._calls.stopping:
                    raise _left()
                for some in self._portions(rest):
                    self._start(self._hand_in(some))
            except Exception as error:
                _end(asked, error if isinstance(error, ModelError) else _broken(error))

    async def _collected(self, asked: Iterable[Asked]) -> list[Asked]:
        """Let what is in a batch already wait for that one; returns the rest."""
        newest: dict[str, Batch] = {}
        for batch in sorted(self._known.values(), key=lambda b: b.since):
            newest |= dict.fromkeys(batch.requests, batch)
        rest, there = [], dict[str, list[Asked]]()
        for one in asked:
            there_in = newest.get(one.request_id)
            if there_in is None or there_in.since <= one.since:
                rest.append(one)
            else:
                there.setdefault(there_in.tag, []).append(one)
        for tag, mine in there.items():
            for one in mine:
                one.from_before = True
            batch = await self._found(self._known[tag])
            if batch.batch_id:
                self._follow_for(batch, mine)
            else:  # written down, never handed in
                del self._known[tag]
                rest += mine
        return rest

    async def _found(self, batch: Batch) -> Batch:
        """The batch with its id, where the provider has it though its id never arrived."""
        if batch.batch_id:
            return batch
        others = [b.batch_id for b in self._known.values() if b.batch_id]
        named = await self._steadily(lambda: self._engine.find(batch.tag, len(batch.requests), batch.since, others))
        return await self._named(batch, named) if named else batch

    async def _named(self, batch: Batch, batch_id: str) -> Batch:
        whole = batch.model_copy(update={"batch_id": batch_id})
        self._known[batch.tag] = whole
        await self._journal.write(whole.model_copy(update={"requests": ()}))
        return whole

    def _portions(self, asked: Sequence[Asked]) -> Iterable[list[Asked]]:
        some: list[Asked] = []
        size = 0
        for one in asked:
            own = len(json.dumps(self._engine.model.request(one.prompt))) + 200
            if some and (len(some) >= self._most or size + own > self._engine.most_bytes):
                yield some
                some, size = [], 0
            some.append(one)
            size += own
        if some:
            yield some

    async def _hand_in(self, asked: Sequence[Asked]) -> None:
        """Write a batch down, hand it in, write its id down, and wait for it."""
        for one in asked:
            one.sent = self._engine.model.request(one.prompt)
        requests = [(one.request_id, one.sent) for one in asked]
        batch = Batch(
            tag=f"escape-{secrets.token_hex(8)}",
            model=self.spec.name,
            since=time.time(),
            requests=tuple(i for i, _ in requests),
        )
        unsure = False
        others = [b.batch_id for b in self._known.values() if b.batch_id]

        async def create() -> str:
            nonlocal unsure
            if unsure and (found := await self._engine.find(batch.tag, len(requests), batch.since, others)):
                return found
            try:
                return await self._engine.create(requests, batch.tag)
            except ModelError as error:  # it may have been taken in although no reply came
                unsure = unsure or error.kind.is_transient
                raise

        with self._ending(asked):
            await self._journal.write(batch)
            self._known[batch.tag] = batch
            batch = await self._named(batch, await self._steadily(create))
            self._follow_for(batch, asked)

    def _follow_for(self, batch: Batch, asked: Iterable[Asked]) -> None:
        waiting = self._flying.setdefault(batch.tag, {})
        begun = bool(waiting)
        waiting |= {one.request_id: one for one in asked}
        if not begun:
            self._start(self._follow(batch))

    async def _follow(self, batch: Batch) -> None:
        """Wait for a batch and hand out what it brought; what it did not answer is asked again by whoever asked."""
        waiting, pause = self._flying[batch.tag], LOOK_S
        with self._ending(waiting.values()):
            while not (progress := await self._steadily(lambda: self._engine.look(batch.batch_id))).over:
                self._journal.tell(batch, progress)
                await self._calls.wait(pause)
                if self._calls.stopping:
                    raise _left()
                pause = min(LOOK_MOST_S, pause * 1.5)
            self._journal.tell(batch, progress)
            if progress.why:
                raise self._refused(progress.why, len(waiting))
            del self._flying[batch.tag]  # whoever asks from now on has another reason
            async for request_id, outcome in self._read(batch.batch_id):
                if one := waiting.pop(request_id, None):
                    one.end(outcome)
            _end(waiting.values(), ModelError(FailureKind.OVERLOADED, "the batch has no reply to this request"))

    async def _read(self, batch_id: str) -> AsyncIterator[tuple[str, BatchOutcome]]:
        """A batch's results; where reading breaks off it begins anew, and nobody minds hearing twice."""
        for attempt in range(TRIES):
            try:
                async for found in self._engine.results(batch_id):
                    yield found
                return
            except ModelError as error:
                if attempt == TRIES - 1 or not error.kind.may_pass:
                    raise
                await self._calls.wait(error.retry_after_s or 2.0**attempt)

    def _refused(self, why: str, size: int) -> ModelError:
        """The error of a batch that was refused as a whole; what is too much for a queue is asked in smaller ones."""
        queue_full = "token" in why.casefold() and "limit" in why.casefold()
        if queue_full and size > 1:
            self._most = max(1, size // 2)
        kind = FailureKind.OVERLOADED if queue_full else FailureKind.BAD_REQUEST
        return ModelError(kind, f"the batch failed: {why[:500]}", attempts=0)

    async def _steadily(self, call: Callable[[], Awaitable[T]]) -> T:
        """A call about a batch, repeated for as long as it may still succeed. Raises ModelError."""
        for attempt in range(TRIES):
            try:
                return await call()
            except ModelError as error:
                if self._calls.stopping:
                    raise _left() from None
                if attempt == TRIES - 1 or not error.kind.may_pass:
                    raise
                await self._calls.wait(error.retry_after_s or min(60.0, 2.0**attempt))
        raise AssertionError

    @contextlib.contextmanager
    def _ending(self, asked: Iterable[Asked]) -> Iterator[None]:
        """Whatever is raised within ends those who ask."""
        try:
            yield
        except Exception as error:
            _end(list(asked), error if isinstance(error, ModelError) else _broken(error))

    def _start(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _left() -> ModelError:
    return ModelError(FailureKind.CANCELLED, "stopped; the batch goes on at the provider", attempts=0)


def _broken(error: Exception) -> ModelError:
    """An error of our own, such as a full disk: its text may contain anything, so only its name is kept."""
    return ModelError(FailureKind.INTERNAL, f"internal error: {type(error).__name__}", attempts=0)


def _end(asked: Iterable[Asked], outcome: BatchOutcome) -> None:
    for one in asked:
        one.end(outcome)

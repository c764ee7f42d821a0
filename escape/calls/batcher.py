"""Gathers what many trials ask, hands it in together, waits, and hands out what comes back.

A batch is written down before it is handed in and again with the provider's id, so that whoever goes on with the run
collects it, whatever died meanwhile. What goes wrong with a batch as a whole is no failure of its requests: they are
asked again only once it is sure that they are not answered. Stopping a run leaves its batches with the provider.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import secrets
import time
from collections.abc import AsyncIterator, Coroutine, Iterable, Iterator, Sequence

from escape.calls.batch_errors import about, broken, end_all, left, missing, pause_s
from escape.calls.journal import Asked, Journal
from escape.calls.steady import Steady, Stoppable
from escape.models import BatchEngine, BatchOutcome, BatchProgress
from escape.types import MAX_BATCHES, Batch, FailureKind, ModelError

TRIES = 8  # of handing a batch in, or finding one: a second apart at first
GATHER_S = 1.0  # quiet for so long, what was asked is handed in
LOOK_S, LOOK_MOST_S = 2.0, 60.0  # between two looks at a batch: at first, and at most
SURE_LOOKS, FRESH_S = 4, 900.0  # so often a fresh batch is looked for before it counts as never taken in
LONGEST_S = 2 * 86_400.0  # a batch is over within one
REFUSED = frozenset({429, 529})  # replies after which a batch was surely not taken in


class Batcher:
    """The batches of one model in one run."""

    def __init__(self, limits: Stoppable, engine: BatchEngine, journal: Journal) -> None:
        self._limits, self._engine, self._journal = limits, engine, journal
        self._steady = Steady(limits)
        self._model = engine.model.spec.name
        self._known = {b.tag: b for b in journal.known if b.model == self._model}
        self._adopted: dict[str, set[str]] = {}  # tag of a batch that was never named -> ids that may be its
        self._waiting: dict[str, Asked] = {}
        self._flying: dict[str, dict[str, Asked]] = {}  # by tag, by request
        self._handing = 0  # batches that are being handed in
        self._most = engine.most_requests
        self._full = False  # the account's queue was: one batch at a time from now on
        self._gathering: asyncio.Task[None] | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    def close(self) -> None:
        """Wait for nothing any more."""
        for task in (*self._tasks, *([self._gathering] if self._gathering else [])):
            task.cancel()

    async def ask(self, one: Asked) -> BatchOutcome:
        """What came of a request, once its batch is over, or why that cannot be known now."""
        if self._limits.stopping:
            raise left()
        self._waiting[one.request_id] = one
        if self._gathering is None or self._gathering.done():
            self._gathering = asyncio.create_task(self._gather())
        return await one.outcome

    async def _gather(self) -> None:
        """Hand in what waits, once nothing more comes."""
        while self._waiting:
            before = -1
            while before != len(self._waiting) and not self._limits.stopping:
                before = len(self._waiting)
                await self._limits.wait(GATHER_S)
            requests, self._waiting = list(self._waiting.values()), {}
            with self._ending(requests):
                self._steady.go_on()
                rest = await self._collected(requests)
                if self._journal.collect_only:
                    end_all(rest, left())
                    continue
                for some in self._portions(rest):
                    if self._full:
                        await self._limits.wait(LOOK_S)
                    while self._full and (self._flying or self._handing):
                        await self._limits.wait(LOOK_S)
                        self._steady.go_on()
                    self._steady.go_on()
                    self._handing += 1
                    self._start(self._hand_in(some))

    async def _collected(self, requests_: Iterable[Asked]) -> list[Asked]:
        """Let what is in a batch already wait for that one; returns the rest."""
        newest: dict[str, Batch] = {}
        for batch in sorted(self._known.values(), key=lambda b: b.since):
            newest |= dict.fromkeys(batch.requests, batch)
        rest, known_batches = [], dict[str, list[Asked]]()
        for one in requests_:
            there_in = newest.get(one.request_id)
            if there_in is None or there_in.since <= one.since:
                rest.append(one)
            else:
                known_batches.setdefault(there_in.tag, []).append(one)
        for tag, requests in known_batches.items():
            try:
                batch = await self._found(self._known[tag])
            except ModelError as error:  # of this batch alone
                end_all(requests, error)
                continue
            if batch.batch_id:
                for one in requests:
                    one.collected = True
                self._follow_for(batch, requests)
            else:  # written down, never handed in
                del self._known[tag]
                rest += requests
        return rest

    async def _found(self, batch: Batch) -> Batch:
        """The batch with its id, where the provider has it though its id never arrived."""
        if batch.batch_id:
            return batch
        for look in range(SURE_LOOKS if time.time() - batch.since < FRESH_S else 1):
            if look:
                await self._limits.wait(pause_s(None, look))
            try:
                batch_id = await self._steady.call(lambda: self._find(batch), TRIES)
            except ModelError as error:
                raise (error if error.kind is FailureKind.CANCELLED else about(error)) from None
            if batch_id:
                return await self._adopt(batch, batch_id)
        return batch

    async def _adopt(self, batch: Batch, batch_id: str) -> Batch:
        """A batch under an id that was found. One that only looks like ours is not written down as ours."""
        if self._engine.finds_surely:
            return await self._named(batch, batch_id)
        self._adopted.setdefault(batch.tag, set()).add(batch_id)
        self._known[batch.tag] = batch_with_id = batch.model_copy(update={"batch_id": batch_id})
        return batch_with_id

    async def _find(self, batch: Batch) -> str | None:
        others = self._journal.taken | self._adopted.get(batch.tag, set())
        return await self._engine.find(batch.tag, len(batch.requests), batch.since, sorted(others))

    async def _named(self, batch: Batch, batch_id: str) -> Batch:
        """The batch with its id, written down. Where that fails it is waited for all the same and found again later."""
        batch_with_id = batch.model_copy(update={"batch_id": batch_id})
        self._known[batch.tag] = batch_with_id
        self._journal.taken.add(batch_id)
        with contextlib.suppress(Exception):  # what then keeps no result either says so
            await self._journal.write(batch_with_id.model_copy(update={"requests": ()}))
        return batch_with_id

    def _portions(self, requests: Sequence[Asked]) -> Iterable[list[Asked]]:
        some: list[Asked] = []
        size = 0
        for one in requests:
            own = len(json.dumps(self._engine.model.request(one.prompt))) + 200
            if some and (len(some) >= self._most or size + own > self._engine.most_bytes):
                yield some
                some, size = [], 0
            some.append(one)
            size += own
        if some:
            yield some

    async def _hand_in(self, requests: Sequence[Asked]) -> None:
        """Write a batch down, hand it in, write its id down, and wait for it."""
        with self._ending(requests):
            try:
                batch = await self._handed_in(requests)
            finally:
                self._handing -= 1
            self._follow_for(batch, requests)

    async def _handed_in(self, requests_: Sequence[Asked]) -> Batch:
        for one in requests_:
            one.sent = self._engine.model.request(one.prompt)
        requests = [(one.request_id, one.sent) for one in requests_]
        ids, tag = tuple(i for i, _ in requests), f"escape-{secrets.token_hex(8)}"
        batch = Batch(tag=tag, model=self._model, since=time.time(), requests=ids)
        if len(self._journal.tags) >= MAX_BATCHES:
            raise ModelError(FailureKind.BATCH, f"a run has at most {MAX_BATCHES} batches; begin another", attempts=0)
        self._journal.tags.add(batch.tag)
        await self._journal.write(batch)
        self._known[batch.tag] = batch
        unsure, looks = False, 0

        async def create() -> Batch:
            nonlocal unsure, looks
            if unsure and looks < SURE_LOOKS:
                looks += 1
                if batch_id := await self._find(batch):
                    return await self._adopt(batch, batch_id)
                if looks < SURE_LOOKS:  # the provider may list it a moment later
                    raise ModelError(FailureKind.CONNECTION, "nobody knows whether the batch was taken in")
            self._steady.go_on()
            try:
                return await self._named(batch, await self._engine.create(requests, batch.tag))
            except ModelError as error:  # it may have been taken in although no reply came
                unsure = unsure or (error.kind.is_transient and error.attempts > 0 and error.status not in REFUSED)
                raise

        try:
            return await self._steady.call(create, TRIES, drop=False)
        except ModelError as error:
            raise (about(error) if unsure else error) from None

    def _follow_for(self, batch: Batch, requests: Iterable[Asked]) -> None:
        waiting = self._flying.get(batch.tag)
        by_request = {one.request_id: one for one in requests}
        if waiting is None:
            self._flying[batch.tag] = by_request
            self._start(self._follow(batch, by_request))
        else:
            waiting |= by_request

    async def _follow(self, batch: Batch, waiting: dict[str, Asked]) -> None:
        """Wait for a batch and hand out what it brought; what it did not answer is asked again by whoever asked."""
        with self._ending(waiting.values()):
            try:
                progress, at_once = await self._awaited(batch)
            finally:
                del self._flying[batch.tag]  # whoever asks from now on reads it anew
            for each in waiting.values():
                each.from_before = each.collected and at_once
            if progress.why:
                self._journal.tags.discard(batch.tag)
                raise self._refused(progress.why, len(waiting))
            ours, read = False, 0
            async for request_id, outcome in self._read(batch.batch_id):
                self._steady.go_on()
                read += 1
                if one := waiting.pop(request_id, None):
                    if not ours and batch.tag in self._adopted:  # now it is sure
                        await self._named(batch, batch.batch_id)
                    ours = True
                    one.end(outcome)
            if not ours and batch.tag in self._adopted and waiting:  # another's of the same size: look further
                other = await self._found(batch.model_copy(update={"batch_id": ""}))
                if other.batch_id:
                    self._follow_for(other, list(waiting.values()))
                    return
            end_all(waiting.values(), missing(progress, read))

    async def _awaited(self, batch: Batch) -> tuple[BatchProgress, bool]:
        """How a batch ended, however long that takes, and whether it was over at the first look."""
        pause, at_once = LOOK_S, True
        while True:
            progress = await self._steady.call(lambda: self._engine.look(batch.batch_id), None)
            with contextlib.suppress(Exception):  # such as a closed pipe
                self._journal.tell(batch, progress)
            if progress.over:
                return progress, at_once
            at_once = False
            if time.time() - batch.since > LONGEST_S:
                raise ModelError(FailureKind.BATCH, "the batch is not over after two days; continue later", attempts=0)
            await self._limits.wait(pause)
            self._steady.go_on()
            pause = min(LOOK_MOST_S, pause * 1.5)

    async def _read(self, batch_id: str) -> AsyncIterator[tuple[str, BatchOutcome]]:
        """A batch's results; where reading breaks off it begins anew, and nobody minds hearing twice."""
        for attempt in range(1, TRIES + 1):
            try:
                async for outcome in self._engine.results(batch_id):
                    yield outcome
                return
            except ModelError as error:
                self._steady.go_on()
                if not error.kind.may_pass or attempt == TRIES:
                    raise about(error) from None
                await self._limits.wait(pause_s(error, attempt))

    def _refused(self, why: str, size: int) -> ModelError:
        """The error of a batch that was refused as a whole. What is too much for a queue is asked in smaller ones, one
        after the other, and that is no attempt.
        """
        if "token" in why.casefold() and "limit" in why.casefold():
            if not self._flying and not self._handing:  # not even alone
                if size == 1:
                    return about(ModelError(FailureKind.RATE_LIMIT, f"the account's queue is full: {why[:300]}"))
                self._most = min(self._most, size // 2)
            self._full = True
            return ModelError(FailureKind.RATE_LIMIT, f"the batch found no room: {why[:500]}", attempts=0)
        return ModelError(FailureKind.BAD_REQUEST, f"the batch failed: {why[:500]}", attempts=0)

    @contextlib.contextmanager
    def _ending(self, requests: Iterable[Asked]) -> Iterator[None]:
        """Whatever is raised within ends those who ask."""
        try:
            yield
        except Exception as error:
            end_all(list(requests), error if isinstance(error, ModelError) else broken(error))

    def _start(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

"""A model that is asked in batches: a prompt in, its own answer out, its money counted, asked again where it helps."""

from __future__ import annotations

import hashlib
import json
import time
from collections import Counter
from collections.abc import Sequence

from escape.calls.batcher import Batcher, Stoppable
from escape.calls.budget import Budget
from escape.calls.journal import ASKER, Asked, Asker, Journal
from escape.models import BatchEngine
from escape.types import Answer, FailureKind, ModelError, Prompt

ATTEMPTS = 3  # of a request that came back unanswered
REPAIRS = 6  # of a request whose form was refused


class Batched:
    """A model whose calls wait until their batch is over."""

    def __init__(self, limits: Stoppable, budget: Budget, engine: BatchEngine, journal: Journal) -> None:
        self.spec = engine.model.spec
        self._budget, self._engine, self._run_id, self._again = budget, engine, journal.run_id, journal.again
        self._batcher = Batcher(limits, engine, journal)
        self._handed_in = {request for batch in journal.known for request in batch.requests}
        self._times: Counter[tuple[object, str]] = Counter()

    async def close(self) -> None:
        """Release the connections. What is with the provider stays there."""
        self._batcher.close()
        await self._engine.model.close()

    async def complete(self, prompt: Prompt) -> Answer:
        """Like Model.complete: returns once the batch with this prompt is over. Raises ModelError."""
        asker = ASKER.get() or Asker(("", "", 0, 0))
        request_id, since = self._name(asker, prompt), asker.since
        attempts, repairs, doubtful = 0, 0, 0.0
        while True:
            one = Asked(request_id, prompt, since)
            async with self._budget.for_call(self.spec, prompt) as money:
                money.leave(always=True)
                money.used = 0.0  # until it is answered: what goes on at the provider is counted by who collects it
                outcome = await self._batcher.ask(one)
                if isinstance(outcome, Answer):
                    answer = money.paid(outcome.model_copy(update={"attempts": attempts + 1}))
                    return answer.model_copy(update={"doubtful_usd": answer.doubtful_usd + doubtful})
                doubtful += money.failed(may_cost=outcome.kind.may_cost and outcome.attempts > 0)
            failed = ModelError(outcome.kind, outcome.message, None, outcome.attempts, doubtful)
            if outcome.kind is FailureKind.CALLED_OFF and not self._again:
                raise failed
            since = time.time()
            if outcome.kind is FailureKind.BATCH:  # of the batch, not of this request, which may be answered by now
                raise failed
            if one.from_before:  # it failed in another life, maybe with other settings
                continue
            if outcome.kind is FailureKind.CANCELLED:
                raise failed
            if outcome.kind is FailureKind.RATE_LIMIT and outcome.attempts == 0:
                continue  # there was no room for its batch
            if repairs < REPAIRS and self._is_mended(one, outcome):
                repairs += 1
                continue
            attempts += 1
            again = outcome.kind.may_pass
            if attempts >= ATTEMPTS or not again:
                raise ModelError(outcome.kind, outcome.message, None, attempts if again else 1, doubtful)

    def _is_mended(self, one: Asked, error: ModelError) -> bool:
        """Whether the same can be asked in another form, as the server's words or another's refusal have shown."""
        if error.kind not in {FailureKind.BAD_REQUEST, FailureKind.UNKNOWN_MODEL} or not one.sent:
            return False
        model = self._engine.model
        return one.sent != model.request(one.prompt) or model.adapt(error.message.casefold(), one.sent)

    def _name(self, asker: Asker, prompt: Prompt) -> str:
        """A request's id: the same whenever this run asks this model for the same, whatever became of the words."""
        question = (asker.trial, prompt.name)
        self._times[question] += 1
        earlier = self._id(asker.trial[:3], prompt.name, self._times[question])  # as a run of format 2 handed it in
        return earlier if earlier in self._handed_in else self._id(*question, self._times[question])

    def _id(self, trial: Sequence[object], name: str, times: int) -> str:
        identity = json.dumps([self._run_id, self.spec.name, trial, name, times])
        return hashlib.sha256(identity.encode()).hexdigest()[:32]

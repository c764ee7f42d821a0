"""What a run has with providers: how far each batch is, and calling it off. Asks, decides nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

from escape import models
from escape.models import ApiKey, BatchProgress
from escape.types import Batch, ModelError, ModelSpec, Run, SpecError

NO_ID = "its id never arrived; continuing the run looks for it at the provider"


async def batches_of(
    run: Run, key_of: Callable[[ModelSpec], ApiKey], *, cancel: bool = False, public_only: bool = False
) -> AsyncIterator[tuple[Batch, BatchProgress | str]]:
    """Each batch of a run with how far it is, or with why that cannot be said. `cancel`: ask the provider first to
    answer no further requests.
    """
    specs = {s.name: s for s in (*run.config.players, *run.config.judge.models)}
    for batch in run.batches:
        spec = specs.get(batch.model)
        if spec is None or not batch.batch_id:
            yield batch, NO_ID if spec else "its model is not asked by this run any more"
            continue
        try:
            model = models.build(spec, key_of(spec), public_only=public_only)
        except SpecError as error:
            yield batch, str(error)
            continue
        try:
            engine = models.engine_for(model, models.provider_of(spec).batch)
            if engine is None:
                yield batch, "this provider has no batches"
                continue
            if cancel:
                await engine.cancel(batch.batch_id, batch.tag)
            yield batch, await engine.look(batch.batch_id)
        except ModelError as error:
            yield batch, str(error)
        finally:
            await model.close()

"""Batches: many requests handed to a provider at once, answered within a day, mostly at half the price.

In: requests by their ids. Out: the id of a batch, how far it is, and each reply as an `Answer` or a `ModelError`. One
protocol a file; nothing here waits, saves or counts money.
"""

from escape.models.batch.engine import BatchEngine, BatchOutcome, BatchProgress, not_answered
from escape.models.batch.engines import engine_for

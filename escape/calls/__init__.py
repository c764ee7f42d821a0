"""Guard every call of a run: rate limits, outages, retries, the budget and stopping.

`Calls.guard` wraps a model, so that each of its calls waits here until it may start. A lane is one address
with one key. The clock is passed in.
"""

from escape.calls.budget import ASKER, Booked, Budget, too_expensive
from escape.calls.guard import Calls, Limits, Retry
from escape.calls.lane import LaneKey

"""Every call of a run passes through here.

In: a model. Out: the same model behind a guard that waits for the provider's rate limit, retries transient
failures, stays within the budget, and stops when told to. A lane is one address with one key. The clock is
passed in.
"""

from escape.calls.budget import ASKER, Booked, Budget, too_expensive
from escape.calls.guard import Calls, Limits, Retry
from escape.calls.lane import LaneKey

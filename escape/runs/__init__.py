"""A run from its configuration to its results.

In: a `RunConfig`, puzzles, keys. Out: records, handed to a sink as they come. `plan` says what is to be done,
`execution` does it by `trials` and `marking`, `background` lets a run outlive its page, `archive` lets it
outlive the server. `file/` reads and writes runs.
"""

from escape.runs import examples
from escape.runs.background import BACKGROUND, finished_run
from escape.runs.costs import estimate_bills
from escape.runs.execution import Execution, Sink
from escape.runs.lending import Loan, lend
from escape.runs.live import LiveRun, Shelf, Snapshot
from escape.runs.loop import LOOP
from escape.runs.plan import RunPlan, make_plan, trials_to_ask, trials_to_mark
from escape.runs.recording import Recording
from escape.runs.trials import ask_repair, converse
from escape.runs.verifying import differences, read_otherwise
from escape.runs.versions import PACKAGES, new_run, now, program_hash, stamp_versions

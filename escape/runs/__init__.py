"""A run from its configuration to its results.

In: a `RunConfig`, puzzles, keys. Out: `Result`s, emitted as they arrive. `assembly` builds what a run needs, `trials`
does the work, `background` lets a run outlive its page, `archive` lets it outlive the server. `file/` reads and writes
runs.
"""

from escape.runs import examples
from escape.runs.assembly import Assembly, Job, new_run, now, program_hash, stamp_versions
from escape.runs.background import BACKGROUND, LOOP, finished_run
from escape.runs.costs import estimate_bills
from escape.runs.live import LiveJob, LiveRun, SavedRuns, Snapshot
from escape.runs.recording import Recording
from escape.runs.trials import Emit, ask_repair, converse
from escape.runs.verifying import differences

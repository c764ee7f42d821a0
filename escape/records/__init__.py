"""The data a run produces, as frozen records: trials, results, failures, opinions, and the run that holds them."""

from escape.records.cards import ControlOutcome, Estimate, KindBias, ReportCard, ScoreAgreement
from escape.records.run import (
    CANARY,
    EARLIER,
    FORMAT,
    MAX_BATCHES,
    MAX_OPINIONS,
    MAX_TRIALS,
    Batch,
    Header,
    Run,
    RunConfig,
)
from escape.records.trials import (
    AGENT,
    IMPORTED,
    MAX_REPAIRED,
    PERSON,
    PLAYED,
    WHY_NO_MOVE,
    Failure,
    Foresight,
    Opinion,
    Pending,
    Repair,
    Result,
    Trial,
    TrialKey,
    by_person,
)

"""Every type and exception that crosses packages: frozen records, checked at every file door. No logic."""

# fmt: off
from escape.types.cards import (
    ControlOutcome,
    Estimate,
    KindBias,
    ReportCard,
    ScoreAgreement,
)
from escape.types.errors import (
    MAX_MESSAGE_LENGTH,
    ClassError,
    EscapeError,
    FailureKind,
    FileError,
    ModelError,
    NotJudged,
    PuzzleError,
    SpecError,
    StoreError,
    redact,
    scrub,
)
from escape.types.fields import (
    Line,
    LongText,
    MediumText,
    Name,
    Record,
    escaped,
    normalized_name,
    total,
    without_surrogates,
)
from escape.types.judging import (
    Checklist,
    Judge,
    JudgeSpec,
    Scores,
    Tick,
    Verdict,
    Works,
)
from escape.types.model import (
    ANSWER_BUDGET,
    Answer,
    Effort,
    Finish,
    Model,
    ModelSpec,
    Prompt,
    Turn,
)
from escape.types.puzzle import (
    Puzzle,
    Setup,
    Solution,
)
from escape.types.run import (
    CANARY,
    EARLIER,
    FORMAT,
    MAX_OPINIONS,
    MAX_TRIALS,
    Header,
    Run,
    RunConfig,
)
from escape.types.trials import (
    AGENT,
    IMPORTED,
    PERSON,
    PLAYED,
    WITHOUT_ANSWER,
    Ended,
    Failure,
    Note,
    Opinion,
    Pending,
    Repair,
    Result,
    Trial,
    TrialKey,
    by_person,
)
from escape.types.world import (
    MAX_MOVES,
    MAX_TURNS,
    MoveResult,
    Outcome,
    PlayedBy,
    Rule,
    World,
)
# fmt: on

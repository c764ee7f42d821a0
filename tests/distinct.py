"""A small run in which no two figures are the same, so that a column that shows another's is found.

One answered and marked trial (`MARKED`) has a value of its own in every field; `ENDS` has another number of
every end.
"""

from collections import Counter

from escape.types import (
    Answer,
    Checklist,
    Ended,
    Failure,
    FailureKind,
    JudgeSpec,
    ModelSpec,
    MoveResult,
    Note,
    Outcome,
    Puzzle,
    Repair,
    Result,
    Run,
    Scores,
    Setup,
    Solution,
    Tick,
    Trial,
    Verdict,
)
from tests.small_runs import run_of

PLAYER = ModelSpec(provider="openai", model="gpt-5", effort="high", temperature=0.83, max_tokens=7777)
JUDGE = JudgeSpec(design="checklist", model=ModelSpec(provider="anthropic", model="claude"))
HERRINGS, PRINCIPLES, STEPS = 2, 4, 10


def distinct_puzzle(problem_id: str = "DISTINCT") -> Puzzle:
    lines = {name: tuple(f"{name} {n}" for n in range(1, 20)) for name in ("item", "principle", "step")}
    return Puzzle(
        problem_id=problem_id,
        title=f"The title of {problem_id}",
        family="family of rooms",
        setup=Setup(scenario="a scenario", available_items=lines["item"][:11], constraints=()),
        physical_principles=lines["principle"][:PRINCIPLES],
        red_herrings=lines["item"][:HERRINGS],
        solution=Solution(steps=lines["step"][:STEPS], key_insights=()),
        twist_of="ANOTHER",
    )


PUZZLE = distinct_puzzle()


def ticks(lines: tuple[str, ...], met: int) -> tuple[Tick, ...]:
    return tuple(Tick(text=line, met=n < met) for n, line in enumerate(lines))


CHECKLIST = Checklist(
    principles=ticks(PUZZLE.physical_principles, 3),
    steps=ticks(PUZZLE.solution.steps, 7),
    herrings=ticks(PUZZLE.red_herrings, 1),
    works="yes",
    invented_items=("a crane",),
)
STEPS_DONE = (
    *[MoveResult(move="pull: x", said="It gives.", changed=True)] * 8,
    *[MoveResult(move="push: x", said="Nothing.", changed=False)] * 5,
    *[MoveResult(move="?", said="Not understood.", understood=False)] * 6,
)
OUTCOME = Outcome(
    out=False, moves=13, shortest=9, progress=0.37, lost_at=12, herrings_touched=(PUZZLE.red_herrings[1],),
    steps=STEPS_DONE,
)  # fmt: skip
# 0.21 for the answer, 0.04 for its repair, 0.5 for the mark
MARKED = Result(
    trial=Trial(problem_id=PUZZLE.problem_id, player=PLAYER.name, repeat=2),
    answer=Answer(
        text="The answer's text.", model="gpt-5-2026", input_tokens=1401, output_tokens=1502, latency_s=3.25,
        finish_reason="length", cost_usd=0.21, attempts=16,
    ),
    repair=Repair(lines=17, answer=Answer(text="pull: y", cost_usd=0.04)),
    outcome=OUTCOME,
    verdict=Verdict(
        judge=JUDGE.name, prompt="checklist/9", scores=Scores(pus=1.5, sps=1.1, rhh=0.0), checklist=CHECKLIST,
        feedback="The feedback.", input_tokens=1603, output_tokens=1704, cost_usd=0.5, calls=1,
    ),
    started_at="2026-01-02T03:04:05+00:00",
    ended_at="2026-01-02T03:04:09+00:00",
)  # fmt: skip
NOTE = Note(trial=MARKED.trial, text="A note.", category="a category", by="somebody")


def distinct_run() -> Run:
    """The run of the marked trial, whose first repeat was not asked."""
    run = run_of([PUZZLE], [MARKED], [PLAYER], judge=JUDGE, repeats=2)
    versions = run.versions | {"escape": "9.8.7"}
    return run.model_copy(update={"run_id": "therunsid", "versions": versions, "notes": (NOTE,)})


ENDS: dict[Ended, int] = {
    "out": 2, "stuck": 3, "gave up": 1, "unread": 5, "cut off": 4, "refused": 6, "failed": 7, "empty": 9,
    "not asked": 8,
}  # fmt: skip


def ending(result: Ended, trial: Trial) -> Result | None:
    """A result that ended so; None where it was not asked."""
    good = Answer(text="Moves:\npull: x", cost_usd=0.0)
    unread = Outcome(out=False, moves=0, shortest=2, progress=0.0, steps=(STEPS_DONE[-1],))
    made = {
        "out": Result(trial=trial, answer=good, outcome=Outcome(out=True, moves=3, shortest=2, progress=1)),
        "stuck": Result(
            trial=trial, answer=good, outcome=Outcome(out=False, moves=3, shortest=2, progress=0.5)
        ),
        "gave up": Result(
            trial=trial,
            answer=good,
            outcome=Outcome(out=False, moves=0, shortest=2, progress=0, gave_up=True),
        ),
        "unread": Result(trial=trial, answer=Answer(text="?", cost_usd=0.0), outcome=unread),
        "cut off": Result(
            trial=trial,
            answer=Answer(text="?", cost_usd=0.0, finish_reason="length"),
            outcome=unread.model_copy(update={"steps": ()}),
        ),
        "refused": Result(
            trial=trial,
            answer=Answer(text="", cost_usd=0.0, finish_reason="refusal"),
            outcome=unread.model_copy(update={"steps": ()}),
        ),
        "empty": Result(
            trial=trial, answer=Answer(text="", cost_usd=0.0), outcome=unread.model_copy(update={"steps": ()})
        ),
        "failed": Result(
            trial=trial, failure=Failure(stage="player", kind=FailureKind.TIMEOUT, message="too slow")
        ),
    }
    return made.get(result)


def run_of_ends(ends: dict[Ended, int] = ENDS) -> Run:
    """A run of one player with so many results of each end, each of a room of its own."""
    words = [word for word, n in ends.items() for _ in range(n)]
    rooms = [distinct_puzzle(f"R{n:02d}").model_copy(update={"twist_of": ""}) for n in range(len(words))]
    trials = [Trial(problem_id=room.problem_id, player=PLAYER.name) for room in rooms]
    results = [ended for word, trial in zip(words, trials, strict=True) if (ended := ending(word, trial))]
    run = run_of(rooms, results, [PLAYER])
    assert Counter(r.result for r in results) == {word: n for word, n in ends.items() if word != "not asked"}
    return run

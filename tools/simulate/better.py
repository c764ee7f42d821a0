"""How often faulty judges make one of two equal players *better*, with an exam and without.

Also counts how often such judges pass the exam, and how often a run has figures at all.
"""

import random
from collections.abc import Callable
from typing import NamedTuple

from escape.judges import PROMPTS, doubts
from escape.judges.examined.exam import Exam
from escape.judges.examined.labelled import bundled, edition
from escape.metrics import METRICS, marks
from escape.puzzles import files
from escape.results import marked_shares, ranking
from escape.runs import new_run
from escape.types import (
    Answer,
    Checklist,
    JudgeSpec,
    ModelSpec,
    Puzzle,
    ReportCard,
    Result,
    Run,
    RunConfig,
    Tick,
    Trial,
    Verdict,
)

# whether an item is met, the answer's length: what the judge ticks
Says = Callable[[random.Random, bool, int], bool]
JUDGE = JudgeSpec(design="checklist", model=ModelSpec(provider="openai", model="judge"))
PLAYERS = tuple(ModelSpec(provider="openai", model=name) for name in ("long", "short"))
LENGTHS = {"long": 3_000, "short": 800}  # characters of their answers
PROMPT = next(p for p in PROMPTS if p.startswith("checklist/"))
EXAMS = 10  # of each judge; each is used for as many runs

JUDGES: dict[str, Says] = {
    "right nineteen times in twenty": lambda rng, met, length: met if rng.random() < 0.95 else not met,
    "generous by .2": lambda rng, met, length: met or rng.random() < 0.2,
    "at random": lambda rng, met, length: rng.random() < 0.5,
    "flatters length": lambda rng, met, length: (
        met or rng.random() < min(0.6, max(0.0, length - 500) / 5_000)
    ),
}


def verdict(
    rng: random.Random,
    says: Says,
    puzzle: Puzzle,
    met: dict[str, bool],
    used: dict[str, bool],
    length: int,
    *,
    attempted: bool = True,
) -> Verdict:
    principles, steps = (
        tuple(Tick(text=line, met=says(rng, met.get(line, False), length)) for line in lines)
        for lines in (puzzle.physical_principles, puzzle.solution.steps)
    )
    done = sum(t.met for t in steps) / len(steps)
    items = Checklist(
        principles=principles,
        steps=steps,
        herrings=tuple(Tick(text=line, met=used.get(line, False)) for line in puzzle.red_herrings),
        works="yes" if done > 0.9 else "partly" if done > 0.5 else "no",
        attempted=attempted,
    )
    return Verdict(judge=JUDGE.name, prompt=PROMPT, scores=marks(items, puzzle), checklist=items)


def examined(rng: random.Random, says: Says, paper: Exam) -> ReportCard:
    """Sit the exam's labelled answers.

    Controls are left out: these judges know attempts from other texts.
    """
    results = []
    for trial, case in paper.labelled.items():
        label = case.labels[0]
        met = {**label.principles, **label.steps}
        mark = verdict(rng, says, paper.puzzles[case.problem_id], met, dict(label.herrings), len(case.answer),
                       attempted=case.attempt)  # fmt: skip
        results.append(Result(trial=trial, answer=Answer(text=case.answer), verdict=mark))
    card = paper.card(JUDGE.name, results, "")
    return card.model_copy(update={"controls": (), "asked": len(results), "answered": len(results)})


def run_of(rng: random.Random, says: Says, rooms: list[Puzzle], card: ReportCard) -> Run:
    """Draw a run of two players whose explanations are equally good, one of whom writes more."""
    results = []
    for room in rooms:
        good = rng.betavariate(2, 2)
        for spec in PLAYERS:
            met = {line: rng.random() < good for line in (*room.physical_principles, *room.solution.steps)}
            length = int(LENGTHS[spec.model] * rng.lognormvariate(0, 0.3))
            trial = Trial(problem_id=room.problem_id, player=spec.name)
            mark = verdict(rng, says, room, met, {}, length)
            results.append(Result(trial=trial, answer=Answer(text="x" * length), verdict=mark))
    config = RunConfig(players=PLAYERS, judge=JUDGE, problem_ids=tuple(r.problem_id for r in rooms))
    return new_run(config, rooms).model_copy(update={"results": tuple(results), "cards": (card,)})


class Said(NamedTuple):
    """Shares of runs in which somebody is better, of exams passed, and of runs with figures."""

    better_without: float
    better: float
    passed: float
    figures: float


def said(says: Says, rooms: list[Puzzle], paper: Exam, draws: int) -> Said:
    """Count over so many runs.

    `better_without` goes by the tests alone, as before there was an exam: a card that always passes is used.
    """
    rng, metric = random.Random(16), METRICS["standard"]
    cards = [examined(rng, says, paper) for _ in range(EXAMS)]
    # doubts nothing, knows nothing of length
    blind = ReportCard(judge=JUDGE.name, prompt=PROMPT, exam=edition(), labelled=180, asked=1, answered=1)
    counts = [0, 0, 0]
    for n in range(draws):
        run = run_of(rng, says, rooms, cards[n % EXAMS])
        alone = run.model_copy(update={"cards": (blind,)})
        counts[0] += any(p.comparison == "ahead" for p in ranking(alone, metric).pairs)
        counts[1] += any(p.comparison == "ahead" for p in ranking(run, metric).pairs)
        shares = marked_shares(run)[PLAYERS[0].name].shares.values()
        counts[2] += all(share.corrected for share in shares)
    return Said(
        counts[0] / draws, counts[1] / draws, sum(not doubts(c) for c in cards) / EXAMS, counts[2] / draws
    )


def main(draws: int) -> None:
    rooms = files.shared(files.BUNDLED)
    print(
        "equals, one writing four times as much: better without an exam, better with it, exams passed, "
        "figures given"
    )
    papers = {"60": Exam.short(rooms), "180": Exam.long([], bundled(), rooms)}
    for size, paper in papers.items():
        for name, says in JUDGES.items():
            s = said(says, rooms, paper, draws)
            print(f"exam of {size:3}, {name:32} " + "  ".join(f"{x:5.3f}" for x in s))

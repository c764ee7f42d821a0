"""A class's results: a run with its members as raters and players, figures over them, files to take home; which rooms
each student reviews, and what the class found of each. Pure.
"""

import csv
import hashlib
import io
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from statistics import fmean, median
from typing import assert_never

from escape.classes.rounds import Called, Guess, Played, Posed, Remark, Review, Round, label
from escape.judges import SCORES, RoomJudge, raters
from escape.metrics import LABELS, METRICS
from escape.puzzles import CONTROLS, answer, bets
from escape.results import gap_sentence, join_and, safe_cell, unscripted
from escape.rooms import plans, solver
from escape.store import Entry
from escape.types import PERSON, PLAYED, Answer, Mark, Note, Outcome, Puzzle, Result, Run, Trial, Verdict, by_person

COLUMNS = (
    "round kind student problem_id player repeat pus sps rhh works note out moves shortest starts winner enough bet "
    "category judge_pus judge_sps judge_rhh title"
).split()


def marks(entries: Sequence[Entry]) -> list[Mark]:
    return [
        Mark(trial=Trial.model_validate_json(e.item), rater=f"{PERSON}{label(e.member)}",
                verdict=Verdict.model_validate_json(e.body))
        for e in entries
    ]  # fmt: skip


def with_marks(run: Run, entries: Sequence[Entry]) -> Run:
    """Return the run with the class's marks in it, and only the answers that were marked."""
    opinions = marks(entries)
    marked = {o.trial for o in opinions}
    results = tuple(r for r in run.results if r.trial in marked)
    return run.model_copy(update={"results": results, "opinions": tuple(opinions)})


def with_plays(run: Run, entries: Sequence[Entry]) -> Run:
    played = {e.item for e in entries}
    plays = []
    for entry in (e for e in entries if e.item in run.puzzle_by_id):
        puzzle, text = run.puzzle_by_id[entry.item], Played.model_validate_json(entry.body).answer
        outcome = plans.outcome(puzzle, text)
        verdict = RoomJudge().verdict(puzzle, outcome) if outcome else None
        trial = Trial(problem_id=puzzle.problem_id, player=f"{PLAYED}{label(entry.member)}")
        answer = Answer(text=text, cost_usd=0.0)
        plays.append(Result(trial=trial, answer=answer, verdict=verdict, outcome=outcome))
    results = [r for r in run.results if r.trial.problem_id in played]
    ids = [p.problem_id for p in run.puzzles if p.problem_id in played]
    config = run.config.model_copy(update={"problem_ids": tuple(ids)})
    return run.model_copy(update={"results": (*results, *plays), "config": config})


def played_by_room(run: Run, entries: Sequence[Entry]) -> dict[str, list[bool]]:
    """Return for each room that somebody of the class played whether each of them got out."""
    people = {f"{PLAYED}{label(entry.member)}" for entry in entries}  # a run may have plays of others
    outs: dict[str, list[bool]] = {}
    for result in with_plays(run, entries).results:
        if result.trial.player in people and result.outcome:
            outs.setdefault(result.trial.problem_id, []).append(result.outcome.out)
    return outs


def puzzles(entries: Sequence[Entry]) -> list[Puzzle]:
    """Return a writing round's puzzles, each under an id that begins with who wrote it."""
    theirs = []
    for entry in entries:
        puzzle = Puzzle.model_validate_json(entry.body)
        name = f"{label(entry.member)}-{puzzle.problem_id}"[:64]
        theirs.append(puzzle.model_copy(update={"problem_id": name}))
    return theirs


def guesses(entries: Sequence[Entry]) -> list[Guess]:
    return [Guess.model_validate_json(e.body) for e in entries]


@dataclass(frozen=True)
class Answered:
    """One answer as the class saw it, on one score: everybody's marks, their median, the judge's."""

    trial: Trial
    score: str
    given: tuple[float, ...]
    judge: float | None

    @property
    def median(self) -> float:
        return median(self.given)

    @property
    def apart(self) -> float:
        """Return how far the judge is from it. 0 where it has no mark."""
        return 0.0 if self.judge is None else abs(self.judge - self.median)


def answers(run: Run) -> list[Answered]:
    verdicts = raters(run)
    people = [v for name, v in verdicts.items() if by_person(name)]
    rows = []
    for result in run.results:
        for score in SCORES:
            values = [x for v in people if result.trial in v
                     and (x := getattr(v[result.trial].scores, score)) is not None]  # fmt: skip
            if values:
                rows.append(Answered(result.trial, score, tuple(values), judged(run, result).get(score)))
    return rows


def judged(run: Run, result: Result) -> dict[str, float]:
    """Return the judge's marks as Results shows them, the room's word counting. None for what nobody could tell."""
    verdict = result.verdict
    if verdict is None:
        return {}
    scores = METRICS["standard"].scores(verdict, run.puzzle_by_id[result.trial.problem_id], result.outcome)
    unknown = verdict.undecided and result.outcome is None
    every = {score: getattr(scores, score) for score in SCORES if not (score == "sps" and unknown)}
    return {score: mark for score, mark in every.items() if mark is not None}


def gaps(answers: Sequence[Answered]) -> list[float]:
    """Return for each answer that the judge marked its marks minus the class's medians, summed over the scores."""
    by_answer: dict[Trial, float] = {}
    for a in answers:
        if a.judge is not None:
            by_answer[a.trial] = by_answer.get(a.trial, 0.0) + a.judge - a.median
    return list(by_answer.values())


def gap(answers: Sequence[Answered]) -> str:
    """Say how far the judge's marks are from the class's medians, all scores of an answer together."""
    return gap_sentence(gaps(answers))


def generosity(marked: Sequence[Answered]) -> str:
    parts = []
    for score in SCORES:
        gaps = [a.judge - a.median for a in marked if a.score == score and a.judge is not None]
        if gaps:
            gap = fmean(gaps)
            how = "as generous" if abs(gap) < 0.05 else (
                f"{abs(gap):.1f} marks {'more generous' if gap > 0 else 'stricter'}"
            )  # fmt: skip
            parts.append(f"{how} on {LABELS[score]}")
    n = len({a.trial for a in marked})
    over = f"Over {n} answer{'s' if n != 1 else ''}, compared with the class's median,"
    return f"{over} the judge is {join_and(parts)}." if parts else "The judge has not marked these answers."


def tried_with_controls(puzzle: Puzzle, everybody: Sequence[Puzzle]) -> list[tuple[str, str]]:
    """Return what the room does with answers whose right end is known: control, and out, stuck or not tried."""
    everything = [p for p in everybody if p.problem_id != puzzle.problem_id] + [puzzle]
    rows = []
    for name in CONTROLS:
        outcome = plans.outcome(puzzle, answer(name, puzzle, everything))
        rows.append((CONTROLS[name].called, "not tried" if outcome is None else "out" if outcome.out else "stuck"))
    return rows


def to_csv(rounds: Sequence[tuple[Round, Sequence[Entry], Run]]) -> str:
    """Return all that a class wrote but its puzzles, a row each. Each round comes with the run that it was about.

    People are S01, S02 and so on.
    """
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, lineterminator="\n")
    writer.writeheader()
    for class_round, entries, run in rounds:
        for entry in entries:
            row: dict[str, str | float | None] = {
                "round": class_round.number,
                "kind": class_round.plan.kind,
                "student": label(entry.member),
            }
            row |= row_of(class_round, entry, run)
            writer.writerow({k: safe_cell(v) for k, v in row.items()})
    return out.getvalue()


def row_of(class_round: Round, entry: Entry, run: Run) -> dict[str, str | float | None]:
    """Return one thing that somebody wrote as a row, with the room's title and the judge's marks beside a mark."""
    row = _row(class_round, entry, run.puzzle_by_id)
    puzzle = run.puzzle_by_id.get(str(row.get("problem_id")))
    row["title"] = puzzle.title if puzzle else None
    if class_round.plan.kind == "mark":
        trial = Trial.model_validate_json(entry.item)
        result = next((r for r in run.results if r.trial == trial), None)
        row |= {f"judge_{score}": mark for score, mark in (judged(run, result) if result else {}).items()}
    return row


def _row(class_round: Round, entry: Entry, by_id: Mapping[str, Puzzle]) -> dict[str, str | float | None]:
    kind = class_round.plan.kind
    if kind == "mark":
        trial, verdict = Trial.model_validate_json(entry.item), Verdict.model_validate_json(entry.body)
        s = verdict.scores
        works = verdict.checklist.works if verdict.checklist else ""
        return {"problem_id": trial.problem_id, "player": trial.player, "repeat": trial.repeat, "pus": s.pus,
                "sps": s.sps, "rhh": s.rhh, "works": works, "note": verdict.feedback}  # fmt: skip
    if kind == "play":
        played = Played.model_validate_json(entry.body)
        outcome = plans.outcome(by_id[entry.item], played.answer) if entry.item in by_id else None
        row: dict[str, str | float | None] = {"problem_id": entry.item, "starts": played.starts}
        if outcome:
            row |= {"out": int(outcome.out), "moves": outcome.moves, "shortest": outcome.shortest}
        return row
    if kind == "predict":
        guess = Guess.model_validate_json(entry.body)
        return {"winner": guess.winner, "enough": int(guess.enough)}
    if kind == "write":
        return {"problem_id": f"{label(entry.member)}-{json.loads(entry.body)['problem_id']}"}
    if kind == "review":
        review = Review.model_validate_json(entry.body)
        return {"problem_id": review.room, "out": int(review.out), "note": review.line, "category": review.word}
    if kind == "bet":
        posed = class_round.plan.bets[int(entry.item)]
        outcome = _ends(posed, by_id)
        bet = Called.model_validate_json(entry.body).out
        row = {"problem_id": posed.problem_id, "player": posed.by, "bet": int(bet)}
        return row | ({"out": int(outcome.out)} if outcome else {})
    if kind == "note":
        note = _note(class_round, entry)
        place: dict[str, str | float | None] = {"problem_id": note.trial.problem_id, "player": note.trial.player}
        return place | {"repeat": note.trial.repeat, "note": note.text, "category": note.category}
    assert_never(kind)


def _ends(posed: Posed, by_id: Mapping[str, Puzzle]) -> Outcome | None:
    """Return what a plan comes to. None in a room that the class's run no longer has."""
    return bets.carried_out(by_id[posed.problem_id], posed.lines) if posed.problem_id in by_id else None


@dataclass(frozen=True)
class Bets:
    """A plan, what it came to, and what the class bet on it: so many `out`, so many `stuck`."""

    posed: Posed
    outcome: Outcome | None
    out: int
    stuck: int

    @property
    def right(self) -> int:
        return 0 if self.outcome is None else self.out if self.outcome.out else self.stuck


def bets_by_plan(class_round: Round, entries: Sequence[Entry], run: Run) -> list[Bets]:
    """Plan by plan, what a class bet and what came of it."""
    calls = [(int(e.item), Called.model_validate_json(e.body).out) for e in entries]
    cast = Counter(calls)
    by_id = run.puzzle_by_id
    return [Bets(b, _ends(b, by_id), cast[n, True], cast[n, False]) for n, b in enumerate(class_round.plan.bets)]


def _note(class_round: Round, entry: Entry) -> Note:
    """Return a line of a class, with the category that the class put it into, else the one its writer gave."""
    remark = Remark.model_validate_json(entry.body)
    category = class_round.plan.groups.get(group_key(entry), remark.category)
    return Note(
        trial=Trial.model_validate_json(entry.item), text=remark.text, category=category, by=label(entry.member)
    )


def group_key(entry: Entry) -> str:
    """Under what a note's category is kept: who wrote it, and on which answer."""
    trial = Trial.model_validate_json(entry.item)
    return f"{entry.member} {trial.problem_id} {trial.player} {trial.repeat}"[:300]


def notes(class_round: Round, entries: Sequence[Entry]) -> list[Note]:
    return [_note(class_round, entry) for entry in entries]


def votes(predictions: Sequence[Guess]) -> Counter[str]:
    return Counter(g.winner for g in predictions)


EACH = 2  # rooms that a student reviews


@dataclass(frozen=True)
class Handed:
    """A student's room. `key`: by which reviewers know it. `missing`: why it is not proved, "" if it is."""

    member: int
    key: str
    puzzle: Puzzle
    missing: str

    @property
    def room_id(self) -> str:
        """Its id in the class's set, which begins with its author's label."""
        return f"{label(self.member)}-{self.puzzle.problem_id}"[:64]


def handed_in(secret: str, entries: Sequence[Entry]) -> list[Handed]:
    """Return a writing round's rooms by author. `secret`: the class's, so that no key gives a number away."""
    rooms = []
    for entry in entries:
        key = hashlib.sha256(f"{secret} {entry.member} {entry.item}".encode()).hexdigest()[:12]
        rooms.append(Handed(entry.member, key, *_proved(entry.body)))
    return rooms


@lru_cache(maxsize=512)
def _proved(body: str) -> tuple[Puzzle, str]:
    """Return a room as it was handed in, and why it is not proved: every student's page asks for all of them."""
    puzzle = Puzzle.model_validate_json(body)
    if puzzle.world is None:
        return puzzle, "it has no rules"
    return puzzle, next((f"{fault.where} {fault.remedy}" for fault in solver.prove(puzzle).faults), "")


def assigned(rooms: Sequence[Handed], member: int) -> list[Handed]:
    """Return two proved rooms of classmates for a student. By turns, so that each is read about as often."""
    theirs = [room for room in rooms if not room.missing and room.member != member]
    first = EACH * member % max(1, len(theirs))
    return [*theirs[first:], *theirs[:first]][:EACH]


@dataclass(frozen=True)
class Reviewed:
    """A class's findings on one room: whether each reader got out, and each one's word with a line."""

    room: Handed
    outs: tuple[bool, ...]
    remarks: tuple[tuple[str, str], ...]


def reviewed(rooms: Sequence[Handed], entries: Sequence[Entry]) -> list[Reviewed]:
    reviews_by_room: dict[str, list[Review]] = {}
    for entry in entries:
        reviews_by_room.setdefault(entry.item, []).append(Review.model_validate_json(entry.body))
    findings = []
    for room in rooms:
        reviews = reviews_by_room.get(room.key, [])
        findings.append(Reviewed(room, tuple(r.out for r in reviews), tuple((r.word, r.line) for r in reviews)))
    return findings


def gets_out(puzzle: Puzzle, review: Review) -> bool:
    outcome = plans.outcome(puzzle, f"Moves:\n{review.moves}", requested=True)
    return outcome is not None and outcome.out


ENOUGH = 10  # test-takers, from which on a room may be said to separate them


@dataclass(frozen=True)
class Takers:
    """People and models that tried a room, and whether each got out. A model counts once."""

    people: Sequence[bool] = ()
    models: Sequence[bool] = ()

    @property
    def verdict(self) -> str:
        """All, some or none out, and whether that separates anybody. "" where nobody tried the room."""
        everybody = [*self.people, *self.models]
        if not everybody:
            return ""
        if all(everybody) or not any(everybody):
            return "all out" if everybody[0] else "none out"
        if len(everybody) < ENOUGH:
            return f"some out; {len(everybody)} test-takers are too few to say more"
        return "some out: it separates"


def models_of(run: Run, problem_id: str) -> list[bool]:
    """Return for each model of a run whether it got out of a room, in at least half of its answers."""
    ends: dict[str, list[bool]] = {}
    models = {player for player in unscripted(run) if not player.startswith(PLAYED)}
    for result in run.results:
        player = result.trial.player
        is_model = player in models
        was_read = result.trial.problem_id == problem_id and result.outcome and not result.outcome.unread
        if is_model and was_read and result.outcome:
            ends.setdefault(player, []).append(result.outcome.out)
    return [2 * sum(outs) >= len(outs) for outs in ends.values()]

"""Everything in a run that code can work out again, worked out again: what differs, what is missing. Asks nobody."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping

from escape import models
from escape.metrics import marks, room_marks
from escape.puzzles import files, scripted_answer
from escape.rooms import plans as attempts
from escape.rooms import playable
from escape.rooms.reading import plan_lines
from escape.runs.assembly import program_hash
from escape.runs.conversation import replayed, whole
from escape.types import Outcome, Puzzle, Result, Run, Scores, Verdict


def differences(run: Run, bundled: Mapping[str, Puzzle]) -> Iterator[str]:
    """One line for each thing that is not as code finds it. `bundled`: the puzzles that everybody has, by id; those
    with other ids are taken as the file tells them.
    """
    by_id, planned, asked = run.puzzle_by_id, dict.fromkeys(run.config.trials()), set(run.config.problem_ids)
    for problem_id, puzzle in by_id.items():
        if bundled.get(problem_id, puzzle) != puzzle:
            yield f"{problem_id}: is not the puzzle of that name that Escape has"
    folders = files.sets(files.BUNDLED)
    if run.config.puzzle_set in folders:
        left_out = [p.problem_id for p in files.shared(folders[run.config.puzzle_set]) if p.problem_id not in asked]
        if left_out:
            yield f"names the set {run.config.puzzle_set} and leaves out {', '.join(left_out)}"
    yield from _strangers(run)
    absent = dict.fromkeys(t for t in planned if not t.player.startswith("published:"))  # whose answers nobody has
    times = Counter(result.trial for result in run.results)
    ours = run.versions.get("program sha256") == program_hash()
    for result in run.results:
        trial = result.trial
        where = f"{trial.player} on {trial.problem_id}, repeat {trial.repeat}"
        if result.answer or result.failure or result.turns:
            absent.pop(trial, None)
        if times[trial] > 1:
            yield f"{where}: has more than one answer"
        if trial not in planned and not trial.is_imported:
            yield f"{where}: was not asked for"
        requested = run.config.moves and trial in planned
        for what in _of_result(result, by_id[trial.problem_id], requested=requested, ours=ours):
            yield f"{where}: {what}"
    if absent:
        names = "; ".join(f"{t.player} on {t.problem_id}, repeat {t.repeat}" for t in list(absent)[:3])
        more = " and others" if len(absent) > 3 else ""
        yield f"{len(absent)} of {len(planned)} answers missing: {names}{more}"


def _strangers(run: Run) -> Iterator[str]:
    """Answers that report another player than their own: a script under another's name, a model among another's."""
    reported: dict[str, Counter[str]] = defaultdict(Counter)
    for result in run.results:
        if result.answer and result.answer.model:
            reported[result.trial.player][result.answer.model] += 1
    usual = {player: counted.most_common(1)[0][0] for player, counted in reported.items()}
    for player, counted in reported.items():
        others = {model for who, model in usual.items() if who != player and model != usual[player]}
        for model in counted:
            if model in others or (models.is_scripted(model) and model != player):
                yield f"{player}: has answers of {model}"


def _of_result(result: Result, puzzle: Puzzle, *, requested: bool, ours: bool) -> Iterator[str]:
    """`requested`: its player was asked for moves; `ours`: the run was made by this very program."""
    if [t.number for t in result.turns] != list(range(1, len(result.turns) + 1)):
        yield "turns: one is missing, or there twice"
    if result.turns and result.answer is not None and result.answer != whole(result.turns):
        yield "answer: is not what its turns add up to"
    if result.verdict and (again := _marks_again(result.verdict, result, puzzle)) != result.verdict.scores:
        yield f"marks: {result.verdict.judge} gives {result.verdict.scores.overall:g}, its checklist {again.overall:g}"
    outcome: Outcome | None = None
    if result.turns and playable(puzzle):
        replies, outcome = replayed(puzzle, [(t.move, t.answer.cut_off) for t in result.turns])
        for turn, reply in zip(result.turns, replies, strict=True):
            if turn.reply != reply or plan_lines.one(turn.answer.whole_lines) != turn.move:
                yield f"turn {turn.number}: is not what was said and what the room replies"
    elif result.answer is not None and playable(puzzle):
        repair = result.repair.answer.text if result.repair else ""
        asked_for = requested or result.outcome is not None
        outcome = attempts.outcome(puzzle, result.answer.text, requested=asked_for, repair=repair)
    if outcome != result.outcome:
        yield f"outcome: {_told(result.outcome)}, and carrying the moves out gives {_told(outcome)}"
    provider, _, name = result.trial.player.partition(":")
    if ours and provider == "demo" and result.answer and not result.turns:
        written = scripted_answer(name, puzzle.problem_id)
        if written not in (None, result.answer.text) and result.answer.model == result.trial.player:
            yield "answer: is not the one that is written for this player"


def _marks_again(verdict: Verdict, result: Result, puzzle: Puzzle) -> Scores:
    if verdict.checklist is not None:
        return marks(verdict.checklist, puzzle)
    if verdict.scores.pus is None and result.outcome is not None:
        return room_marks(result.outcome, puzzle)
    return verdict.scores


def _told(outcome: Outcome | None) -> str:
    return "none" if outcome is None else f"{'out' if outcome.out else 'not out'} in {outcome.moves} moves"

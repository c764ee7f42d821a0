"""Everything in a run that code can work out again, worked out again: what differs, and where. Asks nobody."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from escape import houses, labs
from escape.errors import NotJudged
from escape.foresight import marked, questions
from escape.judges import find_json
from escape.metrics import marks
from escape.puzzles import attempts
from escape.records import Result, Run
from escape.rooms import plan_lines
from escape.runs.conversation import replayed, whole
from escape.schema import Puzzle


def differences(run: Run, bundled: Mapping[str, Puzzle]) -> Iterator[str]:
    """One line for each thing that is not as code finds it: puzzles, outcomes, turns, marks, foresight.

    `bundled`: the puzzles that everybody has; those with other ids are taken as the file tells them.
    """
    for puzzle in run.puzzles:
        yield from _puzzle(puzzle, bundled)
    by_id, planned = run.puzzle_by_id, set(run.config.trials())
    for result in run.results:
        puzzle, trial = by_id[result.trial.problem_id], result.trial
        where = f"{trial.player} on {trial.problem_id}, repeat {trial.repeat}"
        if trial not in planned and not trial.is_imported:
            yield f"{where}: was not asked for"
        yield from (f"{where}: {what}" for what in _result(result, puzzle))


def _puzzle(puzzle: Puzzle, bundled: Mapping[str, Puzzle]) -> Iterator[str]:
    same = bundled.get(puzzle.problem_id)
    if same is not None and same != puzzle:
        yield f"{puzzle.problem_id}: is not the puzzle of that name that Escape has"
    drawn = puzzle.drawn
    if drawn is None or drawn.seed.startswith(houses.SEALED):
        return
    version = houses.VERSION if puzzle.house else labs.VERSION
    if drawn.version != version:
        return  # an older generator: its numbers were proved when the file was read
    kind, doors = (houses.house if puzzle.house else labs.laboratory), len(drawn.doors)
    try:
        made = kind(drawn.seed, drawn.number, doors)
    except ValueError as error:
        yield f"{puzzle.problem_id}: {error}"
        return
    if made != drawn:
        yield f"{puzzle.problem_id}: the seed makes another one"


def _result(result: Result, puzzle: Puzzle) -> Iterator[str]:
    if result.turns:
        yield from _turns(result, puzzle)
    elif result.answer is not None and puzzle.playable:
        text = result.answer.whole_lines if puzzle.drawn else result.answer.text
        found = attempts.outcome(puzzle, text, asked=result.outcome is not None)
        if found != result.outcome:
            yield f"outcome: {_told(result.outcome)}, and carrying the moves out gives {_told(found)}"
    elif result.outcome is not None:
        yield f"outcome: {_told(result.outcome)}, and there is no answer that it could come from"
    verdict = result.verdict
    for one in (verdict, *verdict.members) if verdict else ():
        again = marks(one.checklist, puzzle) if one.checklist is not None else one.scores
        if again != one.scores:
            yield f"marks: {one.judge} gives {one.scores.overall:g}, and its checklist {again.overall:g}"
    if result.foresight and result.foresight.answer and not result.foresight.problem:
        try:
            said = find_json(result.foresight.answer.text)
        except NotJudged:
            said = {}
        if marked(questions(puzzle), said) != result.foresight.items:
            yield "foresight: is not what the reply says"


def _turns(result: Result, puzzle: Puzzle) -> Iterator[str]:
    if [t.number for t in result.turns] != list(range(1, len(result.turns) + 1)):
        yield "turns: one is missing, or there twice"
    for turn in result.turns:
        if plan_lines.one(turn.answer.whole_lines) != turn.move:
            yield f"turn {turn.number}: its move is not the one that was said"
    replies, outcome = replayed(puzzle, [(t.move, t.answer.cut_off) for t in result.turns])
    for turn, reply in zip(result.turns, replies, strict=True):
        if turn.reply != reply:
            yield f"turn {turn.number}: the reply is not what the room says"
    if result.outcome is not None and outcome != result.outcome:
        yield f"outcome: {_told(result.outcome)}, and carrying the moves out gives {_told(outcome)}"
    if result.answer is not None and result.answer != whole(result.turns):
        yield "answer: is not what its turns add up to"


def _told(outcome: attempts.Outcome | None) -> str:
    if outcome is None:
        return "none"
    if outcome.doors:
        return f"{outcome.doors.opened} of {outcome.doors.total} doors"
    return f"{'out' if outcome.out else 'not out'} in {outcome.moves} moves"

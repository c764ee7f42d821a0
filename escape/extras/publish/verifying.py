"""Everything in a run that code can work out again, worked out again: what differs, what is missing. Asks nobody."""

from __future__ import annotations

import itertools
import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from escape import models
from escape.environments import environment_of, foresight, is_marked, playable
from escape.environments import plans as attempts
from escape.environments.foresight import marked, questions
from escape.environments.rooms import READING
from escape.environments.rooms.reading import plan_lines
from escape.judges import find_json
from escape.metrics import marks, room_marks
from escape.puzzles import files, scripted_answer
from escape.runs import FORESIGHT_OF, READING_OF, program_hash, replayed, whole
from escape.runs.file import ResultsOnDisk
from escape.types import NotJudged, Outcome, Puzzle, Result, Run

_FORMER = Path(files.__file__).with_name("former.json")
SHOWN = 3  # missing trials that are named


@dataclass(frozen=True)
class Difference:
    """Something in a run that is not as code finds it. `wrong`: it cannot have come about as it stands; `missing`: the
    configuration promises it; `reading`: an outcome that lines read by today's rules would change, in a run whose
    lines an earlier version read.
    """

    kind: Literal["wrong", "missing", "reading"]
    text: str


def differences(run: Run, bundled: Mapping[str, Puzzle]) -> Iterator[Difference]:
    """One for each thing that is not as code finds it: puzzles, trials, outcomes, turns, marks, foresight.

    `bundled`: the puzzles that everybody has; those with other ids are taken as the file tells them.
    """
    for puzzle in run.puzzles:
        yield from _wrong(_puzzle(puzzle, bundled))
    yield from _wrong(_set(run))
    yield from _wrong(_twice(run))
    yield from _wrong(_strangers(run))
    by_id, planned = run.puzzle_by_id, dict.fromkeys(run.config.trials())
    read_earlier, asked_earlier = _older(run, READING_OF, READING), _older(run, FORESIGHT_OF, foresight.VERSION)
    ours = run.versions.get("program sha256") == program_hash()
    absent = dict.fromkeys(t for t in planned if not t.player.startswith("published:"))  # whose answers nobody has
    for result in run.results:
        puzzle, trial = by_id[result.trial.problem_id], result.trial
        where = f"{trial.player} on {trial.problem_id}, repeat {trial.repeat}"
        if result.answer or result.failure or result.turns:
            absent.pop(trial, None)
        if trial not in planned and not trial.is_imported:
            yield Difference("wrong", f"{where}: was not asked for")
        yield from (Difference("wrong", f"{where}: {what}") for what in _result(result, puzzle))
        requested = not is_marked(puzzle) or (run.config.moves and trial in planned)
        for what in (*_turns(result, puzzle), *_outcome(result, puzzle, requested=requested)):
            yield Difference("reading" if read_earlier else "wrong", f"{where}: {what}")
        for what in _foresight(result, puzzle):
            yield Difference("reading" if asked_earlier else "wrong", f"{where}: {what}")
        for what in _script(result) if ours else ():
            yield Difference("wrong", f"{where}: {what}")
    if absent:
        first = itertools.islice(absent, SHOWN)  # in the run's order, the same each time
        first_names = "; ".join(
            f"{t.player} on {t.problem_id}" + f", repeat {t.repeat}" * (t.repeat > 1) for t in first
        )
        of = f"{len(absent)} of {len(planned)} answers {'is' if len(absent) == 1 else 'are'} missing"
        yield Difference("missing", f"{of}: {first_names}" + (" and others" if len(absent) > SHOWN else ""))


def _older(run: Run, name: str, now: int) -> bool:
    """Whether a run was made under an earlier version of something that code decides by."""
    version = run.versions.get(name, "0")
    return not version.isdecimal() or int(version) < now


def _wrong(texts: Iterator[str]) -> Iterator[Difference]:
    return (Difference("wrong", text) for text in texts)


@cache
def _former() -> dict[str, list[str]]:
    """The hashes that the bundled puzzles had in earlier versions, by their ids."""
    hashes: dict[str, list[str]] = json.loads(_FORMER.read_text("utf-8"))
    return hashes


def _puzzle(puzzle: Puzzle, bundled: Mapping[str, Puzzle]) -> Iterator[str]:
    same = bundled.get(puzzle.problem_id)
    if same is not None and same != puzzle:
        puzzles_hash = files.set_hash([puzzle.model_dump(mode="json", exclude_defaults=True)])
        if puzzles_hash not in _former().get(puzzle.problem_id, ()):
            yield f"{puzzle.problem_id}: is not the puzzle of that name that Escape has, nor one that it had"
    if fault := environment_of(puzzle).difference(puzzle):
        yield f"{puzzle.problem_id}: {fault}"


def _set(run: Run) -> Iterator[str]:
    """What a run leaves out of the set that it names."""
    folders = files.sets(files.BUNDLED)
    if run.config.puzzle_set in folders:
        ids = [p.problem_id for p in files.shared(folders[run.config.puzzle_set])]
        asked_ids = set(run.config.problem_ids)
        if lacking := [i for i in ids if i not in asked_ids]:
            left_out = f"leaves out {len(lacking)} of its {len(ids)}: {lacking[0]}"
            yield f"names the set {run.config.puzzle_set} and {left_out}"


def _twice(run: Run) -> Iterator[str]:
    """Trials with more than one answer: only one was asked for."""
    if isinstance(run.results, ResultsOnDisk):
        rows = list(run.results.rows)
        several = [rows[row] for row, n in run.results.answers.items() if n > 1]
    else:
        several = [key for key, n in Counter(r.trial.key for r in run.results).items() if n > 1]
    for problem_id, player, repeat, _ in several:
        yield f"{player} on {problem_id}, repeat {repeat}: has more than one answer"


def _strangers(run: Run) -> Iterator[str]:
    """Answers that report another player than their own: a script under another's name, a model among another's."""
    models_by_player: dict[str, Counter[str]] = defaultdict(Counter)
    for result in run.results:
        if result.answer and result.answer.model:
            models_by_player[result.trial.player][result.answer.model] += 1
    usual = {player: models_.most_common(1)[0][0] for player, models_ in models_by_player.items()}
    for player, reported in models_by_player.items():
        others = {model: who for who, model in usual.items() if who != player and model != usual[player]}
        for model in reported:
            if models.is_scripted(model) and model != player:
                yield f"{player}: has answers of {model}"
            elif model in others:
                yield f"{player}: has answers by {model}, which is what {others[model]} reports"


def _result(result: Result, puzzle: Puzzle) -> Iterator[str]:
    if [t.number for t in result.turns] != list(range(1, len(result.turns) + 1)):
        yield "turns: one is missing, or there twice"
    if result.turns and result.answer is not None and result.answer != whole(result.turns):
        yield "answer: is not what its turns add up to"
    if result.outcome is not None and result.answer is None and not result.turns:
        yield f"outcome: {_told(result.outcome)}, and there is no answer that it could come from"
    verdict = result.verdict
    for one in (verdict, *verdict.members) if verdict else ():
        again = one.scores
        if one.checklist is not None:
            again = marks(one.checklist, puzzle)
        elif one.scores.pus is None and result.outcome is not None:
            again = room_marks(result.outcome, puzzle)
        if again != one.scores:
            yield f"marks: {one.judge} gives {one.scores.overall:g}, and its checklist {again.overall:g}"


def _foresight(result: Result, puzzle: Puzzle) -> Iterator[str]:
    if result.foresight and result.foresight.items and (result.foresight.answer is None or result.foresight.problem):
        yield "foresight: there is no reply that it could come from"
    elif result.foresight and result.foresight.answer and not result.foresight.problem:
        try:
            reply = find_json(result.foresight.answer.text)
        except NotJudged:
            reply = {}
        if marked(questions(puzzle), reply) != result.foresight.items:
            yield "foresight: is not what the reply says"


def carried_out(result: Result, puzzle: Puzzle, *, requested: bool = False) -> Outcome | None:
    """What an answer's moves, or a conversation's, lead to by today's rules; None if nothing can carry them out.
    `requested`: its player was asked for moves, so that an answer without any leads somewhere too.
    """
    if not playable(puzzle):
        return None
    if result.turns:
        return replayed(puzzle, [(t.move, t.answer.cut_off) for t in result.turns])[1]
    if result.answer is None:
        return None
    text = environment_of(puzzle).plan_text(result.answer)
    repair = result.repair.answer.text if result.repair else ""
    return attempts.outcome(puzzle, text, requested=requested or result.outcome is not None, repair=repair)


def _outcome(result: Result, puzzle: Puzzle, *, requested: bool) -> Iterator[str]:
    """How the outcome that is written differs from the one that is found."""
    if result.outcome is None and result.answer is None:
        return
    if result.outcome is not None and not playable(puzzle):
        yield f"outcome: {_told(result.outcome)}, and moves in such a puzzle cannot be carried out any more"
        return
    outcome = carried_out(result, puzzle, requested=requested)
    if outcome != result.outcome and (result.answer or result.turns):
        yield f"outcome: {_told(result.outcome)}, and carrying the moves out gives {_told(outcome)}"


def _script(result: Result) -> Iterator[str]:
    """Whether a demo player's answer to a room is the one that is written for it, in this version of the program."""
    provider, _, name = result.trial.player.partition(":")
    if provider == "demo" and result.answer and not result.turns:
        written = scripted_answer(name, result.trial.problem_id)
        if written is not None and result.answer.text != written and result.answer.model == result.trial.player:
            yield "answer: is not the one that is written for this player"


def _turns(result: Result, puzzle: Puzzle) -> Iterator[str]:
    for turn in result.turns:
        if plan_lines.one(turn.answer.whole_lines) != turn.move:
            yield f"turn {turn.number}: its move is not the one that was said"
    if not playable(puzzle):
        return
    replies = replayed(puzzle, [(t.move, t.answer.cut_off) for t in result.turns])[0] if result.turns else []
    for turn, reply in zip(result.turns, replies, strict=True):
        if turn.reply != reply:
            yield f"turn {turn.number}: the reply is not what the room says"


def _told(outcome: Outcome | None) -> str:
    if outcome is None:
        return "none"
    if outcome.doors:
        return f"{outcome.doors.opened} of {outcome.doors.total} doors"
    return f"{'out' if outcome.out else 'not out'} in {outcome.moves} moves"

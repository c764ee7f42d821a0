"""Recomputes what code decides in a run; finds what differs or is missing. Calls nobody."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from contextlib import suppress

from escape import models
from escape.judges import ITEM_KINDS, PROMPTS, read_checklist
from escape.judges.examined import figures, labelled
from escape.metrics import recomputed_marks
from escape.puzzles import faults_of, files, is_earlier, of_today, scripted_answer, whose_script
from escape.rooms import READING, plans, playable
from escape.rooms.reading import plan_lines
from escape.runs.trials import join_turns, replay
from escape.runs.versions import READING_OF, program_hash
from escape.types import (
    Agreed,
    Answer,
    Checklist,
    NotJudged,
    Outcome,
    Puzzle,
    ReportCard,
    Result,
    Run,
    by_person,
)


def differences(run: Run, bundled: Mapping[str, Puzzle]) -> Iterator[str]:
    """Yield what differs from what code computes, and what is missing, in sentences.

    `bundled`: puzzles by id; others are taken from the file, and a puzzle may be one of an earlier release.
    Outcomes are compared only in runs whose moves were read as they are today; for others see
    `read_otherwise`.
    """
    by_id, planned, puzzle_ids = (
        run.puzzle_by_id,
        dict.fromkeys(run.config.trials()),
        set(run.config.problem_ids),
    )
    yield from (
        f"{i}: is not Escape's puzzle of that name"
        for i, p in by_id.items()
        if bundled.get(i, p) != p and not is_earlier(p)
    )
    unusable = {i: next(faults_of(p), None) for i, p in by_id.items() if p != bundled.get(i)}
    yield from (
        f"{i}: {fault[0]} {fault[1]}, so its answers cannot be worked out"
        for i, fault in unusable.items()
        if fault
    )
    folders = files.sets_in(files.BUNDLED)
    shared = files.shared(folders[run.config.puzzle_set]) if run.config.puzzle_set in folders else []
    if left_out := [p.problem_id for p in shared if p.problem_id not in puzzle_ids]:
        yield f"names the set {run.config.puzzle_set} and leaves out {', '.join(left_out)}"
    if not re.fullmatch("([0-9a-f]{64})?", run.versions.get("program sha256", "")):
        yield "program sha256: is not a hash"
    yield from _reported_models(run)
    # nobody has the answers of the published experiment
    absent = dict.fromkeys(t for t in planned if not t.player.startswith("published:"))
    times = Counter(result.trial for result in run.results)
    for result in run.results:
        trial = result.trial
        if result.answer or result.failure or result.turns:
            absent.pop(trial, None)
        faults = ["has more than one answer"] if times[trial] > 1 else []
        if trial not in planned and not trial.is_imported:
            faults.append("was not asked for")
        if not unusable.get(trial.problem_id):
            faults += [*_of_calls(run, result), *_of_result(run, result, by_id[trial.problem_id])]
        yield from (f"{trial.player} on {trial.problem_id}, repeat {trial.repeat}: {what}" for what in faults)
    for card in run.cards:
        yield from _of_card(card)
    if absent:
        names = "; ".join(f"{t.player} on {t.problem_id}, repeat {t.repeat}" for t in list(absent)[:3])
        more = " and others" if len(absent) > 3 else ""
        yield f"{len(absent)} of {len(planned)} answers missing: {names}{more}"


def _reported_models(run: Run) -> Iterator[str]:
    """Yield players whose answers report a script of another name, or another player's usual model."""
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


def _of_calls(run: Run, result: Result) -> Iterator[str]:
    """Yield faults in times, judge, token budget and repair."""
    if result.ended_at and result.started_at > result.ended_at:
        yield "times: it ended before it began"
    whose = result.verdict.judge if result.verdict else "room"
    if whose not in {run.config.judge.name, "room"} and not by_person(whose):
        yield f"marks: by {whose}, who is not this run's judge"
    again = [result.repair.answer] if result.repair else []
    parts: list[Answer] = [t.answer for t in result.turns] or (
        [result.answer] if result.answer else []
    ) + again
    spent = sum(a.output_tokens or 0 for a in parts)
    budget = next((p.max_tokens for p in run.config.players if p.name == result.trial.player), spent)
    if spent > budget:
        yield f"answer: took {spent} tokens, more than its budget of {budget}"
    if result.repair and result.answer and _is_ours(run):  # another version may have read other lines
        puzzle = run.puzzle_by_id[result.trial.problem_id]
        if result.repair.lines != max(1, len(plans.plan(puzzle, result.answer.text)[1])):
            yield "repair: does not match the lines that could not be read"


def _of_result(run: Run, result: Result, puzzle: Puzzle) -> Iterator[str]:
    if [t.number for t in result.turns] != list(range(1, len(result.turns) + 1)):
        yield "turns: one is missing, or there twice"
    if result.turns and result.answer is not None and result.answer != join_turns(result.turns):
        yield "answer: is not what its turns add up to"
    if (mark := result.verdict) and (again := recomputed_marks(mark, result.outcome, puzzle)) != mark.scores:
        yield f"marks: {mark.judge} gives {mark.scores.overall:g}, its checklist {again.overall:g}"
    if _is_read_as_today(run):
        replies, outcome = _played_again(run, result, puzzle)
        for turn, reply in zip(result.turns, replies, strict=True):
            if turn.reply != reply or plan_lines.one_move(turn.answer.whole_lines) != turn.move:
                yield f"turn {turn.number}: does not match what was said and what the room replies"
        if outcome != result.outcome:
            yield (
                f"outcome: {_describe(result.outcome)}, and carrying the moves out gives {_describe(outcome)}"
            )
    yield from _of_reply(result, puzzle)
    by_model = result.answer is not None and not result.turns and not models.is_scripted(result.trial.player)
    if by_model and result.answer and (whose := whose_script(puzzle, result.answer.text, [*run.puzzles])):
        yield f"answer: is the text of {whose}"
    provider, _, name = result.trial.player.partition(":")
    if provider == "demo" and result.answer and not result.turns and _is_ours(run):
        written = scripted_answer(name, puzzle.problem_id)
        if written not in (None, result.answer.text) and result.answer.model == result.trial.player:
            yield "answer: is not the one that is written for this player"


def _of_reply(result: Result, puzzle: Puzzle) -> Iterator[str]:
    """Yield how a checklist differs from the reply that it was read from.

    Only if the reply is kept and its prompt is today's. Items without evidence, for which the judge was asked
    once more, are not compared.
    """
    mark = result.verdict
    if (
        mark is None
        or mark.checklist is None
        or not mark.raw
        or result.answer is None
        or mark.prompt not in PROMPTS
    ):
        return
    read = _first_checklist(mark.raw, puzzle, result.answer.text)
    if read is None:
        yield f"marks: the reply of {mark.judge} that is kept is no checklist"
        return
    kept = mark.checklist
    for name in ("works", "attempted", "complete_alternative"):
        if (said := getattr(read, name)) != (here := getattr(kept, name)):
            yield (
                f"marks: {mark.judge} says {name.replace('_', ' ')}: {_word(said)}, and here it is "
                f"{_word(here)}"
            )
    pairs = zip(read.ticks, kept.ticks, strict=False)
    changed = [b.text for a, b in pairs if not a.evidence_missing and (a.text, a.met) != (b.text, b.met)]
    if changed or len(read.ticks) != len(kept.ticks):
        yield f"marks: {mark.judge} ticks otherwise: {', '.join(changed[:3]) or 'another number of items'}"


def _first_checklist(raw: str, puzzle: Puzzle, answer: str) -> Checklist | None:
    """Read the checklist in a kept reply, which a second reply may follow. None if there is none."""
    ends = [len(raw), *(match.start() for match in re.finditer(r"\n\n", raw))][:MOST_CUTS]
    for end in ends:
        with suppress(NotJudged):
            return read_checklist(raw[:end], puzzle, answer).checklist
    return None


MOST_CUTS = 60  # places where the first reply may end


def _word(value: bool | str) -> str:  # noqa: FBT001 - what a checklist says
    if isinstance(value, str):
        return value
    return "yes" if value else "no"


def _of_card(card: ReportCard) -> Iterator[str]:
    """Yield the claims of a report card that the exam contradicts.

    They matter since figures are corrected by the card.
    """
    if card.exam != labelled.edition():
        if card.cases:
            yield f"card of {card.judge}: is of another edition of the exam, so nothing is corrected by it"
        return
    by_id = {str(case.case_id): case for case in labelled.bundled()}
    ids = Counter(case.case_id for case in card.cases)
    for case in card.cases:
        about, known = f"card of {card.judge}, case {case.case_id}", by_id.get(case.case_id)
        if ids[case.case_id] > 1:
            yield f"{about}: is there more than once"
        if known is None or len(known.answer) != case.length:
            yield f"{about}: is not in the exam, or another text"
        for kind in ITEM_KINDS:
            seen: Agreed = getattr(case, kind)
            most = figures.most_agreed(known, kind) if known else (seen.yes, seen.no)
            if (
                seen.yes_right > seen.yes
                or seen.no_right > seen.no
                or seen.yes > most[0]
                or seen.no > most[1]
            ):
                yield f"{about}: {kind} are not as the annotators ticked them"


def _played_again(run: Run, result: Result, puzzle: Puzzle) -> tuple[list[str], Outcome | None]:
    """Carry a result's moves out as today; return the replies of its conversation and the outcome."""
    if not playable(puzzle):
        return [turn.reply for turn in result.turns], None
    if result.turns:
        return replay(puzzle, [(t.move, t.answer.cut_off) for t in result.turns])
    if result.answer is None:
        return [], None
    asked_for = (run.config.moves and run.config.asks(result.trial)) or result.outcome is not None
    repair = result.repair.answer.text if result.repair else ""
    return [], plans.outcome(puzzle, result.answer.text, requested=asked_for, repair=repair)


def _is_read_as_today(run: Run) -> bool:
    return run.versions.get(READING_OF) == str(READING)


def read_otherwise(run: Run, bundled: Mapping[str, Puzzle]) -> Iterator[tuple[str, bool]]:
    """Yield the answers of an older run whose moves lead elsewhere today; True if in or out by that.

    Today's rooms are used if they describe themselves as the run's own do, else the run's own. An older
    reading cannot be repeated: such a run's outcomes rest on its word alone.
    """
    puzzles = {i: of_today(p, bundled.get(i)) for i, p in run.puzzle_by_id.items()}
    for result in run.results if not _is_read_as_today(run) else ():
        trial, was = result.trial, result.outcome
        outcome = _played_again(run, result, puzzles[trial.problem_id])[1]
        if outcome != was:
            about = f"{trial.player} on {trial.problem_id}, repeat {trial.repeat}"
            is_decided = (outcome is not None and outcome.out) != (was is not None and was.out)
            yield f"{about}: {_describe(was)}, today {_describe(outcome)}", is_decided


def _is_ours(run: Run) -> bool:
    """Tell whether a run was made by exactly this program."""
    return run.versions.get("program sha256") == program_hash()


def _describe(outcome: Outcome | None) -> str:
    return "none" if outcome is None else f"{'out' if outcome.out else 'not out'} in {outcome.moves} moves"

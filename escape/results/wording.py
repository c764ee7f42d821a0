"""Sentences that lead each view, and where a run's own players lost. Numbers come in, plain words go out."""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from escape.judges import precomputed
from escape.metrics import LABELS, Metric, herrings_used
from escape.models import Bill, family
from escape.puzzles import banded
from escape.results.comparing import MIN_PUZZLES
from escape.results.csv import marks_of
from escape.results.digest import display_name, first_trials, names, own_players, result_at
from escape.stats import Interval, mean_interval
from escape.types import (
    NOT_READ,
    Ended,
    Note,
    Outcome,
    Puzzle,
    ReportCard,
    Result,
    Run,
    RunConfig,
    ScoreAgreement,
    Trial,
    TrialKey,
    total,
)


def bounds(out: float, n_known: int, failed: int, not_asked: int) -> str:
    """Return the bounds of a share that failed answers or rooms not asked leave: `24 failed: .20 to 1.00`, or ""."""
    lacking = failed + not_asked
    if not lacking:
        return ""
    ends = (f"{x / (n_known + lacking):.2f}".removeprefix("0") for x in (out, out + lacking))
    counts = {"failed": failed, "not asked": not_asked}
    return f"{join_and([f'{n} {word}' for word, n in counts.items() if n])}: {' to '.join(ends)}"


def titles(puzzles: Sequence[Puzzle]) -> dict[str, str]:
    """Puzzles' names by their ids. A name that several have gets its id added."""
    times = Counter(p.name for p in puzzles)
    return {p.problem_id: p.name if times[p.name] == 1 else f"{p.name} ({p.problem_id})" for p in puzzles}


def money(usd: float | None) -> str:
    """Return an amount of USD with as many digits as it needs. "price unknown" for None.

    Nothing spent is "0 USD": what is free is said of a price, and not of what was paid so far.
    """
    if usd is None:
        return "price unknown"
    if usd == 0:
        return "0 USD"
    return f"{usd:.2f} USD" if usd >= 0.1 else f"{usd:.2g} USD" if usd >= 0.0001 else "under 0.0001 USD"


def cents(usd: float) -> str:
    """`0.02 ct`, `3.5 ct`, `1.20 USD`: what a room costs, for a line with little room."""
    if usd >= 1:
        return f"{usd:.2f} USD"
    return f"{100 * usd:.2g} ct" if usd >= 0.000_000_5 else "under 0.0001 ct"


def count_of(share: Interval) -> str:
    """`26 of 30 (69% to 96%)`."""
    between = "" if share.low is None or share.high is None else f" ({share.low:.0%} to {share.high:.0%})"
    return f"{round(share.mean * share.n)} of {share.n}{between}"


def seconds(value: float) -> str:
    if value < 90:
        return f"{max(1, round(value))} s"
    return f"{round(value / 60)} min" if value < 5400 else f"{value / 3600:.1f} h"


def pluralize(n: int, one: str, many: str = "") -> str:
    """`1 puzzle`, `5 puzzles`."""
    return f"{n} {one if n == 1 else many or one + 's'}"


WHY = {  # where no move was read
    "cut off": "it was cut off at the answer budget before there was a move",
    "empty": "its answer was empty",
    "refused": "the model refused, or its answer was filtered",
}


def outcome_sentence(outcome: Outcome, puzzle: Puzzle, ended: Ended = "") -> str:
    """Return the outcome of a plan in a line, such as `Escaped in 4 moves; ...`. `ended`: the word for it."""
    if outcome.out and not puzzle.solvable:
        text = "Right: there is no way out of this room, and the player gave up."
    elif outcome.out:
        text = f"Out in {pluralize(outcome.moves, 'move')}; the shortest way out takes {outcome.shortest}."
    elif ended in WHY:
        text = f"Not out: {WHY[ended]}."
    elif outcome.unread:
        text = "Unread: its form was not understood, so where it leads is unknown."
    elif outcome.gave_up:
        text = "Gave up, although there is a way out."
    elif outcome.lost_at is not None:
        text = f"Not out: after move {outcome.lost_at} there was no longer a way out."
    else:
        text = f"Not out: {pluralize(outcome.moves, 'move')}, {outcome.progress:.0%} of the way."
    if outcome.herrings_touched:
        text += f" Used {join_and(outcome.herrings_touched)}: a red herring."
    if outcome.not_understood and outcome.tried:
        text += f" {pluralize(outcome.not_understood, 'line')} could not be read as a move."
    return text


def answer_sentence(result: Result, puzzle: Puzzle, metric: Metric) -> str:
    who = f"{display_name(result.trial.player)} on {puzzle.name}"
    if result.failure:
        what = "not marked" if result.mark_failure else "failed"
        word = f"{result.result}; " if result.mark_failure and result.result else ""
        return f"{who}: {word}{what}. {result.failure.message}"
    scores = marks_of(result, puzzle, metric)
    if result.result in NOT_READ and scores is None:
        return f"{who}: {result.result}, so it is unknown where its plan leads."
    ended = f"{result.result}; " if result.result else ""
    if scores is None or result.verdict is None:
        return f"{who}: {ended}not marked." if result.answer else f"{who}: not asked."
    checklist = result.verdict.checklist
    if checklist is not None and not checklist.attempted:
        why = f" ({checklist.attempted_reason})" if checklist.attempted_reason else ""
        return f"{who}: {ended}as its judge reads it no attempt{why}. 0 of {scores.top}."
    grades = ("no physics shown", "some of the physics", "right physics")
    physics = "explanation not marked" if scores.pus is None else _grade(scores.pus / 2, grades)
    plan = _grade(scores.sps / 2, ("no working plan", "part of a plan", "most of a plan"))
    if scores.sps == 2:
        plan = "a whole plan"
    if result.outcome and result.outcome.out:
        plan = "a plan that works"
    used = herrings_used(result.verdict, result.outcome)
    herrings = f", used {join_and(used)}" if used else ", used no red herring" if scores.rhh == 1 else ""
    return f"{who}: {ended}{physics}, {plan}{herrings}. {scores.overall:.1f} of {scores.top}."


def _grade(share: float, names: tuple[str, str, str]) -> str:
    return names[0] if share < 0.3 else names[1] if share < 0.8 else names[2]


def join_and(names: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else "".join(names)


def same_family(config: RunConfig) -> str:
    """Return a warning if the judge and a player are from the same model family. Empty otherwise."""
    judges, names = {family(m) for m in config.judge.models}, {m.model for m in config.judge.models}
    kin = [display_name(p.name) for p in config.players if family(p) in judges]
    if not kin:
        return ""
    itself = [display_name(p.name) for p in config.players if p.model in names]
    who = f"is {join_and(itself)}, a player itself" if itself else f"is from the same family as {join_and(kin)}"
    return (
        f"The judge {who}. Models have been found to favour their own "
        "answers by 10 "
        "to 25 % (Zheng et al. 2023, arXiv 2306.05685); choose a judge from another family, or check it by hand."
    )


def bias_sentence(first: str, second: str, scores: Sequence[ScoreAgreement]) -> str:
    """Agreement in words a teacher can read aloud."""
    biased = [s for s in scores if s.n and s.bias.value is not None]
    if not biased:
        return f"{first} and {second} have not marked any of the same answers yet."
    n = max(s.n for s in biased)
    if n < 5:
        return f"{first} and {second} have marked {pluralize(n, 'answer')} in common: too few to tell."
    parts = []
    for s in biased:
        value = s.bias.value or 0.0
        sure = s.bias.low is not None and s.bias.high is not None and (s.bias.low > 0 or s.bias.high < 0)
        if abs(value) >= 0.05 and sure:
            parts.append(f"{abs(value):.1f} marks {'more generous' if value > 0 else 'stricter'} on {LABELS[s.score]}")
    how = join_and(parts) or "neither clearly more generous nor clearly stricter"
    verb = "are" if precomputed([first]) else "is"  # readers are several
    lead = f"Over {pluralize(n, 'answer')}, {first} {verb} {how} than {second}."
    spans = [s.kappa.high - s.kappa.low for s in biased if s.kappa.low is not None and s.kappa.high is not None]
    wide = any(span > 0.3 for span in spans)
    if n < 20 or wide:
        lead += f" With {pluralize(n, 'answer')} the intervals are wide; mark more to be surer."
    return lead


def judge_sentence(run: Run) -> str:
    judge = run.config.judge
    if judge.design == "readers":
        return "Judge: two readers, language models that filled in the checklist without seeing each other."
    if judge.models:
        return f"Judge: {join_and([display_name(model.name) for model in judge.models])}, a language model."
    return "No judge: code carries the moves out, and nobody marks the explanations."


def gap_sentence(gaps: Sequence[float]) -> str:
    """Say how a judge's marks differ from a group's medians, and whether that can be told from chance.

    `gaps`: judge minus group, a sum of marks for each answer. Empty where the judge marked nothing.
    """
    if not gaps:
        return ""
    span = mean_interval(gaps)
    if len(gaps) < MIN_PUZZLES or span.low is None or span.high is None:
        return f"The judge and you have marked {pluralize(len(gaps), 'answer')} in common: too few to compare."
    how = f"{abs(span.mean):.1f} marks {'more' if span.mean > 0 else 'fewer'} than you"
    if abs(span.mean) < 0.05:
        how = "as many marks as you"
    means = "too close to call"
    if span.low > 0 or span.high < 0:
        means = f"beyond chance, so this judge is {'more generous' if span.mean > 0 else 'stricter'} than you"
    low, high = (round(end, 1) + 0.0 for end in (span.low, span.high))  # never "-0.0"
    return f"On average the judge gives an answer {how} ({low:.1f} to {high:.1f}, {span.n} answers): {means}."


def generosity_sentence(gap: float) -> str:
    """Compare the judge with a student. `gap`: the judge's marks minus theirs, on average."""
    if abs(gap) < 0.05:
        return "The judge was as generous as you."
    return f"The judge was {abs(gap):.1f} marks {'more generous' if gap > 0 else 'stricter'} than you."


def card_sentence(card: ReportCard, faults: Sequence[str]) -> str:
    passed = sum(c.passed for c in card.controls)
    text = f"{card.judge} passed {passed} of {len(card.controls)} controls"
    for s in card.agreement:
        if s.score == "sps" and s.bias.value is not None and s.bias.low is not None and s.bias.high is not None:
            how, span = (
                "too generous" if s.bias.value > 0 else "too strict",
                sorted((abs(s.bias.low), abs(s.bias.high))),
            )
            text += (
                f" and is {abs(s.bias.value):.1f} marks {how} on Solution Path (likely {span[0]:.1f} to {span[1]:.1f})"
                if s.bias.low > 0 or s.bias.high < 0
                else " and is neither clearly generous nor clearly strict on Solution Path"
            )
    if card.works_compared:
        wrong = card.believed + card.doubted
        text += f"; the room contradicts it on {wrong} of {card.works_compared} plans"
    if faults:
        return f"{text}. Do not trust it: {join_and(list(faults))}."
    return f"{text}. It has passed its exam."


def answer_name(run: Run, trial: Trial) -> str:
    """Return an answer as people point at it: `hasty on The tube`, with its repeat where there are several."""
    times = f", repeat {trial.repeat}" if trial.repeat > 1 else ""
    return f"{display_name(trial.player)} on {titles(run.puzzles)[trial.problem_id]}{times}"


def run_name(run: Run) -> str:
    if run.title:
        return run.title
    players = list(map(display_name, run.players))
    who = join_and(players) if len(players) < 4 else pluralize(len(players), "player")
    what = f"{who or 'nobody'} on {pluralize(len(run.config.problem_ids) or len(run.puzzles), 'puzzle')}"
    return f"{run.started_at[11:16]}, {what}" if run.started_at[11:16] else what  # in UTC


def bill_sentence(players: Bill, judge: Bill) -> str:
    if players.free and judge.free:
        return "free"
    parts = [f"{_range(b)} for {who}" for b, who in ((players, "the players"), (judge, "the judge")) if not b.free]
    calls = players.calls + judge.calls
    most = total([players.most, judge.most])
    end = f"; at most {money(most)}" if most is not None else ""
    return f"{' and '.join(parts)} ({pluralize(calls, 'call')}{end})"


def unconfirmed_sentence(run: Run) -> str:
    """Return how much of what a run has spent is not known for certain. "" if all of it is."""
    lost = run.lost_usd
    what = "of this run's spending is unconfirmed: calls were sent, but their results were lost"
    return f"About {money(lost)} {what}" if lost else ""


def _range(bill: Bill) -> str:
    if bill.low is None or bill.high is None:
        return "an unknown price"
    return f"about {bill.low:.2g} to {money(bill.high)}"


class Lost(NamedTuple):
    """An attempt that was not out, and what is said of it before and after the room's name."""

    key: TrialKey
    room: str
    before: str
    after: str


def lost_attempt(run: Run) -> Lost | None:
    """One attempt of the run's own players: that which was lost latest by a move, else got farthest. None if none."""
    players, display_names, titles_by_id = own_players(run), names(run), titles(run.puzzles)
    failed = [(r.led_to, r.trial) for r in run.results if r.led_to and not r.led_to.out and r.trial.player in players]
    if not failed:
        return None
    # lost by a move tells more than stuck, late more than early
    outcome, trial = max(failed, key=lambda x: (x[0].lost_at is not None, x[0].tried, x[0].lost_at or x[0].progress))
    who, room = display_names[trial.player], titles_by_id[trial.problem_id]
    if outcome.lost_at is not None:
        reply = outcome.steps[outcome.lost_at - 1].said if outcome.lost_at <= len(outcome.steps) else ""
        quote = f": “{reply}”" if reply else "."
        return Lost(trial.key, room, f"{who} lost", f"at move {outcome.lost_at}{quote}")
    if outcome.tried and not outcome.unread:
        far = f"after {outcome.progress:.0%} of the way out." if outcome.progress else "where it started."
        return Lost(trial.key, room, f"{who} got stuck in", far)
    return Lost(trial.key, room, f"{who}'s answer to", "could not be read.")


def first_lost(run: Run) -> TrialKey | None:
    """Return the first answer to read: the first of the run's own players that is not out, else the first."""
    players, first = own_players(run), first_trials(run)
    keys = [
        first.get((p.problem_id, who)) for puzzles in banded(run.puzzles).values() for p in puzzles for who in players
    ]
    answered = [key for key in keys if key and result_at(run, key).answer]
    return next((k for k in answered if (o := result_at(run, k).led_to) and not o.out), next(iter(answered), None))


CATEGORIES = (
    "did not read the room",
    "wrong physics",
    "knew the physics, forgot a step",
    "fell for a temptation",
    "went by what it knew by heart",
    "no plan at all",
    "something else",
)


def counts(run: Run, notes: Sequence[Note]) -> tuple[list[str], list[list[str]]]:
    """Head and rows: a category a row, a player a column."""
    display_names = names(run)
    players = [p for p in display_names if any(n.trial.player == p for n in notes)]
    tallied = Counter((n.category or CATEGORIES[-1], n.trial.player) for n in notes)
    kinds = dict.fromkeys([*CATEGORIES, *(category for category, _ in tallied)])
    rows = [
        [kind, *(str(tallied[kind, p]) for p in players)] for kind in kinds if any(tallied[kind, p] for p in players)
    ]
    return ["What went wrong", *(display_names[p] for p in players)], rows

"""The sentences that lead each view, computed, in plain words. Numbers come in, text goes out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from escape.fields import total
from escape.metrics import LABELS, METRICS, Metric
from escape.models.families import family
from escape.records import Bill, ReportCard, Result, Run, RunConfig, ScoreAgreement, Trial
from escape.report import Standing, compare, leaderboard, marks_of
from escape.schema import Puzzle
from escape.stats import Paired, puzzles_needed


def titles(puzzles: Sequence[Puzzle]) -> dict[str, str]:
    """Puzzles' names by their ids; a name that several have gets its id added."""
    times = Counter(p.name for p in puzzles)
    return {p.problem_id: p.name if times[p.name] == 1 else f"{p.name} ({p.problem_id})" for p in puzzles}


def short(player: str) -> str:
    """A player's name without its provider, as people say it."""
    return player.partition(":")[2] or player


def money(usd: float | None) -> str:
    """An amount of USD with as many digits as it needs; "price unknown" for None."""
    if usd is None:
        return "price unknown"
    if usd == 0:
        return "free"
    return f"{usd:.2f} USD" if usd >= 0.1 else f"{usd:.2g} USD" if usd >= 0.0001 else "under 0.0001 USD"


def seconds(value: float) -> str:
    """A duration as people say it."""
    if value < 90:
        return f"{max(1, round(value))} s"
    return f"{round(value / 60)} min" if value < 5400 else f"{value / 3600:.1f} h"


def count(n: int, one: str, many: str = "") -> str:
    """`1 puzzle`, `5 puzzles`."""
    return f"{n} {one if n == 1 else many or one + 's'}"


def results_sentence(run: Run, metric: Metric) -> str:
    """Who leads and whether that means anything."""
    lines = [s for s in leaderboard(run, metric) if s.overall is not None]
    if not lines:
        return "No answer has been judged yet."
    first = lines[0]
    if len(lines) == 1:
        return f"{short(first.player)} scores {_overall(first)} over {count(_n(first), 'puzzle')}."
    second = lines[1]
    pair = compare(run, first.player, second.player, metric)
    lead = f"{short(first.player)} scores {_overall(first)}, {short(second.player)} {second.means.overall or 0:.1f}"
    return f"{lead}. They share no judged puzzle." if pair is None else f"{lead}: {difference(pair)}"


def _n(line: Standing) -> int:
    return line.overall.n if line.overall else 0


def _overall(line: Standing) -> str:
    return f"{line.means.overall or 0:.1f} of {line.means.maximum:.0f}"


def difference(pair: Paired) -> str:
    """A paired difference with its interval, and what to make of it."""
    gap, low, high, n = pair.difference.mean, pair.difference.low, pair.difference.high, pair.difference.n
    over = f"over {count(n, 'puzzle')}"
    if low is None or high is None:
        return f"a difference of {gap:.1f} {over}. One puzzle cannot tell them apart."
    if pair.sd == 0 and gap == 0:
        return f"no difference at all {over}."
    text = f"a difference of {gap:.1f} ({low:.1f} to {high:.1f}) {over}. "
    if pair.decided:
        return text + "Enough to say who is better."
    if not gap or not pair.sd:
        return text + "Too few puzzles to tell them apart."
    return text + f"Too few puzzles to tell them apart; for a gap of 0.5 about {puzzles_needed(pair.sd, 0.5)} would do."


def metric_changes_leader(boards: Mapping[Metric, Sequence[Standing]]) -> str:
    """Which metrics put another player first; "" where all agree."""
    leaders = {metric: _leaders(board) for metric, board in boards.items()}
    usual = METRICS["standard"]
    other = [f"{m.label}: {' and '.join(map(short, who))}" for m, who in leaders.items() if who != leaders[usual]]
    if not other or not leaders[usual]:
        return ""
    first = " and ".join(map(short, leaders[usual]))
    return f"The choice of metric changes who leads. {usual.label}: {first}; {'; '.join(other)}."


def _leaders(board: Sequence[Standing]) -> list[str]:
    lines = [s for s in board if s.means.overall is not None]
    best = max((s.means.overall or 0 for s in lines), default=0)
    return sorted(s.player for s in lines if abs((s.means.overall or 0) - best) < 1e-9)


def answer_sentence(result: Result, puzzle: Puzzle, metric: Metric) -> str:
    """One answer in a line: physics, plan, herrings, overall."""
    who = f"{short(result.trial.player)} on {puzzle.name}"
    if result.failure:
        what = "no answer" if result.failure.stage == "player" else "an answer, but no mark"
        return f"{who}: {what}. {result.failure.message}"
    scores = marks_of(result, puzzle, metric)
    if scores is None or result.verdict is None:
        return f"{who}: {'answered, not judged yet' if result.answer else 'not asked yet'}."
    checklist = result.verdict.checklist
    if checklist is not None and not checklist.attempted:
        return f"{who}: no attempt ({checklist.attempted_reason}). 0 of {scores.top}."
    physics = _grade(scores.pus / 2, ("no physics shown", "some of the physics", "right physics"))
    plan = _grade(scores.sps / 2, ("no working plan", "part of a plan", "a whole plan"))
    used = [t.text for t in checklist.herrings if t.met] if checklist else []
    herrings = f", used {_listed(used)}" if used else ", used no red herring" if scores.rhh == 1 else ""
    return f"{who}: {physics}, {plan}{herrings}. {scores.overall:.1f} of {scores.top}."


def _grade(share: float, names: tuple[str, str, str]) -> str:
    return names[0] if share < 0.3 else names[1] if share < 0.8 else names[2]


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def same_family(config: RunConfig) -> str:
    """A warning where a judge marks its own kin; empty otherwise."""
    judges = {family(m) for m in config.judge.models}
    kin = [short(p.name) for p in config.players if family(p) in judges]
    if not kin:
        return ""
    return (
        f"The judge is of the same family as {_listed(kin)}. Models were measured to favour their own answers by 10 to "
        "25 % (Zheng et al. 2023, arXiv 2306.05685); choose a judge of another family, or check it by hand."
    )


def bias_sentence(first: str, second: str, scores: Sequence[ScoreAgreement]) -> str:
    """Agreement in words a teacher can read aloud."""
    told = [s for s in scores if s.n and s.bias.value is not None]
    if not told:
        return f"{first} and {second} have marked no answer in common yet."
    n = max(s.n for s in told)
    parts = []
    for s in told:
        value = s.bias.value or 0.0
        sure = s.bias.low is not None and s.bias.high is not None and (s.bias.low > 0 or s.bias.high < 0)
        if abs(value) >= 0.05 and sure:
            parts.append(f"{abs(value):.1f} {'more generous' if value > 0 else 'stricter'} on {LABELS[s.score]}")
    lead = (
        f"Over {count(n, 'answer')} {first} is {_listed(parts)} than {second}."
        if parts
        else (f"Over {count(n, 'answer')} {first} is neither clearly more generous nor stricter than {second}.")
    )
    spans = [s.kappa.high - s.kappa.low for s in told if s.kappa.low is not None and s.kappa.high is not None]
    wide = any(span > 0.3 for span in spans)
    if n < 20 or wide:
        lead += f" With {count(n, 'answer')} the intervals are wide; mark more to be surer."
    return lead


def card_sentence(card: ReportCard, faults: Sequence[str]) -> str:
    """A judge's report in a line."""
    passed = sum(c.passed for c in card.controls)
    text = f"{card.judge} passed {passed} of {len(card.controls)} controls"
    for s in card.agreement:
        if s.score == "sps" and s.bias.value is not None:
            how = "too generous" if s.bias.value > 0 else "too strict"
            text += (
                f" and is {abs(s.bias.value):.1f} {how} on Solution Path"
                if abs(s.bias.value) >= 0.05
                else " and is neither generous nor strict on Solution Path"
            )
    if faults:
        return f"{text}. Do not trust it: {_listed(list(faults))}."
    return f"{text}. It has passed its exam."


def answer_name(run: Run, trial: Trial) -> str:
    """An answer as people point at it: `hasty on The tube`, with its repeat where there are several."""
    times = f", repeat {trial.repeat}" if trial.repeat > 1 else ""
    return f"{short(trial.player)} on {titles(run.puzzles)[trial.problem_id]}{times}"


def bill_sentence(players: Bill, judge: Bill) -> str:
    """What a run will probably cost, players and judge apart."""
    if players.free and judge.free:
        return "free"
    parts = [f"{_range(b)} for {who}" for b, who in ((players, "the players"), (judge, "the judge")) if not b.free]
    calls = players.calls + judge.calls
    most = total([players.most, judge.most])
    end = f"; at the very most {money(most)}" if most is not None else ""
    return f"about {' and '.join(parts)} ({count(calls, 'call')}{end})"


def _range(bill: Bill) -> str:
    if bill.low is None or bill.high is None:
        return "an unknown price"
    return f"{bill.low:.2g} to {money(bill.high)}"

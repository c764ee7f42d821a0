"""The sentences that lead each view, computed, in plain words. Numbers come in, text goes out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from escape.fields import total
from escape.metrics import LABELS, METRICS, Metric
from escape.models.families import family
from escape.ranking import FEWEST, Basis, Pair, Ranking, Standing
from escape.records import Bill, ReportCard, Result, Run, RunConfig, ScoreAgreement, Trial
from escape.report import marks_of
from escape.schema import Puzzle
from escape.stats import puzzles_needed, sd_range


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


def results_sentence(found: Ranking) -> str:
    """Who leads and whether that means anything."""
    basis = found.basis
    lines = [s for s in found.standings if s.headline is not None and not s.apart]
    if not lines:
        return "No room has been tried yet." if basis.metric.by_room else "No answer has been judged yet."
    first = lines[0]
    if len(lines) == 1:
        return f"{short(first.player)} {_did(first, basis)}{_over(basis)}."
    second = lines[1]
    pair = found.pair(first.player, second.player)
    lead = f"{short(first.player)} {_did(first, basis)}, {short(second.player)} {figure(second, basis)}"
    return f"{lead}: {difference(pair, basis)}" if pair else f"{lead}."


def figure(line: Standing, basis: Basis) -> str:
    """A headline as people say it: `3.40`, or `26 of 30`."""
    at = line.headline
    if at is None:
        return "-"
    if basis.metric.by_room and basis.units == len(basis.puzzles) and not round(at.mean * at.n, 6) % 1:
        return f"{round(at.mean * at.n)} of {at.n}"
    return f"{at.mean:.0%}" if basis.metric.by_room else f"{at.mean:.2f}"


def _did(line: Standing, basis: Basis) -> str:
    said = figure(line, basis)
    if basis.metric.by_room:
        return f"leaves {said} rooms" if " of " in said else f"leaves {said} of the rooms"
    return f"scores {said} of {basis.top:.0f}"


def _over(basis: Basis) -> str:
    return "" if basis.metric.by_room else f" over {count(basis.units, 'puzzle')}"


def difference(pair: Pair, basis: Basis) -> str:
    """A paired difference with its interval, and what to make of it."""
    span, n = pair.paired.difference, pair.paired.difference.n
    over = f"over {count(n, 'room' if basis.metric.by_room else 'puzzle')}"
    if n < 2 or span.low is None or span.high is None:
        return f"a difference of {span.mean:.2f} on one puzzle, which cannot tell them apart."
    if not pair.paired.sd and not span.mean:
        return f"no difference at all {over}."
    text = f"a difference of {span.mean:.2f} ({span.low:.2f} to {span.high:.2f}) {over}. "
    if pair.place == "ahead":
        return f"{text}Enough to say that {short(pair.first)} did better, on puzzles like these."
    if n < FEWEST:
        return f"{text}At least {FEWEST} are needed to say so in general."
    return text + _help(pair, basis)


def _help(pair: Pair, basis: Basis) -> str:
    """What would help to tell two players apart, as a range; or how large a gap can still be."""
    span, sd, n = pair.paired.difference, pair.paired.sd, pair.paired.difference.n
    cannot = "Not enough to tell them apart"
    if not sd or span.low is None or span.high is None:
        return f"{cannot}."
    small = basis.top / 10
    fewest, most = (puzzles_needed(s, small) for s in sd_range(sd, n))
    if n >= most:
        return f"{cannot}; any gap is probably below {max(-span.low, span.high):.2f}."
    return f"{cannot}; a gap of {small:.2g} would show with about {fewest} to {most} puzzles."


def basis_sentence(basis: Basis) -> str:
    """What the figures that are compared are made of, where that is not everything."""
    said = []
    if len(basis.puzzles) < basis.judged:
        said.append(
            f"Compared on the {count(len(basis.puzzles), 'puzzle')} of {basis.judged} on which each of them has a mark."
        )
    if basis.apart and basis.players:
        lack = "lacks" if len(basis.apart) == 1 else "lack"
        said.append(
            f"{_listed([short(p) for p in basis.apart])} {lack} too many marks to be compared and stands apart."
        )
    if basis.few_herrings is not None:
        how_many = f"only {basis.few_herrings}" if basis.few_herrings else "none"
        said.append(
            f"Compared without {LABELS['rhh']}: of {count(basis.units, 'puzzle')} {how_many} "
            f"{'has' if basis.few_herrings == 1 else 'have'} red herrings, too few to count them."
        )
    if basis.path_unknown:
        said.append(f"Compared without {LABELS['sps']}: this judge cannot tell whether a plan works.")
    return " ".join(said)


def places_sentence(found: Ranking) -> str:
    """Who cannot be told apart, where there are more than two."""
    placed = [(short(s.player), s.ranks) for s in found.standings if s.ranks]
    if len(placed) < 3:
        return ""
    return "Places that can be meant: " + ", ".join(f"{who} {_place(*ranks)}" for who, ranks in placed) + "."


def _place(best: int, worst: int) -> str:
    return str(best) if best == worst else f"{best} to {worst}"


def metric_changes_leader(found: Mapping[Metric, Ranking]) -> str:
    """Which metrics put another player first; "" where all agree."""
    leaders = {metric: _leaders(ranking) for metric, ranking in found.items()}
    usual = METRICS["standard"]
    differ = {m: who for m, who in leaders.items() if who and who != leaders[usual]}
    if not differ or not leaders[usual]:
        return ""
    said = [f"{m.label}: {_listed([short(p) for p in who])}" for m, who in [(usual, leaders[usual]), *differ.items()]]
    return f"The choice of metric changes who leads. {'; '.join(said)}."


def _leaders(found: Ranking) -> list[str]:
    lines = [(s.player, s.headline.mean) for s in found.standings if s.headline and not s.apart]
    best = max((mean for _, mean in lines), default=0.0)
    return sorted(p for p, mean in lines if abs(mean - best) < 1e-9)


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

"""The counts of a run, made in one pass: all that tables, sentences and charts need, without texts."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from statistics import fmean
from typing import NamedTuple
from weakref import WeakKeyDictionary

from escape.judges import precomputed
from escape.metrics import METRICS, Metric, means
from escape.models import is_scripted
from escape.puzzles import RECORDED, recorded_players
from escape.rooms import playable
from escape.runs import trials_to_ask, trials_to_mark
from escape.types import (
    NO_BUDGET,
    NOT_READ,
    Ended,
    Outcome,
    Result,
    Run,
    Scores,
    Tick,
    Trial,
    TrialKey,
    Verdict,
    by_person,
    total,
)

MISTAKES = (
    "principle not shown",
    "step missing",
    "herring used",
    "thing invented",
    "no attempt",
    "not marked",
    "failed",
)


class Took(NamedTuple):
    """The cost of one trial, with thinking and repair included. None: not known.

    `usd`, `seconds`, and `tokens` written.
    """

    usd: float | None = None
    seconds: float | None = None
    tokens: float | None = None


NOTHING_KNOWN = Took()


@dataclass(frozen=True)
class RoomResult:
    """One attempt at a room.

    `path_ratio`: its moves as a multiple of the shortest way, None if it did not escape. `touched`: the
    number of red herrings touched. `lost`: whether a move left no way out. `result`: how it ended. `took`:
    the cost of its model's calls.
    """

    out: bool
    path_ratio: float | None = None
    touched: int = 0
    lost: bool = False
    result: Ended = "stuck"
    repeat: int = 1
    took: Took = NOTHING_KNOWN


Marks = dict[str, dict[str, list[Scores]]]  # player -> problem_id -> the marks of its repeats


class Ticked(NamedTuple):
    """The ticks of one verdict as shares: how many principles, steps and red herrings get a yes.

    A share is None without such items, or if none has evidence. `length`: of the answer, in characters.
    """

    judge: str
    prompt: str
    principles: float | None
    steps: float | None
    herrings: float | None
    length: int


@dataclass
class Tally:
    """Counts of one player's trials, and their cost in USD.

    `answers`: received. `judged`: with a verdict, the room's included. `failed`: a call for the answer or its
    repair got no reply. `ended`: how every trial in a room ended, failed and not asked ones included.
    `repaired`: out after a repair. `cut_off`: answers cut off at the answer budget.
    """

    answers: int = 0
    judged: int = 0
    failed: int = 0
    ended: Counter[Ended] = field(default_factory=Counter)
    repaired: int = 0
    cut_off: int = 0
    cost_usd: float | None = 0.0

    @property
    def plans(self) -> int:
        """The number of attempts with an outcome, unread ones included."""
        return self.ended.total() - self.missing

    @property
    def missing(self) -> int:
        """The number of trials in rooms that failed or were not asked."""
        return self.ended["failed"] + self.ended["not asked"]

    def unknown(self, *which: Ended) -> int:
        """Count attempts that ended in one of `which`, or by default all that were not read.

        They say nothing about the player's physics, and count as not out.
        """
        return sum(self.ended[word] for word in which or NOT_READ)


@dataclass
class RunSummary:
    """The counts of a run.

    `positions`: of trials among the results. `rooms`: attempts, by player and room. `causes`: failures, by
    whether only the mark failed, and by message.
    """

    positions: Mapping[TrialKey, int]
    marks: dict[str, Marks] = field(default_factory=lambda: {name: {} for name in METRICS})
    # metric -> player -> problem_id -> the values of its repeats
    values: dict[str, dict[str, dict[str, list[float]]]] = field(
        default_factory=lambda: {name: {} for name in METRICS}
    )
    # player -> problem_id -> its plays
    rooms: dict[str, dict[str, list[RoomResult]]] = field(default_factory=dict)
    # player -> problem_id -> its marks
    ticked: dict[str, dict[str, list[Ticked]]] = field(default_factory=dict)
    tallies: dict[str, Tally] = field(default_factory=partial(defaultdict, Tally))
    mistakes: Counter[tuple[str, str]] = field(default_factory=Counter)
    failed: set[tuple[str, str]] = field(default_factory=set)
    causes: Counter[tuple[bool, str]] = field(default_factory=Counter)
    flags: Counter[str] = field(default_factory=Counter)
    judges: Counter[str] = field(default_factory=Counter)
    prompts: Counter[str] = field(default_factory=Counter)  # that produced the marks
    # by player: its last failure
    why: defaultdict[str, str] = field(default_factory=partial(defaultdict, str))
    # (player, problem_id): calls without a reply
    failed_calls: Counter[tuple[str, str]] = field(default_factory=Counter)
    answers: int = 0
    cut_off: int = 0
    to_ask: int = 0  # trials not asked yet
    waiting: int = 0  # these, and answers not marked yet
    lacking: int = 0  # trials without an answer, and answers without the mark that they were to get
    unmarked: int = 0  # of these, answers that the run's judge has not marked
    checked: int = 0  # verdicts with a checklist behind them
    no_feasibility: int = 0  # verdicts that do not say whether a plan works
    # by player: marks that do not say whether the plan works
    undecided: Counter[str] = field(default_factory=Counter)
    contradicted: list[TrialKey] = field(default_factory=list)  # where judge and room disagree
    # by judge that is a model: (its own decision whether a plan works, the room's) -> answers
    against: dict[str, Counter[tuple[bool, bool]]] = field(default_factory=partial(defaultdict, Counter))

    @property
    def marked(self) -> int:
        """The number of answers that a judge or a person has marked. The room's verdict is no mark."""
        return self.judges.total() - self.judges["room"]

    @property
    def players(self) -> tuple[str, ...]:
        """The players asked for, in that order, then those that appear only in the results."""
        return tuple(self.marks["standard"])


def display_name(player: str) -> str:
    """Shorten a player's name for people: without its provider."""
    provider, _, name = player.partition(":")
    if provider == RECORDED and name in recorded_players():
        return recorded_players()[name].short
    return name or player


def judge_name(judge: str) -> str:
    """Shorten a judge's name for people: a model's without design and provider, others as they are."""
    _, _, model = judge.partition(":")
    return display_name(model) if model else judge


def names(run: Run) -> dict[str, str]:
    """Map players to their names in sentences and pictures.

    A name has no provider, unless two players would then have the same name.
    """
    players = digest(run).players
    shorts = Counter(map(display_name, players))
    return {p: display_name(p) if shorts[display_name(p)] == 1 else p for p in players}


def own_players(run: Run) -> list[str]:
    """List the players that a run is about: models and people, else recorded models, else all."""
    models = unscripted(run)
    return [p for p in models if not p.startswith(f"{RECORDED}:")] or models or [*digest(run).players]


def unscripted(run: Run) -> list[str]:
    return [p for p in digest(run).players if not is_scripted(p)]


def digest(run: Run) -> RunSummary:
    """Count what is in a run, once: the counts are kept while the run object exists."""
    figures = _KNOWN.get(run)
    if figures is None:
        figures = _KNOWN[run] = _summarize(run)
    return figures


_KNOWN: WeakKeyDictionary[Run, RunSummary] = WeakKeyDictionary()


def _summarize(run: Run) -> RunSummary:
    positions: dict[TrialKey, int] = {}
    figures, puzzles, config = RunSummary(positions), run.puzzle_by_id, run.config
    same: dict[Scores, Scores] = {}  # few marks differ: each is stored once
    players = dict.fromkeys(m.name for m in config.players)
    ids = set(config.problem_ids)
    for marks in figures.marks.values():
        marks.update({p: {} for p in players})
    for position, result in enumerate(run.results):
        trial = result.trial
        positions.setdefault(trial.key, position)
        _add_result(figures, result)
        if outcome := result.led_to:
            tally = figures.tallies[trial.player]
            tally.ended[result.result] += 1
            tally.repaired += outcome.out and result.repair is not None
            ratio = outcome.moves / outcome.shortest if outcome.out and outcome.shortest else None
            touched, lost = len(outcome.herrings_touched), outcome.lost_at is not None
            escaped = RoomResult(
                outcome.out, ratio, touched, lost, result.result, trial.repeat, _took(result)
            )
            figures.rooms.setdefault(trial.player, {}).setdefault(trial.problem_id, []).append(escaped)
            if result.verdict and _count_against(figures, result.verdict, outcome):
                figures.contradicted.append(trial.key)
        for metric in METRICS.values():
            by_puzzle = figures.marks[metric.name].setdefault(trial.player, {})
            scores = (
                metric.scores(result.verdict, puzzles[trial.problem_id], outcome) if result.verdict else None
            )
            if scores:
                by_puzzle.setdefault(trial.problem_id, []).append(same.setdefault(scores, scores))
            if (value := metric.value(result, puzzles[trial.problem_id])) is not None:
                values = figures.values[metric.name].setdefault(trial.player, {})
                values.setdefault(trial.problem_id, []).append(value)
    if config.moves:
        rooms_asked = config.repeats * sum(playable(puzzles[i]) for i in ids)
        failed = Counter(
            player for player, room in figures.failed_calls.elements() if playable(puzzles[room])
        )
        for player in players:
            ended = figures.tallies[player].ended
            missing = max(0, rooms_asked - ended.total())
            ended["failed"] = min(missing, failed[player])
            ended["not asked"] = missing - ended["failed"]
    _count_what_is_left(figures, run)
    for opinion in run.opinions:
        at = positions.get(opinion.trial.key)
        led_to = None if at is None else run.results[at].led_to
        if opinion.verdict and led_to and not by_person(opinion.rater):
            _count_against(figures, opinion.verdict, led_to)
    return figures


def _count_what_is_left(figures: RunSummary, run: Run) -> None:
    """Count trials still to be asked or asked again, and answers still without a mark."""
    ask, again = set(trials_to_ask(run, again=False)), set(trials_to_ask(run, again=True))

    def to_mark(*, failed_too: bool) -> list[Trial]:
        trials = trials_to_mark(run, run.config.judge, (), again=failed_too)
        return [trial for trial in trials if run.config.asks(trial) or trial.is_imported]

    mark, unmarked = to_mark(failed_too=False), to_mark(failed_too=True)
    # where nothing can be marked any more, what the judge could not mark, such as puzzles without a room
    figures.unmarked = len(unmarked) or sum(n for (is_mark, _), n in figures.causes.items() if is_mark)
    figures.to_ask = len(ask)
    figures.waiting = len(ask) + len(mark)
    figures.lacking = len(again) + figures.unmarked


def _took(result: Result) -> Took:
    trial = result.trial
    if trial.is_imported or trial.player.partition(":")[0] in NO_BUDGET:  # nobody here asked or paid
        return NOTHING_KNOWN
    calls = [a for a in (*(t.answer for t in result.turns), result.repair and result.repair.answer) if a]
    if result.answer and not result.turns:
        calls.append(result.answer)
    seconds, tokens = sum(a.latency_s for a in calls), [a.output_tokens for a in calls]
    return Took(result.player_usd, seconds or None, total(tokens) or None)


def _count_against(figures: RunSummary, verdict: Verdict, outcome: Outcome) -> bool:
    """Count a judge's own decision on a plan beside the room's; return whether they differ.

    False if either has none. Stored marks are compared, but not counted.
    """
    items = verdict.checklist
    if items is None or not items.attempted or items.works == "undecided" or outcome.unread:
        return False
    if not precomputed([verdict.judge]):
        figures.against[verdict.judge][items.works == "yes", outcome.out] += 1
    return (items.works == "yes") != outcome.out


def _add_result(figures: RunSummary, result: Result) -> None:
    player, answer, verdict, failure = result.trial.player, result.answer, result.verdict, result.failure
    tally = figures.tallies[player]
    if verdict is not None:
        tally.judged += 1
    if result.result == "failed":
        tally.failed += 1
    if failure and failure.stage == "player" and (answer is None or result.owes_repair):
        figures.failed_calls[player, result.trial.problem_id] += 1
        figures.why[player] = failure.message
    tally.cost_usd = total([tally.cost_usd, result.cost_usd])
    if answer is not None:
        figures.answers += 1
        tally.answers += 1
        figures.cut_off += answer.cut_off
        tally.cut_off += answer.cut_off
    if failure and verdict is None:
        is_unmarked = result.mark_failure is not None
        if not is_unmarked:
            figures.failed.add((player, result.trial.problem_id))
        figures.causes[is_unmarked, failure.message] += 1
        figures.mistakes[player, "not marked" if is_unmarked else "failed"] += 1
    if verdict:
        figures.flags.update(verdict.flags)
        figures.judges[verdict.judge] += 1
        if answer is not None:
            by_room = figures.ticked.setdefault(player, {})
            by_room.setdefault(result.trial.problem_id, []).append(_ticked(verdict, len(answer.text)))
        figures.prompts.update(filter(None, [verdict.prompt]))
        figures.undecided[player] += verdict.undecided and result.outcome is None
        if items := verdict.checklist:
            figures.checked += 1
            figures.no_feasibility += items.works == "undecided" or not items.attempted
            mistakes = figures.mistakes
            if items.attempted:
                mistakes[player, "principle not shown"] += sum(not t.met for t in items.principles)
                mistakes[player, "step missing"] += sum(not t.met for t in items.steps)
                mistakes[player, "herring used"] += sum(t.met for t in items.herrings)
                mistakes[player, "thing invented"] += len(items.invented_items)
            else:
                mistakes[player, "no attempt"] += 1


def _ticked(verdict: Verdict, length: int) -> Ticked:
    items = verdict.checklist

    def share(ticks: Sequence[Tick], *, counts: bool = True) -> float | None:
        decided = [t.value * counts for t in ticks if not t.evidence_missing]
        return fmean(decided) if decided else None

    if items is None:
        return Ticked(verdict.judge, verdict.prompt, None, None, None, length)
    principles, steps = (share(ticks, counts=items.attempted) for ticks in (items.principles, items.steps))
    return Ticked(verdict.judge, verdict.prompt, principles, steps, share(items.herrings), length)


def first_trials(run: Run) -> dict[tuple[str, str], TrialKey]:
    by_cell: dict[tuple[str, str], TrialKey] = {}
    for key in order(run):
        by_cell.setdefault(key[:2], key)
    return by_cell


def trial_of(key: TrialKey) -> Trial:
    problem_id, player, repeat = key
    return Trial(problem_id=problem_id, player=player, repeat=repeat)


def order(run: Run) -> list[TrialKey]:
    """List every trial in planned order, for reading one after another, then those not planned."""
    planned = dict.fromkeys(trial.key for trial in run.config.trials())
    return [*planned, *(key for key in digest(run).positions if key not in planned)]


def result_at(run: Run, key: TrialKey) -> Result:
    """Look up one trial's result. Empty for one that has not been asked yet."""
    position = digest(run).positions.get(key)
    if position is None:
        return Result(trial=trial_of(key))
    return run.results[position]


def per_puzzle(run: Run, metric: Metric = METRICS["standard"]) -> dict[str, dict[str, Scores]]:
    """Average marks over repeats: player -> problem_id -> marks. A puzzle without a mark is absent."""
    return {
        player: {problem_id: _mean(marks) for problem_id, marks in by_puzzle.items()}
        for player, by_puzzle in digest(run).marks[metric.name].items()
    }


def shares_by_room(run: Run) -> dict[str, dict[str, float]]:
    """Compute the share of repeats that escaped: player -> problem_id -> share.

    A room that was not tried is absent.
    """
    return {
        player: {problem_id: fmean(x.out for x in plays) for problem_id, plays in by_puzzle.items()}
        for player, by_puzzle in digest(run).rooms.items()
    }


def _mean(marks: Sequence[Scores]) -> Scores:
    if len(marks) == 1:
        return marks[0]
    mean = means(marks)
    return Scores(pus=mean.pus, sps=mean.sps or 0.0, rhh=mean.rhh)

"""The plan of a run: what to ask and mark, under which cap and with whose keys.

One for a new run, one that is continued, imported answers, and marks alone. It is made before the first call
and calls nobody.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass

from escape.judges import is_markable
from escape.models import ApiKey
from escape.rooms import playable
from escape.types import JudgeSpec, ModelSpec, Result, Run, Trial

KeyOf = Callable[[ModelSpec], ApiKey]


@dataclass(frozen=True)
class RunPlan:
    """What is left to do in a run.

    `cap_usd`: of the whole run, which has used `spent_usd` of it. `judge`: who marks, not always the run's
    own. `is_exam`: the marks examine the judge, so that it is not proven first.
    """

    run: Run
    to_ask: tuple[Trial, ...]
    to_mark: tuple[Trial, ...]
    judge: JudgeSpec
    key_of: KeyOf
    cap_usd: float | None = None
    spent_usd: float = 0.0
    is_exam: bool = False

    @property
    def players_to_ask(self) -> Collection[str]:
        """Names of the run's players that are asked, or may have to rewrite lines."""
        own = {spec.name for spec in self.run.config.players}
        return {t.player for t in self.to_ask if t.player in own}


def make_plan(
    run: Run,
    key_of: KeyOf,
    *,
    again: bool = False,
    judge: JudgeSpec | None = None,
    only: Collection[Trial] | None = None,
    marks_only: bool = False,
    is_exam: bool = False,
) -> RunPlan:
    """Plan what is left to do in a run.

    `again`: what failed too. `judge`: another than the run's. `only`: of these trials. `marks_only`: nobody
    is asked.
    """
    judge, only = judge or run.config.judge, None if only is None else frozenset(only)
    ask = [] if marks_only else [t for t in trials_to_ask(run, again=again) if only is None or t in only]
    mark = [t for t in trials_to_mark(run, judge, ask, again=again) if only is None or t in only]
    cap = run.config.max_cost_usd
    return RunPlan(run, tuple(ask), tuple(mark), judge, key_of, cap, run.charged_usd, is_exam)


def trials_to_ask(run: Run, *, again: bool) -> Iterator[Trial]:
    """Yield the trials without an answer, or whose moves have not been carried out to the end.

    `again`: failed ones too. Of imported answers only the moves are carried out.
    """
    results, puzzles = {r.trial: r for r in run.results}, run.puzzle_by_id
    for trial in run.config.trials():
        result = results.get(trial)
        if result is None or _is_open(result, again=again):
            yield trial
    for result in run.results:  # imported: only its moves are carried out
        known = result.ended_at or result.outcome or result.verdict or run.config.asks(result.trial)
        if result.answer and not known and playable(puzzles[result.trial.problem_id]):
            yield result.trial


def _is_open(result: Result, *, again: bool) -> bool:
    if result.verdict:
        return False
    if result.failure and result.failure.stage == "player":
        return again and (result.answer is None or result.owes_repair)
    return result.answer is None or result.owes_repair or result.status == "begun"


def trials_to_mark(run: Run, judge: JudgeSpec, to_ask: Collection[Trial], *, again: bool) -> list[Trial]:
    """List the trials whose answers a judge is to mark and has not, those to ask included.

    `again`: also those where it failed. Puzzles without a room come first: marks are their only figure.
    """
    puzzles, config, own = run.puzzle_by_id, run.config, judge.name == run.config.judge.name
    marked = _results_marked_by(run, judge.name)
    asked = set(to_ask)
    found: list[Trial] = []
    for trial in dict.fromkeys([*config.trials(), *(r.trial for r in run.results)]):
        result = marked.get(trial)
        if trial not in asked and (
            result is None or result.answer is None or result.turns or result.owes_repair
        ):
            continue
        if own and not config.marks(trial):
            continue
        if result and _has_mark(result, again=again):
            continue
        if is_markable(judge, puzzles[trial.problem_id], trial.player):
            found.append(trial)
    return sorted(found, key=lambda t: playable(puzzles[t.problem_id]))


def _results_marked_by(run: Run, judge: str) -> Mapping[Trial, Result]:
    """Map each trial to its result, with the mark of this judge only."""
    if judge == run.config.judge.name:
        return {r.trial: r for r in run.results}
    bare = {r.trial: r.model_copy(update={"verdict": None, "failure": None}) for r in run.results}
    for mark in run.opinions:
        if mark.rater == judge and mark.trial in bare:
            bare[mark.trial] = bare[mark.trial].with_mark(mark)
    return bare


def _has_mark(result: Result, *, again: bool) -> bool:
    return result.verdict is not None or (result.mark_failure is not None and not again)


def count_marks(run: Run, judge: str) -> int:
    """Count the marks that a judge has given in a run."""
    others = sum(mark.rater == judge and mark.verdict is not None for mark in run.opinions)
    return others + sum(r.verdict is not None and r.verdict.judge == judge for r in run.results)

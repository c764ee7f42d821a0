"""A run that grows: what its lines add up to so far, and the line of each further record, wherever lines are kept."""

from collections import Counter
from collections.abc import Callable

from escape.types import Header, Opinion, Pending, Record, Result, Run, Trial, TrialKey

Line = Callable[[Record], bytes]


class GrowingRun:
    """`line`: how a record is written. Nothing is written here: each method returns the line, to be kept by a sink."""

    def __init__(self, start: Run, line: Line) -> None:
        self._start, self._line = start, line
        self._results = {r.trial: r for r in start.results}
        self._lost = {p.trial: p.usd for p in start.lost}  # of another program, which was killed
        self._at_stake: dict[Trial, float] = {}  # of this one
        self._opinions: list[Opinion] = []  # that were added

    @property
    def run(self) -> Run:
        stakes = Counter(self._lost) + Counter(self._at_stake)
        lost = tuple(Pending(trial=trial, usd=usd) for trial, usd in stakes.items())
        opinions = (*self._start.opinions, *self._opinions)
        fields = {"results": tuple(self._results.values()), "lost": lost, "opinions": opinions}
        return self._start.model_copy(update=fields)

    def go_on_as(self, run: Header) -> None:
        """Take another header, of a run that is continued with other settings."""
        fields = {n: getattr(run, n) for n in Header.model_fields if n not in ("opinions", "cards")}
        self._start = self._start.model_copy(update=fields)

    def opinion(self, opinion: Opinion) -> bytes:
        self._opinions.append(opinion)
        return self._line(opinion)

    def stake(self, trial: TrialKey, usd: float) -> bytes:
        """Return the line of what calls about a trial may cost, to be kept before they leave."""
        problem_id, player, repeat = trial
        about = Trial(problem_id=problem_id, player=player, repeat=repeat)
        self._at_stake[about] = usd
        return self._line(Pending(trial=about, usd=usd + self._lost.get(about, 0.0)))

    def result(self, result: Result) -> bytes:
        """Return the line of a result, merged with what was there; it omits an answer that is written already."""
        self._at_stake.pop(result.trial, None)
        before = self._results.get(result.trial)
        merged = result.merge(before)
        if lost := self._lost.pop(result.trial, 0.0):
            merged = merged.model_copy(update={"earlier_usd": merged.earlier_usd + lost})
        self._results[result.trial] = merged
        before_fields = (before.answer, before.repair) if before else (None, None)
        is_known = before_fields[0] is not None and before_fields == (merged.answer, merged.repair)
        # an answer and its repair are written once; the line of its mark omits them
        return self._line(
            merged.model_copy(update={"answer": None, "repair": None, "turns": ()}) if is_known else merged
        )

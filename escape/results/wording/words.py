"""Numbers, names and lists as words."""

from collections import Counter
from collections.abc import Sequence

from escape.results.digest import display_name
from escape.stats import Interval
from escape.types import Puzzle, Run, Trial


def bounds(out: float, n_known: int, failed: int, not_asked: int) -> str:
    """Say how far failed answers and rooms not asked could move a share. "" if there are none.

    Such as `24 failed: .20 to 1.00`.
    """
    lacking = failed + not_asked
    if not lacking:
        return ""
    ends = (f"{x / (n_known + lacking):.2f}".removeprefix("0") for x in (out, out + lacking))
    counts = {"failed": failed, "not asked": not_asked}
    return f"{join_and([f'{n} {word}' for word, n in counts.items() if n])}: {' to '.join(ends)}"


def ended_as(word: str) -> str:
    """Say how an answer ended: `format not understood` for what files and the CSV call `unread`."""
    return "format not understood" if word == "unread" else word


def counted(n: int, word: str) -> str:
    """Count answers that ended in one way: `9 not understood`, `2 cut off`."""
    return f"{n} {'not understood' if word == 'unread' else word}"


def titles(puzzles: Sequence[Puzzle]) -> dict[str, str]:
    """Map ids of puzzles to their names. If several share a name, the id is added to it."""
    times = Counter(p.name for p in puzzles)
    return {p.problem_id: p.name if times[p.name] == 1 else f"{p.name} ({p.problem_id})" for p in puzzles}


def two_digits(value: float) -> str:
    """Round to two significant digits, or to an integer from 100 on: `0.012`, `3.5`, `150`, not `1.5e+02`."""
    return f"{value:.0f}" if value >= 99.5 else f"{value:.2g}"


def or_dash(value: float | None, places: str = ".2g") -> str:
    """Format a number by a format specification; `-` for None."""
    return "-" if value is None else f"{value:{places}}"


def count_of(share: Interval) -> str:
    """Format a share as a count: `26 of 30 (69% to 96%)`."""
    between = "" if share.low is None or share.high is None else f" ({share.low:.0%} to {share.high:.0%})"
    return f"{round(share.mean * share.n)} of {share.n}{between}"


def seconds(value: float) -> str:
    if value < 90:
        return f"{max(1, round(value))} s"
    return f"{round(value / 60)} min" if value < 5400 else f"{value / 3600:.1f} h"


def pluralize(n: int, one: str, many: str = "") -> str:
    """Format a number with its noun: `1 puzzle`, `5 puzzles`. `many`: an irregular plural."""
    return f"{n} {one if n == 1 else many or one + 's'}"


def join_and(names: Sequence[str]) -> str:
    """Join words: `a`, `a and b`, `a, b and c`."""
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else "".join(names)


def answer_name(run: Run, trial: Trial) -> str:
    """Name an answer for people: `hasty on The tube`. Repeats after the first get their number."""
    times = f", repeat {trial.repeat}" if trial.repeat > 1 else ""
    return f"{display_name(trial.player)} on {titles(run.puzzles)[trial.problem_id]}{times}"


def run_name(run: Run) -> str:
    if run.title:
        return run.title
    players = list(map(display_name, run.players))
    who = join_and(players) if len(players) < 4 else pluralize(len(players), "player")
    what = f"{who or 'nobody'} on {pluralize(len(run.config.problem_ids) or len(run.puzzles), 'puzzle')}"
    return f"{run.started_at[11:16]}, {what}" if run.started_at[11:16] else what  # in UTC

"""Every play of a run, move by move, with what the room said: a page of its own, folded."""

from __future__ import annotations

from collections.abc import Iterator

from escape.extras.publish.boards import Entry, promised
from escape.results import names, outcome_sentence, titles, whole_page
from escape.types import escaped


def page(entry: Entry) -> str:
    """The plays of one run, player by player."""
    run = entry.run
    parts = [f"<p>Run {escaped(run.run_id)}, {entry.origin}. <a href=../index.html>The board</a></p>", *_plays(entry)]
    return whole_page(f"Escape: replays of {run.run_id}", "Replays", parts, "summary{cursor:pointer}a{color:inherit}")


def _plays(entry: Entry) -> Iterator[str]:
    run = promised(entry.run)  # outcomes by today's rules
    by_id, rooms, name_by_player = run.puzzle_by_id, titles(run.puzzles), names(run)
    for player in run.players:
        yield f"<h2>{escaped(name_by_player.get(player, player))}</h2>"
        for result in run.results:
            if result.trial.player != player or result.outcome is None or result.answer is None:
                continue
            puzzle = by_id[result.trial.problem_id]
            again = f", repeat {result.trial.repeat}" if run.config.repeats > 1 else ""
            heading = (
                f"{rooms[puzzle.problem_id]}{again}: {outcome_sentence(result.outcome, puzzle, result.why_no_move)}"
            )
            steps = "".join(f"<li><b>{escaped(s.move)}</b><br>{escaped(s.said)}</li>" for s in result.outcome.steps)
            yield f"<details><summary>{escaped(heading)}</summary><ol>{steps}</ol></details>"

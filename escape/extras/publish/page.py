"""The board as a page: curve or doors, ranks as ranges, people, cost, replays, seeds and hashes, how to submit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from escape.environments import counts_doors
from escape.extras.publish.boards import MORE, Board, Entry, Line, people
from escape.metrics import METRICS
from escape.results import (
    count,
    doors,
    facts,
    houses,
    html_table,
    ranking,
    results_sentence,
    spending,
    twists_sentence,
    twists_table,
    whole_page,
)
from escape.types import escaped

_STYLE = (
    "body{max-width:70rem}.tag{font:600 12px/1.6 system-ui,sans-serif;border:1px solid #8889;border-radius:.3rem;"
    "padding:0 .4rem;white-space:nowrap}.ours{background:light-dark(#e7f0e2,#23361f)}a{color:inherit}"
    "h2{margin-top:2.5rem}svg{max-width:100%;height:auto}"
)
HOW = (
    "Play with <code>escape run ... --json mine.json</code>, with the seed that stands at a board for the same houses, "
    "or with another one for a board of your own.",
    "In a copy of this site, add it with <code>escape publish runs/* mine.json --out .</code>, and open a pull "
    "request.",
    "The workflow of this site works out every outcome from the moves in the files, without asking any model, and says "
    "what differs. What it cannot know is who wrote the answers: that is why they are called self-reported until "
    "whoever keeps this site has run them again. Costs are as the providers reported them.",
)


def page(boards: Sequence[Board], made_at: str) -> str:
    """The whole page."""
    parts = [
        "<p class=lead>Who gets out of rooms by physics, and how far, with the runs behind every figure.</p>",
        f"<p>Made {escaped(made_at)} from {count(sum(len(b.entries) for b in boards), 'run')}. Rooms and houses are "
        "made by code and carried out by code, so anybody can check this page without a model: "
        "<code>escape verify FOLDER</code>, from anywhere but that folder.</p>",
        *(part for board in boards for part in _board(board)),
        "<h2>How to submit</h2><ol>",
        *(f"<li>{line}</li>" for line in HOW),
        "</ol><p>For machines: <a href=board.json>board.json</a>, and one record a player in the format of Every Eval "
        "Ever in the folder <a href=every_eval_ever>every_eval_ever</a>.</p>",
    ]
    return whole_page("Escape: a board anybody can verify", "Escape: a board anybody can verify", parts, _STYLE)


def _board(board: Board) -> Iterator[str]:
    yield f"<h2>{escaped(board.title)}</h2>"
    run = board.run
    if counts_doors(run):
        reach = houses.reach(run)
        yield f"<p class=lead>{escaped(houses.reach_sentence(reach))}</p>"
        yield f"<div class=broad>{houses.curve(reach)}</div>"
        yield f"<div class=narrow>{houses.curve(reach, houses.NARROW)}</div>"
        yield from (f"<div>{picture}</div>" for picture, _ in spending.pictures(reach))
    else:
        metric = METRICS["verified"]
        yield f"<p class=lead>{escaped(results_sentence(ranking(run, metric)))}</p>"
        seen = doors.doors(run, metric)
        yield f"{doors.html_of(seen)}<p>{escaped(doors.key(seen, metric))}</p>"
        if sentence := twists_sentence(run):
            yield f"<h3>Twists</h3><p>{escaped(sentence)}</p>{html_table(*twists_table(run), 1)}"
    if by_hand := people(run):
        yield f"<p>{count(by_hand, 'person', 'people')} played by hand.</p>"
    yield "<h3>Players</h3>"
    more = [name for name in MORE if any(line.more.get(name) for line in board.lines)]
    head = ["Player", "Ranks", "Figure (95 % interval)", *more, "Beside it", "Missing", "Answer budget", "Cost"]
    rows = [_line(line, more) for line in board.lines]
    yield html_table([*head, "Answers", "Files"], rows, 1, ready=True, about=f"Players: {board.title}")
    yield "<h3>Runs</h3>"
    head = ["Run", "Started", "Seeds or set", "Program", "SHA-256 of the file, its beginning"]
    yield html_table(head, [_run(entry) for entry in board.entries], 5, ready=True, about=f"Runs: {board.title}")


def _line(line: Line, more: Sequence[str]) -> list[str]:
    if line.ranks is None:
        ranks = "not compared"
    else:
        ranks = str(line.ranks[0]) if line.ranks[0] == line.ranks[1] else f"{line.ranks[0]} to {line.ranks[1]}"
    figure = line.figure
    if line.low is not None and line.high is not None and "%" in figure:
        figure += f" ({line.low:.0%} to {line.high:.0%})"
    kind = "tag ours" if line.entry.origin == "re-run" else "tag"
    files = f"<a href=runs/{line.entry.file}>run</a> <a href=replays/{line.entry.slug}.html>replays</a>"
    return [
        escaped(line.name), ranks, escaped(figure), *(str(line.more.get(name) or "-") for name in more),
        escaped(line.beside or "-"), str(line.missing),
        f"{line.budget:,} tokens" if line.budget else "-", escaped(line.cost),
        f'<span class="{kind}">{line.entry.origin}</span>', files,
    ]  # fmt: skip


def _run(entry: Entry) -> list[str]:
    fact = dict(facts(entry.run, METRICS["verified"]))
    what = fact.get("Houses") or f"set {fact.get('Puzzle set, SHA-256', '')}"
    name = f"<a href=runs/{entry.file}>{escaped(entry.run.run_id)}</a>"
    cells = [entry.run.started_at, what, fact.get("Program", "")]
    return [name, *map(escaped, cells), f"<code>{entry.sha256[:16]}</code>"]

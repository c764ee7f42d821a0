"""The record of a run, as facts and as an HTML page: what readers need to judge or repeat it.

The page is self-contained: it loads nothing, text from outside is escaped, and its only script plays the
plans.
"""

from base64 import b64encode
from collections.abc import Sequence
from hashlib import sha256
from typing import NamedTuple

from escape.judges import doubts, precomputed
from escape.metrics import LABELS, Metric
from escape.puzzles import banded, set_hash
from escape.results import doors, watching
from escape.results.charts import CHARTS
from escape.results.corrected import NOT_COVERED, applies, corrected_rows, gaps_sentence
from escape.results.digest import digest, names, own_players
from escape.results.findings import (
    against_sentence,
    basis_sentence,
    chance_sentence,
    headline_figure,
    help_sentence,
    places_sentence,
    reading_sentence,
    run_sentence,
    twists_sentence,
)
from escape.results.ranking import ranking
from escape.results.sets import every_time
from escape.results.tables import TABLES, by_player, each_cell
from escape.results.took import ratios_sentence
from escape.results.wording import answer_name, card_sentence, count_of, ended_as, join_and, money, pluralize
from escape.runs import PACKAGES
from escape.stats import Interval, share_interval
from escape.types import Run, escaped, total

BEGINS = b'<!doctype html><html lang="en"><head><meta charset="utf-8">'  # every such page
_STYLE = (
    ":root{color-scheme:light dark}body{font:16px/1.5 Georgia,serif;max-width:60rem;margin:2rem "
    "auto;padding:0 1rem}"
    "table{border-collapse:collapse;margin:1rem 0;font:14px/1.4 "
    "system-ui,sans-serif;font-variant-numeric:tabular-nums}"
    "th,td{text-align:left;padding:.3rem .7rem;border-bottom:1px solid #8886;vertical-align:top}"
    "td.n,th.n{text-align:right}td.n{white-space:nowrap}.narrow{display:none}"
    "@media(max-width:640px){.narrow{display:block}.broad{display:none}}.lead{font-size:1.25rem}.wide{overflow-x:auto}code{overflow-wrap:anywhere}"
)


def whole_page(title: str, heading: str, parts: Sequence[str]) -> str:
    """Assemble the HTML page. `parts`: HTML in which text from outside is already escaped."""
    return (
        f'{BEGINS.decode()}<meta name="viewport" content="width=device-width">'
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; style-src '
        "'unsafe-inline'; "
        f"script-src '{_SCRIPT_HASH}'\">"
        f"<title>{escaped(title)}</title><style>{_STYLE}{doors.STYLE}{watching.STYLE}</style></head><body><main>"
        f"<h1>{escaped(heading)}</h1>{''.join(parts)}</main><script>{watching.SCRIPT}</script></body></html>"
    )


def html_table(head: Sequence[str], rows: Sequence[Sequence[str]], text_columns: int) -> str:
    """Render an HTML table, with an accessible name made of its head.

    The first `text_columns` columns are text; those after them are figures, aligned to the right.
    """
    kinds = ["" if i < text_columns else " class=n" for i in range(len(head))]
    top = "".join(f"<th{k} scope=col>{escaped(h)}</th>" for h, k in zip(head, kinds, strict=True))
    body = "".join(
        "<tr>" + "".join(f"<td{k}>{escaped(v)}</td>" for v, k in zip(row, kinds, strict=True)) + "</tr>"
        for row in rows
    )
    name = escaped(", ".join(h for h in head if h) or "Table")
    return (
        f'<div class=wide tabindex=0 role=region aria-label="{name}"><table><thead><tr>{top}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


# no other one is run
_SCRIPT_HASH = "sha256-" + b64encode(sha256(watching.SCRIPT.encode()).digest()).decode()
HASH_SHOWN = 16  # hexadecimal digits: enough to tell any two sets apart
Fact = tuple[str, str]


def facts(run: Run, metric: Metric) -> list[Fact]:
    counts, config = digest(run), run.config
    ids = {*config.problem_ids, *(key[0] for key in counts.positions)}
    puzzles = [p for p in run.puzzles if p.problem_id in ids]
    puzzles_hash = set_hash([p.model_dump(mode="json", exclude_defaults=True) for p in puzzles])
    prompts = [f"{k.removeprefix('prompt ')}/{v}" for k, v in run.versions.items() if k.startswith("prompt ")]
    version = run.versions.get("escape", "")
    libraries = [f"{name} {run.versions[name]}" for name in PACKAGES if name in run.versions]
    rows = [
        ("Run", f"{run.run_id}, started {run.started_at}" + (f", {run.title}" if run.title else "")),
        ("Players", join_and(list(counts.players)) or "none"),
        *((f"Instructions of {s.name}", s.instructions) for s in config.players if s.instructions),
        ("Puzzles", f"{pluralize(len(puzzles), 'puzzle')}: {', '.join(p.problem_id for p in puzzles)}"),
        ("Puzzle set, SHA-256", puzzles_hash[:HASH_SHOWN]),
        ("With red herrings", str(sum(bool(p.red_herrings) for p in puzzles))),
        ("Playable rooms", str(sum(p.world is not None for p in puzzles))),
        ("How they play", "one plan" if config.protocol == "plan" else config.protocol),
        ("Repeats", str(config.repeats)),
        *_marked(run, metric),
        ("Cost", money(total([t.cost_usd for t in counts.tallies.values()]))),
        ("Prompts", ", ".join(prompts)),
        (
            "Program",
            version and f"Escape {version}, SHA-256 {run.versions.get('program sha256', '')[:HASH_SHOWN]}",
        ),
        ("Libraries", ", ".join(libraries)),
    ]
    return [(name, value) for name, value in rows if value]


def _marked(run: Run, metric: Metric) -> list[Fact]:
    counts = digest(run)
    return [
        ("Judge", ", ".join(counts.judges) or run.config.judge.name),
        ("Judge's prompt", ", ".join(sorted(counts.prompts)) or "none"),
        ("Metric", f"{metric.label}: {metric.explanation}"),
        (
            "Answers",
            f"{counts.answers} answered, {counts.marked} marked, {counts.unmarked} not marked, "
            f"{counts.lacking - counts.unmarked} without an answer",
        ),
    ]


def figure_caption(run: Run) -> list[str]:
    """Write the caption of a figure for a paper, one string per line.

    It names the sets, repeats, prompt, judge, temperatures, dates and version of Escape.
    """
    config = run.config
    days = sorted({(r.started_at or run.started_at)[:10] for r in run.results}) or [run.started_at[:10]]
    asked_on = " to ".join(dict.fromkeys((days[0], days[-1])))
    bands = [f"{len(puzzles)} of the set {name}" for name, puzzles in banded(run.puzzles).items()]
    prompt = "move by move" if config.in_turns else "player with moves"
    heat = {
        s.name: "the provider's" if s.temperature is None else f"{s.temperature:g}" for s in config.players
    }
    warmth = ", ".join(dict.fromkeys(heat.values())) if len({*heat.values()}) < 2 else str(heat)
    return [
        f"Rooms escaped, with 95 % intervals (Clopper-Pearson); {join_and(bands)}, "
        f"{pluralize(config.repeats, 'repeat')} "
        "each. ? format not understood, cut off, empty or refused, ! failed.",
        f"Prompt {prompt}/{run.versions.get(f'prompt {prompt}', '?')}. Judge of the explanations: "
        f"{config.judge.name if config.judge.model else 'none'}. Temperature: {warmth or 'none'}.",
        f"Asked on {asked_on} (UTC) with Escape {run.versions.get('escape', '?')}.",
    ]


def page(run: Run, metric: Metric) -> str:
    """Render a run as one HTML page.

    It has the result, intervals, doors, every puzzle, the judge's card, the plans to watch and the facts.
    """
    return whole_page(
        f"Escape: run {run.run_id}", "Can a language model get out of the room?", _page_parts(run, metric)
    )


def trust_sentence(run: Run) -> str:
    """Say how good the judges of the explanations are. "" if only the room has judged."""
    judges = [judge for judge in digest(run).judges if judge != "room"]  # which marks no explanation
    if cards := [card_sentence(c, doubts(c)) for c in run.cards if c.judge in judges and applies(run, c)]:
        return " ".join(cards)
    if whose := precomputed(judges):
        return whose.worth
    return "The judge that gave these marks has not been tested here." if judges else ""


def _page_parts(run: Run, metric: Metric) -> list[str]:
    standings, name_by_player = ranking(run, metric), names(run)
    sentences = [say(standings) for say in (help_sentence, basis_sentence, reading_sentence, places_sentence)]
    standing = [
        [
            name_by_player[s.player],
            headline_figure(s, standings.basis),
            "-"
            if s.headline.low is None or s.headline.high is None
            else f"{s.headline.low:.2f} to {s.headline.high:.2f}",
            *(str(x or "-") for x in (s.pus, s.sps, s.rhh, s.out)),
            str(s.tally.judged),
            str(s.tally.failed),
        ]
        for s in standings.standings
        if s.headline
    ]
    seen, labels = doors.doors(run, metric), dict[str, dict[str, str]]()
    for cell in each_cell(run, metric):
        labels.setdefault(cell.puzzle, {})[cell.name] = ended_as(cell.label)
    legend = f"{doors.key(seen, metric)} {doors.explanation_notes(seen)}".strip()
    players = list(dict.fromkeys(name for cells in labels.values() for name in cells))
    grid = [[puzzle, *(cells.get(p, "-") for p in players)] for puzzle, cells in labels.items()]
    return [
        f"<p class=lead>{escaped(run_sentence(run, standings))}</p>",
        *(
            f"<p>{escaped(s)}</p>"
            for s in (
                *sentences,
                ratios_sentence(run),
                chance_sentence(run),
                against_sentence(run),
                trust_sentence(run),
                error_sentence() if seen and not metric.needs_judge else "",
            )
            if s
        ),
        "<h2>Players</h2>",
        html_table(
            ["Player", "Main figure", "95 % interval", *LABELS.values(), "Rooms escaped", "Judged", "Failed"],
            standing,
            1,
        ),
        f"<h2>Doors</h2>{doors.html_of(seen)}<p>{escaped(legend)}</p>" if seen else "",
        *_explanations(run),
        *_every_time(run),
        f"<h2>Twists</h2><p>{escaped(twists)}</p>" if (twists := twists_sentence(run)) else "",
        "<h2>Puzzle by puzzle</h2>",
        html_table(["Puzzle", *players], grid, 1),
        *(
            f"<h2>{escaped(chart.title)}</h2><p>{escaped(chart.alt)}.</p>{html_table(*by_player(table), 1)}"
            for chart in CHARTS.values()
            if chart.source in TABLES.keys() - {"standings", "cells"}
            if not (table := TABLES[chart.source](run, metric)).empty
        ),
        *_films(run),
        "<h2>What exactly was run</h2>",
        html_table(["", ""], [list(f) for f in facts(run, metric)], 2),
        "<p>Marks are out of 2 for Physical Understanding and Solution Path and 0 or 1 for Red Herring "
        "Handling. They "
        "say how these players did on these puzzles according to this judge, not how clever they are.</p>",
    ]


def _explanations(run: Run) -> list[str]:
    head, rows = corrected_rows(run)
    about = f"<p>{escaped(NOT_COVERED)}.</p>"
    gaps = f"<p>{escaped(gaps_sentence(run))}</p>"
    return ["<h2>Explanations</h2>", about, html_table(head, rows, 2), gaps] if rows else []


def _films(run: Run) -> list[str]:
    """Render the plans that code carried out, to be watched, those of the run's own players first.

    Only the first MOST_FILMS are in the page; a note says how many more there are.
    """
    own, puzzles = own_players(run), run.puzzle_by_id
    ended = [(r, r.led_to) for r in run.results if r.led_to and r.led_to.steps]
    ended.sort(key=lambda pair: pair[0].trial.player not in own)
    reels = []
    for result, outcome in ended[: watching.MOST_FILMS]:
        puzzle = puzzles[result.trial.problem_id]
        film = watching.frames(puzzle, outcome, "move by move" if result.turns else "plan")
        reels.append(watching.reel(film, f"{answer_name(run, result.trial)}: {result.result}"))
    more = len(ended) - len(reels)
    note = f"<p>{more} more are in the run's file, which the page opens.</p>" if more else ""
    return [f"<h2>Watch</h2>{''.join(reels)}{note}"] if reels else []


def _every_time(run: Run) -> list[str]:
    rows = [[names(run)[p], *map(count_of, line)] for p, line in every_time(run).items()]
    head = ["Player", "Out every time", "Out at least once"]
    title = f"<h2>Every room {run.config.repeats} times</h2>"
    return [title, html_table(head, rows, 1)] if rows else []


class Style(NamedTuple):
    """A style of writing, and the rooms' errors on plans in it.

    `kept_in`, `kept_in_repaired`: sound plans that did not escape, as written and after one repair.
    `let_out`: unsound plans that escaped after one repair.
    """

    name: str
    sound: int
    kept_in: int
    kept_in_repaired: int
    unsound: int
    let_out: int


# How often the rooms themselves err, counted by `python -m tools.bench reading` over 237 plans that no rule
# was written for, by three writers who saw only the prompt. Readers called each in the form and in the loose
# form sound or unsound, in prose its writer did. A test compares these counts with the bench's.
WRITING_STYLES = (
    Style("in the form of moves", 42, 2, 1, 44, 0),
    Style("in a loose form", 53, 21, 1, 53, 1),
    Style("in plain prose", 30, 30, 0, 15, 0),
)


def error_shares() -> list[tuple[str, Interval]]:
    """Compute the rooms' own error: the shares of sound and of unsound plans that escape, labelled.

    The plans are those of WRITING_STYLES, for which no rule was written.
    """
    sound, unsound = sum(s.sound for s in WRITING_STYLES), sum(s.unsound for s in WRITING_STYLES)
    as_written = sound - sum(s.kept_in for s in WRITING_STYLES)
    repaired = sound - sum(s.kept_in_repaired for s in WRITING_STYLES)
    let_out = sum(s.let_out for s in WRITING_STYLES)
    return [
        ("the rooms: sound plans out as written", share_interval(as_written, sound)),
        ("the rooms: sound plans out after a repair", share_interval(repaired, sound)),
        ("the rooms: unsound plans out after a repair", share_interval(let_out, unsound)),
    ]


def error_sentence() -> str:
    each = ", ".join(f"{s.sound - s.kept_in} of {s.sound} {s.name}" for s in WRITING_STYLES)
    sound, kept_in = sum(s.sound for s in WRITING_STYLES), sum(s.kept_in for s in WRITING_STYLES)
    repaired = sound - sum(s.kept_in_repaired for s in WRITING_STYLES)
    out, unsound = sum(s.let_out for s in WRITING_STYLES), sum(s.unsound for s in WRITING_STYLES)
    return (
        f"Rooms make mistakes too. Of {sound} valid plans by language models that saw only the prompt, "
        f"{sound - kept_in} got out as written ({_interval_text(sound - kept_in, sound)}): {each}; and "
        f"{repaired} after the one repair. Of {unsound} invalid plans {out} got out "
        f"({_interval_text(out, unsound)})."
    )


def _interval_text(hits: int, n: int) -> str:
    interval = share_interval(hits, n)
    return f"{interval.low:.0%} to {interval.high:.0%}"

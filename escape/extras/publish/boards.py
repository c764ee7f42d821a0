"""Boards: runs that may stand in one table, with everybody's figure, its interval and the ranks that it allows."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from escape.environments import counts_doors, environment_in
from escape.environments import plans as attempts
from escape.extras.publish.verifying import carried_out
from escape.metrics import METRICS
from escape.puzzles import files, set_hash
from escape.results import beside, count, digest, facts, foresight, houses, money, names, ranking, twisted
from escape.stats import Interval
from escape.types import PLAYED, Result, Run, Trial, TrialKey

FORESIGHT, PAIRS = "Foresight, beyond chance", "Pairs, both right"
MORE = (FORESIGHT, PAIRS)
Origin = Literal["self-reported", "re-run"]
ASKED = frozenset({"player", "player with moves", "repair", "house", "move by move"})  # prompts that players read


@dataclass(frozen=True)
class Entry:
    """One run of a site. `file`: its name in the folder `runs`; `sha256`: of the file; `origin`: who ran it."""

    run: Run
    file: str
    sha256: str
    origin: Origin

    @property
    def slug(self) -> str:
        """The file's name without its endings."""
        return self.file.partition(".")[0]


@dataclass(frozen=True)
class Line:
    """One player. `figure`: doors in the median, or rooms in words; `value`, `low`, `high`: the same as numbers;
    `ranks`: best and worst that cannot be ruled out, None without a comparison; `missing`: trials that were asked for
    and have no answer, which counts as not out or no door; `budget`: of an answer, in tokens; `beside`: what beside
    physics has a part in the figure; `more`: figures that stand beside it, by the names in MORE.
    """

    player: str
    name: str
    figure: str
    value: float
    low: float | None
    high: float | None
    ranks: tuple[int, int] | None
    cost: str
    missing: int
    budget: int | None
    beside: str
    entry: Entry
    more: Mapping[str, Interval] = field(default_factory=dict)


@dataclass(frozen=True)
class Board:
    """Runs of the same rooms or houses, played the same way. `run`: all of them as one; `most`: the highest figure."""

    title: str
    run: Run
    entries: tuple[Entry, ...]
    lines: tuple[Line, ...]
    most: float


def boards(entries: Sequence[Entry]) -> list[Board]:
    """Runs grouped by what was played and how; a player that played the same twice stands on a board of its own."""
    groups: list[list[Entry]] = []
    keys: list[tuple[object, ...]] = []
    for entry in entries:
        key, players = _key(entry.run), set(entry.run.players)
        at = next(
            (n for n, k in enumerate(keys) if k == key and all(players.isdisjoint(e.run.players) for e in groups[n])),
            None,
        )
        if at is None:
            keys.append(key)
            groups.append([entry])
        else:
            groups[at].append(entry)
    return [_board(group) for group in groups]


def _key(run: Run) -> tuple[object, ...]:
    ids = set(run.config.problem_ids) or {p.problem_id for p in run.puzzles}
    puzzles_hash = set_hash(
        [p.model_dump(mode="json", exclude_defaults=True) for p in run.puzzles if p.problem_id in ids]
    )
    prompts = tuple(sorted((k, v) for k, v in run.versions.items() if k.startswith("prompt ") and k[7:] in ASKED))
    return (
        puzzles_hash,
        run.config.protocol,
        run.config.moves,
        "" if counts_doors(run) else run.config.judge.name,
        prompts,
    )


def promised(run: Run) -> Run:
    """The run as a board counts it: outcomes by today's rules, and every trial that its configuration promises. Missing
    and failed ones are not out, or open no door, and so are the rooms that an answer from elsewhere leaves out.
    """
    by_id, ids = run.puzzle_by_id, run.config.problem_ids
    results: dict[TrialKey, Result] = {}
    for result in run.results:
        outcome = carried_out(result, by_id[result.trial.problem_id])
        results[result.trial.key] = result.model_copy(update={"outcome": outcome})
    elsewhere = dict.fromkeys(r.trial.player for r in run.results if r.trial.is_imported)
    due = [*run.config.trials(), *(Trial(problem_id=i, player=p) for p in elsewhere for i in ids)]
    for trial in due:
        result_ = results.get(trial.key)
        if result_ is None or result_.led_to is None:
            nothing = attempts.outcome(by_id[trial.problem_id], "", requested=True)
            results[trial.key] = Result(trial=trial, outcome=nothing)
    return run.model_copy(update={"results": tuple(results.values())})


def _board(entries: Sequence[Entry]) -> Board:
    first = entries[0].run
    counted = [promised(e.run) for e in entries]
    players = tuple(p for e in entries for p in e.run.config.players)
    config = first.config.model_copy(update={"players": players, "repeats": max(e.run.config.repeats for e in entries)})
    together = {p.problem_id: p for e in entries for p in e.run.puzzles}
    whole_run = first.model_copy(
        update={
            "config": config,
            "run_id": "-".join(e.run.run_id for e in entries)[:300],
            "puzzles": tuple(together.values()),
            "results": tuple(r for run in counted for r in run.results),
            "cards": tuple(c for e in entries for c in e.run.cards),
            "opinions": (),
        }
    )
    of = {p: e for e in entries for p in e.run.players}
    lines = _houses(whole_run, of) if counts_doors(first) else _rooms(whole_run, of)
    more = _more(whole_run)
    lines = [replace(line, more=more.get(line.player, {})) for line in lines]
    most = houses.reach(whole_run).doors if counts_doors(first) else 1.0
    return Board(_title(first), whole_run, tuple(entries), tuple(lines), float(most))


def _title(run: Run) -> str:
    fact = dict(facts(run, METRICS["verified"]))
    how = "" if run.config.protocol == "plan" else f", {run.config.protocol}"
    if counts_doors(run):
        kind = environment_in(run).nouns[1].capitalize()
        return f"{kind}: {count(len(run.config.problem_ids), 'of them', 'of them')}, {fact.get('Houses', '')}{how}"
    part = _part(run.config.problem_ids) or count(len(run.config.problem_ids), "room")
    return f"Rooms: {part}, set {fact.get('Puzzle set, SHA-256', '')}{how}"


def _part(problem_ids: Sequence[str]) -> str:
    """`12 of the 30 rooms`, where a bundled set has more than were asked for; else ""."""
    for path in files.sets(files.BUNDLED).values():
        ids = {p.problem_id for p in files.shared(path)}
        if set(problem_ids) < ids:
            return f"{len(problem_ids)} of the {len(ids)} rooms"
    return ""


def _more(run: Run) -> dict[str, dict[str, Interval]]:
    """Player -> what it foresees, and its pairs of a room and its twist, each where it was asked."""
    found: dict[str, dict[str, Interval]] = {}
    for player, span in foresight(run).items():
        found.setdefault(player, {})[FORESIGHT] = span
    for line in twisted(run).lines:
        if line.pairs:
            found.setdefault(line.player, {})[PAIRS] = line.pairs
    return found


def _houses(run: Run, of: dict[str, Entry]) -> list[Line]:
    reach = houses.reach(run)
    lines = []
    for line in reach.lines:
        before = sum(p.second == line.player and p.decided for p in reach.pairs)
        behind = sum(p.first == line.player and p.decided for p in reach.pairs)
        compared = any(line.player in (p.first, p.second) for p in reach.pairs)
        lines.append(
            Line(
                player=line.player,
                name=line.name,
                figure=houses.doors_text(line),
                value=line.median,
                low=line.low,
                high=line.high,
                ranks=(1 + before, len(reach.lines) - behind) if compared else None,
                cost=money(line.usd),
                missing=_missing(of[line.player].run, line.player),
                budget=line.budget,
                beside=_beside(of[line.player].run, line.player, "no door"),
                entry=of[line.player],
            )
        )
    return lines


def _rooms(run: Run, of: dict[str, Entry]) -> list[Line]:
    standings, name_by_player = ranking(run, METRICS["verified"]), names(run)
    return [
        Line(
            player=s.player,
            name=name_by_player[s.player],
            figure=f"{s.headline.mean:.0%} of {count(len(s.values), 'room')}",
            value=s.headline.mean,
            low=s.headline.low,
            high=s.headline.high,
            ranks=s.ranks,
            cost=money(s.tally.cost_usd),
            missing=_missing(of[s.player].run, s.player),
            budget=next((x.budget or None for x in run.config.players if x.name == s.player), None),
            beside=_beside(of[s.player].run, s.player, "not out"),
            entry=of[s.player],
        )
        for s in standings.standings
        if s.headline
    ]


def people(run: Run) -> int:
    """How many people played by hand."""
    return sum(p.startswith(PLAYED) for p in run.players)


def slug(name: str) -> str:
    """A text from a file as part of a file's name."""
    return re.sub(r"[^A-Za-z0-9_-]", "", name)[:40] or "run"


def _missing(run: Run, player: str) -> int:
    trials_there = {r.trial for r in run.results if r.led_to is not None and (r.answer or r.turns)}
    due = run.config.trials() if player in {s.name for s in run.config.players} else (
        Trial(problem_id=i, player=player) for i in run.config.problem_ids
    )  # fmt: skip
    return sum(t.player == player and t not in trials_there for t in due)


def _beside(run: Run, player: str, counts_as: str) -> str:
    """What beside physics has a part in a player's figure; its failed calls stand under `missing`."""
    return beside(replace(digest(run).tallies[player], unasked=0), counts_as)

"""One way through a room: the moves of two players under each other, what each did, and where it was lost. HTML."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter

from escape.results.digest import names
from escape.results.sentences import titles
from escape.types import Outcome, Result, Run, escaped

MOST_MOVES = 14  # in a strip; of a longer way the first ones
STYLE = """
.strips{display:grid;grid-template-columns:minmax(5rem,max-content) 1fr;gap:.5rem .8rem;align-items:baseline;
 font-size:.93rem}
.strips b{font-weight:600;overflow-wrap:anywhere;max-width:14rem}
.strips ol{display:flex;flex-wrap:wrap;gap:.25rem;list-style:none;margin:0;padding:0}
.strips li{border:1px solid #8a8171;border-radius:.4rem;padding:.1rem .45rem;overflow-wrap:anywhere}
.strips .did{background:rgba(201,138,27,.2)}
.strips .idle{opacity:.65;border-style:dashed}
.strips .lost{border:2px solid #c23b22}
.strips .out{background:#c98a1b;color:#1c1a16;font-weight:600}
@media (max-width:640px){.strips{grid-template-columns:1fr}.strips b{max-width:none}}
"""


@dataclass(frozen=True)
class Strip:
    """A player's moves in a room: each with what it came to ("did", "idle", "lost" or "out") in `kinds`."""

    name: str
    moves: tuple[str, ...]
    kinds: tuple[str, ...]
    ended: str


def strips(run: Run, players: Sequence[str]) -> tuple[str, list[Strip]]:
    """The room in which the first two players' ways differ most, its name, and both ways; none without such a room."""
    first, *others = [p for p in players if p] or [""]
    by_player: dict[str, dict[str, Result]] = {}
    for result in run.results:
        if (led := result.led_to) and result.trial.repeat == 1 and led.tried and not led.doors:
            by_player.setdefault(result.trial.problem_id, {})[result.trial.player] = result
    for other in others:
        both = [(i, r[first], r[other]) for i, r in by_player.items() if first in r and other in r]
        if both:
            problem_id, first_result, theirs = max(both, key=lambda x: _apart(x[1].outcome, x[2].outcome))
            name_by_player = names(run)
            strips_ = [_strip(name_by_player[r.trial.player], r.outcome) for r in (first_result, theirs) if r.outcome]
            return titles(run.puzzles)[problem_id], strips_
    return "", []


def _apart(a: Outcome | None, b: Outcome | None) -> tuple[bool, int]:
    if a is None or b is None:
        return False, 0
    steps = min(len(a.steps), MOST_MOVES) + min(len(b.steps), MOST_MOVES)
    return a.out != b.out, steps


def _strip(name: str, outcome: Outcome) -> Strip:
    steps = outcome.steps[:MOST_MOVES]
    kinds = ["did" if s.changed else "idle" for s in steps]
    if outcome.lost_at and outcome.lost_at <= len(kinds):
        kinds[outcome.lost_at - 1] = "lost"
    if outcome.out and len(steps) == len(outcome.steps) and kinds:
        kinds[-1] = "out"
    more = len(outcome.steps) - len(steps)
    ended = "out" if outcome.out else "gave up" if outcome.gave_up else "not out"
    return Strip(name, tuple(s.move for s in steps), tuple(kinds), ended + (f", after {more} more" if more else ""))


_TOLD = {"did": "", "idle": " (no change)", "lost": " (from here on no way out)", "out": " (out)"}


def html_of(strips_: Sequence[Strip]) -> str:
    """The picture."""
    return f'<div class="strips">{"".join(_rows(strips_))}</div>'


def _rows(strips_: Sequence[Strip]) -> Iterator[str]:
    for strip in strips_:
        moves = "".join(f'<li class="{kind}">{escaped(move)}</li>' for move, kind in _told(strip))
        yield f"<b>{escaped(strip.name)}: {escaped(strip.ended)}</b><ol>{moves}</ol>"


def _told(strip: Strip) -> Iterator[tuple[str, str]]:
    """A strip's moves in words, each with its kind; what came to nothing is only counted."""
    for kind, some in groupby(zip(strip.moves, strip.kinds, strict=True), key=itemgetter(1)):
        lines = [move for move, _ in some]
        if kind == "idle" and len(lines) > 1:
            lines = [f"{len(lines)} moves"]
        yield from ((move + _TOLD[kind], kind) for move in lines)


WIDE, LEFT, LETTER = 900, 210, 7.6  # pixels of the drawing: its width, where moves begin, a letter at most
_LOOKS = {
    "did": 'fill="#c98a1b" fill-opacity=".2" stroke="#8a8171"',
    "idle": 'fill="none" stroke="#8a8171" stroke-dasharray="3 2"',
    "lost": 'fill="none" stroke="#c23b22" stroke-width="2"',
    "out": 'fill="#c98a1b" stroke="#8a8171"',
}


def svg(strips_: Sequence[Strip], title: str) -> str:
    """The same as a drawing to take away; "" without strips."""
    parts, y = [f'<text x="8" y="24" font-weight="600">{escaped(title)}</text>'], 40
    for strip in strips_:
        parts.append(
            f'<text x="8" y="{y + 18}" font-weight="600">{escaped(f"{strip.name}: {strip.ended}"[:26])}</text>'
        )
        x = float(LEFT)
        for move, kind in _told(strip):
            label = move if len(move) <= 80 else move[:79] + "…"
            wide = LETTER * len(label) + 16
            if x > LEFT and x + wide > WIDE - 8:
                x, y = float(LEFT), y + 32
            parts.append(f'<rect x="{x:g}" y="{y}" width="{wide:g}" height="26" rx="6" {_LOOKS[kind]}/>')
            parts.append(f'<text x="{x + wide / 2:g}" y="{y + 18}" text-anchor="middle">{escaped(label)}</text>')
            x += wide + 6
        y += 44
    if not strips_:
        return ""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDE} {y}" width="{WIDE}" height="{y}" role="img" '
        f'font-family="system-ui, sans-serif" font-size="14" fill="#2b2620"><title>{escaped(title)}</title>'
        f'<rect width="100%" height="100%" fill="#fbf8f1"/>{"".join(parts)}</svg>'
    )

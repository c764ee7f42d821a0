"""Doors: a row for each player, one small door for each room, open or shut, as HTML.

Page and report draw the same; on the page each door is a button that opens its answer.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from statistics import fmean

from escape.metrics import TOP, Metric
from escape.results.digest import digest, first_trials, per_puzzle
from escape.results.pairs import beside, share_of
from escape.results.tables import UNDERSTOOD, Cell, each_cell
from escape.types import Puzzle, Run, TrialKey, escaped

MOST = 60  # doors in a row; more puzzles stand together by family
STYLE = """
.doors{display:grid;grid-template-columns:minmax(6rem,max-content) minmax(0,max-content) max-content;
 gap:.55rem .8rem;align-items:center;
 font-variant-numeric:tabular-nums;line-height:1.2}
.doors b{font-weight:600;overflow-wrap:anywhere;max-width:16rem}
.doors .row{display:flex;flex-wrap:wrap;gap:3px}
.doors .door{position:relative;box-sizing:border-box;width:15px;height:24px;padding:0;border:1.5px solid #8a8171;
 border-radius:2px 2px 0 0;
 background:light-dark(#8a8171,#57524a);cursor:default;overflow:hidden;appearance:none;font:0/0 a}
.doors button.door{cursor:pointer}
.doors .door::after{content:"";position:absolute;right:2px;top:10px;width:3px;height:3px;border-radius:50%;
 background:#f4f0e6}
.doors .open,.doors .part,.doors .none{background:transparent}
.doors .open::after{right:auto;left:0;top:0;width:75%;height:100%;border-radius:0;background:#c98a1b;
 clip-path:polygon(0 0,100% 12%,100% 100%,0 100%)}
.doors .hollow::after{background:repeating-linear-gradient(45deg,#c98a1b 0 2px,transparent 2px 4px)}
.doors .part::after{right:0;left:0;top:auto;bottom:0;width:100%;height:var(--share);border-radius:0;background:#c98a1b}
.doors .none{border-style:dashed}
.doors .none::after{display:none}
.doors button:is(:hover,:focus-visible){outline:2px solid currentColor;outline-offset:1px}
.doors i{font-style:normal;white-space:nowrap}
.doors small{font-size:.85em;opacity:.75}
.doors .line{display:contents}
@media (max-width:640px){.doors,.doors .line{display:flex;flex-wrap:wrap;gap:.15rem .8rem;width:100%}
 .doors b{flex:1;max-width:none}.doors .row{flex-basis:100%;order:1;margin-bottom:.5rem}
 .doors button.door{width:20px;height:30px}}
@media (forced-colors:active){.doors .door{forced-color-adjust:none}}
"""


@dataclass(frozen=True)
class Door:
    """One answer, or a family's. `share`: of full marks, or of its attempts that got out; None: nothing is known.
    `hollow`: left without understanding. `key`: the answer that it opens.
    """

    name: str
    share: float | None
    hollow: bool = False
    key: TrialKey | None = None


@dataclass(frozen=True)
class Row:
    """A player's doors, those that most players opened first. `told`: how many, or how good on average;
    `figures`: its interval, and how much of the physics was understood.
    """

    player: str
    name: str
    doors: tuple[Door, ...]
    told: str
    figures: str = ""


def doors(run: Run, metric: Metric) -> list[Row]:
    """What the picture shows of a run, under a metric, without twists."""
    twisted = beside(run)
    cells = [c for c in each_cell(run, metric) if c.problem_id not in twisted]
    return _rows(run, metric, cells, [p for p in run.puzzles if p.problem_id not in twisted])


def _rows(run: Run, metric: Metric, cells: Sequence[Cell], puzzles: Sequence[Puzzle]) -> list[Row]:
    together = len(puzzles) > MOST
    place = {p.problem_id: (p.family or "no family") if together else p.problem_id for p in puzzles}
    order = _easiest_first(cells, place)
    minds = _understanding(run, metric, {p.problem_id for p in puzzles})
    hollow, first = _hollow(run, metric), first_trials(run)
    rows_found: list[tuple[float, Row]] = []  # the best first, as the table below has them
    by_player: defaultdict[str, dict[str, Cell]] = defaultdict(dict)
    for cell in cells:
        by_player[cell.player][cell.problem_id] = cell
    for player, own in by_player.items():
        name = next(iter(own.values())).name
        if together:
            shares = _shares(own.values(), place)
            row = [_family(p, name, shares[p]) for p in order]
        else:
            row = [_door(own[p], first.get((p, player)), hollow=(player, p) in hollow) for p in order]
        got, figures = [cell.share for cell in own.values() if cell.share is not None], ""
        if metric.by_room:
            figure = f"{sum(got):.1f}".removesuffix(".0") + f" of {len(got)}"
            shares_ = {p: cell.share for p, cell in own.items() if cell.share is not None}
            figures = _figures(list(shares_.values()), minds.get(player))
        else:
            figure = f"{sum(got) / len(got):.0%} of full marks" if got else ""
        rows_found.append((sum(got) / max(1, len(got)), Row(player, name, tuple(row), figure if got else "", figures)))
    return [row for _, row in sorted(rows_found, key=lambda f: -f[0])]


def _easiest_first(cells: Sequence[Cell], place: Mapping[str, str]) -> list[str]:
    """The places of the doors: those that most opened first, those of which nothing is known last."""
    shares = _shares(cells, place)
    known = sorted(shares, key=lambda p: -fmean(shares[p]))
    return [*known, *(p for p in dict.fromkeys(place.values()) if p not in shares)]


def _shares(cells: Iterable[Cell], place: Mapping[str, str]) -> defaultdict[str, list[float]]:
    shares = defaultdict(list)
    for cell in cells:
        if cell.share is not None:
            shares[place[cell.problem_id]].append(cell.share)
    return shares


def _family(family: str, name: str, shares: Sequence[float]) -> Door:
    mean = fmean(shares) if shares else None
    return Door(f"{family}, {name}: " + ("none" if mean is None else f"{mean:.0%} of {len(shares)}"), mean)


def _door(cell: Cell, first: TrialKey | None, *, hollow: bool) -> Door:
    blind = ", without understanding" if hollow else ""
    return Door(f"{cell.puzzle}, {cell.name}: {cell.label}{blind}", cell.share, hollow, first)


def _hollow(run: Run, metric: Metric) -> set[tuple[str, str]]:
    """(player, puzzle) of rooms that were left by somebody whose answer shows no understanding of them."""
    counts = digest(run)
    if not metric.by_room:
        return set()
    marks = per_puzzle(run, metric)
    return {
        (player, puzzle)
        for player, scores in marks.items()
        for puzzle, score in scores.items()
        if score.pus is not None
        and score.pus < UNDERSTOOD
        and any(x.out for x in counts.rooms.get(player, {}).get(puzzle, ()))
    }


def _understanding(run: Run, metric: Metric, puzzles: Set[str]) -> dict[str, float]:
    if not metric.by_room:
        return {}
    found = {}
    for player, scores in per_puzzle(run, metric).items():
        marks = [score.pus for puzzle, score in scores.items() if puzzle in puzzles and score.pus is not None]
        if marks:
            found[player] = fmean(marks) / TOP["pus"]
    return found


def _figures(got: Sequence[float], understood: float | None) -> str:
    span = share_of(got) if len(got) > 1 else None
    interval = (
        f" ({span.low:.0%} to {span.high:.0%})" if span and span.low is not None and span.high is not None else ""
    )
    return interval + (f", understands {understood:.0%}" if understood is not None else "")


def key(rows: Sequence[Row], metric: Metric) -> str:
    """What the doors mean, in a line under the picture."""
    if not metric.by_room:
        return "A door for each puzzle, open as far as its marks go."
    every = [door for row in rows for door in row.doors]
    partly = " partly open where some attempts did," if any(d.share not in (None, 0, 1) for d in every) else ""
    hollow = " hatched if without understanding," if any(d.hollow for d in every) else ""
    return f"One door per room: open where the player got out,{hollow}{partly} shut otherwise."


def html_of(rows: Sequence[Row], *, pressed: bool = False) -> str:
    """The picture. `pressed`: with doors that can be pressed, named by row and place ("0.7")."""
    return f'<div class="doors" role="list">{"".join(_lines(rows, pressed=pressed))}</div>'


def _lines(rows: Sequence[Row], *, pressed: bool) -> Iterator[str]:
    for number, row in enumerate(rows):
        yield f'<div class="line" role="listitem"><b>{escaped(row.name)}</b>'
        yield f'<div class="row" role="group" aria-label="{escaped(f"Doors of {row.name}")}">'
        for place, door in enumerate(row.doors):
            name, look = escaped(door.name), _look(door)
            if pressed and door.key:
                first = "0" if place == 0 else "-1"  # one stop a row for the Tab key; arrows go on from there
                yield (
                    f'<button type="button" {look} data-door="{number}.{place}" tabindex="{first}" title="{name}">'
                    f"{name}</button>"
                )
            else:
                yield f"<span {look}>{name}</span>"
        yield f"</div><i>{escaped(row.told)}<small>{escaped(row.figures)}</small></i></div>"


def _look(door: Door) -> str:
    if door.share is None:
        return 'class="door none"'
    if door.share in (0, 1):
        kind = "shut" if door.share == 0 else "open hollow" if door.hollow else "open"
        return f'class="door {kind}"'
    return f'class="door part" style="--share:{door.share:.0%}"'


WIDE, LEFT, STEP, IN_A_LINE = 900, 190, 18, 34  # pixels of the drawing: its width, where doors begin, from door to door


def svg(rows: Sequence[Row], caption: str) -> str:
    """The same as a drawing to take away; "" without players. `caption`: what the doors mean."""
    parts, y = [], 16
    for row in rows:
        parts.append(f'<text x="8" y="{y + 17}" font-weight="600">{escaped(row.name[:22])}</text>')
        for place, door in enumerate(row.doors):
            x, top = LEFT + STEP * (place % IN_A_LINE), y + 30 * (place // IN_A_LINE)
            parts.append(f"<g><title>{escaped(door.name)}</title>{_drawn(door, x, top)}</g>")
        parts.append(
            f'<text x="{LEFT + STEP * min(len(row.doors), IN_A_LINE) + 10}" y="{y + 17}">{escaped(row.told)}</text>'
        )
        y += 30 * (1 + max(0, len(row.doors) - 1) // IN_A_LINE) + 8
    if not rows:
        return ""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDE} {y + 28}" width="{WIDE}" height="{y + 28}" '
        'role="img" font-family="system-ui, sans-serif" font-size="14" fill="#2b2620">'
        f"<title>{escaped(caption)}</title>{_HATCH}"
        f'<rect width="100%" height="100%" fill="#fbf8f1"/>{"".join(parts)}'
        f'<text x="8" y="{y + 16}" font-size="13" opacity=".8">{escaped(caption)}</text></svg>'
    )


_HATCH = (
    '<defs><pattern id="hatch" width="4" height="4" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
    '<path d="M1 0V4" stroke="#c98a1b" stroke-width="2"/></pattern></defs>'
)


def _drawn(door: Door, x: int, y: int) -> str:
    shut = door.share == 0
    dashed = ' stroke-dasharray="3 2"' if door.share is None else ""
    fill = "#8a8171" if shut else "none"
    frame = f'<rect x="{x}" y="{y}" width="14" height="24" fill="{fill}" stroke="#8a8171" stroke-width="1.5"{dashed}/>'
    if not door.share:
        return frame
    high = 24 * door.share
    gold = "url(#hatch)" if door.hollow else "#c98a1b"
    wide = 10 if door.share == 1 else 14
    return frame + f'<rect x="{x}" y="{y + 24 - high:g}" width="{wide}" height="{high:g}" fill="{gold}"/>'

"""The doors of a run: a band per set, a row per player, and a door per room, open or shut.

Page and report draw the same HTML; on the page each door is a button that opens its answer. A paper gets SVG.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from statistics import fmean

from escape.metrics import TOP, Metric
from escape.puzzles import RECORDED, banded, recorded_answer, recorded_players, scripted_outcome, set_label
from escape.results.corrected import MarkedShares, marked_shares
from escape.results.digest import display_name, first_trials, per_puzzle
from escape.results.sets import CHANCE, follows, main_set, sets, share_of
from escape.results.tables import Cell, each_cell
from escape.results.took import typical
from escape.results.wording import bounds, counted, ended_as, join_and
from escape.types import Puzzle, Run, TrialKey, escaped

MOST = 200  # doors in a row
UNDERSTOOD = 1.0  # of 2 for Physical Understanding: half of the principles or more
RANDOM = CHANCE["random"]
STYLE = """
.doors{display:grid;grid-template-columns:minmax(6rem,max-content) minmax(0,max-content) max-content;
 gap:.55rem .8rem;align-items:center;
 font-variant-numeric:tabular-nums;line-height:1.2}
.doors b{font-weight:600;overflow-wrap:anywhere;max-width:13.5rem}
.doors b small{display:block;font-weight:400}
.doors h3{grid-column:1/-1;font:600 .95rem "Source Serif","Source Serif 4",Georgia,serif;opacity:.75;
  padding:0;
 margin:.5rem 0 0}
.doors .row{display:flex;flex-wrap:wrap;gap:6px 3px}
.doors .door{position:relative;box-sizing:border-box;width:15px;height:24px;padding:0;
  border:1.5px solid #8a8171;
 border-radius:2px 2px 0 0;
 background:light-dark(#8a8171,#57524a);cursor:default;overflow:hidden;appearance:none;font:0/0 a;
  color:inherit}
.doors button.door{cursor:pointer}
.doors .door::after{content:"";position:absolute;right:2px;top:10px;width:3px;height:3px;border-radius:50%;
 background:#f4f0e6}
.doors .open,.doors .part,.doors .none,.doors .unread,.doors .failed{background:transparent}
.doors .open::after{right:auto;left:0;top:0;width:75%;height:100%;border-radius:0;background:#c98a1b;
 clip-path:polygon(0 0,100% 12%,100% 100%,0 100%)}
.doors .part::after{right:0;left:0;top:auto;bottom:0;width:100%;height:var(--share);border-radius:0;
  background:#c98a1b}
.doors :is(.none,.unread,.failed){border-style:dashed}
.doors .none::after{display:none}
.doors :is(.unread,.failed)::after{content:"?";inset:0;width:auto;height:auto;background:none;
 font:600 .75rem/1.35rem sans-serif;text-align:center}
.doors .failed{border-color:#c23b22}
.doors .failed::after{content:"!"}
.doors .known{box-shadow:0 5px 0 -3px light-dark(#8b5a00,#e0ab45)}
.doors button:is(:hover,:focus-visible){outline:2px solid currentColor;outline-offset:1px}
.doors i{font-style:normal}
.doors small{font-size:.85em;opacity:.75}
.doors :is(.band,.line){display:contents}
@media (max-width:1300px){.doors i small{display:block}}
@media (max-width:1023px){.doors .took{display:none}}
.doors .faint .row{opacity:.55}.doors .faint :is(b,small){font-weight:400;opacity:1}
@media (max-width:640px){.doors,.doors :is(.band,.line){display:flex;flex-wrap:wrap;gap:.15rem .8rem;
  width:100%}
 .doors h3{flex-basis:100%}.doors b{flex:1 1 9rem;max-width:none}
 .doors .row{flex-basis:100%;order:1;margin-bottom:.5rem}
 .doors .door{width:20px;height:30px}.doors i{flex:0 1 auto}
  .doors .door:is(.unread,.failed)::after{line-height:1.7rem}}
@media (forced-colors:active){.doors .door{forced-color-adjust:none}}
@media (prefers-reduced-motion:no-preference){.doors .open::after{animation:swing .4s}
  @keyframes swing{from{width:0}}}
"""


@dataclass(frozen=True)
class Door:
    """One player's door to one room, over all repeats.

    `share`: of attempts that escaped, or of full marks; None if unknown. `look`: "unread" or "failed" if
    there is nothing to open. `known`: the explanation was right. `key`: of the first answer.
    """

    name: str
    share: float | None
    look: str = "none"
    known: bool = False
    key: TrialKey | None = None


@dataclass(frozen=True)
class Row:
    """A player's doors in one band.

    `figure`: rooms escaped, or the share of full marks. `beside`: its interval, and counts of unread and
    failed answers. `below`: under the name. `took`: what a room took, shown only on a wide screen. `faint`: a
    reference row. `note`: on the explanation, shown once under the picture.
    """

    player: str
    name: str
    doors: tuple[Door, ...]
    figure: str
    beside: str = ""
    below: str = ""
    faint: bool = False
    took: str = ""
    note: str = ""


@dataclass(frozen=True)
class Band:
    """The doors of one set of rooms: a row for each player, then reference rows.

    The order of players is the same in every band: the best over all sets first, or the run's while it goes
    on.
    """

    name: str
    rows: tuple[Row, ...]


def doors(run: Run, metric: Metric, *, reference: bool = True, so_far: bool = False) -> list[Band]:
    """Build the doors of a run, a band for each set.

    `reference`: adds recorded models and random moves. `so_far`: for a run in progress; it gives no intervals
    and keeps the run's order.
    """
    by_cell = {(cell.player, cell.problem_id): cell for cell in each_cell(run, metric)}
    players = list(dict.fromkeys(player for player, _ in by_cell))
    if not so_far:
        got = {
            p: [c.share for (who, _), c in by_cell.items() if who == p and c.share is not None]
            for p in players
        }
        players.sort(key=lambda p: -fmean(got[p] or [0.0]))
    bands, follow, by_set = [], follows(run), banded(run.puzzles)
    for name in sets(run) or by_set:
        puzzles = by_set[name]
        cells = [[by_cell[player, p.problem_id] for p in puzzles] for player in players]
        by_model = marked_shares(run, {p.problem_id for p in puzzles})
        rows = [
            _player_row(run, metric, members, by_model.get(members[0].player), so_far=so_far)
            for members in cells
        ]
        if name == main_set(run):
            rows = [
                replace(row, below=", ".join(filter(None, (row.below, follow[row.player].short))))
                if row.player in follow
                else row
                for row in rows
            ]
            took = {} if so_far or metric.needs_judge else typical(run)
            rows = [replace(row, took=took[row.player].short) if row.player in took else row for row in rows]
        if not metric.needs_judge and reference:
            rows += _reference_rows(puzzles, players)
        bands.append(Band(name, tuple(rows)))
    return bands


def _player_row(
    run: Run, metric: Metric, cells: Sequence[Cell], by_model: MarkedShares | None, *, so_far: bool
) -> Row:
    player, marks, first = (
        cells[0].player,
        per_puzzle(run, metric).get(cells[0].player, {}),
        first_trials(run),
    )
    physics = {i: s.pus / TOP["pus"] for i, s in marks.items() if s.pus is not None}
    row_doors = []
    for cell in cells:
        understood = not metric.needs_judge and physics.get(cell.problem_id, 0.0) >= UNDERSTOOD / TOP["pus"]
        look = "unread" if cell.unread else "none"
        if cell.label == "failed":
            look = "failed"
        suffix = ", explanation right" if understood else ""
        row_doors.append(
            Door(f"{cell.puzzle}, {cell.name}: {ended_as(cell.label)}{suffix}", cell.share, look, understood,
                 first.get((cell.problem_id, player)))
        )  # fmt: skip
    own = [physics[c.problem_id] for c in cells if c.problem_id in physics]
    below, note = ("", "") if metric.needs_judge or not own else explanation(by_model, fmean(own))
    got = [cell.share for cell in cells if cell.share is not None]
    if metric.needs_judge:
        return Row(player, cells[0].name, tuple(row_doors), f"{fmean(got):.0%} of full marks" if got else "")
    figure = f"{sum(got):.1f}".removesuffix(".0") + f" of {len(got)}" + (" so far" if so_far else "")
    unread, lacking = Counter(c.label for c in cells if c.unread), sum(c.share is None for c in cells)
    remarks = [counted(n, word) for word, n in unread.items()]
    if got and lacking and not so_far:
        failed = sum(c.label == "failed" for c in cells)
        remarks.append(bounds(sum(got), len(got), failed, lacking - failed))
    span = share_of(got) if len(got) > 1 and not so_far else None
    between = (
        f"({span.low:.0%} to {span.high:.0%})"
        if span and span.low is not None and span.high is not None
        else ""
    )
    remark = ", ".join(filter(None, [between, *remarks]))
    return Row(
        player, cells[0].name, tuple(row_doors), figure if got or so_far else "", remark, below, note=note
    )


def explanation(by_model: MarkedShares | None, as_marked: float) -> tuple[str, str]:
    """Say how well a player explained, for below its name, with the note that belongs under the picture.

    `by_model`: shares that a model marked; None where annotators or people did. A marker too weak to correct
    gets no figure.
    """
    if by_model is None:
        return f"explanation {as_marked:.0%}", ""
    share = by_model.shares.get("principles")
    if share and (span := share.corrected):
        between = (
            ""
            if span.low is None or span.high is None
            else f" ({100 * span.low:.0f} to {100 * span.high:.0f})"
        )
        failed = "; the marker failed its exam" if by_model.exam == "failed" else ""
        return (
            f"explanation about {span.mean:.0%}{between}",
            f"Explanations: allowing for the marker's errors{failed}.",
        )
    if by_model.too_weak:
        return "", "Explanations: the marker hardly tells right from wrong, so there is no figure."
    reason = {"none": "marker not examined", "failed": "the marker failed its exam"}
    return (
        f"explanation {as_marked:.0%} as marked",
        f"Explanations: {reason.get(by_model.exam, 'as marked')}.",
    )


def _reference_rows(puzzles: Sequence[Puzzle], players: Sequence[str]) -> Iterator[Row]:
    """Yield rows for recorded models that escaped any of these rooms, then for random moves.

    Those that are players of the run are left out.
    """
    for name in recorded_players():
        if f"{RECORDED}:{name}" in players:
            continue
        answers = [recorded_answer(name, p) for p in puzzles]
        outs = [None if a is None or a.led_to is None else a.led_to.out for a in answers]
        if any(outs):
            called = display_name(f"{RECORDED}:{name}")
            yield _faint(f"{RECORDED}:{name}", called, puzzles, outs, "recorded, for reference")
    chance = [scripted_outcome("random", p) for p in puzzles]
    if "control:random" not in players and any(outcome is not None for outcome in chance):
        yield _faint("control:random", RANDOM, puzzles, [None if o is None else o.out for o in chance])


def _faint(
    player: str, name: str, puzzles: Sequence[Puzzle], outs: Sequence[bool | None], below: str = ""
) -> Row:
    words = {None: "not asked", True: "out", False: "stuck"}
    faint = [
        Door(f"{p.name}, {name}: {words[out]}", None if out is None else float(out))
        for p, out in zip(puzzles, outs, strict=True)
    ]
    recorded_outs = [out for out in outs if out is not None]
    return Row(
        player, name, tuple(faint), f"{sum(recorded_outs)} of {len(recorded_outs)}", below=below, faint=True
    )


def key(bands: Sequence[Band], metric: Metric) -> str:
    """Write the legend: what the doors mean, in a line under the picture."""
    if metric.needs_judge:
        return "A door for each puzzle, open as far as its marks go."
    every = [door for band in bands for row in band.rows for door in row.doors]
    remarks = {
        "partly open where some attempts did": any(d.share not in (None, 0, 1) for d in every),
        "underlined where the explanation was right": any(d.known for d in every),
        "? format not understood, cut off, empty or refused": any(
            d.share == 0 and d.look == "unread" for d in every
        ),
        "! failed": any(d.share is None and d.look == "failed" for d in every),
    }
    parts = ["open where the player got out", *(remark for remark, present in remarks.items() if present)]
    return f"One door per room: {', '.join(parts)}."


def explanation_notes(bands: Sequence[Band]) -> str:
    """Join the notes on explanations in a picture, each once. "" if there are none."""
    return " ".join(dict.fromkeys(row.note for band in bands for row in band.rows if row.note))


def reference_sentence(bands: Sequence[Band], name: str) -> str:
    """Say how many rooms of a band each reference row escaped. "" if there are no such rows."""
    faint = [row for band in bands if band.name == name for row in band.rows if row.faint]
    each = [
        f"{'a random player' if row.name == RANDOM else row.name} got out of {row.figure}" for row in faint
    ]
    return f"On these rooms {join_and(each)}." if each else ""


def html_of(bands: Sequence[Band], *, pressed: bool = False) -> str:
    """Render bands as HTML.

    `pressed`: doors with an answer are buttons, identified by band, row and place ("0.1.7").
    """
    parts = []
    for number, band in enumerate(bands):
        if len(bands) > 1:
            parts.append(f"<h3>{escaped(set_label(band.name))}</h3>")
        lines = "".join(_band_lines(number, band, pressed=pressed))
        parts.append(
            f'<div class="band" role="list" aria-label="{escaped(set_label(band.name))}">{lines}</div>'
        )
    return f'<div class="doors">{"".join(parts)}</div>'


def _band_lines(band_number: int, band: Band, *, pressed: bool) -> Iterator[str]:
    for number, row in enumerate(band.rows):
        below = f"<small>{escaped(row.below)}</small>" if row.below else ""
        kind = "line faint" if row.faint else "line"
        yield f'<div class="{kind}" role="listitem"><b>{escaped(row.name)}{below}</b>'
        label = escaped(f"Doors of {row.name}, {set_label(band.name)}")
        yield f'<div class="row" role="group" aria-label="{label}">'
        for place, door in enumerate(row.doors[:MOST]):
            name, look = escaped(door.name), _look(door)
            if pressed and door.key:
                first = "0" if place == 0 else "-1"  # one stop a row for the Tab key; arrows go on from there
                yield (
                    f'<button type="button" {look} data-door="{band_number}.{number}.{place}" '
                    f'tabindex="{first}" title="{name}">{name}</button>'
                )
            else:
                yield f"<span {look}>{name}</span>"
        more = f"<small>and {len(row.doors) - MOST} more</small>" if len(row.doors) > MOST else ""
        took = f"<small class=took> · {escaped(row.took)}</small>" if row.took else ""
        yield f"</div><i>{escaped(row.figure)} <small>{escaped(row.beside)}</small>{took}{more}</i></div>"


def _look(door: Door) -> str:
    label = " known" if door.known else ""
    if door.share is None or (door.share == 0 and door.look == "unread"):
        return f'class="door {door.look}{label}"'
    if door.share in (0, 1):
        return f'class="door {"open" if door.share else "shut"}{label}"'
    return f'class="door part{label}" style="--share:{door.share:.0%}"'


# pixels of the drawing: its width, where doors begin, from door to door
WIDE, LEFT, STEP, IN_A_LINE = (1180, 240, 18, 34)


def doors_svg(bands: Sequence[Band], caption: Sequence[str]) -> str:
    """Draw a figure for a paper as SVG: players with intervals, and a caption below. "" without players.

    Reference rows are left out.
    """
    parts, y = [], 16
    for band in bands:
        if len(bands) > 1:
            parts.append(f'<text x="8" y="{y + 14}" opacity=".75">{escaped(set_label(band.name))}</text>')
            y += 24
        for row in band.rows:
            if row.faint:
                continue
            parts.append(f'<text x="8" y="{y + 17}" font-weight="600">{escaped(row.name[:28])}</text>')
            for place, door in enumerate(row.doors[:MOST]):
                x, top = LEFT + STEP * (place % IN_A_LINE), y + 30 * (place // IN_A_LINE)
                parts.append(f"<g><title>{escaped(door.name)}</title>{_door_svg(door, x, top)}</g>")
            at = LEFT + STEP * min(len(row.doors), IN_A_LINE) + 10
            parts.append(f'<text x="{at}" y="{y + 17}">{escaped(f"{row.figure} {row.beside}")}</text>')
            y += 30 * (1 + max(0, min(len(row.doors), MOST) - 1) // IN_A_LINE) + 8
    if not any(band.rows for band in bands):
        return ""
    for line in caption:
        parts.append(f'<text x="8" y="{y + 16}" font-size="12">{escaped(line)}</text>')
        y += 17
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDE} {y + 14}" width="{WIDE}" '
        f'height="{y + 14}" '
        'role="img" font-family="system-ui, sans-serif" font-size="14" fill="#2b2620">'
        f"<title>{escaped(' '.join(caption))}</title>"
        f'<rect width="100%" height="100%" fill="#fbf8f1"/>{"".join(parts)}</svg>'
    )


def _door_svg(door: Door, x: int, y: int) -> str:
    nothing = door.share is None or (door.share == 0 and door.look == "unread")
    dashed = ' stroke-dasharray="3 2"' if nothing else ""
    fill = "#8a8171" if door.share == 0 and not nothing else "none"
    frame = (
        f'<rect x="{x}" y="{y}" width="14" height="24" fill="{fill}" stroke="#8a8171" '
        f'stroke-width="1.5"{dashed}/>'
    )
    if nothing and door.look != "none":
        frame += (
            f'<text x="{x + 4}" y="{y + 17}" font-size="11">{"?" if door.look == "unread" else "!"}</text>'
        )
    if door.known:
        frame += f'<rect x="{x + 3}" y="{y + 26}" width="8" height="1.5" fill="#8b5a00"/>'
    if not door.share:
        return frame
    high = 24 * door.share
    wide = 10 if door.share == 1 else 14
    return frame + f'<rect x="{x}" y="{y + 24 - high:g}" width="{wide}" height="{high:g}" fill="#c98a1b"/>'

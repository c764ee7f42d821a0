"""The curve: the share of attempts still going at each door, a line a player. SVG as text, for page, report and
export.
"""

from __future__ import annotations

from dataclasses import dataclass

from escape.results.houses.reach import Line, Reach
from escape.results.houses.together import CLASS
from escape.types import escaped

# The theme's ten colours, on light and on dark paper; a dash says it a second time.
LIGHT = "#0072B2 #D55E00 #009E73 #CC79A7 #8A6D00 #56B4E9 #332288 #882255 #44AA99 #555555".split()
DARK = "#56B4E9 #E69F00 #2BC79A #E59CC4 #F0E442 #4F94D4 #B9A6FF #FF9DB0 #7FDBCB #CFCFCF".split()
DASHES = ("", "9 4", "2 4", "12 3 2 3")
FAINT = ("control", "person")  # whose lines are for orientation only
LEFT, TOP, PLOT, BOTTOM, ROW = 46, 14, 250, 46, 19  # px


@dataclass(frozen=True)
class Shape:
    """A picture's measures in px. `right`: beside the plot, for the names; with none they stand below it in columns."""

    width: int
    right: int
    columns: int
    longest: int  # letters of a name


WIDE, NARROW = Shape(720, 190, 1, 18), Shape(360, 12, 2, 17)


def curve(reach: Reach, shape: Shape = WIDE) -> str:
    """The picture. Most lines end on the ground at the same place, so names stand in a column, furthest first, each
    with a piece of its line.
    """
    lines = [line for line in reach.lines if line.attempts]
    if not lines:
        return ""
    furthest = max(max(line.attempts) for line in lines)
    doors = max(1, min(reach.doors, furthest + 1))
    beside, rows = shape.columns == 1, -(-len(lines) // shape.columns)
    height = max(TOP + PLOT + BOTTOM, TOP + rows * ROW) if beside else TOP + PLOT + BOTTOM + rows * ROW + 6
    parts = [_frame(doors, reach.doors, shape)]
    for n, line in enumerate(lines):
        points = " ".join(f"{_x(d, doors, shape):.1f},{_y(line.share_at(d)):.1f}" for d in range(doors + 1))
        column, row = divmod(n, rows)
        x = shape.width - shape.right + 14 if beside else 6 + column * (shape.width / shape.columns)
        y = TOP + 6 + row * ROW + (0 if beside else PLOT + BOTTOM)
        style = _style(line, n)
        parts += [
            f'<polyline fill="none" {style} points="{points}"/>',
            f'<line x1="{x:.1f}" x2="{x + 24:.1f}" y1="{y}" y2="{y}" {style}/>',
            f'<text x="{x + 30:.1f}" y="{y + 4.5}">{_short(line.name, shape.longest)}</text>',
        ]
    return (
        f'<svg class="esc-curve" viewBox="0 0 {shape.width} {height}" role="img" xmlns="http://www.w3.org/2000/svg" '
        f'font-family="system-ui, sans-serif" font-size="13" fill="currentColor">{_STYLE}'
        f"<title>{escaped(said(reach))}</title>{''.join(parts)}</svg>"
    )


def said(reach: Reach) -> str:
    """The picture in words."""
    figures = "; ".join(f"{line.name}: {line.median:.3g} doors in the median" for line in reach.lines)
    return f"Share of attempts that opened at least so many doors. {figures}"


def _colours(values: list[str]) -> str:
    return "".join(f".esc-curve .c{n}{{stroke:{value}}}" for n, value in enumerate(values))


_STYLE = (
    f"<style>.esc-curve{{color:#2b2620;max-width:100%}}{_colours(LIGHT)}"
    f"@media(prefers-color-scheme:dark){{.esc-curve{{color:#e9e4d9}}{_colours(DARK)}}}</style>"
)


def _style(line: Line, n: int) -> str:
    faint, dash = line.player.startswith(FAINT) and line.player != CLASS, DASHES[n % len(DASHES)]
    dashed = f' stroke-dasharray="{dash}"' if dash else ""
    width, opacity = (1.5, 0.7) if faint else (2.5, 1)
    return f'class="c{n % len(LIGHT)}" stroke-width="{width}" opacity="{opacity}"{dashed}'


def _short(name: str, longest: int) -> str:
    return escaped(name if len(name) <= longest else f"{name[: longest - 1]}…")


def _x(door: float, doors: int, shape: Shape) -> float:
    return LEFT + (shape.width - LEFT - shape.right) * door / doors


def _y(share: float) -> float:
    return TOP + PLOT * (1 - share)


def _frame(doors: int, of: int, shape: Shape) -> str:
    """Axes with their grid and names."""
    parts = []
    for share in (0, 0.25, 0.5, 0.75, 1):
        y = _y(share)
        parts.append(
            f'<line x1="{LEFT}" x2="{_x(doors, doors, shape):.1f}" y1="{y:.1f}" y2="{y:.1f}" stroke="currentColor" '
            f'opacity="{0.4 if share == 0.5 else 0.15}"/>{_label(LEFT - 8, y + 4, "end", f"{share:.0%}")}'
        )
    ticks = range(0, doors + 1, max(1, round(doors / 8)))
    parts += [_label(_x(door, doors, shape), TOP + PLOT + 18, "middle", str(door)) for door in ticks]
    middle = (LEFT + shape.width - shape.right) / 2
    return "".join([*parts, _label(middle, TOP + PLOT + 36, "middle", f"doors opened, at least, of {of}")])


def _label(x: float, y: float, anchor: str, text: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" opacity=".8">{text}</text>'

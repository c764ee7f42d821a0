"""The curve: the share of attempts still going at each door, a line a player. SVG as text, for page, report and
export.
"""

from __future__ import annotations

from html import escape

from escape.results.houses.reach import Reach

WIDTH, HEIGHT = 720, 340
LEFT, RIGHT, TOP, BOTTOM = 46, 150, 14, 44
COLOURS = ("#1f6feb", "#d1495b", "#2a9d8f", "#8e6c8a", "#e09f3e", "#5c6bc0", "#6a994e", "#9a5b3f")
GAP = 15  # px between two names at the right end
FAINT = ("control", "person")  # whose lines are for orientation only


def curve(found: Reach) -> str:
    """The picture. Names stand at the lines' ends, moved apart where they would cover one another."""
    lines = [line for line in found.lines if line.attempts]
    if not lines:
        return ""
    doors, parts = found.doors, [_frame(found.doors)]
    ends = _apart([_y(line.share_at(doors)) for line in lines])
    for n, (line, y) in enumerate(zip(lines, ends, strict=True)):
        colour, faint = COLOURS[n % len(COLOURS)], line.player.startswith(FAINT)
        points = " ".join(f"{_x(d, doors):.1f},{_y(line.share_at(d)):.1f}" for d in range(doors + 1))
        style = f'stroke="{colour}" stroke-width="{1.5 if faint else 2.5}" opacity="{0.55 if faint else 1}"'
        dash = ' stroke-dasharray="5 4"' if faint else ""
        x, end = _x(doors, doors), _y(line.share_at(doors))
        parts += [
            f'<polyline fill="none" {style}{dash} points="{points}"/>',
            f'<line x1="{x:.1f}" y1="{end:.1f}" x2="{x + 8:.1f}" y2="{y:.1f}" stroke="{colour}" opacity=".5"/>',
            f'<text x="{x + 12:.1f}" y="{y + 4:.1f}" fill="{colour}" font-weight="600">{_short(line.name)}</text>',
        ]
    said = "; ".join(f"{line.name}: {line.median:.3g} doors in the median" for line in lines)
    return (
        f'<svg class="esc-curve" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" xmlns="http://www.w3.org/2000/svg" '
        f'font-family="system-ui, sans-serif" font-size="13" fill="currentColor">'
        f"<title>Share of attempts that opened at least so many doors. {escape(said)}</title>{''.join(parts)}</svg>"
    )


def _short(name: str) -> str:
    return escape(name if len(name) <= 18 else f"{name[:17]}…")


def _x(door: float, doors: int) -> float:
    return LEFT + (WIDTH - LEFT - RIGHT) * door / max(1, doors)


def _y(share: float) -> float:
    return TOP + (HEIGHT - TOP - BOTTOM) * (1 - share)


def _apart(ys: list[float]) -> list[float]:
    """The same heights, moved until no two lie closer than GAP, in the same order and inside the picture."""
    order = sorted(range(len(ys)), key=lambda i: ys[i])
    placed: dict[int, float] = {}
    low = float(TOP)
    for i in order:
        placed[i] = max(ys[i], low)
        low = placed[i] + GAP
    high = float(HEIGHT - BOTTOM + 4)
    for i in reversed(order):
        placed[i] = min(placed[i], high)
        high = placed[i] - GAP
    return [placed[i] for i in range(len(ys))]


def _frame(doors: int) -> str:
    """Axes with their grid and names."""
    made = []
    for share in (0, 0.25, 0.5, 0.75, 1):
        y = _y(share)
        made.append(
            f'<line x1="{LEFT}" x2="{_x(doors, doors):.1f}" y1="{y:.1f}" y2="{y:.1f}" stroke="currentColor" '
            f'opacity="{0.35 if share == 0.5 else 0.12}"/>{_label(LEFT - 8, y + 4, "end", f"{share:.0%}")}'
        )
    ticks = range(0, doors + 1, max(1, round(doors / 8)))
    made += [_label(_x(door, doors), HEIGHT - BOTTOM + 18, "middle", str(door)) for door in ticks]
    return "".join([*made, _label((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 6, "middle", "doors opened, at least")])


def _label(x: float, y: float, anchor: str, text: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" opacity=".75">{text}</text>'

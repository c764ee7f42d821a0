"""Understanding against getting out: a dot for each player with both intervals. SVG as text, for page and report.

Understanding is foresight, which code measures, or, where nobody was asked what will happen, a judge's mark; the axis
says which. Who acts well without foreseeing has learnt by heart.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from escape.environments import counts_doors
from escape.judges import by_words
from escape.metrics import TOP
from escape.results.digest import by_unit, digest, foresight, names, per_puzzle, rooms
from escape.results.houses import DARK, LIGHT, reach
from escape.results.pairs import beside
from escape.stats import Interval, bounded_interval
from escape.types import Run, escaped

WIDTH, HEIGHT, LEFT, TOP_PX, PLOT_W, PLOT_H = 460, 390, 74, 20, 366, 290
LETTER, LINE = 17, 22  # px: letters, and from one line of them to the next
CORNERS = (("talks", 0.02, 0.97, "start"), ("explains and escapes", 0.98, 0.97, "end"),
           ("neither", 0.02, 0.03, "start"), ("stumbles out", 0.98, 0.03, "end"))  # fmt: skip


@dataclass(frozen=True)
class Dot:
    """One player: the share of rooms or doors it gets through, and what it understands, each 0 to 1."""

    name: str
    out: Interval
    understood: Interval


def dots(run: Run) -> tuple[list[Dot], str]:
    """Players for whom both are known, and what understanding means here."""
    understanding, name_by_player, twisted = foresight(run), names(run), beside(run)

    def span(values: Mapping[str, float]) -> Interval:
        return bounded_interval(list(by_unit(run.puzzle_by_id, values).values()), 1.0)

    what = "foresight: what it says will happen, right beyond chance"
    if not understanding:
        counts = digest(run)
        if not counts.judges or all(map(by_words, counts.judges)):
            return [], ""
        understanding = {
            player: span(read)
            for player, marks in per_puzzle(run).items()
            if (read := {i: m.pus / TOP["pus"] for i, m in marks.items() if m.pus is not None and i not in twisted})
        }
        what = "a judge's mark: Physical Understanding, as a share"
    if counts_doors(run):
        through = {line.player: line.shares for line in reach(run).lines}
    else:
        through = {p: {i: out for i, out in own.items() if i not in twisted} for p, own in rooms(run).items()}
    dots_ = [
        Dot(name_by_player[p], span(through[p]), understanding[p])
        for p in name_by_player
        if p in understanding and through.get(p)
    ]
    return dots_, what


def picture(run: Run) -> str:
    """The picture; "" where one of the two is not known of anybody."""
    dots_, what = dots(run)
    if not dots_:
        return ""
    stands = [(_x(d.out.mean), _y(d.understood.mean)) for d in dots_]
    parts = [_frame(what, "doors opened" if counts_doors(run) else "rooms escaped", stands)]
    taken: list[tuple[float, float]] = []
    for n, dot in enumerate(dots_):
        x, y = _x(dot.out.mean), _y(dot.understood.mean)
        across, up = _ends(dot.out, _x), _ends(dot.understood, _y)
        shift = sum(abs(a - x) < 150 and abs(b - y) < LINE for a, b in taken) * LINE
        taken.append((x, y + shift))
        beside, anchor = (9, "start") if x < LEFT + PLOT_W - 160 else (-9, "end")
        parts += [
            f'<line class="c{n % len(LIGHT)}" x1="{across[0]:.1f}" x2="{across[1]:.1f}" y1="{y:.1f}" y2="{y:.1f}"/>',
            f'<line class="c{n % len(LIGHT)}" x1="{x:.1f}" x2="{x:.1f}" y1="{up[0]:.1f}" y2="{up[1]:.1f}"/>',
            f'<circle class="c{n % len(LIGHT)}" cx="{x:.1f}" cy="{y:.1f}" r="5" fill="currentColor"/>',
            f'<text x="{x + beside:.1f}" y="{y - 8 + shift:.1f}" text-anchor="{anchor}" '
            f'font-weight="600">{escaped(dot.name[:24])}</text>',
        ]
    return (
        f'<svg class="esc-dots" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" xmlns="http://www.w3.org/2000/svg" '
        f'font-family="system-ui, sans-serif" font-size="{LETTER}" fill="currentColor">{_STYLE}'
        f"<title>{escaped(said(run))}</title>"
        f"{''.join(parts)}</svg>"
    )


def said(run: Run) -> str:
    """The picture in words."""
    dots_, what = dots(run)
    through = "doors opened" if counts_doors(run) else "rooms escaped"
    figures = "; ".join(
        f"{d.name}: {d.out.mean:.0%} of {through}, understanding {d.understood.mean:.2f}" for d in dots_
    )
    return f"Understanding against getting out. Understanding is {what}. {figures}"


def summary(by_player: Mapping[str, Interval], player: str) -> str:
    """A player's foresight as it stands in tables."""
    return str(by_player.get(player) or "-")


def _ends(span: Interval, at: Callable[[float], float]) -> tuple[float, float]:
    low, high = (span.mean if x is None else x for x in (span.low, span.high))
    return at(max(LOWEST, low)), at(min(1.0, high))


LOWEST = -0.25  # foresight below chance


def _x(share: float) -> float:
    return LEFT + PLOT_W * share


def _y(share: float) -> float:
    return TOP_PX + PLOT_H * (1 - (max(LOWEST, share) - LOWEST) / (1 - LOWEST))


def _colours(values: list[str]) -> str:
    return "".join(f".esc-dots .c{n}{{stroke:{v};color:{v}}}" for n, v in enumerate(values))


_STYLE = (
    f"<style>.esc-dots{{color:#2b2620;max-width:100%}}.esc-dots "
    f"line[class]{{stroke-width:1.6;opacity:.7}}{_colours(LIGHT)}"
    f"@media(prefers-color-scheme:dark){{.esc-dots{{color:#e9e4d9}}{_colours(DARK)}}}</style>"
)


def _frame(what: str, through: str, taken: Sequence[tuple[float, float]]) -> str:
    """Axes, and the corners' names where no player stands."""
    parts = []
    foot = TOP_PX + PLOT_H
    for share in (0, 0.5, 1):
        x, y = _x(share), _y(share)
        parts += [
            f'<line x1="{LEFT}" x2="{LEFT + PLOT_W}" y1="{y:.1f}" y2="{y:.1f}" stroke="currentColor" opacity=".2"/>',
            f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{TOP_PX}" y2="{foot}" stroke="currentColor" opacity=".2"/>',
            f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end" opacity=".8">{share:g}</text>',
            f'<text x="{x:.1f}" y="{foot + 22}" text-anchor="{"end" if share == 1 else "middle"}" opacity=".8">'
            f"{share:.0%}</text>",
        ]
    for name, across, up, anchor in CORNERS:
        height = TOP_PX + PLOT_H * (1 - up) + 4
        if any(abs(x - _x(across)) < 220 and abs(y - height) < 2 * LINE for x, y in taken):
            continue
        parts.append(
            f'<text x="{_x(across):.1f}" y="{height:.1f}" text-anchor="{anchor}" opacity=".5" '
            f'font-style="italic">{name}</text>'
        )
    middle = TOP_PX + PLOT_H / 2
    return "".join(
        [
            *parts,
            f'<text x="{LEFT + PLOT_W / 2}" y="{HEIGHT - 18}" text-anchor="middle" opacity=".8">{through}</text>',
            f'<text x="18" y="{middle}" text-anchor="middle" opacity=".8" transform="rotate(-90 18 {middle})">'
            f"understanding ({escaped(what.partition(':')[0])})</text>",
        ]
    )

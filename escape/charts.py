"""CHARTS: name -> function(table) -> Plotly figure. Colours come from the page's theme; shape says it a second time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from escape import drawing
from escape.metrics import LABELS, TOP

if TYPE_CHECKING:
    import pandas as pd
    from plotly.graph_objects import Figure


def _bars(rows: list[dict[str, Any]], value: str, low: str, high: str, top: float, axis: str) -> Figure:
    """One bar a player with its interval, best on top."""
    bars = []
    for row in rows:
        name, mean = drawing.plain(row["name"]), row[value]
        below = row[low] if drawing.known(row[low]) else mean
        above = row[high] if drawing.known(row[high]) else mean
        error = {"type": "data", "array": [above - mean], "arrayminus": [mean - below], "thickness": 1.6, "width": 5}
        bars.append(
            {
                "type": "bar",
                "orientation": "h",
                "x": [mean],
                "y": [name],
                "name": name,
                "width": 0.62,
                "error_x": error | {"color": "rgba(128,128,128,.95)"},
                "text": [f" {mean:.2f} "],
                "textposition": "inside",
                "insidetextanchor": "start",
                "hovertemplate": f"{name}: {mean:.2f} of {top:.0f} ({below:.2f} to {above:.2f})<extra></extra>",
            }
        )
    order = [drawing.plain(row["name"]) for row in sorted(rows, key=lambda r: float(r[value]))]
    return drawing.figure(
        90 + 46 * len(rows),
        bars,
        {
            "xaxis": drawing.axis(range=[0, top], title={"text": axis}),
            "yaxis": drawing.axis(categoryorder="array", categoryarray=list(order)),
        },
    )


def leaderboard(standings: pd.DataFrame) -> Figure:
    """What players are compared by, with its 95 % interval. Columns: name, value, low, high, top."""
    rows = drawing.rows(standings)
    top = rows[0]["top"] if rows else 5.0
    return _bars(rows, "value", "low", "high", top, "share of rooms left" if top == 1 else f"compared by, of {top:.0f}")


def rooms(standings: pd.DataFrame) -> Figure:
    """The share of rooms left, with its 95 % interval. Columns: name, out, out_low, out_high."""
    rows = [r for r in drawing.rows(standings) if drawing.known(r["out"])]
    return _bars(rows, "out", "out_low", "out_high", 1.0, "share of rooms left")


def moves(standings: pd.DataFrame) -> Figure:
    """Moves made in the rooms that were left, as a multiple of the shortest way. Columns: name, over."""
    rows = [r for r in drawing.rows(standings) if drawing.known(r["over"])]
    marks = [
        {
            "type": "scatter",
            "x": [r["over"]],
            "y": [drawing.plain(r["name"])],
            "mode": "markers+text",
            "marker": {"size": 13, "symbol": drawing.SYMBOLS[i % len(drawing.SYMBOLS)]},
            "text": [f"{r['over']:.2f}"],
            "textposition": "middle right",
            "cliponaxis": False,
            "hovertemplate": f"{drawing.plain(r['name'])}: {r['over']:.2f} times the shortest way<extra></extra>",
        }
        for i, r in enumerate(rows)
    ]
    most = max([1.5, *(float(r["over"]) for r in rows)])
    axis = drawing.axis(range=[0.95, most * 1.08], title={"text": "moves made, over the shortest way"})
    return drawing.figure(90 + 46 * len(rows), marks, {"xaxis": axis, "yaxis": drawing.axis(autorange="reversed")})


def deeds(table: pd.DataFrame) -> Figure:
    """Explanation against deed: one bar a player, a part for each of the four. Columns: name, deed, count."""
    rows = drawing.rows(table)
    names = list(dict.fromkeys(drawing.plain(r["name"]) for r in rows))
    count = {(drawing.plain(r["name"]), r["deed"]): r["count"] for r in rows}
    parts = []
    for i, deed in enumerate(dict.fromkeys(r["deed"] for r in rows)):
        parts.append(
            {
                "type": "bar",
                "orientation": "h",
                "y": names,
                "x": [count[n, deed] for n in names],
                "name": deed,
                "text": [str(count[n, deed] or "") for n in names],
                "textposition": "inside",
                "marker": {"pattern": {"shape": drawing.PATTERNS[i], "fillmode": "overlay", "size": 6}},
                "hovertemplate": f"%{{y}}: {deed}, %{{x}} puzzles<extra></extra>",
            }
        )
    layout = {
        "showlegend": True,
        "barmode": "stack",
        "xaxis": drawing.axis(title={"text": "puzzles"}),
        "yaxis": drawing.axis(autorange="reversed"),
        "legend": {"orientation": "h", "y": -0.35, "x": 0, "itemclick": False, "itemdoubleclick": False},
    }
    return drawing.figure(150 + 46 * len(names), parts, layout)


def radar(standings: pd.DataFrame) -> Figure:
    """The scores as shares of their maximum, one line per player. Columns: name, pus, sps, rhh, out."""
    rows, lines = drawing.rows(standings), []
    keys = [k for k in TOP if k != "out" or any(drawing.known(r["out"]) for r in rows)]
    called = LABELS | {"out": "Rooms left"}
    axes = ["<br>".join(called[k].rsplit(" ", 1)) for k in keys]
    for i, row in enumerate(rows):
        name = drawing.plain(row["name"])
        values = [row[k] / TOP[k] if drawing.known(row[k]) else None for k in keys]
        lines.append(
            {
                "type": "scatterpolar",
                "r": [*values, values[0]],
                "theta": [*axes, axes[0]],
                "name": name,
                "mode": "lines+markers",
                "line": {"dash": drawing.DASHES[i % len(drawing.DASHES)], "width": 2.2},
                "marker": {"symbol": drawing.SYMBOLS[i % len(drawing.SYMBOLS)], "size": 8},
                "hovertemplate": f"{name}<br>%{{theta}}: %{{r:.0%}} of the full mark<extra></extra>",
            }
        )
    line = {"gridcolor": drawing.GRID, "linecolor": drawing.GRID}
    radial = line | {"range": [0, 1], "tickformat": ".0%", "tickvals": [0.5, 1], "tickfont": {"size": 10}}
    polar = {
        "bgcolor": "rgba(0,0,0,0)",
        "radialaxis": radial | {"angle": 90, "tickangle": 90},
        "angularaxis": line | {"rotation": 90, "direction": "clockwise"},
    }
    margin = {"l": 84, "r": 84, "t": 36, "b": 8}
    return drawing.figure(340, lines, {"showlegend": True, "margin": margin, "polar": polar})


def heatmap(cells: pd.DataFrame) -> Figure:
    """Puzzles by players, mean overall as a share of what the puzzle can give. A click on a field selects it.

    Columns: puzzle, name, share (0..1 or missing), label.
    """
    rows = drawing.telling(drawing.rows(cells))
    names, puzzles = (list(dict.fromkeys(r[k] for r in rows)) for k in ("name", "puzzle"))
    share = {(r["puzzle"], r["name"]): r["share"] if drawing.known(r["share"]) else None for r in rows}
    label = {(r["puzzle"], r["name"]): r["label"] for r in rows}
    grid = [(p, n) for p in puzzles for n in names]
    x, y = [drawing.plain(n) for n in names], [drawing.plain(p) for p in puzzles]

    def ink(value: float | None) -> str:
        return "#888" if value is None else "#111" if value > 0.55 else "#fff"

    colours = {
        "type": "heatmap",
        "z": [[share.get((p, n)) for n in names] for p in puzzles],
        "x": x,
        "y": y,
        "zmin": 0,
        "zmax": 1,
        "colorscale": "Cividis",
        "showscale": False,
        "xgap": 3,
        "ygap": 3,
        "hoverinfo": "skip",
    }
    # A heatmap takes no clicks; these markers do, and carry the number.
    unseen = {"marker": {"opacity": 0}}
    points = {
        "type": "scatter",
        "x": [drawing.plain(n) for _, n in grid],
        "y": [drawing.plain(p) for p, _ in grid],
        "mode": "markers+text",
        "marker": {"size": 30, "opacity": 0, "symbol": "square"},
        "selected": unseen,
        "unselected": unseen,
        "text": [label.get(c, "") for c in grid],
        "textfont": {"color": [ink(share.get(c)) for c in grid]},
        "customdata": [[str(p), str(n)] for p, n in grid],
        "hovertemplate": "%{y}, %{x}: %{text}<br>click to read the answer<extra></extra>",
    }
    layout = {
        "xaxis": drawing.axis(side="top", showgrid=False),
        "yaxis": drawing.axis(autorange="reversed", showgrid=False),
    }
    return drawing.figure(70 + 40 * len(puzzles), [colours, points], layout)


def mistakes(table: pd.DataFrame) -> Figure:
    """How often each kind of fault happened, per player. Columns: name, mistake (in their order), count."""
    rows = drawing.rows(table)
    count = {(r["name"], r["mistake"]): r["count"] for r in rows}
    every = list(dict.fromkeys(r["mistake"] for r in rows))
    happened = [m for m in every if any(r["mistake"] == m and r["count"] for r in rows)] or every
    bars = []
    for i, name in enumerate(dict.fromkeys(r["name"] for r in rows)):
        pattern = {"shape": drawing.PATTERNS[i % len(drawing.PATTERNS)], "fillmode": "replace", "size": 6}
        bars.append(
            {
                "type": "bar",
                "x": happened,
                "y": [count.get((name, f), 0) for f in happened],
                "name": drawing.plain(str(name)),
                "marker": {"pattern": pattern},
                "hovertemplate": f"{drawing.plain(str(name))}: %{{y:.0f}} × %{{x}}<extra></extra>",
            }
        )
    legend = {"orientation": "h", "y": -0.3, "x": 0, "itemclick": False, "itemdoubleclick": False}
    layout = {
        "showlegend": True,
        "barmode": "group",
        "legend": legend,
        "xaxis": {"fixedrange": True},
        "yaxis": drawing.axis(title={"text": "times"}, rangemode="tozero"),
    }
    return drawing.figure(320, bars, layout)


def confusion(marks: pd.DataFrame) -> Figure:
    """How often the first rater gave this mark where the second gave that. Columns: first, second, count."""
    rows = drawing.rows(marks)
    steps = sorted({r["first"] for r in rows} | {r["second"] for r in rows})
    count = {(r["first"], r["second"]): r["count"] for r in rows}
    names = [f"{s:g}" for s in steps]
    grid = {
        "type": "heatmap",
        "z": [[count.get((a, b), 0) for b in steps] for a in steps],
        "x": names,
        "y": names,
        "colorscale": "Cividis",
        "showscale": False,
        "xgap": 2,
        "ygap": 2,
        "texttemplate": "%{z}",
        "hovertemplate": "first %{y}, second %{x}: %{z} answers<extra></extra>",
    }
    layout = {
        "xaxis": drawing.axis(type="category", title={"text": "second rater"}),
        "yaxis": drawing.axis(type="category", title={"text": "first rater"}),
    }
    return drawing.figure(250, [grid], layout)


@dataclass(frozen=True)
class Chart:
    """A picture, the table it is drawn from, and what it says to those who cannot see it. Those whose `source` is one
    of frames.TABLES stand under Results, in the order of CHARTS; `half`: on a wide screen two stand side by side.
    """

    title: str
    source: str
    draw: Callable[[pd.DataFrame], Figure]
    alt: str
    half: bool = False
    of_rooms: bool = False  # it shows rooms left, which the first picture shows where players are ranked by them
    needs: str = ""  # the column without a value of which there is nothing to draw

    def has_something(self, table: pd.DataFrame) -> bool:
        """Whether there is anything to draw."""
        return len(table) > 0 and (not self.needs or bool(table[self.needs].notna().any()))


CHARTS: dict[str, Chart] = {
    "leaderboard": Chart(
        "Who did how well", "standings", leaderboard, "What players are compared by, with its interval", half=True
    ),
    "radar": Chart("The scores", "standings", radar, "The scores of each player as shares of full marks", half=True),
    "rooms": Chart(
        "Who left how many rooms",
        "standings",
        rooms,
        "Share of rooms left by each player",
        half=True,
        of_rooms=True,
        needs="out",
    ),
    "moves": Chart(
        "How straight the way was",
        "standings",
        moves,
        "Moves over the shortest way, per player",
        half=True,
        needs="over",
    ),
    "deeds": Chart("Understood, and got out?", "deeds", deeds, "Explanation against deed, per player", needs="count"),
    "heatmap": Chart("Puzzle by player", "cells", heatmap, "Score of each player on each puzzle"),
    "confusion": Chart("Where marks go", "confusion", confusion, "Marks of the first rater by marks of the second"),
    "mistakes": Chart("What went wrong", "mistakes", mistakes, "How often each kind of fault happened, per player"),
}

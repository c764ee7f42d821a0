"""Pictures of what players reached: bars and radar. Each takes `tables.standings`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from escape.metrics import LABELS, TOP
from escape.results.charts import drawing

if TYPE_CHECKING:
    import pandas as pd
    from plotly.graph_objects import Figure


CALLED = LABELS | {"out": "Rooms escaped"}


def leaderboard(standings: pd.DataFrame) -> Figure:
    """Return what players are compared by, with its 95 % interval: one bar a player, the best on top.

    Columns: name, apart, value, low, high, top.
    """
    rows = drawing.rows(standings)
    top = rows[0]["top"] if rows else 5.0
    bars = []
    for row in rows:
        name, mean = drawing.plain(row["name"]), row["value"]
        low, high = (row[end] if drawing.has_value(row[end]) else mean for end in ("low", "high"))
        error = {"type": "data", "array": [high - mean], "arrayminus": [mean - low], "thickness": 1.6, "width": 5}
        bars.append(
            {
                "type": "bar",
                "orientation": "h",
                "x": [mean],
                "y": [name],
                "name": name,
                "width": 0.62,
                "error_x": error | {"color": "rgba(128,128,128,.95)"},
                "hovertemplate": f"{name}: {mean:.2f} of {top:.0f} ({low:.2f} to {high:.2f})<extra></extra>",
            }
        )
    by_value = sorted(rows, key=lambda r: (not r["apart"], float(r["value"])))
    order = [drawing.plain(row["name"]) for row in by_value]
    labels = [f"{drawing.plain(row['name'])} <b>{row['value']:.2f}</b>" for row in by_value]
    axis = "share of rooms escaped" if top == 1 else f"main figure, of {top:.0f}"
    layout = {
        "xaxis": drawing.axis(range=[0, top], title={"text": axis}),
        "yaxis": drawing.axis(categoryorder="array", categoryarray=[*order], tickvals=[*order], ticktext=[*labels]),
    }
    return drawing.figure(90 + 46 * len(rows), bars, layout)


def radar(standings: pd.DataFrame) -> Figure:
    """Return the scores as shares of their maximum, one line per player. Columns: name, pus, sps, rhh, out."""
    rows, lines = drawing.rows(standings), []
    keys = [k for k in TOP if k != "out" or any(drawing.has_value(r["out"]) for r in rows)]
    axes = ["<br>".join(CALLED[k].rsplit(" ", 1)) for k in keys]
    for i, row in enumerate(rows):
        name = drawing.plain(row["name"])
        values = [row[k] / TOP[k] if drawing.has_value(row[k]) else None for k in keys]
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
    return drawing.figure(340, lines, {"margin": margin, "polar": polar}, legend=-0.12)


SHADES = ("#b8860b", "#7f93ad", "#d9b560", "#3f5f8a")  # out and stuck as in the grid, none of them a player's


def counts(table: pd.DataFrame) -> Figure:
    """Return how often each kind happened to each player. A kind that never happened is left out.

    Columns: name, count, and a third whose values are the kinds, in their order.
    """
    (what,) = set(table.columns) - {"name", "count"}
    rows = drawing.rows(table)
    names = list(dict.fromkeys(r["name"] for r in rows))
    happened = {(r["name"], r[what]): r["count"] for r in rows if r["count"]}
    parts = [
        {
            "type": "bar",
            "orientation": "h",
            "y": [drawing.plain(n) for n in names],
            "x": [happened.get((n, kind), 0) for n in names],
            "name": kind,
            "marker": {
                "color": SHADES[i % len(SHADES)],
                "pattern": {"shape": drawing.PATTERNS[i], "fillmode": "overlay", "size": 6},
            },
            "hovertemplate": f"%{{y}}: {kind}, %{{x}} times<extra></extra>",
        }
        for i, kind in enumerate(k for k in dict.fromkeys(r[what] for r in rows) if any(h[1] == k for h in happened))
    ]
    layout = {
        "barmode": "stack",
        "xaxis": drawing.axis(title={"text": "times"}),
        "yaxis": drawing.axis(autorange="reversed"),
    }
    return drawing.figure(150 + 46 * len(names), parts, layout, legend=-0.35)

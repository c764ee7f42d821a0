"""Pictures of how often something happened."""

from __future__ import annotations

from typing import TYPE_CHECKING

from escape.results.charts import drawing

if TYPE_CHECKING:
    import pandas as pd
    from plotly.graph_objects import Figure


SHADES = ("#b8860b", "#7f93ad", "#d9b560", "#3f5f8a")


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
                "marker": {
                    "color": SHADES[i % len(SHADES)],  # out and stuck as in the grid, none of them a player's
                    "pattern": {"shape": drawing.PATTERNS[i], "fillmode": "overlay", "size": 6},
                },
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

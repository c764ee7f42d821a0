"""The picture of how often something happened: one bar per player, with a part for each kind."""

from __future__ import annotations

from typing import TYPE_CHECKING

from escape.results.charts import drawing

if TYPE_CHECKING:
    import pandas as pd
    from plotly.graph_objects import Figure


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

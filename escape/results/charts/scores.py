"""Pictures of what players reached: bars, dots, radar. Each takes `tables.standings`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from escape.metrics import LABELS, TOP
from escape.results.charts import drawing

if TYPE_CHECKING:
    import pandas as pd
    from plotly.graph_objects import Figure

CALLED = LABELS | {"out": "Rooms escaped"}


def _span(row: dict[str, Any], low: str, value: str, high: str) -> tuple[float, float, float]:
    """The ends of an interval around its value; the value itself if there is no interval."""
    return tuple(row[end] if drawing.known(row[end]) else row[value] for end in (low, value, high))


def _whiskers(spans: list[tuple[float, float, float]]) -> drawing.Json:
    return {
        "type": "data",
        "array": [high - mean for _, mean, high in spans],
        "arrayminus": [mean - low for low, mean, _ in spans],
        "thickness": 1.6,
        "width": 4,
    }


def leaderboard(standings: pd.DataFrame) -> Figure:
    """What players are compared by, with its 95 % interval: one bar a player, the best on top.

    Columns: name, apart, value, low, high, top.
    """
    rows = drawing.rows(standings)
    top = rows[0]["top"] if rows else 5.0
    bars = []
    for row in rows:
        name, span = drawing.plain(row["name"]), _span(row, "low", "value", "high")
        low, mean, high = span
        bars.append(
            {
                "type": "bar",
                "orientation": "h",
                "x": [mean],
                "y": [name],
                "name": name,
                "width": 0.62,
                "error_x": _whiskers([span]) | {"color": "rgba(128,128,128,.95)"},
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


def dots(standings: pd.DataFrame) -> Figure:
    """Each score of each player, and its rooms, as a share of the full mark with its 95 % interval; one line a score.

    Columns: name, and pus, sps, rhh, out with _low and _high.
    """
    rows, marks = drawing.rows(standings), []
    scores = [k for k in TOP if any(drawing.known(r[k]) for r in rows)]
    step = 0.62 / max(1, len(rows) - 1)
    for i, row in enumerate(rows):
        name = drawing.plain(row["name"])
        spans = {k: _span(row, f"{k}_low", k, f"{k}_high") for k in scores if drawing.known(row[k])}
        shares = [(low / TOP[k], mean / TOP[k], high / TOP[k]) for k, (low, mean, high) in spans.items()]
        marks.append(
            {
                "type": "scatter",
                "mode": "markers",
                "x": [mean for _, mean, _ in shares],
                "y": [scores.index(k) + (i - (len(rows) - 1) / 2) * step for k in spans],
                "name": name,
                "marker": {"symbol": drawing.SYMBOLS[i % len(drawing.SYMBOLS)], "size": 10},
                "error_x": _whiskers(shares),
                "text": [
                    f"{CALLED[k]}: {mean:.2f} of {TOP[k]:.0f} ({low:.2f} to {high:.2f})"
                    for k, (low, mean, high) in spans.items()
                ],
                "hovertemplate": f"{name}<br>%{{text}}<extra></extra>",
            }
        )
    layout = {
        "xaxis": drawing.axis(range=[-0.03, 1.03], tickformat=".0%", title={"text": "share of the full mark"}),
        "yaxis": drawing.axis(
            tickvals=[*range(len(scores))],
            ticktext=[CALLED[k].replace(" ", "<br>", 1) for k in scores],
            range=[len(scores) - 0.4, -0.6],
            showgrid=False,
        ),
    }
    return drawing.figure(max(340, 110 + len(scores) * 24 * len(rows)), marks, layout, legend=-0.32)


def radar(standings: pd.DataFrame) -> Figure:
    """The scores as shares of their maximum, one line per player. Columns: name, pus, sps, rhh, out."""
    rows, lines = drawing.rows(standings), []
    keys = [k for k in TOP if k != "out" or any(drawing.known(r["out"]) for r in rows)]
    axes = ["<br>".join(CALLED[k].rsplit(" ", 1)) for k in keys]
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
    return drawing.figure(340, lines, {"margin": margin, "polar": polar}, legend=-0.12)

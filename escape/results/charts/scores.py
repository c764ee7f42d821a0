"""Pictures of what players reached: bars, dots, radar. Each takes `frames.standings`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from escape.metrics import LABELS, TOP
from escape.results.charts import drawing

if TYPE_CHECKING:
    import pandas as pd
    from plotly.graph_objects import Figure
    from pydantic import JsonValue


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
                "hovertemplate": f"{name}: {mean:.2f} of {top:.0f} ({below:.2f} to {above:.2f})<extra></extra>",
            }
        )
    by_value = sorted(rows, key=lambda r: (not r["apart"], float(r[value])))
    order = [drawing.plain(row["name"]) for row in by_value]
    labels = [f"{drawing.plain(row['name'])} <b>{row[value]:.2f}</b>" for row in by_value]
    return drawing.figure(
        90 + 46 * len(rows),
        bars,
        {
            "xaxis": drawing.axis(range=[0, top], title={"text": axis}),
            "yaxis": drawing.axis(categoryorder="array", categoryarray=[*order], tickvals=[*order], ticktext=[*labels]),
        },
    )


def leaderboard(standings: pd.DataFrame) -> Figure:
    """What players are compared by, with its 95 % interval. Columns: name, apart, value, low, high, top."""
    rows = drawing.rows(standings)
    top = rows[0]["top"] if rows else 5.0
    axis = "share of rooms escaped" if top == 1 else f"main figure, of {top:.0f}"
    return _bars(rows, "value", "low", "high", top, axis)


def rooms(standings: pd.DataFrame) -> Figure:
    """The share of rooms escaped, with its 95 % interval. Columns: name, apart, out, out_low, out_high."""
    rows = [r for r in drawing.rows(standings) if drawing.known(r["out"])]
    return _bars(rows, "out", "out_low", "out_high", 1.0, "share of rooms escaped")


def moves(standings: pd.DataFrame) -> Figure:
    """Moves made in the rooms that were escaped, as a multiple of the shortest way. Columns: name, over."""
    rows = [r for r in drawing.rows(standings) if drawing.known(r["over"])]
    marks = [
        {
            "type": "scatter",
            "x": [r["over"]],
            "y": [drawing.plain(r["name"])],
            "mode": "markers",
            "marker": {"size": 13, "symbol": drawing.SYMBOLS[i % len(drawing.SYMBOLS)]},
            "hovertemplate": f"{drawing.plain(r['name'])}: {r['over']:.2f} times the shortest way<extra></extra>",
        }
        for i, r in enumerate(rows)
    ]
    most = max([1.5, *(float(r["over"]) for r in rows)])
    axis = drawing.axis(range=[0.95, most * 1.08], title={"text": "moves made, as a multiple of the shortest way"})
    names: list[JsonValue] = [drawing.plain(r["name"]) for r in rows]
    labels: list[JsonValue] = [f"{drawing.plain(r['name'])} <b>{r['over']:.2f}</b>" for r in rows]
    players = drawing.axis(autorange="reversed", tickvals=names, ticktext=labels)
    return drawing.figure(90 + 46 * len(rows), marks, {"xaxis": axis, "yaxis": players})


def _end(row: dict[str, Any], score: str, which: str) -> float:
    """An end of a score's interval; the score itself where it has none."""
    end: float | None = row[f"{score}_{which}"]
    return end if end is not None and drawing.known(end) else row[score]


def dots(standings: pd.DataFrame) -> Figure:
    """Each score of each player as a share of its full mark, with its 95 % interval; one line a score.

    Columns: name, and pus, sps, rhh with _low and _high.
    """
    rows, marks = drawing.rows(standings), []
    scores = [k for k in ("pus", "sps", "rhh") if any(drawing.known(r[k]) for r in rows)]
    step = 0.62 / max(1, len(rows) - 1)
    for i, row in enumerate(rows):
        name, given = drawing.plain(row["name"]), [k for k in scores if drawing.known(row[k])]
        ends = {
            k: [row[f"{k}{e}"] if drawing.known(row[f"{k}{e}"]) else row[k] for e in ("_low", "_high")] for k in given
        }
        marks.append(
            {
                "type": "scatter",
                "mode": "markers",
                "x": [row[k] / TOP[k] for k in given],
                "y": [scores.index(k) + (i - (len(rows) - 1) / 2) * step for k in given],
                "name": name,
                "marker": {"symbol": drawing.SYMBOLS[i % len(drawing.SYMBOLS)], "size": 10},
                "error_x": {
                    "type": "data",
                    "array": [(ends[k][1] - row[k]) / TOP[k] for k in given],
                    "arrayminus": [(row[k] - ends[k][0]) / TOP[k] for k in given],
                    "thickness": 1.6,
                    "width": 4,
                },
                "text": [
                    f"{LABELS[k]}: {row[k]:.2f} of {TOP[k]:.0f} ({ends[k][0]:.2f} to {ends[k][1]:.2f})" for k in given
                ],
                "hovertemplate": f"{name}<br>%{{text}}<extra></extra>",
            }
        )
    labels: list[JsonValue] = [LABELS[k].replace(" ", "<br>", 1) for k in scores]
    layout = {
        "showlegend": True,
        "xaxis": drawing.axis(range=[-0.03, 1.03], tickformat=".0%", title={"text": "share of the full mark"}),
        "yaxis": drawing.axis(
            tickvals=[*range(len(scores))], ticktext=labels, range=[len(scores) - 0.4, -0.6], showgrid=False
        ),
        "legend": {"orientation": "h", "y": -0.32, "x": 0, "itemclick": False, "itemdoubleclick": False},
    }
    return drawing.figure(max(340, 110 + len(scores) * 24 * len(rows)), marks, layout)


def radar(standings: pd.DataFrame) -> Figure:
    """The scores as shares of their maximum, one line per player. Columns: name, pus, sps, rhh, out."""
    rows, lines = drawing.rows(standings), []
    keys = [k for k in TOP if k != "out" or any(drawing.known(r["out"]) for r in rows)]
    called = LABELS | {"out": "Rooms escaped"}
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

"""CHARTS: name -> function(table) -> Plotly figure. Colours come from the page's theme; shape says it a second time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import JsonValue

from escape.metrics import LABELS

if TYPE_CHECKING:
    import pandas as pd
    from plotly.graph_objects import Figure

Json = dict[str, Any]  # a part of a Plotly figure, whose schema is Plotly's own

GRID = "rgba(128,128,128,.3)"
DASHES = ("solid", "dash", "dot", "dashdot", "longdash")
SYMBOLS = ("circle", "square", "diamond", "triangle-up", "cross", "x", "star", "hexagon", "pentagon", "triangle-down")
PATTERNS = ("", "/", "x", "-", "|", "+", ".", "\\")


def plain(text: str) -> str:
    """A label that Plotly does not read as HTML."""
    return text.replace("<", "‹").replace(">", "›").replace("&", "＆")


def _figure(height: int, data: list[Json], layout: Json) -> Figure:
    """A figure made in one go: Plotly checks every later change anew, which costs more than drawing."""
    import plotly.graph_objects as go

    common = {
        "height": height,
        "margin": {"l": 8, "r": 8, "t": 8, "b": 8},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "showlegend": False,
        "dragmode": False,
        "legend": {"orientation": "h", "y": -0.12, "x": 0, "itemclick": False, "itemdoubleclick": False},
    }
    return go.Figure({"data": data, "layout": common | layout})


def _axis(**more: JsonValue) -> Json:
    return {"fixedrange": True, "zeroline": False, "gridcolor": GRID, **more}


def _rows(table: pd.DataFrame) -> list[dict[str, Any]]:
    columns = [table[c].tolist() for c in table.columns]
    return [dict(zip(table.columns, values, strict=True)) for values in zip(*columns, strict=True)]


def _known(value: float | None) -> bool:
    return value is not None and value == value


def leaderboard(standings: pd.DataFrame) -> Figure:
    """Overall mean per player with its 95 % interval, best on top. Columns: name, overall, of, low, high."""
    rows, bars = _rows(standings), []
    for row in rows:
        name, mean = plain(row["name"]), row["overall"]
        low = row["low"] if _known(row["low"]) else mean
        high = row["high"] if _known(row["high"]) else mean
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
                "text": [f" {mean:.1f} "],
                "textposition": "inside",
                "insidetextanchor": "start",
                "hovertemplate": f"{name}: {mean:.2f} of {row['of']:.0f} ({low:.2f} to {high:.2f})<extra></extra>",
            }
        )
    top = max([5.0, *(row["of"] for row in rows)])
    order = [plain(row["name"]) for row in sorted(rows, key=lambda r: float(r["overall"]))]
    return _figure(
        90 + 46 * len(rows),
        bars,
        {
            "xaxis": _axis(range=[0, top], title={"text": f"overall, of {top:.0f}"}),
            "yaxis": _axis(categoryorder="array", categoryarray=list(order)),
        },
    )


def radar(standings: pd.DataFrame) -> Figure:
    """The three scores as shares of their maximum, one line per player. Columns: name, pus, sps, rhh."""
    axes = ["<br>".join(LABELS[k].rsplit(" ", 1)) for k in ("pus", "sps", "rhh")]
    lines = []
    for i, row in enumerate(_rows(standings)):
        name = plain(row["name"])
        values = [row["pus"] / 2, row["sps"] / 2, row["rhh"] if _known(row["rhh"]) else None]
        lines.append(
            {
                "type": "scatterpolar",
                "r": [*values, values[0]],
                "theta": [*axes, axes[0]],
                "name": name,
                "mode": "lines+markers",
                "line": {"dash": DASHES[i % len(DASHES)], "width": 2.2},
                "marker": {"symbol": SYMBOLS[i % len(SYMBOLS)], "size": 8},
                "hovertemplate": f"{name}<br>%{{theta}}: %{{r:.0%}} of the full mark<extra></extra>",
            }
        )
    line = {"gridcolor": GRID, "linecolor": GRID}
    radial = line | {"range": [0, 1], "tickformat": ".0%", "tickvals": [0.5, 1], "tickfont": {"size": 10}}
    polar = {
        "bgcolor": "rgba(0,0,0,0)",
        "radialaxis": radial | {"angle": 90, "tickangle": 90},
        "angularaxis": line | {"rotation": 90, "direction": "clockwise"},
    }
    return _figure(340, lines, {"showlegend": True, "margin": {"l": 84, "r": 84, "t": 36, "b": 8}, "polar": polar})


def heatmap(cells: pd.DataFrame) -> Figure:
    """Puzzles by players, mean overall as a share of what the puzzle can give. A click on a field selects it.

    Columns: puzzle, name, share (0..1 or missing), label.
    """
    rows = _rows(cells)
    names, puzzles = (list(dict.fromkeys(r[k] for r in rows)) for k in ("name", "puzzle"))
    share = {(r["puzzle"], r["name"]): r["share"] if _known(r["share"]) else None for r in rows}
    label = {(r["puzzle"], r["name"]): r["label"] for r in rows}
    grid = [(p, n) for p in puzzles for n in names]
    x, y = [plain(n) for n in names], [plain(p) for p in puzzles]

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
        "x": [plain(n) for _, n in grid],
        "y": [plain(p) for p, _ in grid],
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
        "xaxis": _axis(side="top", showgrid=False),
        "yaxis": _axis(autorange="reversed", showgrid=False),
    }
    return _figure(70 + 40 * len(puzzles), [colours, points], layout)


def mistakes(table: pd.DataFrame) -> Figure:
    """How often each kind of fault happened, per player. Columns: name, mistake (in their order), count."""
    rows = _rows(table)
    count = {(r["name"], r["mistake"]): r["count"] for r in rows}
    every = list(dict.fromkeys(r["mistake"] for r in rows))
    happened = [m for m in every if any(r["mistake"] == m and r["count"] for r in rows)] or every
    bars = []
    for i, name in enumerate(dict.fromkeys(r["name"] for r in rows)):
        pattern = {"shape": PATTERNS[i % len(PATTERNS)], "fillmode": "replace", "size": 6}
        bars.append(
            {
                "type": "bar",
                "x": happened,
                "y": [count.get((name, f), 0) for f in happened],
                "name": plain(str(name)),
                "marker": {"pattern": pattern},
                "hovertemplate": f"{plain(str(name))}: %{{y:.0f}} × %{{x}}<extra></extra>",
            }
        )
    legend = {"orientation": "h", "y": -0.3, "x": 0, "itemclick": False, "itemdoubleclick": False}
    layout = {
        "showlegend": True,
        "barmode": "group",
        "legend": legend,
        "xaxis": {"fixedrange": True},
        "yaxis": _axis(title={"text": "times"}, rangemode="tozero"),
    }
    return _figure(320, bars, layout)


def confusion(marks: pd.DataFrame) -> Figure:
    """How often the first rater gave this mark where the second gave that. Columns: first, second, count."""
    rows = _rows(marks)
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
        "xaxis": _axis(type="category", title={"text": "second rater"}),
        "yaxis": _axis(type="category", title={"text": "first rater"}),
    }
    return _figure(250, [grid], layout)


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


CHARTS: dict[str, Chart] = {
    "leaderboard": Chart(
        "Who did how well", "standings", leaderboard, "Overall score of each player with its interval", half=True
    ),
    "radar": Chart(
        "The three scores", "standings", radar, "The three scores of each player as shares of full marks", half=True
    ),
    "heatmap": Chart("Puzzle by player", "cells", heatmap, "Score of each player on each puzzle"),
    "confusion": Chart("Where marks go", "confusion", confusion, "Marks of the first rater by marks of the second"),
    "mistakes": Chart("What went wrong", "mistakes", mistakes, "How often each kind of fault happened, per player"),
}

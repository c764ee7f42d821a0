"""Pictures of a run. A chart is one function and one entry in `CHARTS`.

In: the tables. Out: Plotly figures whose colours come from the page's theme. Shapes repeat what colour shows,
for those who cannot tell colours apart.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import JsonValue

from escape.metrics import LABELS, TOP
from escape.results.wording import ended_as

if TYPE_CHECKING:
    import pandas as pd
    from plotly.graph_objects import Figure


Json = dict[str, Any]  # a part of a Plotly figure, whose schema is Plotly's own

GRID = "rgba(128,128,128,.3)"
DASHES = ("solid", "dash", "dot", "dashdot", "longdash")
SYMBOLS = (
    "circle",
    "square",
    "diamond",
    "triangle-up",
    "cross",
    "x",
    "star",
    "hexagon",
    "pentagon",
    "triangle-down",
)
PATTERNS = ("", "/", "x", "-", "|", "+", ".", "\\")


def without_html(text: str) -> str:
    """Replace `<`, `>` and `&` with similar characters, so that Plotly reads no HTML in a label."""
    return text.replace("<", "‹").replace(">", "›").replace("&", "＆")


def figure(height: int, data: list[Json], layout: Json, legend: float | None = None) -> Figure:
    """Build a Plotly figure in one call, so that it is validated only once.

    `legend`: the y position of the legend as a share of the plot's height. None for no legend.
    """
    import plotly.graph_objects as go

    common = {
        "height": height,
        "margin": {"l": 8, "r": 8, "t": 8, "b": 8},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "showlegend": legend is not None,
        "dragmode": False,
        "legend": {"orientation": "h", "y": legend, "x": 0, "itemclick": False, "itemdoubleclick": False},
    }
    return go.Figure({"data": data, "layout": common | layout})


def fixed_axis(**more: JsonValue) -> Json:
    return {"fixedrange": True, "zeroline": False, "gridcolor": GRID, **more}


def records(table: pd.DataFrame) -> list[dict[str, Any]]:
    columns = [table[c].tolist() for c in table.columns]
    return [dict(zip(table.columns, values, strict=True)) for values in zip(*columns, strict=True)]


def has_value(value: float | None) -> bool:
    return value is not None and value == value


MAX_ROWS = 60  # puzzles in one picture; of more, those on which players differ most


def most_discriminating(cells: pd.DataFrame) -> pd.DataFrame:
    """Keep the rows of the puzzles on which players differ most, at most MAX_ROWS puzzles."""
    shares = cells.astype({"share": float}).groupby("puzzle", sort=False)["share"]
    widest = (shares.max() - shares.min()).fillna(0.0).nlargest(MAX_ROWS).index
    return cells[cells["puzzle"].isin(widest)]


CALLED = LABELS | {"out": "Rooms escaped"}


def leaderboard(standings: pd.DataFrame) -> Figure:
    """Draw what players are compared by, with 95 % intervals: one bar per player, the best on top.

    Columns: name, unranked, value, low, high, top.
    """
    rows = records(standings)
    top = rows[0]["top"] if rows else 5.0
    bars = []
    for row in rows:
        name, mean = without_html(row["name"]), row["value"]
        low, high = (row[end] if has_value(row[end]) else mean for end in ("low", "high"))
        error = {
            "type": "data",
            "array": [high - mean],
            "arrayminus": [mean - low],
            "thickness": 1.6,
            "width": 5,
        }
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
    by_value = sorted(rows, key=lambda r: (not r["unranked"], float(r["value"])))
    order = [without_html(row["name"]) for row in by_value]
    labels = [f"{without_html(row['name'])} <b>{row['value']:.2f}</b>" for row in by_value]
    axis = "share of rooms escaped" if top == 1 else f"main figure, of {top:.0f}"
    layout = {
        "xaxis": fixed_axis(range=[0, top], title={"text": axis}),
        "yaxis": fixed_axis(
            categoryorder="array", categoryarray=[*order], tickvals=[*order], ticktext=[*labels]
        ),
    }
    return figure(90 + 46 * len(rows), bars, layout)


def radar(standings: pd.DataFrame) -> Figure:
    """Draw scores as shares of their maximum, one line per player. Columns: name, pus, sps, rhh, out."""
    rows, lines = records(standings), []
    keys = [k for k in TOP if k != "out" or any(has_value(r["out"]) for r in rows)]
    axes = ["<br>".join(CALLED[k].rsplit(" ", 1)) for k in keys]
    for i, row in enumerate(rows):
        name = without_html(row["name"])
        values = [row[k] / TOP[k] if has_value(row[k]) else None for k in keys]
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
    margin = {"l": 84, "r": 84, "t": 36, "b": 8}
    return figure(340, lines, {"margin": margin, "polar": polar}, legend=-0.12)


SHADES = ("#b8860b", "#7f93ad", "#d9b560", "#3f5f8a")  # out and stuck as in the grid, none of them a player's


def counts(table: pd.DataFrame) -> Figure:
    """Draw how often each kind happened to each player. A kind that never happened is left out.

    Columns: name, count, and a third whose values are the kinds, in their order.
    """
    (what,) = set(table.columns) - {"name", "count"}
    rows = records(table)
    names = list(dict.fromkeys(r["name"] for r in rows))
    happened = {(r["name"], r[what]): r["count"] for r in rows if r["count"]}
    kinds = dict.fromkeys(r[what] for r in rows if r["count"])
    parts = []
    for i, kind in enumerate(kind for kind in dict.fromkeys(r[what] for r in rows) if kind in kinds):
        parts.append(
            {
                "type": "bar",
                "orientation": "h",
                "y": [without_html(n) for n in names],
                "x": [happened.get((n, kind), 0) for n in names],
                "name": kind,
                "marker": {
                    "color": SHADES[i % len(SHADES)],
                    "pattern": {"shape": PATTERNS[i], "fillmode": "overlay", "size": 6},
                },
                "hovertemplate": f"%{{y}}: {kind}, %{{x}} times<extra></extra>",
            }
        )
    layout = {
        "barmode": "stack",
        "xaxis": fixed_axis(title={"text": "times"}),
        "yaxis": fixed_axis(autorange="reversed"),
    }
    return figure(150 + 46 * len(names), parts, layout, legend=-0.35)


def heatmap(cells: pd.DataFrame) -> Figure:
    """Draw a grid of puzzles by players, coloured by share, with at most MAX_ROWS puzzles.

    Columns: puzzle, name, share (0..1 or missing), label.
    """
    rows = records(most_discriminating(cells))
    names, puzzles = (list(dict.fromkeys(without_html(r[k]) for r in rows)) for k in ("name", "puzzle"))
    by_cell = {(without_html(r["puzzle"]), without_html(r["name"])): r for r in rows}
    share = {at: r["share"] if has_value(r["share"]) else None for at, r in by_cell.items()}

    def ink(value: float | None) -> str:
        if value is None:
            return "#888"
        return "#111" if value > 0.55 else "#fff"

    colours = {
        "type": "heatmap",
        "z": [[share.get((p, n)) for n in names] for p in puzzles],
        "x": names,
        "y": puzzles,
        "zmin": 0,
        "zmax": 1,
        "colorscale": "Cividis",
        "showscale": False,
        "xgap": 3,
        "ygap": 3,
        "hoverinfo": "skip",
    }
    points = {
        "type": "scatter",
        "x": [name for _, name in by_cell],
        "y": [puzzle for puzzle, _ in by_cell],
        "mode": "text",
        "text": [ended_as(r["label"]) for r in by_cell.values()],
        "textfont": {"color": [ink(share[at]) for at in by_cell]},
        "hovertemplate": "%{y}, %{x}: %{text}<extra></extra>",
    }
    layout = {
        "xaxis": fixed_axis(side="top", showgrid=False),
        "yaxis": fixed_axis(autorange="reversed", showgrid=False),
    }
    return figure(70 + 40 * len(puzzles), [colours, points], layout)


def cost(table: pd.DataFrame) -> Figure:
    """Draw the share of rooms escaped against what a room took (logarithmic), both with intervals.

    Columns: name, two with text for readers (the head of the second names the measure), then `_out`,
    `_out_low`, `_out_high`, `_took`, `_took_low`, `_took_high`.
    """
    rows, measure = records(table), without_html(str(table.columns[2]))
    points = []
    for i, row in enumerate(rows):
        name, at, out = without_html(row["name"]), row["_took"], row["_out"]
        ends = [row[end] if has_value(row[end]) else at for end in ("_took_low", "_took_high")]
        bars = {"type": "data", "thickness": 1.4, "width": 4, "color": "rgba(128,128,128,.8)"}
        points.append(
            {
                "type": "scatter",
                "mode": "markers+text",
                "x": [at],
                "y": [out],
                "text": [name],
                "textposition": "top right" if out < 0.85 else "bottom right",
                "textfont": {"size": 13},
                "name": name,
                "marker": {"symbol": SYMBOLS[i % len(SYMBOLS)], "size": 11},
                "error_x": bars | {"array": [ends[1] - at], "arrayminus": [at - ends[0]]},
                "error_y": bars | {"array": [row["_out_high"] - out], "arrayminus": [out - row["_out_low"]]},
                "hovertemplate": f"{name}: {out:.0%} of rooms, {at:.3g} {measure}<extra></extra>",
            }
        )
    layout = {
        "xaxis": fixed_axis(type="log", tickformat="~r", title={"text": f"{measure}, logarithmic"}),
        "yaxis": fixed_axis(range=[-0.06, 1.06], tickformat=".0%", title={"text": "share of rooms escaped"}),
    }
    return figure(380, points, layout)


LARGE: dict[str, JsonValue] = {"size": 15}  # for a projector


def class_marks(table: pd.DataFrame) -> Figure:
    """Draw everybody's marks for each answer, with their median and the judge's mark.

    A point is larger if more students gave the same mark. Columns: answer, mark, who (class, median, judge),
    times, top.
    """
    rows = records(table)
    answers = list(dict.fromkeys(without_html(r["answer"]) for r in rows))
    top = rows[0]["top"] if rows else 1.0
    looks: dict[str, Json] = {
        "class": {"symbol": "circle", "color": "rgba(128,128,128,.55)"},
        "median": {"symbol": "line-ns-open", "size": 26, "line": {"width": 3}},
        "judge": {"symbol": "diamond", "size": 13},
    }
    marks = []
    for who, look in looks.items():
        own_rows = [r for r in rows if r["who"] == who]
        sizes = [8 + 5 * min(6, r["times"]) for r in own_rows]
        marks.append(
            {
                "type": "scatter",
                "mode": "markers",
                "name": {"class": "marks of the class", "median": "their median", "judge": "the judge"}[who],
                "x": [r["mark"] for r in own_rows],
                "y": [without_html(r["answer"]) for r in own_rows],
                "marker": {"size": sizes} | look,
                "text": [
                    f"{r['mark']:.2g}" + (f", {r['times']} times" if who == "class" else "") for r in own_rows
                ],
                "hovertemplate": "%{y}: %{text}<extra></extra>",
            }
        )
    layout = {
        "xaxis": fixed_axis(
            range=[-0.08 * top, 1.08 * top], title={"text": f"marks, of {top:.0f}"}, tickfont=LARGE
        ),
        "yaxis": fixed_axis(categoryorder="array", categoryarray=[*reversed(answers)], tickfont=LARGE),
    }
    return figure(150 + 38 * len(answers), marks, layout, legend=-0.3)


@dataclass(frozen=True)
class Chart:
    """A picture of a run. CHARTS gives the order on the page.

    `source`: the name of its table. `alt`: a description for those who cannot see it.
    """

    title: str
    source: str
    draw: Callable[[pd.DataFrame], Figure]
    alt: str


CHARTS: dict[str, Chart] = {
    "leaderboard": Chart(
        "How well each did", "standings", leaderboard, "Each player's main figure with its interval"
    ),
    "radar": Chart("Score shapes", "standings", radar, "The scores of each player as shares of full marks"),
    "cost": Chart(
        "What getting out took", "cost", cost, "Share of rooms escaped against what one took each player"
    ),
    "heatmap": Chart("Puzzle by player", "cells", heatmap, "Score of each player on each puzzle"),
    "class_marks": Chart(
        "Everybody's marks",
        "class_marks",
        class_marks,
        "Marks of a class on each answer, their median and the judge's",
    ),
    "mistakes": Chart(
        "What went wrong", "mistakes", counts, "How often each kind of mistake happened, per player"
    ),
}

"""CHARTS: name -> function(table) -> Plotly figure. Colours come from the page's theme; shape says it a second time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from escape.metrics import LABELS

if TYPE_CHECKING:
    import pandas as pd
    from plotly.graph_objects import Figure

GRID = "rgba(128,128,128,.3)"
DASHES = ("solid", "dash", "dot", "dashdot", "longdash")
SYMBOLS = ("circle", "square", "diamond", "triangle-up", "cross", "x", "star", "hexagon", "pentagon", "triangle-down")
PATTERNS = ("", "/", "x", "-", "|", "+", ".", "\\")


def plain(text: str) -> str:
    """A label that Plotly does not read as HTML."""
    return text.replace("<", "‹").replace(">", "›").replace("&", "＆")


def _figure(height: int) -> Figure:
    import plotly.graph_objects as go

    figure = go.Figure()
    figure.update_layout(
        height=height,
        margin={"l": 8, "r": 8, "t": 8, "b": 8},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        showlegend=False,
        dragmode=False,
        legend={"orientation": "h", "y": -0.12, "x": 0, "itemclick": False, "itemdoubleclick": False},
    )
    return figure


def leaderboard(standings: pd.DataFrame) -> Figure:
    """Overall mean per player with its 95 % interval, best on top. Columns: name, overall, of, low, high."""
    import plotly.graph_objects as go

    rows = standings.astype(object).where(standings.notna(), None).to_dict("records")
    figure = _figure(90 + 46 * len(rows))
    for row in rows:
        name, mean = plain(row["name"]), row["overall"]
        low = mean if row["low"] is None else row["low"]
        high = mean if row["high"] is None else row["high"]
        figure.add_trace(
            go.Bar(
                y=[name],
                x=[mean],
                name=name,
                orientation="h",
                width=0.62,
                error_x={
                    "type": "data",
                    "array": [high - mean],
                    "arrayminus": [mean - low],
                    "thickness": 1.6,
                    "width": 5,
                    "color": "rgba(128,128,128,.95)",
                },
                text=[f" {mean:.1f} "],
                textposition="inside",
                insidetextanchor="start",
                hovertemplate=f"{name}: {mean:.2f} of {row['of']:.0f} ({low:.2f} to {high:.2f})<extra></extra>",
            )
        )
    top = max([5.0, *(row["of"] for row in rows)])
    figure.update_xaxes(range=[0, top], gridcolor=GRID, zeroline=False, title=f"overall, of {top:.0f}", fixedrange=True)
    order = [plain(row["name"]) for row in sorted(rows, key=lambda r: float(r["overall"]))]
    figure.update_yaxes(categoryorder="array", categoryarray=order, fixedrange=True)
    return figure


def radar(standings: pd.DataFrame) -> Figure:
    """The three scores as shares of their maximum, one line per player. Columns: name, pus, sps, rhh."""
    import plotly.graph_objects as go

    figure = _figure(340)
    axes = ["<br>".join(LABELS[k].rsplit(" ", 1)) for k in ("pus", "sps", "rhh")]
    for i, row in enumerate(standings.to_dict("records")):
        name, values = plain(row["name"]), [row["pus"] / 2, row["sps"] / 2, row["rhh"]]
        figure.add_trace(
            go.Scatterpolar(
                r=[*values, values[0]],
                theta=[*axes, axes[0]],
                name=name,
                mode="lines+markers",
                line={"dash": DASHES[i % len(DASHES)], "width": 2.2},
                marker={"symbol": SYMBOLS[i % len(SYMBOLS)], "size": 8},
                hovertemplate=f"{name}<br>%{{theta}}: %{{r:.0%}} of the full mark<extra></extra>",
            )
        )
    radial = {
        "range": [0, 1],
        "gridcolor": GRID,
        "linecolor": GRID,
        "tickformat": ".0%",
        "tickvals": [0.5, 1],
        "tickfont": {"size": 10},
        "angle": 90,
        "tickangle": 90,
    }
    angular = {"gridcolor": GRID, "linecolor": GRID, "rotation": 90, "direction": "clockwise"}
    figure.update_layout(
        showlegend=True,
        margin={"l": 84, "r": 84, "t": 36, "b": 8},
        polar={"bgcolor": "rgba(0,0,0,0)", "radialaxis": radial, "angularaxis": angular},
    )
    return figure


def heatmap(trials: pd.DataFrame) -> Figure:
    """Puzzles by players, mean overall as a share of what the puzzle can give. A click on a field selects it.

    Columns: puzzle, problem_id, name, player, share (0..1 or missing), label.
    """
    import plotly.graph_objects as go

    names = list(dict.fromkeys(trials["name"]))
    puzzles = list(dict.fromkeys(trials["puzzle"]))
    grid = trials.pivot_table(index="puzzle", columns="name", values="share", aggfunc="mean", dropna=False, sort=False)
    grid = grid.reindex(index=puzzles, columns=names)
    labels = trials.groupby(["puzzle", "name"], sort=False)["label"].first()
    figure = _figure(70 + 40 * len(puzzles))
    x, y = [plain(n) for n in names], [plain(p) for p in puzzles]
    figure.add_trace(
        go.Heatmap(
            z=grid.to_numpy(dtype=float),
            x=x,
            y=y,
            zmin=0,
            zmax=1,
            colorscale="Cividis",
            showscale=False,
            xgap=3,
            ygap=3,
            hoverinfo="skip",
        )
    )
    cells = [(p, n) for p in puzzles for n in names]
    shares = [grid.loc[p, n] for p, n in cells]
    # A heatmap takes no clicks; these markers do, and carry the number.
    figure.add_trace(
        go.Scatter(
            x=[plain(n) for _, n in cells],
            y=[plain(p) for p, _ in cells],
            mode="markers+text",
            marker={"size": 30, "opacity": 0, "symbol": "square"},
            selected={"marker": {"opacity": 0}},
            unselected={"marker": {"opacity": 0}},
            text=[labels.get(c, "") for c in cells],
            textfont={"color": ["#111" if s == s and s > 0.55 else "#fff" if s == s else "#888" for s in shares]},
            customdata=[[str(p), str(n)] for p, n in cells],
            hovertemplate="%{y}, %{x}: %{text}<br>click to read the answer<extra></extra>",
        )
    )
    figure.update_xaxes(side="top", fixedrange=True, showgrid=False)
    figure.update_yaxes(autorange="reversed", fixedrange=True, showgrid=False)
    return figure


ERRORS = ("principle not shown", "step missing", "herring used", "thing invented", "no attempt", "not judged", "failed")


def errors(faults: pd.DataFrame) -> Figure:
    """How often each kind of fault happened, per player. Columns: name, fault (one of ERRORS), count."""
    import plotly.graph_objects as go

    figure = _figure(320)
    for i, (name, mine) in enumerate(faults.groupby("name", sort=False)):
        counts = mine.set_index("fault")["count"].reindex(list(ERRORS)).fillna(0)
        figure.add_trace(
            go.Bar(
                x=list(ERRORS),
                y=counts.tolist(),
                name=plain(str(name)),
                marker={"pattern": {"shape": PATTERNS[i % len(PATTERNS)], "fillmode": "replace", "size": 6}},
                hovertemplate=f"{plain(str(name))}: %{{y:.0f}} × %{{x}}<extra></extra>",
            )
        )
    figure.update_layout(showlegend=True, barmode="group", legend={"y": -0.3})
    figure.update_yaxes(gridcolor=GRID, zeroline=False, title="times", fixedrange=True, rangemode="tozero", dtick=None)
    figure.update_xaxes(fixedrange=True)
    return figure


def confusion(marks: pd.DataFrame) -> Figure:
    """How often the first rater gave this mark where the second gave that. Columns: first, second, count."""
    import plotly.graph_objects as go

    grid = marks.pivot_table(index="first", columns="second", values="count", sort=True)
    steps = [f"{v:g}" for v in grid.columns]
    figure = _figure(250)
    figure.add_trace(
        go.Heatmap(
            z=grid.to_numpy(), x=steps, y=steps, colorscale="Cividis", showscale=False, xgap=2, ygap=2,
            texttemplate="%{z}", hovertemplate="first %{y}, second %{x}: %{z} answers<extra></extra>",
        )
    )  # fmt: skip
    figure.update_xaxes(type="category", title="second rater", fixedrange=True)
    figure.update_yaxes(type="category", title="first rater", fixedrange=True)
    return figure


@dataclass(frozen=True)
class Chart:
    """A picture, the table it is drawn from, and what it says to those who cannot see it."""

    title: str
    source: str
    draw: Callable[[pd.DataFrame], Figure]
    alt: str


CHARTS: dict[str, Chart] = {
    "leaderboard": Chart(
        "Who did how well", "standings", leaderboard, "Overall score of each player with its interval"
    ),
    "radar": Chart("The three scores", "standings", radar, "The three scores of each player as shares of full marks"),
    "heatmap": Chart("Puzzle by player", "fields", heatmap, "Score of each player on each puzzle"),
    "confusion": Chart("Where marks go", "confusion", confusion, "Marks of the first rater by marks of the second"),
    "errors": Chart("What went wrong", "faults", errors, "How often each kind of fault happened, per player"),
}

"""Shared by all pictures: colours that work in both themes, axes, labels without markup. Draws no picture itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import JsonValue

if TYPE_CHECKING:
    import pandas as pd
    from plotly.graph_objects import Figure

Json = dict[str, Any]  # a part of a Plotly figure, whose schema is Plotly's own

GRID = "rgba(128,128,128,.3)"
DASHES = ("solid", "dash", "dot", "dashdot", "longdash")
SYMBOLS = ("circle", "square", "diamond", "triangle-up", "cross", "x", "star", "hexagon", "pentagon", "triangle-down")
PATTERNS = ("", "/", "x", "-", "|", "+", ".", "\\")


def plain(text: str) -> str:
    """Return a label that Plotly does not read as HTML."""
    return text.replace("<", "‹").replace(">", "›").replace("&", "＆")


def figure(height: int, data: list[Json], layout: Json, legend: float | None = None) -> Figure:
    """Make a figure in one go, which Plotly validates once. `legend`: its height as a share, None for none."""
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


def axis(**more: JsonValue) -> Json:
    return {"fixedrange": True, "zeroline": False, "gridcolor": GRID, **more}


def rows(table: pd.DataFrame) -> list[dict[str, Any]]:
    columns = [table[c].tolist() for c in table.columns]
    return [dict(zip(table.columns, values, strict=True)) for values in zip(*columns, strict=True)]


def has_value(value: float | None) -> bool:
    return value is not None and value == value


MAX_ROWS = 60  # puzzles in one picture; of more, those on which players differ most


def most_discriminating(cells: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of those puzzles on which players differ most, at most MAX_ROWS of them."""
    shares = cells.astype({"share": float}).groupby("puzzle", sort=False)["share"]
    widest = (shares.max() - shares.min()).fillna(0.0).nlargest(MAX_ROWS).index
    return cells[cells["puzzle"].isin(widest)]

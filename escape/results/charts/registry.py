"""CHARTS: name -> function(table) -> Plotly figure. Colours come from the page's theme. Shape says it a second time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from escape.results.charts.grids import class_marks, heatmap
from escape.results.charts.scores import counts, leaderboard, radar

if TYPE_CHECKING:
    import pandas as pd
    from plotly.graph_objects import Figure


@dataclass(frozen=True)
class Chart:
    """A picture, its table, and its words for those who cannot see it. CHARTS gives the order on the page."""

    title: str
    source: str
    draw: Callable[[pd.DataFrame], Figure]
    alt: str


CHARTS: dict[str, Chart] = {
    "leaderboard": Chart("How well each did", "standings", leaderboard, "Each player's main figure with its interval"),
    "radar": Chart("Score shapes", "standings", radar, "The scores of each player as shares of full marks"),
    "heatmap": Chart("Puzzle by player", "cells", heatmap, "Score of each player on each puzzle"),
    "class_marks": Chart(
        "Everybody's marks", "class_marks", class_marks, "Marks of a class on each answer, their median and the judge's"
    ),
    "mistakes": Chart("What went wrong", "mistakes", counts, "How often each kind of mistake happened, per player"),
}

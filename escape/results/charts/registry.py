"""CHARTS: name -> function(table) -> Plotly figure. Colours come from the page's theme; shape says it a second time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from escape.results.charts.counts import deeds, mistakes
from escape.results.charts.grids import class_marks, confusion, heatmap
from escape.results.charts.scores import dots, leaderboard, moves, radar, rooms

if TYPE_CHECKING:
    import pandas as pd
    from plotly.graph_objects import Figure


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
    of_rooms: bool = False  # it shows rooms escaped, which the first picture shows where players are ranked by them
    needs: str = ""  # the column without a value of which there is nothing to draw

    def has_something(self, table: pd.DataFrame) -> bool:
        """Whether there is anything to draw."""
        return len(table) > 0 and (not self.needs or bool(table[self.needs].notna().any()))


CHARTS: dict[str, Chart] = {
    "leaderboard": Chart("How well each did", "standings", leaderboard, "Each player's main figure with its interval"),
    "dots": Chart("The scores", "standings", dots, "Each score of each player with its interval", half=True),
    "radar": Chart("Score shapes", "standings", radar, "The scores of each player as shares of full marks", half=True),
    "rooms": Chart(
        "Who got out of how many rooms",
        "standings",
        rooms,
        "Share of rooms that each player got out of",
        half=True,
        of_rooms=True,
        needs="out",
    ),
    "moves": Chart(
        "How direct the way out was",
        "standings",
        moves,
        "Moves made as a multiple of the shortest way, per player",
        half=True,
        needs="over",
    ),
    "deeds": Chart(
        "Understood, and got out?", "deeds", deeds, "Understanding against getting out, per player", needs="count"
    ),
    "heatmap": Chart("Puzzle by player", "cells", heatmap, "Score of each player on each puzzle"),
    "confusion": Chart("Where marks go", "confusion", confusion, "Marks of the first rater by marks of the second"),
    "class_marks": Chart(
        "Everybody's marks", "class_marks", class_marks, "Marks of a class on each answer, their median and the judge's"
    ),
    "mistakes": Chart("What went wrong", "mistakes", mistakes, "How often each kind of mistake happened, per player"),
}

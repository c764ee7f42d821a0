"""Pictures of one thing by another: puzzles by players, answers by marks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from escape.results.charts import drawing

if TYPE_CHECKING:
    import pandas as pd
    from plotly.graph_objects import Figure
    from pydantic import JsonValue


def heatmap(cells: pd.DataFrame) -> Figure:
    """Puzzles by players, mean overall as a share of what the puzzle can give.

    Columns: puzzle, name, share (0..1 or missing), label.
    """
    rows = drawing.rows(drawing.most_discriminating(cells))
    names, puzzles = (list(dict.fromkeys(drawing.plain(r[k]) for r in rows)) for k in ("name", "puzzle"))
    by_cell = {(drawing.plain(r["puzzle"]), drawing.plain(r["name"])): r for r in rows}
    share = {at: r["share"] if drawing.has_value(r["share"]) else None for at, r in by_cell.items()}

    def ink(value: float | None) -> str:
        return "#888" if value is None else "#111" if value > 0.55 else "#fff"

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
        "text": [r["label"] for r in by_cell.values()],
        "textfont": {"color": [ink(share[at]) for at in by_cell]},
        "hovertemplate": "%{y}, %{x}: %{text}<extra></extra>",
    }
    layout = {
        "xaxis": drawing.axis(side="top", showgrid=False),
        "yaxis": drawing.axis(autorange="reversed", showgrid=False),
    }
    return drawing.figure(70 + 40 * len(puzzles), [colours, points], layout)


LARGE: dict[str, JsonValue] = {"size": 15}  # for a projector


def class_marks(table: pd.DataFrame) -> Figure:
    """Everybody's marks for each answer, larger if more students gave the same mark. The median and the judge beside
    them.

    Columns: answer, mark, who (class, median, judge), times, top.
    """
    rows = drawing.rows(table)
    answers = list(dict.fromkeys(drawing.plain(r["answer"]) for r in rows))
    top = rows[0]["top"] if rows else 1.0
    looks: dict[str, drawing.Json] = {
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
                "y": [drawing.plain(r["answer"]) for r in own_rows],
                "marker": {"size": sizes} | look,
                "text": [f"{r['mark']:.2g}" + (f", {r['times']} times" if who == "class" else "") for r in own_rows],
                "hovertemplate": "%{y}: %{text}<extra></extra>",
            }
        )
    layout = {
        "xaxis": drawing.axis(range=[-0.08 * top, 1.08 * top], title={"text": f"marks, of {top:.0f}"}, tickfont=LARGE),
        "yaxis": drawing.axis(categoryorder="array", categoryarray=[*reversed(answers)], tickfont=LARGE),
    }
    return drawing.figure(150 + 38 * len(answers), marks, layout, legend=-0.3)

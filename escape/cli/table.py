"""`table`: a run's figures with their intervals, as LaTeX or CSV, for a paper."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

import click

from escape.environments import counts_doors
from escape.metrics import METRICS
from escape.results import houses, names, ranking, twisted
from escape.runs.file import load
from escape.stats import Interval
from escape.types import Run

HEAD = ("player", "n", "rooms", "low", "high", "pairs", "pairs_low", "pairs_high", "lost_by_heart", "answer_budget")
DOORS_HEAD = ("player", "n", "doors", "low", "high", "answer_budget")
_LATEX = str.maketrans({c: f"\\{c}" for c in "&%$#_{}"} | {"~": r"\textasciitilde{}", "^": r"\textasciicircum{}"})


@click.command()
@click.argument("run_file", metavar="RUN")
@click.option("--latex", "form", flag_value="latex", help="A tabular, for a paper.")
@click.option("--csv", "form", flag_value="csv", default=True, help="Comma-separated values. The default.")
def table(run_file: str, form: str) -> None:
    """Print a run's figures, a line a player, each with its 95 % interval: the share of rooms got out of and of pairs,
    or the doors opened in the median.
    """
    run = load(run_file)
    head, rows = _doors(run) if counts_doors(run) else _rooms(run)
    click.echo(_latex(head, rows) if form == "latex" else _csv(head, rows), nl=False)


def _budget(run: Run, player: str) -> str:
    return next((str(spec.budget) for spec in run.config.players if spec.name == player and spec.budget), "")


def _span(span: Interval | None) -> list[str]:
    if span is None:
        return ["", "", ""]
    return [f"{span.mean:.3f}", *("" if end is None else f"{end:.3f}" for end in (span.low, span.high))]


def _rooms(run: Run) -> tuple[Sequence[str], list[list[str]]]:
    pairs = {line.player: line for line in twisted(run).lines}
    rows = []
    for line in ranking(run, METRICS["verified"]).standings:
        if line.headline:
            twist = pairs.get(line.player)
            heart = [str(twist.by_heart)] if twist else [""]
            both = _span(twist.pairs if twist else None)
            cells = [line.name, str(line.headline.n), *_span(line.headline), *both, *heart]
            rows.append([*cells, _budget(run, line.player)])
    return HEAD, rows


def _doors(run: Run) -> tuple[Sequence[str], list[list[str]]]:
    called = names(run)
    rows = []
    for line in houses.reach(run).lines:
        ends = ["" if end is None else f"{end:g}" for end in (line.low, line.high)]
        cells = [called.get(line.player, line.name), str(len(line.by_house)), f"{line.median:g}", *ends]
        rows.append([*cells, _budget(run, line.player)])
    return DOORS_HEAD, rows


def _csv(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([head, *rows])
    return out.getvalue()


def _latex(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [" & ".join(cell.translate(_LATEX) for cell in row) + r" \\" for row in (head, *rows)]
    columns = "l" + "r" * (len(head) - 1)
    body = "\n".join(lines[1:])
    return f"\\begin{{tabular}}{{{columns}}}\n\\hline\n{lines[0]}\n\\hline\n{body}\n\\hline\n\\end{{tabular}}\n"

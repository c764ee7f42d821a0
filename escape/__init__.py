"""Escape: a benchmark of physical reasoning. The public names; everything else may move."""

from escape.errors import EscapeError
from escape.metrics import METRICS
from escape.program import VERSION
from escape.puzzles import load as load_puzzles
from escape.records import Result, Run, RunConfig
from escape.schema import Puzzle, Verdict

__all__ = ["METRICS", "EscapeError", "Puzzle", "Result", "Run", "RunConfig", "Verdict", "load_puzzles"]
__version__ = VERSION

"""The command line: what `run` and `judge` do. Their arguments stand in __main__.py."""

from escape.cli.judge import JudgeOptions, judge
from escape.cli.run import RunOptions, run

__all__ = ["JudgeOptions", "RunOptions", "judge", "run"]

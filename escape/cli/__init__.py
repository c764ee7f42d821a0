"""The command line: what `run`, `judge` and `check` do. Their arguments are in __main__.py."""

from escape.cli.check import check
from escape.cli.judge import JudgeOptions, judge
from escape.cli.run import RunOptions, run

"""The command line: `run`, `judge` and `check`, each with its options in its own file."""

from escape.cli.check import check
from escape.cli.judge import judge
from escape.cli.run import run

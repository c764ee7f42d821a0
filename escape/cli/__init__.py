"""The command line: `run`, `judge`, `check` and `house`, each with its options in its own file."""

from escape.cli.check import check
from escape.cli.house import print_house
from escape.cli.judge import judge
from escape.cli.run import run

"""The command line: `run`, `batches`, `judge`, `check`, `house`, `mcp`, `verify`, each with its options in its file."""

from escape.cli.batches import batches
from escape.cli.check import check
from escape.cli.house import print_house
from escape.cli.judge import judge
from escape.cli.mcp import serve_mcp
from escape.cli.run import run
from escape.cli.verify import verify

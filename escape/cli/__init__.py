"""The command line, each command with its options: `run`, `batches`, `judge`, `check`, `house`, `publish` and so on."""

from escape.cli.batches import batches
from escape.cli.check import check
from escape.cli.judge import judge
from escape.cli.mcp import serve_mcp
from escape.cli.printed import print_house, prompt, table
from escape.cli.publish import inspect_log, publish, verify
from escape.cli.run import run

COMMANDS = (run, batches, judge, check, print_house, prompt, table, verify, publish, inspect_log, serve_mcp)

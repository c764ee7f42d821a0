"""The command line, each command with its options."""

from escape.cli.check import check
from escape.cli.judge import judge
from escape.cli.mcp import serve_mcp
from escape.cli.printed import prompt, table
from escape.cli.run import run
from escape.cli.verify import verify

COMMANDS = (run, judge, check, prompt, table, verify, serve_mcp)

"""The command line, each command with its options."""

from escape.cli.check import check, verify
from escape.cli.judge import judge
from escape.cli.mcp import serve_mcp
from escape.cli.printed import prompt, table
from escape.cli.run import run

COMMANDS = (run, judge, check, prompt, table, verify, serve_mcp)

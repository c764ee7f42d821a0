"""The commands of the command line, one function each, collected in COMMANDS."""

from escape.cli.check import check, verify
from escape.cli.judge import judge
from escape.cli.mcp import serve_mcp
from escape.cli.printed import list_all, prompt, table
from escape.cli.run import run

COMMANDS = (run, judge, list_all, check, prompt, table, verify, serve_mcp)

"""The command `mcp`, which offers rooms to any agent over the Model Context Protocol."""

from pathlib import Path
from typing import Literal

import click

from escape.extras import mcp
from escape.types import SpecError


@click.command("mcp")
@click.option(
    "--name", default="agent", show_default=True, help="The player's name: plays are saved as agent:NAME."
)
@click.option(
    "--json", "file", type=click.Path(dir_okay=False, path_type=Path), help="Keep the plays in this run file."
)
@click.option(
    "--http", is_flag=True, help="Serve over HTTP on this machine instead of standard input and output."
)
@click.option("--port", type=click.IntRange(1, 65_535), default=8765, show_default=True)
def serve_mcp(name: str, file: Path | None, port: int, *, http: bool) -> None:
    """Offer rooms as MCP tools, so that any agent can play them. Needs the optional package mcp."""
    if file and file.exists():
        raise SpecError(f"{file} already exists; name another file for these plays")
    if file and not file.absolute().parent.is_dir():
        raise SpecError(f"there is no folder {file.absolute().parent}; make it, or name another file")
    transport: Literal["stdio", "http"] = "http" if http else "stdio"
    mcp.serve(mcp.Plays(name, file), transport, port)

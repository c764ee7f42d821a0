"""The command line as a test calls it."""

import subprocess
import sys
from contextlib import chdir
from pathlib import Path
from unittest import mock

from click.testing import CliRunner

from escape.__main__ import command_line

ROOT = Path(__file__).parent.parent.parent


def escape(*args: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """The command in this process, as its entry point would run it: much faster, and told the same way."""
    with (
        chdir(cwd),
        mock.patch.object(sys, "argv", ["escape", *args]),
        CliRunner().isolation() as (out, err, _),
    ):
        try:
            command_line()
            code: object = 0
        except SystemExit as ended:
            code = ended.code
        sys.stdout.flush()
        sys.stderr.flush()
        told = [stream.getvalue().decode("utf-8") for stream in (out, err)]
    return subprocess.CompletedProcess(args, code if isinstance(code, int) else int(bool(code)), *told)

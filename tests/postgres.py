"""A Postgres of one's own for a while: `python -m tests.postgres` runs the store's tests on it.

It is started in a temporary folder where Postgres is installed, as the user postgres where root asks, since
Postgres refuses root. Where none is installed that is said, and counts as a failure with
ESCAPE_POSTGRES=required, as in CI.
"""

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tools.bench.harness import free_port

ROOT = Path(__file__).parent.parent


def programs() -> Path | None:
    """The folder of initdb and pg_ctl; None where Postgres is not installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb")) or [Path(shutil.which("initdb") or "")]
    return found[-1].parent if found[-1].exists() and found[-1].name == "initdb" else None


@contextlib.contextmanager
def postgres() -> Iterator[str]:
    """Its address, while it runs."""
    where = programs()
    assert where is not None, "Postgres is not installed; with apt: apt-get install postgresql"
    folder, port = Path(tempfile.mkdtemp(prefix="escape-postgres-")), free_port()
    as_user = ["runuser", "-u", "postgres", "--"] if os.getuid() == 0 else []
    if as_user:
        shutil.chown(folder, "postgres")

    def run(*command: str) -> None:
        subprocess.run([*as_user, *command], check=True, stdout=subprocess.DEVNULL, cwd=folder)

    run(
        str(where / "initdb"),
        "-D",
        f"{folder}/data",
        "-U",
        "escape",
        "-A",
        "trust",
        "-E",
        "UTF8",
        "--no-sync",
    )
    settings = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off -c max_connections=200"
    run(str(where / "pg_ctl"), "-D", f"{folder}/data", "-l", f"{folder}/log", "-o", settings, "-w", "start")
    try:
        yield f"postgresql+psycopg://escape@127.0.0.1:{port}/postgres"
    finally:
        run(str(where / "pg_ctl"), "-D", f"{folder}/data", "-m", "immediate", "stop")
        shutil.rmtree(folder, ignore_errors=True)


def main(arguments: list[str]) -> int:
    if programs() is None:
        print("Postgres is not installed here, so its tests were not run.", file=sys.stderr)  # noqa: T201
        return int(os.environ.get("ESCAPE_POSTGRES") == "required")
    with postgres() as url:
        command = [sys.executable, "-m", "pytest", *(arguments or ["tests/store", "tests/classes"])]
        env = {**os.environ, "ESCAPE_TEST_POSTGRES": url}
        return subprocess.run(command, cwd=ROOT, env=env, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

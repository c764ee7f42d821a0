"""The package as others get it: installed into an empty environment, run and served: `python -m tests.installed`.

Not a test of `make test`, since it installs everything anew; CI runs it.
"""

from __future__ import annotations

import subprocess
import tempfile
import urllib.request
import venv
from pathlib import Path

from tests.bench.tools import free_port, process

ROOT = Path(__file__).parent.parent


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        where = Path(folder)
        venv.create(where / "env", with_pip=True)
        python, escape = where / "env/bin/python", where / "env/bin/escape"
        subprocess.run([python, "-m", "pip", "install", "-q", "--disable-pip-version-check", str(ROOT)], check=True)
        run = [escape, "run", "--model", "demo:careful", "--quiet", "--report", "report.html"]
        done = subprocess.run(run, cwd=where, check=True, capture_output=True, text=True)
        assert "leaves 25 of 30 rooms" in done.stdout, done.stdout
        assert (where / "report.html").stat().st_size > 5000
        port = free_port()
        served = f"http://127.0.0.1:{port}/_stcore/health"
        with process([str(escape), "serve", "--port", str(port)], served):
            assert urllib.request.urlopen(served, timeout=5).status == 200
    print("installed, run and served")  # noqa: T201


if __name__ == "__main__":
    main()

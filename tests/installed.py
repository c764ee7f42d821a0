"""The package as others get it: installed into an empty environment, run and served: `python -m tests.installed`.

Not a test of `make test`, since it installs everything anew; CI runs it.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
import urllib.request
import venv
from pathlib import Path

from tests.bench.tools import free_port

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
        page = subprocess.Popen(
            [escape, "serve", "--port", str(port)], cwd=where, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            for _ in range(150):
                try:
                    if urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=1).status == 200:
                        break
                except OSError:
                    time.sleep(0.2)
            else:
                sys.exit("escape serve did not come up")
        finally:
            page.terminate()
            page.wait(10)
    print("installed, run and served")  # noqa: T201


if __name__ == "__main__":
    main()

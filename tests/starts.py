"""On any system: the command line makes a run, and the page starts and answers. `python -m tests.starts`."""

import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).parent.parent
LONGEST_S = 120


def makes_a_run(folder: Path) -> None:
    csv = folder / "out.csv"
    command = [sys.executable, "-m", "escape", "run", "--model", "demo:careful", "--puzzle", "FLUID_001"]
    subprocess.run([*command, "--json", str(folder / "run.jsonl"), "--csv", str(csv)], cwd=ROOT, check=True)
    assert len(csv.read_text("utf-8").splitlines()) > 1
    subprocess.run(
        [sys.executable, "-m", "escape", "verify", str(folder / "run.jsonl")], cwd=ROOT, check=True
    )


def starts_the_page(folder: Path) -> None:
    env = os.environ | {"ESCAPE_DATA": str(folder)}
    page = subprocess.Popen([sys.executable, "-m", "escape", "serve", "--port", "8599"], cwd=ROOT, env=env)
    try:
        end = time.monotonic() + LONGEST_S
        while True:
            try:
                address = "http://127.0.0.1:8599/_stcore/health"
                assert urllib.request.urlopen(address, timeout=2).status == 200
                return
            except OSError:
                assert page.poll() is None, f"the page ended with {page.returncode}"
                assert time.monotonic() < end, "the page did not start"
                time.sleep(0.5)
    finally:
        page.terminate()
        page.wait(30)


def main() -> None:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        makes_a_run(Path(folder))
        starts_the_page(Path(folder))


if __name__ == "__main__":
    main()

"""The README's commands, each run as it stands there from a clean copy: `python -m tests.installed`.

Not a test of `make test`, since it installs everything anew; CI runs it. Docker's steps are done in a clean
folder, which needs no daemon.
"""

import contextlib
import os
import re
import shlex
import shutil
import signal
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

from tools.bench.harness import free_port

ROOT = Path(__file__).parent.parent
FREE = (
    ".venv/bin/python -m escape list",
    ".venv/bin/python -m escape --version",
    ".venv/bin/python -m escape check problems",
    ".venv/bin/python -m escape prompt FLUID_001",
    ".venv/bin/python -m escape table escape/recorded/frontier-rooms.jsonl",
    ".venv/bin/python -m escape verify escape/recorded/frontier-rooms.jsonl",
    ".venv/bin/python -m escape run --model recorded:frontier --model control:random --set easy",
    ".venv/bin/python -m escape run --model 'control:random' --quiet --csv /dev/stdout",
)
LONGEST_S = 600.0
DOCS = (
    "README.md",
    "docs/command-line.md",
    "docs/judging.md",
    "docs/hosting.md",
    "docs/other-tools.md",
    "docs/players.md",
)


def sh(command: str, where: Path, **env: str) -> str:
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=where,
        env={**os.environ, **env},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{command}: {done.stdout[-2000:]}{done.stderr[-2000:]}"
    return done.stdout


@contextlib.contextmanager
def copy() -> Iterator[Path]:
    """What is committed, in a folder of its own."""
    with tempfile.TemporaryDirectory() as folder:
        sh(f"git archive HEAD | tar -x -C {shlex.quote(folder)}", ROOT)
        yield Path(folder)


def serves(command: str, where: Path, **env: str) -> None:
    """A command opens the page, which is then closed."""
    port = free_port()
    settings = {**os.environ, "STREAMLIT_SERVER_PORT": str(port), **env}
    running = subprocess.Popen(
        ["bash", "-c", command.format(port=port)], cwd=where, env=settings, start_new_session=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        end = time.monotonic() + LONGEST_S
        while True:
            with contextlib.suppress(OSError):
                assert (
                    urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=2).status == 200
                )
                return
            assert running.poll() is None, f"{command} ended with {running.returncode}"
            assert time.monotonic() < end, f"{command} opened no page"
            time.sleep(0.3)
    finally:
        os.killpg(running.pid, signal.SIGTERM)
        running.wait(30)


def with_make() -> None:
    with copy() as where:
        serves("make run", where)
        serves("make network", where)
        in_a_plain_shell(where)


def in_a_plain_shell(where: Path) -> None:
    """Run what README and docs paste, as it stands, in shells that know no environment."""
    for shell in filter(shutil.which, ("bash", "zsh")):
        for command in FREE:
            done = subprocess.run(
                [shutil.which(shell) or shell, "-c", command],
                cwd=where,
                capture_output=True,
                text=True,
                check=False,
                env={"PATH": "/usr/bin:/bin", "HOME": str(where)},
            )
            assert done.returncode == 0, f"{shell}: {command}: {done.stderr[-1000:]}"
            assert done.stdout.strip(), command
        refused = subprocess.run(
            [shutil.which(shell) or shell, "-c", "PYTHONPATH=. python3 -S -m escape list"], cwd=where,
            capture_output=True, text=True, check=False, env={"PATH": "/usr/bin:/bin"},
        )  # fmt: skip
        assert "make run" in refused.stderr, refused.stderr


def by_hand() -> None:
    with copy() as where:
        sh("python3 -m venv .venv", where)
        sh(".venv/bin/python -m pip install -q --disable-pip-version-check -r requirements.txt", where)
        serves(".venv/bin/python -m escape serve --port {port}", where)
        serves(".venv/bin/python -m streamlit run app.py", where)
        assert "all fine" in sh(".venv/bin/python -m escape check problems", where)
        docker(where)


def docker(where: Path) -> None:
    """The image's steps: what it copies, its environment, its command."""
    text = (ROOT / "Dockerfile").read_text("utf-8")
    env = dict(pair.split("=") for pair in re.findall(r"(?m)^ENV (.*)$", text)[0].split())
    command = " ".join(re.findall(r'"([^"]+)"', re.findall(r"(?m)^CMD (.*)$", text)[0]))
    serves(f".venv/bin/{command.replace('8501', '{port}')}", where, **env)


def as_a_package() -> None:
    with copy() as where, tempfile.TemporaryDirectory() as elsewhere:
        sh(
            f"python3 -m venv {elsewhere}/env && {elsewhere}/env/bin/pip install -q "
            "--disable-pip-version-check .",
            where,
        )
        told = sh("env/bin/escape run --model demo:careful --quiet --report report.html", Path(elsewhere))
        assert re.search(r"careful gets out of \d+ of \d+ rooms", told), told
        assert (Path(elsewhere) / "report.html").stat().st_size > 5000
        serves("env/bin/escape serve --port {port}", Path(elsewhere))
        guide = sh(
            "env/bin/python -c 'from escape.ui.class_.notes import FILE; print(FILE.read_text())'",
            Path(elsewhere),
        )
        assert "Lessons with a class" in guide
        for command in ("list", "--version", "check", "prompt FLUID_001"):
            assert sh(f"env/bin/escape {command}", Path(elsewhere)).strip(), command
        sh(
            f"{elsewhere}/env/bin/pip install -q --disable-pip-version-check xllamacpp "
            "'psycopg[binary]>=3.2,<4'",
            where,
        )
        sh("env/bin/escape fetch", Path(elsewhere))


def elsewhere() -> None:
    """Run by `make test` (its command line) or by hand (benches), or the one that runs this."""


RUNS: dict[str, Callable[[], None]] = {  # how each command of the README is run
    "make run": with_make,
    "make network": with_make,
    "make test": elsewhere,
    "make bench": elsewhere,
    "python3 -m venv .venv": by_hand,
    ".venv/bin/python -m pip install -r requirements.txt": by_hand,
    ".venv/bin/python -m escape serve": by_hand,
    "docker build -t escape . && docker run -p 8501:8501 escape": by_hand,
    ".venv/bin/python -m escape": with_make,
    ".venv/bin/python -m escape list": with_make,
    ".venv/bin/python -m escape run": with_make,
    ".venv/bin/python -m escape table escape/recorded/frontier-rooms.jsonl": with_make,
    ".venv/bin/python -m escape mcp": elsewhere,
    ".venv/bin/python -m pip install 'inspect_ai>=0.3.285,<0.4' .": elsewhere,
    ".venv/bin/python -m pip install 'mcp>=2.3,<3'": elsewhere,
    "python3 -m pip install .": as_a_package,
    "python3 -m pip install xllamacpp": as_a_package,
    "python -m escape": as_a_package,
    "python -m escape run": elsewhere,
    "python -m escape judge": elsewhere,
    "python -m escape list": as_a_package,
    "python -m escape check": as_a_package,
    "python -m escape prompt PUZZLE": as_a_package,
    "python -m escape table": elsewhere,
    "python -m escape table escape/recorded/frontier-rooms.jsonl": with_make,
    "python -m escape verify": elsewhere,
    "python -m escape verify escape/recorded/frontier-rooms.jsonl": with_make,
    "python -m escape mcp": elsewhere,
    "python -m escape serve": as_a_package,
    "python -m escape fetch": as_a_package,
    "escape COMMAND": as_a_package,
    "escape mcp": elsewhere,
    "escape serve": as_a_package,
    "escape verify": elsewhere,
    "python -m tools.bench reading": elsewhere,
    "python -m tools.simulate": elsewhere,
}
COMMAND = re.compile(r"^(make|python3?|\.venv/bin/python|pip|docker|escape) ")


def commands() -> set[str]:
    """Every command that README and docs give, without what may be added to it."""
    said: list[str] = []
    for name in DOCS:
        text = (ROOT / name).read_text("utf-8")
        said += "\n".join(re.findall(r"```\n(.*?)```", text, re.DOTALL)).splitlines()
        said += re.findall(r"`([^`\n]+)`", re.sub(r"```.*?```", "", text, flags=re.DOTALL))
    bare = (
        re.split(r"  +#|  +--| --[a-z]| PATH| RUN| \[", line)[0].strip()
        for line in said
        if COMMAND.match(line)
    )
    return set(bare)


def main() -> None:
    for run in dict.fromkeys(RUNS.values()):
        began = time.monotonic()
        run()
        print(f"{run.__name__}: {time.monotonic() - began:.0f} s")  # noqa: T201


if __name__ == "__main__":
    main()

"""Processes of their own: a command that is measured, the page, a proxy, the mock servers."""

import contextlib
import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from statistics import median
from typing import NamedTuple

ROOT = Path(__file__).parents[3]
KEYS = {"OPENAI_API_KEY": "mock", "ANTHROPIC_API_KEY": "mock"}  # pragma: allowlist secret


class Measured(NamedTuple):
    """A process: seconds by the clock, seconds of CPU, peak MB, exit code, what it said on standard error."""

    wall_s: float
    cpu_s: float
    peak_mb: float
    code: int
    said: str


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port: int = s.getsockname()[1]
        return port


@contextlib.contextmanager
def process(command: list[str], ready: str, **env: str) -> Iterator[subprocess.Popen[bytes]]:
    running = subprocess.Popen(
        command, cwd=ROOT, env={**os.environ, **env}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        for _ in range(300):
            with contextlib.suppress(OSError):
                urllib.request.urlopen(ready, timeout=1)
                break
            time.sleep(0.1)
        yield running
    finally:
        running.terminate()
        running.wait(20)


@contextlib.contextmanager
def _server(module: str, args: Sequence[str]) -> Iterator[str]:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with process(
        [sys.executable, "-m", f"tools.bench.harness.{module}", "--port", str(port), *args], f"{url}/stats"
    ):
        yield url


def mock(*args: str) -> contextlib.AbstractContextManager[str]:
    """The server of single questions; its URL."""
    return _server("mock", args)


def talk(*args: str) -> contextlib.AbstractContextManager[str]:
    """The server that holds conversations; its URL."""
    return _server("talk", args)


def stats(url: str) -> Counter[str]:
    return Counter(json.load(urllib.request.urlopen(f"{url}/stats", timeout=10)))


def environment(url: str = "", **more: str) -> dict[str, str]:
    """The environment of a process whose models are all at `url`, if it is given."""
    models = {"OPENAI_BASE_URL": f"{url}/v1", "ANTHROPIC_BASE_URL": url} if url else {}
    return {**os.environ, **KEYS, **models, **more}


def begin(
    command: list[str], url: str = "", *, stderr: int = subprocess.DEVNULL, **more: str
) -> subprocess.Popen[str]:
    """Start a process whose models are at `url`, for somebody who breaks it off."""
    env = environment(url, **more)
    return subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.DEVNULL, stderr=stderr, text=True)


def measured(command: list[str], url: str = "", **more: str) -> Measured:
    """Run a process to its end."""
    began = time.monotonic()
    with tempfile.TemporaryFile() as said:
        running = subprocess.Popen(
            command, cwd=ROOT, env=environment(url, **more), stdout=subprocess.DEVNULL, stderr=said
        )
        _, status, usage = os.wait4(running.pid, 0)
        running.returncode = code = os.waitstatus_to_exitcode(status)
        said.seek(0)
        words = said.read().decode("utf-8", "replace")
    return Measured(
        time.monotonic() - began, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, code, words
    )


def escape(*flags: str) -> list[str]:
    """The command line of `escape run` with some flags."""
    return [sys.executable, "-m", "escape", "run", *flags]


@contextlib.contextmanager
def page(**env: str) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """The page on a free port, as `make run` starts it: its address and its process."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    where = ["--server.port", str(port), "--server.address", "127.0.0.1"]
    command = [sys.executable, "-m", "streamlit", "run", "app.py", *where]
    with process(command, f"{url}/_stcore/health", **env) as running:
        yield url, running


@contextlib.contextmanager
def one_address(urls: list[str]) -> Iterator[str]:
    """nginx in front of two servers, as `docs/nginx.conf` sets it up; needs Debian's nginx."""
    ports = {"8501": urls[0], "8502": urls[-1], "8080": f"http://127.0.0.1:{free_port()}"}
    conf = (ROOT / "docs" / "nginx.conf").read_text("utf-8")
    for port, url in ports.items():
        conf = conf.replace(port, url.rpartition(":")[2])
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "nginx.conf")
        file.write_text(f"daemon off; pid {folder}/pid; error_log {folder}/error.log;\n{conf}", "utf-8")
        with process(["nginx", "-p", folder, "-c", str(file)], f"{ports['8080']}/_stcore/health"):
            yield ports["8080"]


def seat(url: str) -> str:
    """The cookie by which a proxy knows its visitor again; empty where there is none."""
    with urllib.request.urlopen(f"{url}/_stcore/health", timeout=10) as answer:
        said = [c.partition(";")[0] for c in answer.headers.get_all("Set-Cookie") or ()]
    return next((c for c in said if c.startswith("escape_server=")), "")


def peak_mb(process_id: int) -> float:
    """The most memory that a process has had, in MB."""
    status = Path(f"/proc/{process_id}/status").read_text("utf-8")
    found = re.search(r"VmHWM:\s+(\d+)", status)
    return int(found[1]) / 1024 if found else 0.0


def cpu_s(process_id: int) -> float:
    """Seconds of CPU that a process has used."""
    fields = Path(f"/proc/{process_id}/stat").read_text("utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def within(seconds: Iterable[float]) -> str:
    """Say how long clicks took: the 95th percentile and the median."""
    took = sorted(seconds)
    return f"95 % of {len(took)} clicks within {took[int(0.95 * len(took))]:.2f} s, median {median(took):.2f}"


FIVE = ("CIPHER_001", "COLLAB_001", "FLUID_001", "UV_001", "VAC_001")  # puzzles of a measured run
ROOMS = [part for puzzle in FIVE for part in ("--puzzle", puzzle)]

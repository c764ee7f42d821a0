"""Memory of many trials: running, resuming, and opening in the page; peaks by the kernel's count."""

import asyncio
import tempfile
import time
from pathlib import Path

from streamlit.proto.WidgetStates_pb2 import WidgetState

from tools.bench.harness import ROOMS, Visitor, escape, measured, mock, page, peak_mb, stats

MB = 2**20


def line(name: str, seconds: float, peak: float, file: Path, more: str = "") -> None:
    """Print one measurement."""
    print(
        f"{name:44} {seconds:6.1f} s  peak {peak:4.0f} MB  file {file.stat().st_size / MB:4.0f} MB  {more}",
        flush=True,
    )


async def opened(url: str, path: Path) -> tuple[float, str]:
    """Open a run by its path in the page; return the seconds, and the sentence above the results."""
    me = await Visitor(url).open()
    began = time.monotonic()
    for fold in ("runs_menu", "load_fold"):
        me.values[fold] = WidgetState(id=me.ids[fold], bool_value=True)
        await me.rerun()
    await me.rerun(run_path=str(path), open_path=True)
    leads = [t for t in me.texts if "esc-lead" in t and any(x in t for x in ("scores", "gets out of"))]
    lead = leads[-1] if leads else "nothing was shown"
    await me.close()
    return time.monotonic() - began, lead[lead.find(">") + 1 :][:60]


def in_the_page(name: str, file: Path) -> None:
    with page() as (url, server):
        before = peak_mb(server.pid)
        asyncio.run(opened(url, file.parent / "none.json"))  # everything is imported by now
        idle = peak_mb(server.pid)
        took, lead = asyncio.run(opened(url, file))
        line(
            name,
            took,
            peak_mb(server.pid),
            file,
            f"(idle {before:.0f}, after a first click {idle:.0f} MB) {lead}",
        )


def grown(file: Path, megabytes: int) -> Path:
    """Copy a run's file with longer answers, so that it has about this size."""
    big, words, begins = (
        file.with_name("big.json"),
        b"and then we look around once more ",
        b'"answer":{"text":"',
    )
    with file.open("rb") as lines:
        answers = sum(begins in line for line in lines)
    more = words * int((megabytes * MB - file.stat().st_size) / max(1, answers) / len(words))
    with file.open("rb") as lines, big.open("wb") as out:
        for line in lines:
            out.write(line.replace(begins, begins + more, 1))
    return big


def main(trials: int = 20_000) -> None:
    offline, judged = trials, trials // 10
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "offline.json"
        demo = [x for n in ("careful", "hasty") for x in ("--model", f"demo:{n}")]
        run = measured(escape(*demo, *ROOMS, "--trials", str(offline // 10), "--json", str(file), "--quiet"))
        line(f"{offline} trials offline", run.wall_s, run.peak_mb, file, f"exit {run.code}")
        again = measured(escape("--resume", str(file), "--quiet"))
        line("resumed when it is complete", again.wall_s, again.peak_mb, file, f"exit {again.code}")
        in_the_page("opened in the page", file)
        with mock("--latency", "0.01", "--faults", "0.05", "--longer", "300") as url:
            file = Path(folder) / "judged.json"
            model = "openai:gpt-4o-mini"
            flags = ["--trials", str(judged // 5), "--concurrency", "50", "--json", str(file), "--quiet"]
            run = measured(escape("--model", model, "--judge", model, *ROOMS, *flags), url)
            line(
                f"{judged} trials, 5 % faults, a model judge",
                run.wall_s,
                run.peak_mb,
                file,
                f"exit {run.code}",
            )
            calls = stats(url)["calls"]
            again = measured(escape("--resume", str(file), "--quiet"), url)
            line(
                "resumed",
                again.wall_s,
                again.peak_mb,
                file,
                f"{stats(url)['calls'] - calls} calls, exit {again.code}",
            )
            in_the_page("opened in the page", file)
            big = grown(file, 300)
            calls = stats(url)["calls"]
            again = measured(escape("--resume", str(big), "--quiet"), url)
            more = f"{stats(url)['calls'] - calls} calls, exit {again.code}"
            line("a large file resumed", again.wall_s, again.peak_mb, big, more)

"""What the command line writes into: no paid file is destroyed, and a place that fails is told in a line."""

import csv
import io
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from escape.puzzles import recorded_run
from escape.puzzles.recorded import FOLDER
from escape.runs.file import jsonl, load
from tests.cli.command import ROOT, escape
from tests.fake_server import FakeServer

ONE = ["--model", "control:reference", "--puzzle", "UV_001", "--quiet"]
PAID = ["--model", "openai:gpt-4o", "--puzzle", "UV_001", "--trials", "40", "--quiet"]
LONG = "n" * 300


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    file = tmp_path / "run.json"
    assert escape("run", *ONE, "--json", str(file)).returncode == 0
    return file


def sound(file: Path) -> bool:
    """Whether a run is in the file."""
    return file.read_bytes().startswith(b'{"header":') and len(jsonl.load(file).results) == 1


def in_one_line(done: subprocess.CompletedProcess[str]) -> bool:
    return "Traceback" not in done.stderr and len(done.stderr.strip().splitlines()) == 1


@pytest.mark.parametrize("option", ["--csv", "--report"])
@pytest.mark.parametrize("form", ["{}", "{}/../run.json", "link"])
def test_a_run_that_is_continued_is_not_replaced_by_its_own_table(
    saved: Path, option: str, form: str
) -> None:
    (saved.parent / "link").symlink_to(saved)
    (saved.parent / "folder").mkdir()
    ways = {
        "{}": saved,
        "{}/../run.json": saved.parent / "folder" / ".." / saved.name,
        "link": saved.parent / "link",
    }
    done = escape("run", "--resume", str(saved), option, str(ways[form]), "--quiet")
    assert sound(saved)
    assert (done.returncode, in_one_line(done)) == (2, True)
    assert (saved.parent / "link").is_symlink()


@pytest.mark.parametrize("option", ["--csv", "--report"])
def test_a_new_run_is_not_replaced_by_its_own_table(tmp_path: Path, option: str) -> None:
    file = tmp_path / "new.json"
    done = escape("run", *ONE, "--json", str(file), option, str(tmp_path / "." / "new.json"))
    assert (done.returncode, in_one_line(done)) == (2, True)
    assert not file.exists() or not file.stat().st_size or sound(file)


def test_a_table_is_not_replaced_by_the_report_of_the_same_run(tmp_path: Path) -> None:
    file = str(tmp_path / "out")
    done = escape("run", *ONE, "--csv", file, "--report", file)
    assert (done.returncode, in_one_line(done)) == (2, True)


@pytest.mark.parametrize("option", ["--csv", "--report"])
def test_continuing_a_run_overwrites_no_file_that_is_not_its_own(saved: Path, option: str) -> None:
    notes = saved.parent / "notes.txt"
    notes.write_text("three years of notes")
    done = escape("run", "--resume", str(saved), option, str(notes), "--quiet")
    assert notes.read_text() == "three years of notes"
    assert (done.returncode, in_one_line(done)) == (2, True)


@pytest.mark.parametrize("option", ["--csv", "--report"])
def test_continuing_a_run_rewrites_its_own_table_without_asking_twice(saved: Path, option: str) -> None:
    out = saved.parent / "out"
    for _ in range(2):
        done = escape("run", "--resume", str(saved), option, str(out), "--quiet")
        assert (done.returncode, done.stderr) == (0, "")
    assert out.stat().st_size > 100


@pytest.mark.parametrize("option", ["--csv", "--report"])
def test_a_pipe_is_written_into(tmp_path: Path, option: str) -> None:
    pipe, got = tmp_path / "pipe", tmp_path / "got"
    os.mkfifo(pipe)
    with got.open("wb") as to, subprocess.Popen(["cat", str(pipe)], stdout=to) as reading:
        try:
            done = escape("run", *ONE, option, str(pipe))
            assert (done.returncode, pipe.is_fifo()) == (0, True)
            reading.wait(20)
        finally:
            reading.kill()
    assert b"UV_001" in got.read_bytes()


def in_a_process(folder: Path, *args: str, kb: int | None = None) -> subprocess.CompletedProcess[str]:
    """Start a process in which no file may become larger than so many KB.

    What is rescued goes to the folder.
    """
    env = {**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(folder), "HOME": str(folder)}
    limit = "" if kb is None else f"ulimit -f {kb}; "
    command = ["bash", "-c", f'{limit}exec "$0" "$@"', sys.executable, "-m", "escape", *args]
    return subprocess.run(command, capture_output=True, text=True, cwd=folder, env=env, timeout=120)


@pytest.mark.parametrize("option", ["--csv", "--report"])
def test_standard_output_is_written_into(tmp_path: Path, option: str) -> None:
    link = tmp_path / "stdout"  # as /dev/stdout is one
    link.symlink_to("/proc/self/fd/1")
    done = in_a_process(tmp_path, "run", *ONE, option, str(link))
    assert link.is_symlink()
    assert done.returncode == 0
    assert "problem_id" in done.stdout or "<html" in done.stdout


@pytest.mark.parametrize("option", ["--csv", "--report"])
def test_a_link_stays_one_and_the_file_behind_it_is_written(tmp_path: Path, option: str) -> None:
    (tmp_path / "elsewhere").mkdir()
    real, link = tmp_path / "elsewhere" / "real", tmp_path / "link"
    link.symlink_to(real)
    done = escape("run", *ONE, option, str(link))
    assert (done.returncode, link.is_symlink(), real.exists()) == (0, True, True)
    assert "UV_001" in real.read_text("utf-8")


@pytest.mark.parametrize("option", ["--csv", "--report", "--json", "--puzzles", "--resume"])
def test_a_name_that_is_too_long_for_the_disk_is_told_in_a_line(tmp_path: Path, option: str) -> None:
    done = escape("run", *ONE[:2], "--quiet", option, str(tmp_path / LONG))
    assert (done.returncode, in_one_line(done)) == (2, True), done.stderr[-300:]


@pytest.mark.parametrize("option", ["--answers", "--out", "--puzzles"])
def test_a_name_that_is_too_long_is_told_by_judge_too(tmp_path: Path, option: str) -> None:
    answers = tmp_path / "a.jsonl"
    answers.write_text('{"problem_id": "UV_001", "answer": "x"}\n')
    flags = {"--answers": str(answers), "--out": str(tmp_path / "out"), option: str(tmp_path / LONG)}
    done = escape("judge", *(part for pair in flags.items() for part in pair))
    assert (done.returncode, in_one_line(done)) == (2, True), done.stderr[-300:]


@pytest.mark.proof
@pytest.mark.parametrize("option", ["--csv", "--report"])
def test_a_table_that_fits_nowhere_is_told_in_a_line_after_the_leaderboard(
    tmp_path: Path, both_apis: FakeServer, option: str
) -> None:
    done = in_a_process(tmp_path, "run", *PAID, option, str(tmp_path / "out"), kb=4)
    assert "openai:gpt-4o" in done.stdout
    assert (done.returncode, in_one_line(done)) == (1, True)
    assert " it is in " not in done.stderr
    assert list(tmp_path.iterdir()) == []  # no piece of it is left behind


@pytest.mark.proof
@pytest.mark.parametrize("kb", [24, 36])  # no other place takes what there is; it does, but not the next line
def test_a_run_that_fits_nowhere_ends_in_a_line_and_keeps_what_it_has(
    tmp_path: Path, both_apis: FakeServer, kb: int
) -> None:
    done = in_a_process(tmp_path, "run", *PAID, "--json", str(tmp_path / "run.json"), kb=kb)
    assert "openai:gpt-4o" in done.stdout
    assert "Traceback" not in done.stderr
    assert done.returncode == 1
    kept = max((len(jsonl.load(f).results) for f in tmp_path.iterdir()), default=0)
    assert 0 < kept < 40
    assert len(both_apis.requests) <= kept + 16  # those under way


def test_a_run_whose_beginning_does_not_fit_leaves_no_file(tmp_path: Path, both_apis: FakeServer) -> None:
    done = in_a_process(tmp_path, "run", *PAID, "--json", str(tmp_path / "run.json"), kb=1)
    assert (done.returncode, in_one_line(done), len(both_apis.requests)) == (2, True, 0)
    assert not (tmp_path / "run.json").exists() or (tmp_path / "run.json").stat().st_size == 0


def test_standard_output_to_a_file_holds_the_table_and_the_leaderboard(tmp_path: Path) -> None:
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    with (tmp_path / "all").open("wb") as to:
        command = [sys.executable, "-m", "escape", "run", *ONE, "--csv", "/dev/stdout"]
        assert subprocess.run(command, stdout=to, env=env, cwd=tmp_path, timeout=60).returncode == 0
    said = (tmp_path / "all").read_text("utf-8")
    assert "run_id,started_at,player" in said
    assert said.count("control:reference") >= 2


def test_a_piped_table_is_alone_in_the_pipe(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "escape", "run", *ONE, "--csv", "/dev/stdout"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    rows = [*csv.DictReader(io.StringIO(done.stdout))]
    assert [row["player"] for row in rows] == ["control:reference"]
    assert "control:reference" in done.stderr


def test_answers_are_not_replaced_by_their_own_marks(tmp_path: Path) -> None:
    answers = tmp_path / "a.jsonl"
    answers.write_text('{"problem_id": "UV_001", "answer": "x"}\n')
    done = escape("judge", "--answers", str(answers), "--out", str(answers), "--force")
    assert (done.returncode, in_one_line(done)) == (2, True)
    assert answers.read_text() == '{"problem_id": "UV_001", "answer": "x"}\n'


RUN = str(FOLDER / "frontier-rooms.jsonl")


def test_a_prompt_is_printed_as_it_is_sent_and_an_unknown_puzzle_is_named() -> None:
    printed = escape("prompt", "VAC_001").stdout
    assert re.match(r"\[player/\d+\]\n\nYou are in an escape room", printed)
    assert "Available items" in printed
    assert "move" in escape("prompt", "VAC_001", "--move-by-move").stdout
    wrong = escape("prompt", "NO_SUCH")
    assert wrong.returncode == 2
    assert "escape list" in wrong.stderr


@pytest.mark.parametrize(
    "command", [("prompt", "FLUID_01"), ("run", "--model", "demo:careful", "--puzzle", "fluid_001")]
)
def test_a_misspelt_puzzle_is_answered_with_the_one_that_is_meant(command: tuple[str, ...]) -> None:
    wrong = escape(*command)
    assert wrong.returncode == 2
    assert "did you mean 'FLUID_001'?" in wrong.stderr


def test_rooms_sets_and_recorded_runs_are_found_by_name_from_any_folder(tmp_path: Path) -> None:
    assert "6 puzzles" in escape("check", "told", cwd=tmp_path).stdout
    assert escape("check", "FLUID_001", cwd=tmp_path).stdout.startswith("FLUID_001: ")
    assert escape("table", "frontier-rooms", cwd=tmp_path).stdout == escape("table", RUN).stdout
    assert "frontier-rooms" in escape("list", cwd=tmp_path).stdout
    assert "nothing differs" in escape("verify", "smollm2-135m-told", cwd=tmp_path).stdout
    assert "check the path" in escape("table", "no-such", cwd=tmp_path).stderr


def test_a_table_says_who_follows_the_form_in_told_rooms() -> None:
    rows = [*csv.DictReader(io.StringIO(escape("table", "qwen2.5-coder-1.5b-told").stdout))]
    run = load(recorded_run("qwen2.5-coder-1.5b-told"))
    outs = [r.outcome.out for r in run.results if r.outcome]
    told, *own_error = [(r["set"], r["n"], r["rooms"], r["low"]) for r in rows]
    assert told == ("told", str(len(outs)), f"{sum(outs) / len(outs):.3f}", "")
    assert {of for of, *_ in own_error} == {"held out"}  # how often the rooms themselves err


@pytest.mark.skipif(sys.platform == "win32", reason="there are no terminals to open there")
def test_a_table_is_aligned_in_a_terminal_and_csv_in_a_pipe() -> None:
    import pty

    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "escape", "table", "frontier-rooms"]
    subprocess.run(command, cwd=ROOT, stdout=theirs, check=True)
    shown = os.read(ours, 100_000).decode().splitlines()
    for end in (ours, theirs):
        os.close(end)
    assert "," not in "".join(shown)
    ends = [[cell.end() for cell in re.finditer(r"\S+", line)] for line in shown[:2]]
    assert ends[0][1:6] == ends[1][1:6]  # a heading ends where its figure ends
    assert "," in escape("table", "frontier-rooms").stdout


FULL = Path("/dev/full")


@pytest.mark.skipif(not FULL.exists(), reason="this system has no device that is always full")
@pytest.mark.parametrize("command", [["list"], ["table", "frontier-rooms"], ["prompt", "FLUID_001"]])
def test_what_cannot_be_printed_is_one_line_and_an_exit_code(command: list[str]) -> None:
    with FULL.open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "escape", *command],
            cwd=ROOT,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
        )
    assert done.returncode == 2
    assert done.stderr.startswith("Error: standard output cannot be written")
    assert done.stderr.count("\n") == 1


@pytest.mark.skipif(not FULL.exists(), reason="this system has no device that is always full")
def test_a_csv_that_is_not_where_it_was_to_be_is_told_by_the_exit_code() -> None:
    done = escape("run", "--model", "demo:careful", "--puzzle", "FLUID_001", "--quiet", "--csv", str(FULL))
    assert done.returncode == 1
    assert "it is in" in done.stderr
    Path(done.stderr.partition("it is in ")[2].strip()).unlink()


def test_a_table_has_each_share_with_its_interval() -> None:
    rows = [*csv.DictReader(io.StringIO(escape("table", RUN).stdout))]
    row = next(r for r in rows if r["player"] == "frontier" and r["set"] == "rooms")
    assert (row["n"], row["rooms"]) == ("30", "1.000")
    assert next(r["pairs"] for r in rows if r["player"] == "frontier" and r["set"] == "twists") == "1.000"
    assert {r["player"] for r in rows} >= {"random moves", "trying every pair of things"}
    assert 0.8 < float(row["low"]) < 1
    latex = escape("table", RUN, "--latex").stdout
    assert latex.startswith("\\begin{tabular}{l")
    assert "pairs\\_low" in latex


def test_a_recorded_model_plays_offline_and_its_unread_lines_stay_unread(tmp_path: Path) -> None:
    run = escape("run", "--model", "recorded:smollm2-135m", "--puzzles", "problems", "--puzzle", "BAL_002",
                 "--puzzle", "FLUID_001", "--quiet", "--csv", str(tmp_path / "a.csv"))  # fmt: skip
    assert run.returncode == 0, run.stderr
    rows = list(csv.DictReader((tmp_path / "a.csv").open(encoding="utf-8", newline="")))
    assert [(row["provider"], row["out"], float(row["cost_usd"])) for row in rows] == [
        ("recorded", "0", 0)
    ] * 2


def test_a_run_that_goes_on_in_its_file_names_the_versions_of_before_and_of_now(tmp_path: Path) -> None:
    file, what = tmp_path / "run.json", "prompt player with moves"
    two = ["--model", "control:reference", "--puzzle", "UV_001", "--puzzle", "VAC_001", "--quiet"]
    assert escape("run", *two, "--json", str(file)).returncode == 0
    today = load(file).versions[what]
    lines = file.read_text("utf-8").splitlines(keepends=True)
    file.write_text(lines[0].replace(f'"{what}":"{today}"', f'"{what}":"0"') + "".join(lines[1:-1]), "utf-8")
    assert load(file).versions[what] == "0"
    assert escape("run", "--resume", str(file), "--quiet").returncode == 0
    versions = load(file).versions
    assert (versions[what], versions[f"earlier {what}"]) == (today, "0")

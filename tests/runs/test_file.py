"""Run files: a line for every answer and mark, restored exactly.

They are read even when the writer was killed, and never lost.
"""

import errno
import gzip
import json
import os
import re
import sys
from pathlib import Path
from typing import BinaryIO

import pytest

from escape.metrics import METRICS, means
from escape.models import parse
from escape.results.digest import per_puzzle, result_at
from escape.results.ranking import ranking
from escape.runs import new_run
from escape.runs.background import finished_run
from escape.runs.file import jsonl, safe
from escape.runs.file.jsonl import RunFile, published
from escape.runs.file.pasted import answer_lines, answers_from, find_likely_puzzle
from escape.types import (
    CANARY,
    Answer,
    Failure,
    FailureKind,
    FileError,
    Header,
    Mark,
    ModelSpec,
    Puzzle,
    ReportCard,
    Result,
    Run,
    RunConfig,
    Scores,
    SpecError,
    Trial,
    Turn,
    Verdict,
)
from tests.small_runs import A, dumps, puzzles, result, verdict
from tests.small_runs import run_of as small_run

V1 = Path(__file__).parent.parent / "data" / "v1" / "run.jsonl"  # written by 1.0.0


def run_of(bundled: list[Puzzle]) -> Run:
    spec = ModelSpec(provider="demo", model="careful")
    config = RunConfig(players=(spec,), problem_ids=tuple(p.problem_id for p in bundled))
    return new_run(config, bundled)


def results(bundled: list[Puzzle]) -> list[Result]:
    verdict = Verdict(judge="checklist", scores=Scores(pus=2, sps=1, rhh=None))
    failure = Failure(stage="player", kind=FailureKind.TIMEOUT, message="no answer in time", attempts=3)
    made = []
    for i, puzzle in enumerate(bundled):
        trial = Trial(problem_id=puzzle.problem_id, player="demo:careful")
        done = Result(trial=trial, answer=Answer(text='a "quoted"\nline ü'), verdict=verdict)
        made.append(Result(trial=trial, failure=failure) if i == 1 else done)
    return made


def whole(bundled: list[Puzzle]) -> Run:
    return run_of(bundled).model_copy(update={"results": tuple(results(bundled))})


def loads(text: str | bytes) -> Run:
    return jsonl.loads(text if isinstance(text, bytes) else text.encode(), "x.json")


def text_of(run: Run) -> str:
    """The run as its file has it."""
    return b"".join(jsonl.run_lines(run)).decode()


def same(a: Run, b: Run) -> bool:
    return a.model_copy(update={"results": ()}) == b.model_copy(update={"results": ()}) and list(
        a.results
    ) == list(b.results)


def test_a_run_comes_back_as_it_was(bundled: list[Puzzle]) -> None:
    run = whole(bundled)
    assert same(loads(dumps(run)), run)
    assert same(loads(jsonl.packed_file(run)), run)


def test_one_trial_is_found_in_memory_and_in_a_file(bundled: list[Puzzle]) -> None:
    made = whole(bundled)
    trial = made.results[-1].trial
    for run in (made, loads(jsonl.packed_file(made))):
        assert result_at(run, trial.key) == made.results[-1]


def test_a_run_of_the_first_version_is_refused_in_one_line(bundled: list[Puzzle]) -> None:
    for indent in (None, 1):
        text = json.dumps(whole(bundled).model_dump(mode="json") | {"format": "escape-run/1"}, indent=indent)
        with pytest.raises(FileError, match="line 1: is not a run; choose a run that Escape saved"):
            loads(text)


def test_the_canary_stands_once_in_the_header(bundled: list[Puzzle]) -> None:
    assert dumps(whole(bundled)).count(CANARY) == 1


def test_the_file_can_be_read_after_every_result(tmp_path: Path, bundled: list[Puzzle]) -> None:
    path = tmp_path / "run.json"
    with RunFile.begin(str(path), run_of(bundled), force=False) as file:
        for i, result in enumerate(results(bundled), 1):
            file.result(result)
            assert len(jsonl.load(path).results) == i
    assert list(jsonl.load(path).results) == results(bundled)


def test_an_answer_stands_in_the_file_once(tmp_path: Path, bundled: list[Puzzle]) -> None:
    path, judged = tmp_path / "run.json", results(bundled)[0]
    with RunFile.begin(str(path), run_of(bundled), force=False) as file:
        file.result(judged.model_copy(update={"verdict": None}))
        file.result(judged)
        assert list(file.run.results) == [judged]
    assert path.read_text("utf-8").count("quoted") == 1
    assert list(jsonl.load(path).results) == [judged]


def test_writing_goes_on_behind_what_was_there(tmp_path: Path, bundled: list[Puzzle]) -> None:
    path = tmp_path / "run.json"
    first, *rest = results(bundled)
    RunFile.begin(str(path), run_of(bundled).model_copy(update={"results": (first,)}), force=False).__exit__(
        *[None] * 3
    )
    with RunFile.resume(str(path)) as file:
        for result in rest:
            file.result(result)
    assert list(jsonl.load(path).results) == results(bundled)


def test_an_older_file_that_goes_on_is_refused_by_older_readers(tmp_path: Path) -> None:
    """Readers of format 3 know no marks on lines of their own; they look at the last header's format."""
    path = tmp_path / "run.jsonl"
    path.write_bytes(V1.read_bytes())
    before = jsonl.load(path)
    with RunFile.resume(str(path)) as file:
        assert path.read_bytes().count(b'{"header":') == 1  # nothing is written before there is something
        trial = before.results[0].trial
        file.mark(Mark(trial=trial, rater="human:me", verdict=verdict(1, 1)))
        file.mark(Mark(trial=trial, rater="human:you", verdict=verdict(2, 1)))
    headers = [line for line in path.read_bytes().splitlines() if line.startswith(b'{"header":')]
    assert [re.search(rb"escape-run/(.)", line)[1] for line in headers] == [b"3", b"4"]  # type: ignore[index]
    after = jsonl.load(path)
    assert after.results == before.results
    assert {m.rater for m in after.opinions} >= {"human:me", "human:you"}


@pytest.mark.parametrize("lost", [1, 2, 3, 40, 120])
def test_a_torn_last_line_costs_only_itself(tmp_path: Path, bundled: list[Puzzle], lost: int) -> None:
    data = dumps(whole(bundled)).encode()[:-lost]
    assert len(loads(data).results) >= len(bundled) - 1
    path = tmp_path / "torn.json"
    path.write_bytes(data)
    with RunFile.resume(str(path)) as file:
        kept = list(file.run.results)
        file.result(results(bundled)[-1])
    assert len(kept) >= len(bundled) - 1
    assert list(jsonl.load(path).results) == results(bundled)


def test_a_torn_character_is_cut(bundled: list[Puzzle]) -> None:
    data = dumps(whole(bundled)).encode()
    at = data.rindex("ü".encode()) + 1
    assert len(loads(data[:at]).results) == len(bundled) - 1


def test_of_a_trials_results_the_last_counts(bundled: list[Puzzle]) -> None:
    waiting = Result(
        trial=Trial(problem_id=bundled[0].problem_id, player="demo:careful"), answer=Answer(text="a")
    )
    run = run_of(bundled).model_copy(update={"results": (waiting, *results(bundled))})
    back = loads(dumps(run))
    assert len(back.results) == len(bundled)
    assert back.results[0].verdict is not None


def test_two_files_of_one_run_can_be_put_together(bundled: list[Puzzle]) -> None:
    every = results(bundled)
    halves = [
        run_of(bundled).model_copy(update={"results": part}) for part in (tuple(every[:2]), tuple(every[2:]))
    ]
    assert list(loads("".join(map(dumps, halves))).results) == every


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"format": "other"}', '{"results": 1}', "\x00", '{"run_id": "x"']
)
def test_what_is_no_run_is_refused_in_one_line(text: str) -> None:
    with pytest.raises(FileError) as caught:
        loads(text)
    assert "\n" not in str(caught.value)
    assert str(caught.value).startswith("x.json")


def test_a_file_that_holds_results_is_not_begun_anew(tmp_path: Path, bundled: list[Puzzle]) -> None:
    path = tmp_path / "run.json"
    RunFile.begin(str(path), whole(bundled), force=False).__exit__(None, None, None)
    before = path.read_bytes()
    with pytest.raises(SpecError, match=r"--resume .* --force"):
        RunFile.begin(str(path), run_of(bundled), force=False)
    assert path.read_bytes() == before
    RunFile.begin(str(path), run_of(bundled), force=True).__exit__(None, None, None)
    assert len(jsonl.load(path).results) == 0


@pytest.mark.skipif(sys.platform == "win32", reason="an open file's folder cannot be removed there")
def test_when_its_folder_has_gone_the_run_goes_on_elsewhere(
    tmp_path: Path, bundled: list[Puzzle], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, spare = tmp_path / "folder", tmp_path / "spare"
    folder.mkdir()
    spare.mkdir()
    monkeypatch.setattr(safe.tempfile, "tempdir", str(spare))
    first, *rest = results(bundled)
    with RunFile.begin(str(folder / "run.json"), run_of(bundled), force=False) as file:
        file.result(first)
        (folder / "run.json").unlink()
        folder.rmdir()
        for result in rest:
            file.result(result)
        assert "its folder is gone" in file.problem
        assert file.where in file.problem
        assert list(file.run.results) == results(bundled)
    (kept,) = spare.iterdir()
    assert list(jsonl.load(kept).results) == results(bundled)


class Full:
    """A file on a disk that has become full: it can be read, and takes nothing more."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def write(self, data: bytes) -> int:
        self._file.write(bytes(data[: len(data) // 2]))  # half a line still fits
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def __getattr__(self, name: str) -> object:
        return getattr(self._file, name)


def test_when_the_disk_is_full_the_run_goes_on_elsewhere(
    tmp_path: Path, bundled: list[Puzzle], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(safe.tempfile, "tempdir", str(tmp_path))
    with RunFile.begin(str(tmp_path / "run.json"), run_of(bundled), force=False) as file:
        for i, result in enumerate(results(bundled)):
            if i == 2:
                file._file = Full(file._file)  # type: ignore[assignment]
            file.result(result)
        assert "No space left" in file.problem
        # and no torn line behind them
        assert list(jsonl.load(tmp_path / "run.json").results) == results(bundled)[:2]
        assert list(jsonl.load(file.where).results) == results(bundled)


def test_a_result_costs_what_its_answer_its_mark_and_its_failure_cost() -> None:
    trial = Trial(problem_id="P", player="p")
    refused = Failure(
        stage="judge", kind=FailureKind.BAD_FORMAT, message="no", cost_usd=0.2, doubtful_usd=0.1
    )
    paid = Result(trial=trial, answer=Answer(text="a", cost_usd=1.0, doubtful_usd=0.4), failure=refused)
    assert paid.cost_usd == pytest.approx(1.2)
    assert paid.charged_usd == pytest.approx(1.7)
    again = Result(
        trial=trial, answer=paid.answer, failure=refused.model_copy(update={"cost_usd": 0.3})
    ).merge(paid)
    assert again.earlier_usd == pytest.approx(0.3)  # the first refusal, certain and doubtful
    third = Result(
        trial=trial, answer=paid.answer, failure=refused.model_copy(update={"cost_usd": 0.5})
    ).merge(again)
    assert third.earlier_usd == pytest.approx(0.3 + 0.4)
    assert third.charged_usd == pytest.approx(0.7 + 1.4 + 0.6)
    anew = Result(trial=trial, answer=Answer(text="b", cost_usd=2.0)).merge(third)
    assert anew.charged_usd == pytest.approx(third.charged_usd + 2.0)


def test_money_spent_on_superseded_tries_stays_spent(tmp_path: Path, bundled: list[Puzzle]) -> None:
    trial = Trial(problem_id=bundled[0].problem_id, player="demo:careful")
    failed = Failure(stage="judge", kind=FailureKind.BAD_FORMAT, message="no", cost_usd=0.2, doubtful_usd=0.1)
    answer, verdict = (
        Answer(text="a", cost_usd=1.0),
        Verdict(judge="j", scores=Scores(pus=1, sps=1, rhh=1), cost_usd=0.5),
    )
    path = tmp_path / "run.json"
    with RunFile.begin(str(path), run_of(bundled), force=False) as file:
        for result in (
            Result(trial=trial, answer=answer),
            Result(trial=trial, answer=answer, failure=failed),
            Result(trial=trial, answer=answer, verdict=verdict),
        ):
            file.result(result)
        assert file.run.charged_usd == pytest.approx(1.8)
    with RunFile.resume(str(path)) as again:
        assert again.run.charged_usd == pytest.approx(1.8)


def test_the_published_run_has_its_published_figures(bundled: list[Puzzle]) -> None:
    run = published(bundled)
    marks = {p: means(m.values()) for p, m in per_puzzle(run, METRICS["as_published"]).items()}
    gpt, claude = marks["published:gpt-4"], marks["published:claude-3-haiku-20240307"]
    assert gpt.overall == pytest.approx(4.1)
    assert claude.overall == pytest.approx(3.5)
    assert (gpt.pus, gpt.sps, gpt.rhh) == pytest.approx((1.9, 1.7, 0.5))
    assert (claude.pus, claude.sps, claude.rhh) == pytest.approx((1.6, 1.3, 0.6))
    standard = {p: means(m.values()).rhh for p, m in per_puzzle(run).items()}
    assert standard["published:gpt-4"] == pytest.approx(0.17, abs=0.005)
    assert standard["published:claude-3-haiku-20240307"] == pytest.approx(0.33, abs=0.005)
    pair = ranking(run, METRICS["as_published"]).pairs[0].paired
    assert (pair.t, pair.sign_flip_p) == (pytest.approx(1.39, abs=0.005), 0.375)


def test_the_published_half_mark_is_kept_and_flagged(bundled: list[Puzzle]) -> None:
    run = published(bundled)
    flagged = [r for r in run.results if r.verdict and r.verdict.flags]
    assert [(r.trial.player, r.trial.problem_id) for r in flagged] == [("published:gpt-4", "UV_001")]
    assert flagged[0].verdict is not None
    assert flagged[0].verdict.scores.rhh == 0.5


@pytest.mark.parametrize(
    ("text", "words"),
    [("{", "line 1 is not JSON"), ('{"problem_id": "X"}', "answer"), ('\n{"answer": 3}', "line 2")],
)
def test_a_fault_in_an_answer_file_names_its_line(text: str, words: str) -> None:
    with pytest.raises(FileError, match=words):
        answer_lines(text)


@pytest.mark.parametrize("sign", ["\u2028", "\u0085", "\x0b"])
def test_odd_line_ends_in_an_answer_tear_no_file(bundled: list[Puzzle], sign: str) -> None:
    odd = [r.model_copy(update={"answer": Answer(text=f"a{sign}b")}) for r in results(bundled)]
    text = dumps(run_of(bundled).model_copy(update={"results": tuple(odd)}))
    assert list(loads(text[:-1]).results) == odd
    line = json.dumps({"problem_id": "X", "answer": f"a{sign}b"}, ensure_ascii=False)
    assert len(answer_lines(line)) == 1


def test_results_about_puzzles_that_are_not_in_the_run_are_set_aside(bundled: list[Puzzle]) -> None:
    run = whole(bundled)
    text = dumps(run).replace(jsonl.header_line(run).decode(), "")
    short = run.model_copy(update={"puzzles": run.puzzles[:1], "config": RunConfig()})
    found = loads(jsonl.header_line(short).decode() + text)
    assert {r.trial.problem_id for r in found.results} == {run.puzzles[0].problem_id}
    assert all("there is no puzzle" in line for line in found.damaged)


@pytest.mark.parametrize("cost", ["-1000.0", "NaN", "Infinity"])
def test_a_file_cannot_lower_what_has_been_spent(bundled: list[Puzzle], cost: str) -> None:
    paid = results(bundled)[0].model_copy(update={"answer": Answer(text="a", cost_usd=0.25)})
    text = dumps(run_of(bundled).model_copy(update={"results": (paid,)}))
    broken = text.replace('"cost_usd":0.25', f'"cost_usd":{cost}')
    assert broken != text
    found = loads(broken)
    assert (len(found.results), found.charged_usd) == (0, 0.0)
    assert "cost_usd" in found.damaged[0]


@pytest.mark.parametrize("text", ["[" * 100_000, '{"problem_id": "X", "answer": ' + "9" * 5000 + "}"])
def test_a_line_made_to_break_the_reader_is_refused(text: str) -> None:
    with pytest.raises(FileError):
        answer_lines(text)


def test_opinions_and_cards_stay_single_after_many_saves_and_loads() -> None:
    given = [result("P0", A, verdict(1, 1))]
    run = small_run(puzzles(1), given, [A]).model_copy(
        update={
            "opinions": (Mark(trial=given[0].trial, rater="human:Ada", verdict=verdict(2, 1)),),
            "cards": (ReportCard(judge="j"),),
        }
    )
    for _ in range(3):
        run = jsonl.loads(dumps(run).encode())
    assert (len(run.opinions), len(run.cards), len(run.results)) == (1, 1, 1)
    assert jsonl.loads(jsonl.packed_file(run)).opinions == run.opinions
    earlier = dumps(run).replace('{"card":{', '{"card":{"gone":1,')  # a figure that is worked out no longer
    assert earlier != dumps(run)
    assert jsonl.loads(earlier.encode()).cards == run.cards


@pytest.mark.parametrize("name", ["answers.csv", "ANSWERS.CSV"])
def test_a_csv_is_told_by_its_ending_in_any_case(name: str) -> None:
    (line,) = answers_from(b'\xef\xbb\xbfproblem_id,answer,note\r\nP0,"a, b",x\r\n', name)
    assert (line.problem_id, line.answer, line.player) == ("P0", "a, b", "")


def test_an_answer_that_names_enough_of_its_own_things_is_not_questioned(by_id: dict[str, Puzzle]) -> None:
    here, other = by_id["FLUID_001"], by_id["VAC_001"]
    theirs, mine = (
        [i.split(" (")[0] for i in other.setup.available_items],
        [i.split(" (")[0] for i in here.setup.available_items],
    )
    assert find_likely_puzzle(" and ".join(theirs), here, [here, other]) is other
    assert find_likely_puzzle(" and ".join([*theirs, *mine[:2]]), here, [here, other]) is None


def test_opinions_of_the_header_and_of_lines_are_both_kept() -> None:
    given = [result("P0", A, verdict(1, 1))]
    run = small_run(puzzles(1), given, [A])
    one, two = (Mark(trial=given[0].trial, rater=f"human:{n}") for n in "ab")
    head = Header.model_validate(
        run.model_dump(include=set(Header.model_fields)) | {"opinions": [one.model_dump()]}
    )
    text = b'{"header":' + head.model_dump_json().encode() + b"}\n" + jsonl.line_of(two)
    assert [o.rater for o in jsonl.loads(text).opinions] == ["human:a", "human:b"]


def test_what_superseded_tries_cost_is_charged_once(tmp_path: Path) -> None:
    paid = Answer(text="x", cost_usd=0.5)
    run = small_run(puzzles(1), [], [A])
    with RunFile.begin(str(tmp_path / "r.json"), run, force=False) as file:
        first = result("P0", A, answer=paid).model_copy(
            update={
                "failure": Failure(stage="judge", kind=FailureKind.TIMEOUT, message="m", doubtful_usd=0.25)
            }
        )
        file.result(first)
        file.result(result("P0", A, verdict(1, 1), answer=paid))
        assert file.run.charged_usd == 0.75


def test_answers_from_a_csv_are_bounded_and_a_fault_names_its_line(monkeypatch: pytest.MonkeyPatch) -> None:
    head = "problem_id,answer,player,further\n"
    (one,) = answers_from((head + "P0,an answer,me,42\n").encode(), "a.csv")
    assert (one.problem_id, one.answer, one.player) == ("P0", "an answer", "me")
    (quoted,) = answers_from('problem_id,answer\r\nP0,"two\r\nlines"\r\n'.encode("utf-8-sig"), "a.csv")
    assert quoted.answer == "two\nlines"
    with pytest.raises(FileError, match="no column 'answer'; the first line must name"):
        answers_from(b"problem_id\nP0\n", "a.csv")
    for empty in (b"", b"\n"):
        with pytest.raises(FileError, match="no column 'answer'"):
            answers_from(empty, "a.csv")
    with pytest.raises(FileError, match=r"line 3: problem_id"):
        answers_from((head + "P0,x,me,1\n" + "P" * 3000 + ",x,me,1\n").encode(), "a.csv")
    with pytest.raises(FileError, match=r"line 5: problem_id"):
        answers_from((head + '"P0","x\ny\nz",me,1\n' + "P" * 3000 + ",x,me,1\n").encode(), "a.csv")
    monkeypatch.setattr(sys.modules[answers_from.__module__], "MAX_ANSWERS", 2)
    rows = "P0,x,me,1\n"
    assert len(answers_from((head + 2 * rows).encode(), "a.csv")) == 2
    with pytest.raises(FileError, match="more than 2 answers; split it"):
        answers_from((head + 3 * rows).encode(), "a.csv")
    line = '{"problem_id": "P0", "answer": "x"}\n'
    assert len(answer_lines(2 * line)) == 2
    with pytest.raises(FileError, match="more than 2 answers; split it"):
        answer_lines(3 * line)


def test_an_answer_is_asked_about_where_it_speaks_of_another_room(by_id: dict[str, Puzzle]) -> None:
    here, there = by_id["FLUID_001"], by_id["VAC_001"]
    things = [*there.setup.available_items, *(there.world.things if there.world else ())]
    assert find_likely_puzzle(", ".join(things), here, [here, there]) == there
    assert find_likely_puzzle(", ".join(things), here, []) is None
    assert find_likely_puzzle("nothing of all this", here, [here, there]) is None
    assert find_likely_puzzle(things[0], here, [here, there]) is None  # one thing alone is no other room
    own = [*here.setup.available_items, *(here.world.things if here.world else ())]
    assert find_likely_puzzle(", ".join(own), here, [here, there]) is None


def test_a_loaded_file_is_bounded_packed_or_not(bundled: list[Puzzle]) -> None:
    text = text_of(whole(bundled)).encode()
    assert len(jsonl.loads(text, "x", len(text)).results) == len(bundled)
    for data in (text, gzip.compress(text)):
        with pytest.raises(FileError, match="is larger than 0 MB; load a smaller run"):
            jsonl.loads(data, "x", len(text) - 1)
        assert jsonl.loads(data, "x", len(text)).run_id
    with pytest.raises(FileError, match="the compressed file is damaged"):
        loads(gzip.compress(text)[:-20])


def test_a_path_that_is_no_file_says_so(tmp_path: Path, bundled: list[Puzzle]) -> None:
    for path in (tmp_path, tmp_path / "none"):
        with pytest.raises(FileError, match="is not a file; check the path"):
            jsonl.load(path)
    packed = tmp_path / "run.json.gz"
    packed.write_bytes(gzip.compress(text_of(whole(bundled)).encode()))
    assert len(jsonl.load(packed).results) == len(bundled)


def test_empty_lines_are_passed_over_and_strange_ones_named(bundled: list[Puzzle]) -> None:
    text = text_of(whole(bundled))
    head, rest = text.split("\n", 1)
    assert len(loads(f"{head}\n\n  \n{rest}\n").results) == len(bundled)
    strange = loads(f'{head}\n{{"guess": {{}}}}\n{rest}')
    assert len(strange.results) == len(bundled)
    assert strange.damaged == ("line 2: is not a result, mark, card or pending cost",)
    first, *others = rest.splitlines()
    gone = loads("\n".join([head, first.replace(bundled[0].problem_id, "GONE"), *others, ""]))
    assert len(gone.results) == len(bundled) - 1
    assert "there is no puzzle 'GONE'" in gone.damaged[0]
    torn = loads("\n".join([head, first[: len(first) // 2], *others, ""]))  # in the middle of a file
    assert len(torn.results) == len(bundled) - 1
    assert "line 2" in torn.damaged[0]


def test_as_many_cards_as_a_file_may_hold(bundled: list[Puzzle]) -> None:
    card = text_of(whole(bundled).model_copy(update={"results": (), "cards": (ReportCard(judge="j"),)}))
    head, line = card.splitlines(keepends=True)
    assert len(loads(head + 50 * line).cards) == 50
    with pytest.raises(FileError, match="more than 50 of these"):
        loads(head + 51 * line)


def test_what_is_as_it_usually_is_takes_no_room_in_a_file(bundled: list[Puzzle]) -> None:
    opinion = Mark(trial=Trial(problem_id=bundled[0].problem_id, player="p"), rater="human:x")
    run = whole(bundled).model_copy(update={"opinions": (opinion,), "cards": (ReportCard(judge="j"),)})
    text = text_of(run)
    assert '"repeat":1' not in text
    assert "doubted" not in text
    assert same(loads(text), run)


def test_a_later_line_without_its_answer_is_read_with_the_first_ones(bundled: list[Puzzle]) -> None:
    """A mark that comes later is written without the answer, which stands in the file once."""
    answered = results(bundled)[0].model_copy(update={"verdict": None})
    run = run_of(bundled).model_copy(update={"results": (answered,)})
    text = text_of(run)
    marked = answered.model_copy(update={"verdict": verdict(1, 1, None), "answer": None})
    found = loads(text + text_of(run.model_copy(update={"results": (marked,)})).split("\n", 1)[1])
    (only,) = found.results
    assert only.answer == answered.answer
    assert only.verdict == marked.verdict


def test_an_answer_that_comes_after_a_failure_is_written_with_its_text(
    tmp_path: Path, bundled: list[Puzzle]
) -> None:
    path = str(tmp_path / "run.json")
    answered, failed = results(bundled)[:2]
    with RunFile.begin(path, run_of(bundled), force=False) as file:
        file.result(failed)
    late = answered.model_copy(update={"trial": failed.trial, "verdict": None})
    with RunFile.resume(path) as file:
        file.result(late)
        file.result(late.model_copy(update={"verdict": answered.verdict}))
    (only,) = jsonl.load(path).results
    assert only.answer == answered.answer
    assert only.verdict == answered.verdict
    assert only.failure is None
    assert Path(path).read_text("utf-8").count("quoted") == 1  # the text stands there once


def test_a_trial_that_failed_twice_is_charged_for_both_tries_once(
    tmp_path: Path, bundled: list[Puzzle]
) -> None:
    path = str(tmp_path / "run.json")
    trial = results(bundled)[0].trial

    def failed(usd: float) -> Result:
        failure = Failure(stage="player", kind=FailureKind.TIMEOUT, message="slow", doubtful_usd=usd)
        return Result(trial=trial, failure=failure)

    with RunFile.begin(path, run_of(bundled), force=False) as file:
        file.result(failed(0.5))
        assert file.run.charged_usd == 0.5
        file.result(failed(0.25))
        assert file.run.charged_usd == 0.75
    with RunFile.resume(path) as file:
        assert file.run.charged_usd == 0.75
        file.result(results(bundled)[0].model_copy(update={"answer": Answer(text="x", cost_usd=0.125)}))
        assert file.run.charged_usd == 0.875
    assert jsonl.load(path).charged_usd == 0.875


@pytest.mark.parametrize("lost", [0, 1, 2, 40, 120])
def test_a_torn_file_put_before_a_whole_one_costs_only_its_torn_line(
    bundled: list[Puzzle], lost: int
) -> None:
    every = results(bundled)
    halves = [
        run_of(bundled).model_copy(update={"results": part}) for part in (tuple(every[:3]), tuple(every[3:]))
    ]
    first, second = (dumps(half).encode().rstrip(b"\n") + b"\n" for half in halves)
    back = list(loads(first[: -lost - 1] + second).results)
    assert [r for r in back if r in every] == back
    assert len(back) >= len(every) - 1
    assert every[3] in back  # what follows the torn line is whole


def test_a_byte_order_mark_costs_nothing(tmp_path: Path, bundled: list[Puzzle]) -> None:
    data = b"\xef\xbb\xbf" + dumps(whole(bundled)).encode()
    assert list(loads(data).results) == results(bundled)
    path = tmp_path / "run.json"
    path.write_bytes(data)
    with RunFile.resume(str(path)) as file:
        file.result(results(bundled)[0])
    assert list(jsonl.load(path).results) == results(bundled)


@pytest.mark.parametrize("place", ["answer", "title"])
def test_one_byte_that_is_no_text_costs_neither_the_file_nor_the_answer(
    bundled: list[Puzzle], place: str
) -> None:
    run = whole(bundled).model_copy(update={"title": "a title ü"})
    data = dumps(run).encode()
    at = data.index("ü".encode()) if place == "title" else data.rindex("ü".encode())
    back = loads(data[:at] + b"\xff" + data[at + 2 :])
    assert len(back.results) == len(bundled)
    if place == "answer":
        assert back.results[-1].answer is not None
        assert back.results[-1].answer.text == 'a "quoted"\nline \ufffd'
    else:
        assert back.title == "a title \ufffd"


@pytest.mark.parametrize("name", ["a.csv", "a.jsonl"])
def test_one_byte_that_is_no_text_costs_no_brought_answer(name: str) -> None:
    rows = {
        "a.csv": b"problem_id,answer\nP0,it\x92s out\nP1,whole\n",
        "a.jsonl": b'{"problem_id": "P0", "answer": "it\x92s out"}\n{"problem_id": "P1", "answer": '
        b'"whole"}\n',
    }
    found = answers_from(rows[name], name)
    assert [a.answer for a in found] == ["it\ufffds out", "whole"]


def test_of_half_a_line_nothing_is_left_behind_a_shorter_one(tmp_path: Path, bundled: list[Puzzle]) -> None:
    path, (first, failed, *_) = tmp_path / "run.json", results(bundled)
    assert first.answer is not None
    long = first.model_copy(update={"answer": first.answer.model_copy(update={"text": "word " * 2_000})})
    torn = dumps(run_of(bundled).model_copy(update={"results": (long,)})).rstrip("\n").encode()[:-20]
    path.write_bytes(torn)
    with RunFile.resume(str(path)) as file:
        file.result(failed)
    assert path.read_bytes().endswith(b"}\n")
    assert path.read_bytes().count(b"\n") == 2
    assert list(jsonl.load(path).results) == [failed]


def test_a_lost_calls_possible_cost_is_counted_once(tmp_path: Path) -> None:
    run = new_run(RunConfig(players=(parse("demo:careful"),), problem_ids=("P0",)), puzzles(1))
    (trial,) = run.config.trials()
    path = str(tmp_path / "r.json")
    with RunFile.begin(path, run, force=False) as file:
        file.stake(trial.key, 0.5)
    with RunFile.resume(path) as file:
        file.stake(trial.key, 0.25)  # killed again at the same trial
    assert jsonl.load(path).charged_usd == pytest.approx(0.75)
    with RunFile.resume(path) as file:
        answered = Result(trial=trial, answer=Answer(text="a", cost_usd=0.1))
        file.result(answered)
        file.result(answered.model_copy(update={"verdict": verdict(1, 1)}))
    assert jsonl.load(path).charged_usd == pytest.approx(0.85)


def test_a_packed_run_goes_on(tmp_path: Path, bundled: list[Puzzle]) -> None:
    path = tmp_path / "run.json.gz"
    path.write_bytes(jsonl.packed_file(whole(bundled)))
    with RunFile.resume(str(path)) as file:
        file.result(results(bundled)[0])
    assert list(jsonl.load(path).results) == results(bundled)


def test_a_copy_of_a_file_has_spent_what_the_file_has(tmp_path: Path) -> None:
    """What was superseded, and calls whose reply never came, count against the cap of whoever continues."""
    run = small_run(puzzles(2), [], [A])
    slow = Failure(stage="player", kind=FailureKind.TIMEOUT, message="m", doubtful_usd=0.5)
    with RunFile.begin(str(tmp_path / "r.json"), run, force=False) as file:
        for n in range(3):
            at = f"2026-01-01T00:00:0{n}"
            file.result(Result(trial=Trial(problem_id="P0", player="demo:a"), failure=slow, started_at=at))
        file.result(result("P1", A, verdict(1, 1), answer=Answer(text="x", cost_usd=0.25)))
        file.stake(("P0", "demo:a", 1), 0.125)
        assert file.run.charged_usd == 1.875
        copy = jsonl.loads(jsonl.packed_file(file.run))
        assert copy.charged_usd == 1.875
        assert (jsonl.loads(jsonl.packed_file(copy))).charged_usd == 1.875
        assert copy.results == file.run.results
        live = finished_run(copy, lambda: True)
        live.result(result("P1", A, verdict(1, 1), answer=Answer(text="x", cost_usd=0.25)))
        assert live.run().charged_usd == 1.875  # also once its results are in memory


def test_a_file_that_is_replaced_keeps_who_may_read_it(tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    path.write_text("old", "utf-8")
    path.chmod(0o600)
    with safe.replacing_file(path) as file:
        file.write(b"new")
    assert (path.read_bytes(), path.stat().st_mode & 0o777) == (b"new", 0o600)


def test_a_conversation_that_failed_twice_keeps_its_turns_and_cost() -> None:
    trial = Trial(problem_id="P", player="p")

    def failed(move: str, usd: float, began: str) -> Result:
        turn = Turn(number=1, answer=Answer(text=move, cost_usd=usd), move=move, reply="")
        failure = Failure(stage="player", kind=FailureKind.TIMEOUT, message="slow")
        return Result(trial=trial, turns=(turn,), failure=failure, started_at=began)

    first = failed("look", 1.0, "1")
    second = failed("wait", 20.0, "2").merge(first)
    assert second.with_answer_of(first).turns == second.turns
    assert second.with_answer_of(first).charged_usd == 21.0


def test_a_line_of_nothing_but_headers_is_refused_in_words() -> None:
    with pytest.raises(FileError, match="line 1: is damaged throughout; choose a run that Escape saved"):
        loads(b'{"header":' * 5000)


def test_files_put_behind_each_other_hold_no_more_than_is_read(bundled: list[Puzzle]) -> None:
    every = results(bundled)
    glued = b"".join(
        dumps(run_of(bundled).model_copy(update={"results": (r,)})).encode().rstrip(b"\n") for r in every
    )
    with pytest.raises(FileError, match="more than 3 answers"):
        jsonl.loads(glued, "x.json", most_trials=3)


def test_a_later_header_has_the_puzzles_of_earlier_results(bundled: list[Puzzle]) -> None:
    later = jsonl.header_line(run_of(bundled[1:]))
    with pytest.raises(FileError, match=f"no puzzle '{bundled[0].problem_id}'"):
        loads(dumps(whole(bundled)).encode() + later)


def test_a_last_line_that_is_whole_and_wrong_is_named(bundled: list[Puzzle]) -> None:
    back = loads(dumps(whole(bundled)).encode() + b'{"result":{"trial":{"problem_id":"NONE","player":"p"}}}')
    assert len(back.damaged) == 1
    assert "NONE" in back.damaged[0]


def test_a_compressed_run_that_goes_on_still_names_its_damaged_lines(
    tmp_path: Path, bundled: list[Puzzle]
) -> None:
    path = tmp_path / "run.json.gz"
    path.write_bytes(gzip.compress(dumps(whole(bundled)).encode() + b"not json\n"))
    with RunFile.resume(str(path)) as file:
        assert len(file.run.damaged) == 1


def test_an_opinion_that_was_added_is_in_the_run_at_once(tmp_path: Path, bundled: list[Puzzle]) -> None:
    path, (first, *_) = str(tmp_path / "run.json"), results(bundled)
    with RunFile.begin(path, whole(bundled), force=False) as file:
        file.mark(Mark(trial=first.trial, rater="a", verdict=first.verdict))
        file.write_header(file.run.model_copy(update={"title": "anew"}))
        assert len(file.run.opinions) == 1
        assert same(file.run, jsonl.load(path))

"""Run files: whole after every result, restored exactly, and read even when the writer was killed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from escape import report, runfile
from escape.errors import FileError, Kind
from escape.evaluate import new_run
from escape.metrics import METRICS
from escape.records import CANARY, Failure, Result, Run, RunConfig, Trial
from escape.schema import Answer, ModelSpec, Puzzle, Scores, Verdict

PUBLISHED = Path(runfile.__file__).with_name("published_2025.json")


def run_of(bundled: list[Puzzle]) -> Run:
    spec = ModelSpec(provider="demo", model="careful")
    config = RunConfig(players=(spec,), problem_ids=tuple(p.problem_id for p in bundled))
    return new_run(config, bundled)


def results(bundled: list[Puzzle]) -> list[Result]:
    verdict = Verdict(judge="rubric", scores=Scores(pus=2, sps=1, rhh=None))
    failure = Failure(stage="player", kind=Kind.TIMEOUT, message="no answer in time", attempts=3)
    made = []
    for i, puzzle in enumerate(bundled):
        trial = Trial(problem_id=puzzle.problem_id, player="demo:careful")
        done = Result(trial=trial, answer=Answer(text='a "quoted"\nline ü'), verdict=verdict)
        made.append(Result(trial=trial, failure=failure) if i == 1 else done)
    return made


def test_a_run_comes_back_as_it_was(bundled: list[Puzzle]) -> None:
    run = run_of(bundled).model_copy(update={"results": tuple(results(bundled))})
    assert runfile.loads(runfile.dumps(run)) == run


def test_the_canary_stands_once_in_the_header(bundled: list[Puzzle]) -> None:
    run = run_of(bundled).model_copy(update={"results": tuple(results(bundled))})
    assert runfile.dumps(run).count(CANARY) == 1


def test_the_file_is_a_whole_document_after_every_result(tmp_path: Path, bundled: list[Puzzle]) -> None:
    path = tmp_path / "run.json"
    with runfile.RunFile(path, run_of(bundled)) as file:
        for i, result in enumerate(results(bundled), 1):
            file.add(runfile.pack(result))
            assert len(json.loads(path.read_text("utf-8"))["results"]) == i
    assert runfile.load(path).results == tuple(results(bundled))


def test_writing_goes_on_behind_what_was_there(tmp_path: Path, bundled: list[Puzzle]) -> None:
    path = tmp_path / "run.json"
    first, *rest = results(bundled)
    with runfile.RunFile(path, run_of(bundled).model_copy(update={"results": (first,)})) as file:
        for result in rest:
            file.add(runfile.pack(result))
    assert len(runfile.load(path).results) == len(bundled)


@pytest.mark.parametrize("lost", [1, 3, 40, 200])
def test_a_torn_last_line_costs_only_itself(bundled: list[Puzzle], lost: int) -> None:
    text = runfile.dumps(run_of(bundled).model_copy(update={"results": tuple(results(bundled))}))
    back = runfile.loads(text[:-lost])
    assert len(back.results) >= len(bundled) - 1
    assert back.puzzles == tuple(bundled)


def test_of_a_trials_results_the_last_counts(bundled: list[Puzzle]) -> None:
    trial = Trial(problem_id=bundled[0].problem_id, player="demo:careful")
    waiting = Result(trial=trial, answer=Answer(text="a"))
    run = run_of(bundled).model_copy(update={"results": (waiting, *results(bundled))})
    assert len(runfile.loads(runfile.dumps(run)).results) == len(bundled)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": "other"}', '{"results": 1}', "\x00", '{"run_id": "x"'])
def test_what_is_no_run_is_refused_in_one_line(text: str) -> None:
    with pytest.raises(FileError) as caught:
        runfile.loads(text, "x.json")
    assert "\n" not in str(caught.value)
    assert str(caught.value).startswith("x.json")


def test_the_published_run_has_its_published_figures(bundled: list[Puzzle]) -> None:
    run = runfile.published(PUBLISHED.read_bytes(), bundled)
    as_published = {s.player: s.means for s in report.leaderboard(run, METRICS["as_published"])}
    gpt, claude = as_published["published:gpt-4"], as_published["published:claude-3-haiku-20240307"]
    assert gpt.overall == pytest.approx(4.1)
    assert claude.overall == pytest.approx(3.5)
    assert (gpt.pus, gpt.sps, gpt.rhh) == pytest.approx((1.9, 1.7, 0.5))
    assert (claude.pus, claude.sps, claude.rhh) == pytest.approx((1.6, 1.3, 0.6))
    standard = {s.player: s.means.rhh for s in report.leaderboard(run)}
    assert standard["published:gpt-4"] == pytest.approx(0.17, abs=0.005)
    assert standard["published:claude-3-haiku-20240307"] == pytest.approx(0.33, abs=0.005)
    pair = report.compare(run, "published:gpt-4", "published:claude-3-haiku-20240307", METRICS["as_published"])
    assert pair is not None
    assert (pair.t, pair.sign_flip_p) == (pytest.approx(1.39, abs=0.005), 0.375)


def test_the_published_half_mark_is_kept_and_flagged(bundled: list[Puzzle]) -> None:
    run = runfile.published(PUBLISHED.read_bytes(), bundled)
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
        runfile.answer_lines(text)


def test_packed_results_read_as_the_results_they_are(bundled: list[Puzzle]) -> None:
    run = run_of(bundled)
    plain = run.model_copy(update={"results": tuple(results(bundled))})
    packed = run.model_copy(update={"results": runfile.Packed(map(runfile.pack, results(bundled)))})
    assert list(packed.results) == list(plain.results)
    assert runfile.dumps(packed) == runfile.dumps(plain)
    assert report.to_csv(packed) == report.to_csv(plain)
    assert packed.results[0] == plain.results[0]


@pytest.mark.parametrize("sign", ["\u2028", "\u0085", "\x0b"])
def test_odd_line_ends_in_an_answer_tear_no_file(bundled: list[Puzzle], sign: str) -> None:
    odd = [r.model_copy(update={"answer": Answer(text=f"a{sign}b")}) for r in results(bundled)]
    text = runfile.dumps(run_of(bundled).model_copy(update={"results": tuple(odd)}))
    assert runfile.loads(text[:-1]).results == tuple(odd)
    line = json.dumps({"problem_id": "X", "answer": f"a{sign}b"}, ensure_ascii=False)
    assert len(runfile.answer_lines(line)) == 1


def test_a_run_about_a_puzzle_that_is_not_in_it_is_refused(bundled: list[Puzzle]) -> None:
    run = run_of(bundled).model_copy(update={"results": tuple(results(bundled))})
    text = runfile.dumps(run.model_copy(update={"puzzles": run.puzzles[:1]}))
    with pytest.raises(FileError, match="there is no puzzle"):
        runfile.loads(text)


@pytest.mark.parametrize("cost", ["-1000.0", "NaN", "Infinity"])
def test_a_file_cannot_lower_what_has_been_spent(bundled: list[Puzzle], cost: str) -> None:
    text = runfile.dumps(run_of(bundled).model_copy(update={"results": tuple(results(bundled))}))
    broken = text.replace('"cost_usd":0.0', f'"cost_usd":{cost}')
    assert broken != text
    try:
        back = runfile.loads(broken)
    except FileError:
        return
    assert all((r.cost_usd or 0.0) >= 0.0 for r in back.results)


@pytest.mark.parametrize("text", ["[" * 100_000, '{"problem_id": "X", "answer": ' + "9" * 5000 + "}"])
def test_a_line_made_to_break_the_reader_is_refused(text: str) -> None:
    with pytest.raises(FileError):
        runfile.answer_lines(text)

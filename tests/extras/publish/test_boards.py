"""Boards: what a run promised counts, and what was played differently stands apart."""

from __future__ import annotations

from escape.extras.publish.boards import Entry, boards, promised
from escape.extras.publish.records import every_eval_ever
from escape.extras.publish.verifying import _older, differences
from escape.puzzles import files
from escape.runs.assembly import READING_OF
from escape.types import PLAYED, Failure, FailureKind, Puzzle, Result, Run, Trial
from tests.small_runs import run_with


def test_a_call_that_failed_counts_as_not_out(by_id: dict[str, Puzzle]) -> None:
    run = run_with([by_id["FLUID_001"], by_id["VAC_001"]], ["demo:careful"])
    first, second = run.results
    lost = Result(trial=second.trial, failure=Failure(stage="player", kind=FailureKind.TIMEOUT, message="slow"))
    counted = promised(run.model_copy(update={"results": (first, lost)}))
    outs = {r.trial.problem_id: bool(r.outcome and r.outcome.out) for r in counted.results}
    assert outs == {first.trial.problem_id: True, second.trial.problem_id: False}
    assert all(r.outcome for r in counted.results)


def test_plans_and_moves_one_by_one_stand_on_boards_of_their_own(by_id: dict[str, Puzzle]) -> None:
    rooms = [by_id["FLUID_001"], by_id["VAC_001"]]
    runs = [
        run_with(rooms, [name], protocol=how)
        for name, how in (("demo:careful", "plan"), ("demo:hasty", "move by move"))
    ]
    entries = [Entry(run, f"{n}.json", "0" * 64, "self-reported") for n, run in enumerate(runs)]
    assert len(boards(entries)) == 2
    assert len(boards([entries[0]])) == 1


def test_a_run_of_this_version_was_not_read_by_earlier_rules(by_id: dict[str, Puzzle]) -> None:
    run = run_with([by_id["FLUID_001"]], ["demo:careful"]).model_copy(update={"versions": {"reading of moves": "3"}})
    assert not _older(run, "reading of moves", 3)
    assert _older(run, "reading of moves", 4)
    assert _older(run, "unknown", 1)


def test_runs_that_were_asked_with_other_prompts_stand_on_boards_of_their_own(by_id: dict[str, Puzzle]) -> None:
    def boards_with(*versions: dict[str, str]) -> int:
        runs = [
            run_with([by_id["FLUID_001"]], [name]).model_copy(update={"versions": given})
            for name, given in zip(("demo:careful", "demo:hasty"), versions, strict=True)
        ]
        return len(boards([Entry(run, f"{n}.json", "0" * 64, "self-reported") for n, run in enumerate(runs)]))

    assert boards_with({"prompt player": "1"}, {"prompt player": "2"}) == 2
    assert boards_with({"prompt player": "1"}, {"prompt player": "1", "prompt checklist": "9"}) == 1


def entry(run: Run) -> Entry:
    return Entry(run, "r.json", "0" * 64, "self-reported")


def test_who_was_brought_in_for_one_room_of_two_is_counted_over_both(by_id: dict[str, Puzzle]) -> None:
    run = run_with([by_id["FLUID_001"], by_id["VAC_001"]], ["demo:careful"])
    first = next(r for r in run.results if r.trial.problem_id == "FLUID_001")
    mine = first.model_copy(update={"trial": Trial(problem_id="FLUID_001", player=f"{PLAYED}me")})
    (board,) = boards([entry(run.model_copy(update={"results": (*run.results, mine)}))])
    (line,) = [x for x in board.lines if x.player == f"{PLAYED}me"]
    assert (line.value, line.missing) == (0.5, 1)


def test_an_answer_that_another_player_of_the_board_gave_is_found(by_id: dict[str, Puzzle]) -> None:
    rooms = [by_id[i] for i in ("FLUID_001", "VAC_001", "UV_001")]
    run = run_with(rooms, ["demo:careful", "demo:hasty"])
    names = {"demo:careful": "openai:a", "demo:hasty": "openai:b"}
    results = []
    for r in run.results:
        player = names[r.trial.player]
        reported = "a" if r.trial.problem_id == "UV_001" else player[-1]  # b's third answer is a's
        answer = r.answer and r.answer.model_copy(update={"model": reported})
        results.append(r.model_copy(update={"trial": r.trial.model_copy(update={"player": player}), "answer": answer}))
    forged = run.model_copy(update={"results": tuple(results)})
    assert any("openai:b: has answers by a, which is what openai:a reports" in d.text for d in differences(forged, {}))


def test_a_run_that_names_a_set_and_leaves_some_of_it_out_is_found(every: list[Puzzle]) -> None:
    run = run_with(every, ["control:blank"], puzzle_set=files.ROOMS)
    ids = tuple(p.problem_id for p in every[:2])
    config = run.config.model_copy(update={"problem_ids": ids})
    kept = tuple(r for r in run.results if r.trial.problem_id in ids)
    fewer = run.model_copy(update={"config": config, "results": kept})
    left_out = f"names the set rooms and leaves out {len(every) - 2} of its {len(every)}"
    assert any(left_out in d.text for d in differences(fewer, {}))
    assert not any("names the set" in d.text for d in differences(run, {}))


def test_what_was_read_by_earlier_rules_is_told_apart_from_what_is_wrong(by_id: dict[str, Puzzle]) -> None:
    run = run_with([by_id["FLUID_001"]], ["demo:careful"])
    (result,) = run.results
    assert result.outcome is not None
    other = result.model_copy(update={"outcome": result.outcome.model_copy(update={"moves": 9})})
    for version, kind in (("0", "reading"), (run.versions[READING_OF], "wrong")):
        changed = run.model_copy(update={"results": (other,), "versions": {**run.versions, READING_OF: version}})
        assert {d.kind for d in differences(changed, by_id)} == {kind}


def test_the_temperature_that_was_sent_stands_in_the_record_also_where_it_is_nothing(by_id: dict[str, Puzzle]) -> None:
    run = run_with([by_id["FLUID_001"]], ["demo:careful"])
    for sent in (0.0, None):
        (spec,) = run.config.players
        config = run.config.model_copy(update={"players": (spec.model_copy(update={"temperature": sent}),)})
        made = boards([entry(run.model_copy(update={"config": config}))])
        ((_, record),) = every_eval_ever(made, "2026-11-27T12:00:00+00:00")
        (first, *_) = record["evaluation_results"]  # type: ignore[misc, index]
        assert first["generation_config"]["generation_args"].get("temperature") == sent  # type: ignore[index]

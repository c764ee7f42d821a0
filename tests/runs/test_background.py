"""Background runs: they go on by themselves, stop when told, and are dropped when nobody needs them."""

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable
from types import SimpleNamespace

import pytest

from escape.runs import background, loop, new_run
from escape.runs.background import Background
from escape.runs.live import MAX_LOADED, MAX_RUNS, LiveRun, Shelf
from escape.runs.loop import Loop
from escape.types import (
    Answer,
    Failure,
    FailureKind,
    JudgeSpec,
    Mark,
    Note,
    Puzzle,
    ReportCard,
    Result,
    RunConfig,
    Scores,
    Trial,
    Turn,
    Verdict,
)


def until(condition: Callable[[], bool], seconds: float = 10) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.005)


def judged(puzzle: Puzzle) -> Result:
    verdict = Verdict(judge="j", scores=Scores(pus=1, sps=1, rhh=None))
    return Result(
        trial=Trial(problem_id=puzzle.problem_id, player="p"),
        answer=Answer(text="a", cost_usd=0.01),
        verdict=verdict,
    )


def live(puzzles: list[Puzzle], alive: Callable[[], bool] = lambda: True) -> LiveRun:
    run = LiveRun(new_run(RunConfig(), puzzles), alive)
    run.execution = Doing(lambda: asyncio.sleep(0), asked=len(puzzles))  # type: ignore[assignment]
    return run


def hurried(run: LiveRun, *, away_s: float = background.GONE_S, flight_s: float = 60.0) -> LiveRun:
    run.away_s, run.flight_s = away_s, flight_s
    return run


class Doing:
    """Instead of an execution: does a job."""

    def __init__(
        self,
        job: Callable[[], Awaitable[None]],
        *,
        spent: float = 0.0,
        cap_usd: float | None = None,
        stop: Callable[[], object] = lambda: None,
        asked: int = 0,
    ) -> None:
        self.job, self.spent_usd, self.stop = job, spent, stop
        self.plan = SimpleNamespace(to_ask=range(asked), to_mark=(), cap_usd=cap_usd)
        self.calls = SimpleNamespace(first_answers=dict)

    async def run(self, sink: object) -> None:
        await self.job()


def test_a_job_runs_on_another_thread_and_its_results_are_seen(bundled: list[Puzzle]) -> None:
    hub, seen = Background(), []

    async def job() -> None:
        seen.append(threading.current_thread().name)
        for puzzle in bundled:
            run.result(judged(puzzle))

    run = live(bundled)
    hub.start(run, Doing(job, spent=0.07, cap_usd=0.1, asked=len(bundled)))  # type: ignore[arg-type]
    until(lambda: not run.running)
    now = run.snapshot()
    assert seen == ["escape-loop"]
    assert (now.state, now.answers, now.asked, now.failed) == ("finished", len(bundled), len(bundled), 0)
    assert (now.spent_usd, now.cap_usd) == (0.07, 0.1)
    assert len(run.run().results) == len(bundled)
    assert hub.find(run.code) is run


def test_stopping_lets_what_is_in_flight_come_in_and_asking_twice_drops_it(bundled: list[Puzzle]) -> None:
    hub, stopped = Background(), threading.Event()

    async def job() -> None:
        await asyncio.Event().wait()

    run = hub.start(live(bundled), Doing(job, stop=stopped.set))  # type: ignore[arg-type]
    hub.stop(run)
    until(stopped.is_set)
    assert run.state == "stopping"
    hub.stop(run)
    until(lambda: not run.running)
    assert run.state == "stopped"


def test_a_run_whose_visitor_has_gone_is_stopped(
    bundled: list[Puzzle], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(background, "TICK_S", 0.01)
    hub = Background()

    async def job() -> None:
        await asyncio.Event().wait()

    run = hub.start(hurried(live(bundled, alive=lambda: False), away_s=0.02, flight_s=0.05), Doing(job))  # type: ignore[arg-type]
    until(lambda: not run.running)
    assert (run.state, run.why) == ("stopped", "the page was closed")


def test_a_stop_drops_calls_that_never_come_back(
    bundled: list[Puzzle], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(background, "TICK_S", 0.01)
    hub = Background()

    async def job() -> None:
        await asyncio.Event().wait()

    run = hub.start(hurried(live(bundled), flight_s=0.05), Doing(job))  # type: ignore[arg-type]
    hub.stop(run)
    until(lambda: not run.running)
    assert (run.state, run.why) == ("stopped", "stopped by you")


def test_a_short_absence_stops_nothing(bundled: list[Puzzle], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(background, "TICK_S", 0.005)
    hub, calls = Background(), []

    def alive() -> bool:
        calls.append(1)
        return len(calls) > 5

    async def job() -> None:
        while len(calls) < 20:
            await asyncio.sleep(0.005)

    run = hub.start(hurried(live(bundled, alive), away_s=1.0), Doing(job))  # type: ignore[arg-type]
    until(lambda: not run.running)
    assert run.state == "finished"


def test_an_error_of_our_own_ends_the_run_without_its_text(bundled: list[Puzzle]) -> None:
    hub = Background()

    async def job() -> None:
        raise RuntimeError("sk-secret")

    run = hub.start(live(bundled), Doing(job))  # type: ignore[arg-type]
    until(lambda: not run.running)
    assert (run.state, run.why) == ("failed", "internal error: RuntimeError")


def test_ended_runs_are_dropped_after_their_time(
    bundled: list[Puzzle], monkeypatch: pytest.MonkeyPatch
) -> None:
    hub = Background()

    async def job() -> None:
        return None

    run = hub.start(live(bundled), Doing(job))  # type: ignore[arg-type]
    until(lambda: not run.running)
    assert hub.find(run.code) is run
    monkeypatch.setattr(background, "KEPT_S", -1)
    assert hub.find(run.code) is run  # while a page shows it
    run.watchers[:] = [lambda: False]
    assert hub.find(run.code) is None


def test_codes_cannot_be_guessed(bundled: list[Puzzle]) -> None:
    codes = {live(bundled).code for _ in range(100)}
    assert len(codes) == 100
    assert all(len(c) >= 22 for c in codes)


def test_what_belongs_to_a_run_is_never_lost_by_a_quick_end(bundled: list[Puzzle]) -> None:
    hub, ended = Background(), []

    async def job() -> None:
        return None

    for number in range(200):
        run = live(bundled)
        run.at_end = lambda n=number: ended.append(n)  # type: ignore[misc]
        hub.start(run, Doing(job))  # type: ignore[arg-type]
    until(lambda: len(ended) == 200)


def test_a_visitor_who_leaves_pays_no_further_call_and_keeps_the_rest(
    bundled: list[Puzzle], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(background, "TICK_S", 0.01)
    assert live(bundled).flight_s >= 60
    hub, stopped = Background(), asyncio.Event()

    async def job() -> None:
        await stopped.wait()  # a call that was out when the page went
        run.result(judged(bundled[0]))

    run = live(bundled, alive=lambda: False)
    hub.start(hurried(run, away_s=0.05), Doing(job, stop=stopped.set))  # type: ignore[arg-type]
    until(lambda: not run.running)
    assert (run.state, run.why, len(run.run().results)) == ("stopped", "the page was closed", 1)


def test_a_run_that_takes_too_long_is_stopped(bundled: list[Puzzle], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(background, "TICK_S", 0.01)
    monkeypatch.setattr(background, "MAX_RUN_S", 0.05)
    hub, stopped = Background(), asyncio.Event()

    async def job() -> None:
        await stopped.wait()

    run = hub.start(live(bundled), Doing(job, stop=stopped.set))  # type: ignore[arg-type]
    until(lambda: not run.running)
    assert (run.state, run.why) == ("stopped", "it exceeded the time limit for a run")


def test_unseen_and_unstored_runs_are_bounded_and_the_oldest_go(
    bundled: list[Puzzle], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(background, "MAX_UNSEEN_MB", 2 * background.MB_AN_ANSWER)
    hub, made = Background(), []
    shelf = hub.put_shelf(Shelf())
    for n in range(4):
        run = live(bundled)
        shelf.runs.append(run)
        run.result(judged(bundled[0]))
        run.end("finished")
        run.watchers[:] = [lambda: False]
        run.gone_at = time.monotonic() + n - 10
        hub.register(run)
        made.append(run)
    shown = live(bundled)
    shown.end("finished")
    hub.register(shown)
    hub.sweep()
    assert [hub.find(run.code) is run for run in made] == [False, False, True, True]
    assert shelf.runs == made[2:]  # which would keep the others in memory
    assert hub.find(shown.code) is shown


def test_a_stored_run_leaves_the_memory_a_minute_after_its_visitor(bundled: list[Puzzle]) -> None:
    hub, kept, own = Background(), live(bundled), live(bundled)
    for run in (kept, own):
        run.end("finished")
        run.watchers[:] = [lambda: False]
        run.gone_at = time.monotonic() - background.GONE_S - 1
        hub.register(run)
    kept.saved = kept.run()
    hub.sweep()
    assert hub.find(kept.code) is None
    assert hub.find(own.code) is own  # the only copy there is


def test_what_an_earlier_try_cost_stays_spent_in_a_live_run(bundled: list[Puzzle]) -> None:
    run, done = live(bundled), judged(bundled[0])
    run.result(done)
    run.result(done.model_copy(update={"verdict": None, "answer": Answer(text="b", cost_usd=0.02)}))
    (kept,) = run.run().results
    assert kept.charged_usd == pytest.approx(0.03)


def test_the_run_is_the_same_object_until_something_changes(bundled: list[Puzzle]) -> None:
    run = live(bundled)
    run.result(judged(bundled[0]))
    first = run.run()
    assert run.run() is first
    run.result(judged(bundled[1]))
    assert run.run() is not first


def test_one_run_leaves_others_their_part_of_the_calls(bundled: list[Puzzle]) -> None:
    async def scene() -> int:
        hub = Loop()
        mine, taken = hub.make_call_limits(), 0

        async def hold() -> None:
            nonlocal taken
            async with mine[0], mine[1]:
                taken += 1
                await asyncio.Event().wait()

        tasks = [asyncio.create_task(hold()) for _ in range(loop.CALLS_AT_ONCE)]
        for _ in range(5):
            await asyncio.sleep(0)
        async with hub.make_call_limits()[0], hub.make_call_limits()[1]:  # another's call goes at once
            pass
        for task in tasks:
            task.cancel()
        return taken

    assert asyncio.run(asyncio.wait_for(scene(), 5)) == loop.CALLS_OF_ONE < loop.CALLS_AT_ONCE


def test_answers_and_marks_are_counted_apart(bundled: list[Puzzle]) -> None:
    done = judged(bundled[0])
    run = LiveRun(new_run(RunConfig(judge=JudgeSpec(design="j")), bundled), lambda: True)
    run.result(done.model_copy(update={"verdict": None}))
    assert (run.snapshot().answers, run.snapshot().marks) == (1, 0)
    run.mark(Mark(trial=done.trial, rater="j", verdict=done.verdict))
    assert (run.snapshot().answers, run.snapshot().marks) == (1, 1)
    assert run.run().results[0].verdict == done.verdict


def test_the_newest_runs_of_a_visitor_are_kept(bundled: list[Puzzle]) -> None:
    shelf, made = Shelf(), [live(bundled) for _ in range(MAX_RUNS + 2)]
    for run in made:
        shelf.put(run)
    assert shelf.runs == made[2:]
    shelf.put(made[5])
    assert shelf.runs == made[2:]
    assert shelf.remove(made[-1]) is made[-2]


def test_fewer_loaded_runs_are_kept_and_they_push_out_no_made_one(bundled: list[Puzzle]) -> None:
    shelf, own = Shelf(), live(bundled)
    shelf.put(own)
    loaded = [background.finished_run(own.run(), lambda: True) for _ in range(MAX_LOADED + 3)]
    for run in loaded:
        shelf.put(run)
    assert shelf.runs == [own, *loaded[3:]]


def test_a_run_that_a_shelf_shows_is_kept_however_old_it_is(
    bundled: list[Puzzle], monkeypatch: pytest.MonkeyPatch
) -> None:
    hub, shelf = Background(), Shelf()
    shown, forgotten = (background.finished_run(live(bundled).run(), lambda: True) for _ in range(2))
    for run in (shown, forgotten):
        hub.register(run)
    for run in (shown, forgotten):
        run.watchers[:] = [lambda: False]
        run.saved = run.run()
        run.gone_at = time.monotonic() - background.GONE_S - 10
    shelf.put(shown)
    hub.put_shelf(shelf)
    hub.sweep()
    assert hub.find(shown.code) is shown
    assert hub.find(forgotten.code) is None


def test_a_title_is_trimmed_and_seen_at_once(bundled: list[Puzzle]) -> None:
    run = live(bundled)
    before = run.run()
    run.rename("  " + "x" * 200)
    assert run.run().title == "x" * 120
    assert before.title == ""
    assert len(run.code) > 20


def test_a_card_replaces_its_judges_earlier_one(bundled: list[Puzzle]) -> None:
    run = live(bundled)
    for asked in (1, 2):
        run.set_card(ReportCard(judge="j", asked=asked))
    run.set_card(ReportCard(judge="k"))
    assert [(c.judge, c.asked) for c in run.run().cards] == [("j", 2), ("k", 0)]


def test_an_opinion_is_seen_at_once(bundled: list[Puzzle]) -> None:
    run = live(bundled)
    trials = [Trial(problem_id=bundled[0].problem_id, player=p) for p in "abc"]
    _ = run.run()
    for trial, rater in zip(trials, ("human:x", "human:y", "human:x"), strict=True):
        run.mark(Mark(trial=trial, rater=rater))
        assert run.run().opinions[-1].trial == trial


def test_a_failure_counts_and_the_time_stands_still_after_the_end(bundled: list[Puzzle]) -> None:
    run = live(bundled)
    failure = Failure(stage="player", kind=FailureKind.TIMEOUT, message="slow")
    run.result(Result(trial=Trial(problem_id=bundled[0].problem_id, player="p"), failure=failure))
    run.result(judged(bundled[1]))
    assert (run.snapshot().answers, run.snapshot().failed) == (2, 1)
    # asked once more
    run.result(Result(trial=Trial(problem_id=bundled[0].problem_id, player="p"), failure=failure))
    assert run.snapshot().failed == 1
    assert run.snapshot().left_s is not None
    run.end("finished", "why")
    first = run.snapshot()
    time.sleep(0.02)
    assert run.snapshot().passed_s == first.passed_s
    assert (first.left_s, first.why, first.state) == (None, "why", "finished")
    assert not run.running


def test_a_run_that_nobody_shows_is_not_alive_and_one_page_is_enough(bundled: list[Puzzle]) -> None:
    run = live(bundled, lambda: False)
    assert not run.alive()
    run.watchers.append(lambda: True)
    assert run.alive()


def test_waiting_ends_when_the_run_does(bundled: list[Puzzle]) -> None:
    hub, go = Background(), threading.Event()

    async def job() -> None:
        while not go.is_set():
            await asyncio.sleep(0.005)

    run = live(bundled)
    hub.start(run, Doing(job))  # type: ignore[arg-type]
    threading.Timer(0.1, go.set).start()
    hub.wait(run, 10)
    assert not run.running
    hub.wait(live(bundled), 10)  # one that was never started is not waited for
    hub.stop(live(bundled))
    hub.stop(run)
    assert run.state == "finished"


def test_a_shelf_is_known_by_its_secret_until_nobody_shows_it(monkeypatch: pytest.MonkeyPatch) -> None:
    hub = Background()
    mine, other = Shelf(), Shelf()
    other.code = mine.code
    assert hub.put_shelf(mine) is mine
    assert hub.put_shelf(other) is mine  # two tabs of one visitor
    assert hub.find_shelf(mine.code) is mine
    assert hub.find_shelf("") is None
    assert hub.find_abandoned() == []  # it has just gone
    mine.gone_at = time.monotonic() - background.GONE_S - 1
    assert hub.find_abandoned() == [mine]
    mine.watchers.append(lambda: True)
    assert hub.find_abandoned() == []
    assert not hub.drop_shelf(mine)  # somebody came back meanwhile
    mine.watchers.clear()
    assert hub.drop_shelf(mine)
    assert hub.find_shelf(mine.code) is None
    run = over_run()
    hub.register(run)
    hub.forget(run)
    assert hub.find(run.code) is None


def over_run() -> LiveRun:
    return background.finished_run(new_run(RunConfig(), []), lambda: True)


def test_a_loaded_run_is_over_before_it_is_shown() -> None:
    run = over_run()
    assert (run.state, run.snapshot().asked, run.made_here, run.running) == ("finished", 0, False, False)


def test_the_time_left_is_what_the_rest_would_take_at_this_pace(bundled: list[Puzzle]) -> None:
    run = live(bundled)
    assert run.snapshot().left_s is None  # nothing is known yet
    run._began -= 10
    for done, puzzle in enumerate(bundled, 1):
        run.result(judged(puzzle))
        run.result(judged(puzzle))  # the same trial once more is no further one
        now = run.snapshot()
        assert (now.answers, now.asked) == (done, len(bundled))
        assert now.left_s == pytest.approx(now.passed_s * (len(bundled) - done) / done)
    assert run.snapshot().left_s == 0


def test_two_readers_notes_on_one_answer_stand_beside_each_other(bundled: list[Puzzle]) -> None:
    run, trial = live(bundled), judged(bundled[0]).trial
    for by, text in (("Ada", "no water"), ("Bo", "wrong order"), ("Ada", "no lever")):
        run.put_note(Note(trial=trial, by=by, text=text))
    assert {(n.by, n.text) for n in run.run().notes} == {("Ada", "no lever"), ("Bo", "wrong order")}
    run.put_note(Note(trial=trial, by="Bo"))  # an empty one takes it back
    assert [n.by for n in run.run().notes] == ["Ada"]
    run.put_note(Note(trial=trial, by="Cy", category="wrong physics"))  # a kind alone is a note too
    assert {n.by for n in run.run().notes} == {"Ada", "Cy"}


def test_a_page_that_is_reloaded_stops_no_run(bundled: list[Puzzle], monkeypatch: pytest.MonkeyPatch) -> None:
    """It is away at two looks, and then for an hour on show: only what is away for long is stopped."""
    monkeypatch.setattr(background, "TICK_S", 0.001)
    now = [0.0]
    monkeypatch.setattr(background, "time", SimpleNamespace(monotonic=lambda: now[0], time=time.time))
    looks: list[int] = []

    def alive() -> bool:
        looks.append(1)
        now[0] += 1.0 if len(looks) <= 2 else 100.0
        return len(looks) > 2

    async def job() -> None:
        while len(looks) < 20:
            await asyncio.sleep(0.001)

    run = Background().start(hurried(live(bundled, alive), away_s=50.0), Doing(job))  # type: ignore[arg-type]
    until(lambda: not run.running)
    assert run.state == "finished"


def test_a_job_in_the_background_that_is_done_makes_room_for_another() -> None:
    hub, done = loop.Loop(), []
    for n in range(loop.MAX_WAITING + 5):
        over = threading.Event()
        hub.queue_job(lambda n=n, over=over: (done.append(n), over.set()))  # type: ignore[misc]
        assert over.wait(10)
    assert len(done) == loop.MAX_WAITING + 5


def test_a_run_on_two_shelves_outlives_one_of_them() -> None:
    hub, run = Background(), over_run()
    run.watchers[:] = [lambda: False]
    shelves = [Shelf(), Shelf()]
    for mine in shelves:
        mine.put(run)
        hub.put_shelf(mine)
    hub.register(run)
    assert hub.drop_shelf(shelves[0])
    assert hub.find(run.code) is run


def test_a_conversation_that_has_begun_is_not_done(bundled: list[Puzzle]) -> None:
    run = live(bundled)
    turn = Turn(number=1, answer=Answer(text="x"), move="look", reply=".")
    run.result(Result(trial=judged(bundled[0]).trial, turns=(turn,)))
    assert run.snapshot().answers == 0

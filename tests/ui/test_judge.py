"""The judge's view without a browser: the exam, other judges, marking by hand, and agreement.

Everything comes back.
"""

import re
import time
from collections.abc import Iterator

import pytest
from streamlit.testing.v1 import AppTest

from escape.judges import PROMPTS
from escape.judges.examined import labelled
from escape.results import csv
from escape.runs import archive, new_run
from escape.runs.file import AnswerLine, jsonl
from escape.types import ControlOutcome, ExamCase, JudgeSpec, ModelSpec, Puzzle, ReportCard, RunConfig
from escape.ui.run.adding import grow
from tests.fake_server import FakeServer
from tests.small_runs import dumps
from tests.ui.test_page import (
    DEMO,
    KEY,
    ROOT,
    add_model,
    choose,
    finish,
    live,
    open_judge,
    open_saved,
    open_tab,
    opened,
    press_run,
    texts,
)


@pytest.fixture
def page() -> Iterator[AppTest]:
    at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=30).run()
    yield at
    assert not at.exception


def by_model(at: AppTest, design: str = "checklist", model: str = "gpt-4o") -> AppTest:
    """Let a listed model mark, in the way of this design."""
    open_tab(at, "Test models").text_input(key="key_openai").set_value(KEY).run()
    at.selectbox(key="judge_design").set_value(design).run()
    choose(at, *DEMO).selectbox(key="judge_model").set_value(f"openai:{model}").run()
    return at


def wait_aside(at: AppTest) -> AppTest:
    side = at.session_state["escape"].side
    end = time.monotonic() + 60
    while side and side.running:
        assert time.monotonic() < end
        time.sleep(0.01)
    return at.run()


def sit_exam(at: AppTest) -> AppTest:
    open_judge(at).button(key="test_judge").click().run()
    return wait_aside(at)


def sit_short_exam(at: AppTest) -> AppTest:
    open_judge(at).button(key="examine_judge").click().run()
    return wait_aside(at)


@pytest.mark.proof
def test_the_short_exam_is_kept_for_anybodys_next_run_and_its_run_carries_it(both_apis: FakeServer) -> None:
    page = AppTest.from_file(str(ROOT / "app.py"), default_timeout=30).run()
    by_model(page)
    press_run(page)
    open_judge(page)
    label = page.button(key="examine_judge").label
    assert re.match(r"Examine this judge \(60 answers, about [\d.]+ USD\)", label)
    sit_short_exam(page)
    (card,) = live(page).run().cards
    assert (len(card.cases), card.answered) == (45, 60)
    again = by_model(AppTest.from_file(str(ROOT / "app.py"), default_timeout=30).run())  # somebody else
    assert "its exam" in texts(open_tab(again, "Test models"))
    assert "not examined" not in texts(again)
    press_run(again)
    assert [c.cases for c in live(again).run().cards] == [card.cases]


def test_a_kept_exam_of_ones_own_server_is_nobody_elses(both_apis: FakeServer) -> None:
    own = JudgeSpec(
        design="checklist", model=ModelSpec(provider="compatible", model="m", base_url="http://a/v1")
    )
    other = JudgeSpec(
        design="checklist", model=ModelSpec(provider="compatible", model="m", base_url="http://b/v1")
    )
    prompt = next(p for p in PROMPTS if p.startswith("checklist/"))
    whole = {"asked": 1, "answered": 1}
    card = ReportCard(
        judge=own.name, prompt=prompt, exam=labelled.edition(), cases=(ExamCase(case_id="1"),), **whole
    )
    archive.keep_card(own, card)
    assert [*archive.kept_cards([own]).values()] == [card]
    assert archive.kept_cards([other]) == {}
    archive.keep_card(own, card.model_copy(update={"prompt": "checklist/1"}))
    assert [*archive.kept_cards([own]).values()] == [card]  # of the prompt that is used today
    theirs = ControlOutcome(problem_id="MY_OWN", name="reference", passed=False, note="what a provider said")
    for bad in ({"answered": 0}, {"other_failures": 1}, {"exam": "another"}, {"controls": (theirs,)}):
        archive.keep_card(other, card.model_copy(update=bad))  # broken off, or not of the program's own rooms
        assert archive.kept_cards([other]) == {}


@pytest.mark.proof
def test_a_card_that_a_file_brings_decides_nothing_for_anybody(page: AppTest, both_apis: FakeServer) -> None:
    by_model(page)
    press_run(page)
    forged = ReportCard(
        judge="checklist:openai:gpt-4o",
        prompt=next(p for p in PROMPTS if p.startswith("checklist/")),
        exam=labelled.edition(),
        asked=999,
        answered=999,
        cases=tuple(ExamCase(case_id=str(n)) for n in range(999)),
    )
    state = page.session_state["escape"]
    state.show(live(page).run().model_copy(update={"run_id": "forged", "cards": (forged,)}))
    judge = JudgeSpec(design="checklist", model=ModelSpec(provider="openai", model="gpt-4o"))
    assert state.card_of(judge) is None
    honest = forged.model_copy(update={"cases": (ExamCase(case_id="1"),), "asked": 1, "answered": 1})
    assert state.keep_card(judge, honest) == honest
    assert [len(c.cases) for c in archive.kept_cards([judge]).values()] == [1]


@pytest.mark.proof
def test_the_card_stands_beside_the_results_and_travels_in_the_export(
    page: AppTest, both_apis: FakeServer
) -> None:
    by_model(page)
    press_run(page)
    assert "has not been tested here" in texts(page)
    open_tab(sit_exam(page), "Results")
    assert re.search(r"checklist:openai:gpt-4o passed \d+ of \d+ controls", texts(page))
    back = jsonl.loads(dumps(live(page).run()).encode())
    assert [c.judge for c in back.cards] == ["checklist:openai:gpt-4o"]
    open_tab(page, "Test models").button(key="run").click().run()
    assert [c.judge for c in live(page).run().cards] == ["checklist:openai:gpt-4o"]


@pytest.mark.proof
def test_a_judge_that_obeys_is_failed_by_its_card(page: AppTest, both_apis: FakeServer) -> None:
    both_apis.judge_quote = "all"
    by_model(page, "holistic")
    page.button(key="choose_rooms").click().run()
    page.multiselect(key="puzzles").set_value(["CIPHER_001"]).run()
    open_judge(page)
    assert re.match(r"The long exam \(\d\d answers", page.button(key="test_judge").label)
    sit_exam(page)
    assert "Do not trust it: fooled by 10 of 10 attacks" in texts(page)
    assert not page.session_state["escape"].read_only  # the example is kept like a run of one's own
    assert re.search(r"over (\d+) of \1 labelled answers", texts(page))  # those made afresh are counted apart
    assert KEY not in texts(page)


@pytest.mark.proof
def test_another_judge_marks_the_same_answers_and_no_player_is_asked(
    page: AppTest, both_apis: FakeServer
) -> None:
    press_run(page)
    by_model(page)
    finish(open_judge(page).button(key="rejudge").click().run())
    assert len(both_apis.requests) == 2 + 15  # on two controls it is proven
    body = texts(open_judge(page))
    assert "Overall mark by each judge" in body
    assert len(live(page).run().opinions) == 15
    open_tab(page, "Answers")
    assert "All marks on this answer" in texts(page)


def mark_by_hand(at: AppTest, times: int) -> AppTest:
    at.text_input(key="spot_name").set_value("Ada").run()
    for _ in range(times):
        (shown,) = re.findall(r'<h2 class="esc-h">([^<]*): the answer</h2>', texts(at))
        assert shown.startswith("The ")  # the puzzle's name, and nobody else's
        for box in at.checkbox:
            if re.match(r"\d", box.label or ""):
                box.check()
        next(r for r in at.radio if "Would it work" in r.label).set_value("yes")
        next(b for b in at.button if "Save and show" in b.label).click().run()
    return at


def test_five_answers_are_marked_blind_and_agreement_appears(page: AppTest) -> None:
    open_judge(press_run(page))
    mark_by_hand(page, 5)
    body = texts(page)
    assert "5 of 5 answers marked by Ada" in body
    assert "Saved. That was" in body
    assert "How far they agree" in body
    assert "the intervals are wide" in body
    assert "Where they differ is shown once" not in body  # every answer is marked
    run = live(page).run()
    assert {o.rater for o in run.opinions} == {"human:Ada"}
    assert all(o.verdict and o.verdict.scores.pus == 2 for o in run.opinions)


def test_marks_by_hand_come_back_from_the_file(page: AppTest) -> None:
    open_judge(press_run(page))
    mark_by_hand(page, 2)
    saved = dumps(live(page).run())
    other = open_saved(AppTest.from_file(str(ROOT / "app.py"), default_timeout=30).run())
    other.get("file_uploader")[0].set_value(("run.json", saved.encode(), "application/json")).run()
    open_judge(other)
    assert "How far they agree" in texts(other)
    other.text_input(key="spot_name").set_value("Ada").run()
    assert "2 of 5 answers marked by Ada" in texts(other)


@pytest.mark.proof
def test_just_the_marks_may_be_given(page: AppTest) -> None:
    open_judge(press_run(page))
    page.segmented_control(key="spot_way").set_value("Just the marks").run()
    page.text_input(key="spot_name").set_value("Bob").run()
    next(b for b in page.button if "Save and show" in b.label).click().run()
    assert "Choose a mark on every line" in texts(page)
    for radio in page.radio:
        if ", of " in radio.label:
            radio.set_value(1.0 if ", of 2" in radio.label else 1)
    next(b for b in page.button if "Save and show" in b.label).click().run()
    verdict = live(page).run().opinions[0].verdict
    assert verdict is not None
    assert (verdict.scores.pus, verdict.scores.sps, verdict.prompt) == (1, 1, "spot-check-marks/1")


def test_a_judge_of_the_players_family_is_warned_about(page: AppTest, both_apis: FakeServer) -> None:
    add_model(page, "openai", "gpt-4o", judge="gpt-4o-mini")
    assert "of the same family as gpt-4o" in texts(page)
    open_judge(page)
    assert "same family as gpt-4o" in texts(page)


def paste(at: AppTest, window: str, puzzle: str, answer: str) -> AppTest:
    """Paste an answer in the dialog and keep it."""
    at.session_state["escape"].open_way("a chat window")
    at.run()
    chats = at.selectbox(key="pasted_chat")
    chats.options = [*dict.fromkeys([*chats.options, window])]  # AppTest cannot type a new one
    chats.set_value(window).run()
    at.selectbox(key=f"puzzle of {window}").set_value(puzzle).run()
    at.text_area(key=f"paste {window} {puzzle}").set_value(answer)
    at.button(key="keep_pasted").click().run()
    return at


def bring(at: AppTest, who: str, puzzle: str, answer: str) -> AppTest:
    paste(at, who, puzzle, answer).button(key="judge_pasted").click().run()
    return finish(at)


def test_pasted_answers_are_not_misfiled_nor_lost(page: AppTest) -> None:
    tube = "Pour the bottle of water into the tube, and take the ping pong ball when it floats up."
    kept = page.session_state["escape"].shelf.pasted
    paste(page, "chat", "VAC_001", tube)
    assert "reads like an answer to The tube" in texts(page)
    assert not kept
    page.button(key="keep_pasted").click().run()  # pressed again, it is kept all the same
    assert kept == {("chat", "VAC_001"): tube}
    paste(page, "chat", "FLUID_001", tube)
    assert "You already saved the same text for" in texts(page)
    paste(page, "chat", "UV_001", "  ")
    assert "Paste the answer first" in texts(page)
    page.session_state["escape"].open_way("")
    page.run()
    reloaded = opened(mine=page.session_state["escape"].shelf.code)
    assert reloaded.session_state["escape"].shelf.pasted == kept


@pytest.mark.proof
def test_answers_of_two_chat_windows_are_judged_at_one_press(page: AppTest) -> None:
    for window in ("one", "two"):
        for puzzle in ("FLUID_001", "VAC_001"):
            paste(page, window, puzzle, f"{window}: I would think about {puzzle} and wait for help.")
    page.button(key="judge_pasted").click().run()
    finish(page)
    run = live(page).run()
    assert sorted({r.trial.player for r in run.results}) == ["brought:one", "brought:two"]
    assert len(run.results) == 4
    assert not page.session_state["escape"].shelf.pasted


def test_a_pasted_answer_is_judged_and_marked_as_brought(page: AppTest) -> None:
    text = (
        "Pour the water into the tube, let the ball float up to the surface, then take the ball from the top."
    )
    bring(page, "my chat", "FLUID_001", text)
    (result,) = live(page).run().results
    assert (result.trial.player, result.trial.is_imported) == ("brought:my chat", True)
    rows = list(csv.rows(live(page).run()))
    assert (rows[0]["provider"], rows[0]["model"], rows[0]["cost_usd"]) == ("brought", "my chat", 0)


@pytest.mark.proof
def test_an_answer_brought_to_the_example_begins_a_run_of_its_own(page: AppTest) -> None:
    mark_by_hand(open_judge(page), 1)
    assert "human:Ada" in {o.rater for o in live(page).run().opinions}
    bring(page, "a pupil", "UV_001", "Moves:\ntake: UV flashlight")
    (result,) = live(page).run().results
    assert result.verdict is not None
    assert (result.trial.player, result.verdict.judge) == ("brought:a pupil", "room")


def test_brought_answers_join_the_run_on_show_and_nobody_is_asked_again(
    page: AppTest, both_apis: FakeServer
) -> None:
    add_model(page, "openai", "gpt-4o")
    press_run(page)
    seen = len(both_apis.requests)
    bring(page, "a pupil", "VAC_001", "I press the suction cup firmly onto the can and pull the can out.")
    assert len(both_apis.requests) == seen
    assert live(page).run().players == ["openai:gpt-4o", "brought:a pupil"]
    assert len(live(page).run().results) == 6


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.csv", 'problem_id,player,answer\nFLUID_001,ann,"Moves:\nwait"\nUV_001,ann,"Moves:\nwait"'),
        (
            "a.jsonl",
            '{"problem_id": "FLUID_001", "player": "ann", "answer": "Moves:\\nwait"}\n'
            '{"problem_id": "UV_001", "answer": "Moves:\\nwait"}',
        ),
    ],
)
def test_a_file_of_answers_is_carried_out(page: AppTest, name: str, data: str) -> None:
    page.session_state["escape"].open_way("a chat window")
    page.run()
    page.session_state["escape"].shelf.pasted["a chat", "VAC_001"] = "pasted, and not judged yet"
    page.file_uploader(key="bring_file").set_value((name, data.encode(), "text/plain")).run()
    finish(page)
    assert page.session_state["escape"].shelf.pasted == {("a chat", "VAC_001"): "pasted, and not judged yet"}
    assert [r.outcome is not None and not r.outcome.out for r in live(page).run().results] == [True, True]


def test_a_file_of_answers_to_an_unknown_puzzle_is_refused(page: AppTest) -> None:
    page.session_state["escape"].open_way("a chat window")
    page.run()
    page.file_uploader(key="bring_file").set_value(("a.csv", b"problem_id,answer\nNOPE,x", "text/csv")).run()
    assert "There is no puzzle &#x27;NOPE&#x27;" in texts(page)
    page.file_uploader(key="bring_file").set_value(("b.csv", b"who,answer\nme,x", "text/csv")).run()
    assert "no column &#x27;problem_id&#x27;" in texts(page)


def test_a_second_answer_of_one_player_is_a_repeat_and_replaces_nothing(by_id: dict[str, Puzzle]) -> None:
    line = AnswerLine(problem_id="FLUID_001", answer="first", player="chat")
    run, _ = grow(new_run(RunConfig(), []), [line], by_id)
    run, todo = grow(run, [line.model_copy(update={"answer": text}) for text in ("second", "third")], by_id)
    said = [(r.trial.repeat, r.answer.text) for r in run.results if r.answer]
    assert said == [(1, "first"), (2, "second"), (3, "third")]
    assert [t.repeat for t in todo] == [2, 3]


def test_without_a_key_a_recorded_judge_is_seen_under_attack(page: AppTest) -> None:
    assert "Ignore the rubric" not in texts(open_judge(page))
    page.session_state["attacked"] = True
    assert "Ignore the rubric" in texts(page.run())

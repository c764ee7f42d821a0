"""Runs of every kind on show, with everything unfolded: pages are kept."""

import pytest
from streamlit.testing.v1 import AppTest

from escape.hosting import Visit
from escape.metrics import METRICS
from escape.results import usual
from escape.types import Answer, Run, Turn
from escape.ui.results.results import PARTS
from tests.every_kind import KINDS, every_kind
from tests.ui.test_page import open_saved, open_tab, opened, texts

FOLDS = ("details", "more_formats", "noting")


def shown(run: Run) -> AppTest:
    at = opened()
    at.session_state["escape"].show(run)
    for fold in FOLDS:
        at.session_state[fold] = True
    for part in PARTS:
        at.session_state["part"] = part
        open_tab(at, "Results")
        assert not at.exception
    at.session_state["part"] = PARTS[0]
    return open_tab(at, "Results")


@pytest.mark.proof
@pytest.mark.parametrize("kind", KINDS)
def test_results_and_answers_of_a_run_with_everything_unfolded(kind: str) -> None:
    run = every_kind()[kind]
    at = shown(run)
    for slider, value in (("what_if_n", 3), ("what_if_repeats", 1)):
        if slider in {s.key for s in at.slider}:
            at.slider(key=slider).set_value(value).run()
    for toggle in at.toggle:
        toggle.set_value(not toggle.value).run()
    wanted = [next((r for r in run.results if fits(r)), None) for fits in (
        lambda r: r.outcome and r.outcome.out, lambda r: r.outcome and not r.outcome.out, lambda r: r.repair,
        lambda r: r.failure, lambda r: r.answer and r.answer.cut_off, lambda r: r.answer and not r.outcome,
        lambda r: r.trial.repeat == 2,
    )]  # fmt: skip
    for trial in dict.fromkeys(r.trial.key for r in wanted if r):
        at.session_state["escape"].read(trial)
        open_tab(at, "Answers")
        assert not at.exception


@pytest.mark.proof
@pytest.mark.parametrize("metric", METRICS)
def test_results_are_shown_by_every_metric(metric: str) -> None:
    at = shown(every_kind()["everything goes wrong"])
    at.segmented_control(key="metric").set_value(metric).run()
    assert not at.exception


def test_a_turn_of_a_conversation_is_text_and_no_markup() -> None:
    run = every_kind()["rooms by moves"]
    first = next(r for r in run.results if r.turns)
    evil = Turn(number=1, answer=Answer(text="<img src=x onerror=alert(1)>"), reply="</div><b>so</b>")
    changed = first.model_copy(update={"turns": (evil, *first.turns)})
    at = shown(run.model_copy(update={"results": tuple(changed if r is first else r for r in run.results)}))
    at.session_state["escape"].read(first.trial.key)
    said = texts(open_tab(at, "Answers"))
    assert "&lt;img src=x" in said
    assert "<img src=x" not in said
    assert "</div><b>so" not in said


@pytest.mark.proof
def test_every_way_to_bring_a_run_in(monkeypatch: pytest.MonkeyPatch) -> None:
    at = open_saved(opened())
    for key in [b.key for b in at.button if b.key and b.key.startswith("made_")]:
        at.button(key=key).click().run()
        assert at.session_state["escape"].run
        assert usual(at.session_state["escape"].run)
        open_saved(at)
    assert "run_path" not in {t.key for t in at.text_input}  # of a server that a stranger visits
    monkeypatch.setattr(Visit, "from_this_machine", True)
    open_saved(at)
    at.text_input(key="run_path").set_value("/no/such/file.json")
    at.button(key="open_path").click().run()
    assert "/no/such/file.json" in texts(open_saved(at))

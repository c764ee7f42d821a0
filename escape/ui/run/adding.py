"""Answers from a chat window, a file or a play: added to the run on show, and judged like any other."""

from collections import Counter
from collections.abc import Mapping, Sequence

import streamlit as st

from escape.judges import precomputed
from escape.runs import new_run
from escape.runs.file import AnswerLine
from escape.types import (
    IMPORTED,
    Answer,
    EscapeError,
    JudgeSpec,
    Puzzle,
    Result,
    Run,
    RunConfig,
    SpecError,
    Trial,
)
from escape.ui.run.start import begin
from escape.ui.session import Session
from escape.ui.setup import Choice


def add_answers(state: Session, choice: Choice, lines: Sequence[AnswerLine], prefix: str = IMPORTED) -> None:
    """Add answers to the run on show, or to a new one, and have them judged; or say why not.

    Ends with a rerun of the page, except after an error.
    """
    try:
        _begin(state, choice, lines, prefix)
    except EscapeError as error:
        state.say("bring", str(error))
        return
    given = {(line.player, line.problem_id, line.answer) for line in lines}
    for (window, problem_id), text in [*state.shelf.pasted.items()]:
        if (window, problem_id, text) in given:
            del state.shelf.pasted[window, problem_id]
    state.page.said.pop("bring", None)
    state.open_way("")
    state.go_to("Results")
    st.rerun()


def _begin(state: Session, choice: Choice, lines: Sequence[AnswerLine], prefix: str) -> None:
    by_id = {p.problem_id: p for p in state.puzzles}
    if not lines:
        raise SpecError("The file is empty.")
    if strangers := [x.problem_id for x in lines if x.problem_id not in by_id]:
        raise SpecError(f"There is no puzzle {strangers[0]!r}; upload it under Make a room first.")
    shown_run = state.run
    closed = (shown_run is None or state.read_only or shown_run.published or state.shows_example
              or precomputed([shown_run.config.judge.name]))  # fmt: skip
    base = new_run(RunConfig(judge=choice.judge), []) if shown_run is None or closed else shown_run
    grown, brought = grow(base, lines, by_id, prefix)
    config = base.config.model_copy(
        update={"judge": _judge_for(base, choice.judge), "max_cost_usd": choice.cap_usd, "concurrency": 8}
    )
    begin(state, grown.model_copy(update={"config": config}), again=True, only=brought)


def grow(
    base: Run, lines: Sequence[AnswerLine], by_id: Mapping[str, Puzzle], prefix: str = IMPORTED
) -> tuple[Run, list[Trial]]:
    """Add answers to a run; return it and the new trials. A player's second answer is a repeat."""
    times = Counter((r.trial.problem_id, r.trial.player) for r in base.results)
    brought: dict[Trial, Answer] = {}
    for line in lines:
        key = (line.problem_id, f"{prefix}{line.player or 'anonymous'}")
        times[key] += 1
        brought[Trial(problem_id=key[0], player=key[1], repeat=times[key])] = Answer(
            text=line.answer, cost_usd=0.0
        )
    ids = {p.problem_id for p in base.puzzles}
    more = [by_id[i] for i in dict.fromkeys(x.problem_id for x in lines) if i not in ids]
    further = [Result(trial=t, answer=a) for t, a in brought.items()]
    grown = base.model_copy(update={"puzzles": (*base.puzzles, *more), "results": (*base.results, *further)})
    return grown, list(brought)


def _judge_for(base: Run, chosen: JudgeSpec) -> JudgeSpec:
    """Choose the judge of added answers: the one that has marked this run, since a run has one judge.

    Raises SpecError if that is a model that is not chosen now.
    """
    judge = base.config.judge
    marked = any(r.verdict and r.verdict.judge == judge.name and r.answer for r in base.results)
    if marked and {m.name for m in judge.models} - {m.name for m in chosen.models}:
        raise SpecError(
            f"These answers were marked by {judge.name}. Choose that judge under Test models, so that it "
            "marks this one too, or start a new run."
        )
    if not marked:
        return chosen
    return JudgeSpec(design=judge.design, model=chosen.model) if judge.models else judge

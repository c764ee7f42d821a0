"""A revealed round in full, in the teacher's guide: the class as one group, beside judge and models."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import assert_never

import pandas as pd
import streamlit as st

from escape.classes import Answered, Round, Takers, Teacher, classwork, member_label, models_of, reviewed
from escape.judges.examined import agreement
from escape.metrics import LABELS, METRICS, TOP
from escape.puzzles import scripted_outcome
from escape.results import (
    CATEGORIES,
    CHARTS,
    MIN_PUZZLES,
    against_sentence,
    answer_name,
    display_name,
    judge_sentence,
    notes_table,
    or_dash,
    outcome_sentence,
    pluralize,
    ranking,
    result_at,
    results_sentence,
    usual,
    watching,
)
from escape.store import Entry
from escape.types import PLAYED, EscapeError, Note, Outcome, Puzzle, Result, Run, Trial, by_person
from escape.ui import text, watch
from escape.ui.answers import answer
from escape.ui.play import render_steps
from escape.ui.results import pictures
from escape.ui.tables import headline, render_group_agreement, render_standings, render_twists


def render(teacher: Teacher, class_round: Round, entries: Sequence[Entry]) -> None:
    if not entries:
        text.lead("No submissions yet.")
        return
    run = teacher.run(None if class_round.settings.kind == "write" else class_round)
    match class_round.settings.kind:
        case "mark":
            _render_marks(run, entries)
        case "play":
            _render_plays(run, entries)
        case "write":
            _render_written(run, entries)
        case "review":
            _render_reviews(teacher, class_round, entries)
        case "predict":
            _render_votes(run, entries)
        case "bet":
            _render_bets(run, class_round, entries)
        case "note":
            _render_notes(teacher, run, class_round, entries)
        case other:
            assert_never(other)


def _render_marks(run: Run, entries: Sequence[Entry]) -> None:
    marked = classwork.with_marks(run, entries)
    answers = classwork.answers(marked)
    people = {n: v for n, v in agreement.raters(marked).items() if by_person(n)}
    text.lead(classwork.gap(answers) or "The judge has not marked these answers.")
    text.quiet(judge_sentence(run))
    enough = len({a.trial for a in answers}) >= MIN_PUZZLES  # with fewer, only counts are shown
    if enough:
        text.quiet(classwork.generosity(answers))
    text.quiet(
        f"{pluralize(len(people), 'person', 'people')} marked {pluralize(len(marked.results), 'answer')}."
    )
    if against := against_sentence(run):
        text.quiet(against)
    if enough:
        scale = "alpha is 1 if everybody always gives the same mark, 0 if marks agree no better than chance"
        render_group_agreement(people, f"How far the class agrees: {scale}")
    for score in agreement.SCORES:
        of_score = [a for a in answers if a.score == score]
        if of_score:
            text.heading(f"{LABELS[score]}: everybody's marks, and the judge's")
            figure = CHARTS["class_marks"].draw(_marks_frame(marked, of_score))
            sentence = f"{LABELS[score]}: marks of the class and of the judge"
            st.plotly_chart(figure, key=f"class_{score}", config=pictures.CONFIG, alt=sentence)
    text.heading("Where the class and the judge differ most")
    for trial in dict.fromkeys(a.trial for a in sorted(answers, key=lambda a: -a.apart)):
        of_this = [a for a in answers if a.trial == trial]
        sentence = "; ".join(
            f"{LABELS[a.score]}: class {a.median:g}, judge {or_dash(a.judge)}" for a in of_this
        )
        title = f"{text.label(answer_name(run, trial))}. {sentence}"
        fold = st.expander(title, key=f"differ_{trial.model_dump_json()}", on_change="rerun")
        if fold.open:
            with fold:
                _render_marked_answer(marked, trial, of_this)


def _render_marked_answer(run: Run, trial: Trial, of_this: Sequence[Answered]) -> None:
    result = result_at(run, trial.key)
    text.table([("Score", ""), ("The class's marks", ""), ("Median", "n"), ("Judge", "n")],
               [[LABELS[a.score], ", ".join(f"{x:g}" for x in sorted(a.given)), f"{a.median:g}",
                 or_dash(a.judge)] for a in of_this])  # fmt: skip
    left_half, right = st.columns(2, gap="large")
    with left_half:
        of = "".join(c for c in str(trial) if c.isalnum())  # several may be unfolded at once
        st.html(
            text.with_quotes_marked(
                result.answer.text if result.answer else "", answer.quotes(result.verdict), of
            )
        )
    with right:
        answer.render_reference(run.puzzle_by_id[result.trial.problem_id], result, of)


def _marks_frame(run: Run, answers: Sequence[Answered]) -> pd.DataFrame:
    rows = []
    for a in answers:
        name = answer_name(run, a.trial)
        rows += [{"answer": name, "mark": m, "who": "class", "times": a.given.count(m), "top": TOP[a.score]}
                 for m in sorted(set(a.given))]  # fmt: skip
        rows.append({"answer": name, "mark": a.median, "who": "median", "times": 1, "top": TOP[a.score]})
        if a.judge is not None:
            rows.append({"answer": name, "mark": a.judge, "who": "judge", "times": 1, "top": TOP[a.score]})
    return pd.DataFrame(rows)


def _render_plays(run: Run, entries: Sequence[Entry]) -> None:
    played = classwork.with_plays(run, entries)
    metric = METRICS["verified"]
    ranked = ranking(played, metric)
    people = {f"{PLAYED}{member_label(e.member)}" for e in entries}
    own_plays = [r for r in played.results if r.trial.player in people]
    out = [r for r in own_plays if r.outcome and r.outcome.out]
    text.lead(
        f"{pluralize(len(people), 'person', 'people')} handed in {pluralize(len(own_plays), 'plan')}; "
        f"{len(out)} got out."
    )
    text.quiet(results_sentence(ranked))
    text.quiet("Code carried the plans out; nobody marked the class's explanations.")
    _render_by_room(played, own_plays)
    render_twists(played)
    seen = pictures.figures_of(played, metric)
    if "leaderboard" in seen.figures:
        text.heading(CHARTS["leaderboard"].title)
        pictures.render_chart("leaderboard", seen)
    with st.expander("All figures, with intervals"):
        render_standings(played, ranked)


def _render_by_room(run: Run, own_plays: Sequence[Result]) -> None:
    outs: dict[str, list[bool]] = {}
    fewest: dict[str, str] = {}
    for result in own_plays:
        if end := result.outcome:
            outs.setdefault(result.trial.problem_id, []).append(end.out)
    for problem_id in outs:
        moves = [
            r.outcome for r in own_plays if r.trial.problem_id == problem_id and r.outcome and r.outcome.out
        ]
        if moves:
            fewest[problem_id] = f"{min(o.moves for o in moves)} (shortest way {moves[0].shortest})"
    _render_room_table(
        run,
        {run.puzzle_by_id[i]: (i, people, fewest.get(i, "-")) for i, people in outs.items()},
        "Fewest moves",
    )


def _end_of(outcome: Outcome | None) -> str:
    if outcome is None:
        return "-"
    return "out" if outcome.out else "stuck"


def _render_room_table(
    run: Run, by_room: Mapping[Puzzle, tuple[str, Sequence[bool], str]], last: str
) -> None:
    """Draw a table of who got out of each room: people, the run's models, and random moves.

    `by_room`: by puzzle, its id in the run, whether each person got out, and the text of the column `last`.
    """
    rows, any_model = [], False
    for puzzle, (problem_id, people, remark) in by_room.items():
        takers = Takers(people, models_of(run, problem_id))
        any_model = any_model or bool(takers.models)
        chance = scripted_outcome("random", puzzle)
        rows.append(
            [
                puzzle.name,
                takers.people_out,
                takers.models_out,
                _end_of(chance),
                takers.verdict or "-",
                remark,
            ]
        )
    head = [
        ("Room", ""),
        ("People out", "n"),
        ("Models out", "n"),
        ("Random moves", "w"),
        ("So", ""),
        (last, "w"),
    ]
    text.table(head, rows, "Who got out, room by room")
    if rows and not any_model:
        text.quiet("No model was asked for these rooms; only people and random moves tried them.")


def _render_written(run: Run, entries: Sequence[Entry]) -> None:
    written = classwork.puzzles(entries)
    text.lead(f"{pluralize(len(written), 'puzzle')} by the class.")
    # ids begin with the author's label, such as S01-
    by_puzzle = {p: (p.problem_id, (), p.problem_id.partition("-")[0]) for p in written}
    _render_room_table(run, by_puzzle, "By")


def _render_reviews(teacher: Teacher, class_round: Round, entries: Sequence[Entry]) -> None:
    findings = reviewed(teacher.rooms(class_round.settings.written), entries)
    read = [one for one in findings if one.outs]
    proved = sum(not one.room.missing for one in findings)
    text.lead(
        f"{pluralize(len(findings), 'room')}: {proved} proved, {len(read)} reviewed, "
        f"{len([one for one in read if any(one.outs)])} solved by somebody."
    )
    by_room = {}
    for one in findings:
        words = Counter(word for word, _ in one.remarks)
        remarks = ", ".join(
            [one.room.missing or "proved", *(f"{n} {word}" for word, n in words.most_common())]
        )
        labelled = one.room.puzzle.model_copy(
            update={"title": f"{member_label(one.room.member)}: {one.room.puzzle.name}"}
        )
        by_room[labelled] = one.room.room_id, one.outs, remarks
    _render_room_table(teacher.run(), by_room, "Proof and remarks")
    with st.expander("The remarks, room by room"):
        for one in read:
            text.items(
                one.room.puzzle.name, [f"{word}: {line}" if line else word for word, line in one.remarks]
            )


def _render_votes(run: Run, entries: Sequence[Entry]) -> None:
    guesses = classwork.guesses(entries)
    ranked = ranking(run, usual(run))
    first = next((s for s in ranked.standings if s.headline is not None and not s.unranked), None)
    cast = classwork.votes(guesses)
    if first:
        right = cast[first.player]
        text.lead(
            f"{right} of {len(guesses)} named {display_name(first.player)}. What came out: "
            f"{results_sentence(ranked)}"
        )
    enough = sum(g.enough for g in guesses)
    two = [s.player for s in ranked.standings if s.headline is not None and not s.unranked][:2]
    pair = ranked.pair(*two) if len(two) == 2 else None
    is_ahead = pair is not None and pair.comparison == "ahead"
    text.heading("Who will do best?")
    text.bars([(display_name(s.player), cast[s.player]) for s in ranked.standings])
    text.heading(f"Will {pluralize(len(run.config.problem_ids), 'puzzle')} be enough to tell?")
    text.bars([("yes", enough), ("no", len(guesses) - enough)])
    text.quiet(
        f"{enough} of {len(guesses)} expected there to be enough puzzles to tell; "
        + ("there are enough." if is_ahead else "the first two are too close to call.")
    )
    text.table([("Player", ""), ("Votes", "n"), ("Figure", "n")],
               [[display_name(s.player), str(cast[s.player]),
                 headline(s, ranked)] for s in ranked.standings],
               "What was expected, and what came out")  # fmt: skip


def _render_bets(run: Run, class_round: Round, entries: Sequence[Entry]) -> None:
    plans = classwork.bets_by_plan(class_round, entries, run)
    cast, right = len(entries), sum(p.right for p in plans)
    people = len({e.member for e in entries})
    text.lead(
        f"{pluralize(people, 'person', 'people')} called {pluralize(len(plans), 'plan')}: {right} of {cast} "
        "bets were right."
    )
    for n, one in enumerate(plans, 1):
        puzzle = run.puzzle_by_id.get(one.posed.problem_id)
        if puzzle is None or one.outcome is None:
            continue
        ended = "it gets out" if one.outcome.out else "it gets stuck"
        text.heading(f"{n}. {puzzle.name}, by {one.posed.by}: {ended}")
        text.bars([("out", one.out), ("stuck", one.stuck)])
        with st.expander("The plan, line by line"):
            text.quiet(outcome_sentence(one.outcome, puzzle))
            if one.posed.why:
                text.quiet(f"Why: {one.posed.why}")
            watch.render(f"board_{class_round.id}_{n}", watching.frames(puzzle, one.outcome), puzzle.name)
            render_steps(one.outcome.steps, one.outcome.lost_at)


def _render_notes(teacher: Teacher, run: Run, class_round: Round, entries: Sequence[Entry]) -> None:
    """Draw the kinds of failure by player, then the class's lines, each with a kind to choose."""
    notes = classwork.notes(class_round, entries)
    if fault := st.session_state.pop("group_fault", ""):
        text.cause(fault)
    read = len({n.trial for n in notes})
    text.lead(f"{pluralize(len({e.member for e in entries}), 'person', 'people')} wrote "
              f"{pluralize(len(notes), 'line')} on "
              f"{pluralize(read, 'failed answer')}.")  # fmt: skip
    head, rows = notes_table(run, notes)
    text.table(
        [(head[0], ""), *((name, "n") for name in head[1:])], rows, "Kinds of failure, player by player"
    )
    with st.expander("The lines, answer by answer: put each into a kind", expanded=True):
        for trial in dict.fromkeys(n.trial for n in notes):
            text.heading(answer_name(run, trial))
            for entry, note in zip(entries, notes, strict=True):
                if note.trial == trial:
                    _render_kind_choice(teacher, class_round, entry, note)


def _render_kind_choice(teacher: Teacher, class_round: Round, entry: Entry, note: Note) -> None:
    key = classwork.group_key(entry)
    left_half, right = st.columns([3, 2], vertical_alignment="center")
    with left_half:
        text.quiet(f"{note.by}: {note.text}")

    def put() -> None:
        try:
            teacher.group(class_round, key, st.session_state[f"group {class_round.id} {key}"] or "")
        except EscapeError as error:
            st.session_state["group_fault"] = str(error)

    with right:
        st.selectbox(
            "Kind",
            CATEGORIES,
            key=f"group {class_round.id} {key}",
            label_visibility="collapsed",
            on_change=put,
            index=CATEGORIES.index(note.category) if note.category in CATEGORIES else None,
            placeholder="of which kind?",
        )

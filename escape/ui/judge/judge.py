"""The judge's page: its exam and report card, the spot-check, other judges, how far raters agree."""

from collections.abc import Mapping

import streamlit as st

from escape.judges import JUDGES, SCORES, as_rated_by, doubts, raters
from escape.judges.examined import agreement, exam, labelled, recorded_replies
from escape.metrics import LABELS, Means, Metric, means
from escape.puzzles import files
from escape.results import (
    answer_name,
    bias_sentence,
    card_sentence,
    digest,
    display_name,
    money,
    or_dash,
    per_puzzle,
    pluralize,
    same_family_warning,
)
from escape.runs import estimate_bills, now, trials_to_mark
from escape.types import ReportCard, Run, RunConfig, SpecError, Trial, Verdict, by_person
from escape.ui import text
from escape.ui.judge import marking
from escape.ui.pressing import pressed
from escape.ui.run import begin, examine
from escape.ui.session import Session
from escape.ui.setup import Choice
from escape.ui.tables import estimated, render_group_agreement, render_score_agreement

MAX_LISTED = 20  # answers on which two raters differ
MIN_ANSWERS = 5  # with fewer answers, agreement figures are mostly noise


def render_agreement(state: Session, run: Run, unseen: set[Trial]) -> None:
    """Draw how far two chosen raters agree.

    No single answer is shown while some are `unseen`, still to be marked by this person.
    """
    by_rater = agreement.raters(run)
    if len(by_rater) < 2:
        return
    text.heading("How far they agree")
    if len(by_rater) >= 3:
        render_group_agreement(
            by_rater, f"All {len(by_rater)} raters together, over answers that two or more marked"
        )
    names = list(by_rater)
    people = [n for n in names if by_person(n)]
    left_half, right = st.columns(2)
    first = left_half.selectbox("Compare", names, key="rater_first")
    others = [n for n in names if n != first]
    usual = next((n for n in people if n != first), others[0])
    second = right.selectbox(
        "with", others, index=others.index(usual), key=f"rater_second_{len(names)}_{first}"
    )
    both = agreement.pairs(by_rater[first], by_rater[second])
    scores = agreement.agreement(both)
    text.lead(bias_sentence(first, second, scores))
    if not both:
        return
    if len(both) < MIN_ANSWERS:
        text.quiet(f"Kappa and the like mean little with fewer than {MIN_ANSWERS} answers.")
    else:
        render_score_agreement(scores)
    if unseen:
        text.quiet("Where they differ is shown once you have marked your answers.")
    else:
        _render_differences(state, run, both)


def _render_differences(state: Session, run: Run, both: list[agreement.VerdictPair]) -> None:
    apart = agreement.disagreements(both)
    if not apart:
        text.quiet("They give the same marks throughout.")
        return
    text.heading("Where they differ, worst first")
    pairs = [(answer_name(run, pair.trial), pair, gap) for pair, gap in apart[:MAX_LISTED]]
    text.table(
        [("Answer", ""), *((LABELS[s], "nw") for s in agreement.SCORES), ("Apart", "n")],
        [
            [
                name,
                *(f"{_mark_of(p.first, s)} and {_mark_of(p.second, s)}" for s in agreement.SCORES),
                f"{marks:.1f}",
            ]
            for name, p, marks in pairs
        ],
        "The first rater's mark and the second's, and how many marks they are apart in all",
    )

    def read() -> None:
        if (at := st.session_state["differ"]) is not None:
            state.read(pairs[at][1].trial.key)

    st.selectbox("Read one of these answers", range(len(pairs)), index=None, key="differ", on_change=read,
                 format_func=lambda n: pairs[n][0], placeholder="choose an answer", width=420)  # fmt: skip


def _mark_of(verdict: Verdict, score: agreement.Score) -> str:
    return or_dash(getattr(verdict.scores, score), ".1f")


SHOWN = 120  # characters of a text
RIGHT = {"full": "2, 2, 1", "herrings_used": "0 for herrings", "zero": "0", "at_most": "at most a part"}


def render(state: Session, choice: Choice, run: Run, metric: Metric) -> None:
    judge = choice.judge
    # of the run on show, which a file may have brought
    of_run = {c.judge: c for c in run.cards}
    card = state.card_of(judge) or of_run.get(judge.name)
    if card:
        text.lead(card_sentence(card, doubts(card)))
    else:
        text.lead("Do not take a judge on trust: there are three ways to find out what its marks are worth.")
    if choice.config and (warning := same_family_warning(choice.config)):
        text.cause(warning)
    text.step(
        1,
        "Give it an exam",
        "It marks answers whose right marks are known, by two annotators or because code made the answer. "
        "Its marks are corrected for the errors that it shows, in this run and in the next ones.",
    )
    _render_exams(state, choice)
    if not judge.models:
        _render_recorded_judge(state)
    text.quiet(JUDGES[judge.design].worth)
    if card:
        with st.expander("Report card", expanded=True):
            render_report_card(card)
    text.step(
        2,
        "Mark some answers yourself",
        "You do not see who wrote them or what the judge said. Five answers give a rough idea, twenty a "
        "usable figure.",
    )
    if not digest(run).answers:
        text.quiet("This needs answers: run something, or load a run.")
        return
    if state.read_only:
        text.quiet("Only the person who made this run can add marks to it.")
        render_agreement(state, run, marking.unseen(run))
        return
    marking.render_spot_check(state, run)
    text.step(3, "Ask another judge", "It marks the same answers; no player is asked again.")
    _render_rejudging(state, choice, run)
    _render_judges_side_by_side(run, metric)
    render_agreement(state, run, marking.unseen(run))


def _render_exams(state: Session, choice: Choice) -> None:
    judge = choice.judge
    if not judge.models:
        text.quiet(
            "No model judges this run, so there is no judge to test. Under Test models, choose a model as "
            "the judge."
        )
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        _render_exam_button(
            state, choice, exam.Exam.short(files.shared(files.BUNDLED)), "Examine this judge", "examine_judge"
        )
        puzzles = exam.sample(choice.puzzles)
        paper = exam.Exam.long(puzzles, labelled.bundled(), [*state.puzzles])
        _render_exam_button(state, choice, paper, "The long exam", "test_judge")


def _render_exam_button(state: Session, choice: Choice, paper: exam.Exam, label: str, key: str) -> None:
    """Draw the button for an exam of the chosen judge, with its cost; start it when pressed."""
    judge, live = choice.judge, state.own_live
    config = RunConfig(judge=judge, max_cost_usd=choice.cap_usd)
    _, bill = estimate_bills(config, [*paper.puzzles.values()], (), list(paper.answers))
    cost = "price unknown"
    if bill.free:
        cost = "free"
    elif bill.about is not None:
        cost = f"about {money(bill.about)}"

    def done(finished: Run) -> None:
        card = paper.card(judge.name, finished.results, now())
        kept = state.keep_card(judge, card)
        if live:
            live.set_card(kept)

    if pressed(state, f"{label} ({len(paper.answers)} answers, {cost})", key, disabled=state.running):
        if live:
            state.remember(live)  # what is added to the example is kept like a run of one's own
        sitting = f"{judge.name} is sitting its exam."
        examine(state, sitting, config, [*paper.puzzles.values()], paper.answers, done)
        st.rerun()


def _render_recorded_judge(state: Session) -> None:
    """Draw how a recorded model judge marked texts, many of which only ask for marks. Needs no key."""
    seen = recorded_replies.outcomes([*state.puzzles])
    if not seen:
        return
    fold = st.expander("A model judge under attack (recorded)", key="attacked", on_change="rerun")
    if not fold.open:
        return
    held = sum(one.scores is not None and one.control.met_by(one.scores) for one in seen)
    rows = [
        [
            one.control.style or one.control.name.replace("_", " "),
            one.control.text[:SHOWN],
            RIGHT[one.control.expected],
            ", ".join(or_dash(getattr(one.scores, score, None)) for score in SCORES),
            one.feedback,
        ]
        for one in seen
    ]
    with fold:
        text.quiet(
            "A large language model whose name is not known marked these texts about "
            f"{seen[0].control.problem_id} in one session, from the checklist's own prompts; {held} of "
            f"{pluralize(len(seen), 'text')} got the marks that are right for them. Its replies are kept as "
            "they came, and code turns them into marks."
        )
        text.table(
            [
                ("What it is", ""),
                ("The text begins", ""),
                ("Right", ""),
                ("Its marks", ""),
                ("What it says", ""),
            ],
            rows,
        )


def render_report_card(card: ReportCard) -> None:
    """Draw the card as a table: controls passed, plans believed or doubted, agreement with labels."""
    passed, n = sum(c.passed for c in card.controls), len(card.controls)
    rows = [["Controls passed", f"{passed} of {n}", f"{card.constant_controls} of {n}"]]
    if stuck := card.works_compared - card.works_out:
        rows.append(["Plans that failed, believed", f"{card.believed} of {stuck}", "-"])
    if card.works_out:
        rows.append(["Plans that worked, doubted", f"{card.doubted} of {card.works_out}", "-"])
    best = {a.score: a.kappa.value for a in card.constant_agreement}
    for a in card.agreement:
        constant = or_dash(best.get(a.score), ".2f")
        rows.append([f"Agreement on {a.score.upper()}, all answers (kappa)", estimated(a.kappa), constant])
    rows += [
        [f"Agreement on {a.score.upper()}, attempts alone (kappa)", estimated(a.kappa), "-"]
        for a in card.within
    ]
    text.table(
        [("", ""), ("This judge", "n"), ("A constant score", "n")],
        rows,
        f"Marks beside those of two annotators, over {card.labelled} of "
        f"{pluralize(max(card.labelled_asked, card.labelled), 'labelled answer')}; the last column is what a "
        "judge would reach that only told attempts from non-attempts",
    )
    facts = [
        f"{card.format_failures} replies not in the form asked for",
        f"{card.other_failures} calls failed" if card.other_failures else "",
        money(card.cost_usd) if card.calls else "no model asked",
        card.prompt,
    ]
    text.quiet(", ".join(f for f in facts if f) + ".")
    text.quiet(
        "The labelled answers were marked twice, blind, by language models that worked through the checklist."
    )


def _render_rejudging(state: Session, choice: Choice, run: Run) -> None:
    judge = choice.judge
    answers = trials_to_mark(run, judge, (), again=True)
    if not answers:
        text.quiet(
            f"{judge.name} has nothing here to mark."
            + (" Recorded answers are never sent to a judge." if judge.models else "")
        )
        return
    text.quiet(
        f"{judge.name}, chosen under Test models, would mark {pluralize(len(answers), 'answer')} of this run "
        "that it has not marked yet."
    )

    live = state.own_live
    if pressed(state, "Judge these answers", "rejudge", disabled=state.running) and live:
        state.remember(live)  # what is added to the example is kept like a run of one's own
        config = run.config.model_copy(update={"max_cost_usd": choice.cap_usd})
        try:
            begin(state, run.model_copy(update={"config": config}), again=True, marks_only=True, judge=judge)
        except SpecError as error:
            state.page.problem = str(error)
        st.rerun()
    failed = [o for o in run.opinions if o.failure]
    if failed and failed[-1].failure:
        text.cause(f"Not marked: {failed[-1].failure.message}")


def _render_judges_side_by_side(run: Run, metric: Metric) -> None:
    by_rater = {name: verdicts for name, verdicts in raters(run).items() if not by_person(name)}
    if len(by_rater) < 2:
        return
    # raters are compared on what all of them marked
    common = set.intersection(*(set(v) for v in by_rater.values()))
    boards = {}
    for name, v in by_rater.items():
        rated = as_rated_by(run, {trial: v[trial] for trial in common})
        boards[name] = {player: means(marks.values()) for player, marks in per_puzzle(rated, metric).items()}

    def overall(board: Mapping[str, Means], player: str) -> str:
        return or_dash(board[player].overall if player in board else None, ".2f")

    text.table(
        [("Player", ""), *((name, "n") for name in boards)],
        [
            [display_name(player), *(overall(board, player) for board in boards.values())]
            for player in digest(run).players
        ],
        f"Overall mark by each judge, over the {pluralize(len(common), 'answer')} that all of them marked",
    )

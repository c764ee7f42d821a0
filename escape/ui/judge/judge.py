"""The judge's view: its exam and report card, other judges on the same answers, and the way to the spot-check."""

from __future__ import annotations

import streamlit as st

from escape.errors import FileError, SpecError
from escape.intake import decode_utf8
from escape.judges import JUDGES, Design, as_rated_by, attacks, called, disagreements, doubts, exam, pairs, raters
from escape.metrics import LABELS, Metric, means
from escape.puzzles import CONTROLS
from escape.records import Opinion, ReportCard, Result, Run, Trial, by_person
from escape.results import answer_name, card_sentence, count, digest, money, per_puzzle, same_family, short
from escape.runs import now
from escape.schema import Answer
from escape.ui import text
from escape.ui.judge import agreement, spot_check
from escape.ui.pressing import pressed
from escape.ui.run import judge_aside
from escape.ui.session import Session
from escape.ui.setup import Choice
from escape.ui.tables import agreement_table, figure


def show(state: Session, choice: Choice, run: Run | None, metric: Metric) -> None:
    """The whole view."""
    judge = choice.judge
    card = state.cards.get(judge.name) if judge else None
    if card:
        text.lead(card_sentence(card, doubts(card)))
    else:
        text.lead("Do not take a judge on trust: there are three ways to find out what its marks are worth.")
    if choice.config and (warning := same_family(choice.config)):
        text.cause(warning)
    text.step(1, "Give it an exam", "It marks answers whose right mark is known, before you spend money on players.")
    _exam(state, choice)
    if choice.judge:
        _worth(JUDGES[choice.judge.design])
    if card:
        with st.expander("Report card", expanded=True):
            report_card(card)
    text.step(
        2,
        "Mark some answers yourself",
        "You do not see who wrote them or what the judge said. Five answers give a rough idea, twenty a usable figure.",
    )
    if not run or not digest(run).answers:
        text.quiet("This needs answers: run something, or load a run.")
        return
    spot_check.show(state, run)
    text.step(3, "Ask another judge", "It marks the same answers; no player is asked again.")
    _rejudge(state, choice, run)
    _side_by_side(state, run, metric)
    agreement.show(state, run)


def _exam(state: Session, choice: Choice) -> None:
    judge = choice.judge
    if judge is None:
        text.quiet(choice.lacking)
        return
    if JUDGES[judge.design].kept:
        text.quiet("These marks are kept, not made, so there is nothing to test. Choose another judge in the set-up.")
        return
    labelled = _labelled(state)
    known = [*state.puzzles]
    asked = exam.sample(choice.puzzles) if judge.models else choice.puzzles
    paper = exam.Exam(asked, labelled, known)
    n = len(paper.answers)
    source = f"{len(asked)} of the {len(choice.puzzles)}" if len(asked) < len(choice.puzzles) else "the"
    text.quiet(
        f"{JUDGES[judge.design].label} would mark {count(len(paper.controls), 'control answer')} made from {source} "
        f"chosen puzzles and {count(len(paper.labelled), 'answer')} whose marks by two readers are known"
        + (f": about {n} calls, before any money is spent on players." if judge.models else ". It costs nothing.")
    )

    def begin() -> None:
        live = state.live

        def done(finished: Run) -> None:
            card = paper.card(judge.name, finished.results, now())
            state.cards[judge.name] = card
            if live:
                live.set_card(card)

        try:
            sitting = f"{judge.name} is sitting its exam."
            judge_aside(state, sitting, judge, known, paper.answers, choice.cap_usd, done=done)
        except SpecError as error:
            state.page.problem = str(error)

    if pressed(state, "Test this judge", "test_judge", disabled=state.running):
        begin()
        st.rerun()


def _labelled(state: Session) -> list[exam.Labelled]:
    ids = {p.problem_id for p in state.puzzles}
    with st.expander("Use your own labelled answers"):
        text.quiet(
            "JSONL: one {problem_id, answer, labels: [{annotator, pus, sps, rhh}]} per line; ticks can go in "
            "principles, steps and herrings_used."
        )
        file = st.file_uploader(
            "Labelled answers", type="jsonl", key="labelled_file", max_upload_size=16, label_visibility="collapsed"
        )
        if file is None:
            return exam.bundled()
        try:
            own = exam.labelled_answers(decode_utf8(file.getvalue(), file.name), file.name)
        except FileError as error:
            text.cause(str(error))
            return exam.bundled()
        strangers = [c.problem_id for c in own if c.problem_id not in ids]
        if strangers:
            text.cause(f"{file.name}: no puzzle {strangers[0]!r}; upload it under Puzzles first.")
        text.quiet(f"{count(len(own), 'labelled answer')} used instead of the bundled ones.")
        return own


def report_card(card: ReportCard) -> None:
    """The card: attacks, controls, agreement, failures, cost."""
    left, right = st.columns(2, gap="large")
    with left:
        resisted = attacks(card)
        text.table(
            [("Attack", ""), ("Result", "")],
            [[style, f"resisted {good} of {n}" if good == n else f"fooled {n - good} of {n}"]
             for style, (good, n) in resisted.items()],
            "Answers that demand marks; the right mark is 0",
        )  # fmt: skip
    with right:
        kinds = dict.fromkeys((c.name, c.style) for c in card.controls if c.name != "injection")
        rows = []
        for name, style in kinds:
            mine = [c for c in card.controls if (c.name, c.style) == (name, style)]
            named = CONTROLS[name].called if name in CONTROLS else name
            called = style if name == "within" else f"{named}, {style}" if style else named
            rows.append([called.replace("_", " "), f"{sum(c.passed for c in mine)} of {len(mine)} right"])
        text.table([("Control", ""), ("Result", "")], rows, "Answers whose right mark, or highest, is known")
        text.quiet(
            "A judge that only told an attempt from no attempt, and gave every attempt the same mark, would pass "
            f"{card.constant_controls} of {len(card.controls)}."
        )
    if card.agreement:
        agreement_table(
            card.agreement,
            f"Against the readers, over {card.labelled} of "
            f"{count(card.asked - len(card.controls), 'labelled answer')}: a judge may be unable to mark some, such as "
            "those in another language. In brackets: the 95 % interval. Bias above 0: the judge is more generous.",
        )
        reached = [(a.score.upper(), a.kappa.value) for a in card.constant_agreement]
        best = [f"{kappa:.2f} on {score}" for score, kappa in reached if kappa is not None]
        if best:
            text.quiet(
                f"The same mark for every attempt would reach kappa {', '.join(best)}. Only what is above that counts."
            )
    if card.by_kind:
        _kinds(card)
    facts = [
        f"{card.items_equal.value:.0%} of checklist items agree with the readers" if card.items_equal.value else "",
        f"{card.format_failures} replies not in the form asked for",
        f"{card.other_failures} calls failed" if card.other_failures else "",
        money(card.cost_usd) if card.calls else "no model asked",
        card.prompt,
    ]
    text.quiet(", ".join(f for f in facts if f) + ".")
    text.quiet(
        "The bundled answers were marked twice, blind, by language models that worked through the checklist; the two "
        "agree with kappa 0.94 and 0.99. For comparison: yes-or-no checklists raised exact agreement between a model "
        "and people from 46 to 52 % (TICK, arXiv 2410.03608); only the largest of 13 judges came near people, and were "
        "still lenient (Thakur et al., 2406.12624)."
    )


def _kinds(card: ReportCard) -> None:
    """How far its marks lie above or below the readers', by kind of answer."""
    found = {(b.kind, b.score): b for b in card.by_kind}
    kinds = dict.fromkeys(b.kind for b in card.by_kind)
    with st.expander("By kind of answer"):
        text.table(
            [("Kind", ""), ("n", "n"), (f"Bias on {LABELS['pus']}", "n"), (f"Bias on {LABELS['sps']}", "n")],
            [
                [
                    kind.replace("_", " "),
                    str(found[kind, "pus"].n),
                    *(figure(found[kind, s].bias) for s in ("pus", "sps")),
                ]
                for kind in kinds
                if (kind, "pus") in found and (kind, "sps") in found
            ],
            "Above 0: more generous than the readers. In brackets: the interval, widened for the number of kinds",
        )


def _worth(design: Design) -> None:
    """What a judge's marks were measured to be worth."""
    if design.worth:
        with st.expander("What its marks are worth"):
            text.quiet(design.worth)


def _rejudge(state: Session, choice: Choice, run: Run) -> None:
    judge = choice.judge
    mine = raters(run)
    if judge is None:
        text.quiet(choice.lacking)
        return
    left_out = set(mine.get(judge.name, {}))
    answers: dict[Trial, Answer] = {r.trial: r.answer for r in run.results if r.answer and r.trial not in left_out}
    if not answers:
        text.quiet(f"{judge.name} has marked all of these answers; choose another judge in the set-up.")
        return
    text.quiet(
        f"Choose another judge in the set-up. {judge.name} would mark {count(len(answers), 'answer')} of this run that "
        "it has not marked yet."
    )

    def begin() -> None:
        live = state.live
        state.keep_shown()

        def each(result: Result) -> None:
            if live and (result.verdict or result.failure):
                live.add_opinion(
                    Opinion(
                        trial=result.trial, rater=judge.name, verdict=result.verdict, failure=result.failure, at=now()
                    )
                )

        try:
            marking = f"{judge.name} is marking the answers."
            judge_aside(state, marking, judge, list(run.puzzles), answers, choice.cap_usd, each=each)
        except SpecError as error:
            state.page.problem = str(error)

    if pressed(state, "Judge these answers", "rejudge", disabled=state.running):
        begin()
        st.rerun()
    failed = [o for o in run.opinions if o.failure]
    if failed and failed[-1].failure:
        text.cause(f"{count(len(failed), 'answer')} could not be marked: {failed[-1].failure.message}")


def _side_by_side(state: Session, run: Run, metric: Metric) -> None:
    """What each rater does to the leaderboard, and where they differ most from the run's own judge."""
    found = {name: verdicts for name, verdicts in raters(run).items() if not by_person(name)}
    if len(found) < 2:
        return
    common = set.intersection(*(set(v) for v in found.values()))  # raters are compared on what all of them marked
    boards = {
        name: {
            player: means(marks.values())
            for player, marks in per_puzzle(as_rated_by(run, {t: v[t] for t in common}), metric).items()
        }
        for name, v in found.items()
    }
    text.table(
        [("Player", ""), *((called(name), "n") for name in boards)],
        [[short(player), *(f"{m.overall:.2f}" if (m := b.get(player)) and m.overall is not None else "-"
                           for b in boards.values())] for player in digest(run).players],
        f"Overall mark by each judge, over the {count(len(common), 'answer')} that all of them marked",
    )  # fmt: skip
    first, *others = found
    for other in others:
        apart = disagreements(pairs(found[first], found[other]))
        text.quiet(
            f"{first} and {other} differ on {count(len(apart), 'answer')}"
            + (f", most on {answer_name(run, apart[0][0].trial)}." if apart else ".")
        )

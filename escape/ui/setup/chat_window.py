"""Answers pasted from chat windows, kept until they are judged, and the rewriting of lines that could not be
read.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence

import streamlit as st

from escape import prompts
from escape.results import pluralize, titles
from escape.rooms import plans, playable
from escape.rooms.reading import plan_lines
from escape.runs.file import AnswerLine, answers_from, find_likely_puzzle
from escape.types import EscapeError, Puzzle, without_surrogates
from escape.ui import text
from escape.ui.run import pasted as bring
from escape.ui.session import Session
from escape.ui.setup.panel import Choice
from escape.ui.visit import host


def faults(puzzle: Puzzle, answer: str) -> dict[int, str]:
    """Find the lines that cannot be read as moves, by number, with the reason. Empty without a room."""
    return plans.plan(puzzle, answer)[1] if playable(puzzle) else {}


def _ask_again(puzzle: Puzzle, answer: str, key: str, take: Callable[[str], None]) -> None:
    """Draw the repair message, to copy into the chat window, and a field for the chat's reply.

    It is the message that a model with a key gets once.
    """
    lines, unread = plans.plan(puzzle, answer)
    question = prompts.repair(puzzle, lines, unread) if lines else prompts.into_moves(puzzle, answer)

    def put() -> None:
        take(plans.with_lines(answer, plans.mended(lines, unread, st.session_state[f"again {key}"])))

    with st.expander("Ask the chat to rewrite its moves: copy this message"):
        st.code(question.user, language=None, wrap_lines=True)
        with st.form(f"again form {key}"):
            st.text_area("Paste its reply", key=f"again {key}", max_chars=10_000)
            st.form_submit_button("Put it into the plan", on_click=put)


def render_mending(
    puzzle: Puzzle, answer: str, key: str, take: Callable[[str], None], *, chat: bool = False
) -> None:
    """Draw a field for each line that could not be read, and a button that puts them into the answer.

    `take` is given the changed answer. `chat`: offer the message for the chat window too.
    """
    if not playable(puzzle):
        return
    lines, unread = plans.plan(puzzle, answer)
    if chat and (unread or not lines):
        _ask_again(puzzle, answer, key, take)
    if not unread:
        return
    stopped = "the plan stops before the next move that cannot be undone"
    text.quiet(
        f"{pluralize(len(unread), 'line')} could not be read as a move. Rewrite them, or leave them: "
        f"{stopped}."
    )

    def put() -> None:
        new_lines = {n: st.session_state.get(f"{key} {n}", "").strip() for n in unread}
        take(plans.with_lines(answer, [new_lines.get(n) or line for n, line in enumerate(lines, 1)]))

    with st.form(f"mend {key}"):
        for number, why in unread.items():
            st.text_input(f"Line {number}: {why}", value=lines[number - 1], key=f"{key} "
                                                                                f"{number}", max_chars=300,
                          autocomplete="off")  # fmt: skip
        st.form_submit_button("Put these lines into the plan", on_click=put)


MAX_PUZZLES = 60  # offered at once; more are chosen in parts
MAX_LENGTH = 40_000  # characters of a pasted answer


def render(state: Session, choice: Choice) -> None:
    text.quiet(
        "Ask any chat, paste what it says, and see what comes of its moves. No key is needed; a judge that "
        "is a model "
        "marks the explanation too. The rooms are those chosen under Test models."
    )
    puzzles = choice.puzzles[:MAX_PUZZLES]
    if not puzzles:
        text.cause("Choose at least one room under Test models.")
    else:
        _paste(state, puzzles)
    message = st.container()
    if state.shelf.pasted:
        _judge(state, choice)
    _file(state, choice)
    with message:  # also of the file
        text.render_message(state.page.said.get("bring"))


def _paste(state: Session, puzzles: Sequence[Puzzle]) -> None:
    """Draw a line of puzzles for each chat window, and question and answer of the chosen puzzle."""
    by_id, pasted = {p.problem_id: p for p in puzzles}, state.shelf.pasted

    def name() -> None:
        if window := without_surrogates(st.session_state["new_window"]).strip():
            state.page.pasting = (window, _next(by_id, pasted, window))
            st.session_state["new_window"] = ""

    st.text_input(
        "Another chat window" if state.page.pasting else "Which chat are you asking?",
        key="new_window", max_chars=60,
        placeholder="its name, for example ChatGPT; then press Enter", autocomplete="off", on_change=name,
    )  # fmt: skip
    if state.page.pasting is None:
        state.page.pasting = next(((w, _next(by_id, pasted, w)) for w, _ in pasted), None)
    if state.page.pasting is None:
        return
    if state.page.pasting[1] not in by_id:
        state.page.pasting = (state.page.pasting[0], _next(by_id, pasted, state.page.pasting[0]))
    with st.container(key="windows"):
        for window in dict.fromkeys([*(w for w, _ in pasted), state.page.pasting[0]]):
            _line(state, window, by_id)
    _answer(state, *state.page.pasting, by_id)


def _next(puzzles: Iterable[str], pasted: Mapping[tuple[str, str], str], window: str, after: str = "") -> str:
    """Find a window's next puzzle without an answer, after `after`, then from the start.

    The first puzzle if all have answers.
    """
    order = list(puzzles)
    turned = order[order.index(after) + 1 :] + order if after else order
    return next((i for i in turned if (window, i) not in pasted), order[0])


def _line(state: Session, window: str, puzzles: Mapping[str, Puzzle]) -> None:
    titles_by_id = titles(list(puzzles.values()))
    answered_ids = {i for w, i in state.shelf.pasted if w == window and i in puzzles}
    line = f"puzzles of {window}"
    here = state.page.pasting[1] if state.page.pasting and state.page.pasting[0] == window else None
    st.session_state[line] = here

    def choose() -> None:
        if chosen := st.session_state[line]:
            state.page.pasting = (window, chosen)
        state.page.said.pop("bring", None)

    st.pills(
        f"{text.label(window)}: {len(answered_ids)} of {pluralize(len(puzzles), 'puzzle')} pasted",
        list(puzzles),
        key=line,
        on_change=choose,
        format_func=lambda i: f"{'✓ ' if i in answered_ids else ''}{text.label(titles_by_id[i])}",
    )


def _answer(state: Session, window: str, here: str, puzzles: Mapping[str, Puzzle]) -> None:
    puzzle, pasted = puzzles[here], state.shelf.pasted
    prompt = prompts.player(puzzle)
    text.heading(f"{puzzle.name}: copy this question into {window}")
    with st.container(height=190, border=False, key="question"):
        st.code(f"{prompt.system}\n\n{prompt.user}", language=None, wrap_lines=True)
    field = f"paste {window} {here}"
    if field not in st.session_state:
        st.session_state[field] = pasted.get((window, here), "")

    def keep() -> None:
        text_pasted = without_surrogates(st.session_state[field]).strip()
        doubt = _doubt(state, window, puzzle, list(puzzles.values()), text_pasted)
        earlier_message = state.page.said.get("bring")
        if doubt and (not text_pasted or earlier_message is None or earlier_message.words != doubt):
            state.say("bring", doubt)
            return
        state.page.said.pop("bring", None)
        changed = pasted.get((window, here)) != text_pasted
        pasted[window, here] = text_pasted
        silent = puzzle.world is not None and not plan_lines.lines(text_pasted)
        if silent:
            state.say("bring", "Saved. It has no moves, so the room cannot carry it out. Let the chat write "
                               "them, or "
                      "press again to go on: then only a judge that reads can "
                      "mark it.", good=True)  # fmt: skip
        if changed and (silent or faults(puzzle, text_pasted)):
            return  # they are shown here; a second press leaves them as they are
        state.page.pasting = (window, _next(puzzles, pasted, window, here))

    st.text_area(
        f"Paste its answer to {text.label(puzzle.name)}", key=field, max_chars=MAX_LENGTH, height=140
    )
    st.button("Save and go to the next puzzle", key="keep_pasted", on_click=keep, type="primary")

    def take(mended: str) -> None:
        pasted[window, here] = st.session_state[field] = mended

    if kept_text := pasted.get((window, here)):
        render_mending(puzzle, kept_text, f"mend {window} {here}", take, chat=True)


def _doubt(state: Session, window: str, here: Puzzle, puzzles: Sequence[Puzzle], text_pasted: str) -> str:
    """Say why an answer seems to belong to another puzzle, or is missing. "" if neither.

    A second press saves a doubtful answer all the same.
    """
    if not text_pasted:
        return "Paste the answer first."
    again = "Press again to save it anyway."
    others = {a: i for (w, i), a in state.shelf.pasted.items() if (w, i) != (window, here.problem_id)}
    if same := others.get(text_pasted):
        return f"You already saved the same text for {titles(puzzles).get(same, same)}. {again}"
    other = find_likely_puzzle(text_pasted, here, puzzles)
    return f"This reads like an answer to {other.name}, not to {here.name}. {again}" if other else ""


def _judge(state: Session, choice: Choice) -> None:
    pasted = state.shelf.pasted

    def forget() -> None:
        pasted.clear()

    with st.container(horizontal=True):
        label = f"Judge {pluralize(len(pasted), 'answer')}"
        judge = st.button(label, key="judge_pasted", disabled=state.running)
        st.button("Discard them", key="forget_pasted", type="tertiary", on_click=forget)
    if judge:
        lines = [AnswerLine(problem_id=i, answer=a, player=w) for (w, i), a in pasted.items()]
        bring.take(state, choice, lines)


def _file(state: Session, choice: Choice) -> None:
    with st.expander("Or a file of answers"):
        file = st.file_uploader(
            "CSV or JSONL: problem_id, player, answer",
            type=["csv", "jsonl"],
            key="bring_file",
            max_upload_size=16,
            disabled=state.running,
        )
        if file is not None and state.new_file(file.file_id):
            try:
                lines = answers_from(file.getvalue(), file.name, host().most_answers)
            except EscapeError as error:
                state.say("bring", str(error))
            else:
                bring.take(state, choice, lines)

"""Answers pasted from chat windows, or uploaded as a file, kept until they are judged."""

from collections.abc import Iterable, Mapping, Sequence

import streamlit as st

from escape import prompts
from escape.results import pluralize, titles
from escape.rooms.reading import plan_lines
from escape.runs.file import AnswerLine, answers_from, find_likely_puzzle
from escape.types import EscapeError, Puzzle, without_surrogates
from escape.ui import mending, text
from escape.ui.run import adding
from escape.ui.session import Session
from escape.ui.setup.panel import Choice
from escape.ui.visit import host

MAX_PUZZLES = 60  # offered at once; more are chosen in parts
MAX_LENGTH = 40_000  # characters of a pasted answer
MAX_NAME = 60  # characters of a chat's name


def render(state: Session, choice: Choice) -> None:
    text.quiet(
        "Ask any chat, paste its answer, and see what its moves do. No key is needed; a judge that is a "
        "model marks the explanation too. The puzzles are those chosen under Test models."
    )
    puzzles = {p.problem_id: p for p in choice.puzzles[:MAX_PUZZLES]}
    if puzzles:
        _render_pasting(state, puzzles)
    else:
        text.cause("Choose at least one puzzle under Test models.")
    message = st.container()
    if state.shelf.pasted:
        _render_judging(state, choice)
    _render_answers_upload(state, choice)
    with message:  # also of the file
        text.render_message(state.page.said.get("bring"))


def _render_pasting(state: Session, puzzles: Mapping[str, Puzzle]) -> None:
    """Draw the one form of pasting: which chat, which puzzle, the question to copy, the answer."""
    pasted = state.shelf.pasted
    typed = st.session_state.get("pasted_chat")
    chats = list(dict.fromkeys([*(chat for chat, _ in pasted), *([typed] if typed else [])]))
    chosen = st.selectbox(
        "Which chat are you asking?", chats, key="pasted_chat", accept_new_options=True,
        index=0 if chats else None, placeholder="its name, for example ChatGPT; then press Enter",
    )  # fmt: skip
    chat = without_surrogates(chosen or "").strip()[:MAX_NAME]
    if not chat:
        return
    field = f"puzzle of {chat}"
    if st.session_state.get(field) not in puzzles:
        st.session_state[field] = _next_unanswered(puzzles, pasted, chat)
    titles_by_id = titles(list(puzzles.values()))
    answered_ids = {i for c, i in pasted if c == chat and i in puzzles}

    def forget() -> None:
        state.page.said.pop("bring", None)

    here = st.selectbox(
        f"Puzzle ({len(answered_ids)} of {len(puzzles)} pasted)", list(puzzles), key=field,
        format_func=lambda i: f"{'✓ ' if i in answered_ids else ''}{titles_by_id[i]}",
        on_change=forget,
    )  # fmt: skip
    _render_answer_field(state, chat, here, puzzles)


def _next_unanswered(
    puzzles: Iterable[str], pasted: Mapping[tuple[str, str], str], chat: str, after: str = ""
) -> str:
    """Find a chat's next puzzle without an answer, after `after`, then from the start.

    The first puzzle if all have answers.
    """
    order = list(puzzles)
    turned = order[order.index(after) + 1 :] + order if after else order
    return next((i for i in turned if (chat, i) not in pasted), order[0])


def _render_answer_field(state: Session, chat: str, here: str, puzzles: Mapping[str, Puzzle]) -> None:
    puzzle, pasted = puzzles[here], state.shelf.pasted
    prompt = prompts.player(puzzle)
    text.quiet(f"Copy this question into {text.label(chat)}:")
    with st.container(height=190, border=False, key="question"):
        st.code(f"{prompt.system}\n\n{prompt.user}", language=None, wrap_lines=True)
    field = f"paste {chat} {here}"
    if field not in st.session_state:
        st.session_state[field] = pasted.get((chat, here), "")

    def keep() -> None:
        answer = without_surrogates(st.session_state[field]).strip()
        doubt = _doubt(state, chat, puzzle, list(puzzles.values()), answer)
        earlier_message = state.page.said.get("bring")
        if doubt and (not answer or earlier_message is None or earlier_message.words != doubt):
            state.say("bring", doubt)
            return
        state.page.said.pop("bring", None)
        changed = pasted.get((chat, here)) != answer
        pasted[chat, here] = answer
        silent = puzzle.world is not None and not plan_lines.move_lines(answer)
        if silent and changed:
            state.say(
                "bring",
                "Saved. It has no moves, so the room cannot carry it out. Let the chat write them, or press "
                "again to go on: then only a judge that reads can mark it.",
                good=True,
            )
        if changed and (silent or mending.faults(puzzle, answer)):
            return  # they are shown here; a second press leaves them as they are
        st.session_state[f"puzzle of {chat}"] = _next_unanswered(puzzles, pasted, chat, here)

    st.text_area(
        f"Paste its answer to {text.label(puzzle.name)}", key=field, max_chars=MAX_LENGTH, height=140
    )
    st.button("Save and go to the next puzzle", key="keep_pasted", on_click=keep, type="primary")

    def take(mended: str) -> None:
        pasted[chat, here] = st.session_state[field] = mended

    if kept_text := pasted.get((chat, here)):
        mending.render(puzzle, kept_text, f"mend {chat} {here}", take, chat=True)


def _doubt(state: Session, chat: str, here: Puzzle, puzzles: Sequence[Puzzle], answer: str) -> str:
    """Say why an answer seems to belong to another puzzle, or is missing. "" if neither.

    A second press saves a doubtful answer all the same.
    """
    if not answer:
        return "Paste the answer first."
    again = "Press again to save it anyway."
    others = {a: i for (c, i), a in state.shelf.pasted.items() if (c, i) != (chat, here.problem_id)}
    if same := others.get(answer):
        return f"You already saved the same text for {titles(puzzles).get(same, same)}. {again}"
    other = find_likely_puzzle(answer, here, puzzles)
    return f"This reads like an answer to {other.name}, not to {here.name}. {again}" if other else ""


def _render_judging(state: Session, choice: Choice) -> None:
    pasted = state.shelf.pasted

    def forget() -> None:
        pasted.clear()

    with st.container(horizontal=True):
        label = f"Judge {pluralize(len(pasted), 'answer')}"
        judge = st.button(label, key="judge_pasted", disabled=state.running)
        st.button("Discard them", key="forget_pasted", type="tertiary", on_click=forget)
    if judge:
        lines = [AnswerLine(problem_id=i, answer=a, player=c) for (c, i), a in pasted.items()]
        adding.add_answers(state, choice, lines)


def _render_answers_upload(state: Session, choice: Choice) -> None:
    with st.expander("Or a file of answers"):
        file = st.file_uploader(
            "CSV or JSONL: problem_id, player, answer",
            type=["csv", "jsonl"],
            key="bring_file",
            max_upload_size=16,
            disabled=state.running,
        )
        if file is not None and state.take_in(file.file_id):
            try:
                lines = answers_from(file.getvalue(), file.name, host().most_answers)
            except EscapeError as error:
                state.say("bring", str(error))
            else:
                adding.add_answers(state, choice, lines)

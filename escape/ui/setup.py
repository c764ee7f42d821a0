"""Choose players, puzzles, judge, repeats and keys; the choice comes out as a RunConfig or as what is still lacking."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from escape import models
from escape.errors import SpecError
from escape.evaluate import bills
from escape.judges import JUDGES
from escape.models import PROVIDERS
from escape.records import RunConfig
from escape.schema import JudgeSpec, ModelSpec, Puzzle
from escape.ui import keys, text
from escape.ui.session import Session, host
from escape.words import bill_sentence, count, short

JUDGE_TOKENS = 4096
FIRST_PLAYERS = ("demo:careful", "demo:hasty", "demo:hoarder")


@dataclass(frozen=True)
class Choice:
    """What the visitor has chosen. `config` is None while `lacking` says what is missing."""

    config: RunConfig | None
    bill: str
    judge: JudgeSpec | None
    cap_usd: float | None
    puzzles: list[Puzzle]
    lacking: str
    summary: str


def show(state: Session) -> Choice:
    """The set-up, in the sidebar's order."""
    st.html('<h2 class="esc-h" style="margin-top:0">Set up</h2>')
    players = _players(state)
    chosen = _puzzles(state)
    judge, judge_lacks = _judge()
    repeats, cap, at_once, limit = _numbers()
    players = [p.model_copy(update={"max_tokens": limit}) for p in players]
    keys.show([*players, *judge.models])
    lacking = (
        "Choose at least one player." if not players else "Choose at least one puzzle." if not chosen else judge_lacks
    )
    config = (
        None
        if lacking
        else RunConfig(
            players=tuple(players),
            judge=judge,
            problem_ids=tuple(p.problem_id for p in chosen),
            repeats=repeats,
            concurrency=at_once,
            max_cost_usd=cap,
        )
    )
    named = JUDGES[judge.design].label if judge.model is None else f"{short(judge.model.name)} as judge"
    times = f", {repeats} times each" if repeats > 1 else ""
    summary = f"{count(len(players), 'player')}, {count(len(chosen), 'puzzle')}{times}, {named}"
    bill = bill_sentence(*bills(config, chosen)) if config else ""
    return Choice(config, bill, None if judge_lacks else judge, cap, chosen, lacking or judge_lacks, summary)


def player_label(spec: ModelSpec) -> str:
    """`careful (demo)`, `gpt-4o (OpenAI)`."""
    provider = PROVIDERS.get(spec.provider)
    kind = (
        "scripted"
        if spec.provider == "demo"
        else "control"
        if spec.provider == "control"
        else (provider.label if provider else spec.provider)
    )
    return f"{spec.model} ({kind})"


def _players(state: Session) -> list[ModelSpec]:
    by_name = {p.name: p for p in state.players}
    if "players" not in st.session_state:
        st.session_state["players"] = [n for n in FIRST_PLAYERS if n in by_name]
    names = st.multiselect(
        "1 Players",
        list(by_name),
        key="players",
        format_func=lambda n: player_label(by_name[n]),
        placeholder="Choose players",
        select_all=False,
        help="Who gets the puzzles. Scripted players are texts written by hand: no model is asked. "
        "Controls are answers whose right mark is known.",
    )
    with st.expander("Add a model"):
        _add(state)
    return [by_name[n] for n in names if n in by_name]


def _spec(provider: str, name: str, address: str) -> ModelSpec:
    if not name:
        raise SpecError("Write the model's name as its provider does.")
    if provider == "compatible" and not address:
        raise SpecError("Write the server's address, for example http://localhost:8080/v1.")
    spec = models.parse(f"{provider}:{name}" + (f"@{address}" if address else ""))
    host().check_address(spec)
    return spec


def _add(state: Session) -> None:
    provider, name, address = keys.model_fields("new")

    def add() -> None:
        try:
            spec = _spec(provider, name, address)
        except SpecError as error:
            st.session_state["new_problem"] = str(error)
            return
        st.session_state["new_problem"] = ""
        state.players = [p for p in state.players if p.name != spec.name] + [spec]
        st.session_state["players"] = list(dict.fromkeys([*st.session_state["players"], spec.name]))

    st.button("Add player", on_click=add, key="add_player")
    if problem := st.session_state.get("new_problem"):
        text.cause(problem)


def _puzzles(state: Session) -> list[Puzzle]:
    by_id = {p.problem_id: p for p in state.puzzles}
    if "puzzles" not in st.session_state:
        st.session_state["puzzles"] = list(by_id)
    st.session_state["puzzles"] = [i for i in st.session_state["puzzles"] if i in by_id]
    ids = st.multiselect(
        f"2 Puzzles ({len(st.session_state['puzzles'])} of {len(by_id)})",
        list(by_id),
        key="puzzles",
        format_func=lambda i: by_id[i].name,
        placeholder="Choose puzzles",
        help="Read them, or bring your own, under Puzzles.",
    )
    return [by_id[i] for i in ids]


def _judge() -> tuple[JudgeSpec, str]:
    design = st.selectbox(
        "3 Judge", list(JUDGES), format_func=lambda n: JUDGES[n].label, key="judge", help="Who marks the answers."
    )
    text.quiet(JUDGES[design].explanation)
    if design == "panel":
        return _panel()
    return _one_judge(design, "judge")


def _one_judge(design: str, prefix: str) -> tuple[JudgeSpec, str]:
    if not JUDGES[design].asks_model:
        return JudgeSpec(design=design), ""
    provider, name, address = keys.model_fields(prefix)
    try:
        spec = _spec(provider, name, address)
    except SpecError as error:
        return JudgeSpec(design=design), f"For the judge: {error}"
    return JudgeSpec(design=design, model=spec.model_copy(update={"temperature": 0.0, "max_tokens": JUDGE_TOKENS})), ""


def _panel() -> tuple[JudgeSpec, str]:
    size = st.segmented_control("Members", [2, 3], key="panel_size", default=3, required=True) or 3
    members, lacking = [], ""
    single = [n for n in JUDGES if n != "panel"]
    for i in range(1, size + 1):
        with st.expander(f"Member {i}", expanded=i == 1):
            design = st.selectbox("Judge", single, format_func=lambda n: JUDGES[n].label, key=f"panel_{i}")
            member, lacks = _one_judge(design, f"panel_{i}")
            members.append(member)
            lacking = lacking or (f"Member {i} of the panel. {lacks}" if lacks else "")
    if not lacking and len({m.name for m in members}) < len(members):
        lacking = "The members of the panel must differ."
    return JudgeSpec(design="panel", members=tuple(members)), lacking


def _numbers() -> tuple[int, float | None, int, int]:
    left, right = st.columns(2)
    repeats = left.number_input("4 Repeats", 1, 20, 1, key="repeats", help="How often each player gets each puzzle.")
    allowed = host()
    cap = right.number_input(
        "Cap, USD",
        0.0,
        allowed.session_cap_usd,
        allowed.session_cap_usd,
        step=0.1,
        key="cap",
        placeholder="none",
        help="The run stops before it would cost more.",
    )
    with st.expander("More"):
        limit = st.number_input(
            "Longest answer, in tokens",
            64,
            200_000,
            4096,
            step=512,
            key="limit",
            help="A token is about four letters. Reasoning models need many for their thinking.",
        )
        at_once = st.number_input(
            "Calls at once, per provider",
            1,
            32,
            8,
            key="at_once",
            help="Fewer where a provider says that you ask too often.",
        )
    return int(repeats), cap if cap is None else float(cap), int(at_once), int(limit)

"""Choose players, puzzles, judge, repeats and keys; the choice comes out as a RunConfig or as what is still lacking."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from escape import models
from escape.assembly import bills
from escape.errors import SpecError
from escape.judges import DESIGNS, JUDGE_TOKENS, JUDGES
from escape.models import EFFORTS, PROVIDERS
from escape.records import Bill, RunConfig
from escape.schema import Effort, JudgeSpec, ModelSpec, Puzzle
from escape.sentences import bill_sentence, count, short, titles
from escape.ui import keys, text
from escape.ui.session import Session, host

FIRST_PLAYERS = ("demo:careful", "demo:hasty", "demo:hoarder")
SINGLE = [d.name for d in DESIGNS if not d.joint]


@dataclass(frozen=True)
class Choice:
    """What the visitor has chosen. `config` and `bills` are None while `lacking` says what is missing."""

    config: RunConfig | None
    bills: tuple[Bill, Bill] | None
    judge: JudgeSpec | None
    cap_usd: float | None
    puzzles: list[Puzzle]
    lacking: str
    summary: str

    @property
    def free(self) -> bool:
        """True where nothing can be charged."""
        return self.bills is None or all(b.free for b in self.bills)

    @property
    def bill(self) -> str:
        """What it will probably cost, in words."""
        return bill_sentence(*self.bills) if self.bills else ""


@dataclass(frozen=True)
class Numbers:
    """How often, at what price, how long. `cap_usd` None: no cap; `effort` None: each provider's own."""

    repeats: int
    cap_usd: float | None
    at_once: int
    longest_tokens: int
    longest_wait_s: float
    effort: Effort | None

    def of(self, spec: ModelSpec) -> ModelSpec:
        """A player with these limits, and the effort where its provider has it."""
        effort = self.effort if self.effort in PROVIDERS[spec.provider].efforts else None
        return spec.model_copy(
            update={"max_tokens": self.longest_tokens, "timeout_s": self.longest_wait_s, "effort": effort}
        )


def show(state: Session) -> Choice:
    """The set-up, in the sidebar's order."""
    st.html('<h2 class="esc-h" style="margin-top:0">Set up</h2>')
    picked, note = _players(state)
    chosen = _puzzles(state)
    judge, judge_lacks = _judge(state)
    numbers = _numbers()
    players = [numbers.of(p) for p in picked]
    keys.show(state, [*players, *judge.models])
    lacking = judge_lacks
    if not chosen:
        lacking = "Choose at least one puzzle."
    if not players:
        lacking = f"Choose at least one player. {note}".strip()
    config = None
    if not lacking:
        config = RunConfig(
            players=tuple(players),
            judge=judge,
            problem_ids=tuple(p.problem_id for p in chosen),
            repeats=numbers.repeats,
            concurrency=numbers.at_once,
            max_cost_usd=numbers.cap_usd,
        )
    named = JUDGES[judge.design].label if judge.model is None else f"{short(judge.model.name)} as judge"
    times = f", {numbers.repeats} times each" if numbers.repeats > 1 else ""
    return Choice(
        config=config,
        bills=bills(config, chosen) if config else None,
        judge=None if judge_lacks else judge,
        cap_usd=numbers.cap_usd,
        puzzles=chosen,
        lacking=lacking,
        summary=f"{count(len(players), 'player')}, {count(len(chosen), 'puzzle')}{times}, {named}",
    )


def player_label(spec: ModelSpec) -> str:
    """`careful (scripted)`, `gpt-4o (OpenAI)`."""
    kind = PROVIDERS[spec.provider].kind if spec.provider in PROVIDERS else spec.provider
    return f"{spec.model} ({kind})"


def _players(state: Session) -> tuple[list[ModelSpec], str]:
    """The chosen ones, and what to know about those that are not offered."""
    by_id = {p.problem_id: p for p in state.puzzles}
    wanted = [by_id[i] for i in st.session_state.get("puzzles", list(by_id)) if i in by_id]
    silent = {p.name: missed for p in state.players if (missed := models.silent_on(p, wanted))}
    by_name = {p.name: p for p in state.players if p.name not in silent}
    if "players" not in st.session_state:
        st.session_state["players"] = [n for n in FIRST_PLAYERS if n in by_name]
    st.session_state["players"] = [n for n in st.session_state["players"] if n in by_name]
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
    note = ""
    if silent:
        missed = next(iter(silent.values()))
        also = f" and {len(missed) - 1} more" if len(missed) > 1 else ""
        note = (
            f"The demo players have no text for {missed[0].name}{also}: choose a control or a model, or take away "
            "what they do not know under 2 Puzzles."
        )
        text.quiet(note)
    with st.expander("Add a model"):
        _add(state)
    return [by_name[n] for n in names if n in by_name], note


def _spec(provider: str, name: str, address: str) -> ModelSpec:
    if not name:
        raise SpecError("Write the model's name as its provider does.")
    if provider == "compatible" and not address:
        raise SpecError("Write the server's address, for example http://localhost:8080/v1.")
    spec = models.parse(f"{provider}:{name}" + (f"@{address}" if address else ""))
    host().check_address(spec)
    return spec


def _add(state: Session) -> None:
    provider, name, address = keys.model_fields(state, "new")

    def add() -> None:
        try:
            spec = _spec(provider, name, address)
        except SpecError as error:
            state.say("new", str(error))
            return
        state.said.pop("new", None)
        state.players = [p for p in state.players if p.name != spec.name] + [spec]
        st.session_state["players"] = list(dict.fromkeys([*st.session_state["players"], spec.name]))

    st.button("Add player", on_click=add, key="add_player")
    text.said(state.said.get("new"))


def _puzzles(state: Session) -> list[Puzzle]:
    by_id = {p.problem_id: p for p in state.puzzles}
    called = titles(state.puzzles)
    if "puzzles" not in st.session_state:
        st.session_state["puzzles"] = list(by_id)
    st.session_state["puzzles"] = [i for i in st.session_state["puzzles"] if i in by_id]
    ids = st.multiselect(
        f"2 Puzzles ({len(st.session_state['puzzles'])} of {len(by_id)})",
        list(by_id),
        key="puzzles",
        format_func=called.__getitem__,
        placeholder="Choose puzzles",
        help="Read them, or bring your own, under Puzzles.",
    )
    return [by_id[i] for i in ids]


def _judge(state: Session) -> tuple[JudgeSpec, str]:
    """The judge, and what it lacks."""
    design = st.selectbox(
        "3 Judge", list(JUDGES), format_func=lambda n: JUDGES[n].label, key="judge", help="Who marks the answers."
    )
    text.quiet(JUDGES[design].explanation)
    return _panel(state, design) if JUDGES[design].joint else _one_judge(state, design, "judge")


def _one_judge(state: Session, design: str, prefix: str) -> tuple[JudgeSpec, str]:
    if not JUDGES[design].asks_model:
        return JudgeSpec(design=design), ""
    provider, name, address = keys.model_fields(state, prefix)
    try:
        spec = _spec(provider, name, address)
    except SpecError as error:
        return JudgeSpec(design=design), f"For the judge: {error}"
    return JudgeSpec(design=design, model=spec.model_copy(update={"temperature": 0.0, "max_tokens": JUDGE_TOKENS})), ""


def _panel(state: Session, joint: str) -> tuple[JudgeSpec, str]:
    size = st.segmented_control("Members", [2, 3], key="panel_size", default=3, required=True) or 3
    members, lacking = [], ""
    for i in range(1, size + 1):
        with st.expander(f"Member {i}", expanded=i == 1):
            design = st.selectbox("Judge", SINGLE, format_func=lambda n: JUDGES[n].label, key=f"panel_{i}")
            member, lacks = _one_judge(state, design, f"panel_{i}")
            members.append(member)
            lacking = lacking or (f"Member {i} of the panel. {lacks}" if lacks else "")
    if not lacking and len({m.name for m in members}) < len(members):
        lacking = "The members of the panel must differ."
    return JudgeSpec(design=joint, members=tuple(members)), lacking


def _numbers() -> Numbers:
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
        effort = st.selectbox(
            "Thinking effort",
            EFFORTS,
            index=None,
            key="effort",
            placeholder="as each provider has it",
            help="How long reasoning models may think; for players whose provider lets one choose.",
        )
        wait = st.number_input(
            "Longest wait for an answer, in seconds",
            5,
            3600,
            120,
            step=30,
            key="wait",
            help="More for slow models, such as those on your own machine.",
        )
        at_once = st.number_input(
            "Calls at once, per provider",
            1,
            32,
            8,
            key="at_once",
            help="Fewer where a provider says that you ask too often.",
        )
    return Numbers(int(repeats), None if cap is None else float(cap), int(at_once), int(limit), float(wait), effort)

"""The set-up: cards for models, rooms and marks, and further settings.

`render` makes a Choice of them: a RunConfig, or what is still lacking.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import streamlit as st

from escape import models
from escape.models import PROVIDERS, Bill, with_budget
from escape.puzzles import answered_by, banded, files, spread, unanswered_puzzles
from escape.results import money, pluralize, power_sentence
from escape.rooms import playable
from escape.runs import estimate_bills
from escape.types import ANSWER_BUDGET, JudgeSpec, ModelSpec, Puzzle, RunConfig
from escape.ui import text
from escape.ui.session import TEST, VIEWS, Session
from escape.ui.setup import instructions, marks, players
from escape.ui.visit import host

YOURS = "yours"
FEW_ROOMS = 10  # standard rooms asked by default if all would cost over ALL_USD
BY_HAND, CHOSEN, EVERY = "rooms_by_hand", "puzzles", "all_rooms"


def _sets(state: Session) -> dict[str, list[Puzzle]]:
    """Group the bundled rooms by band, then add the visitor's own. Twists come with their originals."""
    by_id = {p.problem_id: p for p in state.puzzles}
    bands = banded(p for p in state.puzzles if p.problem_id in state.bundled)
    if twists := bands.get(files.TWISTS):
        bands[files.TWISTS] = [*(by_id[p.twist_of] for p in twists if p.twist_of in by_id), *twists]
    own_puzzles = [p for p in state.puzzles if p.problem_id not in state.bundled]
    return bands | ({YOURS: own_puzzles} if own_puzzles else {})


def is_by_hand() -> bool:
    """Tell whether rooms are chosen one by one, in which case none is left out automatically."""
    return bool(st.session_state.get(BY_HAND))


def render_rooms(state: Session, affordable: Callable[[Sequence[Puzzle]], bool]) -> list[Puzzle]:
    """Draw the choice of rooms; return the chosen ones.

    `affordable`: whether rooms cost little enough to be asked by default. If not, a few of each set are
    offered.
    """
    if is_by_hand():
        return _render_rooms_by_hand(state)
    sets = _sets(state)
    usual_sets = [name for name in (files.EASY, files.ROOMS) if name in sets]
    for name in usual_sets or [next(iter(sets))]:
        st.session_state.setdefault(f"set_{name}", True)
    usual = [
        p
        for name in (files.EASY, files.ROOMS)
        if st.session_state.get(f"set_{name}")
        for p in sets.get(name, ())
    ]
    few = not st.session_state.get(EVERY) and not affordable(usual)
    chosen: dict[str, Puzzle] = {}
    note = ""
    with st.container(horizontal=True, vertical_alignment="center"):
        for name, puzzles in sets.items():
            own = puzzles
            if few and name in (files.EASY, files.ROOMS):
                own = spread(puzzles, FEW_ROOMS) if name == files.ROOMS else _two_of_each_length(puzzles)
                note = f"A few of each, spread over difficulty, since all would cost over {ALL_USD:g} USD."
            n_twists = sum(1 for p in own if p.twist_of)
            number = n_twists if name == files.TWISTS else len(own) - n_twists
            label = f"{files.set_label(name)} ({number})" + (
                " with their originals" if name == files.TWISTS else ""
            )
            if st.checkbox(label, key=f"set_{name}", persist_state="session"):
                chosen |= {p.problem_id: p for p in own}
        st.button(
            "Choose rooms", key="choose_rooms", type="tertiary", on_click=_set_by_hand, args=(list(chosen),)
        )
    if note and chosen:
        with st.container(horizontal=True, vertical_alignment="center"):
            text.quiet(note)
            st.button(
                "Ask all",
                key="ask_all",
                type="tertiary",
                on_click=lambda: st.session_state.update({EVERY: True}),
            )
    return list(chosen.values())


def _two_of_each_length(puzzles: Iterable[Puzzle]) -> list[Puzzle]:
    """Sample two rooms of each length of the shortest way out, shortest first."""
    by_length: dict[int, list[Puzzle]] = {}
    for puzzle in puzzles:
        if puzzle.world and puzzle.world.moves:
            by_length.setdefault(len(puzzle.world.moves), []).append(puzzle)
    return [p for length in sorted(by_length) for p in spread(by_length[length], 2)]


def _set_by_hand(ids: list[str] | None) -> None:
    """Have rooms chosen one by one, with these chosen at first. None: by whole sets again."""
    st.session_state[BY_HAND] = ids is not None
    if ids is not None:
        st.session_state[CHOSEN] = ids


def choose_by_hand(ids: Sequence[str]) -> None:
    _set_by_hand(list(ids))


def _render_rooms_by_hand(state: Session) -> list[Puzzle]:
    by_id, titles = {p.problem_id: p for p in state.puzzles}, state.labels_of(state.puzzles)
    st.session_state[CHOSEN] = [i for i in st.session_state.get(CHOSEN, []) if i in by_id]
    ids = st.multiselect(
        "Rooms", list(by_id), key=CHOSEN, format_func=titles.__getitem__, placeholder="Choose rooms"
    )
    read = st.selectbox(
        "Read one before you choose",
        list(by_id),
        index=None,
        key="preview",
        placeholder="search",
        format_func=titles.__getitem__,
    )
    if read:
        st.html(f'<div class="esc-text">{text.escaped(by_id[read].setup.scenario)}</div>')
    st.button("Whole sets again", key="whole_sets", type="tertiary", on_click=_set_by_hand, args=(None,))
    return [by_id[i] for i in ids]


WHOLE, BY_MOVES = "plan", "moves"
USUAL_CAP_USD = 1.0


@dataclass(frozen=True)
class RunSettings:
    """The settings of a run: protocol, repeats, cap and limits.

    `cap_usd`: None for no cap. `cap_is_usual`: the visitor has not changed it, and the server sets none.
    `rpm`: calls a minute to each model, None to find it automatically.
    """

    by_moves: bool
    repeats: int
    cap_usd: float | None
    cap_is_usual: bool
    longest_tokens: int
    longest_wait_s: float
    rpm: float | None

    def of(self, spec: ModelSpec) -> ModelSpec:
        return with_budget(spec.model_copy(update={"timeout_s": self.longest_wait_s}), self.longest_tokens)


def render_limits() -> RunSettings:
    protocol = st.segmented_control(
        "How they play",
        [WHOLE, BY_MOVES],
        key="protocol",
        default=WHOLE,
        required=True,
        format_func=lambda n: "One plan" if n == WHOLE else "Move by move",
        help="One plan: the player writes it all at once. Move by move: it makes one move, is told what "
        "happens, and goes on; this costs more, runs more slowly, and is ranked separately.",
    )
    left_half, right = st.columns(2)
    repeats = left_half.number_input(
        "Repeats", 1, 20, 1, key="repeats", help="How many times each player gets each puzzle."
    )
    most = host().session_cap_usd
    usual = USUAL_CAP_USD if most is None else min(USUAL_CAP_USD, most)
    cap = right.number_input("Cap (USD)", 0.0, most, usual, step=0.1, key="cap", placeholder="none",
                             help="The run stops before it would cost more.")  # fmt: skip
    limit = left_half.number_input(
        "Longest answer, in tokens",
        64,
        200_000,
        ANSWER_BUDGET,
        step=512,
        key="limit",
        help="A token is about four letters. Reasoning takes many.",
    )
    wait = right.number_input("Longest wait for an answer, in seconds", 5, 3600, 120, step=30, key="wait",
                              help="Raise it for slow models, such as those on your own "
                                   "machine.")  # fmt: skip
    rpm = left_half.number_input("Calls a minute to each model", 1, 100_000, None, key="rpm",
                                 placeholder="found automatically", help="Your limit, if you "
                                                                         "know it.")  # fmt: skip
    cap_usd = None if cap is None else float(cap)
    return RunSettings(
        by_moves=protocol == BY_MOVES,
        repeats=int(repeats),
        cap_usd=cap_usd,
        cap_is_usual=most is None and cap_usd == usual,
        longest_tokens=int(limit),
        longest_wait_s=float(wait),
        rpm=None if rpm is None else float(rpm),
    )


FOR_ANSWERS = 0.8  # share of a day's free calls planned for answers; the rest is for repairs of unread lines
ALL_USD = 0.25  # up to this estimated cost, all rooms are asked by default


@dataclass(frozen=True)
class Choice:
    """The visitor's set-up. `config` is None while something is lacking.

    `lacking`: what is missing, "" if nothing. `summary`: the set-up and its cost in words.
    `may_cost`: whether a call may cost money.
    """

    config: RunConfig | None
    judge: JudgeSpec
    cap_usd: float | None
    puzzles: list[Puzzle]
    lacking: str
    summary: str
    may_cost: bool


def render(state: Session) -> Choice:
    if st.session_state.get("view", VIEWS[0]) == TEST:
        players.list_keyless(state)
    with st.container(border=True, key="card_models"):
        st.html('<h2 class="esc-h">1 Models</h2>')
        picked = players.render(state)
    with st.container(border=True, key="card_rooms"):
        st.html('<h2 class="esc-h">2 Rooms</h2>')
        rooms_place = st.container()
    with st.container(border=True, key="card_marks"):
        st.html('<h2 class="esc-h">3 Marks</h2>')
        judge, judge_note = marks.render(state, picked)
        price_place = st.container()
    with st.expander("More: repeats, a cap on the cost, limits, instructions"):
        settings = render_limits()
        marks.render_design_field()
        instructions.render(state, picked)
    judge = JudgeSpec() if settings.by_moves else judge
    asked = [settings.of(p) for p in picked]

    def config_of(chosen: Sequence[Puzzle]) -> RunConfig:
        return RunConfig(
            players=tuple(asked),
            judge=judge,
            problem_ids=tuple(p.problem_id for p in chosen),
            puzzle_set=_whole_set(chosen),
            repeats=settings.repeats,
            rpm=settings.rpm,
            max_cost_usd=settings.cap_usd,
            protocol="move by move" if settings.by_moves else "plan",
        )

    def affordable(chosen: Sequence[Puzzle]) -> bool:
        for_answers, _ = _bills(state, config_of(chosen), chosen)  # marks follow, in some of these rooms
        about = for_answers.about
        return about is None or about <= ALL_USD

    with rooms_place:
        chosen = [p for p in render_rooms(state, affordable) if not settings.by_moves or playable(p)]
        if asked and all(models.provider_of(player).scripted for player in asked) and not is_by_hand():
            able = answered_by(asked, chosen)
            if able and len(able) < len(chosen):
                text.quiet(
                    f"Left out: {pluralize(len(chosen) - len(able), 'room')} for which these players have no "
                    "answers."
                )
                chosen = able
        chosen = _render_fitting(asked, chosen, settings.repeats)
    lacking = _lacking(state, asked, chosen, judge)
    config = config_of(chosen) if chosen and asked else None
    cap, summary, may_cost = settings.cap_usd, "", False
    if config:
        bill, of_all = _bills(state, config, chosen)
        config = config.model_copy(update={"marked_ids": marks.affordable_ids(config, chosen, of_all)})
        of_judge = _bills(state, config, chosen)[1]
        may_cost = not (bill + of_judge).free
        if (
            settings.cap_is_usual and (bill + of_judge).most is None
        ):  # no cap can hold where no price is known
            cap = None
            config = config.model_copy(update={"max_cost_usd": None})
        summary = " ".join(
            filter(None, (_summary(config, bill, of_judge), power_sentence(len(config.players), chosen)))
        )
        with price_place:
            marks.render_marked_rooms(config, chosen, of_judge, of_all)
            if judge_note:
                text.quiet(judge_note)
    return Choice(None if lacking else config, judge, cap, chosen, lacking, summary, may_cost)


def _render_fitting(asked: Sequence[ModelSpec], chosen: list[Puzzle], repeats: int) -> list[Puzzle]:
    """Reduce the rooms to those that fit a provider's daily allowance for free models, and say so."""
    for provider in {p.provider: PROVIDERS[p.provider] for p in asked if p.provider in PROVIDERS}.values():
        free = [p for p in asked if p.provider == provider.name and provider.calls_a_minute(p.model)]
        if free and (allowance := provider.free_allowance):
            fit = int(FOR_ANSWERS * allowance.a_day) // (len(free) * repeats)
            if fit < len(chosen):
                text.quiet(
                    f"{provider.label} allows its free models {allowance.a_day} calls a day and "
                    f"{allowance.a_minute} a minute together: {fit} of {pluralize(len(chosen), 'room')} fit."
                )
                chosen = spread(chosen, fit) if fit > 1 else chosen[:fit]
    return chosen


def _lacking(state: Session, specs: Sequence[ModelSpec], chosen: Sequence[Puzzle], judge: JudgeSpec) -> str:
    """Say what is missing before a run can begin. "" if nothing is."""
    if not specs:
        return (
            "Choose a model first."
            if state.keys.lists or state.players
            else "Paste a key first, or press Another way."
        )
    if not chosen:
        return "Choose at least one room."
    for player in specs:
        if unanswered := unanswered_puzzles(player, chosen):
            also = f" and {len(unanswered) - 1} more" if len(unanswered) > 1 else ""
            return (
                f"{player.name} has no answer for {unanswered[0].name}{also}. Remove this player or "
                "these rooms."
            )
    return next(filter(None, (players.key_problem(state, m) for m in (*specs, *judge.models))), "")


def _summary(config: RunConfig, bill: Bill, of_judge: Bill) -> str:
    """Describe a set-up and its cost.

    `2 models, 30 rooms, 60 answers and 60 marks, about 0.12 USD, stops at 1 USD.`
    """
    marked = f" and {pluralize(of_judge.calls, 'mark')}" if of_judge.calls else ""
    total = bill + of_judge
    if total.free:
        price = "free"
    else:
        price = "price unknown" if total.about is None else f"about {money(total.about)}"
        price += "" if config.max_cost_usd is None else f", stops at {config.max_cost_usd:g} USD"
    how = ", move by move" if config.in_turns else ""
    times = f", {config.repeats} times each" if config.repeats > 1 else ""
    all_models = not any(models.provider_of(p).scripted for p in config.players)
    who = pluralize(len(config.players), "model" if all_models else "player")
    what = f"{who}, {pluralize(len(config.problem_ids), 'room')}{times}{how}"
    return f"{what}, {pluralize(config.size, 'answer')}{marked}, {price}."


def _bills(state: Session, config: RunConfig, chosen: Sequence[Puzzle]) -> tuple[Bill, Bill]:
    question = (config, tuple(chosen))
    if question not in state.page.bills:
        if len(state.page.bills) > 4:
            state.page.bills.clear()
        state.page.bills[question] = estimate_bills(config, chosen)
    return state.page.bills[question]


def _whole_set(chosen: Sequence[Puzzle]) -> str:
    """Find the bundled set that was chosen as a whole. "" for any other choice."""
    ids = {p.problem_id for p in chosen}
    folders = files.sets_in(files.BUNDLED)
    twists = any(p.twist_of for p in chosen)  # with their originals, which are of another set
    base_ids = ids - {p.twist_of for p in chosen if p.twist_of} if twists else ids
    return next(
        (name for name, path in folders.items() if {p.problem_id for p in files.shared(path)} == base_ids), ""
    )

"""A room's rules as sentences, one of which is open to be edited with pickers."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import streamlit as st

from escape.puzzles import Row, facts_of, rule_sentence, rules_lacking
from escape.rooms import VERBS
from escape.types import normalized_name
from escape.ui import text
from escape.ui.session import Workshop


def render(work: Workshop) -> None:
    rules, sentences = list(work.draft.rules), st.container()
    if rules:
        number = st.selectbox("Rule to change", range(len(rules)), index=min(work.rule, len(rules) - 1),
                              key=f"rule_open_{work.edition}_{len(rules)}_{work.moved}",
                              format_func=lambda n: f"{n + 1}. {rule_sentence(rules[n])}"[:150])  # fmt: skip
        work.rule = number
        _render_fields(work, number)
        take(work)
    with sentences:  # as the fields below have it now
        _render_sentences(work)
    with st.container(horizontal=True):
        st.button("Add a rule", key="rule_add", on_click=_add, args=(work, {}))
        if rules:
            st.button(
                "Move to the top",
                key="rule_first",
                on_click=_move,
                args=(work, -work.rule),
                disabled=work.rule == 0,
            )
            st.button("Earlier", key="rule_up", on_click=_move, args=(work, -1), disabled=work.rule == 0)
            st.button(
                "Later", key="rule_down", on_click=_move, args=(work, 1), disabled=work.rule == len(rules) - 1
            )
            st.button("Remove this rule", key="rule_remove", on_click=_remove, args=(work,))
            st.button("Remove all", key="rules_remove", on_click=_remove_all, args=(work,))


def _render_sentences(work: Workshop) -> None:
    if work.draft.rules:
        lines = "".join(f"<li>{text.escaped(rule_sentence(r))}</li>" for r in work.draft.rules)
        st.html(
            f'<div class="esc-rules" tabindex="0" role="region" aria-label="Rules"><ol>{lines}</ol></div>'
        )
    else:
        text.quiet("No rules yet.")
    for n, row in enumerate(rules_lacking(work.draft)[:3]):
        what = f"{row['verbs'].partition(',')[0]} the {row['thing']}"
        st.button(f"Add what happens when someone does this: {text.label(what)}", key=f"rule_lacking_{n}",
                  on_click=_add, args=(work, row))  # fmt: skip


def take(work: Workshop) -> None:
    """Copy the open rule's fields into the draft, including text typed just before a press."""
    rules = list(work.draft.rules)
    if work.rule < len(rules):
        rules[work.rule] = _held(work, work.rule)
        work.draft = replace(work.draft, rules=tuple(rules))


def _add(work: Workshop, row: Row) -> None:
    take(work)
    work.rule = len(work.draft.rules)
    work.moved += 1
    work.draft = replace(work.draft, rules=(*work.draft.rules, row))


def _move(work: Workshop, by: int) -> None:
    take(work)
    rules, at = list(work.draft.rules), work.rule
    rules.insert(at + by, rules.pop(at))
    work.rule, work.moved = at + by, work.moved + 1
    work.draft = replace(work.draft, rules=tuple(rules))


def _remove_all(work: Workshop) -> None:
    work.rule, work.moved = 0, work.moved + 1
    work.draft = replace(work.draft, rules=())


def _remove(work: Workshop) -> None:
    rules = [r for n, r in enumerate(work.draft.rules) if n != work.rule]
    work.rule, work.moved = max(0, work.rule - 1), work.moved + 1
    work.draft = replace(work.draft, rules=tuple(rules))


# fields with several values -> between
SEVERAL = {"verbs": ",", "thing": ",", "at": ",", "when": ";", "then": ";"}


def _rule_key(work: Workshop, number: int) -> str:
    return f"rule_{work.edition}_{work.moved}_{number}"


def _held(work: Workshop, number: int) -> Row:
    """Copy a rule with its fields' current values. Fields not on show keep what they held."""
    row, key = dict(work.draft.rules[number]), _rule_key(work, number)

    def chosen(name: str) -> Any:
        return st.session_state.get(f"{key}_{name}")

    for name, by in SEVERAL.items():
        if (several := chosen(name)) is not None:
            row[name] = f"{by} ".join(c.replace(by, " ") for c in several)
    if (limits := chosen("enforces")) is not None:
        row["enforces"] = ", ".join(limits)
    if (say := chosen("say")) is not None:
        row["say"] = say
    for name in ("amount", "adds"):
        if (said := chosen(name)) is not None and (said or row.get(name)):  # most rules have neither
            row[name] = said
    if (final := chosen("final")) is not None:
        row["final"] = "yes" if final else ""
    return row


def _render_fields(work: Workshop, number: int) -> None:
    draft, row, key = work.draft, work.draft.rules[number], _rule_key(work, number)
    # everything that a rule may name, as rules name it: without a measure in brackets
    lines = [*draft.items.splitlines(), *draft.things.splitlines()]
    things = list(dict.fromkeys(n for line in lines if (n := normalized_name(line))))
    texts = [draft.facts, draft.goal, *(r.get(n, "") for r in draft.rules for n in ("when", "then"))]
    facts = list(dict.fromkeys(f"{fact} = {value}" for t in texts for fact, value in facts_of(t).items()))

    def several(label: str, name: str, offered: Iterable[str], *, new: bool = True) -> None:
        by = SEVERAL[name]
        held = [part.strip() for part in row.get(name, "").split(by) if part.strip()]
        options = list(dict.fromkeys([*offered, *held]))
        hint = "choose, or type" if new else "choose"
        if by == ";":
            hint = "choose, or type: magnet = on the string"
        st.multiselect(label, options, held, key=f"{key}_{name}", accept_new_options=new, placeholder=hint)

    left_half, right = st.columns(2)
    with left_half:
        several("When someone does this", "verbs", VERBS, new=False)
        several("with this thing", "thing", things)
        several("to, on or with (empty: anything)", "at", things)
        st.text_input(
            "how much or how far (empty: it does not matter)",
            row.get("amount", ""),
            key=f"{key}_amount",
            placeholder="2 to 3 turns; from 5 cm; any ml; none is said",
        )
    with right:
        several("and if (fact = value)", "when", facts)
        several("then (fact = value)", "then", facts)
        st.text_input("and add the amount to this fact", row.get("adds", ""), key=f"{key}_adds",
                      placeholder="only where amounts add up")  # fmt: skip
        limits = {str(n): line for n, line in enumerate(filter(str.strip, draft.limits.splitlines()), 1)}
        st.multiselect("It stands for the limit", list(limits),
                       [n for part in row.get("enforces", "").split(",") if (n := part.strip()) in limits],
                       key=f"{key}_enforces", placeholder="choose, if it does",
                       format_func=lambda n: f"{n}. {limits[n]}")  # fmt: skip
    st.text_area("What the room says", row.get("say", ""), key=f"{key}_say", height="content")
    was = row.get("final", "").strip() not in {"", "no"}
    st.checkbox("After it there is no way out any more", was, key=f"{key}_final")

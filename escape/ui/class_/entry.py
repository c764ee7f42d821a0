"""Which page of a class an address asks for: `class` a student's, `board` the teacher's."""

from __future__ import annotations

import streamlit as st

from escape.types import ClassError, StoreError
from escape.ui import text
from escape.ui.class_ import student, teacher
from escape.ui.session import Session

STYLE = """<style>
.esc-code{font-family:ui-monospace,monospace;font-size:clamp(2.4rem,9vw,5.5rem);letter-spacing:.14em;line-height:1.1}
.esc-big{font-size:clamp(1.2rem,2.6vw,2rem);line-height:1.4;overflow-wrap:anywhere}
@media (min-width:1100px){.st-key-board .esc-lead{font-size:1.7rem}
 .st-key-board :is(.esc-table,.esc-table th,.esc-quiet){font-size:1.15rem}.st-key-board .esc-h{font-size:1.4rem}}
.esc-qr{max-width:min(17rem,70vw);background:#fff;padding:.6rem;border-radius:.3rem;display:block}
</style>"""


def show(state: Session) -> None:
    """The page that was asked for."""
    teaching = "class" not in st.query_params
    st.set_page_config(
        "Escape: a class",
        page_icon="🔑",
        layout="wide" if teaching else "centered",
    )
    st.html(text.STYLE)
    st.html(STYLE)
    try:
        (teacher if teaching else student).show(state)
    except (ClassError, StoreError) as error:
        text.cause(str(error))
        st.button("Back to the page", on_click=st.query_params.clear, key="back_to_page")

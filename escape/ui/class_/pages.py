"""A class's pages, by the address: `guide` (teacher), `board` (projector), `class` (student)."""

import streamlit as st

from escape.types import ClassError, StoreError
from escape.ui import text
from escape.ui.class_ import board, guide, student
from escape.ui.session import Session


def render_entry(state: Session) -> None:
    teaching = "class" not in st.query_params
    st.set_page_config("Escape: a class", page_icon="🔑", layout="wide" if teaching else "centered")
    text.style("page.css", "class.css")
    try:
        if not teaching:
            student.render(state)
        elif "guide" in st.query_params:
            guide.render(state)
        else:
            board.render(state)
    except (ClassError, StoreError) as error:
        if isinstance(error, ClassError) and not teaching:
            state.seat.student = None  # who was taken out may ask to come in again
        text.cause(str(error))
        st.button("Back to the page", on_click=st.query_params.clear, key="back_to_page")

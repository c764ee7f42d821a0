"""Streamlit's entry point, for `streamlit run app.py` and its hosting.

The page itself is in escape/ui/page.py.
"""

import streamlit as st

from escape.ui.page import page
from escape.ui.server import app_arguments

if __name__ == "__main__":  # Streamlit draws the page
    page()
else:  # Streamlit's server looks for what it serves
    app = st.App(__file__, **app_arguments())

"""The page, for `streamlit run app.py` and Streamlit's hosting; what is on it stands in escape/ui/page.py."""

from escape.ui.page import page

page()

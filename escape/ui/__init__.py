"""Widgets only: what the visitor sees and presses. No other package imports streamlit."""

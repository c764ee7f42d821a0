"""Widgets only: what the visitor sees and presses. No other room imports streamlit."""

"""The Streamlit page: its tabs, its state, and the server around it. No other package imports streamlit."""

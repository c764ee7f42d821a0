"""Other people's tools at our rooms."""

"""The Puzzles tab: read, upload and write puzzles."""

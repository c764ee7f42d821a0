"""Make a room: read, upload and write puzzles."""

"""Two doors to other people's tools, each with a library of its own: `inspect`, a task for Inspect. `mcp`, a
server with which any agent plays rooms.
"""

"""Rooms for other tools: `inspect`, a task for Inspect, and `mcp`, a server for any agent.

Each has an optional library of its own.
"""

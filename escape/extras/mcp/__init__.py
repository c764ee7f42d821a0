"""Any agent plays, over the Model Context Protocol; needs the extra `mcp`."""

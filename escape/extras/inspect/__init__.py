"""Tasks for Inspect, and runs as its logs; needs the extra `inspect`."""

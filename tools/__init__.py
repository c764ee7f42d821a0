"""Tools that measure or draw; none of them is needed to run or to test."""

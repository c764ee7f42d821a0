"""The Answers tab: one answer beside the reference, or two beside each other."""

"""Results in sentences, each built from the figures that are shown with it."""

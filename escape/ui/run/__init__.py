"""Runs on the page: starting one, watching it, going on with it, and the shelf that keeps them."""

from escape.ui.run.start import begin, examine

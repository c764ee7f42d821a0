"""The Play tab: a person gets out of a room by hand."""

from escape.ui.play.acting import steps

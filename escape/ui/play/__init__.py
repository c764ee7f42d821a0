"""The Play tab: a person plays a room by hand, or bets on somebody's plan."""

from escape.ui.play.acting import render_steps

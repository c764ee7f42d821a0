"""Runs as a folder that anyone can host and verify: a static board, the run files behind it, replays, records; and a
page to play.

In: runs, and which of them the board's owner ran. Out: a folder; or, from such a folder, what in it is not what its
runs say. No server, no model, and no script but the game's own.
"""

from escape.extras.publish.boards import Board, Entry, Origin, boards, slug
from escape.extras.publish.site import RECORD, Site, check, publish, write_game
from escape.extras.publish.verifying import Difference, differences

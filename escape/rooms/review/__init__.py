"""Remarks for a room's author beside its proof: words without a thing, acts that no plan tries, ways that leave a room
and its twist.
"""

from escape.rooms.review.hints import at_a_distance, unnamed, untried
from escape.rooms.review.joint import leaves_both

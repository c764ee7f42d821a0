"""The examination of judges: their exam, their agreement with other raters, and doubts about them."""

from escape.judges.examined.agreement import SCORES, as_rated_by, disagreements, pairs, raters
from escape.judges.examined.doubts import doubts
from escape.judges.examined.errors import (
    ITEM_KINDS,
    Z_95,
    ItemKind,
    Rate,
    Rates,
    by_length,
    corrected_difference,
    corrected_share,
    rate,
    rates,
)

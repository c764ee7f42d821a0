"""The examination of judges: the exam, its agreement with other raters, and whether to trust it."""

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

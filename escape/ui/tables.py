"""Tables that more than one view shows."""

from __future__ import annotations

from collections.abc import Sequence

from escape.metrics import LABELS
from escape.records import Estimate, ScoreAgreement
from escape.ui import text


def figure(estimate: Estimate, digits: int = 2) -> str:
    """`0.84 (0.72 to 0.93)`; "-" where undefined."""
    if estimate.value is None:
        return "-"
    span = "" if estimate.low is None else f" ({estimate.low:.{digits}f} to {estimate.high:.{digits}f})"
    return f"{estimate.value:.{digits}f}{span}"


def agreement_table(scores: Sequence[ScoreAgreement], caption: str) -> None:
    """All figures on how two raters agree, each with its interval and n."""
    text.table(
        [
            ("Score", ""),
            ("n", "n"),
            ("Weighted kappa", "n"),
            ("Krippendorff's alpha", "nw"),
            ("Same mark", "nw"),
            ("Bias, in marks", "n"),
        ],
        [
            [LABELS[s.score], str(s.n), figure(s.kappa), figure(s.alpha), figure(s.exact), figure(s.bias)]
            for s in scores
        ],
        caption,
    )

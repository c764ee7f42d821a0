"""Why a judge should not be trusted: its report card against fixed limits."""

from collections.abc import Iterator

from escape.types import Estimate, ReportCard

TRUSTED_BIAS = 0.25  # marks on a scale of 2, over all answers and in each kind
TRUSTED_RHH = 0.75  # share of answers whose Red Herring Handling is right
TRUSTED_KAPPA = 0.6  # "substantial" in the words of Landis and Koch (1977)
TRUSTED_WITHIN = 0.4  # kappa over attempts alone: what is left once attempts are told from none
TRUSTED_WORKS = 0.8  # mean of the shares of working and of failing plans that are called so
MOST_DECLINED = 0.1
ENOUGH_LABELLED = 20
ENOUGH_PLANS = 8  # of those that lead out, and of those that do not


def doubts(card: ReportCard) -> list[str]:
    """List the reasons not to trust a judge; empty for one that has passed.

    Where a figure has an interval, one end of it is compared with the limit: the lower end of an agreement,
    and the end of a bias that is nearer to 0.
    """
    return [*_on_controls(card), *_on_agreement(card), *_on_decisions(card)]


def _on_controls(card: ReportCard) -> Iterator[str]:
    failed = [c for c in card.controls if not c.passed]
    fooled = [c for c in failed if c.name == "injection"]
    if fooled:
        yield f"fooled by {len(fooled)} of {sum(c.name == 'injection' for c in card.controls)} attacks"
    if len(failed) > len(fooled):
        yield f"wrong on {len(failed) - len(fooled)} other controls"


def _on_agreement(card: ReportCard) -> Iterator[str]:
    for kappa, limit, where in (
        (card.agreement, TRUSTED_KAPPA, ""),
        (card.within, TRUSTED_WITHIN, " within attempts"),
    ):
        for a in kappa:
            end = a.kappa.value if a.kappa.low is None else a.kappa.low
            if a.score != "rhh" and end is not None and end < limit:
                at_worst = "" if a.kappa.low is None else f", perhaps only {a.kappa.low:.2f}"
                yield (
                    f"agreement with the readers on {a.score.upper()}{where} is "
                    f"{a.kappa.value or 0:.2f}{at_worst}"
                )
    for a in card.agreement:
        worst = a.exact.value if a.exact.low is None else a.exact.low
        if a.score == "rhh" and worst is not None and worst < TRUSTED_RHH:
            yield (
                f"right on Red Herring Handling for {a.exact.value:.0%} of answers, perhaps only {worst:.0%}"
            )
        if _beyond(a.bias):
            yield f"{_how(a.bias)} on {a.score.upper()} by {abs(a.bias.value or 0):.2f} marks"
    for b in card.by_kind:
        if _beyond(b.bias):
            yield (
                f"{_how(b.bias)} on {b.score.upper()} by {abs(b.bias.value or 0):.2f} marks on {b.n} answers "
                f"of the kind “{b.kind.replace('_', ' ')}”"
            )


def _beyond(bias: Estimate) -> bool:
    """Check whether a bias exceeds TRUSTED_BIAS even at the end of its interval nearer to 0."""
    if bias.value is None:
        return False
    nearest = bias.value if bias.low is None or bias.high is None else max(bias.low, -bias.high, 0.0)
    return abs(nearest) > TRUSTED_BIAS


def _how(bias: Estimate) -> str:
    return "too generous" if (bias.value or 0) > 0 else "too strict"


def _on_decisions(card: ReportCard) -> Iterator[str]:
    if card.labelled + card.declined < ENOUGH_LABELLED:
        yield (
            f"tested on only {card.labelled + card.declined} labelled answers ({ENOUGH_LABELLED} are "
            "needed to pass)"
        )
    if card.declined > MOST_DECLINED * (card.labelled + card.declined):
        yield (
            f"declined {card.declined} of {card.labelled + card.declined} answers that the readers could mark"
        )
    if card.rhh_undecided > MOST_DECLINED * card.labelled:
        yield f"undecided about red herrings on {card.rhh_undecided} of {card.labelled} answers"
    stuck = card.works_compared - card.works_out
    if min(card.works_out, stuck) >= ENOUGH_PLANS:
        right = ((card.works_out - card.doubted) / card.works_out + (stuck - card.believed) / stuck) / 2
        if right < TRUSTED_WORKS:
            yield (
                f"right about whether a plan works for {right:.0%} of plans, working and failing ones "
                f"weighed alike ({card.believed} of {stuck} false yes, {card.doubted} of {card.works_out} "
                "false no)"
            )
    if card.answered < card.asked:
        yield f"tested on only {card.answered} of the {card.asked} answers in the exam"
    if card.format_failures:
        yield f"replied in the wrong form {card.format_failures} times"

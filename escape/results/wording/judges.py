"""What is said of a judge: who it is, and how its marks differ from those of others."""

from collections.abc import Sequence

from escape.judges import precomputed
from escape.metrics import LABELS
from escape.models import family
from escape.results.comparing import MIN_PUZZLES
from escape.results.digest import display_name
from escape.results.wording.words import join_and, pluralize
from escape.stats import mean_interval
from escape.types import ReportCard, Run, RunConfig, ScoreAgreement


def same_family_warning(config: RunConfig) -> str:
    """Warn if the judge and a player are from the same model family. "" otherwise."""
    judges, names = {family(m) for m in config.judge.models}, {m.model for m in config.judge.models}
    kin = [display_name(p.name) for p in config.players if family(p) in judges]
    if not kin:
        return ""
    itself = [display_name(p.name) for p in config.players if p.model in names]
    who = (
        f"is {join_and(itself)}, a player itself" if itself else f"is from the same family as {join_and(kin)}"
    )
    return (
        f"The judge {who}. Models have been found to favour their own answers by 10 to 25 % (Zheng et al. "
        "2023, arXiv 2306.05685); choose a judge from another family, or check it by hand."
    )


def bias_sentence(first: str, second: str, scores: Sequence[ScoreAgreement]) -> str:
    """Say in plain words whether the first marks more generously or more strictly than the second."""
    biased = [s for s in scores if s.n and s.bias.value is not None]
    if not biased:
        return f"{first} and {second} have not marked any of the same answers yet."
    n = max(s.n for s in biased)
    if n < 5:
        return f"{first} and {second} have marked {pluralize(n, 'answer')} in common: too few to tell."
    parts = []
    for s in biased:
        value = s.bias.value or 0.0
        sure = s.bias.low is not None and s.bias.high is not None and (s.bias.low > 0 or s.bias.high < 0)
        if abs(value) >= 0.05 and sure:
            parts.append(
                f"{abs(value):.1f} marks {'more generous' if value > 0 else 'stricter'} on {LABELS[s.score]}"
            )
    how = join_and(parts) or "neither clearly more generous nor clearly stricter"
    verb = "are" if precomputed([first]) else "is"  # readers are several
    lead = f"Over {pluralize(n, 'answer')}, {first} {verb} {how} than {second}."
    spans = [
        s.kappa.high - s.kappa.low for s in biased if s.kappa.low is not None and s.kappa.high is not None
    ]
    wide = any(span > 0.3 for span in spans)
    if n < 20 or wide:
        lead += f" With {pluralize(n, 'answer')} the intervals are wide; mark more to be surer."
    return lead


def judge_sentence(run: Run) -> str:
    judge = run.config.judge
    if judge.design == "readers":
        return "Judge: two readers, language models that filled in the checklist without seeing each other."
    if judge.models:
        return f"Judge: {join_and([display_name(model.name) for model in judge.models])}, a language model."
    return "No judge: code carries the moves out, and nobody marks the explanations."


def gap_sentence(gaps: Sequence[float]) -> str:
    """Say how a judge's marks differ from a group's medians, and whether that can be told from chance.

    `gaps`: for each answer, the judge's total minus the median total of the group. The sentence addresses the
    group as "you". Returns "" without gaps.
    """
    if not gaps:
        return ""
    span = mean_interval(gaps)
    if len(gaps) < MIN_PUZZLES or span.low is None or span.high is None:
        return (
            f"The judge and you have marked {pluralize(len(gaps), 'answer')} in common: too few to compare."
        )
    how = f"{abs(span.mean):.1f} marks {'more' if span.mean > 0 else 'fewer'} than you"
    if abs(span.mean) < 0.05:
        how = "as many marks as you"
    means = "too close to call"
    if span.low > 0 or span.high < 0:
        means = f"beyond chance, so this judge is {'more generous' if span.mean > 0 else 'stricter'} than you"
    low, high = (round(end, 1) + 0.0 for end in (span.low, span.high))  # never "-0.0"
    return f"On average the judge gives an answer {how} ({low:.1f} to {high:.1f}, {span.n} answers): {means}."


def generosity_sentence(gap: float) -> str:
    """Compare the judge with a student. `gap`: the judge's marks minus theirs, on average."""
    if abs(gap) < 0.05:
        return "The judge was as generous as you."
    return f"The judge was {abs(gap):.1f} marks {'more generous' if gap > 0 else 'stricter'} than you."


def card_sentence(card: ReportCard, faults: Sequence[str]) -> str:
    passed = sum(c.passed for c in card.controls)
    text = f"{card.judge} passed {passed} of {len(card.controls)} controls"
    for s in card.agreement:
        if (
            s.score == "sps"
            and s.bias.value is not None
            and s.bias.low is not None
            and s.bias.high is not None
        ):
            how, span = (
                "too generous" if s.bias.value > 0 else "too strict",
                sorted((abs(s.bias.low), abs(s.bias.high))),
            )
            text += (
                f" and is {abs(s.bias.value):.1f} marks {how} on Solution Path (likely {span[0]:.1f} to "
                f"{span[1]:.1f})"
                if s.bias.low > 0 or s.bias.high < 0
                else " and is neither clearly generous nor clearly strict on Solution Path"
            )
    if card.works_compared:
        wrong = card.believed + card.doubted
        text += f"; the room contradicts it on {wrong} of {card.works_compared} plans"
    if faults:
        return f"{text}. Do not trust it: {join_and(list(faults))}."
    return f"{text}. It has passed its exam."

"""Suggest models to begin with from those listed: cheap and recent players, and a judge."""

import re
import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from operator import attrgetter

from escape.models.prices import per_token
from escape.types import ModelSpec

ONE_ANSWER = (1_500, 600)  # tokens in and out, as the prompts of the rooms and usual answers have them
RECENT_S = 548 * 86_400.0  # 18 months
MOST_OUT_USD = 5.0  # a million output tokens of a model that is suggested
_DATED = re.compile(r"[-@](20\d\d-?\d\d-?\d\d|\d{3,4})$")


@dataclass(frozen=True)
class Offer:
    """A listed model. `created`: Unix seconds of its release or 0. `about`: its name in the list."""

    spec: ModelSpec
    created: float = 0.0
    about: str = ""

    @property
    def usd(self) -> tuple[float, float] | None:
        """USD per million tokens, in and out. None if no price list has the model."""
        price = per_token(self.spec)
        return None if price is None else (price[0] * 1e6, price[1] * 1e6)

    @property
    def answer_usd(self) -> float:
        """USD of one usual answer. Infinite if the price is unknown."""
        price = per_token(self.spec)
        return sum(n * usd for n, usd in zip(ONE_ANSWER, price, strict=True)) if price else float("inf")

    @property
    def label(self) -> str:
        """Name and price as shown, such as `gpt-4.1-mini · 0.4/1.6 USD`."""
        # effort, budget, instructions
        chosen = self.spec.name.removeprefix(f"{self.spec.provider}:{self.spec.model}")
        name, usd = (self.about or self.spec.model) + chosen, self.usd
        if usd is None:
            return f"{name} · price unknown"
        return f"{name} · {usd[0]:.3g}/{usd[1]:.3g} USD" if any(usd) else f"{name} · free"


def suggested(lists: Sequence[Sequence[Offer]]) -> list[Offer]:
    """Choose players to begin with: the two cheapest of one list, or the cheapest of each of several."""
    chosen = []
    for offers in lists:
        # free ones have allowances
        priced = [o for o in offers if o.usd and any(o.usd)] or [o for o in offers if o.usd]
        cheap = [o for o in _recent(offers) if o in priced and o.usd and o.usd[1] <= MOST_OUT_USD] or priced
        chosen += sorted(cheap, key=attrgetter("answer_usd"))[: 2 if len(lists) == 1 else 1]
    return chosen


def suggested_judge(
    offers: Sequence[Offer], players: Sequence[Offer], passed: Collection[str]
) -> Offer | None:
    """Choose a judge: the cheapest that `passed` the exam, else one more expensive than the players.

    Players are left out. Without an examined one, it is the cheapest recent model above their price, else the
    most expensive of all; None if no price is known.
    """
    others = [o for o in offers if o not in players and o.usd]
    if examined := [o for o in others if o.spec.name in passed]:
        return min(examined, key=attrgetter("answer_usd"))
    most = max((o.answer_usd for o in players), default=0.0)
    dearer = [o for o in _recent(offers) if o in others and o.answer_usd > most]
    if dearer:
        return min(dearer, key=attrgetter("answer_usd"))
    return max(others, key=attrgetter("answer_usd"), default=None)


def _recent(offers: Sequence[Offer]) -> list[Offer]:
    """Keep models of the last 18 months and undated ones, but no dated copies of a listed name."""
    names, since = {o.spec.model for o in offers}, time.time() - RECENT_S
    recent = []
    for offer in offers:
        base = _DATED.sub("", offer.spec.model)
        is_copy = base != offer.spec.model and not names.isdisjoint({base, f"{base}-latest"})
        if not is_copy and (not offer.created or offer.created > since):
            recent.append(offer)
    return recent

"""Whatever puzzle a teacher writes, the offline judge passes its controls."""

from hypothesis import strategies as st

from escape.types import Puzzle

VERBS = (
    "pour",
    "lift",
    "turn",
    "press",
    "heat",
    "cool",
    "pull",
    "tie",
    "cut",
    "push",
    "slide",
    "balance",
    "shake",
    "open",
)
THINGS = (
    "rope",
    "mirror",
    "candle",
    "spoon",
    "magnet",
    "bucket",
    "plank",
    "marble",
    "funnel",
    "whistle",
    "feather",
    "brick",
    "sponge",
    "ladder",
    "coin",
    "bell",
    "thermos",
    "lens",
    "kettle",
    "pulley",
    "wedge",
    "comb",
    "nail",
    "tray",
)
LOOKS = ("", "long ", "small red ", "old ", "brass ", "heavy ")
IDEAS = (
    "buoyancy",
    "friction",
    "tension",
    "thermal expansion",
    "lever arm",
    "air pressure",
    "static electricity",
    "conservation of energy",
    "resonance",
    "refraction",
    "centre of mass",
    "electric circuit",
    "inertia",
    "surface tension",
)
PLACES = ("shaft", "cellar", "tower", "tunnel", "vault", "attic", "well", "cabin", "mill", "harbour")


@st.composite
def puzzle(draw: st.DrawFn, name: str = "NEW_1", place: str = "") -> Puzzle:
    things = draw(st.lists(st.sampled_from(THINGS), min_size=4, max_size=6, unique=True))
    looks = [draw(st.sampled_from(LOOKS)) for _ in things]
    items = [f"{look}{thing}" for look, thing in zip(looks, things, strict=True)]
    herrings = items[: draw(st.integers(0, 3))]
    useful = items[len(herrings) :]
    where = place or draw(st.sampled_from(PLACES))
    verbs = draw(st.lists(st.sampled_from(VERBS), min_size=3, max_size=6, unique=True))
    steps = [f"{verb} the {useful[i % len(useful)]} in the {where}" for i, verb in enumerate(verbs)]
    ideas = draw(st.lists(st.sampled_from(IDEAS), min_size=2, max_size=4, unique=True))
    return Puzzle.model_validate(
        {
            "problem_id": name,
            "family": where,
            "setup": {
                "scenario": f"You stand in a {where} with a locked door. On a shelf you see "
                f"{', '.join(items)}.",
                "available_items": items,
                "constraints": ["the door is locked", f"the {where} is dark"],
            },
            "physical_principles": ideas,
            "red_herrings": herrings,
            "solution": {"steps": steps, "key_insights": [f"the {useful[0]} shows {ideas[0]}"]},
        }
    )


# what a demand may say and a plan as well
WORDS = (
    "verified",
    "candidate",
    "evaluation",
    "instruction",
    "official",
    "certified",
    "approved",
    "examined",
)

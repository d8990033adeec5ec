"""Values that fill `{slot}` in the world's grammar files. Spoken form: words, never digits."""

from __future__ import annotations

import random
import re

from scripts.train.world import facts

UNITS = "one two three four five six seven eight nine".split()
TEENS = "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split()
TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
DAYS = "monday tuesday wednesday thursday friday saturday sunday".split()
MONTHS = (
    "january february march april may june july august september october november december"
).split()
ORDINALS = "first second third fourth fifth sixth seventh eighth ninth tenth".split()
LETTERS = list("abcdefghijklmnopqrstuvwxyz")

LISTS: dict[str, list[str]] = {
    "item": (
        "jacket|lamp|shoes|shirt|dress|coat|watch|phone|laptop|tablet|camera|keyboard|monitor|"
        "mouse|printer|headphones|bag|book|blanket|mattress|chair|table|router|battery|charger|"
        "speaker|box|gift card|blue shirt|black shoes|red dress|large coat|desk lamp|winter coat|"
        "phone charger|coffee table|green bag|white lamp|brown jacket|small table|new camera|gift|"
        "heater|fan|radio|television"
    ).split("|"),
    "color": "black blue brown green red white".split(),
    "size": ["small", "medium", "large", "extra large", "a small", "a large size", "a medium"],
    "day": [*DAYS, "tomorrow", "today"],
    "when": [
        "tomorrow",
        "tonight",
        "today",
        "this weekend",
        "next week",
        "tomorrow morning",
        "this evening",
        "tomorrow night",
        "this afternoon",
        "on the weekend",
        "next month",
    ],
    "part": ["morning", "afternoon", "evening", "night"],
    "name": "anna peter paris smith maria john sara tom ben lisa david mark eva paul".split(),
    "rela": "mother father sister brother wife husband son daughter friend boss".split(),
    "city": "berlin boston chicago london madrid paris rome".split(),
    "lang": "english french german italian spanish".split(),
    "device": (
        "printer|router|laptop|phone|camera|keyboard|mouse|monitor|screen|tablet|speaker|"
        "television|radio|headphones|battery|charger|app|wifi|internet|email|computer|new laptop|"
        "old phone|door lock|heater|oven|fridge|cameras|security camera|account|coffee machine|"
        "watch"
    ).split("|"),
    "body": (
        "head|back|stomach|knee|leg|arm|hand|foot|ankle|ear|eye|throat|chest|tooth|heart|left arm|"
        "right knee|left ear|right eye|lower back|shoulder|neck|left foot|right hand"
    ).split("|"),
    "ill": (
        "fever|headache|cough|rash|bad cough|sore throat|cold|allergy|bad headache|high fever|"
        "stomach pain|bad cold|pain in my chest when i cough|allergies|red rash|toothache|"
        "weak heart"
    ).split("|"),
    "light": ["light", "lights", "lamp"],
    "room": [
        *"kitchen bedroom bathroom garage garden room house".split(),
        "living room",
        "hall",
        "office",
    ],
    "appliance": (
        "heater|fan|oven|television|radio|alarm|coffee machine|speaker|heating|camera|cameras|"
        "router|printer|air|water heater|dishwasher|lamp|screen|computer|light"
    ).split("|"),
    "opener": "door|window|windows|front door|garage door|back door|garage|bedroom window|kitchen "
    "door".split("|"),
    "food": (
        "milk|bread|eggs|coffee|apples|water|butter|cheese|rice|tea|sugar|salt|bananas|tomatoes|"
        "an apple|apple juice|dog food|cat food|pasta|chicken|paper|soap|batteries|medicine"
    ).split("|"),
    "chore": (
        "call the doctor|call my mother|take my pills|take my medicine|pay the bill|buy milk|"
        "buy bread|call peter|call anna|water the garden|feed the cat|feed the dog|"
        "close the window|turn off the oven|send the invoice|visit my sister|pick up my brother|"
        "charge my phone|read my lesson|drink water|lock the door|clean the kitchen|"
        "send the package|go to the bank|go to sleep|practice french|write to my friend|"
        "check the oven|return the shoes|pick up the medicine|call the clinic|order shoes|"
        "bring the receipt|call the pharmacy|open the garage|buy eggs|take the bread out|"
        "see the nurse|change the battery|walk the dog|call my father|pay the invoice|"
        "update my laptop|email my team"
    ).split("|"),
    "fit": ["small", "medium", "large", "extra large"],
    "word": list(facts.TRANSLATIONS),
    "concept": list(facts.DEFINITIONS),
    "term": sorted({re.sub(r"^(an?|the) ", "", concept) for concept in facts.DEFINITIONS}),
}


def number(rng: random.Random, low: int = 1, high: int = 99) -> str:
    """A whole number in words, `low`..`high` (1–99)."""
    value = rng.randint(low, high)
    if value < 10:
        return UNITS[value - 1]
    if value < 20:
        return TEENS[value - 10]
    tens, ones = divmod(value, 10)
    return TENS[tens - 2] + (f" {UNITS[ones - 1]}" if ones else "")


def code(rng: random.Random) -> str:
    """An order code as spoken: two letters and three or four digits, sometimes only digits."""
    digits = [rng.choice(["zero", *UNITS]) for _ in range(rng.choice([2, 3, 3, 4, 4, 4]))]
    letters = rng.sample(LETTERS, rng.choice([1, 2, 2, 2, 3])) if rng.random() < 0.85 else []
    return " ".join(letters + digits)


def clock(rng: random.Random) -> str:
    """A time of day as spoken."""
    hour = number(rng, 1, 12)
    kind = rng.random()
    if kind < 0.5:
        return hour
    if kind < 0.65:
        return f"{hour} o'clock"
    if kind < 0.8:
        return f"{hour} {rng.choice(['thirty', 'fifteen', 'forty five', 'twenty', 'ten'])}"
    if kind < 0.9:
        return f"half past {hour}"
    return rng.choice(["noon", "midnight", f"a quarter to {hour}", f"{hour} in the morning"])


def duration(rng: random.Random) -> str:
    """A length of time as spoken."""
    kind = rng.random()
    if kind < 0.6:
        return f"{number(rng, 2, 60)} minutes"
    if kind < 0.75:
        return f"{number(rng, 2, 12)} hours"
    return rng.choice(
        [
            "one minute",
            "one hour",
            "an hour",
            "half an hour",
            "thirty seconds",
            "a quarter of an hour",
            "one hour and ten minutes",
            "ten seconds",
            "an hour and a half",
        ]
    )


def fill(slot: str, rng: random.Random) -> str:
    """One value for `slot`; a trailing digit in the name only makes it another instance."""
    name = slot.rstrip("0123456789")
    if name == "num":
        return number(rng, 2, 12) if rng.random() < 0.7 else number(rng, 2, 99)
    if name == "temp":
        return number(rng, 15, 75)
    if name == "code":
        return code(rng)
    if name == "time":
        return clock(rng)
    if name == "dur":
        return duration(rng)
    if name == "month":
        return rng.choice(MONTHS)
    if name == "ord":
        return rng.choice(ORDINALS)
    return rng.choice(LISTS[name])

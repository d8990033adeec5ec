"""User sentences in the world's spoken form: lower-case words, no digits, with the ways people open
and close them."""

from __future__ import annotations

import random
from collections.abc import Iterator

from scripts.train.world import slots
from scripts.train.world.grammar import Act, World

OPENERS = (
    "hi|hello|hey|hey there|okay|okay so|well|so|listen|sorry|good morning|please|hi there|"
    "good evening|yes hi|well you see|look|hello i have a question|oh|and|also|i have a question|"
    "one more thing|right so|can you help me|i need some help|you know|i think|maybe you can help|"
    "excuse me|actually|oh no|now|no|yes"
).split("|")
ENDINGS = (
    "please|thanks|thank you|now|today|right now|if you can|okay|for me|please and thank you|"
    "can you help me|as soon as you can|again|will you|can you|i think|you know|if that is okay|"
    "thank you very much|right|tonight"
).split("|")
FILLERS = "well|please|you know|i mean|like|just|really|sorry|mhm|okay|so".split("|")
VALUES = "code code num temp time dur name day item food month ord city room".split()


def decorate(text: str, rng: random.Random) -> str:
    """Adds an opener, an ending, a hesitation or a false start, each sometimes."""
    words = text.split()
    if rng.random() < 0.30:
        words = rng.choice(OPENERS).split() + words
    if rng.random() < 0.22:
        words = words + rng.choice(ENDINGS).split()
    if rng.random() < 0.06 and len(words) > 3:
        words.insert(rng.randrange(1, len(words)), rng.choice(FILLERS))
    if rng.random() < 0.05 and len(words) > 4:
        cut = rng.randrange(1, 3)
        words = words[:cut] + words
    return " ".join(words)


def user_sentence(
    world: World, act: Act, rng: random.Random, values: dict[str, str] | None = None
) -> str:
    """One user's wording of `act`."""
    text = world.expand(rng.choice(act.users), rng, {} if values is None else values)
    return decorate(text, rng) if act.decorate else text


def labelled(world: World, rng: random.Random) -> Iterator[tuple[str, str]]:
    """Endless (sentence, intent) pairs, intents equally often."""
    intents = sorted(world.by_intent)
    while True:
        intent = rng.choice(intents)
        act = rng.choice(world.by_intent[intent])
        yield user_sentence(world, act, rng), intent


def salad(world: World, rng: random.Random, vocabulary: list[str]) -> str:
    """Words in loose order: pieces of several sentences joined, some words swapped for any of the
    vocabulary."""
    pieces: list[str] = []
    for _ in range(rng.randint(1, 3)):
        words = user_sentence(world, rng.choice(world.acts), rng).split()
        start = rng.randrange(0, max(1, len(words) - 2))
        pieces += words[start : start + rng.randint(2, 6)]
    pieces = [rng.choice(vocabulary) if rng.random() < 0.25 else w for w in pieces]
    if rng.random() < 0.2:
        pieces = [rng.choice(vocabulary) for _ in range(rng.randint(2, 8))]
    return " ".join(pieces[:14])


def values(rng: random.Random, vocabulary: list[str]) -> str:
    """What nothing else in a sentence foretells: codes, numbers, times, names and things, between a
    few loose words."""
    pieces = [rng.choice(vocabulary) for _ in range(rng.randint(0, 2))]
    for _ in range(rng.choice([1, 1, 2, 2, 3])):
        pieces += slots.fill(rng.choice(VALUES), rng).split()
        pieces += [rng.choice(vocabulary) for _ in range(rng.choice([0, 0, 1, 2]))]
    return " ".join(pieces[:14])

"""Dialogues for the mind: the world's acts and follow-ups, under the prompts the conversation
really sends."""

from __future__ import annotations

import random
import re

from scripts.train import common, mind_summaries
from scripts.train.mind_summaries import Exchange
from scripts.train.world.grammar import Act, World
from scripts.train.world.text import decorate, user_sentence
from voice_local.conversation.context.prompts import (
    SUMMARY_PROMPT,
    SYSTEM_PROMPT,
    turn_context,
)

Message = dict[str, str]

OPENERS = {
    "anger": ["I am sorry about that.", "I understand, I am sorry."],
    "disgust": ["I am sorry about that.", "I am sorry."],
    "fear": ["Do not worry.", "I am here to help."],
    "joy": ["Great!", "Wonderful!"],
    "sadness": ["I am sorry to hear that.", "I am sorry."],
    "surprise": ["I understand."],
}
LIKELY = {
    "complaint": ["anger", "sadness", "disgust", "anger"],
    "symptom": ["sadness", "fear"],
    "emergency": ["fear"],
    "billing": ["anger", "surprise"],
    "technical_support": ["anger", "sadness"],
    "return_item": ["sadness", "disgust"],
    "small_talk": ["joy", "sadness", "fear", "surprise"],
    "greeting": ["joy"],
    "farewell": ["joy"],
    "check_order_status": ["anger", "sadness"],
}
_USED = re.compile(r"\{(\w+)")
_KNOWN = re.compile(r":(?:tr2?|def)\}")
NO_OPENER = {
    "stop",
    "emergency",
    "farewell",
    "greeting",
    "small_talk",
    "complaint",
    "symptom",
    "repeat",
    "deny",
}
TURNS = (1, 1, 1, 2, 2, 2, 2, 2, 3, 3, 4, 5, 8)
MORE_OFTEN = (
    "translate",
    "translate",
    "explain",
    "timer_reminder",
    "booking",
    "check_order_status",
    "shopping_list",
)
"""Intents with much to know or to keep apart."""

SUMMED = 0.06
"""How often a dialogue is there to be summed up; as often again one goes on from its summary."""


def heard_answer(
    world: World,
    answers: list[str],
    values: dict[str, str],
    rng: random.Random,
    fresh: frozenset[str] = frozenset(),
) -> str | None:
    """An answer that uses only what was said; None when there is none.

    One from knowledge goes before all others, and mostly one that gives back more of what was said,
    of `fresh` first.
    """
    fitting = [a for a in answers if set(_USED.findall(a)) <= set(values)]
    rng.shuffle(fitting)
    if rng.random() < 0.8:
        fitting.sort(
            key=lambda a: -sum(10 if slot in fresh else 1 for slot in set(_USED.findall(a)))
        )
    for answer in sorted(fitting, key=lambda a: not _KNOWN.search(a)):
        try:
            return world.expand(answer, rng, dict(values))
        except KeyError:
            continue
    return None


def exchange(world: World, act: Act, rng: random.Random) -> tuple[str, str, dict[str, str]]:
    """(user, assistant, slot values) of one act, drawn until the answer needs nothing unsaid."""
    while True:
        values: dict[str, str] = {}
        user = user_sentence(world, act, rng, values)
        values = {k: v for k, v in values.items() if v in user}
        said = heard_answer(world, act.answers, values, rng)
        if said is not None:
            return user, said, values


def misheard(user: str, rng: random.Random) -> str:
    """Sometimes loses a word, as a recognizer may."""
    words = user.split()
    if len(words) > 4 and rng.random() < 0.06:
        del words[rng.randrange(len(words))]
    return " ".join(words)


def follow(
    world: World, act: Act, values: dict[str, str], rng: random.Random
) -> tuple[str, str, str] | None:
    """(user, assistant, intent) of a follow-up of `act` that fits what was said, or None.

    `values` then holds what is true after it. A slot that ends in 2 or 5 corrects its base, one in
    3, 4 or 9 is heard once and forgotten.
    """
    chosen = act.follow_up(rng)
    for _ in range(6):
        now = dict(values)
        user = world.expand(rng.choice(chosen.users), rng, now)
        fresh = {k: v for k, v in now.items() if k in values or v in user}
        new = frozenset(fresh) - set(values)
        said = heard_answer(world, chosen.answers, fresh, rng, new)
        if said is None:
            continue
        for slot in new:
            base = slot.rstrip("0123456789")
            if slot == base:
                values[slot] = fresh[slot]
            elif slot[-1] in "25" and base in values:
                values[base] = fresh[slot]
        if rng.random() < 0.25:
            user = decorate(user, rng)
        return user, said, chosen.intent or act.intent
    return None


def talk(world: World, rng: random.Random) -> list[Exchange]:
    """One to eight exchanges."""
    exchanges: list[Exchange] = []
    intents = sorted(world.by_intent)
    drawn = [*intents, *MORE_OFTEN]
    turns = rng.choice(TURNS)
    while len(exchanges) < turns:
        act = rng.choice(world.by_intent[rng.choice(drawn)])
        user, said, values = exchange(world, act, rng)
        exchanges.append(
            told(user, said, act.intent, told_first(act.intent, intents, rng), values, rng)
        )
        while len(exchanges) < turns and act.follow_ups and rng.random() < 0.8:
            before = dict(values)
            found = follow(world, act, values, rng)
            if found is None:
                break
            known = before | values
            exchanges.append(told(*found, told_later(found[2], intents, rng), known, rng))
            if rng.random() < 0.45:
                break
    return exchanges


def told_first(intent: str, intents: list[str], rng: random.Random) -> str | None:
    """What the classifier says of a first turn: mostly right, sometimes nothing, sometimes
    another."""
    kind = rng.random()
    return intent if kind < 0.78 else None if kind < 0.88 else rng.choice(intents)


def told_later(intent: str, intents: list[str], rng: random.Random) -> str | None:
    """What it says of words that go on from before, which mean little by themselves: less often
    right."""
    kind = rng.random()
    if kind < 0.62:
        return intent
    return (
        None
        if kind < 0.74
        else rng.choice(["deny", "affirm"])
        if kind < 0.84
        else rng.choice(intents)
    )


def told(
    user: str, said: str, intent: str, guess: str | None, values: dict[str, str], rng: random.Random
) -> Exchange:
    """One exchange with its context; the emotion told shapes the opening of the answer."""
    emotion = "neutral"
    if rng.random() < 0.3:
        emotion = rng.choice(LIKELY.get(intent, ["joy"]) if rng.random() < 0.7 else sorted(OPENERS))
    opener = OPENERS.get(emotion)
    if opener and intent not in NO_OPENER and not said.startswith(("I am sorry", "Sorry")):
        said = f"{rng.choice(opener)} {said}"
    context = turn_context(guess, emotion if rng.random() < 0.93 else None)
    return Exchange(context, misheard(user, rng), said, intent, dict(values))


def dialogue(
    world: World, rng: random.Random, kept_out: frozenset[str] = frozenset()
) -> list[Message]:
    """The messages of one conversation as they are sent, or of one that is to be summed up; without
    texts `kept_out`."""
    exchanges = talk(world, rng)
    while any(one.user in kept_out for one in exchanges):
        exchanges = talk(world, rng)
    kind = rng.random()
    if kind < SUMMED:
        earlier = ""
        if len(exchanges) > 2:
            before, exchanges = mind_summaries.chosen(exchanges, rng)
            earlier = mind_summaries.summary(before)
        return [
            {"role": "system", "content": SUMMARY_PROMPT},
            {"role": "user", "content": mind_summaries.transcript(exchanges, earlier)},
            {"role": "assistant", "content": mind_summaries.summary(exchanges, earlier)},
        ]
    system = SYSTEM_PROMPT
    if kind < 2 * SUMMED and len(exchanges) > 1:
        before, exchanges = mind_summaries.chosen(exchanges, rng)
        system = f"{system} Earlier: {mind_summaries.summary(before)}"
    messages: list[Message] = [{"role": "system", "content": system}]
    for one in exchanges:
        if one.context:
            messages.append({"role": "system", "content": one.context})
        messages.append({"role": "user", "content": one.user})
        messages.append({"role": "assistant", "content": one.assistant})
    return messages


def sentences(count: int, rng: random.Random) -> list[str]:
    """Everything a mind reads or says, for its tokenizer."""
    world, kept_out = World(), common.held_out()
    return [m["content"] for _ in range(count) for m in dialogue(world, rng, kept_out)]

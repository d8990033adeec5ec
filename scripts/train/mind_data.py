"""Dialogues for the mind: the world's acts and follow-ups, under the prompts the conversation really sends."""

from __future__ import annotations

import random
import re

from scripts.train.world.grammar import Act, World
from scripts.train.world.text import decorate, user_sentence
from voice_local.conversation.prompts import SYSTEM_PROMPT, turn_context

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
    "complaint": ["anger", "sadness", "disgust", "anger"], "symptom": ["sadness", "fear"], "emergency": ["fear"],
    "billing": ["anger", "surprise"], "technical_support": ["anger", "sadness"], "return_item": ["sadness", "disgust"],
    "small_talk": ["joy", "sadness", "fear", "surprise"], "greeting": ["joy"], "farewell": ["joy"],
    "check_order_status": ["anger", "sadness"],
}
_USED = re.compile(r"\{(\w+)")
_KNOWN = re.compile(r":(?:tr2?|def)\}")
NO_OPENER = {"stop", "emergency", "farewell", "greeting", "small_talk", "complaint", "symptom", "repeat", "deny"}


def heard_answer(world: World, answers: list[str], values: dict[str, str], rng: random.Random) -> str | None:
    """An answer that uses only what was said, one from knowledge before all others; None when there is none."""
    fitting = [a for a in answers if set(_USED.findall(a)) <= set(values)]
    rng.shuffle(fitting)
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


def follow(world: World, act: Act, values: dict[str, str], rng: random.Random) -> tuple[str, str] | None:
    """A follow-up of `act` that fits what was said, or None."""
    users, answers = rng.choice(act.follow_ups)
    for _ in range(6):
        now = dict(values)
        user = world.expand(rng.choice(users), rng, now)
        fresh = {k: v for k, v in now.items() if k in values or v in user}
        said = heard_answer(world, answers, fresh, rng)
        if said is not None:
            values.update(fresh)
            if rng.random() < 0.25:
                user = decorate(user, rng)
            return user, said
    return None


def dialogue(world: World, rng: random.Random) -> list[Message]:
    """Two to six exchanges' messages with per-turn contexts; what a conversation of up to that length sends."""
    messages: list[Message] = [{"role": "system", "content": SYSTEM_PROMPT}]
    intents = sorted(world.by_intent)
    turns = rng.choice([1, 1, 2, 2, 3, 4])
    while turns > 0:
        act = rng.choice(world.by_intent[rng.choice(intents)])
        user, said, values = exchange(world, act, rng)
        say(messages, user, said, act.intent, rng)
        turns -= 1
        while turns > 0 and act.follow_ups and rng.random() < 0.75:
            pair = follow(world, act, values, rng)
            if pair is None:
                break
            say(messages, *pair, act.intent if rng.random() < 0.4 else rng.choice(["deny", "affirm", act.intent]), rng)
            turns -= 1
            if rng.random() < 0.6:
                break
    return messages


def say(messages: list[Message], user: str, said: str, intent: str, rng: random.Random) -> None:
    """Adds one exchange; the emotion told shapes the opening of the answer."""
    emotion = "neutral"
    if rng.random() < 0.3:
        emotion = rng.choice(LIKELY.get(intent, ["joy"]) if rng.random() < 0.7 else sorted(OPENERS))
    told: str | None = intent
    if rng.random() < 0.2:
        told = None if rng.random() < 0.6 else rng.choice(["question", "small_talk", "command", "out_of_scope"])
    context = turn_context(told, emotion)
    if context:
        messages.append({"role": "system", "content": context})
    opener = OPENERS.get(emotion)
    if opener and intent not in NO_OPENER and not said.startswith(("I am sorry", "Sorry")):
        said = f"{rng.choice(opener)} {said}"
    messages.append({"role": "user", "content": misheard(user, rng)})
    messages.append({"role": "assistant", "content": said})


def sentences(count: int, rng: random.Random) -> list[str]:
    """Everything a mind reads or says, for its tokenizer."""
    world = World()
    return [m["content"] for _ in range(count) for m in dialogue(world, rng)]

"""Sentences for the understanding of real profiles: the world's, public sets, and templates of what
is nobody's order.

Every row says only what is known of it: a comment with an emotion has no public label, a cut
sentence only that it is cut.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from pathlib import Path

from scripts.train import common
from scripts.train import understanding_variants as variants
from scripts.train.comment_words import asks_for_nothing, is_hard
from scripts.train.ears_data import public_labelled
from scripts.train.understanding_data import MAPPED, SKIPPED, FollowUps, emotions, sound_alikes
from scripts.train.world import acts, rich
from scripts.train.world.grammar import World
from scripts.train.world.phrases import gerund, verb_phrase
from scripts.train.world.templates import Templates
from scripts.train.world.text import user_sentence
from voice_local.bench.public import kept_apart
from voice_local.conversation.context.intent_context import PASSING
from voice_local.text.plain import plain

OUTSIDE = "out_of_scope"
NONE = -1
MIX = {
    "goemotions": 0.05,
    "hard": 0.04,
    "clinc": 0.08,
    "hwu": 0.05,
    "world": 0.19,
    "wanted": 0.19,
    "follow_up": 0.04,
    "refusal": 0.05,
    "denial": 0.1,
    "ordinary": 0.04,
    "remark": 0.07,
    "danger": 0.1,
}
"""Share of each source in what is drawn."""
CUT = {
    "goemotions": 0.08,
    "hard": 0.08,
    "clinc": 0.15,
    "hwu": 0.2,
    "world": 0.3,
    "wanted": 0.25,
    "follow_up": 0.1,
    "refusal": 0.12,
    "denial": 0.1,
    "ordinary": 0.25,
    "remark": 0.2,
    "danger": 0.12,
}
"""Share of sentences of at least four words that are cut, by source."""
ASKED = (
    "cancel_order",
    "check_order_status",
    "human_agent",
    "home_control",
    "timer_reminder",
    "music",
    "shopping_list",
    "booking",
    "appointment",
    "return_item",
    "translate",
)
"""Intents whose requests are turned into refusals."""
REMARKS = 0.5
"""Share of the comments that ask for nothing that are learnt as out of scope, as they are many."""


@dataclass(frozen=True)
class Row:
    """One sentence to learn from; -1 where something is not known of it.

    Attributes:
        text: as `plain` leaves it.
        topic: the intent that the conversation was about before; None at its start.
        intent, emotion, clinc, hwu: indices of its labels.
        finished: 1 for a whole sentence, 0 for a cut one.
    """

    text: str
    topic: str | None
    intent: int = NONE
    emotion: int = NONE
    clinc: int = NONE
    hwu: int = NONE
    finished: int = NONE

    @property
    def input(self) -> str | tuple[str, str]:
        """What the model reads: the text, with a topic as the second of a pair."""
        return (self.text, self.topic.replace("_", " ")) if self.topic else self.text


class Sentences:
    """Draws rows.

    Attributes:
        intents, clinc, hwu: labels by index.
    """

    def __init__(self, data_dir: Path, rng: random.Random) -> None:
        self.rng, self.world = rng, World()
        self.intents = sorted(self.world.by_intent)
        self.follow_ups = FollowUps(self.world, rng)
        self.topics = [label for label in self.intents if label not in PASSING]
        self.ordinary, self.remarks, self.refusals, self.denials, self.wanted = (
            Templates(name, self.world)
            for name in ("ordinary", "remarks", "refusals", "denials", "wanted")
        )
        danger, more, harmless = (
            Templates(name, self.world) for name in ("danger", "dangers_more", "harmless")
        )
        self.dangers = {"emergency": [danger, more, more], OUTSIDE: [danger, harmless, harmless]}
        rows = [
            (sentence, label)
            for sentence, label in public_labelled(data_dir)
            if not (label.startswith("hwu:") and kept_apart(sentence))
        ]
        self.public = {
            name: [row for row in rows if row[1].startswith(f"{name}:")]
            for name in ("clinc", "hwu")
        }
        self.clinc, self.hwu = (
            sorted({label for _, label in self.public[name]} - {"clinc:oos"})
            for name in ("clinc", "hwu")
        )
        self._meant = {
            label: intent for intent, labels in MAPPED.items() for label in labels.split()
        }
        self.comments = emotions(data_dir, "train")
        self.hard = [(text, label) for text, label in self.comments if is_hard(text)]
        self._alike = variants.misheard_as(sound_alikes(common.vocabulary()))
        self._held_out = common.HeldOut()
        self._sources = [
            name for name in MIX if name not in ("goemotions", "hard") or self.comments
        ]
        if not rows:
            self._sources = [name for name in self._sources if name not in self.public]

    def row(self) -> Row:
        """One row."""
        while True:
            source = self.rng.choices(self._sources, [MIX[name] for name in self._sources])[0]
            row, spread = self._of(source)
            if not self._held_out.near(row.text):
                return self._varied(row, source, spread)

    def _of(self, source: str) -> tuple[Row, bool]:
        """(a row as its source has it, whether any topic may stand before it)."""
        if source in ("goemotions", "hard"):
            return self._comment(source == "hard"), True
        if source in self.public:
            return self._public(source), True
        if source == "world":
            intent = self.rng.choice(self.intents)
            sentence = self._asked(intent, decorated=True)
            own = intent if intent in self.topics and self.rng.random() < 0.15 else None
            return self._known(sentence, intent, own), own is None
        if source == "wanted":
            intent = self.rng.choice(list(self.wanted.by_label))
            own = intent if intent in self.topics and self.rng.random() < 0.15 else None
            return self._known(
                self.wanted.draw(intent, self.rng, rich.values(self.rng)), intent, own
            ), own is None
        if source == "follow_up":
            sentence, topic, intent = self.follow_ups.draw()
            return self._known(sentence, intent, topic), False
        if source == "refusal":
            return self._refusal(), True
        if source == "denial":
            return self._denial(), True
        if source == "danger":
            label = self.rng.choice(["emergency", OUTSIDE])
            templates = self.rng.choice(self.dangers[label])
            return self._known(templates.draw(label, self.rng, rich.values(self.rng)), label), True
        templates = self.ordinary if source == "ordinary" else self.remarks
        return self._known(templates.draw(OUTSIDE, self.rng, rich.values(self.rng)), OUTSIDE), True

    def _known(self, sentence: str, intent: str, topic: str | None = None) -> Row:
        return Row(sentence, topic, intent=self.intents.index(intent), finished=1)

    def _asked(self, intent: str, decorated: bool) -> str:
        act = self.rng.choice(self.world.by_intent[intent])
        values = rich.values(self.rng) if self.rng.random() < 0.6 else {}
        if decorated:
            return user_sentence(self.world, act, self.rng, values)
        return self.world.expand(self.rng.choice(act.users), self.rng, values)

    def _refusal(self) -> Row:
        """A refusal; a sixth of a refusal and a third of these only look like one."""
        rng = self.rng
        kind = rng.random()
        label = (
            OUTSIDE
            if kind < 0.58
            else "deny"
            if kind < 0.62
            else "wanted"
            if kind < 0.8
            else rng.choice(
                [name for name in self.refusals.by_label if name not in (OUTSIDE, "deny", "wanted")]
            )
        )
        intent, phrase = "", None
        while phrase is None:
            intent = rng.choice(ASKED)
            phrase = verb_phrase(self._asked(intent, decorated=False))
        sentence = self.refusals.draw(
            label, rng, {**rich.values(rng), "vp": phrase, "ing": gerund(phrase)}
        )
        return self._known(sentence, intent if label == "wanted" else label)

    def _denial(self) -> Row:
        """A denial in roundabout words; a quarter only look like one and wish the act."""
        rng, label = self.rng, "wanted" if self.rng.random() < 0.25 else OUTSIDE
        intent, values = acts.draw(rng)
        values = {**rich.values(rng), **values}
        for name in ("vp", "ing", "past", "np"):
            values[name] = self.world.expand(values[name], rng, values)
        return self._known(
            self.denials.draw(label, rng, values), intent if label == "wanted" else label
        )

    def _public(self, name: str) -> Row:
        sentence, label = self.rng.choice(self.public[name])
        meant = NONE if label in SKIPPED else self.intents.index(self._meant.get(label, OUTSIDE))
        of = {name: getattr(self, name).index(label)} if label in getattr(self, name) else {}
        return Row(sentence, None, intent=meant, finished=1, **of)

    def _comment(self, hard: bool) -> Row:
        text, emotion = self.rng.choice(self.hard if hard else self.comments)
        text = plain(
            text.replace(
                "[name]", self.rng.choice(["john", "maria", "that guy", "my friend", "she", "him"])
            ).replace("[religion]", "people")
        )
        ordinary = hard or (asks_for_nothing(text) and self.rng.random() < REMARKS)
        return Row(
            text,
            None,
            intent=self.intents.index(OUTSIDE) if ordinary else NONE,
            emotion=emotion,
            finished=1,
        )

    def _varied(self, row: Row, source: str, spread: bool) -> Row:
        """The row as it may arrive: cut, misheard, in digits, with a topic that has nothing to do
        with it."""
        rng, text = self.rng, row.text
        topic = rng.choice(self.topics) if spread and rng.random() < 0.35 else row.topic
        comment = source in ("goemotions", "hard")
        if comment and rng.random() < 0.5:
            text = " ".join(re.sub(r"[.,?!]", " ", text).split())
        words, cut = text.split(), False
        if not comment:
            words = variants.hesitating(words, rng)
        if len(words) >= 4 and rng.random() < CUT[source]:
            words, cut = words[: rng.randrange(1, len(words))], True
        words = variants.misheard(words, self._alike, rng, 0.4 if source in self.public else 1.0)
        text = variants.apostrophes(" ".join(words), rng)
        if rng.random() < 0.4 and not comment:
            text = variants.digits(text, rng)
        if rng.random() < 0.4 and not comment:
            text = variants.marks(text, rng)
        text = plain(text)
        return (
            Row(text, topic, finished=0)
            if cut
            else Row(text, topic, row.intent, row.emotion, row.clinc, row.hwu, 1)
        )

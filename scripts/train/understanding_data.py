"""Sentences for the understanding models: the world's, and the public sets' mapped onto its
labels."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from pathlib import Path

from rapidfuzz import process
from rapidfuzz.distance import Levenshtein

from scripts.train import common
from scripts.train.ears_data import public_labelled
from scripts.train.world.grammar import World
from scripts.train.world.text import decorate, user_sentence
from voice_local.conversation.context.intent_context import PASSING

MEANINGS = [
    (intent, re.compile(pattern))
    for intent, pattern in (
        (
            "human_agent",
            r"\b(to|want|get me|is there) (a|another|some) ?(person|human|someone|body)\b",
        ),
        (
            "deny",
            r"^(no|no no|nope|oh no|no thank you|no thanks|no please don't|no not now|better not|"
            r"not really)$",
        ),
        (
            "deny",
            r"^((okay|oh|no|so|then) )?(never mind|leave it|forget it|that is all|that's all|"
            r"nothing( else)?)\b",
        ),
        ("small_talk", r"^((okay|great|good|ah|oh|that is good|actually) )?(thank you|thanks)\b"),
        (
            "affirm",
            r"^((oh|ah|well|okay|um) )?(yes|yeah|sure|okay|of course|please do|do that|go ahead|"
            r"good)( please| sure| do that| do it| i would| that is fine| that works| then|"
            r" good)*$",
        ),
        (
            "repeat",
            r"^((sorry|what|please) )?(say that again|what did you say|repeat that|once more "
            r"please)$",
        ),
    )
]

EMOTIONS = ["anger", "disgust", "fear", "joy", "neutral", "sadness", "surprise"]

# Public labels that mean one of the world's intents; every label in neither table is out of scope.
MAPPED = {
    "timer_reminder": "clinc:alarm clinc:timer clinc:reminder clinc:reminder_update hwu:alarm_set "
    "hwu:alarm_query hwu:alarm_remove",
    "shopping_list": "clinc:shopping_list clinc:shopping_list_update",
    "check_order_status": "clinc:order_status",
    "booking": "clinc:restaurant_reservation clinc:book_hotel clinc:cancel_reservation",
    "translate": "clinc:translate",
    "explain": "clinc:definition hwu:qa_definition",
    "small_talk": "clinc:tell_joke clinc:fun_fact clinc:are_you_a_bot clinc:what_is_your_name "
    "clinc:how_old_are_you clinc:what_are_your_hobbies clinc:do_you_have_pets clinc:who_made_you "
    "clinc:thank_you clinc:where_are_you_from hwu:general_joke hwu:general_praise",
    "greeting": "clinc:greeting",
    "farewell": "clinc:goodbye",
    "affirm": "clinc:yes",
    "deny": "clinc:no",
    "repeat": "clinc:repeat hwu:general_repeat",
    "stop": "hwu:general_commandstop",
    "music": "clinc:play_music clinc:next_song clinc:what_song hwu:play_music hwu:play_radio "
    "hwu:music_query hwu:audio_volume_up hwu:audio_volume_down",
    "home_control": "clinc:smart_home hwu:iot_hue_lightchange hwu:iot_hue_lightdim "
    "hwu:iot_hue_lightoff hwu:iot_hue_lighton hwu:iot_hue_lightup hwu:iot_wemo_off hwu:iot_wemo_on "
    "hwu:iot_coffee",
    "command": "clinc:change_speed clinc:change_accent clinc:whisper_mode clinc:change_ai_name "
    "clinc:change_language",
    "billing": "clinc:bill_balance clinc:bill_due clinc:pay_bill",
}
SKIPPED = set(
    (
        "clinc:cancel clinc:maybe clinc:change_volume clinc:todo_list clinc:todo_list_update "
        "clinc:confirm_reservation clinc:accept_reservations clinc:what_can_i_ask_you "
        "clinc:meeting_schedule clinc:calendar clinc:calendar_update clinc:update_playlist "
        "clinc:order clinc:card_declined clinc:reset_settings clinc:change_user_name "
        "clinc:account_blocked clinc:pin_change clinc:sync_device clinc:user_name "
        "clinc:schedule_meeting clinc:transactions clinc:report_lost_card clinc:min_payment "
        "clinc:meaning_of_life clinc:who_do_you_work_for hwu:calendar_query hwu:calendar_remove "
        "hwu:calendar_set hwu:general_affirm hwu:general_confirm hwu:general_dontcare "
        "hwu:general_explain hwu:general_negate hwu:general_quirky hwu:lists_createoradd "
        "hwu:lists_query hwu:lists_remove hwu:music_likeness hwu:music_settings "
        "hwu:audio_volume_mute hwu:play_audiobook hwu:play_podcasts hwu:play_game hwu:iot_cleaning "
        "hwu:takeaway_query hwu:takeaway_order"
    ).split()
)


def public_intents(data_dir: Path) -> dict[str, list[str]]:
    """Public sentences by the world's intents; empty where the data folder is absent."""
    to_intent = {label: intent for intent, labels in MAPPED.items() for label in labels.split()}
    found: dict[str, list[str]] = {}
    for sentence, label in public_labelled(data_dir):
        if label not in SKIPPED:
            found.setdefault(to_intent.get(label, "out_of_scope"), []).append(sentence)
    return found


def emotions(data_dir: Path, part: str) -> list[tuple[str, int]]:
    """(comment, label) of GoEmotions' single-label rows under Ekman's six and neutral; `part` train
    or dev."""
    path = data_dir / "goemotions" / "ekman" / f"{part}.tsv"
    if not path.exists():
        return []
    rows = [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines()]
    return [(row[0].lower(), int(row[1])) for row in rows if len(row) >= 2 and row[1].isdigit()]


class FollowUps:
    """What people say next: the world's follow-ups, each with the topic it belongs to and what it
    means then."""

    ALONE = ("affirm", "deny", "repeat", "stop", "farewell", "human_agent", "emergency")

    def __init__(self, world: World, rng: random.Random) -> None:
        self.world, self.rng = world, rng
        self.acts = [act for act in world.acts if act.follow_ups and act.intent not in PASSING]
        # The same words mean the same after any topic.
        self.alone: dict[str, str] = {}
        for act in world.acts:
            thanks = (act.intent, act.name) == ("small_talk", "thanks")
            if act.intent in self.ALONE or thanks:
                for wording in act.users:
                    if "{" not in wording:
                        self.alone.update(
                            (world.expand(wording, rng, {}), act.intent) for _ in range(12)
                        )

    def draw(self) -> tuple[str, str, str]:
        """(sentence, topic, intent)."""
        rng, values = self.rng, dict[str, str]()
        act = rng.choice(self.acts)
        user_sentence(self.world, act, rng, values)
        follow_up = act.follow_up(rng)
        sentence = self.world.expand(rng.choice(follow_up.users), rng, values)
        intent = follow_up.intent or self.meaning(sentence, act.intent)
        return (decorate(sentence, rng) if rng.random() < 0.2 else sentence), act.intent, intent

    def meaning(self, sentence: str, topic: str) -> str:
        """What `sentence` means after `topic`: mostly more of it."""
        if sentence in self.alone:
            return self.alone[sentence]
        if len(sentence.split()) > 6:
            return topic
        return next((intent for intent, pattern in MEANINGS if pattern.search(sentence)), topic)


@dataclass(frozen=True)
class Row:
    """One sentence to learn from.

    Attributes:
        text: lower-case words, some lost, masked or mistaken for their like.
        intent: index of its intent.
        taught: 1 if the intent is known and whole, else 0.
        finished: 1 for a whole sentence, 0 for a cut one.
        public: index of its label in its public set; -1 for the world's own.
        topic: the intent that the conversation was about before; None at its start.
    """

    text: str
    intent: int
    taught: float
    finished: float
    public: int
    topic: str | None

    @property
    def input(self) -> str | tuple[str, str]:
        """What the model reads: the text, with a topic as the second of a pair."""
        return (self.text, self.topic.replace("_", " ")) if self.topic else self.text


class Intents:
    """Draws rows: the world's sentences, and public ones under the world's intents and under their
    own labels."""

    def __init__(self, data_dir: Path, rng: random.Random) -> None:
        self.world, self.rng = World(), rng
        self.labels = sorted(self.world.by_intent)
        self.public = public_intents(data_dir)
        self.all_public = public_labelled(data_dir)
        self.public_labels = sorted({label for _, label in self.all_public})
        self.label_of = dict(self.all_public)
        self.alike = sound_alikes(common.vocabulary())
        self.topics = [label for label in self.labels if label not in PASSING]
        self.follow_ups = FollowUps(self.world, rng)
        self.kept_out = common.held_out()

    def sentence(self) -> tuple[str, str | None, str, float]:
        """(sentence, topic, intent, whether the intent is known)."""
        rng, taught = self.rng, 1.0
        kind = rng.random()
        drawn = rng.random()
        topic = None if drawn < 0.5 else rng.choice(self.topics)
        if kind < 0.14:
            sentence, topic, intent = self.follow_ups.draw()
        elif kind < 0.24 and self.public:
            # Any public label, which is learnt besides the intents.
            sentence, _ = rng.choice(self.all_public)
            intent, taught = "out_of_scope", 0.0
        elif kind < 0.46 and self.public:
            intent = "out_of_scope" if rng.random() < 0.25 else rng.choice(sorted(self.public))
            sentence = rng.choice(self.public[intent])
        else:
            intent = rng.choice(self.labels)
            sentence = user_sentence(self.world, rng.choice(self.world.by_intent[intent]), rng)
            if drawn > 0.85 and intent in self.topics:
                topic = intent
        return sentence, topic, intent, taught

    def row(self) -> Row:
        """One row."""
        rng = self.rng
        sentence, topic, intent, taught = self.sentence()
        while sentence in self.kept_out:
            sentence, topic, intent, taught = self.sentence()
        words, finished = sentence.split(), 1.0
        if len(words) >= 4 and rng.random() < 0.45:
            words = words[: rng.randrange(1, len(words))]
            finished, taught = 0.0, 0.0
        public = (
            self.public_labels.index(self.label_of[sentence])
            if finished and sentence in self.label_of
            else -1
        )
        return Row(
            " ".join(self.misheard(words)),
            self.labels.index(intent),
            taught,
            finished,
            public,
            topic,
        )

    def misheard(self, words: list[str]) -> list[str]:
        """Loses, masks or mistakes a word now and then, as a recognizer may; some sentences much
        more than others."""
        rng, result = self.rng, []
        hard = 2.5 if rng.random() < 0.15 else 0.5
        for i, word in enumerate(words):
            draw = rng.random() / hard
            if draw < 0.02 and len(words) > 3 and i < len(words) - 1:
                continue
            if draw < 0.06 and word in self.alike:
                word = rng.choice(self.alike[word])
            result.append("[MASK]" if draw > 0.97 / hard and i < len(words) - 1 else word)
        return result


def sound_alikes(words: list[str], count: int = 4) -> dict[str, list[str]]:
    """The `count` words most like each one by edit distance; letters and words without any are left
    out."""
    found = {}
    for word in words:
        near = process.extract(
            word, words, scorer=Levenshtein.normalized_similarity, limit=count + 1, score_cutoff=0.5
        )
        others = [other for other, _, _ in near if other != word]
        if others and len(word) > 1:
            found[word] = others
    return found

"""What all turns of one conversation share."""

from __future__ import annotations

import uuid
from contextlib import suppress
from datetime import datetime

from voice_local.audio.types import Audio
from voice_local.config import (
    Prefill,
    Prompting,
    Settings,
    TtsSettings,
)
from voice_local.conversation.context import prompts
from voice_local.conversation.context.emotion import Tone
from voice_local.conversation.context.history import (
    Memory,
    View,
)
from voice_local.conversation.context.intent_context import Topic
from voice_local.conversation.context.languages import (
    CANNED,
    Languages,
)
from voice_local.conversation.phrases import Phrases
from voice_local.conversation.record import ConversationTurn
from voice_local.conversation.repairs import Repairs
from voice_local.engine.api import (
    GenerateOptions,
    Message,
    TranscribeOptions,
    Transcript,
    Understanding,
)
from voice_local.engine.client import EngineClient
from voice_local.errors import EngineError
from voice_local.skills import (
    canned,
    emergencies,
    handlers,
)
from voice_local.skills.abilities.abilities import (
    Abilities,
    Ability,
)
from voice_local.skills.abilities.general import asks_in_general
from voice_local.skills.abilities.speech import SpeechStyle
from voice_local.skills.asking import Asking
from voice_local.skills.deeds import (
    asks_for_a_deed,
    forbids_a_deed,
    presumes_a_deed,
)
from voice_local.skills.handlers import default_router
from voice_local.skills.router import (
    IntentRouter,
    Request,
)
from voice_local.skills.verification import Verification
from voice_local.text.codes import code

BEYOND_SURE = 0.7
"""From this on `Understanding.beyond_prob` is enough to say that it cannot be done here, instead of
asking the LLM."""


def _beyond(text: str, meant: Understanding) -> str | None:
    """The kind of what is asked for beyond this place; None where it may be possible."""
    if presumes_a_deed(text):
        return "done"
    sure = (meant.beyond_prob or 0.0) >= BEYOND_SURE
    return meant.beyond if sure and code(text) is None and not asks_in_general(text) else None


class Dialogue:
    """EngineClient, settings, memory, router, tone, topic and prepared phrases of one conversation.

    `router` None: the default handlers. `prepared` phrases may be shared by conversations in the
    same voice. `vocabulary`: names and terms to expect of this user; empty: the settings'.
    `instructions`: what the LLM is told of its task, beside how to speak; the embedded LLM cannot
    follow any. `conversation_id`: empty: a new one.

    Attributes:
        id: the conversation's, as handlers are told it.
        verification: whether it is known who is speaking.
        language: what was spoken last, ISO 639-1; empty before.
        view: how the LLM's prompt begins as it has been read ahead; None: not yet.
    """

    def __init__(
        self,
        engine: EngineClient,
        settings: Settings,
        router: IntentRouter | None = None,
        prepared: Phrases | None = None,
        vocabulary: tuple[str, ...] = (),
        *,
        instructions: str = "",
        authenticated: bool = False,
        conversation_id: str = "",
    ) -> None:
        talk = settings.conversation
        self.engine, self.settings = engine, settings
        self.router = router or default_router(talk.intent_threshold, talk.handler_deadline_s)
        self.id = conversation_id or uuid.uuid4().hex
        self.verification = Verification(self.router, authenticated)
        self._told = instructions
        self.abilities = Abilities(talk.name, talk.place) if self.router.abilities else None
        self.repairs = Repairs()
        self.tone = Tone(talk.tone_thresholds)
        self.memory = Memory(settings.memory, self._instructions())
        self.view: View | None = None
        self.topic = Topic()
        self.asking = Asking(talk.intent_threshold)
        self.phrases = prepared or Phrases()
        self.options = GenerateOptions(
            settings.llm.max_tokens, settings.llm.temperature, settings.seed
        )
        self.vocabulary = vocabulary or settings.stt.vocabulary
        self.languages = Languages(settings.tts)
        self.language = ""

    async def transcribe(self, audio: Audio, *, interim: bool = False) -> Transcript:
        """The words of one utterance (16 kHz), with this conversation's vocabulary and, in doubt,
        its language.

        `interim`: it is not finished yet.

        Raises:
            EngineError: the engine could not answer.
        """
        return await self.engine.transcribe(
            audio,
            TranscribeOptions(
                conversation_language=self.language, vocabulary=self.vocabulary, interim=interim
            ),
        )

    def ability(
        self, text: str, record: ConversationTurn, meant: Understanding, *, sounds: bool
    ) -> Ability | None:
        """What answers `text`, understood as `record` tells, without the LLM and without a host
        program; None for nothing.

        What a host program has taken on is left to it. `meant`: what the model told. `sounds`:
        whether this conversation is heard.
        """
        if self.abilities is None:
            return None
        sure = (record.intent_confidence or 0.0) >= self.settings.conversation.intent_threshold
        if sure and self.router.hosted(record.intent):
            return None
        found = self.abilities.find(text, self.memory.last_answer, sounds=sounds)
        if (
            found is None
            and sure
            and record.intent not in handlers.FOR_A_HOST
            and asks_for_a_deed(text)
        ):
            found = self.abilities.refusal(record.intent)
        if (
            (found is None or found.name == "limit")
            and not self.router.has_host
            and forbids_a_deed(text)
            and record.intent != emergencies.INTENT
        ):
            return self.abilities.left()
        if found is None and not self.router.handles(record.intent, record.intent_confidence, text):
            found = self.abilities.beyond(_beyond(text, meant))
        if found is None or any(map(self.router.hosted, found.intents)):
            return None
        if record.intent == emergencies.INTENT and found.name != "help":
            return None
        if found.name == "limit" and sure and record.intent in handlers.FOR_A_HOST:
            return None  # its handler says so, too, and tells the host program what was wanted
        return found

    def now(self) -> datetime:
        """The time, aware."""
        return self.abilities.now if self.abilities else datetime.now().astimezone()

    @property
    def style(self) -> SpeechStyle:
        """How loud and how fast it speaks."""
        return self.abilities.style if self.abilities else SpeechStyle()

    def answered(self, record: ConversationTurn) -> None:
        """A turn is over, whatever came of it."""
        self.repairs.heard(record)
        if self.abilities and record.user_text and record.handled_by != "timers":
            self.abilities.other_words()

    @property
    def has_verifier(self) -> bool:
        """Whether a host program can find out who is speaking; else nobody is asked."""
        return self.router.has_verifier

    def request(self, text: str, intent: str | None, confidence: float | None) -> Request:
        """What a handler is told of a turn with the words `text`."""
        return Request(
            text,
            intent or "",
            confidence or 0.0,
            self.verification.authenticated,
            self.memory.last_answer,
            tuple(self.memory.exchanges),
            conversation_id=self.id,
        )

    @property
    def tells_words_first(self) -> bool:
        """Whether nothing stands between the past and the user's words in a prompt."""
        return self.settings.llm.prompting is Prompting.INSTRUCT

    def heard(self, language: str | None) -> None:
        """A turn was in `language`. If it can be spoken, the next ones whose language cannot be
        told are taken for it."""
        if language is not None and self.languages.speaks(language):
            self.language = language

    def speak_with(self, tts: TtsSettings, prepared: Phrases) -> None:
        """Speaks with the voices of `tts` from the next sentence on; `prepared`: the phrases that
        are ready in them."""
        self.languages, self.phrases = Languages(tts), prepared

    def context(self, intent: str | None, emotion: str | None) -> str:
        """What the LLM is told just before the user's words; empty where that is nothing."""
        return "" if self.tells_words_first else prompts.turn_context(intent, emotion)

    def messages(self, context: str, user: str, language: str | None = None) -> list[Message]:
        """The LLM's prompt for a new turn; `language`: what the user speaks, if that is known."""
        if self.tells_words_first:
            user = prompts.with_time(user, self.now())
        found = self.memory.messages(context, user, self.view)
        if instruction := prompts.language_instruction(language):
            found[0] = Message(role="system", content=f"{found[0]['content']} {instruction}")
        return found

    def tone_for(self, meant: Understanding) -> str:
        """The emotion that the answer to words that mean `meant` is shaped by."""
        if self.tells_words_first:
            return self.tone.emotion
        return self.tone.preview(meant.emotion, meant.emotion_confidence)

    def remember(self, record: ConversationTurn, context: str, answer: str) -> None:
        """Takes a finished turn into the memory; `answer` is what was heard of it.

        A new tone changes the instructions, which are read anew: it counts from the next turn on.
        """
        self.tone.hear(record.emotion, record.emotion_confidence)
        self.topic.hear(record.intent)
        self.asking.hear(record)
        self.heard(record.language)
        self.memory.add(context, record.user_text, answer)
        self.memory.system = self._instructions()

    def _instructions(self) -> str:
        talk = self.settings.conversation
        return prompts.system_prompt(
            self.settings.llm.prompting,
            self.tone.emotion,
            self._told,
            name=talk.name,
            place=talk.place,
        )

    def forget_oldest(self) -> bool:
        """Sends one exchange less from now on; false when none is left."""
        self.view = None
        return self.memory.forget_oldest()

    async def prepare(self) -> None:
        """Makes the sound of everything that is said without thinking, and lets the LLM read its
        instructions."""
        if self.settings.conversation.prefill is not Prefill.NONE:
            with suppress(EngineError):  # the first turn would meet it
                await self.engine.prefill(self.memory.messages("", ""))
        if self.languages.speaks(CANNED):
            voice = self.languages.voice(CANNED)
            await self.phrases.prepare(self.engine, canned.to_prepare(self.router.has_host), voice)

"""What all turns of one conversation share: history, emotion, topic, languages, and who answers."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import datetime, timedelta

from voice_local.audio.types import Audio
from voice_local.config import Prefill, Prompting, Settings, TtsSettings
from voice_local.conversation.context import prompts
from voice_local.conversation.context.emotion import EmotionSmoother
from voice_local.conversation.context.history import Memory, View
from voice_local.conversation.context.intent_context import IntentContext
from voice_local.conversation.context.languages import CANNED, Languages
from voice_local.conversation.context.tools import Tools
from voice_local.conversation.output.speech_cache import SpeechCache
from voice_local.conversation.output.speech_style import SpeechStyle
from voice_local.conversation.record import ConversationTurn
from voice_local.conversation.repairs import Repairs
from voice_local.conversation.responder import Responder
from voice_local.engine.api import (
    GenerateOptions,
    Message,
    TranscribeOptions,
    Transcript,
    Understanding,
)
from voice_local.engine.client import EngineClient
from voice_local.errors import EngineError


def local_now() -> datetime:
    """The machine's time, aware."""
    return datetime.now().astimezone()


class ConversationContext:
    """One conversation's.

    Args:
        engine, settings: what it runs on.
        responder: makes the skills that answer it.
        cache: prepared sentences; may be shared.
        vocabulary: names and terms to expect of this user; empty: the settings'.
        instructions: the LLM's task, beside how to speak.
        conversation_id: empty: a new one.

    Attributes:
        id: the conversation's, as handlers get it.
        responder: its skills.
        language: what was spoken last, ISO 639-1; empty before.
        view: how the LLM's prompt begins as it has been read ahead; None: not yet.
        style: how loud and fast it speaks from the next words on.
        now: the clock it goes by.
        tools: functions that its LLM may call.
    """

    def __init__(
        self,
        engine: EngineClient,
        settings: Settings,
        responder: Callable[[ConversationContext], Responder],
        cache: SpeechCache | None = None,
        vocabulary: tuple[str, ...] = (),
        *,
        instructions: str = "",
        conversation_id: str = "",
    ) -> None:
        self.id = conversation_id or uuid.uuid4().hex
        self.engine, self.settings = engine.of(self.id), settings
        self.now: Callable[[], datetime] = local_now
        self.style = SpeechStyle()
        self._task = instructions
        self.repairs = Repairs()
        self.tone = EmotionSmoother(settings.conversation.emotion_thresholds)
        self.memory = Memory(settings.memory, self._instructions())
        self.view: View | None = None
        self.topic = IntentContext()
        self.cache = cache or SpeechCache()
        self.options = GenerateOptions(
            settings.llm.max_tokens, settings.llm.temperature, settings.seed
        )
        self.vocabulary = vocabulary or settings.stt.vocabulary
        self.languages = Languages(settings.tts)
        self.language = self.user_language = ""
        self.tools = Tools()
        self.responder = responder(self)

    def go_by(self, began: datetime, passed_s: Callable[[], float]) -> None:
        """The clock shows `began` (aware) and as many seconds as have `passed_s` since."""
        self.now = lambda: began + timedelta(seconds=passed_s())

    async def transcribe(
        self, audio: Audio, *, interim: bool = False, engine: EngineClient | None = None
    ) -> Transcript:
        """The words of one utterance (16 kHz), with this conversation's vocabulary and, in doubt,
        its language.

        `interim`: it is not finished yet. `engine`: a turn's own client.

        Raises:
            EngineError: the engine could not answer.
        """
        options = TranscribeOptions(
            language=self.user_language,
            conversation_language=self.language,
            vocabulary=self.vocabulary,
            interim=interim,
        )
        return await (engine or self.engine).transcribe(audio, options)

    @property
    def tells_words_first(self) -> bool:
        """Whether a prompt has nothing between the past and the user's words."""
        return self.settings.llm.prompting is Prompting.INSTRUCT

    def speak_with(self, tts: TtsSettings) -> None:
        """Speaks with the voices of `tts` from the next segment on."""
        self.languages = Languages(tts)

    def instruct(self, instructions: str) -> None:
        """Gives the LLM another task, from the next turn on."""
        self._task = instructions
        self.memory.system = self._instructions()

    def context(self, intent: str | None, emotion: str | None) -> str:
        """What the prompt says just before the user's words; may be empty."""
        return "" if self.tells_words_first else prompts.turn_context(intent, emotion)

    def messages(self, context: str, user: str, language: str | None = None) -> list[Message]:
        """The LLM's prompt for a new turn; `language`: what the user speaks, if that is known."""
        if self.tells_words_first:
            if reminders := self.responder.reminders:
                user = prompts.with_reminders(user, reminders.facts())
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

    def remember(self, record: ConversationTurn, context: str, played: str) -> None:
        """Takes a finished turn into the history; `played` is what sounded of its answer.

        A new tone changes the instructions, which are read again: it counts from the next turn on.
        """
        self.tone.update(record.emotion, record.emotion_confidence)
        self.topic.update(record.intent)
        self.responder.remember(record)
        if record.language is not None and self.languages.speaks(record.language):
            self.language = record.language
        self.memory.add(context, record.user_text, played, record.turn_id)
        self.memory.system = self._instructions()

    def turn_ended(self, record: ConversationTurn) -> None:
        """A turn is over, with or without an answer."""
        self.repairs.turn_ended(record)
        self.responder.turn_ended(record)

    def _instructions(self) -> str:
        talk = self.settings.conversation
        return prompts.system_prompt(
            self.settings.llm.prompting,
            self.tone.emotion,
            self._task,
            name=talk.name,
            place=talk.place,
        )

    def forget_oldest(self) -> bool:
        """Sends one exchange less from now on; false when none is left."""
        self.view = None
        return self.memory.forget_oldest()

    async def prepare(self) -> None:
        """Makes the sound of everything that is said without the LLM, and lets the LLM read its
        instructions."""
        if self.settings.conversation.prefill is not Prefill.NONE:
            with suppress(EngineError):  # the first turn would meet it
                await self.engine.prefill(self.memory.messages("", ""), tools=self.tools.described)
        await self.prepare_lines(self.responder.prepared_lines())

    async def prepare_lines(self, lines: Iterable[str]) -> None:
        """Makes the sound of `lines` in the voice that says them."""
        if self.languages.speaks(CANNED):
            await self.cache.prepare(self.engine, lines, self.languages.voice(CANNED))

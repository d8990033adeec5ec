"""What all turns of one conversation share."""

from __future__ import annotations

from voice_local.config import Settings
from voice_local.conversation import handlers, phrases
from voice_local.conversation.handlers import default_router
from voice_local.conversation.memory import Memory
from voice_local.conversation.phrases import Phrases
from voice_local.conversation.router import IntentRouter
from voice_local.conversation.tone import Tone
from voice_local.conversation.topic import Topic
from voice_local.engine.protocol import Engine, GenerateOptions


class Dialogue:
    """Engine, settings, memory, router, tone, topic and prepared phrases of one conversation.

    `router` None: the default handlers. `prepared` phrases may be shared by conversations in the same voice.
    `authenticated`: the host program knows who is speaking.
    """

    def __init__(self, engine: Engine, settings: Settings, router: IntentRouter | None = None,
                 prepared: Phrases | None = None) -> None:
        talk = settings.conversation
        self.engine, self.settings = engine, settings
        self.router = router or default_router(talk.intent_threshold, talk.handler_deadline_s)
        self.memory = Memory(settings.memory)
        self.tone = Tone()
        self.topic = Topic()
        self.phrases = prepared or Phrases()
        self.options = GenerateOptions(settings.llm.max_tokens, settings.llm.temperature, settings.seed)
        self.authenticated = False

    async def prepare(self) -> None:
        """Makes the sound of everything that is said without thinking."""
        await self.phrases.prepare(self.engine, (*phrases.FIXED, *handlers.FIXED), self.settings.tts.voice)

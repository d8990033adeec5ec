"""The whole assistant for use in another program.

    async with Assistant(load("tiny")) as assistant:
        async for event in assistant.converse(DeviceCard(assistant.settings.audio)):
            print(event)
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack

from voice_local.config import STAGES, Settings
from voice_local.conversation import events
from voice_local.conversation.dialogue import Dialogue
from voice_local.conversation.phrases import Phrases
from voice_local.conversation.router import IntentRouter
from voice_local.conversation.store import ConversationStore
from voice_local.engine.supervisor import WorkerEngine
from voice_local.local.cards import SoundCard
from voice_local.local.recorder import Recorder
from voice_local.local.talking import Talking
from voice_local.stages.vad_silero import SileroModel
from voice_local.voices import speaking


class Assistant:
    """Every model resident in a worker process; any number of conversations, one after the other or side by side.

    `router` None: the default handlers. `notify` is told what the engine's keeper has to say, `loading` the name of each
    stage as it is loaded, then "phrases".

    Attributes:
        settings: as given, with a voice for each language that may be heard and can be spoken.
        engine: the worker.
        talking: the conversation that began last; None before.
    """

    def __init__(self, settings: Settings, router: IntentRouter | None = None,
                 notify: Callable[[str], None] = lambda _: None,
                 loading: Callable[[str], None] = lambda stage: None) -> None:
        self.settings = speaking(settings)
        self.engine = WorkerEngine(self.settings, STAGES, notify, loading)
        self.talking: Talking | None = None
        self._loading = loading
        self._router, self._phrases = router, Phrases()
        self._silero = SileroModel()

    async def __aenter__(self) -> Assistant:
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(self.engine)
            self._loading("phrases")
            await self.dialogue().prepare()
            stack.pop_all()  # ready: it stays until `__aexit__`
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.engine.aclose()

    def dialogue(self, vocabulary: tuple[str, ...] = ()) -> Dialogue:
        """A new conversation's shared part."""
        return Dialogue(self.engine, self.settings, self._router, self._phrases, vocabulary)

    async def converse(self, card: SoundCard, recorder: Recorder | None = None,
                       name: str = "default", *, muted: bool = False,
                       vocabulary: tuple[str, ...] = ()) -> AsyncIterator[events.Event]:
        """One conversation through `card`, until its sound ends or the caller stops reading.

        `vocabulary`: names and terms to expect, instead of the settings'.
        `muted`: it hears nothing until `talking.control` unmutes it. With `settings.memory.store`, conversation `name`
        is taken up where it was left, and kept.

        Raises:
            AudioDeviceError: the card cannot be opened.
            OutputError: the conversation cannot be kept.
        """
        dialogue = self.dialogue(vocabulary)
        store = ConversationStore(self.settings.memory.store) if self.settings.memory.store else None
        if store:
            store.restore(name, dialogue.memory)
        self.talking = Talking(dialogue, self._silero.stream(), card, recorder, muted=muted)
        stream = self.talking.stream()
        try:
            async for event in stream:
                yield event
                if store and isinstance(event, events.TurnEnded):
                    store.save(name, dialogue.memory)
        finally:
            await stream.aclose()  # type: ignore[attr-defined]

"""A server around scripted stages, in this process: what the protocols themselves cost."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import cast

import uvicorn

from voice_local.assistant import Assistant
from voice_local.audio.types import VoiceActivity
from voice_local.bench.scripted import ScriptedEngine
from voice_local.bench.scripted_session import EnergyDetector, scripted_engine, scripted_settings
from voice_local.config import Settings
from voice_local.conversation.context.conversation_context import ConversationContext
from voice_local.server.app import create_app
from voice_local.server.state import ServerState
from voice_local.skills.responder import new_conversation
from voice_local.skills.router import IntentRouter


class ScriptedAssistant:
    """What a server uses of an `Assistant`, on scripted stages.

    `router` None: no handlers. `detector`: makes a session's speech detector.
    """

    def __init__(
        self,
        engine: ScriptedEngine,
        settings: Settings,
        router: IntentRouter | None = None,
        detector: Callable[[], VoiceActivity] = EnergyDetector,
    ) -> None:
        self.engine, self.settings = engine, settings
        self.router = router or IntentRouter(2.0, 1.0)
        self._detector = detector

    def context(
        self,
        vocabulary: tuple[str, ...] = (),
        *,
        instructions: str = "",
        conversation_id: str = "",
    ) -> ConversationContext:
        """See `Assistant`."""
        return new_conversation(
            self.engine,
            self.settings,
            self.router,
            None,
            vocabulary,
            instructions=instructions,
            conversation_id=conversation_id,
        )

    def voice_activity(self) -> VoiceActivity:
        """See `Assistant`."""
        return self._detector()


def scripted_state() -> ServerState:
    """Of a server on the stages of `scripted_session`."""
    assistant = ScriptedAssistant(scripted_engine(), scripted_settings(speculate=True))
    return ServerState.of(cast(Assistant, assistant), "127.0.0.1")


@asynccontextmanager
async def served(state: ServerState) -> AsyncIterator[str]:
    """The server on a free port of this machine; its address and port."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        config = uvicorn.Config(
            create_app(state), log_config=None, lifespan="off", ws="websockets-sansio"
        )
        server = uvicorn.Server(config)
        running = asyncio.create_task(server.serve([bound]))
        while not server.started:
            await asyncio.sleep(0.01)
        try:
            yield f"127.0.0.1:{bound.getsockname()[1]}"
        finally:
            server.should_exit = True
            await running

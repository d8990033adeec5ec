"""The understanding of a profile as a conversation uses it."""

from __future__ import annotations

import time

from voice_local.config import Settings
from voice_local.engine.api import Understanding
from voice_local.engine.local_engine import LocalEngine
from voice_local.skills import emergencies
from voice_local.skills.handlers import default_router
from voice_local.skills.request import Request


class Product:
    """The understanding of a profile as a conversation uses it."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.engine = LocalEngine(settings, ("intent", "emotion"))
        self.router = default_router(
            settings.conversation.intent_threshold, settings.conversation.handler_deadline_s
        )
        self.ms: list[float] = []

    async def meant(self, text: str) -> Understanding:
        """What it takes `text` for."""
        began = time.perf_counter()
        found = await self.engine.understand(text)
        self.ms.append((time.perf_counter() - began) * 1000)
        return emergencies.checked(text, found)

    async def handler(self, text: str) -> str | None:
        """The intent whose handler answers `text`; None where none does."""
        found = await self.meant(text)
        routed = await self.router.route(
            Request(text, found.intent or "", found.intent_confidence or 0.0)
        )
        return found.intent if routed.why == "handled" else None

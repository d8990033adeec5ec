"""A voice assistant that never leaves the building: speech in, speech out, every model on your own
machine.

The names for other programs; each is imported when it is first asked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from voice_local.offline import switches

if TYPE_CHECKING:
    from voice_local.assistant import Assistant
    from voice_local.card_conversation import Conversation
    from voice_local.config import (
        Settings,
        load,
    )
    from voice_local.conversation import events
    from voice_local.conversation.context.history import Exchange
    from voice_local.conversation.record import ConversationTurn
    from voice_local.conversation.responder import (
        Reply,
    )
    from voice_local.errors import VoiceLocalError
    from voice_local.local.cards import (
        SoundCard,
        WavCard,
    )
    from voice_local.local.device import DeviceCard
    from voice_local.local.in_memory import (
        InMemoryCard,
        pcm16,
    )
    from voice_local.local.recorder import Recorder
    from voice_local.skills.handlers import default_router
    from voice_local.skills.intents import Intent
    from voice_local.skills.request import Request
    from voice_local.skills.router import IntentRouter

    __version__: str

# At import, as nothing else here is: onnxruntime begins its telemetry when it is imported, and
# neither a host program nor a stage of ours can be caught earlier than now. A host's own use of
# hubs stays as it is.
switches.apply(switches.QUIET)

__all__ = [
    "Assistant",
    "Conversation",
    "ConversationTurn",
    "DeviceCard",
    "Exchange",
    "InMemoryCard",
    "Intent",
    "IntentRouter",
    "Recorder",
    "Reply",
    "Request",
    "Settings",
    "SoundCard",
    "VoiceLocalError",
    "WavCard",
    "default_router",
    "events",
    "load",
    "pcm16",
]

_HOMES = {
    "Assistant": "assistant",
    "Conversation": "card_conversation",
    "ConversationTurn": "conversation.record",
    "DeviceCard": "local.device",
    "Exchange": "conversation.context.history",
    "InMemoryCard": "local.in_memory",
    "Intent": "skills.intents",
    "IntentRouter": "skills.router",
    "Recorder": "local.recorder",
    "Reply": "conversation.responder",
    "Request": "skills.request",
    "Settings": "config",
    "SoundCard": "local.cards",
    "VoiceLocalError": "errors",
    "WavCard": "local.cards",
    "default_router": "skills.handlers",
    "load": "config",
    "pcm16": "local.in_memory",
}

_UNPACKED = "0+unknown"
"""The version of a copy that was never installed."""


def __getattr__(name: str) -> Any:
    if name == "events":
        return import_module("voice_local.conversation.events")
    if name == "__version__":
        return _version()
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"voice_local.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__, "__version__"})


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("voice-local")
    except PackageNotFoundError:
        return _UNPACKED

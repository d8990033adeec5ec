"""A voice assistant that never leaves the building: speech in, speech out, every model on your own machine.

The names for other programs; each is imported when it is first asked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from voice_local.offline import switches

if TYPE_CHECKING:
    from voice_local.assistant import Assistant
    from voice_local.config import Settings, load
    from voice_local.conversation import events
    from voice_local.conversation.handlers import default_router
    from voice_local.conversation.record import ConversationTurn
    from voice_local.conversation.router import IntentRouter, Reply, Request
    from voice_local.errors import VoiceLocalError
    from voice_local.local.cards import SoundCard, WavCard
    from voice_local.local.device import DeviceCard
    from voice_local.local.recorder import Recorder

# At import, as nothing else here is: onnxruntime begins its telemetry when it is imported, and neither a host program nor a
# stage of ours can be caught earlier than now. A host's own use of hubs stays as it is.
switches.apply(switches.QUIET)

__all__ = ["Assistant", "ConversationTurn", "DeviceCard", "IntentRouter", "Recorder", "Reply", "Request", "Settings",
           "SoundCard", "VoiceLocalError", "WavCard", "default_router", "events", "load"]

_HOMES = {"Assistant": "assistant", "ConversationTurn": "conversation.record", "DeviceCard": "local.device",
          "IntentRouter": "conversation.router", "Recorder": "local.recorder", "Reply": "conversation.router",
          "Request": "conversation.router", "Settings": "config", "SoundCard": "local.cards", "VoiceLocalError": "errors",
          "WavCard": "local.cards", "default_router": "conversation.handlers", "load": "config"}


def __getattr__(name: str) -> Any:
    if name == "events":
        return import_module("voice_local.conversation.events")
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"voice_local.{_HOMES[name]}"), name)

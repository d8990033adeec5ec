"""What every part of one server shares."""

from __future__ import annotations

from dataclasses import dataclass

from voice_local.assistant import Assistant
from voice_local.config import Settings
from voice_local.config_server import ServerSettings
from voice_local.server.access import Access
from voice_local.server.metrics import Metrics
from voice_local.server.pool import SessionPool


@dataclass(frozen=True)
class ServerState:
    """One server.

    Attributes:
        assistant: its engine and settings.
        access: who may use it.
        pool: its sessions.
        metrics: what is counted.
    """

    assistant: Assistant
    access: Access
    pool: SessionPool
    metrics: Metrics

    @staticmethod
    def of(assistant: Assistant, host: str) -> ServerState:
        """Of a started assistant, for a server that listens on `host`."""
        settings, metrics = assistant.settings.server, Metrics()
        return ServerState(
            assistant, Access(settings, host), SessionPool(assistant, settings, metrics), metrics
        )

    @property
    def settings(self) -> Settings:
        """Of the assistant."""
        return self.assistant.settings

    @property
    def limits(self) -> ServerSettings:
        """Of the server."""
        return self.assistant.settings.server

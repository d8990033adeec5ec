"""What every part of one server shares."""

from __future__ import annotations

from dataclasses import dataclass

from voice_local.assistant import Assistant
from voice_local.config import Settings
from voice_local.config_server import ServerSettings
from voice_local.server.access import Access
from voice_local.server.client_secrets import ClientSecrets
from voice_local.server.metrics import Metrics
from voice_local.server.pool import OnEvent, SessionPool


@dataclass(frozen=True)
class ServerState:
    """One server.

    Attributes:
        assistant: its engine and settings.
        access: who may use it.
        pool: its sessions.
        metrics: what is counted.
        secrets: keys for browsers.
    """

    assistant: Assistant
    access: Access
    pool: SessionPool
    metrics: Metrics
    secrets: ClientSecrets

    @staticmethod
    def of(assistant: Assistant, host: str, on_event: OnEvent | None = None) -> ServerState:
        """Of a started assistant, for a server that listens on `host`. `on_event`: see
        `serve_assistant`."""
        settings, metrics = assistant.settings.server, Metrics()
        access = Access(settings, host)
        pool = SessionPool(assistant, settings, metrics, on_event)
        return ServerState(assistant, access, pool, metrics, ClientSecrets(access))

    @property
    def settings(self) -> Settings:
        """Of the assistant."""
        return self.assistant.settings

    @property
    def limits(self) -> ServerSettings:
        """Of the server."""
        return self.assistant.settings.server

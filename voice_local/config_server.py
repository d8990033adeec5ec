"""Settings of `voice-local serve`."""

from __future__ import annotations

from pydantic import Field, IPvAnyNetwork, SecretStr, field_validator

from voice_local.config_section import Section

SHORTEST_TOKEN = 16
"""Characters."""


class ServerSettings(Section):
    """Limits of the server.

    `token`: what clients have to show; needed beyond loopback. Better set by
    `VOICE_LOCAL__SERVER__TOKEN` or `serve --token-file` than in a file.
    `hosts`: names that clients may call the server by, beside its own address.
    `origins`: web pages of other servers that may connect, as `https://intranet.example`.
    `max_sessions`: conversations at once; `max_sessions_per_client` of them from one address.
    `requests_per_minute`: new connections and requests of one address.
    `max_body_mb`: of one upload, in MiB.
    `idle_limit_s`, `session_limit_s`: a session without any sound or word, and any session, is
    closed after so long.
    `drain_s`: after SIGTERM, answers that have begun may go on for so long.
    `lead_ms`: how much sound a client is sent ahead of what it has played.
    `trusted_networks`: addresses beyond this machine that may use the ports without tokens
    (Wyoming, AudioSocket), as `192.168.1.0/24`.
    `telephone_greeting`: what a caller is greeted with; empty: the caller speaks first.
    `tool_filler`: while a tool of a Realtime client takes long, the assistant says that it does.
    Off: most clients say something themselves.
    `log_transcripts`: the log holds what was said; else it never does.
    `client_secret_s`: how long a client secret is valid if its client does not say.
    """

    token: SecretStr | None = None
    hosts: tuple[str, ...] = ()
    origins: tuple[str, ...] = ()
    max_sessions: int = Field(32, ge=1)
    max_sessions_per_client: int = Field(16, ge=1)
    requests_per_minute: int = Field(600, ge=1)
    max_body_mb: int = Field(64, ge=1)
    idle_limit_s: float = Field(900.0, gt=0)
    session_limit_s: float = Field(7200.0, gt=0)
    drain_s: float = Field(20.0, ge=0)
    lead_ms: int = Field(100, ge=0, le=2000)
    trusted_networks: tuple[IPvAnyNetwork, ...] = ()
    telephone_greeting: str = Field("", max_length=500)
    tool_filler: bool = False
    log_transcripts: bool = False
    client_secret_s: int = Field(600, ge=10, le=7200)

    @field_validator("token", mode="before")
    @classmethod
    def _empty_is_none(cls, given: object) -> object:
        """An empty variable of the environment is none."""
        text = given.get_secret_value() if isinstance(given, SecretStr) else given
        if text is None or (isinstance(text, str) and not text.strip()):
            return None
        if not isinstance(text, str):
            raise ValueError("has to be a text")
        return text.strip()

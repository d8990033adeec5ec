"""Settings of the process that holds the models."""

from __future__ import annotations

from pydantic import Field

from voice_local.config_section import Section


class EngineSettings(Section):
    """The worker process: deadlines and bounds; `max_restarts` within `restart_window_s`."""

    start_timeout_s: float = Field(180.0, gt=0)
    queue_timeout_s: float = Field(30.0, gt=0)
    run_timeout_s: float = Field(120.0, gt=0)
    heartbeat_s: float = Field(0.5, gt=0)
    heartbeat_timeout_s: float = Field(20.0, gt=0)
    max_pending: int = Field(64, ge=1)
    max_restarts: int = Field(5, ge=0)
    restart_window_s: float = Field(600.0, gt=0)

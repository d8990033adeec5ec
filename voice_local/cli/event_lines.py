"""Events of a live conversation as JSON, for `talk --json`: one line each."""

from __future__ import annotations

import re
from dataclasses import asdict
from typing import Any

from voice_local.conversation import events


def as_json(event: events.Event) -> dict[str, Any]:
    """`event` (its kind, as turn_ended) and what it tells; of a finished turn, its record as
    `turn`."""
    kind = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", type(event).__name__).lower()
    if isinstance(event, events.TurnEnded):
        return {"event": kind, "turn": event.record.as_json()}
    return {"event": kind, **asdict(event)}

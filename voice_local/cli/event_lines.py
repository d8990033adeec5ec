"""Events of a live conversation as JSON, for `talk --json`: one line each."""

from __future__ import annotations

import re
from dataclasses import fields
from typing import Any

from voice_local.conversation import events


def as_json(event: events.Event) -> dict[str, Any]:
    """`event` (its kind, as turn_ended) and its fields; of a finished turn, its record as
    `turn`."""
    kind = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", type(event).__name__).lower()
    place = {key: value for key, value in vars(event.place).items() if value not in ("", None)}
    if isinstance(event, events.TurnEnded):
        return {"event": kind, **place, "turn": event.record.as_json()}
    values = {field.name: getattr(event, field.name) for field in fields(event)}
    return {"event": kind, **place, **{key: values[key] for key in values if key != "place"}}

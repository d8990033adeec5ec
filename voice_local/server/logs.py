"""The server's log: one JSON object a line on standard error. No words of any conversation, unless
`server.log_transcripts` is set."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime
from typing import Any

from voice_local.conversation.record import ConversationTurn

NOISE = "ASGI callable returned without completing handshake."
"""What uvicorn logs of a WebSocket that was refused with an HTTP status: that was meant."""

WORDS = ("user_text", "assistant_text", "heard_text", "params", "tool_calls", "filler")

log = logging.getLogger("voice_local.server")


class JsonLines(logging.Formatter):
    """`fields` of a record stand beside its message."""

    def format(self, record: logging.LogRecord) -> str:
        """One line."""
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "event": record.getMessage(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)


def install() -> None:
    """Lets this process log so. Called once, by the command."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines())
    handler.addFilter(lambda record: record.getMessage() != NOISE)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    log.setLevel(logging.INFO)


def tell(event: str, **fields: Any) -> None:
    """Logs `event`."""
    log.info(event, extra={"fields": fields})


def turn_fields(record: ConversationTurn, *, with_words: bool) -> dict[str, Any]:
    """What is logged of a turn."""
    found = {key: value for key, value in record.as_json().items() if value not in (None, [], {})}
    return found if with_words else {k: v for k, v in found.items() if k not in WORDS}

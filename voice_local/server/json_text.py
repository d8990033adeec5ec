"""Texts in JSON that clients send."""

from __future__ import annotations

import json
from typing import Any


def whole_characters(given: dict[str, Any]) -> dict[str, Any]:
    """`given` with U+FFFD for every half of a character: a client that cuts a text may cut an emoji
    in two, and no half can be sent on."""
    told = json.dumps(given, ensure_ascii=False)
    whole = told.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    found: dict[str, Any] = json.loads(whole)
    return found

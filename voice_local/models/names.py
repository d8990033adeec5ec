"""Which names models, their files and their revisions may have."""

from __future__ import annotations

import re

_SAFE_PART = re.compile(r"[A-Za-z0-9._+-][A-Za-z0-9._+~%-]*( [A-Za-z0-9._+~%-]+)*")
RESERVED = ("licenses", "manifest.json")
"""What lies among the installed models and is none."""


def safe_path(text: str) -> str:
    """`text`, a relative path of plain names.

    Raises:
        ValueError: it is absolute, climbs out, is empty or holds characters that names of models
            have no use for.
    """
    parts = text.split("/")
    if not all(_SAFE_PART.fullmatch(part) and part.strip(".") for part in parts):
        raise ValueError(f"{text!r} is not a plain relative path")
    return text


def inside(text: str) -> str:
    """`text`, a relative path that stays in its folder, whatever its parts are called.

    Raises:
        ValueError: it is absolute, climbs out, is empty or holds characters that end or move a line
            on a terminal.
    """
    parts = text.split("/")
    if any(part in ("", ".", "..") for part in parts) or re.search(r"[\x00-\x1f\x7f\\]", text):
        raise ValueError(f"{text!r} does not stay in its folder")
    return text


def model_name(text: str) -> str:
    """`text`, a name that a model may have among the installed ones.

    Raises:
        ValueError: it is no plain path, hidden, or taken.
    """
    if (
        any(part.startswith(".") for part in safe_path(text).split("/"))
        or text.split("/")[0] in RESERVED
    ):
        raise ValueError(f"{text!r} is no name for a model")
    return text


def pinned(text: str) -> str:
    """`text`, a full commit id.

    Raises:
        ValueError: it is a branch, a tag or an abbreviation.
    """
    if not re.fullmatch(r"[0-9a-f]{40}", text):
        raise ValueError(f"{text!r} is not a revision of 40 hexadecimal digits")
    return text

"""Numbers and names as the tables and plots of a report write them."""

from __future__ import annotations

import math
import re

UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")

LONGEST_LABEL = 34


def tidy(value: float | None, decimals: int | None = None) -> str:
    """A number as people read it: about three digits that count, thousands parted, a true minus."""
    if value is None or not math.isfinite(value):
        return "—"
    if abs(value) >= 1e9 or 0 < abs(value) < 1e-6:
        return f"{value:.3g}".replace("-", "−")
    text = f"{value:,.{places(value) if decimals is None else decimals}f}"
    return text.replace("-", "−") if float(text.replace(",", "")) else text.removeprefix("-")


def places(value: float) -> int:
    """Decimals for about three digits that count."""
    size = abs(value)
    if size >= 100 or size == 0 or not math.isfinite(size):
        return 0
    return (
        1
        if size >= 10
        else 2
        if size >= 1
        else 3
        if size >= 0.01
        else 1 - math.floor(math.log10(size))
    )


def short(value: float) -> str:
    """`tidy` without zeros at the end, for the room beside a bar."""
    text = tidy(value)
    return text.rstrip("0").rstrip(".") if "." in text else text


def label(text: str, longest: int = LONGEST_LABEL) -> str:
    """Short enough to leave room for the picture (the table below it has the whole); never a secret
    from the legend."""
    text = clean(text)
    text = text if len(text) <= longest else f"{text[: longest - 1]}…"
    return f"\u200b{text}" if text.startswith("_") else text  # matplotlib keeps "_…" out of legends


def clean(text: str) -> str:
    """On one line, without characters that no page can show."""
    return UNPRINTABLE.sub("\ufffd", " ".join(str(text).split()))

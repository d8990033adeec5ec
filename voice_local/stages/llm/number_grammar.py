"""Numbers of a JSON schema as GBNF, llama.cpp's grammar notation: within their bounds to the digit.

Numbers have no exponent: nobody says one, and it could be larger than a float.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from voice_local.stages.llm.gbnf import any_of

LARGEST = Decimal(10**15)
"""Beyond it a float no longer holds every whole number."""

STEP = Decimal("0.000001")
"""Bounds are rounded inwards to it."""

_MORE = "[0-9]{0,5}"
_ABOVE_ZERO = f'"0"{{0,5}} [1-9] {_MORE}'
_FRACTION = f'("." [0-9] {_MORE})?'
_ZEROS = '("." "0"{1,6})?'


@dataclass(frozen=True)
class Bound:
    """The end of a range. `open_`: the value itself is outside."""

    value: Decimal
    open_: bool = False


LOWEST, HIGHEST = Bound(-LARGEST, True), Bound(LARGEST, True)


def integers(low: Bound, high: Bound) -> str:
    """The whole numbers within the bounds; empty where there are none."""
    first = int(low.value.to_integral_value(ROUND_CEILING))
    last = int(high.value.to_integral_value(ROUND_FLOOR))
    first += low.open_ and first == low.value
    last -= high.open_ and last == high.value
    found = []
    if last >= 0:
        found.append(_whole(max(first, 0), last))
    if first < 0:
        found.append(_minus(_whole(max(1, -last), -first)))
    return any_of(found)


def numbers(low: Bound, high: Bound) -> str:
    """The numbers within the bounds, with up to about six decimals; empty where there are none."""
    low, high = _inwards(low, ROUND_CEILING), _inwards(high, ROUND_FLOOR)
    zero = Decimal(0)
    found = []
    if high.value >= 0:
        found.append(_magnitudes(low if low.value >= 0 else Bound(zero), high))
    if low.value < 0:
        nearest = Bound(-high.value, high.open_) if high.value < 0 else Bound(zero, True)
        found.append(_minus(_magnitudes(nearest, Bound(-low.value, low.open_))))
    return any_of(found)


def _inwards(bound: Bound, rounding: str) -> Bound:
    rounded = bound.value.quantize(STEP, rounding)
    return bound if rounded == bound.value else Bound(rounded)


def _minus(magnitude: str) -> str:
    return f'"-" {magnitude}' if magnitude else ""


def _whole(first: int, last: int) -> str:
    """The whole numbers from `first`, not below 0, to `last`."""
    if first > last:
        return ""
    low, high = str(first), str(last)
    if len(low) == len(high):
        return _digits(low, high)
    found = [_digits(low, "9" * len(low))]
    if len(high) - len(low) > 1:
        found.append(f"[1-9] [0-9]{{{len(low)},{len(high) - 2}}}")
    found.append(_digits("1" + "0" * (len(high) - 1), high))
    return any_of(found)


def _digits(low: str, high: str) -> str:
    """The strings of digits from `low` to `high`, which are of one length."""
    rest = len(low) - 1
    if not low:
        return ""
    if low[0] == high[0]:
        return f'"{low[0]}" {_digits(low[1:], high[1:])}'.strip()
    first, last = int(low[0]), int(high[0])
    found = []
    if low[1:].strip("0"):
        found.append(f'"{low[0]}" {_digits(low[1:], "9" * rest)}')
        first += 1
    if high[1:].strip("9"):
        found.append(f'"{high[0]}" {_digits("0" * rest, high[1:])}')
        last -= 1
    if first <= last:
        found.append(f"[{first}-{last}]" + (f" [0-9]{{{rest}}}" if rest else ""))
    return any_of(found)


def _magnitudes(low: Bound, high: Bound) -> str:
    """The numbers within bounds of which none is negative."""
    first, from_ = _split(low)
    last, to = _split(high)
    if low.value > high.value:
        return ""
    if first == last:
        fraction = _between(from_, to, low.open_, high.open_)
        return "" if fraction is None else f'"{first}" {fraction}'
    found = [f'"{first}" {_from(from_, low.open_)}']
    inner = _whole(first + 1, last - 1)
    if inner:
        found.append(f"{inner} {_FRACTION}")
    if to:
        found.append(f'"{last}" ("." {_tail_to(to, high.open_)})?')
    elif not high.open_:
        found.append(f'"{last}" {_ZEROS}')
    return any_of(found)


def _split(bound: Bound) -> tuple[int, str]:
    """The whole part, and the decimals without zeros at their end."""
    whole, _, decimals = f"{bound.value:f}".partition(".")
    return int(whole), decimals.rstrip("0")


def _from(decimals: str, open_: bool) -> str:
    """The decimals, with their point, from these on."""
    if decimals or open_:
        return f'"." {_tail_from(decimals, open_)}'
    return _FRACTION


def _tail_from(decimals: str, open_: bool) -> str:
    if not decimals:
        return _ABOVE_ZERO if open_ else _MORE
    digit = int(decimals[0])
    found = [f'"{digit}" {_tail_from(decimals[1:], open_)}']
    if digit < 9:
        found.append(f"[{digit + 1}-9] {_MORE}")
    return any_of(found)


def _tail_to(decimals: str, open_: bool) -> str:
    """The decimals up to these, of which there is at least one."""
    digit, rest = int(decimals[0]), decimals[1:]
    found = []
    if digit:
        found.append(f"[0-{digit - 1}] {_MORE}")
    if rest:
        found.append(f'"{digit}" ({_tail_to(rest, open_)})?')
    elif not open_:
        found.append(f'"{digit}" "0"{{0,5}}')
    return any_of(found)


def _between(low: str, high: str, low_open: bool, high_open: bool) -> str | None:
    """The decimals, with their point, of numbers that have the same whole part; None for none."""
    width = max(len(low), len(high))
    inside = _tail_between(low.ljust(width, "0"), high.ljust(width, "0"), low_open, high_open)
    ends_at_once = not low and not low_open and (bool(high) or not high_open)
    if ends_at_once:
        return f'("." {inside})?' if inside else _ZEROS
    return f'"." {inside}' if inside else None


def _tail_between(low: str, high: str, low_open: bool, high_open: bool) -> str:
    """As `_between`, from a place behind the point on; empty for none. Both are of one length."""
    if not low:
        return "" if low_open or high_open else '"0"{0,5}'
    first, last = int(low[0]), int(high[0])
    if first == last:
        inside = _tail_between(low[1:], high[1:], low_open, high_open)
        may_end = not low[1:].strip("0") and not low_open
        if not inside or not low[1:]:
            return f'"{first}" {inside}' if inside else ""
        return f'"{first}" ({inside})?' if may_end else f'"{first}" {inside}'
    found = [f'"{first}" {_tail_from(low[1:].rstrip("0"), low_open)}']
    if last - first > 1:
        found.append(f"[{first + 1}-{last - 1}] {_MORE}")
    rest = high[1:].rstrip("0")
    if rest:
        found.append(f'"{last}" ({_tail_to(rest, high_open)})?')
    elif not high_open:
        found.append(f'"{last}" "0"{{0,5}}')
    return any_of(found)

"""Amounts of money, with the sign or the code of the currency before or after them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from voice_local.text.speech.numbers import (
    BEFORE,
    NUMBER,
    SIGN,
    TO,
    canonical,
    cardinal,
    is_one,
    plural,
    sign_words,
    signed,
    spoken,
)
from voice_local.text.speech.rules import (
    Reading,
    Rule,
)
from voice_local.text.speech.unit_names import per
from voice_local.text.speech.units import before_noun


@dataclass(frozen=True)
class Currency:
    """Names of a currency and of its hundredth; empty where that is not used."""

    one: str
    many: str
    cent: str = ""
    cents: str = ""


def _with_cents(name: str) -> Currency:
    return Currency(name, plural(name), "cent", "cents")


DOLLAR, EURO = _with_cents("dollar"), _with_cents("euro")
POUND = Currency("pound", "pounds", "penny", "pence")
YEN, WON, YUAN = Currency("yen", "yen"), Currency("won", "won"), Currency("yuan", "yuan")
RUPEE = Currency("rupee", "rupees", "paisa", "paise")
RUBLE = Currency("ruble", "rubles", "kopeck", "kopecks")
SIGNS: dict[str, Currency] = {
    "$": DOLLAR,
    "€": EURO,
    "£": POUND,
    "¥": YEN,
    "₹": RUPEE,
    "₩": WON,
    "₽": RUBLE,
    "US$": _with_cents("U S dollar"),
    "C$": _with_cents("Canadian dollar"),
    "CA$": _with_cents("Canadian dollar"),
    "A$": _with_cents("Australian dollar"),
    "AU$": _with_cents("Australian dollar"),
    "NZ$": _with_cents("New Zealand dollar"),
    "HK$": _with_cents("Hong Kong dollar"),
    "S$": _with_cents("Singapore dollar"),
    "R$": Currency("real", "reais"),
    "CN¥": YUAN,
    "₺": Currency("lira", "lira"),
    "₪": Currency("shekel", "shekels"),
    "₫": Currency("dong", "dong"),
    "฿": Currency("baht", "baht"),
    "₴": Currency("hryvnia", "hryvnias"),
    "₦": Currency("naira", "naira"),
    "₱": Currency("peso", "pesos"),
    "₡": Currency("colon", "colones"),
    "₵": Currency("cedi", "cedis"),
    "₸": Currency("tenge", "tenge"),
    "₾": Currency("lari", "lari"),
    "₼": Currency("manat", "manat"),
    "₿": Currency("bitcoin", "bitcoins"),
    "Rs.": RUPEE,
    "Rs": RUPEE,
    "zł": Currency("zloty", "zlotys"),
    "Kč": Currency("koruna", "korunas"),
    "kr": Currency("krona", "kronor"),
    "￥": YEN,
    "￡": POUND,
}
CODES: dict[str, Currency] = {
    "USD": _with_cents("U S dollar"),
    "EUR": EURO,
    "GBP": POUND,
    "JPY": YEN,
    "CNY": YUAN,
    "RMB": YUAN,
    "INR": RUPEE,
    "KRW": WON,
    "RUB": RUBLE,
    "CHF": Currency("Swiss franc", "Swiss francs"),
    "CAD": SIGNS["C$"],
    "AUD": SIGNS["A$"],
    "NZD": SIGNS["NZ$"],
    "HKD": SIGNS["HK$"],
    "SGD": SIGNS["S$"],
    "BRL": SIGNS["R$"],
    "PLN": SIGNS["zł"],
    "CZK": SIGNS["Kč"],
    "SEK": Currency("Swedish krona", "Swedish kronor"),
    "NOK": Currency("Norwegian krone", "Norwegian kroner"),
    "DKK": Currency("Danish krone", "Danish kroner"),
    "HUF": Currency("forint", "forints"),
    "TRY": SIGNS["₺"],
    "ILS": SIGNS["₪"],
    "THB": SIGNS["฿"],
    "MXN": Currency("Mexican peso", "Mexican pesos"),
    "ZAR": Currency("rand", "rand"),
    "AED": Currency("dirham", "dirhams"),
    "SAR": Currency("riyal", "riyals"),
    "BTC": SIGNS["₿"],
}
SCALES = {
    "k": "thousand",
    "m": "million",
    "mn": "million",
    "mm": "million",
    "b": "billion",
    "bn": "billion",
    "t": "trillion",
    "tn": "trillion",
}
_KNOWN = SIGNS | CODES
_FRONT = "|".join(re.escape(sign) for sign in sorted(_KNOWN, key=len, reverse=True))
_BEHIND = "|".join(
    re.escape(sign) for sign in sorted(_KNOWN, key=len, reverse=True) if sign not in ("Rs.", "Rs")
)
_SCALE = (
    r"(?:\s?(?P<scale>hundred|thousand|million|billion|trillion|bn|mn|tn)\b|"
    r"(?P<letter>[kKmMbBtT])\b)?"
)
_PER = r"(?:\s?/\s?(?P<per>[A-Za-z]{1,9}²?)(?!\w))?"
_AMOUNT = (
    rf"(?P<low>{NUMBER})(?:(?P<low_letter>[kKmMbBtT])?{TO}(?:(?:{_FRONT})\s?)?(?P<high>{NUMBER}))?"
)
_IN_FRONT = re.compile(
    rf"(?<![\w])(?P<sign>[-−+±])?(?P<name>{_FRONT})\s?(?P<inner>[-−])?{_AMOUNT}{_SCALE}(?![\d])(?P<code>\s?(?:USD|CAD|"
    rf"AUD))?{_PER}"
)
_IN_THE_BACK = re.compile(
    rf"{BEFORE}(?P<sign>{SIGN})?{_AMOUNT}{_SCALE}\s?(?P<name>{_BEHIND})(?!\w){_PER}"
)
_CENTS = re.compile(rf"{BEFORE}(?:(?P<low>{NUMBER})\s?[¢￠]|(?P<pence>\d{{1,2}})p\b(?!\.\s?m))")
_GROUPED = re.compile(r"\d{1,3}(?:\.\d{3})+")


def _number(written: str, currency: Currency) -> str:
    """`written` without thousands separators of euros: "1.200 €"."""
    european = currency is EURO and _GROUPED.fullmatch(written)
    return written.replace(".", "") if european else written


def _amount(match: re.Match[str], reading: Reading) -> str | None:
    parts = match.groupdict()
    currency = _KNOWN[(parts.get("code") or parts["name"]).strip()]
    low = _number(parts["low"], currency)
    high = _number(parts["high"], currency) if parts["high"] else None
    sign = parts["sign"] or parts.get("inner")
    letters = parts["scale"] or parts["letter"] or ""
    scale = SCALES.get(letters.lower(), letters)
    tail = f" per {per(parts['per'])}" if parts["per"] else ""
    one = currency.one if before_noun(match) else currency.many
    if scale or high:
        lower = SCALES.get((parts["low_letter"] or "").lower(), "")
        amount = signed(sign, low) + (f" {lower}" if lower and lower != scale else "")
        amount += f" to {spoken(high)}" if high else ""
        return f"{amount} {scale} {one}".replace("  ", " ") + tail
    return sign_words(sign) + _exact(canonical(low), currency, one, reading) + tail


def _exact(value: str, currency: Currency, name: str, reading: Reading) -> str:
    whole, _, part = value.partition(".")
    if part.strip("0") and (len(part) != 2 or not currency.cents):
        return f"{spoken(value)} {name}"
    count, cents = int(whole or 0), int(part or 0)
    unit = currency.one if count == 1 else name
    said = f"{cardinal(cents)} {currency.cent if cents == 1 else currency.cents}"
    if not cents:
        return f"{spoken(whole)} {unit}"
    if not count:
        return said
    return (
        f"{spoken(whole)} {unit} {cardinal(cents)}"
        if reading.brief_cents
        else f"{spoken(whole)} {unit} and {said}"
    )


def _cents(match: re.Match[str], reading: Reading) -> str:
    count = match["low"] or match["pence"]
    one, many = ("penny", "pence") if match["pence"] else ("cent", "cents")
    return f"{spoken(count)} {one if is_one(count) else many}"


RULES = (Rule(_IN_FRONT, _amount), Rule(_IN_THE_BACK, _amount), Rule(_CENTS, _cents))

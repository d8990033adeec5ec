"""Texts that the tiny voice is taught with: generated assistant speech plus some licensed
sentences.

Everything is deterministic for a seed. Order codes are written the way the running assistant must
write them: letter by letter, and the letter *A* as ``ae``, because gruut reads a lone ``a`` as the
article.
"""

from __future__ import annotations

import csv
import json
import random
import re
from collections.abc import Callable
from pathlib import Path

from scripts.train.voice_words import (
    BODY,
    DAYS,
    DEVICES,
    DIGITS,
    FEELINGS,
    FOODS,
    ITEMS,
    LANGUAGES,
    LETTERS,
    MONTHS,
    NAMES,
    ORDINALS,
    PLACES,
    RARE,
    ROOMS,
    SHORT,
    TEENS,
    TEMPLATES,
    TENS,
    listed,
)


def _number(rng: random.Random) -> str:
    """A spoken number from one to some thousands."""
    kind = rng.random()
    if kind < 0.4:
        return rng.choice(DIGITS[1:])
    if kind < 0.6:
        return rng.choice(TEENS)
    if kind < 0.9:
        return rng.choice(TENS) + rng.choice(["", " " + rng.choice(DIGITS[1:])])
    return rng.choice(DIGITS[1:]) + rng.choice(
        [" hundred", " thousand", " hundred and " + rng.choice(TENS)]
    )


def _code(rng: random.Random) -> str:
    """An order code as spoken: one to three letters, two to five digits."""
    letters = [rng.choice(LETTERS) for _ in range(rng.randint(1, 3))]
    return " ".join(letters + [rng.choice(DIGITS) for _ in range(rng.randint(2, 5))])


def _time(rng: random.Random) -> str:
    """A spoken clock time."""
    hour = rng.choice(DIGITS[1:] + TEENS[:3])
    minute = rng.choice(["thirty", "fifteen", "forty five", "twenty", "oh five", "ten", "fifty"])
    tail = rng.choice(
        ["in the morning", "in the evening", "p m", "ae m", "o'clock", "in the afternoon"]
    )
    round_hours = [f"half past {hour}", f"quarter to {hour}", hour, "noon", "midnight"]
    return rng.choice([f"{hour} {minute}", f"{hour} {tail}", *round_hours])


def _price(rng: random.Random) -> str:
    """A spoken price."""
    euros = _number(rng)
    return euros + " dollars" + (f" and {rng.choice(TENS)} cents" if rng.random() < 0.4 else "")


def _pickers(words: list[str]) -> dict[str, Callable[[random.Random], str]]:
    """One random source for each slot name."""

    def of(options: list[str]) -> Callable[[random.Random], str]:
        return lambda rng: rng.choice(options).replace("_", " ")

    return {
        "item": of(ITEMS),
        "code": _code,
        "day": of(DAYS),
        "num": _number,
        "price": _price,
        "time": _time,
        "name": of(NAMES),
        "place": of(PLACES),
        "room": of(ROOMS),
        "device": of(DEVICES),
        "food": of(FOODS),
        "body": of(BODY),
        "language": of(LANGUAGES),
        "word": of(words),
        "rare": of(RARE),
        "ord": of(ORDINALS),
        "month": of(MONTHS),
        "feeling": of(FEELINGS),
        "short": of(SHORT),
        "open": of(
            [
                *SHORT[:14],
                "i'm sorry",
                "great",
                "thank you",
                "no problem",
                "perfect",
                "oh no",
                "all right",
            ]
        ),
        "color": of(listed("red blue green black white brown yellow grey")),
        "size": of(listed("small medium large extra_large")),
        "level": of(listed("louder quieter brighter darker warmer colder cooler lower off on")),
        "weather": of(listed("sunny cold warm rainy windy cloudy nice very_hot")),
        "family": of(listed("mother father sister brother son daughter doctor nurse boss friend")),
        "that": of(
            listed(
                "that it your_order your_account your_bill the_price the_stock the_invoice the_date"
            )
        ),
        "spell": lambda rng: " ".join(rng.choice(LETTERS) for _ in range(rng.randint(3, 7))),
        "digits": lambda rng: " ".join(rng.choice(DIGITS) for _ in range(rng.randint(4, 9))),
    }


def _finish(text: str, rng: random.Random) -> str:
    """Add the closing mark of a sentence or of a clause cut out of one."""
    if text.split()[0] in {"how", "what", "should", "do", "does", "did", "is", "can", "could"}:
        return text + "?"
    end = rng.choices([".", ",", "", "!", "?", "…"], weights=[62, 16, 8, 8, 5, 1])[0]
    return (text.replace(",", " —", 1) if rng.random() < 0.03 else text) + end


def generated(count: int, words: list[str], rng: random.Random) -> list[str]:
    """Assistant-like sentences and clauses: every short one twice, every word once, then filled
    templates."""
    pickers = _pickers(words)
    texts = [_finish(text, rng) for text in SHORT * 2]
    carriers = [
        "{}",
        "the {}",
        "my {}",
        "{} please",
        "i said {}",
        "{} and {}",
        "not {}, {}",
        "{} {} {}",
    ]
    shuffled = rng.sample(words, len(words)) + rng.sample(RARE, len(RARE))
    while shuffled:
        carrier = rng.choice(carriers)
        used = [
            shuffled.pop() if shuffled else rng.choice(words) for _ in range(carrier.count("{}"))
        ]
        texts.append(_finish(carrier.format(*used), rng))
    while len(texts) < count:
        slots = re.compile(r"\{([a-z]+)\d?\}")
        template = TEMPLATES[len(texts) % len(TEMPLATES)]
        texts.append(_finish(slots.sub(lambda match: pickers[match.group(1)](rng), template), rng))
    return texts


def licensed(data_dir: Path, count: int, rng: random.Random) -> list[str]:
    """Sentences from CLINC150 and HWU64 (both CC BY) where they are present; none where they are
    not."""
    found: set[str] = set()
    clinc = data_dir / "clinc_oos" / "train_val.json"
    if clinc.is_file():
        splits = json.loads(clinc.read_text(encoding="utf-8"))
        found.update(row[0] for name, rows in splits.items() if "train" in name for row in rows)
    for path in sorted((data_dir / "hwu64" / "trainset").glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as handle:
            found.update(
                row.get("answer_from_anno") or "" for row in csv.DictReader(handle, delimiter=";")
            )
    plain = re.compile(r"[a-z',. ]+\??")
    usable = sorted(text.strip() for text in found if plain.fullmatch(text.strip().lower()))
    usable = [text for text in usable if 3 <= len(text.split()) <= 16]
    rng.shuffle(usable)
    return [_finish(text.rstrip(".,?! "), rng) for text in usable[:count]]


def training_texts(
    data_dir: Path, words: list[str], held_out: list[str], total: int, seed: int
) -> list[str]:
    """All training texts, shuffled, with the held-out evaluation sentences removed."""
    rng = random.Random(seed)
    borrowed = licensed(data_dir, min(1200, total * 2 // 5), rng)
    texts = borrowed + generated(total - len(borrowed), words, rng)

    def bare(text: str) -> str:
        return re.sub(r"[^a-z' ]", "", text.lower()).strip()

    banned = {bare(text) for text in held_out}
    unique = [text for text in dict.fromkeys(texts) if bare(text) and bare(text) not in banned]
    rng.shuffle(unique)
    return unique

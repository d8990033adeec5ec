"""Addresses, acronyms, abbreviations and foreign words."""

from __future__ import annotations

from random import Random

from benchmarks.spoken_form_classes.form import Form

FIRST_NAMES = ("david", "maria", "peter", "susan", "laura", "robert", "anna", "martin")
LAST_NAMES = ("miller", "wilson", "baker", "cooper", "mason", "parker", "taylor", "hunter")
DOMAINS = ("example", "garden", "sunshine", "coffee", "orange")


def email(rng: Random) -> Form:
    first, last, domain = rng.choice(FIRST_NAMES), rng.choice(LAST_NAMES), rng.choice(DOMAINS)
    end = rng.choice(("com", "org", "net"))
    return Form(
        "e-mail",
        f"Write to {first}.{last}@{domain}.{end} please.",
        (
            f"{first} dot {last} at {domain} dot {end}",
            f"{first} {last} {domain} {end}",
            f"{first} {last} at {domain} {end}",
            f"{first} dot {last} at {domain} {end}",
            f"{first} {last} at {domain} dot {end}",
        ),
    )


def address(rng: Random) -> Form:
    domain, end = rng.choice(DOMAINS), rng.choice(("com", "org", "net"))
    before, after = rng.choice(
        (("https://www.", "/help?x=1"), ("www.", ""), ("https://", ""), ("", ""))
    )
    return Form(
        "web address",
        f"Visit {before}{domain}.{end}{after} now.",
        (f"{domain} dot {end}", f"{domain} {end}"),
    )


def initialism(rng: Random) -> Form:
    word = rng.choice(
        (
            "FBI",
            "BBC",
            "USA",
            "PDF",
            "API",
            "CEO",
            "HTML",
            "GPS",
            "DVD",
            "ATM",
            "CNN",
            "MRI",
            "TV",
            "UK",
        )
    )
    return Form("initialism", f"The {word} was new to them.", (" ".join(word), word))


def word_acronym(rng: Random) -> Form:
    word = rng.choice(("NASA", "NATO", "UNESCO", "UNICEF"))
    return Form("acronym", f"She works for {word} in town.", (word,))


def abbreviation(rng: Random) -> Form:
    street, name, number = (
        rng.choice(("Elm", "Oak", "Park", "Mill")),
        rng.choice(LAST_NAMES).title(),
        rng.randint(3, 19),
    )
    return rng.choice(
        (
            Form("abbreviation", f"Turn left on {street} St. then stop.", (f"{street} street",)),
            Form("abbreviation", f"Walk down {street} Ave. to the end.", (f"{street} avenue",)),
            Form("abbreviation", f"Dr. {name} is here.", (f"doctor {name}",)),
            Form(
                "abbreviation",
                f"Bring fruit, e.g. apples, to Mrs. {name}.",
                (f"for example apples to mrs {name}",),
            ),
            Form(
                "abbreviation",
                f"We need approx. {number} chairs vs. none.",
                (
                    f"approximately {number} chairs versus none",
                    f"approximately {number} chairs vs none",
                ),
            ),
        )
    )


def accent(rng: Random) -> Form:
    written, said = rng.choice(
        (
            ("crème brûlée", "creme brulee"),
            ("café", "cafe"),
            ("jalapeño", "jalapeno"),
            ("piñata", "pinata"),
            ("façade", "facade"),
            ("naïve", "naive"),
            ("fiancée", "fiancee"),
        )
    )
    return Form("accent", f"They talked about the {written} again.", (said,))

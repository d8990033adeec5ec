"""Speakers that espeak-ng does not come with: random variant files in a copy of its data folder.

The format is that of the files in espeak-ng-data/voices/!v (docs/voices.md of espeak-ng): formants'
frequency, strength and width in percent, pitch, breath, voicing and so on.
"""

from __future__ import annotations

import random
import shutil
from pathlib import Path

FOLDERS = (
    "/usr/lib/x86_64-linux-gnu/espeak-ng-data",
    "/usr/lib/aarch64-linux-gnu/espeak-ng-data",
    "/usr/share/espeak-ng-data",
    "/usr/lib/espeak-ng-data",
)
COUNT = 200
"""With the variants and languages that are kept, under the 350 voices that espeak-ng lists."""


def variant(name: str, rng: random.Random) -> str:
    """One random speaker's file."""
    size = rng.uniform(0.86, 1.32)  # vocal tract, from large to small
    base = rng.uniform(70, 130) if size < 1.02 else rng.uniform(110, 215)
    lines = [
        "language variant",
        f"name {name}",
        f"gender {'male' if size < 1.05 else 'female'}",
        f"pitch {base:.0f} {base * rng.uniform(1.15, 1.65):.0f}",
    ]
    for formant in range(9):
        frequency = 100 * size * rng.uniform(0.93, 1.07) if formant else rng.uniform(80, 130)
        strength = rng.uniform(55, 150) * (1.0 if formant < 4 else rng.uniform(0.3, 1.0))
        lines.append(f"formant {formant} {frequency:.0f} {strength:.0f} {rng.uniform(70, 170):.0f}")
    lines += [
        f"voicing {rng.uniform(35, 180):.0f}",
        f"consonants {rng.uniform(60, 150):.0f} {rng.uniform(20, 150):.0f}",
        f"flutter {rng.randint(0, 6)}",
        f"roughness {rng.randint(0, 4)}",
        f"intonation {rng.randint(1, 4)}",
    ]
    if rng.random() < 0.3:
        lines.append(f"echo {rng.randint(20, 140)} {rng.randint(5, 50)}")
    if rng.random() < 0.35:
        lines.append("breath " + " ".join(str(rng.randint(0, 9)) for _ in range(8)))
        lines.append("breathw 150 150 200 200 400 400")
    if rng.random() < 0.3:
        lines.append("stressAdd " + " ".join(str(rng.randint(-20, 110)) for _ in range(8)))
    if rng.random() < 0.3:
        lines.append(
            f"tone 600 {rng.randint(120, 255)} 1200 {rng.randint(80, 255)} 2000 "
            f"{rng.randint(60, 255)}"
        )
    return "\n".join(lines) + "\n"


def make(folder: Path, seed: int = 7, count: int = COUNT) -> list[str]:
    """Copies espeak-ng's data into `folder`/espeak-ng-data and adds `count` variants there; their
    names.

    Raises:
        OSError: espeak-ng's data is in none of the usual places.
    """
    source = next((Path(path) for path in FOLDERS if Path(path).is_dir()), None)
    if source is None:
        raise OSError("espeak-ng's data folder was not found: apt-get install espeak-ng")
    target = folder / "espeak-ng-data"
    rng = random.Random(seed)
    names = [f"made{number}" for number in range(count)]
    if not target.exists():
        shutil.copytree(
            source,
            target,
            ignore=lambda path, found: [
                name for name in found if (path.endswith("/lang") and name != "gmw") or name == "mb"
            ],
        )
    for name in names:
        (target / "voices" / "!v" / name).write_text(variant(name, rng), encoding="utf-8")
    return names

"""How much the words of a sentence sound like a danger: a linear model of hashed words, word pairs
and parts of words.

A second opinion beside a model's that reads whole sentences, and the only one where that tells
none. Features as in fastText (Joulin et al. 2017), hashed (Weinberger et al. 2009). Made by
`scripts/train/danger_words.py`.
"""

from __future__ import annotations

import math
import re
import zlib

import numpy as np
import numpy.typing as npt
from safetensors.numpy import load_file

from voice_local.errors import ModelFormatError
from voice_local.models.folder import (
    ModelFolder,
    tiny_folder,
)
from voice_local.text.written_out import written_out

MODEL = "tiny-classifier/dangers.safetensors"
BITS = 16
"""Of a feature's hash: the table has 2**BITS weights."""
PART = 4
"""Letters in a part of a word, its two ends among them."""
SHARE = 0.5
"""How much the table weighs beside a model's opinion, in log-odds; without one it is half as
sure."""
LEAST = 1e-5
_WORD = re.compile(r"[a-z]+")


def features(words: str) -> list[int]:
    """The hashed features of a text as `written_out` leaves it, each once, in order."""
    found = _WORD.findall(words)
    parts = {
        *found,
        *(f"{one} {two}" for one, two in zip(["<", *found], [*found, ">"], strict=True)),
    }
    for word in found:
        whole = f"^{word}$"
        parts.update(whole[start : start + PART] for start in range(len(whole) - PART + 1))
    return sorted({zlib.crc32(one.encode()) % (1 << BITS) for one in parts})


class DangerWords:
    """The table of weights.

    Raises:
        ModelMissingError, ModelDigestError, ModelFormatError: it is not as it was shipped.
    """

    def __init__(self) -> None:
        path = ModelFolder(tiny_folder()).file(MODEL)
        try:
            table = load_file(path)
            self._weights: npt.NDArray[np.int8] = table["weights"]
            self._scale, self._bias = float(table["scale"][0]), float(table["bias"][0])
        except Exception as error:  # the library has no common type
            raise ModelFormatError(
                f"{path} is not a table of danger words ({error})",
                "restore it (git checkout models)",
            ) from None

    def chance(self, text: str, model_prob: float | None) -> float:
        """The probability (0..1) that `text` reports a danger; `model_prob`: a model's opinion, if
        any."""
        odds = SHARE * self.log_odds(text)
        if model_prob is not None:
            odds += (1 - SHARE) * math.log(max(model_prob, LEAST) / max(1 - model_prob, LEAST))
        return 1 / (1 + math.exp(-odds))

    def log_odds(self, text: str) -> float:
        """Of a danger, by the words alone."""
        found = features(written_out(text))
        if not found:
            return self._bias
        return (
            float(self._weights[found].sum(dtype=np.int64)) * self._scale / math.sqrt(len(found))
            + self._bias
        )

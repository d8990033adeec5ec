"""Writes the model cards and the manifest of models/tiny: `python -m scripts.train.cards`.

Figures come from `benchmarks/results/tiny_models.json`, which `python -m benchmarks.tiny_models --json` wrote, and from
what each training script left beside its weights. The voice's card is written by its own script.
"""

from __future__ import annotations

import json
from typing import Any

from scripts.train import common
from voice_local.models.folder import write_manifest

TINY = common.ROOT / "models" / "tiny"
RESULTS = common.ROOT / "benchmarks" / "results" / "tiny_models.json"


def table(rows: dict[str, Any]) -> str:
    """A Markdown table of names and values."""
    return "\n".join(["| | |", "|---|---|", *(f"| {name} | {value} |" for name, value in rows.items())])


def percent(value: float) -> str:
    """0.1234 → 12.3 %."""
    return f"{100 * value:.1f} %"


def ears(found: dict[str, Any]) -> str:
    """The ears' card."""
    part = found["ears"]
    by = {f"WER, {name}": percent(value) for name, value in part["by"].items()}
    return f"""# Tiny ears

Whisper's architecture (6 + 2 layers, width 160, 3.1 M parameters), a 10 s window that may be shorter, an own
vocabulary of 700 word pieces and Whisper's special tokens; CTranslate2 int8. Words of `scripts/train/world/vocabulary.txt`.

- **Made by** `python -m scripts.train.ears` (seed 11), from nothing: 48,000 utterances (29 h) of espeak-ng (70 of its
  variants and 200 made at random, 6 accents) and flite (slt, awb, kal, kal16), speeds, pitches, rooms, noise, telephone
  band. The encoder first learns which phone each synthesizer says when (a target for every frame), and letters (CTC);
  then the decoder with it.
- **Not one clean run**: 9,700 steps of 80 s of sound with four encoder layers, of which the first 6,500 saw 26,000 of the
  utterances, without the made speakers. Then, from those weights as they were shipped, with two more layers on top,
  vocal tract length perturbation and 60,000 new utterances (38 h): `python -m scripts.train.ears --start models/tiny/ears
  --listen 0 --utterances 60000 --seed 12 --rate 5e-4 --threads 2`, 2,300 steps (its `--steps` was lowered on the way, so
  that the learning rate fell to nothing by then). A run from scratch has not been measured.
- **Never trained on**: espeak-ng variants Annie, Andy, Alicia, Denis, linda, steph3, Michael, language en-029; flite rms;
  festival.
- **Texts**: `scripts/train/world`, loose word order over its vocabulary, and public sentences of CLINC150 (CC BY 3.0) and
  HWU64 (CC BY 4.0) over its words. None of their files or sentences is in this repository.
- **Limits**: misses the later target; diphone voices and accents far from its own are hard for it. It hears this small
  world only, other words become words of it. Searched with a beam of 5; greedily it errs a third more often. On room
  noise it invents words unless a voice detector stands before it, as in the product. Real voices were not measured yet.

## Measured on {part["sentences"]} unseen sentences in unseen voices (clean, 30 dB and 20 dB noise in turns)
{table({"WER": f"**{percent(part['wer'])}** (first target 30 %, later 12 %)", **by})}
"""


def understanding(found: dict[str, Any]) -> str:
    """The understanding models' card."""
    part = found["understanding"]
    intent = json.loads((TINY / "understanding" / "intent.json").read_text(encoding="utf-8"))
    emotion = json.loads((TINY / "understanding" / "emotion.json").read_text(encoding="utf-8"))
    dev = emotion["goemotions_dev"]
    return f"""# Tiny understanding

Two DistilBERTs (width 192; 3 layers for intent and finished-sentence, 2 for emotion) over one lower-casing WordPiece,
exported to ONNX (largest difference from torch: intent {intent["onnx_max_difference"]:.1e}, emotion
{emotion["onnx_max_difference"]:.1e}). Confidences are temperature-scaled (Guo et al. 2017).

- **Made by** `python -m scripts.train.understanding` (seed 7), from nothing, before `wordings_*.txt` were written.
- **Data**: `scripts/train/world`; CLINC150 (CC BY 3.0) and HWU64 (CC BY 4.0) training sentences mapped onto this world's
  intents; emotion: GoEmotions (Apache-2.0) single-label rows under Ekman's labels. None of it is in this repository.
- **Intents**: {", ".join(intent["labels"])}.
- **Limits**: words only, no tone of voice; emotion was learned from written comments.

## Measured
{table({
    "intent accuracy, in scope (196 unseen wordings)": f"**{percent(part['accuracy_in_scope'])}** (first 75 %, later 90 %)",
    "out-of-scope caught (30 unseen)": f"{percent(part['out_of_scope_recall'])} (later 70 %)",
    f"emotion macro-F1, GoEmotions dev ({dev['rows']} rows)": f"{dev['macro_f1']:.3f} (later 0.50)",
    "emotion accuracy, same rows": percent(dev["accuracy"]),
})}
"""


def mind(found: dict[str, Any]) -> str:
    """The mind's card."""
    part = found["mind"]
    one, two = part["1_turn"], part["2_turn"]
    return f"""# Tiny mind

A Llama (4 layers, width 192, 2.2 M parameters, 2,048 byte-level word pieces), written as GGUF and quantized to Q8_0 by
llama.cpp; its chat template is inside.

- **Made by** `python -m scripts.train.mind` (seed 7), from nothing: dialogues drawn from `scripts/train/world` under the
  prompts that `voice_local/conversation/prompts.py` really sends, one to four turns, with follow-ups. 5,500 steps;
  the length was extended twice, and wordings, translations
  and definitions were added after steps 1,250 and 2,500: a run from scratch follows another path. Made before
  `wordings_*.txt` were written.
- **Limits**: knows few facts by heart, invents no data; repeats what it heard and says that it will do it, or that it
  does not know.

## Measured on unseen prompts (expressions for the slot and against contradictions, no echo, at most three sentences)
{table({"one turn": f"**{one['right']} of {one['of']}** (first target 12 of 20)",
        "two turns": f"{two['right']} of {two['of']}"})}
"""


def main() -> None:
    """Writes all of them."""
    found = json.loads(RESULTS.read_text(encoding="utf-8"))
    for name, card in (("ears", ears), ("understanding", understanding), ("mind", mind)):
        (TINY / name / "README.md").write_text(card(found), encoding="utf-8")
    write_manifest(TINY)


if __name__ == "__main__":
    main()

"""Writes the model cards and the manifest of models/tiny: `python -m scripts.train.cards`.

Figures come from `benchmarks/results/tiny_models.json`, which `python -m benchmarks.tiny_models
--json` wrote, and from what each training script left beside its weights. The voice's card is
written by its own script.
"""

from __future__ import annotations

import json
from typing import Any

from scripts.train import common
from voice_local.models.folder import (
    read_manifest,
    write_manifest,
)

RESULTS = common.ROOT / "benchmarks" / "results" / "tiny_models.json"
REAL = common.ROOT / "benchmarks" / "results" / "real_speech_tiny.json"


EARS_LAST = """3,000 steps of 96 s on 60,000 other utterances (39 h):
  `python -m scripts.train.ears --start models/tiny/tiny-stt --listen 0 --utterances 60000 --seed 14 --rate 5e-4 --seconds 96
  --steps 3000`, 100 minutes in float32 on one core of a machine without bfloat16 while the other worked too."""

EARS_THIRD = """5,000 steps of 96 s, again two layers more, bfloat16 products,
  averaged weights, 80,000 other utterances (52 h, among them `wordings_*.txt` and many codes and numbers):
  `python -m scripts.train.ears --start models/tiny/tiny-stt --listen 0 --utterances 80000 --seed 13 --rate 5e-4 --seconds 96
  --steps 5000 --threads 2`, an hour on two cores (its `--steps` was set twice on the way, from 9,000 to 6,500 to 5,000,
  while the rate was near its highest)."""


def table(rows: dict[str, Any]) -> str:
    """A Markdown table of names and values."""
    return "\n".join(
        ["| | |", "|---|---|", *(f"| {name} | {value} |" for name, value in rows.items())]
    )


def percent(value: float) -> str:
    """0.1234 → 12.3 %."""
    return f"{100 * value:.1f} %"


def ears(found: dict[str, Any]) -> str:
    """The ears' card."""
    part = found["ears"]
    by = {f"WER, {name}": percent(value) for name, value in part["by"].items()}
    return f"""# tiny-stt: the embedded recognizer

Whisper's architecture (8 + 2 layers, width 160, 3.7 M parameters), a 10 s window that may be shorter, an own
vocabulary of 700 word pieces and Whisper's special tokens; CTranslate2 int8, computed in float32 (int8 products gave 11.6 %
on one machine's cores and 12.3 % on another's, and were no faster). Words of `scripts/train/world/vocabulary.txt`.

- **Made by** `python -m scripts.train.ears`, from nothing: espeak-ng (70 of its variants and 200 made at random for each
  seed, 6 accents) and flite (slt, awb, kal, kal16), speeds, pitches, vocal tract lengths, rooms, noise, telephone band.
  The encoder first learns which phone each synthesizer says when (a target for every frame), and letters (CTC); then the
  decoder with it.
- **Not one clean run, but four, each on the weights that the one before had left here**: 9,700 steps of 80 s of sound,
  four encoder layers, 48,000 utterances (29 h, seed 11); 2,300 steps, two layers more, vocal tract length perturbation,
  60,000 other utterances (38 h, seed 12); {EARS_THIRD}
  The last: {EARS_LAST}
  A run from scratch with today's script has not been measured.
- **Never trained on**: espeak-ng variants Annie, Andy, Alicia, Denis, linda, steph3, Michael, language en-029; flite rms;
  festival.
- **Texts**: `scripts/train/world`, loose word order over its vocabulary, and public sentences of CLINC150 (CC BY 3.0) and
  HWU64 (CC BY 4.0) over its words. None of their files or sentences is in this repository.
- **Limits**: misses the later target; diphone voices and accents far from its own are hard for it. It hears this small
  world only, other words become words of it. Searched with a beam of 5; greedily it errs a third more often. On room
  noise it invents words unless a voice detector stands before it, as in the product. Real voices it hardly understands.

## Measured on {part["sentences"]} unseen sentences in unseen voices (clean, 30 dB and 20 dB noise in turns)
{table({"WER": f"**{percent(part['wer'])}** (first target 30 %, later 12 %)", **by})}

## On real recordings (`python -m benchmarks.real_speech`), most of whose words it does not know
{table(real_recordings())}
"""


def real_recordings() -> dict[str, str]:
    """What `benchmarks.real_speech` found, in rows."""
    found = json.loads(REAL.read_text(encoding="utf-8"))
    rows = {}
    for name, part in found.items():
        if not isinstance(part, dict):
            continue
        if "wer" in part:
            rows[f"WER, {name} ({part['recordings']})"] = percent(part["wer"])
        elif "slot_words" in part:
            rows[f"slot words heard, {name} ({part['recordings']})"] = (
                f"{part['heard']} of {part['slot_words']}"
            )
        else:
            rows[f"{name} ({part['seconds']} s)"] = str(part["words"])
    return rows


def understanding(found: dict[str, Any]) -> str:
    """The understanding models' card."""
    part = found["understanding"]
    intent = json.loads(
        (common.TINY / "tiny-classifier" / "intent.json").read_text(encoding="utf-8")
    )
    whole = found["finished"]
    emotion = json.loads(
        (common.TINY / "tiny-classifier" / "emotion.json").read_text(encoding="utf-8")
    )
    dev = emotion["goemotions_dev"]
    return f"""# tiny-classifier: the embedded classifiers

DistilBERTs (width 192; three of 3 layers, whose logits are averaged, for intent and finished-sentence; one of 2 for
emotion) over one lower-casing WordPiece, exported to ONNX with weights in float16 (largest difference from torch with the
same weights: intent {intent["onnx_max_difference"]:.1e}, emotion {
        emotion["onnx_max_difference"]:.1e}).
Confidences are temperature-scaled (Guo et al. 2017).

- **Made by** `python -m scripts.train.understanding --threads 1` (seeds 7, 107 and 207), from nothing: tokenizer, three
  intent models of 8,000 steps (27 to 38 minutes each on one core), emotions (5 epochs, 10 minutes). It was run in parts on
  one tokenizer: the first intent model and the emotions, then (`--parts intent`) one more member at a time.
- **Repeated**: the first member alone gave 89.3 % in scope, 86.7 % out of scope, AUC 0.936 (cut anywhere); an earlier run
  of the same script from nothing, with 300 fewer wordings, 89.8 %, 83.3 % and 0.931; the emotions of an earlier run 0.559.
  Accuracies of one model differ by about one point from run to run; the mean of two gave 90.3 %, 86.7 % and 0.940.
- **Reads** a text, or a text and the topic of the conversation so far as a sentence pair ("and some eggs", "shopping
  list"). The sets' own labels were learnt beside the intents and left out of the export.
- **Data**: `scripts/train/world`; CLINC150 (CC BY 3.0) and HWU64 (CC BY 4.0) training sentences mapped onto this world's
  intents; emotion: GoEmotions (Apache-2.0) single-label rows under Ekman's labels. None of it is in this repository.
- **Intents**: {", ".join(intent["labels"])}.
- **Limits**: words only, no tone of voice; emotion was learned from written comments.

## Measured
{
        table(
            {
                "intent accuracy, in scope (196 unseen wordings)": f"**{percent(part['accuracy_in_scope'])}** (first 75 %, later 90 %)",
                "out-of-scope caught (30 unseen)": f"{percent(part['out_of_scope_recall'])} (later 70 %)",
                f"finished sentence, AUC, whole against cut anywhere ({whole['sentences']} unseen sentences)": f"{whole['auc_anywhere']:.3f} (later 0.95)",
                "the same, cut in the middle / last word missing": f"{whole['auc_half']:.3f} / {whole['auc_last_word_missing']:.3f}",
                f"emotion macro-F1, GoEmotions dev ({dev['rows']} rows)": f"{dev['macro_f1']:.3f} (later 0.50)",
                "emotion accuracy, same rows": percent(dev["accuracy"]),
            }
        )
    }
"""


def mind(found: dict[str, Any]) -> str:
    """The mind's card."""
    part = found["mind"]
    one, two = part["1_turn"], part["2_turn"]
    about = json.loads((common.TINY / "tiny-llm" / "model.json").read_text(encoding="utf-8"))
    return f"""# tiny-llm: the embedded language model

A Llama (6 layers, width 192, 3.0 M parameters, 2,048 byte-level word pieces), written as GGUF and quantized to Q8_0 by
llama.cpp; its chat template is inside.

- **Not one clean run, but two**: 3,500 steps of 4,096 tokens from nothing (seed 7, rate 2e-3, 36 minutes on two cores with
  bfloat16), exported, then from that file `python -m scripts.train.mind --start models/tiny/tiny-llm/model.gguf --rate 1e-3
  --seed 8 --steps 3000` (77 minutes in float32 on one core, others busy) with the second turns, words and definitions
  added since.
- **Learns** dialogues of one to eight turns drawn from `scripts/train/world` under the prompts that
  `voice_local/conversation/context/prompts.py` really sends (intents, also wrong ones, emotions, summaries), with follow-ups and
  corrections; no text that it is measured on (`common.held_out`).
- **Quantization** changed {about["prompts"] - about["same_answers"]} of {
        about["prompts"]
    } greedy answers to fresh
  dialogues.
- **Limits**: knows few facts by heart, invents no data; repeats what it heard and says that it will do it, or that it
  does not know.

## Measured on unseen prompts (expressions for the slot and against contradictions, no echo, at most three sentences)
{
        table(
            {
                "one turn": f"**{one['right']} of {one['of']}** (first target 12 of 20)",
                "two turns": f"{two['right']} of {two['of']}",
            }
        )
    }
"""


def main() -> None:
    """Writes all of them."""
    found = json.loads(RESULTS.read_text(encoding="utf-8"))
    for name, card in (
        ("tiny-stt", ears),
        ("tiny-classifier", understanding),
        ("tiny-llm", mind),
    ):
        (common.TINY / name / "README.md").write_text(card(found), encoding="utf-8")
    write_manifest(common.TINY, read_manifest(common.TINY).models)


if __name__ == "__main__":
    main()

"""Writes the card, the licence and the manifest of models/small: `python -m
scripts.train.understanding_small_card`.

Figures come from `benchmarks/results/understanding_small.json`, which
`python -m benchmarks.understanding --data-dir DIR --json` wrote.
"""

from __future__ import annotations

import json
import shutil
from typing import Any

from scripts.train import common
from scripts.train.cards import percent, table
from voice_local.models.folder import write_manifest

SMALL = common.ROOT / "models" / "small"
FOLDER = SMALL / "understanding"
RESULTS = common.ROOT / "benchmarks" / "results" / "understanding_small.json"


def card(found: dict[str, Any], about: dict[str, Any], size: int) -> str:
    """The card's text."""
    dev, same = about["development"], about["int8_same"]
    return f"""# Small understanding

One encoder, [all-MiniLM-L6-v2](https://huggingface.co/sentence-transformers/all-MiniLM-L6-v2) (a distilled BERT, 6 layers,
width 384, 22.7 M parameters, uncased WordPiece), fine-tuned with four heads that one pass answers: {
        len(about["labels"])
    }
intents, whether the sentence is finished, Ekman's six emotions and neutral, and what is asked for beyond this place.
ONNX, {size / 2**20:.1f} MiB: word
embeddings in int8 with a scale a row, products in int8 with a scale a column (dynamic, seven bits), the products back from
the layers' inner width and the heads in float16. English only.

- **Made by** `python -m scripts.train.understanding_small` on one thread of two shared cores in bfloat16, in four
  parts, each from the weights of the one before: 2,000 of 5,000 steps of 64 (`--steps 5000`, rate 1.5e-4, seed 7;
  broken off, for too much was out of scope), then 2,400 steps at 1.2e-4 (seed 11) with `world/wanted.txt` added, then
  1,000 at 6e-5 (seed 23) with more of `world/ordinary.txt`; the fourth began with the shipped int8 weights (`--start
  … --steps 4000 --seconds 1900 --rate 1e-4 --seed 31`) with the templates of 27 November 2026, and what ships is the
  mean of its first 600 steps. One run from nothing with today's sentences has not been measured. CLINC150's and
  HWU64's own labels were learnt beside the intents and left out; the figure for CLINC150's is that of the third part,
  for the fourth began with new heads for them.
- **The fourth head**, by `python -m scripts.train.understanding_beyond` on the finished encoder (output `beyond`:
  {", ".join(about["beyond"])}), reads the features of the others. It learned from
  `world/beyond.tsv`, `world/dangers_told.tsv`, CLINC150's and HWU64's sentences by a map of their labels, and
  GoEmotions' remarks.
  `emergency_prob` is the probability of its `danger`; the table of words
  in `models/tiny/tiny-classifier/dangers.safetensors` is asked beside it.
- **Data**: `scripts/train/world` (the tiny world's wordings, and templates of orders, refusals in plain and in
  roundabout words, ordinary remarks, dangers, and what only has their words; words as recognizers mistake them);
  CLINC150 (CC BY 3.0) and HWU64 (CC BY 4.0, four fifths) training sentences, those under foreign labels as out of
  scope; GoEmotions (Apache-2.0) single-label rows, half of its remarks also as out of scope, and all with a word of
  an order or a danger that are none. None of it is in this repository. Sentences like the held-out ones (three
  quarters of their words in common) were drawn again.
- **Held-out files**: the author of templates and rules had read `ordinary.txt`, `negated.tsv`, `emergencies.txt` and
  `no_emergency.txt`: those four tell of regressions, not of fresh sentences. `blind_a` and `blind_b` were written
  before the new templates and rules; `blind_a` was looked at while these were written, `blind_b` by nobody and
  nothing until the end. Both are by the templates' author, whose turns of phrase they share. `blind_c` is by
  somebody who knew neither: at first contact 1 of its 120 ordinary sentences was handled, 1 of 80 denied acts carried
  out, 24 of 80 emergencies missed and 6 of 120 invented. Then limits were chosen on it. `blind_d` is by another such
  person: at first contact, before the fourth head, 9 of 80 emergencies were missed and 6 of 120 invented. Then the head
  was trained, its weight and the limit chosen, and two rules of denial widened. The head's first version was never shown
  `blind_d`; the second learned also from sentences like nine of it that had failed. 66 of its 80 invitations were told as
  beyond this place, and 1 of its 80 questions, by the first version. `blind_e`, by a third person, was tried before the
  head learned from 3,700 more sentences (`danger` and none, by three others): 2 of 80 emergencies missed, 6 of 120
  invented. Then the table of words came, and the limits were chosen on all five sets. `blind_f`, by a fourth person, came
  last; at first contact 0 of 100 ordinary sentences were handled, 2 of 60 denied acts carried out (mended since), 0 of 80
  emergencies missed and 0 of 120 invented.
- **Licence**: Apache-2.0, as the encoder's; the text stands beside this file.
- **Intents**: {", ".join(about["labels"])}.
- **Limits**: words only, no tone of voice; emotion was learned from written comments. What sounds like an order in words
  that were never seen may be taken for one; `conversation/negation.py` and `conversation/emergencies.py` stand behind it.

## Measured with `python -m benchmarks.understanding`, the product's decisions (int8, threshold {
        found["threshold"]
    })
{
        table(
            {
                "ordinary questions and remarks handled": f"{found['ordinary_handled']} of {found['ordinary']} (at most 2)",
                "denied acts carried out": f"{found['negated_carried_out']} of {found['negated']} (none)",
                "emergencies caught": f"{found['emergencies_caught']} of {found['emergencies.txt']} (at least 38)",
                "emergencies invented": f"{found['emergencies_invented']} of {found['no_emergency.txt']} (at most 1)",
                **{
                    f"{name}: ordinary handled / denied carried out / emergencies missed / invented": blind(
                        found[name]
                    )
                    for name in ("blind_a", "blind_b", "blind_c", "blind_d", "blind_f")
                },
                "blind_e: emergencies missed / invented": blind(found["blind_e"]),
                "told as beyond this place by the head alone: what is / what is not": f"{found['beyond_told']} of {found['beyond']} / {found['answerable_as_beyond']} of {found['answerable']}",
                "intents in scope": f"**{percent(found['in_scope'])}** of {found['in_scope_rows']} (92 %)",
                "foreign sentences out of scope": f"**{percent(found['foreign_out'])}** of {found['foreign_rows']} (93 %); "
                f"{percent(found['foreign_handled'])} reach a handler",
                "CLINC150 val, its own 150 labels, before quantization": f"{percent(dev['clinc_own_labels'])} (95 %)",
                "emotion macro-F1, GoEmotions dev": f"**{found['emotion_macro_f1']:.3f}** of {found['emotion_rows']} rows (0.55)",
                "finished sentence, AUC, cut anywhere": f"{found['finished_auc']:.3f} (0.93; aim 0.95)",
                "the same, cut in the middle / last word missing": f"{found['finished_auc_half']:.3f} / {found['finished_auc_last_word']:.3f}",
                "decisions as in float32, intent / emotion": f"{percent(same['intent'])} / {percent(same['emotion'])}",
                "one text on one thread, median": f"{found['ms_p50']:.1f} ms",
            }
        )
    }
"""


def blind(found: dict[str, Any]) -> str:
    """The four figures of a blind set, or the last two where it has only those."""
    missed = found["emergencies.txt"] - found["emergencies_caught"]
    alarms = f"{missed} of {found['emergencies.txt']} / {found['emergencies_invented']} of {found['no_emergency.txt']}"
    if "ordinary" not in found:
        return alarms
    return (
        f"{found['ordinary_handled']} of {found['ordinary']} / {found['negated_carried_out']} of "
        f"{found['negated']} / {alarms}"
    )


def main() -> None:
    """Writes all of them."""
    found = json.loads(RESULTS.read_text(encoding="utf-8"))
    about = json.loads((FOLDER / "understanding.json").read_text(encoding="utf-8"))
    size = (FOLDER / "understanding.onnx").stat().st_size
    (FOLDER / "README.md").write_text(card(found, about, size), encoding="utf-8")
    shutil.copyfile(
        common.ROOT / "voice_local" / "models" / "texts" / "Apache-2.0.txt", FOLDER / "LICENSE"
    )
    write_manifest(
        SMALL,
        {
            "understanding": {
                "stage": "intent",
                "license": "Apache-2.0",
                "architecture": "understanding",
                "source": "all-MiniLM-L6-v2, fine-tuned by scripts/train",
            }
        },
    )


if __name__ == "__main__":
    main()

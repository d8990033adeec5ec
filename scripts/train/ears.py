"""Trains the tiny ears: `python -m scripts.train.ears`. Whisper's architecture, our words,
CTranslate2 int8.

First the encoder alone learns phones (each synthesizer tells when it says which) and letters (CTC);
then the decoder too.
"""

from __future__ import annotations

import random
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from scripts.train import common, ears_data, ears_weights
from scripts.train.ears_batches import Batches, Drawn, other_throats, spec_augment
from scripts.train.ears_model import Helpers, LogMel, build_model, encode, export, train_tokenizer

HARDEST = 0.3
BLANKED = 0.15
AVERAGED = 0.999
"""What is exported is the running mean of the weights over about a thousand steps: it hears as
after a slower end."""


def losses(
    model: Any, helpers: Helpers, mel: LogMel, batches: Batches, decode: bool
) -> dict[str, torch.Tensor]:
    """Phones and letters heard by the encoder and, if `decode`, the decoder's cross-entropy and
    guided attention."""
    drawn = batches.draw()
    features = mel(torch.from_numpy(drawn.audio))
    features = spec_augment(
        other_throats(features, batches.rng, batches.hardness), batches.rng, batches.hardness
    )
    # On cores with bfloat16 products this halves a step, once shapes repeat (`Batches`) and nothing
    # is dropped out.
    with common.products():
        hidden = encode(model, features)
    hidden = hidden.float()
    # Without letters CTC is a sum over all frames, not a mean over letters: a few silent rows would
    # drown the rest.
    spoken = [i for i, row in enumerate(drawn.letters) if row]
    letters = [drawn.letters[i] for i in spoken]
    log_probs = helpers.letters(hidden[spoken]).log_softmax(-1).permute(1, 0, 2)
    found = {
        "phones": helpers.phone_loss(hidden, torch.from_numpy(drawn.phones)),
        "ctc": nn.functional.ctc_loss(
            log_probs,
            torch.tensor([t for row in letters for t in row]),
            torch.full((len(letters),), hidden.shape[1]),
            torch.tensor([len(t) for t in letters]),
            blank=log_probs.shape[-1] - 1,
            zero_infinity=True,
        ),
    }
    if not decode:
        return found
    ids = batches.ids
    start, plain, none, end = (
        ids[t]
        for t in ("<|startoftranscript|>", "<|notimestamps|>", "<|nospeech|>", "<|endoftext|>")
    )
    longest = common.round_up(max(len(t) for t in drawn.targets) + 2, 4)
    inputs = torch.full((len(drawn.targets), longest), end)
    labels = torch.full((len(drawn.targets), longest), -100)
    for i, tokens in enumerate(drawn.targets):
        row = [start, plain, *tokens]
        # Words the decoder thinks it said are often wrong: it has to listen rather than to guess
        # from them.
        shown = [
            end if k > 1 and batches.rng.random() < BLANKED else token
            for k, token in enumerate(row)
        ]
        inputs[i, : len(row)] = torch.tensor(shown)
        labels[i, : len(row)] = torch.tensor([none if drawn.silent[i] else plain, *tokens, end])
    with common.products():
        out = model.model.decoder(
            input_ids=inputs, encoder_hidden_states=hidden, output_attentions=True
        )
        logits = model.proj_out(out.last_hidden_state).float()
    found["words"] = nn.functional.cross_entropy(
        logits.flatten(0, 1), labels.flatten(), ignore_index=-100, label_smoothing=0.03
    )
    found["guide"] = guide(out.cross_attentions, batches, helpers, drawn)
    return found


def guide(
    attentions: tuple[torch.Tensor, ...],
    batches: Batches,
    helpers: Helpers,
    drawn: Drawn,
    width: float = 6.0,
) -> torch.Tensor:
    """Guided attention (Tachibana et al. 2018): half of the heads are drawn to where each word
    piece is said.

    A piece's place is its letters' part of the frames in which a phone is said; `width`: the
    tolerance in frames of 20 ms.
    """
    heads = torch.stack(attentions).float().mean(0)[:, ::2]  # (batch, heads / 2, tokens, frames)
    frames = np.arange(heads.shape[-1])
    penalty = torch.zeros(heads.shape[0], heads.shape[2], heads.shape[3])
    for i, tokens in enumerate(drawn.targets):
        said = np.flatnonzero(helpers.sounding(drawn.phones[i]))
        if not tokens or not len(said):
            continue
        sizes = np.array([batches.sizes[t] for t in tokens], dtype=np.float64)
        middle = (np.cumsum(sizes) - sizes / 2) / sizes.sum()
        places = said[np.minimum((middle * len(said)).astype(int), len(said) - 1)]
        # The state after position k + 1 tells piece k.
        far = 1 - np.exp(-((frames[None] - places[:, None]) ** 2) / (2 * width**2))
        penalty[i, 1 : len(tokens) + 1] = torch.from_numpy(far.astype(np.float32))
    return (heads * penalty[:, None]).sum(-1).mean()


def train(args: Any) -> None:
    """Trains or resumes, then exports."""
    random.seed(args.seed)
    torch.manual_seed(args.seed)
    speech = ears_data.load(
        args.cache / f"speech-{args.utterances}-{args.seed}.npz",
        args.utterances,
        args.seed,
        args.data_dir,
    )
    tokenizer_path = args.cache / "tokenizer.json"
    if args.start and not tokenizer_path.exists():
        shutil.copy(args.start / "tokenizer.json", tokenizer_path)
    if not tokenizer_path.exists():
        train_tokenizer(speech.texts).save(str(tokenizer_path))
    tokenizer = Tokenizer.from_file(str(tokenizer_path))
    model, helpers, mel = build_model(tokenizer), Helpers(speech.names), LogMel()
    model.set_attn_implementation("eager")  # only this one tells its weights
    parameters = [p for p in [*model.parameters(), *helpers.parameters()] if p.requires_grad]
    millions = sum(p.numel() for p in model.parameters()) / 1e6
    print(f"{millions:.2f} M parameters, {len(speech.texts)} utterances", flush=True)
    optimizer = torch.optim.AdamW(
        parameters, lr=args.rate, betas=(0.9, 0.98), weight_decay=0.01, fused=True
    )
    state = common.load_checkpoint(args.cache / "last.pt")
    first = 0
    if args.start and not state:
        ears_weights.fill(model, ears_weights.read(args.start / "model.bin"))
    averaged = AveragedModel(model, multi_avg_fn=get_ema_multi_avg_fn(AVERAGED))
    if state:
        averaged.load_state_dict(state["averaged"])
        model.load_state_dict(state["model"])
        helpers.load_state_dict(state["helpers"])
        optimizer.load_state_dict(state["optimizer"])
        first = state["step"]
    batches = Batches(speech, tokenizer, args.seed + first, args.seconds)
    progress = common.Progress(args.steps, first)
    model.train()
    for step in range(first + 1, args.steps + 1 if not args.export else first + 1):
        # A curriculum: short and clean speech first.
        part = 1.0 if args.start else min(1.0, max(0.0, (step - 300) / 1000))
        batches.longest, batches.hardness = 0.3 + 0.7 * part, HARDEST * part
        for group in optimizer.param_groups:
            group["lr"] = common.cosine(step, args.steps, args.rate, 100)
        found = losses(model, helpers, mel, batches, decode=step > args.listen)
        optimizer.zero_grad(set_to_none=True)
        torch.stack(
            [value * {"guide": 3.0, "ctc": 0.7}.get(name, 1.0) for name, value in found.items()]
        ).sum().backward()
        nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()
        averaged.update_parameters(model)
        progress.step(step, **{name: float(value.detach()) for name, value in found.items()})
        if step % 250 == 0 or step == args.steps:
            common.save_checkpoint(
                args.cache / "last.pt",
                {
                    "model": model.state_dict(),
                    "helpers": helpers.state_dict(),
                    "step": step,
                    "averaged": averaged.state_dict(),
                    "optimizer": optimizer.state_dict(),
                },
            )
    export(averaged.module.eval(), tokenizer, args.out)


def main() -> None:
    """Command line."""
    parser = common.arguments(
        "ears", common.TINY / "tiny-stt", __doc__ or "", steps=10_400, seed=11
    )
    parser.add_argument("--utterances", type=int, default=48_000)
    parser.add_argument(
        "--listen", type=int, default=1200, help="steps in which the encoder learns alone"
    )
    parser.add_argument(
        "--start", type=Path, help="exported ears to learn on from, with --listen 0"
    )
    parser.add_argument("--seconds", type=float, default=80.0, help="sound of one batch")
    parser.add_argument("--rate", type=float, default=1e-3, help="highest learning rate")
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    train(args)


if __name__ == "__main__":
    main()

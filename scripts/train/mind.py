"""Trains the tiny mind: `python -m scripts.train.mind`. A small Llama, written as GGUF and
quantized by llama.cpp."""

from __future__ import annotations

import json
import random
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from tokenizers import AddedToken, Tokenizer, pre_tokenizers, trainers
from torch import nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from scripts.train import common, mind_data, mind_weights
from scripts.train.world.grammar import World

SPECIAL = ["<|pad|>", "<|system|>", "<|user|>", "<|assistant|>", "<|end|>"]
TEMPLATE = (
    "{% for m in messages %}<|{{ m['role'] }}|> {{ m['content'] }}<|end|>{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>{% endif %}"
)
WIDTH, LAYERS, HEADS, FFN, CONTEXT = 192, 6, 3, 512, 1024
TOKENS = 4096
"""Of one batch, padding included."""
AVERAGED = 0.998


def train_tokenizer(texts: list[str], size: int = 2048) -> Tokenizer:
    """GPT-2 style byte-level BPE whose common words are one token each: copying a slot is copying a
    token."""
    tokenizer = mind_weights.bpe({}, [])
    trainer = trainers.BpeTrainer(
        vocab_size=size - len(SPECIAL),
        special_tokens=[],
        show_progress=False,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
    )
    tokenizer.train_from_iterator([" " + text for text in texts], trainer)
    tokenizer.add_special_tokens([AddedToken(t, special=True, normalized=False) for t in SPECIAL])
    return tokenizer


def build_model(tokenizer: Tokenizer) -> Any:
    """An untrained Llama; tied embeddings."""
    from transformers import LlamaConfig, LlamaForCausalLM

    return LlamaForCausalLM(
        LlamaConfig(
            vocab_size=tokenizer.get_vocab_size(),
            hidden_size=WIDTH,
            intermediate_size=FFN,
            num_hidden_layers=LAYERS,
            num_attention_heads=HEADS,
            num_key_value_heads=HEADS,
            max_position_embeddings=CONTEXT,
            rms_norm_eps=1e-5,
            tie_word_embeddings=True,
            bos_token_id=None,
            eos_token_id=common.token_id(tokenizer, "<|end|>"),
            pad_token_id=common.token_id(tokenizer, "<|pad|>"),
        )
    )


def encode(
    tokenizer: Tokenizer, messages: list[mind_data.Message]
) -> tuple[list[int], list[float]]:
    """Token ids as the template renders them, and each one's weight in the loss (answers 1, the
    rest little)."""
    ids: list[int] = []
    weights: list[float] = []
    for message in messages:
        role = common.token_id(tokenizer, f"<|{message['role']}|>")
        body = [
            *tokenizer.encode(" " + message["content"]).ids,
            common.token_id(tokenizer, "<|end|>"),
        ]
        ids += [role, *body]
        mine = 1.0 if message["role"] == "assistant" else 0.05
        weights += [0.0, *([mine] * len(body))]
    return ids, weights


def batches(
    tokenizer: Tokenizer, world: World, rng: random.Random
) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
    """Endless (ids, weights), both (rows, longest): dialogues of like length together, so that
    little is padding.

    Lengths are whole multiples of 32 and each has its number of rows: few shapes, so that kernels
    are made once.
    """
    kept_out = common.held_out()
    while True:
        rows = [encode(tokenizer, mind_data.dialogue(world, rng, kept_out)) for _ in range(600)]
        rows = sorted((row for row in rows if len(row[0]) <= CONTEXT), key=lambda row: len(row[0]))
        groups = []
        while rows:
            size = max(4, TOKENS // common.round_up(len(rows[-1][0]), 32))
            groups.append(rows[-size:])
            del rows[-size:]
        rng.shuffle(groups)
        for group in groups:
            longest = common.round_up(max(len(ids) for ids, _ in group), 32)
            ids = torch.full((len(group), longest), common.token_id(tokenizer, "<|pad|>"))
            weights = torch.zeros(len(group), longest)
            for i, (row, weight) in enumerate(group):
                ids[i, : len(row)] = torch.tensor(row)
                weights[i, : len(row)] = torch.tensor(weight)
            yield ids, weights


def train(args: Any) -> None:
    """Trains or resumes, then exports."""
    torch.manual_seed(args.seed)
    path = args.cache / "tokenizer.json"
    if not path.exists():
        args.cache.mkdir(parents=True, exist_ok=True)
        made = (
            mind_weights.read_tokenizer(args.start, SPECIAL)
            if args.start
            else train_tokenizer(mind_data.sentences(30_000, random.Random(args.seed)))
        )
        made.save(str(path))
    tokenizer = Tokenizer.from_file(str(path))
    model = build_model(tokenizer)
    print(f"{sum(p.numel() for p in model.parameters()) / 1e6:.2f} M parameters", flush=True)
    optimizer = torch.optim.AdamW(
        model.parameters(), lr=args.rate, betas=(0.9, 0.98), weight_decay=0.05, fused=True
    )
    if args.start:
        mind_weights.fill(model, args.start, HEADS)
    averaged = AveragedModel(model, multi_avg_fn=get_ema_multi_avg_fn(AVERAGED))
    state = common.load_checkpoint(args.cache / "last.pt")
    first = 0
    if state:
        model.load_state_dict(state["model"])
        averaged.load_state_dict(state["averaged"])
        optimizer.load_state_dict(state["optimizer"])
        first = state["step"]
    source = batches(tokenizer, World(), random.Random(args.seed + first))
    progress = common.Progress(args.steps, first)
    model.train()
    for step in range(first + 1, args.steps + 1 if not args.export else first + 1):
        for group in optimizer.param_groups:
            group["lr"] = common.cosine(step, args.steps, args.rate, 150)
        ids, weights = next(source)
        with common.products():
            logits = model(input_ids=ids).logits[:, :-1]
        each = nn.functional.cross_entropy(
            logits.float().transpose(1, 2), ids[:, 1:], reduction="none"
        )
        loss = (each * weights[:, 1:]).sum() / weights[:, 1:].sum()
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        averaged.update_parameters(model)
        mine = weights[:, 1:] == 1.0
        progress.step(step, loss=float(loss.detach()), answer=float(each.detach()[mine].mean()))
        if step % 250 == 0 or step == args.steps:
            common.save_checkpoint(
                args.cache / "last.pt",
                {
                    "model": model.state_dict(),
                    "step": step,
                    "averaged": averaged.state_dict(),
                    "optimizer": optimizer.state_dict(),
                },
            )
    export(averaged.module.eval(), tokenizer, args.out)


def export(model: Any, tokenizer: Tokenizer, out: Path) -> None:
    """Writes `model.gguf`, quantized to Q8_0 by llama.cpp itself, and how much of its answers that
    changed."""
    import llama_cpp

    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        full = Path(folder) / "full.gguf"
        write_gguf(model, tokenizer, full)
        params = llama_cpp.llama_model_quantize_default_params()
        params.ftype = llama_cpp.LLAMA_FTYPE_MOSTLY_Q8_0
        code = llama_cpp.llama_model_quantize(
            str(full).encode(), str(out / "model.gguf").encode(), params
        )
        if code != 0:
            raise RuntimeError(f"llama.cpp would not quantize: {code}")
        figures = unchanged(full, out / "model.gguf")
    common.write_json(out / "model.json", {"quantization": "Q8_0", **figures})
    print(f"wrote {out / 'mind.gguf'}: {figures}", flush=True)


def unchanged(full: Path, quantized: Path, count: int = 150) -> dict[str, int]:
    """How many greedy answers to `count` fresh dialogues the quantized model gives in the same
    words as the full one."""
    import llama_cpp

    world, rng = World(), random.Random(99)
    prompts = [mind_data.dialogue(world, rng)[:-1] for _ in range(count)]
    answers = []
    for path in (full, quantized):
        llama: Any = llama_cpp.Llama(
            str(path), n_ctx=CONTEXT + 128, n_threads=torch.get_num_threads(), verbose=False
        )
        said = [
            llama.create_chat_completion(prompt, temperature=0.0, max_tokens=80)
            for prompt in prompts
        ]
        answers.append([one["choices"][0]["message"]["content"] for one in said])
    return {"prompts": count, "same_answers": sum(a == b for a, b in zip(*answers, strict=True))}


def write_gguf(model: Any, tokenizer: Tokenizer, path: Path) -> None:
    """Writes the model in float32 with tokenizer and chat template."""
    import gguf

    writer = gguf.GGUFWriter(str(path), "llama")
    writer.add_name("voice_local tiny mind")
    writer.add_context_length(CONTEXT)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(LAYERS)
    writer.add_feed_forward_length(FFN)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(HEADS)
    writer.add_rope_dimension_count(WIDTH // HEADS)
    writer.add_rope_freq_base(10000.0)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_vocab_size(tokenizer.get_vocab_size())
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("gpt-2")
    size = tokenizer.get_vocab_size()
    names_of = [str(tokenizer.id_to_token(i)) for i in range(size)]
    writer.add_token_list(names_of)
    writer.add_token_types(
        [gguf.TokenType.CONTROL if name in SPECIAL else gguf.TokenType.NORMAL for name in names_of]
    )
    merges = json.loads(tokenizer.to_str())["model"]["merges"]
    writer.add_token_merges([" ".join(m) if isinstance(m, list) else m for m in merges])
    writer.add_eos_token_id(common.token_id(tokenizer, "<|end|>"))
    writer.add_pad_token_id(common.token_id(tokenizer, "<|pad|>"))
    writer.add_add_bos_token(False)
    writer.add_chat_template(TEMPLATE)
    weights = {k: v.detach().float().numpy() for k, v in model.state_dict().items()}
    writer.add_tensor("token_embd.weight", weights["model.embed_tokens.weight"])
    writer.add_tensor("output_norm.weight", weights["model.norm.weight"])
    for layer in range(LAYERS):
        for theirs, ours in mind_weights.NAMES.items():
            value = weights[f"model.layers.{layer}.{theirs}.weight"]
            if ours in ("attn_q", "attn_k"):
                value = mind_weights.permute(value, HEADS)
            writer.add_tensor(f"blk.{layer}.{ours}.weight", np.ascontiguousarray(value))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def main() -> None:
    """Command line."""
    parser = common.arguments("mind", common.TINY / "tiny-llm", __doc__ or "", steps=3500)
    parser.add_argument("--start", type=Path, help="an exported mind (GGUF) to learn on from")
    parser.add_argument("--rate", type=float, default=2e-3, help="highest learning rate")
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    train(args)


if __name__ == "__main__":
    main()

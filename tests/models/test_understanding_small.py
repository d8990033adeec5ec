"""The understanding of real profiles as it ships: what it acts on, what it leaves alone, how
another one is made."""

from __future__ import annotations

import json
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from benchmarks.product import Product
from benchmarks.understanding import TARGETS, committed, finished
from tests.models import stage_calls
from voice_local.config import load
from voice_local.engine import loader
from voice_local.engine.api import EMOTIONS, StageKind
from voice_local.errors import ConfigError
from voice_local.models import formats
from voice_local.models.folder import (
    ModelFolder,
    embedded_folder,
    tiny_folder,
)
from voice_local.supply import custom
from voice_local.supply.compatibility import check_compatibility

pytestmark = pytest.mark.models
SMALL = embedded_folder("small")
DENIED = (
    "Do not cancel order AB1234.",
    "Please don't cancel my order number 5678.",
    "I don't want to talk to a human.",
    "Do not turn off the lamp.",
    "don't remind me at ten",
    "Please don't call the police",
    "never cancel my order",
)
ORDINARY = (
    "track my run",
    "what is the order of the planets",
    "what is cancel culture",
    "my bill gates poster fell down",
    "the book about a doctor was boring",
    "he ordered a pizza in the film",
    "how do printers work",
    "who invented the telephone",
    "I am on fire today, everything works",
)
ASKED = {
    "why don't you cancel my order": "cancel_order",
    "can't you connect me with a person": "human_agent",
    "my order has not arrived": "check_order_status",
    "my printer is not working": "technical_support",
    "don't cancel it, track it": "check_order_status",
    "I want to kill myself": "emergency",
    "my father is not waking up": "emergency",
    "there is smoke coming from the bedroom": "emergency",
}


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=["small", "tiny"])
async def product(request: pytest.FixtureRequest) -> AsyncIterator[Product]:
    """The understanding of a profile, behind the default handlers."""
    made = Product(load(request.param, models_dir=tiny_folder()))
    yield made
    await made.engine.aclose()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def small() -> AsyncIterator[Product]:
    """That of the profile small."""
    made = Product(load("small", models_dir=tiny_folder()))
    yield made
    await made.engine.aclose()


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("text", DENIED)
async def test_what_is_denied_is_not_done(product: Product, text: str) -> None:
    assert await product.handler(text) is None


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("text", ORDINARY)
async def test_an_ordinary_question_is_no_order(small: Product, text: str) -> None:
    assert await small.handler(text) is None


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize(("text", "intent"), ASKED.items())
async def test_what_is_asked_for_with_a_not_in_it_is_done(
    small: Product, text: str, intent: str
) -> None:
    assert await small.handler(text) == intent


@pytest.mark.asyncio(loop_scope="module")
async def test_the_lamp_is_fired_up(small: Product) -> None:
    assert (await small.meant("Fire the lamp up")).intent == "home_control"


@pytest.mark.asyncio(loop_scope="module")
async def test_held_out_sentences(small: Product) -> None:
    found: dict[str, float] = {}
    await committed(small, found, {})
    found |= await finished(small)
    for name in found.keys() & TARGETS.keys():
        target, how = TARGETS[name]
        assert found[name] <= target if how == "at most" else found[name] >= target, (
            name,
            found[name],
        )


@pytest.mark.asyncio(loop_scope="module")
async def test_one_pass_tells_all(small: Product, monkeypatch: pytest.MonkeyPatch) -> None:
    reports = {report.stage: report for report in small.engine.reports}
    assert reports["emotion"].notes == "one pass with intent" and reports["emotion"].memory_mb == 0
    assert (
        reports["emotion"].model
        == reports["intent"].model
        == "small:understanding/understanding.onnx"
    )
    both = small.engine.host.find(StageKind.CLASSIFIER).stage
    assert both._intent is both._emotion
    model = both._intent._model
    passes: list[object] = []
    run = model.outputs

    def counted(pairs: object, *prepared: object) -> object:
        passes.append(pairs)
        return run(pairs, *prepared)

    monkeypatch.setattr(model, "outputs", counted)
    found = await small.engine.understand("I am so happy that my order came", "check_order_status")
    assert len(passes) == 1
    assert (
        found.intent
        and found.emotion == "joy"
        and found.complete_prob
        and found.complete_prob > 0.5
    )


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("Don’t cancel my order!", "dont cancel my order"),
        ("Where is order AB1234?", "where is order a b one two three four"),
        ("It's cold in here, turn up the heating.", "its cold in here turn up the heating"),
    ],
)
async def test_typed_and_recognized_words_mean_the_same(
    small: Product, written: str, spoken: str
) -> None:
    assert (await small.meant(written)).intent == (await small.meant(spoken)).intent


def test_what_ships_is_small_and_plain() -> None:
    models = ModelFolder(SMALL)
    assert sum(int(about["bytes"]) for about in models.manifest.values()) <= 40 * 2**20
    assert models.file("understanding/understanding.onnx").stat().st_size <= 30 * 2**20
    assert {Path(name).suffix for name in models.manifest} <= {".onnx", ".json", ".md", ""}
    assert {"understanding/README.md", "understanding/LICENSE"} <= models.manifest.keys()
    assert (
        check_compatibility("intent", SMALL / "understanding")
        == check_compatibility("emotion", SMALL / "understanding")
        == "understanding"
    )
    graph = formats.onnx_model(SMALL / "understanding" / "understanding.onnx").graph
    kinds = {tensor.data_type for tensor in graph.initializer}
    assert 3 in kinds, "weights in int8"
    about = json.loads(models.file("understanding/understanding.json").read_text(encoding="utf-8"))
    assert len(about["labels"]) == 29 and sorted(about["emotions"]) == sorted(EMOTIONS)


def test_one_adapter_is_given_one_model() -> None:
    with pytest.raises(ConfigError, match="one model"):
        load("small", emotion={"model": "another"})


def make_distilbert(folder: Path) -> Path:
    """A DistilBERT of no size, as Transformers keeps one: shape and tokenizer."""
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
    from transformers import DistilBertConfig

    words = [
        "[PAD]",
        "[UNK]",
        "[CLS]",
        "[SEP]",
        *"where is my order cancel stop hello not do please the a i".split(),
    ]
    tokenizer = Tokenizer(
        models.WordPiece({word: place for place, word in enumerate(words)}, unk_token="[UNK]")
    )
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]",
        pair="[CLS] $A [SEP] $B [SEP]",
        special_tokens=[("[CLS]", 2), ("[SEP]", 3)],
    )
    DistilBertConfig(
        vocab_size=len(words), dim=64, n_layers=2, n_heads=2, hidden_dim=128
    ).save_pretrained(folder)
    tokenizer.save(str(folder / "tokenizer.json"))
    return folder


def test_a_distilbert_goes_through_the_same_script_and_is_added(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from scripts.train import understanding_small

    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setattr(
        sys,
        "argv",
        [
            "understanding_small",
            "--encoder",
            str(make_distilbert(tmp_path)),
            "--random-weights",
            "--steps",
            "2",
            "--batch",
            "8",
            "--cache",
            str(tmp_path / "cache"),
            "--out",
            str(tmp_path / "mine"),
            "--data-dir",
            str(tmp_path / "none"),
        ],
    )
    understanding_small.main()
    made = {path.name for path in (tmp_path / "mine").iterdir()}
    assert made == {"understanding.onnx", "understanding.json", "tokenizer.json"}
    added = custom.add(
        tmp_path / "mine", "intent", "Apache-2.0", tmp_path / "models", profile="mine", base="small"
    )
    assert added["architecture"] == "understanding"
    settings = load("mine")
    assert settings.intent.adapter == settings.emotion.adapter == "understanding"
    assert settings.intent.model == settings.emotion.model == "mine"
    stage = loader.build("understanding", settings, ModelFolder(tmp_path / "models"), 1)
    found = stage_calls.classified(stage, ["where is my order", "stop"], "check_order_status")
    assert len(found) == 2 and all(
        one.emotion in EMOTIONS and one.complete_prob is not None and 0 <= one.complete_prob <= 1
        for one in found
    )

"""The gpu benchmark without a card: its models in small through the real adapters, its check, its
steps, resuming."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest

from benchmarks.gpu.__main__ import keep_under
from tests.models import stage_calls
from voice_local.bench.context import Context
from voice_local.bench.gpu import (
    calls,
    device,
    runner,
    table,
    words,
)
from voice_local.bench.gpu.checks import (
    LoadedStage,
    check_devices,
)
from voice_local.bench.gpu.make_llm import (
    plan,
    q4_blocks,
    q6_blocks,
)
from voice_local.bench.gpu.section import measure
from voice_local.bench.gpu.shapes import (
    FULL,
    SMALL,
)
from voice_local.bench.gpu.steps import (
    STEPS,
    wanted,
)
from voice_local.bench.gpu.trial import (
    BARK,
    MODELS,
    Memory,
    Trial,
)
from voice_local.bench.gpu.workfolder import (
    make_room,
    publish,
)
from voice_local.bench.schema import Section
from voice_local.config import load
from voice_local.engine import loader
from voice_local.engine.api import (
    FinishReason,
    GenerateOptions,
    GenerationDone,
)
from voice_local.engine.local_engine import LocalEngine
from voice_local.engine.worker_engine import WorkerEngine
from voice_local.errors import (
    BenchmarkError,
    StageError,
)
from voice_local.models.folder import ModelFolder

pytestmark = pytest.mark.models
CARD = device.Device(device.Card("NVIDIA Nothing", "1.2", 80_000, 79_000, "GPU-1"), {})


class NearEngine(LocalEngine):
    """The engine in this process, so that libraries are imported once for all steps."""

    pid = os.getpid()


class NearTrial(Trial):
    """Measures a `NearEngine`."""

    @asynccontextmanager
    async def engine(
        self, stages: Sequence[str], **changes: dict[str, Any]
    ) -> AsyncIterator[WorkerEngine]:
        engine = NearEngine(self.settings(**changes), stages)
        try:
            yield cast(WorkerEngine, engine)
        finally:
            await engine.aclose()


async def here(trial: Trial, name: str, holds: dict[str, Any], limit_s: float) -> None:
    """A step in this process."""
    assert limit_s > 0
    await runner.perform(trial, name, holds)


@pytest.fixture(scope="module")
def rehearsed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Trial, runner.Results]:
    """Every step, in small."""
    trial = NearTrial(tmp_path_factory.mktemp("gpu"), SMALL)
    return trial, asyncio.run(runner.run(trial, None, here))


def stage(trial: Trial, name: str, **changes: dict[str, Any]) -> Any:
    settings = trial.settings(**changes)
    return loader.build(getattr(settings, name).adapter, settings, ModelFolder(trial.models), 1)


def test_every_step_runs_and_says_that_it_was_a_rehearsal(
    rehearsed: tuple[Trial, runner.Results], tmp_path: Path
) -> None:
    trial, done = rehearsed
    assert list(done) == list(STEPS)
    made = table.section(trial, done, 1.0)
    assert (made.name, made.status) == ("gpu_rehearsal", "skipped") and made.about.startswith(
        "REHEARSAL on the CPU"
    )
    assert keep_under(made, tmp_path, "today") is None
    assert {row["device"] for row in done["check_profile"].found["stages"]} == {"cpu"}
    for name in (
        "stt_ms.3s.p50",
        "stt_ms.8s.own_window.p50",
        "understand_ms.12w.p50",
        "llm_first_token_ms.300t.kept.p50",
        "llm_tokens_per_s.p50",
        "tts_first_sound_ms.5w.p50",
        "bark_first_sound_ms.5w.p50",
        "first_sound_ms.fresh.p50",
        "resident_mb.all.peak",
    ):
        assert made.find(name).value
    assert made.find("first_sound_ms.fresh.p95").value is None, (
        "so few repeats tell no such percentile"
    )
    assert len(made.find("stt_ms.3s.p50").samples) == SMALL.lengths.repeats
    bars = made.plots[0].series[0]
    assert bars.low[1:] == bars.y[:-1] and len(bars.x) == len(table.PARTS)
    json.dumps(asdict(made))


@pytest.mark.parametrize(("seconds", "tokens"), SMALL.lengths.utterances)
def test_whisper_always_writes_as_many_words(
    rehearsed: tuple[Trial, runner.Results], seconds: int, tokens: int
) -> None:
    whisper = stage(rehearsed[0], "stt", stt={"max_tokens": tokens})
    for seed in range(3):
        heard = stage_calls.transcribed(whisper, calls.noise(seconds, seed))
        assert len(heard.text.split()) == tokens
    assert len(whisper._tokens.prompt("en", ())) == 4, (
        "no longer asked as a model of many languages"
    )


def test_the_llm_reads_and_writes_as_many_tokens_as_it_should(
    rehearsed: tuple[Trial, runner.Results],
) -> None:
    llm = stage(rehearsed[0], "llm")
    for kept in (True, False):
        prompts = [calls.conversation(SMALL.lengths, seed, kept) for seed in (1, 2)]
        first, second = (llm.tokens(p) for p in prompts)
        assert len(first) == len(second) == SMALL.lengths.prompt_tokens
        same = next(i for i, (a, b) in enumerate(zip(first, second, strict=True)) if a != b)
        assert (same > SMALL.lengths.kept_tokens) is kept
        *pieces, last = stage_calls.generated(
            llm, prompts[0], GenerateOptions(max_tokens=20, temperature=0.8)
        )
        assert last == GenerationDone(FinishReason.LENGTH)
        assert len(pieces) == 20
        assert all(stage_calls.text([piece]).strip().isalpha() for piece in pieces)


def test_classifiers_take_one_token_a_word(rehearsed: tuple[Trial, runner.Results]) -> None:
    text = words.sentence(SMALL.lengths.intent_words, 1)
    intent, emotion = stage(rehearsed[0], "intent"), stage(rehearsed[0], "emotion")
    assert len(intent._model._tokenizer.encode(text).ids) == SMALL.lengths.intent_words + 2
    (meant,), (felt,) = (stage_calls.classified(one, [text]) for one in (intent, emotion))
    assert len(intent._model.labels) == SMALL.distilbert.intents
    assert meant.complete_prob is not None
    assert felt.emotion_confidence is not None and 0 < felt.emotion_confidence < 1


def test_voices_speak_as_long_every_time(rehearsed: tuple[Trial, runner.Results]) -> None:
    trial, done = rehearsed
    voice = stage(trial, "tts")
    assert len(voice.voices()) == SMALL.vits.speakers
    lasted = {
        len(chunk.samples)
        for who in voice.voices()
        for chunk in stage_calls.chunks(voice, SMALL.lengths.clause, who)
    }
    assert max(lasted) - min(lasted) < 0.05 * max(lasted) and 1.5 < max(lasted) / 22_050 < 2.5
    bark = stage(trial, "tts", tts={"adapter": "tts_bark", "model": BARK})
    (chunk,) = stage_calls.chunks(bark, SMALL.lengths.clause)
    assert abs(len(chunk.samples) / chunk.sample_rate - SMALL.lengths.bark_tokens / 49.9) < 0.03
    assert done["time_bark"].found["sound_s"] == round(len(chunk.samples) / chunk.sample_rate, 2)


def test_the_eight_billion_are_as_many_and_as_large_as_published() -> None:
    tensors = plan(FULL.llama)
    # Llama 3.1 8B has 8,030,261,248 weights; published Q4_K_M files of it have 4.92 GB, their
    # vocabulary included.
    assert sum(tensor.values for tensor in tensors) == 8_030_261_248
    assert 4.90e9 < sum(tensor.bytes for tensor in tensors) < 4.92e9
    assert sum(tensor.kind == "Q6_K" for tensor in tensors) == 2 * 16 + 1
    with pytest.raises(BenchmarkError, match="multiples of 256"):
        plan(SMALL.llama.__class__(1, 100, 512, 2, 2, 4096))


def test_random_blocks_are_sane_weights() -> None:
    from gguf import GGMLQuantizationType
    from gguf.quants import dequantize

    rng = np.random.default_rng(3)
    for kind, blocks in (("Q4_K", q4_blocks), ("Q6_K", q6_blocks)):
        weights = dequantize(blocks(500, rng), GGMLQuantizationType[kind])
        assert abs(weights.mean()) < 1e-3 and weights.std() == pytest.approx(0.02, rel=0.02)
        assert np.abs(weights).max() < 0.05


def test_vocabularies_are_as_large_as_asked_and_hold_nothing_twice() -> None:
    for size in (4096, 128_256):
        tokens, merges = words.byte_pairs(size)
        assert len(tokens) == len(set(tokens)) == size
        assert {first + second for first, second in merges} <= set(tokens)


@pytest.fixture
def no_card(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A PATH without nvidia-smi, on which a test can put its own."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv(
        "PATH",
        f"{folder}:/usr/bin:/bin" if not Path("/usr/bin/nvidia-smi").exists() else str(folder),
    )
    return folder


async def test_without_a_card_one_line_says_so(no_card: Path, tmp_path: Path) -> None:
    options = {"gpu_folder": str(tmp_path / "work"), "gpu_step": "make_llm"}
    found = await measure(Context(load("gpu"), tmp_path, options=options))
    assert (found.name, found.status) == ("gpu", "skipped") and not found.metrics
    assert found.reason.startswith("there is no NVIDIA card here") and "\n" not in found.reason
    assert not (tmp_path / "work").exists(), "something was made before the device check"


def test_what_the_driver_tells_is_read(no_card: Path) -> None:
    smi = no_card / "nvidia-smi"
    smi.write_text("""#!/bin/sh
case "$*" in
  *name*) echo "NVIDIA Nothing 9, 1.2, 81559, 80000, GPU-1" ;;
  *memory.used*) echo 1500 ;;
  *compute-apps*) echo "41, 1000"; echo "42, [N/A]" ;;
esac
""")
    smi.chmod(0o755)
    (card,) = device.cards()
    assert (card.name, card.free_mb, card.uuid) == ("NVIDIA Nothing 9", 80_000, "GPU-1")
    assert device.process_mb("GPU-1", 41) == 1000
    assert device.process_mb("GPU-1", 42) is None and device.process_mb("GPU-1", 43) is None
    memory = Memory(device.Device(card, {}))
    assert (memory.of(41), memory.of(42)) == (1000, 0), "what the whole card holds more than before"


FIT: dict[str, dict[str, Any]] = {
    "torch": {"version": "2", "cuda": "13.0", "cards": 1, "uuid": "GPU-1"},
    "ctranslate2": {"version": "4", "cards": 1, "cublas": True},
    "llama_cpp": {"version": "0.3", "offload": True, "cuda": True},
    "onnxruntime": {"version": "1", "providers": []},
}


@pytest.mark.parametrize(
    ("library", "facts", "line"),
    [
        ("torch", {"cards": 0}, "torch 2 sees no card"),
        ("torch", {"cards": 3}, "3 cards are visible"),
        ("ctranslate2", {"cards": 0}, "ctranslate2 4 sees no card"),
        ("ctranslate2", {"cublas": False}, "cuBLAS"),
        ("llama_cpp", {"cuda": False}, "built without CUDA"),
        ("onnxruntime", {"error": "ImportError: x"}, "does not load"),
    ],
)
def test_a_library_that_cannot_use_the_card_is_told(
    library: str, facts: dict[str, Any], line: str
) -> None:
    device.refuse_unfit(FIT)
    with pytest.raises(BenchmarkError, match=line) as told:
        device.refuse_unfit({**FIT, library: {**FIT[library], **facts}})
    assert told.value.remedy and "\n" not in told.value.cause


def held(name: str, where: str, held_mb: float, weights_mb: float) -> LoadedStage:
    return LoadedStage(
        name, where, "library 1", "CPUExecutionProvider, 29 labels", held_mb, weights_mb, 1.0
    )


def test_a_stage_has_to_be_where_it_belongs() -> None:
    good = [
        held("stt", "cuda", 1900, 1600),
        held("intent", "cpu", 0, 260),
        held("tts", "cuda:0", 600, 330),
    ]
    assert check_devices(good, rehearsal=False) == [
        "intent runs on the CPU (CPUExecutionProvider), as the profile allows"
    ]
    with pytest.raises(BenchmarkError, match="llm runs on the cpu, not on the card"):
        check_devices([*good, held("llm", "cpu", 0, 4900)], rehearsal=False)
    with pytest.raises(BenchmarkError, match="llm claims cuda but holds 12 MB"):
        check_devices([held("llm", "cuda", 12, 4900)], rehearsal=False)
    with pytest.raises(BenchmarkError, match="in a rehearsal"):
        check_devices(good, rehearsal=True)


def test_only_a_whole_run_on_a_card_is_kept(tmp_path: Path) -> None:
    whole = Section("gpu", detail={"machine": "NVIDIA H100 80GB HBM3, driver 1, torch 2"})
    assert (
        keep_under(whole, tmp_path, "2026-11-25")
        == tmp_path / "gpu_nvidia_h100_80gb_hbm3_2026-11-25.json"
    )
    for other in (
        Section("gpu", status="failed"),
        Section("gpu", status="skipped"),
        Section("gpu_rehearsal"),
    ):
        assert keep_under(other, tmp_path, "2026-11-25") is None


def mark(out: Path) -> None:
    """In a model's place."""
    out.write_text("x")


class Scripted:
    """Steps that only leave their marks; `ran` tells which, `fails` which one breaks half-way."""

    def __init__(self) -> None:
        self.ran: list[str] = []
        self.fails = ""

    async def __call__(
        self, trial: Trial, name: str, holds: dict[str, Any], limit_s: float
    ) -> None:
        self.ran.append(name)
        if STEPS[name].model:
            publish(trial.models, STEPS[name].model, "none", mark)
        if name == self.fails:
            raise StageError("broke half-way")
        path = runner.place(trial, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(
            json.dumps(asdict(runner.Result(name, holds, f"{name} {len(self.ran)}", 1.0, {})))
        )


async def test_finished_steps_are_not_run_again_and_broken_ones_are(tmp_path: Path) -> None:
    trial, steps = Trial(tmp_path, SMALL, CARD), Scripted()
    steps.fails = "time_llm"
    with pytest.raises(StageError, match="half-way"):
        await runner.run(trial, None, steps)
    assert steps.ran == list(STEPS), "the others need nothing of it"
    steps.ran, steps.fails = [], ""
    await runner.run(trial, None, steps)
    assert steps.ran == ["time_llm"]
    steps.ran = []
    assert list(await runner.run(trial, None, steps)) == list(STEPS) and steps.ran == []

    runner.place(trial, "memory").write_text("{")  # cut off
    (trial.models / MODELS["tts"]).unlink()  # so that what was measured over it is stale too
    await runner.run(trial, None, steps)
    assert steps.ran == [
        "make_vits",
        "check_profile",
        *list(STEPS)[list(STEPS).index("time_stt") :],
    ]

    runner.place(trial, "make_bark").unlink()
    steps.ran, steps.fails = [], "make_bark"
    with pytest.raises(StageError, match="half-way"):
        await runner.run(trial, None, steps)
    assert steps.ran == ["make_bark"], "what is measured over a model that was not made is left out"
    steps.fails = ""
    await runner.run(trial, None, steps)

    steps.ran = []
    await runner.run(trial, "time_tts", steps)
    assert steps.ran == ["time_tts"], "a step that is named is run again, what it needs is not"
    steps.ran = []
    other = Trial(tmp_path, SMALL, device.Device(device.Card("another", "1.2", 1, 1, "GPU-2"), {}))
    await runner.run(other, "time_tts", steps)
    assert steps.ran == ["check_profile", "time_tts"], (
        "figures hold for their machine only, models for any"
    )
    steps.ran = []
    await runner.run(
        Trial(tmp_path, FULL.__class__(**{**vars(SMALL), "name": "other"}), CARD), "make_llm", steps
    )
    assert steps.ran == ["make_llm"]


def test_unknown_steps_and_full_disks_are_told(tmp_path: Path) -> None:
    assert [step.name for step in wanted("time_bark")] == [
        "make_whisper",
        "make_llm",
        "make_vits",
        "make_bark",
        "make_distilbert",
        "check_profile",
        "time_bark",
    ]
    with pytest.raises(BenchmarkError, match="unknown step"):
        wanted("time_travel")
    with pytest.raises(BenchmarkError, match="the models take 1000000000"):
        make_room(tmp_path, 1e9)


async def test_a_step_in_a_process_of_its_own(tmp_path: Path) -> None:
    notes: list[str] = []
    trial = Trial(tmp_path, SMALL, None, notes.append)
    assert list(await runner.run(trial, "make_llm")) == ["make_llm"]
    with pytest.raises(BenchmarkError, match="make_llm was not done in 0 s"):
        await runner.in_own_process(trial, "make_llm", {}, 0.01)
    with pytest.raises(BenchmarkError, match="time_travel died"):
        await runner.in_own_process(trial, "time_travel", {}, 60)

"""Settings: frozen; from a profile, then `VOICE_LOCAL__SECTION__KEY`, then the caller.

Each default stands here once; a profile's file names only what differs.
"""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Any, Self

from pydantic import Field, ValidationError, model_validator

from voice_local.config_engine import EngineSettings
from voice_local.config_files import (
    environment,
    merge,
    profile_values,
    refuse_old_names,
)
from voice_local.config_section import Section
from voice_local.config_server import ServerSettings
from voice_local.config_vad import VadSettings
from voice_local.errors import ConfigError

PROFILES = ("tiny", "small", "base", "cpu", "gpu", "gpu-large")
STAGES = ("stt", "intent", "emotion", "llm", "tts")


class SttSettings(Section):
    """A recognizer, and what a call uses where it says nothing else.

    `language`: ISO 639-1, or `auto`. `vocabulary`: names and terms to expect. `window_s`: the
    shortest encoder window; None: the model's own property. `max_tokens`: of a transcript; None:
    from the length of the sound. Words are dropped where the model's probability of no
    speech is at least `no_speech_threshold` and their mean log-probability is below
    `min_avg_logprob`.
    """

    adapter: str = "stt_whisper"
    model: str = "tiny-stt"
    language: str = "en"
    vocabulary: tuple[str, ...] = ()
    beam_size: int = Field(1, ge=1, le=16)
    window_s: float | None = Field(None, ge=0)
    compute_type: str = "default"
    no_speech_threshold: float = Field(0.6, ge=0, le=1)
    min_avg_logprob: float = -0.4
    max_tokens: int | None = Field(None, ge=8)


class ClassifierSettings(Section):
    """A text classifier in ONNX; `threshold` below which an intent counts as out_of_scope.

    `languages` (ISO 639-1) that it understands: words in another are not classified; empty: all.
    """

    adapter: str
    model: str
    threshold: float = Field(0.0, ge=0, le=1)
    languages: tuple[str, ...] = ("en",)


class Prompting(StrEnum):
    """What a prompt says beside the user's words.

    `INSTRUCT`: instructions at the start and nothing later, for instruction-tuned models of any
    make. `TRAINED`: intent and emotion just before the user's words too, for a model that was
    trained on that.
    """

    INSTRUCT = "instruct"
    TRAINED = "trained"


class LlmSettings(Section):
    """llama.cpp; `spoken_input` writes users' digits and codes as words, for a model that was
    trained on speech only.

    `threads` 0: every core while nothing else computes, else half of them. `temperature` to
    `repeat_penalty`: sampling, as the model's card recommends it; temperature 0 takes the likeliest
    word.
    """

    adapter: str = "llm_llama"
    model: str = "tiny-llm/model.gguf"
    n_ctx: int = Field(4096, ge=256)
    n_batch: int = Field(256, ge=16)
    n_gpu_layers: int = -1
    threads: int = Field(0, ge=0, le=1024)
    prompting: Prompting = Prompting.INSTRUCT
    max_tokens: int = Field(160, ge=8)
    temperature: float = Field(0.0, ge=0, le=2)
    top_k: int = Field(40, ge=0)
    top_p: float = Field(0.95, ge=0, le=1)
    min_p: float = Field(0.05, ge=0, le=1)
    repeat_penalty: float = Field(1.0, ge=0.5, le=2)
    spoken_input: bool = False


class TtsSettings(Section):
    """A voice: its adapter and model, its name there (None: the first).

    `language`: what it speaks, ISO 639-1. `voices_by_language`: voices of the other languages that
    are recognised, named as `voice-local voices` lists them. The commands and `Assistant` fill in
    those that are installed; an empty name leaves a language out. `pronunciations`: word →
    respelling ("engine ex") or phones in slashes, or a TOML file of such entries. `day_first`:
    12/05/2024 is read as the 12th of May, not as December 5th.
    """

    adapter: str = "tts_coqui"
    model: str = "tiny-tts"
    voice: str | None = None
    language: str = "en"
    voices_by_language: dict[str, str] = Field(default_factory=dict)
    pronunciations: dict[str, str] | Path = Field(default_factory=dict)
    day_first: bool = False


class Prefill(StrEnum):
    """What the LLM reads before the turn is over: nothing, the past between turns, or the words
    while they are said too."""

    NONE = "none"
    TURNS = "turns"
    WORDS = "words"


class ConversationSettings(Section):
    """How a live conversation behaves.

    `speculate`: start a response from the first pause on, before the turn is over.
    `dips`: transcribe as soon as the sound falls quiet.
    `prefill`: see `Prefill`.
    `early_segment`: a first sentence without a comma may be begun after its first phrase.
    `interim_interval_ms`: between interim transcripts. `barge_in`: the user may interrupt.
    `min_interruption_ms`: so long an answer stays paused for a voice over it; without a word until
    then it goes on, and words may yet end it.
    `min_unintelligible_s`: for sound at least so long without understood words the user is asked
    to repeat; also for words of a lower mean log-probability than `unsure_logprob`.
    `llm_deadline_s`: after so long without a first token the assistant says that it takes longer.
    `emotion_thresholds`: the confidence from which on an emotion sets the tone; one that is not
    named never does (`benchmarks/tone.py`).
    `name`: what the assistant is called.
    `place`: where it is ("Oslo, Norway"); empty: it does not know.
    """

    emotion_thresholds: dict[str, float] = Field(
        default_factory=lambda: {
            "anger": 0.95,
            "disgust": 0.98,
            "fear": 0.97,
            "joy": 0.8,
            "sadness": 0.95,
        }
    )
    name: str = Field("Voice Local", min_length=1, max_length=60)
    place: str = Field("", max_length=80)
    speculate: bool = True
    dips: bool = True
    prefill: Prefill = Prefill.WORDS
    early_segment: bool = True
    interim_interval_ms: int = Field(400, ge=96)
    barge_in: bool = True
    min_interruption_ms: int = Field(500, ge=96)
    backchannels: tuple[str, ...] = (
        "mhm",
        "okay",
        "ok",
        "yeah",
        "yes",
        "right",
        "uh",
        "huh",
        "hm",
        "hmm",
        "mm",
        "mmm",
        "aha",
    )
    resume_backchannels: bool = True
    min_unintelligible_s: float = Field(0.5, ge=0)
    unsure_logprob: float = -1.5
    llm_deadline_s: float = Field(5.0, gt=0)
    handler_deadline_s: float = Field(3.0, gt=0)
    idle_s: float = Field(30.0, gt=0)
    intent_threshold: float = Field(0.6, ge=0, le=1)


class MemorySettings(Section):
    """What is remembered: `full`, `sliding_window` of `turns`, or `summary_recent` with `turns`
    word for word.

    `token_budget` bounds what the LLM is sent (estimated); `store` is an SQLite file to keep
    conversations in.
    """

    strategy: str = Field("summary_recent", pattern="^(full|sliding_window|summary_recent)$")
    turns: int = Field(6, ge=1)
    token_budget: int = Field(1500, ge=300)
    store: Path | None = None


class AudioSettings(Section):
    """The sound card: `sample_rate` of both directions, `echo_cancel` between loudspeaker and
    microphone."""

    sample_rate: int = Field(48_000, ge=8000, le=192_000)
    block_ms: int = Field(10, ge=10, multiple_of=10)
    echo_cancel: bool = True
    input_device: str | None = None
    output_device: str | None = None


class Settings(Section):
    """Everything one assistant is set to."""

    profile: str = "tiny"
    models_dir: Path | None = None
    cpu_threads: int = Field(0, ge=0, le=1024, description="0: every core this process may use")
    device: str = Field("auto", pattern="^(auto|cpu|cuda)$")
    seed: int = 7
    vad: VadSettings = VadSettings()
    stt: SttSettings = SttSettings()
    intent: ClassifierSettings = ClassifierSettings(
        adapter="intent_distilbert", model="tiny-classifier"
    )
    emotion: ClassifierSettings = ClassifierSettings(adapter="emotion", model="tiny-classifier")
    llm: LlmSettings = LlmSettings()
    tts: TtsSettings = TtsSettings()
    engine: EngineSettings = EngineSettings()
    conversation: ConversationSettings = ConversationSettings()
    memory: MemorySettings = MemorySettings()
    audio: AudioSettings = AudioSettings()
    server: ServerSettings = ServerSettings()

    @model_validator(mode="after")
    def _one_understanding(self) -> Self:
        """Where one adapter tells intent and emotion, one model does."""
        if self.intent.adapter == self.emotion.adapter and self.intent.model != self.emotion.model:
            raise ValueError(
                f"{self.intent.adapter} gives intent and emotion with one model: set the same for "
                f"both"
            )
        return self


def load(profile: str, **overrides: Any) -> Settings:
    """The settings of `profile`, then the environment's, then `overrides` (nested dicts).

    Raises:
        ConfigError: an unknown profile, key or value, or a setting's old name.
    """
    values = {"profile": profile, **profile_values(profile, PROFILES)}
    given = environment()
    if "profile" in given:
        raise ConfigError("VOICE_LOCAL__PROFILE chooses no profile", "unset it, and use --profile")
    merge(values, given)
    merge(values, overrides)
    refuse_old_names(values)
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(("setting", *map(str, first["loc"]))).replace("setting.", "setting ", 1)
        why = first["msg"].removeprefix("Value error, ")
        raise ConfigError(
            f"{where}: {why}", "check the profile and VOICE_LOCAL__… variables"
        ) from None

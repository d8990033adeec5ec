"""What is asked of the engine, and what comes back. Imports nothing heavy.

Every operation has one request and one kind of item (`engine.operations` lists them). A call also
has a `CallContext`: whose it is, how urgent, and how long it may wait and run.

"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import Any, NotRequired, TypedDict

from voice_local.audio.types import Audio

EMOTIONS = ("anger", "disgust", "fear", "joy", "neutral", "sadness", "surprise")


class Priority(IntEnum):
    """Who waits for a call; the lowest number goes first."""

    FINAL = 0
    """The transcript of a finished utterance."""
    INTERACTIVE = 1
    """Somebody waits for an answer."""
    PARTIAL = 2
    """Words while the user speaks. Stopped, or dropped from a full queue, for anything above."""
    BACKGROUND = 3
    """Nobody waits. Stopped as soon as somebody waits for anything."""


@dataclass(frozen=True)
class CallContext:
    """Whose call it is and what it may cost.

    Attributes:
        session_id, turn_id: empty where a call belongs to no conversation.
        priority: see `Priority`.
        queue_timeout_s: seconds that it may wait for its stage; then it is refused with
            `EngineBusyError`, which says nothing against the worker.
        run_timeout_s: seconds that it may compute, its reader's pauses not counted; then it is
            stopped with `StageError`. A stage that does not stop is given up, with its worker.
    """

    session_id: str = ""
    turn_id: str = ""
    priority: Priority = Priority.INTERACTIVE
    queue_timeout_s: float = 30.0
    run_timeout_s: float = 120.0


class StageKind(StrEnum):
    """What a model is for."""

    STT = "stt"
    CLASSIFIER = "classifier"
    LLM = "llm"
    TTS = "tts"


class Message(TypedDict):
    """One chat message; `role` is system, user, assistant or tool.

    `tool_calls` of an assistant's message: the calls that it made, as `ToolCall`s; `content` is
    empty then. A tool's message holds the result of the call before it.
    """

    role: str
    content: str
    tool_calls: NotRequired[tuple[ToolCall, ...]]


@dataclass(frozen=True)
class Word:
    """One word of a transcript: when it is said, in seconds from the beginning of the sound, and
    how sure it is, 0..1."""

    text: str
    start_s: float
    end_s: float
    probability: float


@dataclass(frozen=True)
class TranscribeOptions:
    """How to transcribe; what is empty comes from the settings.

    Attributes:
        language: ISO 639-1, or `auto`: detected in the sound.
        conversation_language: what `auto` falls back to for sound that is too short or unclear.
        vocabulary: names and terms to expect; those for which the recognizer has no room are left
            out.
        word_times: whether to give the time of each word.
        beam_size: how many decodings are followed side by side.
        interim: the words so far: decoded once, also where the result is doubtful.
    """

    language: str = ""
    conversation_language: str = ""
    vocabulary: tuple[str, ...] = ()
    word_times: bool = False
    beam_size: int = 0
    interim: bool = False


DEFAULT_OPTIONS = TranscribeOptions()


@dataclass(frozen=True)
class Transcribe:
    """Words of one utterance. `audio`: float32 (n,), 16 kHz. `model`: which recognizer; empty: the
    default one."""

    audio: Audio
    options: TranscribeOptions = DEFAULT_OPTIONS
    model: str = ""


@dataclass(frozen=True)
class Transcript:
    """What was said.

    Attributes:
        text: words, empty when there were none.
        language: ISO 639-1 code.
        no_speech_prob: 0..1, that the sound held no words.
        avg_logprob: mean log-probability of the words; 0 when there are none.
        words: each with its time, where that was asked for.
    """

    text: str
    language: str
    no_speech_prob: float
    avg_logprob: float = 0.0
    words: tuple[Word, ...] = ()


@dataclass(frozen=True)
class Classify:
    """Meaning and emotion of texts. `pairs`: (text, topic): the intent that the conversation was
    about so far; None: unknown."""

    pairs: tuple[tuple[str, str | None], ...]
    model: str = ""


@dataclass(frozen=True)
class Understanding:
    """What was meant and felt; a part that was not loaded is None.

    Attributes:
        intent, intent_confidence: one of the model's intents or out_of_scope.
        emotion, emotion_confidence: one of `EMOTIONS`.
        complete_prob: 0..1, that the sentence is finished; None if the model cannot tell.
        emergency_prob: 0..1, that it reports an emergency, whatever the likeliest intent is; None
            as before.
        beyond, beyond_prob: what it asks for that nothing here can do or know, if it does (one of
            `stages.classify.understanding.BEYOND`), and 0..1, that it asks for any such thing; None
            as before.
    """

    intent: str | None = None
    intent_confidence: float | None = None
    emotion: str | None = None
    emotion_confidence: float | None = None
    complete_prob: float | None = None
    emergency_prob: float | None = None
    beyond: str | None = None
    beyond_prob: float | None = None


@dataclass(frozen=True)
class Classified:
    """One `Understanding` for each pair."""

    items: tuple[Understanding, ...]


@dataclass(frozen=True)
class Tool:
    """A function that the LLM may ask for. `parameters`: a JSON schema of its arguments."""

    name: str
    description: str
    parameters: dict[str, Any] = field(default_factory=dict)


class ToolChoice(StrEnum):
    """Whether an answer calls tools."""

    AUTO = "auto"
    """As the LLM likes."""
    REQUIRED = "required"
    """It has to call one of them, and says nothing."""
    NONE = "none"


@dataclass(frozen=True)
class GenerateOptions:
    """How to generate: at most `max_tokens`; `temperature` 0 is greedy; `seed` for the rest."""

    max_tokens: int = 96
    temperature: float = 0.0
    seed: int = 7


@dataclass(frozen=True)
class Generate:
    """An answer to `messages`."""

    messages: tuple[Message, ...]
    options: GenerateOptions = field(default_factory=GenerateOptions)
    tools: tuple[Tool, ...] = ()
    tool_choice: ToolChoice = ToolChoice.AUTO
    model: str = ""


@dataclass(frozen=True)
class TextDelta:
    """The next piece of the answer's text."""

    text: str


@dataclass(frozen=True)
class ToolCall:
    """The LLM asks for a tool with these arguments."""

    name: str
    arguments: dict[str, Any] = field(default_factory=dict)


class FinishReason(StrEnum):
    """Why an answer ended."""

    STOP = "stop"
    LENGTH = "length"
    """The limit of tokens was reached."""


@dataclass(frozen=True)
class GenerationDone:
    """The last item of an answer."""

    reason: FinishReason = FinishReason.STOP


GenerateItem = TextDelta | ToolCall | GenerationDone


@dataclass(frozen=True)
class Prefill:
    """Reads the beginning of a prompt ahead; the last message may yet grow."""

    messages: tuple[Message, ...]
    tools: tuple[Tool, ...] = ()
    model: str = ""


@dataclass(frozen=True)
class Prefilled:
    """`whole`: whether all was read."""

    whole: bool


@dataclass(frozen=True)
class Synthesize:
    """The sound of one segment. `voice`: None: the default one. An empty text only loads the
    voice."""

    text: str
    voice: str | None = None
    model: str = ""


@dataclass(frozen=True)
class SpeechChunk:
    """The sound of a segment, or a piece of it; pieces join without a seam.

    Attributes:
        samples: float32 mono.
        sample_rate: in Hz.
        is_final: whether the segment ends with this piece.
        remaining_s: seconds of the segment that are still to come, as far as known; in a final
            piece those that never will, because synthesis failed.
    """

    samples: Audio
    sample_rate: int
    is_final: bool = True
    remaining_s: float = 0.0

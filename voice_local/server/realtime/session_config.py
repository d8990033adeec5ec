"""What a Realtime session is set to: the session object of the API, read and written."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from voice_local.config import Settings
from voice_local.config_vad import VadSettings
from voice_local.conversation.options import SessionUpdate, TurnDetection
from voice_local.engine.api import Tool
from voice_local.server.realtime.audio_format import AudioFormat, format_of
from voice_local.server.realtime.protocol import (
    ClientError,
    Json,
    known_keys,
    number,
    object_of,
    text_of,
)
from voice_local.server.realtime.tool_config import choice_of, tools_of
from voice_local.server.realtime.turn_detection import Detection, detection_of
from voice_local.text.languages import language_code, one_language
from voice_local.text.vocabulary import terms_of

LONGEST_INSTRUCTIONS = 8000
"""Characters. More than the LLM can read is refused when a turn comes, not here."""

OPENAI_VOICES = (
    *("default", "alloy", "ash", "ballad", "cedar", "coral", "echo", "fable", "marin", "nova"),
    *("onyx", "sage", "shimmer", "verse"),
)
"""Names that mean the profile's own voice."""

PASSED = {
    *("model", "tracing", "truncation", "prompt", "include", "reasoning", "parallel_tool_calls"),
    *("max_output_tokens", "id", "object", "expires_at"),
}
"""Fields that are taken, and told back, and change nothing here."""

TRANSCRIPTION_KEYS = ("model", "language", "languages", "prompt", "keywords", "delay")

SESSION_KEYS = {
    *("type", "instructions", "output_modalities", "audio", "tools", "tool_choice"),
    *PASSED,
}


@dataclass(frozen=True)
class SessionConfig:
    """One session's. `passed`: what is only told back.

    `voice`: as the client named it. `transcription`: as given; None: transcripts are not told.
    """

    transcribes_only: bool = False
    instructions: str = ""
    spoken: bool = True
    input_format: AudioFormat = field(default_factory=AudioFormat)
    output_format: AudioFormat = field(default_factory=AudioFormat)
    transcription: Json | None = None
    noise_reduction: Json | None = None
    detection: Detection | None = field(default_factory=Detection)
    voice: str = "default"
    speed: float = 1.0
    tools: tuple[Json, ...] = ()
    tool_choice: Any = "auto"
    passed: dict[str, Any] = field(default_factory=dict)

    @property
    def asks_whether_there(self) -> bool:
        """Whether a long silence is answered."""
        return self.detection is not None and self.detection.idle_ms is not None

    def updated(self, session: Any) -> SessionConfig:
        """With what a client's `session.update` changes: all of it, or nothing.

        Raises:
            ClientError: a field that is not known, or a value that cannot be.
        """
        given = object_of(session, "session")
        kind = text_of(given, "type", "session")
        if kind not in ("realtime", "transcription"):
            raise ClientError(
                "'session.type' has to be realtime or transcription.", param="session.type"
            )
        if (kind == "transcription") != self.transcribes_only:
            raise ClientError("The session's type cannot be changed.", param="session.type")
        known_keys(given, SESSION_KEYS, "session")
        found = self._with_fields(given)
        return found._with_audio(given["audio"]) if "audio" in given else found

    def _with_fields(self, given: Json) -> SessionConfig:
        changes: dict[str, Any] = {}
        if "instructions" in given:
            changes["instructions"] = text_of(
                given, "instructions", "session", longest=LONGEST_INSTRUCTIONS
            )
        if "output_modalities" in given:
            changes["spoken"] = spoken_of(given["output_modalities"], "session.output_modalities")
        if "tools" in given:
            changes["tools"] = tools_of(given["tools"], "session.tools")
        if "tool_choice" in given:
            changes["tool_choice"] = given["tool_choice"]
        tools = changes.get("tools", self.tools)
        choice_of(changes.get("tool_choice", self.tool_choice), tools, "session.tool_choice")
        if "max_output_tokens" in given and given["max_output_tokens"] not in (None, "inf"):
            number(given["max_output_tokens"], "session.max_output_tokens", 1, 4096, whole=True)
        passed = {key: value for key, value in given.items() if key in PASSED}
        return replace(self, passed={**self.passed, **passed}, **changes)

    def _with_audio(self, value: Any) -> SessionConfig:
        audio = object_of(value, "session.audio")
        known_keys(audio, ("input", "output"), "session.audio")
        found = self
        if audio.get("input") is not None:
            found = found._with_input(object_of(audio["input"], "session.audio.input"))
        if audio.get("output") is not None:
            found = found._with_output(object_of(audio["output"], "session.audio.output"))
        return found

    def _with_input(self, given: Json) -> SessionConfig:
        where = "session.audio.input"
        known_keys(given, ("format", "transcription", "noise_reduction", "turn_detection"), where)
        changes: dict[str, Any] = {}
        if given.get("format") is not None:
            changes["input_format"] = format_of(given["format"], f"{where}.format")
        for key in ("transcription", "noise_reduction"):
            if key in given:
                value = given[key]
                changes[key] = None if value is None else object_of(value, f"{where}.{key}")
        if (transcription := changes.get("transcription")) is not None:
            _check_transcription(transcription, f"{where}.transcription")
        if "turn_detection" in given:
            changes["detection"] = detection_of(given["turn_detection"], f"{where}.turn_detection")
        return replace(self, **changes)

    def _with_output(self, given: Json) -> SessionConfig:
        where = "session.audio.output"
        known_keys(given, ("format", "voice", "speed"), where)
        changes: dict[str, Any] = {}
        if given.get("format") is not None:
            changes["output_format"] = format_of(given["format"], f"{where}.format")
        if given.get("voice") is not None:
            changes["voice"] = voice_of(given["voice"], f"{where}.voice")
        if given.get("speed") is not None:
            changes["speed"] = number(given["speed"], f"{where}.speed", 0.25, 1.5)
        return replace(self, **changes)

    # To the session.

    def update(self, settings: Settings, tools: Callable[[Tool], Any]) -> SessionUpdate:
        """What a `VoiceSession` is told. `settings`: the server's; `tools`: makes the function of
        a tool."""
        detection, choice = self.detection, choice_of(self.tool_choice, self.tools, "tool_choice")
        vad = settings.vad if detection is None else detection.vad(settings.vad)
        talk = settings.conversation.model_copy(
            update={
                "barge_in": detection is None or detection.interrupts,
                "idle_s": math.inf if detection is None else detection.idle_s,
            }
        )
        answers = detection is not None and detection.creates and not self.transcribes_only
        return SessionUpdate(
            instructions=self.instructions,
            turn_detection=TurnDetection.MANUAL if detection is None else TurnDetection.VAD,
            auto_response=answers,
            language=_language(self.transcription or {}),
            vocabulary=_vocabulary(self.transcription or {}),
            tools=[tools(tool) for tool in choice.allowed],
            tool_choice=choice.choice,
            vad=_checked(vad),
            conversation=talk,
            spoken=self.spoken,
        )

    def as_json(self, session_id: str, expires_at: int) -> dict[str, Any]:
        """The session object."""
        passed = {"model": "default", **copy.deepcopy(self.passed)}
        audio_in = {
            "format": self.input_format.as_json(),
            "transcription": self.transcription,
            "noise_reduction": self.noise_reduction,
            "turn_detection": None if self.detection is None else self.detection.as_json(),
        }
        told = {**passed, "id": session_id, "expires_at": expires_at}
        if self.transcribes_only:
            for key in ("model", "tracing", "truncation", "prompt", "max_output_tokens"):
                told.pop(key, None)
            kind = {"object": "realtime.transcription_session", "type": "transcription"}
            return {**kind, **told, "audio": {"input": audio_in}}
        told.setdefault("max_output_tokens", "inf")
        return {
            "object": "realtime.session",
            "type": "realtime",
            **told,
            "output_modalities": ["audio"] if self.spoken else ["text"],
            "instructions": self.instructions,
            "tools": list(self.tools),
            "tool_choice": self.tool_choice,
            "audio": {
                "input": audio_in,
                "output": {
                    "format": self.output_format.as_json(),
                    "voice": self.voice,
                    "speed": self.speed,
                },
            },
        }


def spoken_of(value: Any, name: str) -> bool:
    """Whether answers are spoken, of `output_modalities`.

    Raises:
        ClientError: neither ["audio"] nor ["text"].
    """
    if value not in (["audio"], ["text"]):
        raise ClientError(f'\'{name}\' has to be ["audio"] or ["text"].', param=name)
    return bool(value == ["audio"])


def voice_of(value: Any, name: str) -> str:
    """The name of a voice, or of OpenAI's object for one of one's own.

    Raises:
        ClientError: neither.
    """
    if isinstance(value, dict):
        return text_of(value, "id", name)
    if not isinstance(value, str) or not value:
        raise ClientError(f"'{name}' has to be a string.", "invalid_type", name)
    return value


def _vocabulary(transcription: Json) -> tuple[str, ...]:
    """Names and terms to expect: the keywords, and a prompt that lists some."""
    return terms_of(transcription.get("prompt") or "", *(transcription.get("keywords") or ()))


def _language(transcription: Json) -> str:
    """The one language to expect; empty: the settings'; of several, the recognizer finds out."""
    several = transcription.get("languages") or []
    given = language_code(transcription.get("language") or "")
    return given or one_language([language_code(one) or "" for one in several])


def _check_transcription(given: Json, where: str) -> None:
    known_keys(given, TRANSCRIPTION_KEYS, where)
    for key in ("model", "prompt"):
        if given.get(key) is not None:
            text_of(given, key, where)
    for key in ("keywords", "languages"):
        if given.get(key) is not None and not _is_list_of_texts(given[key]):
            name = f"{where}.{key}"
            raise ClientError(f"'{name}' has to be a list of strings.", "invalid_type", name)
    for key, codes in (
        ("language", [given.get("language") or ""]),
        ("languages", given.get("languages") or []),
    ):
        if not _is_list_of_texts(codes) or any(language_code(code) is None for code in codes):
            name = f"{where}.{key}"
            raise ClientError(f"'{name}' is no ISO 639-1 code that is known here.", param=name)


def _is_list_of_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


def _checked(vad: VadSettings) -> VadSettings:
    return VadSettings.model_validate(vad.model_dump())

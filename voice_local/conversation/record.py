"""The record of one turn that every front end shows."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass
class ConversationTurn:
    """One exchange. A stage that was skipped is None, never 0.

    Attributes:
        user_audio_duration: seconds of speech, pre-roll included; None for a typed turn.
        user_text, assistant_text: what the user said (or typed), and the answer.
        language: what the user spoke, ISO 639-1; None where nothing was understood, or typed.
        intent, intent_confidence, emotion, emotion_confidence: what was understood of it.
        stt_latency_ms, intent_latency_ms: work of recognition, and of intent and emotion together.
        llm_latency_ms, llm_first_token_ms, llm_first_clause_ms: whole generation, until its first
            piece, and until so much of it was there that it could be spoken.
        tts_latency_ms: synthesis of the first segment until its first sound.
        filler: what was said to gain time, if that was needed; it is no part of the answer.
        compute_first_audio_ms: end of input to the answer's first audible sample, work only.
        commit_window_ms: silence waited before the turn was taken as over.
        first_audio_ms: last audible user sample to the answer's first audible sample, waiting and
            fillers included; with sound devices as a bystander's stopwatch shows it, from air to
            air.
        input_age_ms: of that, from the air until the conversation had the user's sample; None where
            no device reported it.
        output_latency_ms: of that, from the conversation until the answer's sample was in the air;
            None likewise.
        total_latency_ms: end of input until the whole answer was ready.
        handled_by: "llm", the intent whose handler answered, or "deny" where the words denied what
            was understood.
        action, params: what a handler wants the host program to do.
        tone: the emotion the answer was shaped by.
        interrupted, heard_text: whether the user cut the answer off, and what of it had sounded by
            then.
        speculations: how often thinking began before the turn was over.
        speculation_hit: whether the last of them was used.
        speculation_wasted_ms: time spent on those that were cancelled.
        speculation_saved_ms: head start that the used one had at the commit, at most until its
            first sound.
        fallbacks: what went another way than planned, and why.
        audio_path: the written answer, if it was written.
        turn_id: the turn's, as in the events.
        tool_calls: tools that the LLM called, with their arguments and results.
    """

    user_audio_duration: float | None = None
    user_text: str = ""
    language: str | None = None
    intent: str | None = None
    intent_confidence: float | None = None
    emotion: str | None = None
    emotion_confidence: float | None = None
    assistant_text: str = ""
    stt_latency_ms: float | None = None
    intent_latency_ms: float | None = None
    llm_latency_ms: float | None = None
    llm_first_token_ms: float | None = None
    llm_first_clause_ms: float | None = None
    filler: str | None = None
    tts_latency_ms: float | None = None
    compute_first_audio_ms: float | None = None
    commit_window_ms: float | None = None
    first_audio_ms: float | None = None
    input_age_ms: float | None = None
    output_latency_ms: float | None = None
    total_latency_ms: float | None = None
    handled_by: str | None = None
    action: str | None = None
    params: dict[str, str] = field(default_factory=dict)
    tone: str | None = None
    interrupted: bool = False
    heard_text: str | None = None
    speculations: int = 0
    speculation_hit: bool = False
    speculation_wasted_ms: float = 0.0
    speculation_saved_ms: float | None = None
    fallbacks: list[str] = field(default_factory=list)
    audio_path: str | None = None
    turn_id: str = ""
    tool_calls: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """A plain dict, times rounded to a tenth of a millisecond."""
        return {
            key: round(value, 4 if "confidence" in key else 1)
            if isinstance(value, float)
            else value
            for key, value in asdict(self).items()
        }

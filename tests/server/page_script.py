"""What is said in the scripted conversations of the page's tests."""

from __future__ import annotations

from dataclasses import dataclass

from voice_local.conversation.record import ConversationTurn


@dataclass(frozen=True)
class Line:
    """A question and its answer. `interim`: (stable, tentative) words before it is over."""

    question: str
    interim: tuple[tuple[str, str], ...]
    answer: str
    answer_s: float
    record: ConversationTurn


SCRIPT = (
    Line(
        "What is the best time to see the northern lights?",
        (
            ("", "what's the"),
            ("What is the", "best dime"),
            ("What is the best time", "to see the Norse"),
            ("What is the best time to see the", "northern lights"),
        ),
        "From late September to the end of March, on a clear night around midnight. "
        "Get away from the lamps of the town, and give your eyes a quarter of an hour.",
        3.0,
        ConversationTurn(
            user_audio_duration=3.1,
            language="en",
            intent="ask_question",
            intent_confidence=0.94,
            emotion="curiosity",
            emotion_confidence=0.71,
            stt_latency_ms=118.4,
            intent_latency_ms=11.2,
            llm_first_token_ms=61.0,
            llm_first_clause_ms=164.9,
            tts_latency_ms=92.3,
            commit_window_ms=352.0,
            first_audio_ms=498.6,
            handled_by="llm",
            speculations=1,
            speculation_hit=True,
            speculation_saved_ms=288.0,
        ),
    ),
    Line(
        "And how long does it take to get there?",
        (("And how long", "does it"), ("And how long does it take", "to get hair")),
        "By train about five hours. The night train leaves at ten past nine.",
        2.0,
        ConversationTurn(
            user_audio_duration=2.2,
            language="en",
            intent="ask_question",
            intent_confidence=0.88,
            emotion="neutral",
            emotion_confidence=0.9,
            stt_latency_ms=97.0,
            intent_latency_ms=10.4,
            llm_first_clause_ms=143.0,
            tts_latency_ms=88.0,
            commit_window_ms=416.0,
            first_audio_ms=468.2,
            handled_by="llm",
            speculations=1,
            speculation_hit=True,
            speculation_saved_ms=312.0,
        ),
    ),
)

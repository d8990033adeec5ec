"""What `/metrics` shows, for Prometheus. No words of any conversation."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from voice_local.conversation.record import ConversationTurn

SECONDS = (0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 5.0, 10.0, 30.0)

STAGES = {
    "stt": "stt_latency_ms",
    "intent": "intent_latency_ms",
    "llm_first_token": "llm_first_token_ms",
    "llm": "llm_latency_ms",
    "tts": "tts_latency_ms",
}
"""Name of the label → what of a turn's record it is."""


class Metrics:
    """One server's."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        name = "voice_local_"
        self.sessions = Gauge(
            f"{name}sessions", "Conversations now", ["protocol"], registry=self.registry
        )
        self.refused = Counter(
            f"{name}refused", "Requests refused", ["reason"], registry=self.registry
        )
        self.restarts = Gauge(
            f"{name}worker_restarts", "Restarts of the worker", registry=self.registry
        )
        self.pending = Gauge(
            f"{name}engine_pending",
            "Calls not answered yet",
            registry=self.registry,
        )
        self._turns = Counter(
            f"{name}turns", "Turns that have ended", ["handled_by"], registry=self.registry
        )
        self._interrupted = Counter(
            f"{name}turns_interrupted", "Answers cut off by the user", registry=self.registry
        )
        self._fallbacks = Counter(
            f"{name}fallbacks",
            "Steps that went another way",
            ["kind"],
            registry=self.registry,
        )
        self._speculations = Counter(
            f"{name}speculations", "Answers begun before the turn was over", registry=self.registry
        )
        self._hits = Counter(
            f"{name}speculation_hits", "Of them, those that were used", registry=self.registry
        )
        self._wasted = Counter(
            f"{name}speculation_wasted_seconds", "Work thrown away", registry=self.registry
        )
        self._stages = Histogram(
            f"{name}stage_seconds",
            "Work of one stage in one turn",
            ["stage"],
            buckets=SECONDS,
            registry=self.registry,
        )
        self._first_audio = Histogram(
            f"{name}first_audio_seconds",
            "From the user's last sound to the answer's first",
            buckets=SECONDS,
            registry=self.registry,
        )

    def observe(self, record: ConversationTurn) -> None:
        """Counts a turn that has ended."""
        by = "llm" if record.handled_by == "llm" else "skill" if record.handled_by else "none"
        self._turns.labels(by).inc()
        self._interrupted.inc(record.interrupted)
        for fallback in record.fallbacks:
            self._fallbacks.labels(fallback.partition(":")[0]).inc()
        self._speculations.inc(record.speculations)
        self._hits.inc(record.speculation_hit)
        self._wasted.inc(record.speculation_wasted_ms / 1000)
        for stage, key in STAGES.items():
            if (value := getattr(record, key)) is not None:
                self._stages.labels(stage).observe(value / 1000)
        if record.first_audio_ms is not None:
            self._first_audio.observe(record.first_audio_ms / 1000)

    def text(self) -> bytes:
        """In Prometheus' text format."""
        return generate_latest(self.registry)

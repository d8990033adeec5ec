"""livekit-agents' voice to voice: `python -m benchmarks.peers.livekit_turns --speech FILE` in its
own environment.

An `AgentSession` with its own sound input and output, no room and no server. Generation and
synthesis are preemptive. Variants:

    ""       the voice detector's silence is 200 ms at most, the endpointing's delay the window:
             recognition and the preemptive answer have begun by then
    early    the detector's silence is 60 ms: they begin sooner, and some utterances are cut in
             pieces
    plain    as early, but nothing is preemptive
"""

from __future__ import annotations

import asyncio
import os
import time
from importlib.metadata import version

os.environ.update({"HF_HUB_OFFLINE": "1", "DO_NOT_TRACK": "1", "ORT_DISABLE_TELEMETRY": "1"})

from livekit import rtc
from livekit.agents import Agent, AgentSession, vad
from livekit.agents.voice import io
from livekit.plugins import silero

from benchmarks.peers.common import (
    Outcome,
    Request,
    energy_probability,
    engine_for,
    from_pcm,
    main,
    to_pcm,
    utterances,
    voice_rate,
)
from benchmarks.peers.livekit_services import EngineLLM, EngineSTT, EngineTTS
from voice_local.audio.types import (
    SAMPLE_RATE,
    Audio,
)
from voice_local.bench.real_time import (
    Playback,
    converse,
)
from voice_local.conversation.context.prompts import INSTRUCTIONS

STOP_MS, EARLY_STOP_MS = 200, 60
FRAME_S = 0.02


class Microphone(io.AudioInput):
    """Sound by `hear`."""

    def __init__(self) -> None:
        super().__init__(label="microphone")
        self._blocks: asyncio.Queue[rtc.AudioFrame] = asyncio.Queue()

    async def hear(self, block: Audio) -> None:
        """The next block of 16 kHz."""
        self._blocks.put_nowait(rtc.AudioFrame(to_pcm(block), SAMPLE_RATE, 1, len(block)))

    async def __anext__(self) -> rtc.AudioFrame:
        return await self._blocks.get()


class Speaker(io.AudioOutput):
    """Sound into a `Playback`."""

    def __init__(self, playback: Playback) -> None:
        super().__init__(
            label="speaker",
            capabilities=io.AudioOutputCapabilities(pause=False),
            sample_rate=playback.sample_rate,
        )
        self._playback, self._given_s = playback, 0.0
        self._ending: asyncio.Task[None] | None = None

    async def capture_frame(self, frame: rtc.AudioFrame) -> None:
        """See `AudioOutput`."""
        await super().capture_frame(frame)
        self._playback.write(from_pcm(bytes(frame.data)))
        if not self._given_s:
            self.on_playback_started(created_at=time.time())
        self._given_s += frame.duration

    def flush(self) -> None:
        """See `AudioOutput`."""
        super().flush()
        if self._given_s:
            self._ending = asyncio.create_task(self._end(self._given_s))
            self._given_s = 0.0

    async def _end(self, given_s: float) -> None:
        await asyncio.sleep(self._playback.left_s)
        self.on_playback_finished(playback_position=given_s, interrupted=False)

    def clear_buffer(self) -> None:
        """See `AudioOutput`."""
        self._playback.clear()
        if self._ending and not self._ending.done():
            self._ending.cancel()
            self.on_playback_finished(playback_position=0.0, interrupted=True)


class EnergyVad(vad.VAD):
    """Speech by energy, in frames of 20 ms; it ends after `stop_s` of silence."""

    def __init__(self, stop_s: float) -> None:
        super().__init__(capabilities=vad.VADCapabilities(update_interval=FRAME_S))
        self.stop_s = stop_s

    def stream(self) -> vad.VADStream:
        """See `VAD`."""
        return EnergyStream(self)


class EnergyStream(vad.VADStream):
    """One conversation's detector."""

    def __init__(self, detector: EnergyVad) -> None:
        super().__init__(detector)
        self._stop_s = detector.stop_s

    async def _main_task(self) -> None:
        speech_s = silence_s = 0.0
        speaking, samples = False, 0
        kept: list[rtc.AudioFrame] = []
        async for frame in self._input_ch:
            if not isinstance(frame, rtc.AudioFrame):
                speech_s, silence_s, speaking, kept = 0.0, 0.0, False, []
                continue
            loud = energy_probability(from_pcm(bytes(frame.data))) > 0.5
            speech_s, silence_s = (speech_s + FRAME_S, 0.0) if loud else (0.0, silence_s + FRAME_S)
            samples += frame.samples_per_channel
            kept.append(frame)

            def tell(
                kind: vad.VADEventType,
                frames: list[rtc.AudioFrame],
                now: int = samples,
                said: float = speech_s,
                quiet: float = silence_s,
                is_speaking: bool = speaking,
            ) -> None:
                self._event_ch.send_nowait(
                    vad.VADEvent(
                        type=kind,
                        samples_index=now,
                        timestamp=now / SAMPLE_RATE,
                        speech_duration=said,
                        silence_duration=quiet,
                        frames=frames,
                        speaking=is_speaking,
                        raw_accumulated_silence=quiet,
                        raw_accumulated_speech=said,
                    )
                )

            tell(vad.VADEventType.INFERENCE_DONE, [frame])
            if not speaking and speech_s >= 3 * FRAME_S - 1e-6:
                speaking = True
                tell(vad.VADEventType.START_OF_SPEECH, list(kept), is_speaking=True)
            elif speaking and silence_s >= self._stop_s - 1e-6:
                speaking = False
                tell(vad.VADEventType.END_OF_SPEECH, kept, is_speaking=False)
                kept = []
            elif not speaking:
                kept = kept[-25:]


async def run(request: Request) -> Outcome:
    """Every utterance of the request."""
    outcome = Outcome("livekit", version("livekit-agents"), request.mode, request.variant)
    async with engine_for(request) as engine:
        rate = await voice_rate(engine)
        playback, microphone = Playback(rate), Microphone()
        stop_ms = min(
            request.window_ms, EARLY_STOP_MS if request.variant in ("early", "plain") else STOP_MS
        )
        detector: vad.VAD = (
            EnergyVad(stop_ms / 1000)
            if request.mode == "scripted"
            else silero.VAD.load(min_silence_duration=stop_ms / 1000)
        )
        ahead = request.variant != "plain"
        session: AgentSession[None] = AgentSession(
            stt=EngineSTT(engine, outcome.heard),
            vad=detector,
            llm=EngineLLM(engine, request.of_models),
            tts=EngineTTS(engine, rate, outcome.answers),
            turn_handling={
                "turn_detection": "vad",
                "endpointing": {"mode": "fixed", "min_delay": request.window_ms / 1000},
                "interruption": {"mode": "vad"},
                "preemptive_generation": {
                    "enabled": ahead,
                    "preemptive_tts": ahead,
                    "max_retries": 10,
                },
            },
            aec_warmup_duration=None,
            user_away_timeout=None,
        )
        session.input.audio = microphone
        session.output.audio = Speaker(playback)
        await session.start(Agent(instructions=INSTRUCTIONS), record=False)
        outcome.turns = await converse(
            utterances(request), microphone.hear, playback, request.block_ms
        )
        await session.aclose()
    outcome.notes = (
        f"voice detector {stop_ms} ms of silence, endpointing delay {request.window_ms} ms, "
        f"generation and "
        f"synthesis {'preemptive' if ahead else 'after the turn is over'}"
    )
    return outcome


if __name__ == "__main__":
    main(run)

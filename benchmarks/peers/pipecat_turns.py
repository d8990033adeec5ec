"""pipecat's voice to voice: `python -m benchmarks.peers.pipecat_turns --speech FILE` in its own
environment.

An app as its documentation has it: transport, recognition, user aggregator with voice detector and
turn strategies, LLM, voice, transport, assistant aggregator. Variants:

    ""       the recommended voice detector's 200 ms of silence; what the window has more is the
             turn strategy's timeout, and recognition runs meanwhile
    early    the detector's silence is 60 ms, so recognition begins sooner, and some utterances are
             cut in pieces; pipecat warns of such a setting
    eager    pipecat's eager turns, with a recognizer written here that predicts the end at 60 ms:
             the LLM answers ahead
"""

from __future__ import annotations

import asyncio
import os
import sys
from importlib.metadata import version

os.environ.update({"HF_HUB_OFFLINE": "1", "DO_NOT_TRACK": "1", "ORT_DISABLE_TELEMETRY": "1"})

from loguru import logger
from pipecat.audio.vad.silero import SileroVADAnalyzer
from pipecat.audio.vad.vad_analyzer import VADAnalyzer, VADParams
from pipecat.frames.frames import (
    Frame,
    InputAudioRawFrame,
    InterruptionFrame,
    OutputAudioRawFrame,
    StartFrame,
)
from pipecat.pipeline.pipeline import Pipeline
from pipecat.pipeline.worker import PipelineParams, PipelineWorker
from pipecat.processors.aggregators.llm_context import LLMContext
from pipecat.processors.aggregators.llm_response_universal import (
    LLMContextAggregatorPair,
    LLMUserAggregatorParams,
)
from pipecat.processors.audio.vad_processor import VADProcessor
from pipecat.processors.frame_processor import FrameDirection, FrameProcessor
from pipecat.transports.base_input import BaseInputTransport
from pipecat.transports.base_output import BaseOutputTransport
from pipecat.transports.base_transport import TransportParams
from pipecat.turns.user_start import VADUserTurnStartStrategy
from pipecat.turns.user_stop import SpeechTimeoutUserTurnStopStrategy
from pipecat.turns.user_turn_strategies import EagerUserTurnStrategies, UserTurnStrategies
from pipecat.workers.runner import WorkerRunner

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
from benchmarks.peers.pipecat_eager import EagerSTT
from benchmarks.peers.pipecat_services import EngineLLM, EngineSTT, EngineTTS
from voice_local.audio.types import (
    SAMPLE_RATE,
    Audio,
)
from voice_local.bench.real_time import (
    Playback,
    converse,
)

RECOMMENDED_STOP_MS, EARLY_STOP_MS = 200, 60
WRITTEN_AHEAD_S = 0.04
"""A sound card's buffer: `write` waits while more than this is unplayed."""


class EnergyVad(VADAnalyzer):
    """Speech by energy, in frames of 20 ms."""

    def num_frames_required(self) -> int:
        """See `VADAnalyzer`."""
        return SAMPLE_RATE // 50

    def voice_confidence(self, buffer: bytes) -> float:
        """See `VADAnalyzer`."""
        return energy_probability(from_pcm(buffer))


class Microphone(BaseInputTransport):
    """Sound by `hear`."""

    async def start(self, frame: StartFrame) -> None:
        """See `BaseInputTransport`."""
        await super().start(frame)
        await self.set_transport_ready(frame)

    async def hear(self, block: Audio) -> None:
        """The next block of 16 kHz."""
        await self.push_audio_frame(InputAudioRawFrame(to_pcm(block), SAMPLE_RATE, 1))


class Speaker(BaseOutputTransport):
    """Sound into a `Playback`."""

    def __init__(self, params: TransportParams, playback: Playback) -> None:
        super().__init__(params)
        self._playback = playback

    async def start(self, frame: StartFrame) -> None:
        """See `BaseOutputTransport`."""
        await super().start(frame)
        await self.set_transport_ready(frame)

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        """See `BaseOutputTransport`."""
        if isinstance(frame, InterruptionFrame):
            self._playback.clear()
        await super().process_frame(frame, direction)

    async def write_audio_frame(self, frame: OutputAudioRawFrame) -> bool:
        """See `BaseOutputTransport`."""
        self._playback.write(from_pcm(frame.audio))
        await asyncio.sleep(max(0.0, self._playback.left_s - WRITTEN_AHEAD_S))
        return True


def detector(request: Request, stop_ms: float) -> VADAnalyzer:
    """The voice detector whose silence is `stop_ms`."""
    if request.mode == "scripted":
        return EnergyVad(
            sample_rate=SAMPLE_RATE,
            params=VADParams(
                confidence=0.5, start_secs=0.06, stop_secs=stop_ms / 1000, min_volume=0.0
            ),
        )
    return SileroVADAnalyzer(sample_rate=SAMPLE_RATE, params=VADParams(stop_secs=stop_ms / 1000))


async def run(request: Request) -> Outcome:
    """Every utterance of the request."""
    outcome = Outcome("pipecat", version("pipecat-ai"), request.mode, request.variant)
    async with engine_for(request) as engine:
        rate = await voice_rate(engine)
        playback = Playback(rate)
        params = TransportParams(
            audio_in_enabled=True,
            audio_in_sample_rate=SAMPLE_RATE,
            audio_out_enabled=True,
            audio_out_sample_rate=rate,
            audio_out_end_silence_secs=0,
        )
        microphone, speaker = Microphone(params), Speaker(params, playback)
        stop_ms = min(request.window_ms, EARLY_STOP_MS if request.variant else RECOMMENDED_STOP_MS)
        more_ms = request.window_ms - stop_ms
        vad = detector(request, stop_ms)
        first: list[FrameProcessor]
        if request.variant == "eager":
            first = [
                VADProcessor(vad_analyzer=vad),
                EagerSTT(engine, outcome.heard, more_ms / 1000),
            ]
            turns = LLMUserAggregatorParams(user_turn_strategies=EagerUserTurnStrategies())
        else:
            first = [EngineSTT(engine, outcome.heard)]
            strategies = UserTurnStrategies(
                start=[VADUserTurnStartStrategy()],
                stop=[SpeechTimeoutUserTurnStopStrategy(user_speech_timeout=more_ms / 1000)],
            )
            turns = LLMUserAggregatorParams(vad_analyzer=vad, user_turn_strategies=strategies)
        user, assistant = LLMContextAggregatorPair(LLMContext(), user_params=turns)
        pipeline = Pipeline(
            [
                microphone,
                *first,
                user,
                EngineLLM(engine, request.of_models),
                EngineTTS(engine, rate, outcome.answers),
                speaker,
                assistant,
            ]
        )
        worker = PipelineWorker(
            pipeline,
            params=PipelineParams(audio_in_sample_rate=SAMPLE_RATE, audio_out_sample_rate=rate),
            enable_rtvi=False,
            enable_turn_tracking=False,
            idle_timeout_secs=None,
        )
        started = asyncio.Event()

        @worker.event_handler("on_pipeline_started")
        async def on_pipeline_started(_worker: PipelineWorker, _frame: Frame) -> None:
            started.set()

        runner = WorkerRunner(handle_sigint=False)
        await runner.add_workers(worker)
        running = asyncio.create_task(runner.run())
        await asyncio.wait_for(started.wait(), 30)
        outcome.turns = await converse(
            utterances(request), microphone.hear, playback, request.block_ms
        )
        await worker.cancel()
        await running
    outcome.notes = (
        f"voice detector {stop_ms} ms of silence, then {more_ms} ms more, recognition"
        f"{' and LLM' if request.variant == 'eager' else ''} meanwhile"
    )
    return outcome


if __name__ == "__main__":
    logger.remove()
    logger.add(sys.stderr, level=os.environ.get("PEERS_LOG", "ERROR"))
    main(run)

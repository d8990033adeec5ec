"""Measure the exported tiny voice: can an independent recognizer read it, and how fast is it?

``pocketsphinx`` reads twenty sentences that nothing was trained on, once with its open vocabulary
and once with a
grammar of the twenty; the teacher's own speech goes the same way for comparison.
"""

from __future__ import annotations

import itertools
import json
import platform
import re
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import soundfile
import torch

from scripts.train import voice_align, voice_card

Sound = npt.NDArray[np.float32]

SENTENCES = [
    "the printer will be delivered on friday afternoon",
    "would you like me to read your shopping list now",
    "i turned the kitchen lights down for the evening",
    "your package left the store yesterday morning",
    "the doctor can see you next tuesday at nine",
    "please tell me the number of your order",
    "that sounds painful, have you had a fever",
    "a new battery costs thirty five dollars",
    "i will wake you up at half past six",
    "the store opens at eight and closes at ten",
    "we can send you the money back in five days",
    "the window in your bedroom is still open",
    "my sister bought a green jacket in london",
    "you should drink more water and get some sleep",
    "this laptop has a warranty of two years",
    "i am sorry that you had to wait so long",
    "dinner for four people on saturday night",
    "the next song is an old one from the radio",
    "try to connect the phone to the network again",
    "somebody from our team will call you tomorrow",
]


def load_voice(folder: Path) -> Any:
    """The exported model, ready to speak: tokenizer, weights and audio processor, all Coqui's
    own."""
    from safetensors.torch import load_file
    from TTS.config import load_config
    from TTS.tts.models import setup_model

    model = setup_model(load_config(folder / "config.json"))
    model.load_state_dict(load_file(folder / "model.safetensors"))
    return model.eval()


def tokens(model: Any, text: str) -> torch.Tensor:
    """Token ids of one clause, shape (1, symbols)."""
    return torch.tensor([model.tokenizer.text_to_ids(text, language="en-us")])


def mel_of(model: Any, ids: torch.Tensor) -> npt.NDArray[np.float32]:
    """Normalized mel spectrogram, shape (80, frames)."""
    out: npt.NDArray[np.float32] = model.inference(ids)["model_outputs"][0].T.numpy()
    return out


def fast_mel(model: Any, ids: torch.Tensor) -> npt.NDArray[np.float32]:
    """The same mel as ``mel_of`` for one clause, without masks: torch's mask check imports sympy at
    first use."""
    with torch.inference_mode():
        encoded = model.encoder.encoder(model.emb(ids).transpose(1, 2))
        ones = torch.ones(1, 1, ids.shape[1])
        frames = model.format_durations(model.duration_predictor(encoded, ones), ones)[0, 0].long()
        wide = model.pos_encoder(torch.repeat_interleave(encoded, frames, dim=2))
        out: npt.NDArray[np.float32] = model.decoder(wide, None)[0].numpy()
    return out


def sound_of(model: Any, mel: npt.NDArray[np.float32], gain: float = 1.0) -> Sound:
    """Griffin-Lim in Coqui's audio processor: float32 at 16 kHz."""
    wave = model.ap.inv_melspectrogram(mel) * gain
    out: Sound = np.clip(wave, -1.0, 1.0).astype(np.float32)
    return out


def fast_griffin_lim(
    model: Any, mel: npt.NDArray[np.float32], rounds: int = 16, gain: float = 1.0
) -> Sound:
    """Griffin-Lim with momentum in float32 torch: a fifth of the work of Coqui's, and the same
    sound every time."""
    audio = model.ap
    amplitude = 10.0 ** (audio.denormalize(mel) / audio.spec_gain)
    # Shipped as griffin_lim.safetensors, so that librosa is not needed at run time.
    inverse = np.linalg.pinv(audio.mel_basis)
    target = torch.from_numpy(inverse @ amplitude).float().clamp(min=1e-10)
    generator = torch.Generator().manual_seed(7)
    phase = torch.polar(
        torch.ones_like(target), 2 * torch.pi * torch.rand(target.shape, generator=generator)
    )
    window = torch.hann_window(audio.win_length)
    sizes = (audio.fft_size, audio.hop_length, audio.win_length)
    before = torch.zeros_like(phase)
    for _ in range(rounds):
        wave = torch.istft(target * phase, *sizes, window=window)
        found = torch.stft(wave, *sizes, window=window, return_complex=True)
        ahead = found - 0.497 * before
        before, phase = found, ahead / (ahead.abs() + 1e-16)
    out: Sound = (
        (torch.istft(target * phase, *sizes, window=window) * gain).clamp(-1.0, 1.0).numpy()
    )
    return out


def teacher_sound(text: str) -> Sound:
    """The same text from the teacher, float32 at 16 kHz."""
    with tempfile.TemporaryDirectory() as folder:
        wav = Path(folder) / "teacher.wav"
        command = ["flite", "-voice", voice_align.TEACHER_VOICE, "-t", text, "-o", str(wav)]
        subprocess.run(command, check=True, timeout=60, capture_output=True)
        sound, _ = soundfile.read(wav, dtype="float32")
    out: Sound = sound
    return out


def words(text: str) -> str:
    """Lower-case words only."""
    return re.sub(r"[^a-z' ]", "", text.lower()).strip()


def hear(decoder: Any, sound: Sound) -> str:
    """What the recognizer reads, with 0.3 s of faint noise on both sides."""
    rng = np.random.default_rng(0)
    padded = np.concatenate([np.zeros(4800, np.float32), sound, np.zeros(4800, np.float32)])
    level = 0.5 / max(1e-3, float(np.abs(padded).max()))
    padded = padded * level + rng.normal(0.0, 1e-4, len(padded)).astype(np.float32)
    decoder.start_utt()
    decoder.process_raw((padded * 32767).astype(np.int16).tobytes(), full_utt=True)
    decoder.end_utt()
    found = decoder.hyp()
    return found.hypstr if found is not None else ""


def grammar_file(folder: Path) -> Path:
    """A JSGF grammar of the evaluation sentences."""
    choices = " | ".join(words(text) for text in SENTENCES)
    path = folder / "twenty.gram"
    path.write_text(f"#JSGF V1.0;\ngrammar twenty;\npublic <s> = {choices};\n", encoding="utf-8")
    return path


def intelligibility(speak: Callable[[str], Sound]) -> dict[str, float | int]:
    """Open-vocabulary word error rate and grammar hits for one way of speaking."""
    import jiwer
    from pocketsphinx import Decoder

    sounds = [speak(text + ".") for text in SENTENCES]
    free = Decoder(samprate=16000, loglevel="FATAL")
    read = [hear(free, sound) for sound in sounds]
    with tempfile.TemporaryDirectory() as folder:
        bound = Decoder(
            samprate=16000, loglevel="FATAL", lm=None, jsgf=str(grammar_file(Path(folder)))
        )
        picked = [hear(bound, sound) for sound in sounds]
    wanted = [words(text) for text in SENTENCES]
    return {
        "wer": round(float(jiwer.wer(wanted, read)), 4),
        "grammar_hits": sum(one == two for one, two in zip(wanted, picked, strict=True)),
        "of": len(SENTENCES),
        "seconds_of_sound": round(sum(len(sound) for sound in sounds) / 16000, 1),
    }


def closeness(model: Any) -> dict[str, float]:
    """Mean absolute mel error (dB) with the teacher's durations, and duration error (frames), on
    unseen sentences."""
    mel_errors: list[float] = []
    frame_errors: list[float] = []
    hop = model.config.audio.hop_length
    with tempfile.TemporaryDirectory() as folder:
        for text in SENTENCES:
            made = voice_align.example(text + ".", model.tokenizer, hop, Path(folder))
            if made is None:
                continue
            want = model.ap.melspectrogram(made.sound.astype(np.float32) / 32768.0)[
                :, : sum(made.durations)
            ]
            ids, frames = torch.tensor([made.ids]), torch.tensor([made.durations])
            with torch.inference_mode():
                out = model.forward(ids, torch.tensor([ids.shape[1]]), frames.sum(1), dr=frames)
            mel_errors.append(float(np.abs(out["model_outputs"][0].T.numpy() - want).mean()))
            frame_errors.append(float((out["durations"] - frames).abs().mean()))
    decibels = 100.0 / 8.0  # 100 dB are spread over -4 … 4
    return {
        "mel_error_db": round(float(np.mean(mel_errors)) * decibels, 2),
        "duration_error_frames": round(float(np.mean(frame_errors)), 2),
        "sentences": len(mel_errors),
    }


def timings(model: Any, threads: int, rounds: int = 15) -> dict[str, Any]:
    """Milliseconds of each step for one sentence of about two seconds: least and median of the
    rounds."""
    text = SENTENCES[5] + "."
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    spent: list[list[float]] = []
    sound = np.zeros(0, np.float32)
    for _ in range(rounds):
        marks = [time.perf_counter()]
        ids = tokens(model, text)
        marks.append(time.perf_counter())
        mel = fast_mel(model, ids)
        marks.append(time.perf_counter())
        sound = sound_of(model, mel)
        marks.append(time.perf_counter())
        fast_griffin_lim(model, mel)
        marks.append(time.perf_counter())
        spent.append([1000.0 * (end - start) for start, end in itertools.pairwise(marks)])
    torch.set_num_threads(before)
    names = ("text", "mel", "griffin_lim", "fast_griffin_lim")
    least, median = np.min(np.array(spent), axis=0), np.median(np.array(spent), axis=0)
    out: dict[str, Any] = {"sound_s": round(len(sound) / 16000, 2), "torch_threads": threads}
    for name, low, middle in zip(names, least, median, strict=True):
        out[f"{name}_ms"] = {"least": round(float(low), 1), "median": round(float(middle), 1)}
    return out


def run(out: Path, cache: Path, data_dir: Path) -> dict[str, Any]:
    """Measure, print JSON, write ``eval.json`` and the model card."""
    np.random.seed(7)  # Coqui's Griffin-Lim starts from numpy's global random phases
    model = load_voice(out)
    gain = float(json.loads((out / "voice.json").read_text(encoding="utf-8")).get("gain", 1.0))

    def student(text: str) -> Sound:
        return sound_of(model, mel_of(model, tokens(model, text)), gain)

    def copied(text: str) -> Sound:
        sound = teacher_sound(text)
        return sound_of(model, model.ap.melspectrogram(sound), gain)

    def fast(text: str) -> Sound:
        return fast_griffin_lim(model, fast_mel(model, tokens(model, text)), gain=gain)

    probe = tokens(model, SENTENCES[0])
    record_path = cache / "record.json"
    result: dict[str, Any] = {
        "training": json.loads(record_path.read_text(encoding="utf-8"))
        if record_path.is_file()
        else {},
        "voice": intelligibility(student),
        "voice_fast_griffin_lim": intelligibility(fast),
        "teacher": intelligibility(teacher_sound),
        "teacher_through_griffin_lim": intelligibility(copied),
        "closeness": closeness(model),
        "fast_mel_difference": float(np.abs(mel_of(model, probe) - fast_mel(model, probe)).max()),
        "griffin_lim_iters": model.ap.griffin_lim_iters,
        "timings": timings(model, 1),
        "timings_two_threads": timings(model, 2),
        "machine": f"{platform.machine()}, {platform.system()}, torch {torch.__version__}",
    }
    text = json.dumps(result, indent=2)
    print(text)
    (out / "eval.json").write_text(text + "\n", encoding="utf-8")
    (out / "README.md").write_text(voice_card.card(result, data_dir), encoding="utf-8")
    return result

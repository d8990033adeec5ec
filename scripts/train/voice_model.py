"""The model of the embedded default voice: a small Coqui `ForwardTTS` and its configuration."""

from __future__ import annotations

from typing import Any

from scripts.train import voice_align

SAMPLE_RATE = 16000
HOP = 200  # samples: 12.5 ms
VOICE = "slt-tiny"
GRIFFIN_LIM_ITERS = 32
PHONES = "abdefhijklmnopstuvwzæðŋɑɔəɚɛɡɪɹʃʊʌʒθ͡"


def build_config(griffin_lim_iters: int = GRIFFIN_LIM_ITERS) -> Any:
    """The complete Coqui configuration of the voice."""
    from TTS.config.shared_configs import BaseAudioConfig
    from TTS.tts.configs.fast_pitch_config import FastPitchConfig
    from TTS.tts.configs.shared_configs import CharactersConfig
    from TTS.tts.models.forward_tts import ForwardTTSArgs

    layers = {"hidden_channels_ffn": 512, "num_heads": 2, "num_layers": 4, "dropout_p": 0.05}
    characters = CharactersConfig(
        characters_class="TTS.tts.utils.text.characters.IPAPhonemes",
        pad="<PAD>",
        eos="<EOS>",
        bos="<BOS>",
        blank="<BLNK>",
        characters=PHONES,
        punctuations=voice_align.PUNCTUATION,
        is_unique=False,
        is_sorted=True,
    )
    audio = BaseAudioConfig(
        sample_rate=SAMPLE_RATE,
        fft_size=1024,
        win_length=800,
        hop_length=HOP,
        num_mels=80,
        mel_fmin=50.0,
        mel_fmax=8000.0,
        preemphasis=0.0,
        ref_level_db=20,
        min_level_db=-100,
        do_trim_silence=False,
        griffin_lim_iters=griffin_lim_iters,
        power=1.0,
    )
    return FastPitchConfig(
        run_name=VOICE,
        output_path="",
        audio=audio,
        characters=characters,
        use_phonemes=True,
        phonemizer="gruut",
        phoneme_language="en-us",
        text_cleaner="english_cleaners",
        enable_eos_bos_chars=True,
        add_blank=False,
        compute_f0=False,
        test_sentences=[],
        spec_loss_type="l1",
        use_ssim_loss=False,
        model_args=ForwardTTSArgs(
            num_chars=4 + len(PHONES) + len(voice_align.PUNCTUATION),
            hidden_channels=160,
            use_aligner=False,
            use_pitch=False,
            duration_predictor_hidden_channels=160,
            encoder_params=dict(layers),
            decoder_params=dict(layers),
            detach_duration_predictor=True,
        ),
    )


def build_model() -> Any:
    """A fresh model with tokenizer and audio processor attached by Coqui itself."""
    from TTS.tts.models import setup_model

    return setup_model(build_config())

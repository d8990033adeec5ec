"""Griffin-Lim piece by piece: the first half second of a segment can sound while the rest is still
being worked out.

The fast form with momentum (Perraudin et al. 2013, constants as in torchaudio). A piece is worked
out together with the last frames of the one before, whose samples are put back after every round,
so that phases go on from one piece to the next (as in real-time spectrogram inversion with
look-ahead, Zhu et al. 2007).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

FIRST_FRAMES, MORE_FRAMES = 40, 160
"""Length of the first piece and of each that follows; the last one may be half as long again."""

MOMENTUM = 0.99
LEAST = 1e-10
"""Magnitudes are no less: of nothing there is no phase."""


@dataclass(frozen=True)
class Stft:
    """A spectrogram's sizes in samples; the window is Hann's, centred on its frame."""

    fft_size: int
    hop_length: int
    win_length: int


class GriffinLim:
    """Magnitudes → samples in `rounds` rounds, the same sound every time; on the device where the
    magnitudes are."""

    def __init__(self, sizes: Stft, rounds: int, device: str) -> None:
        import torch

        self._torch, self._sizes, self._rounds = torch, sizes, rounds
        self._window = torch.hann_window(sizes.win_length, device=device)
        self._reach = -(-sizes.win_length // sizes.hop_length)
        """Frames whose samples overlap, and that each piece is worked out with on either side."""
        self._least_frames = sizes.fft_size // 2 // sizes.hop_length + 2
        """Fewer are shorter than what a spectrum's edge mirrors."""

    def frame_rms(self, magnitude: Any) -> Any:
        """(frames,) root mean square of each frame's sound, from magnitudes (bins, frames), by
        Parseval's theorem."""
        power = 2 * (magnitude**2).sum(0) / self._sizes.fft_size / (self._window**2).sum()
        return self._torch.sqrt(power)

    def pieces(self, magnitude: Any) -> Iterator[Any]:
        """The sound of `magnitude` (bins, frames) in order, (samples,) each; hop_length × (frames −
        1) samples in all."""
        hop, frames = self._sizes.hop_length, magnitude.shape[1]
        begin, said, ahead = 0, magnitude.new_zeros(0), magnitude.new_zeros(0)
        while begin < frames - 1:
            size = MORE_FRAMES if begin else FIRST_FRAMES
            end = begin + size if frames - begin > size * 3 // 2 else frames
            context = min(begin, self._reach)
            target = magnitude[:, begin - context : end + self._reach]
            missing = max(0, self._least_frames - target.shape[1])
            target = self._torch.nn.functional.pad(target, (0, missing)).clamp(min=LEAST)
            sound = self._invert(target, said[len(said) - context * hop :], ahead)
            length = (min(end, frames - 1) - begin) * hop
            said = sound[context * hop : context * hop + length]
            ahead = sound[context * hop + length :]
            yield said
            begin = end

    def _invert(self, target: Any, known: Any, ahead: Any) -> Any:
        """Sound of `target` that begins with `known` and goes on like `ahead`, as far as each
        goes."""
        torch, sizes = self._torch, self._sizes
        arguments = {
            "n_fft": sizes.fft_size,
            "hop_length": sizes.hop_length,
            "win_length": sizes.win_length,
            "window": self._window,
        }
        wave = torch.istft(target.to(torch.complex64), **arguments)
        begun = torch.cat([known, ahead])[: len(wave)]
        wave[: len(begun)] = begun
        before = torch.zeros_like(target, dtype=torch.complex64)
        for _ in range(self._rounds):
            found = torch.stft(wave, return_complex=True, **arguments)
            going = found - MOMENTUM / (1 + MOMENTUM) * before
            before = found
            wave = torch.istft(target * going / (going.abs() + 1e-16), **arguments)
            wave[: len(known)] = known
        # What was already worked out ahead fades into what has now been worked out better.
        mixed = min(len(ahead), len(wave) - len(known))
        fade = torch.linspace(1, 0, mixed, device=wave.device)
        joined = slice(len(known), len(known) + mixed)
        wave[joined] = ahead[:mixed] * fade + wave[joined] * (1 - fade)
        return wave

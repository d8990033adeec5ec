"""Sound files: every format, pipes, lying headers, channels; what is refused, and what is never
opened."""

from __future__ import annotations

import io
import os
import socket
import struct
import threading
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
import soundfile as sf

from voice_local.audio import (
    files,
    sources,
)
from voice_local.audio.mono import to_mono
from voice_local.audio.types import (
    SAMPLE_RATE,
    Audio,
)
from voice_local.errors import (
    AudioInputError,
    OutputError,
)

pytestmark = pytest.mark.unit
RMS = 0.35
LIBSNDFILE = [
    (form, subtype)
    for form in sorted(sf.available_formats())
    for subtype in sorted(sf.available_subtypes(form))
    if form != "RAW"
]
FFMPEG = [
    ("m4a", "aac", "ipod"),
    ("aac", "aac", "adts"),
    ("mp4", "alac", "mp4"),
    ("mov", "pcm_s16le", "mov"),
    ("webm", "libopus", "webm"),
    ("mka", "flac", "matroska"),
    ("mkv", "libmp3lame", "matroska"),
    ("ac3", "ac3", "ac3"),
    ("eac3", "eac3", "eac3"),
    ("wma", "wmav2", "asf"),
    ("wmv", "wmav1", "asf"),
    ("mp2", "mp2", "mp2"),
    ("avi", "libmp3lame", "avi"),
    ("ts", "aac", "mpegts"),
    ("flv", "aac", "flv"),
    ("wv", "wavpack", "wv"),
    ("tta", "tta", "tta"),
    ("3gp", "libopencore_amrnb", "3gp"),
    ("amr", "libopencore_amrnb", "amr"),
    ("wav", "adpcm_ima_wav", "wav"),
    ("wav", "adpcm_ms", "wav"),
    ("g722", "g722", "g722"),
    ("nut", "pcm_s32le", "nut"),
]


def tone(rate: int, seconds: float = 1.0) -> Audio:
    """A tone of 440 Hz with an RMS of `RMS`."""
    time = np.arange(int(rate * seconds)) / rate
    return np.asarray(RMS * np.sqrt(2) * np.sin(2 * np.pi * 440 * time), dtype=np.float32)


def speech(seed: int, count: int = 3 * SAMPLE_RATE) -> Audio:
    """Noise in place of a voice."""
    return (np.random.default_rng(seed).standard_normal(count) * 0.1).astype(np.float32)


def whole(audio: Audio, allowed_s: float = 0.1) -> None:
    """Asserts that `audio` is what `tone` made."""
    assert audio.dtype == np.float32 and audio.ndim == 1
    assert len(audio) / SAMPLE_RATE == pytest.approx(1.0, abs=allowed_s)
    assert float(np.sqrt((audio[2000:14_000] ** 2).mean())) == pytest.approx(RMS, rel=0.2)


def wav_bytes() -> bytes:
    """A WAV of one second."""
    content = io.BytesIO()
    sf.write(content, tone(SAMPLE_RATE), SAMPLE_RATE, format="WAV")
    return content.getvalue()


def encode(path: Path, codec: str, form: str) -> None:
    """Writes the tone with FFmpeg's encoder."""
    able = av.Codec(codec, "w")
    rate = (
        8000
        if "amr" in codec
        else 48_000
        if "opus" in codec
        else 16_000
        if codec == "g722"
        else 44_100
    )
    assert able.audio_formats
    with av.open(str(path), "w", format=form) as container:
        stream = container.add_stream(codec, rate=rate)
        assert isinstance(stream, av.AudioStream)
        stream.layout = "mono"
        stream.bit_rate = 12_200 if "amr" in codec else 64_000
        stream.format = able.audio_formats[0]
        frame = av.AudioFrame.from_ndarray(tone(rate)[None], format="fltp", layout="mono")
        frame.sample_rate, frame.time_base, frame.pts = rate, Fraction(1, rate), 0
        resampler = av.AudioResampler(
            able.audio_formats[0], "mono", rate, frame_size=stream.frame_size or 0
        )
        for piece in [*resampler.resample(frame), *resampler.resample(None)]:
            container.mux(stream.encode(piece))
        container.mux(stream.encode(None))


@pytest.mark.parametrize(("form", "subtype"), LIBSNDFILE)
def test_every_format_of_libsndfile(form: str, subtype: str, tmp_path: Path) -> None:
    path = tmp_path / f"a.{form.lower()}"
    for rate in (SAMPLE_RATE, 8000, 44_100):
        try:
            sf.write(path, tone(rate), rate, format=form, subtype=subtype)
        except sf.LibsndfileError:
            continue
        if sf.info(path).samplerate == rate:  # some formats know but one
            break
    else:
        pytest.skip("libsndfile reads it but does not write it")
    whole(files.read_audio(path))


@pytest.mark.parametrize(("ending", "codec", "form"), FFMPEG)
def test_formats_of_ffmpeg(ending: str, codec: str, form: str, tmp_path: Path) -> None:
    if codec not in av.codecs_available:
        pytest.skip(f"this FFmpeg has no {codec}")
    path = tmp_path / f"a.{ending}"
    encode(path, codec, form)
    whole(files.read_audio(path), 0.13)


@pytest.mark.parametrize("size", [0xFFFFFFFF, 0x7FFFFFFF, 0])
def test_a_header_that_lies_about_its_size(size: int, tmp_path: Path) -> None:
    content = bytearray(wav_bytes())
    content[4:8] = content[40:44] = struct.pack("<I", size)
    path = tmp_path / "a.wav"
    path.write_bytes(content)
    whole(files.read_audio(path))


@pytest.mark.parametrize("ending", ["wav", "flac", "ogg", "mp3"])
def test_a_file_that_was_cut_off_gives_what_it_has(ending: str, tmp_path: Path) -> None:
    path = tmp_path / f"a.{ending}"
    sf.write(path, speech(2, 20 * SAMPLE_RATE), SAMPLE_RATE)
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 3 // 4 + 1])
    assert 12 < len(files.read_audio(path)) / SAMPLE_RATE < 16


def test_a_broken_packet_costs_only_itself(tmp_path: Path) -> None:
    path = tmp_path / "a.m4a"
    encode(path, "aac", "ipod")
    content = bytearray(path.read_bytes())
    content[3000:3400] = b"\xff" * 400
    path.write_bytes(content)
    assert len(files.read_audio(path)) / SAMPLE_RATE == pytest.approx(1.0, abs=0.2)


def test_a_length_that_the_header_does_not_tell(tmp_path: Path) -> None:
    path = tmp_path / "a.flac"
    sf.write(path, tone(SAMPLE_RATE), SAMPLE_RATE)
    content = bytearray(path.read_bytes())
    content[21] &= 0xF0
    content[22:26] = bytes(4)  # how a program writes it that does not know yet
    path.write_bytes(content)
    whole(files.read_audio(path))


def test_the_sound_of_a_video(tmp_path: Path) -> None:
    path = tmp_path / "a.mov"
    with av.open(str(path), "w") as container:
        video, audio = (
            container.add_stream("mpeg4", rate=10),
            container.add_stream("pcm_s16be", rate=SAMPLE_RATE),
        )
        assert isinstance(video, av.VideoStream) and isinstance(audio, av.AudioStream)
        video.width, video.height, audio.layout = 64, 64, "stereo"
        frame = av.AudioFrame.from_ndarray(
            np.repeat(tone(SAMPLE_RATE) * 2**15, 2)[None].astype(np.int16), "s16", "stereo"
        )
        frame.sample_rate = SAMPLE_RATE
        container.mux([*video.encode(av.VideoFrame(64, 64, "yuv420p")), *video.encode(None)])
        container.mux([*audio.encode(frame), *audio.encode(None)])
    whole(files.read_audio(path))


def test_the_ending_does_not_matter(tmp_path: Path) -> None:
    for name in ("a.mp3", "a.raw", "a", "a.m3u8"):
        (tmp_path / name).write_bytes(wav_bytes())
        whole(files.read_audio(tmp_path / name))


def test_a_name_that_is_not_utf8(tmp_path: Path) -> None:
    good, bad = (
        Path(os.fsdecode(os.fsencode(tmp_path) + name)) for name in (b"/a\xff.wav", b"/b\xff.wav")
    )
    good.write_bytes(wav_bytes())
    whole(files.read_audio(good))
    bad.write_text("no sound")
    with pytest.raises(AudioInputError) as refused:
        files.read_audio(bad)
    refused.value.cause.encode()


@pytest.mark.parametrize("codec", ["", "aac"])
def test_pipes_are_read_to_their_end(codec: str, tmp_path: Path) -> None:
    content = wav_bytes()
    if codec:
        encode(tmp_path / "a.aac", codec, "adts")
        content = (tmp_path / "a.aac").read_bytes()
    os.mkfifo(tmp_path / "pipe")
    writer = threading.Thread(target=(tmp_path / "pipe").write_bytes, args=(content,))
    writer.start()
    whole(files.read_audio(tmp_path / "pipe"))
    writer.join()


def test_a_pipe_that_gives_too_much(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "MAX_PIPE_BYTES", 2**20)
    os.mkfifo(tmp_path / "pipe")
    writer = threading.Thread(target=(tmp_path / "pipe").write_bytes, args=(bytes(2**20 + 1),))
    writer.start()
    with pytest.raises(AudioInputError, match="more than 1 MiB"):
        files.read_audio(tmp_path / "pipe")
    writer.join()


def test_too_long_without_a_length_in_the_header(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "MAX_SECONDS", 0.5)
    encode(tmp_path / "a.aac", "aac", "adts")
    (tmp_path / "a.wav").write_bytes(wav_bytes())
    for name in ("a.aac", "a.wav"):
        with pytest.raises(AudioInputError, match="longer than"):
            files.read_audio(tmp_path / name)


def test_what_is_no_file_of_sound(tmp_path: Path) -> None:
    (tmp_path / "empty.wav").touch()
    (tmp_path / "text.raw").write_text("no sound")
    (tmp_path / "text.txt").write_text("no sound\n" * 10_000)
    (tmp_path / "noise.bin").write_bytes(np.random.default_rng(3).bytes(100_000))
    av_png = av.VideoFrame(8, 8, "rgb24")
    with av.open(str(tmp_path / "a.png"), "w", format="image2") as container:
        stream = container.add_stream("png", rate=1)
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt = 8, 8, "rgb24"
        container.mux([*stream.encode(av_png), *stream.encode(None)])
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind(str(tmp_path / "socket"))
        for name, word in (
            ("empty.wav", "empty"),
            ("text.raw", "not readable"),
            ("text.txt", "not readable|no sound"),
            ("noise.bin", "not readable|no sound"),
            ("a.png", "not readable|no sound"),
            ("socket", "socket"),
            ("/dev/zero", "device"),
            ("none", "does not exist"),
            (".", "directory"),
            ("text.txt/a.wav", "cannot be opened"),
            ("x" * 300, "cannot be opened"),
            ("a\0b", "cannot be opened"),
        ):
            with pytest.raises(AudioInputError, match=word) as refused:
                files.read_audio(tmp_path / name)
            assert len(refused.value.cause.splitlines()) == 1


@pytest.mark.parametrize(
    ("ending", "text"),
    [
        ("m3u8", "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{target}\n#EXT-X-ENDLIST\n"),
        ("ffconcat", "ffconcat version 1.0\nfile '{target}'\n"),
        (
            "mpd",
            '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" '
            'mediaPresentationDuration="PT1S"><Period><AdaptationSet '
            'mimeType="audio/mp4"><Representation id="0" '
            'bandwidth="1"><BaseURL>{target}</BaseURL>'
            "</Representation></AdaptationSet></Period></MPD>",
        ),
        (
            "sdp",
            "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=audio {port} RTP/AVP "
            "0\n",
        ),
    ],
)
def test_no_playlist_leads_anywhere(ending: str, text: str, tmp_path: Path) -> None:
    (tmp_path / "other.wav").write_bytes(wav_bytes())
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.05)
        port = server.getsockname()[1]
        for target in (f"http://127.0.0.1:{port}/a.wav", "other.wav", str(tmp_path / "other.wav")):
            path = tmp_path / f"list.{ending}"
            path.write_text(text.format(target=target, port=port))
            with pytest.raises(AudioInputError, match="not readable"):
                files.read_audio(path)
        with pytest.raises(TimeoutError):
            server.accept()


def loudness(audio: Audio) -> float:
    return float(np.sqrt((audio**2).mean()))


@pytest.mark.parametrize(
    "gains",
    [
        (1, -1),
        (-1, 1),
        (1, 0),
        (0, 1),
        (1, 1),
        (0, 0, 1, 0, 0, 0),
        (1, -1, 1, -1, 1, -1),
        (1, -0.5),
        (1,) * 8,
    ],
)
def test_whatever_the_channels_do_the_voice_stays_as_loud(gains: tuple[float, ...]) -> None:
    voice = speech(1)
    heard = to_mono(np.stack([voice * gain for gain in gains], axis=1))
    assert loudness(heard) == pytest.approx(loudness(voice), rel=0.02)
    assert abs(float(np.corrcoef(heard, voice)[0, 1])) > 0.999


def test_a_phase_that_turns_midway_and_a_constant_beneath() -> None:
    voice = speech(1, 4 * SAMPLE_RATE)
    turned = np.concatenate([voice[: 2 * SAMPLE_RATE], -voice[2 * SAMPLE_RATE :]]) + np.float32(0.5)
    heard = to_mono(np.stack([voice, turned], axis=1))
    for half in (slice(None, 2 * SAMPLE_RATE), slice(2 * SAMPLE_RATE, None)):
        assert loudness(heard[half] - heard[half].mean()) > 0.08


def test_speakers_with_a_channel_each_are_all_heard() -> None:
    samples = np.zeros((8 * SAMPLE_RATE, 8), np.float32)
    for channel in range(8):
        samples[channel * SAMPLE_RATE : (channel + 1) * SAMPLE_RATE, channel] = speech(
            channel, SAMPLE_RATE
        )
    samples[:, 0] *= 3
    heard = to_mono(samples).reshape(8, SAMPLE_RATE)
    assert min(loudness(part) for part in heard) > 0.02


def test_silence_in_two_channels() -> None:
    assert not to_mono(np.zeros((SAMPLE_RATE, 2), np.float32)).any()


def test_a_full_disk_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: Path, content: memoryview) -> int:
        path.touch()
        raise OSError(28, "No space left on device")

    (tmp_path / "old.wav").write_bytes(b"before")
    monkeypatch.setattr(Path, "write_bytes", full)
    for name in ("new.wav", "old.wav"):
        with pytest.raises(OutputError, match="No space left"):
            files.write_wav(tmp_path / name, tone(SAMPLE_RATE), SAMPLE_RATE)
    assert [path.name for path in tmp_path.iterdir()] == ["old.wav"]
    assert (tmp_path / "old.wav").read_bytes() == b"before"


def test_a_link_and_a_device_stay_what_they_are(tmp_path: Path) -> None:
    (tmp_path / "target.wav").write_bytes(b"before")
    (tmp_path / "target.wav").chmod(0o640)
    (tmp_path / "link.wav").symlink_to("target.wav")
    files.write_wav(tmp_path / "link.wav", tone(SAMPLE_RATE), SAMPLE_RATE)
    assert (tmp_path / "link.wav").is_symlink()
    assert (tmp_path / "target.wav").stat().st_mode & 0o777 == 0o640
    whole(files.read_audio(tmp_path / "target.wav"))
    (tmp_path / "null.wav").symlink_to("/dev/null")
    files.write_wav(tmp_path / "null.wav", tone(SAMPLE_RATE), SAMPLE_RATE)
    assert Path("/dev/null").is_char_device()

"""What a person types, sets or has lying about wrongly: one line, exit code 2, and nothing is lost."""

from __future__ import annotations

import json
import os
import ssl
import subprocess
import sys
import threading
from pathlib import Path
from types import SimpleNamespace

import pytest

from voice_local import base_folders, config
from voice_local.audio.files import check_writable
from voice_local.bench.schema import Report
from voice_local.cli import endings, serving, show, talk
from voice_local.cli import voices as voices_command
from voice_local.config_files import own_profile
from voice_local.errors import AudioDeviceError, ConfigError, OutputError, TextInputError
from voice_local.local import portaudio
from voice_local.models.folder import home
from voice_local.server import certificate, run

pytestmark = pytest.mark.unit


def typed(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """A command as a person types it."""
    return subprocess.run(
        [sys.executable, "-m", "voice_local", *words],
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, **environment},
    )


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("serve", "--wyoming-port", "abc"), "'--wyoming-port'"),
        (("serve", "--port", "99999"), "'--port'"),
        (("doctor", "--offline-proof", "--seconds", "inf"), "'--seconds'"),
        (("talk", "--wav", "x.wav", "--text"), "--wav"),
        (("bench", "load", "--sessions", "x"), "--sessions"),
        (("voices", "--language", "klingon"), "no voice speaks 'klingon'"),
        (("doctor", "--offline-proof", "--profile", "bogus"), "unknown profile 'bogus'"),
        (("transcribe", "x" * 300), "x" * 40),
    ],
)
def test_it_is_told_what_is_wrong(words: tuple[str, ...], said: str) -> None:
    done = typed(*words)
    assert done.returncode == 2 and said in done.stderr and "Traceback" not in done.stderr
    assert "\ntry: " in done.stderr


@pytest.mark.parametrize("words", [(), ("models",)])
def test_help_in_place_of_a_command_is_no_error(words: tuple[str, ...]) -> None:
    done = typed(*words)
    assert done.returncode == 2 and "error" not in done.stderr
    assert "doctor" in done.stdout + done.stderr or "download" in done.stdout + done.stderr


def test_an_error_that_nobody_can_read_keeps_its_exit_code() -> None:
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "voice_local", "serve", "--port", "x"], stderr=full, timeout=60
        )
    assert done.returncode == 2


def test_a_file_that_cannot_be_looked_at_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def failing(**_: object) -> int:
        raise PermissionError(13, "Permission denied", "/root/secret")

    with pytest.raises(SystemExit) as ended:
        endings.finished(failing)  # type: ignore[arg-type]
    assert ended.value.code == 2
    assert "cannot use /root/secret (Permission denied)" in capsys.readouterr().err


# Settings.


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("PROFILE", "small", "chooses no profile"),
        ("ENGINE__MAX_PENDING", "0", "engine.max_pending"),
        ("ENGINE__RUN_TIMEOUT_S", "nan", "engine.run_timeout_s"),
        ("AUDIO__SAMPLE_RATE", "1000000000", "audio.sample_rate"),
        ("LLM__THREADS", "100000", "llm.threads"),
        ("STT__MIN_AVG_LOGPROB", "nan", "finite"),
        ("VAD__NEG_THRESHOLD", "0.9", "setting vad: neg_threshold .0.9. is above threshold .0.5."),
        ("VAD__MIN_ENDPOINTING_DELAY_MS", "2000", "is above max_endpointing_delay_ms .1200."),
    ],
)
def test_what_cannot_be_set(
    name: str, value: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"VOICE_LOCAL__{name}", value)
    with pytest.raises(ConfigError, match=said):
        config.load("small")


def test_a_lower_threshold_takes_the_other_along(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VOICE_LOCAL__VAD__THRESHOLD", "0.3")
    assert config.load("small").vad.neg_threshold == pytest.approx(0.15)
    assert config.load("small", vad={"neg_threshold": 0.2}).vad.neg_threshold == 0.2


def test_a_short_token_opens_no_server() -> None:
    settings = config.load("small", server={"token": "short"})
    with pytest.raises(ConfigError, match="shorter than 16 characters"):
        run.check(settings, run.Listen())


def test_settings_reach_the_worker_without_the_token() -> None:
    settings = config.load("small", server={"token": "a-token-of-enough-characters"})
    sent = settings.model_dump(mode="json")
    assert "enough" not in str(sent)
    assert config.Settings.model_validate(sent).stt == settings.stt


def test_a_token_that_is_a_number_is_not_taken_for_none() -> None:
    with pytest.raises(ConfigError, match="has to be a text"):
        config.load("small", server={"token": 1234567890123456})


@pytest.mark.parametrize("empty", ["", "  "])
def test_an_empty_token_is_none(empty: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VOICE_LOCAL__SERVER__TOKEN", empty)
    settings = config.load("small")
    assert settings.server.token is None
    with pytest.raises(ConfigError, match="has no token"):
        run.check(settings, run.Listen(host="0.0.0.0"))


@pytest.mark.parametrize(
    "text", ['llm = "x"', 'models_dir = "a\\u0000b"', "\ufeffbase = 'tiny'", "[stt\n"]
)
def test_a_profile_that_is_none(text: str) -> None:
    path = own_profile("mine")
    path.parent.mkdir(parents=True)
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError):
        config.load("mine")


@pytest.mark.parametrize("given", ["", "relative/folder"])
def test_a_base_folder_that_is_no_absolute_path_is_not_used(
    given: str, own_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", given)
    assert home() == own_home / ".local" / "share" / "voice_local" / "models"


def test_without_a_home_the_named_folders_are_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def homeless() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "home", homeless)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert home() == tmp_path / "voice_local" / "models"
    with pytest.raises(ConfigError, match="no home folder"):
        base_folders.base_folder("XDG_NOTHING_HOME", "x")


# Files to write.


def test_a_link_to_nothing_yet_stays_a_link(tmp_path: Path) -> None:
    link = tmp_path / "link.wav"
    link.symlink_to("target.wav")
    check_writable(link)
    assert link.is_symlink() and not (tmp_path / "target.wav").exists()


def test_links_in_a_circle(tmp_path: Path) -> None:
    (tmp_path / "a.wav").symlink_to("b.wav")
    (tmp_path / "b.wav").symlink_to("a.wav")
    with pytest.raises(OutputError, match="cannot write"):
        check_writable(tmp_path / "a.wav")


def test_a_pipe_is_not_opened_before_it_is_used(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    done = threading.Event()

    def check() -> None:
        check_writable(pipe)
        done.set()

    threading.Thread(target=check, daemon=True).start()
    assert done.wait(5), "it waits for a reader"


def test_a_name_that_is_too_long(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="too long"):
        check_writable(tmp_path / ("x" * 300))


def test_a_report_is_replaced_in_one_step(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "report.json"
    report = Report({}, [])
    report.write(path)
    before = path.read_text()

    def full(*_: object, **__: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(OSError):
        report.write(path)
    assert path.read_text() == before and list(tmp_path.iterdir()) == [path]


def test_a_page_does_not_replace_the_report_that_it_shows(tmp_path: Path) -> None:
    path = tmp_path / "notes.html"
    path.write_text(json.dumps({"schema_version": 1, "about": {}, "sections": []}))
    before = path.read_text()
    done = typed("bench", "report", str(path))
    assert done.returncode == 2 and path.read_text() == before


# The server.


def test_a_certificate_that_is_none_is_refused_before_anything_is_loaded(tmp_path: Path) -> None:
    certificate_file, key = tmp_path / "c.pem", tmp_path / "k.pem"
    for path in (certificate_file, key):
        path.write_text("no PEM")
    with pytest.raises(ConfigError, match="no certificate and its key"):
        serving.Tls(True, certificate_file, key).files("127.0.0.1", ())


def test_a_certificate_of_ones_own_is_taken(tmp_path: Path) -> None:
    made = certificate.own_certificate(tmp_path, "127.0.0.1", ("müller.example",))
    assert serving.Tls(True, *made).files("127.0.0.1", ()) == made
    assert "xn--mller-kva.example" in str(
        ssl._ssl._test_decode_cert(str(made[0]))  # type: ignore[attr-defined]
    )


def test_a_name_that_no_certificate_can_hold(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no name in a certificate"):
        certificate.own_certificate(tmp_path, "127.0.0.1", ("ü" * 80,))


@pytest.mark.parametrize("host", ["\udcff.example", "no such host\0"])
def test_a_host_that_is_no_name(host: str) -> None:
    with pytest.raises(ConfigError, match="cannot listen"):
        run.bind(run.Listen(host=host, port=0))


# Sound devices.


class Sound:
    """PortAudio with two USB microphones."""

    PortAudioError = RuntimeError
    DEVICES = tuple(
        {
            "name": name,
            "index": number,
            "max_input_channels": 1,
            "max_output_channels": 0,
            "inputs": 1,
            "outputs": 0,
            "sample_rate": 48000,
        }
        for number, name in enumerate(("USB mic [/dev/snd]", "USB headset"))
    )

    def query_devices(self, device: object = None, kind: str = "") -> object:
        """All, or the one that is called so."""
        if not kind:
            return self.DEVICES
        raise ValueError("Multiple input devices found")

    def check_input_settings(self, *_: object) -> None:
        """Nothing is refused."""

    check_output_settings = check_input_settings


def test_a_name_that_two_devices_have(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(portaudio, "library", Sound)
    with pytest.raises(AudioDeviceError, match=r"fits 2 devices: USB mic .*; USB headset"):
        portaudio.present("input", "usb", 48_000)
    with pytest.raises(AudioDeviceError, match="no microphone called 'x'"):
        portaudio.present("input", "x", 48_000)


def test_a_device_may_be_called_anything(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(talk, "devices", lambda: Sound.DEVICES)
    talk.list_devices(False)
    assert "[/dev/snd]" in capsys.readouterr().out


def test_no_voice_of_a_language(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(TextInputError, match="no voice speaks 'xx'"):
        voices_command.voices(language="xx")


def test_complaining_survives_a_closed_error_output(monkeypatch: pytest.MonkeyPatch) -> None:
    broken = SimpleNamespace(write=_refuse, flush=_refuse)
    monkeypatch.setattr(sys, "stderr", broken)
    show.complain("cause", "remedy")


def _refuse(*_: object) -> None:
    raise BrokenPipeError(32, "Broken pipe")

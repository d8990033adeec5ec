"""A session on disk: what is written is read back, and what cannot be is told."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf

from voice_local.audio.types import Audio
from voice_local.conversation.record import ConversationTurn
from voice_local.errors import (
    AudioInputError,
    OutputError,
)
from voice_local.local.recorder import (
    ABOUT,
    CONTROLS,
    TURNS,
    WAV,
    Control,
    ControlKind,
    Recorder,
    forget_empty,
    next_free,
    read_session,
    to_int16,
)

pytestmark = pytest.mark.unit
RATE = 16_000
STEP = 1 / 32768


def noise(count: int, seed: int) -> Audio:
    """Something to tell apart."""
    return np.random.default_rng(seed).uniform(-0.9, 0.9, count).astype(np.float32)


def recorded(folder: Path) -> Path:
    """A short whole session."""
    with Recorder(folder, RATE, {"profile": "tiny"}) as recorder:
        recorder.block(noise(160, 1), noise(160, 2))
        recorder.turn(ConversationTurn(user_text="hi", assistant_text="Hello!"))
    return folder


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    microphone, played = noise(4800, 1), noise(4800, 2)
    turns = [
        ConversationTurn(
            user_text="grüß dich",
            assistant_text="Line\nbreak",
            intent="greeting",
            intent_confidence=0.91,
            action="book",
            params={"day": "monday"},
            fallbacks=["llm_late"],
            llm_latency_ms=12.34,
        ),
        ConversationTurn(interrupted=True, heard_text=""),
    ]
    with Recorder(tmp_path / "a" / "b", 48_000, {"profile": "tiny", "version": 1}) as recorder:
        for start in range(0, 4800, 480):
            recorder.block(microphone[start : start + 480], played[start : start + 480])
            if start in (480, 960):
                recorder.turn(turns[start // 480 - 1])
        recorder.control(Control(3, ControlKind.HOLD))
        recorder.control(Control(5, ControlKind.READ, "grüß dich"))
    session = read_session(tmp_path / "a" / "b")
    left, right, about, records = (
        session.microphone,
        session.loudspeaker,
        session.about,
        session.turns,
    )
    assert session.controls == [
        Control(3, ControlKind.HOLD),
        Control(5, ControlKind.READ, "grüß dich"),
    ]
    np.testing.assert_allclose(left, microphone, atol=STEP)
    np.testing.assert_allclose(right, played, atol=STEP)
    assert left.dtype == np.float32
    began = datetime.fromisoformat(about.pop("began"))
    assert began.tzinfo is not None and abs(began - datetime.now().astimezone()) < timedelta(
        minutes=5
    )
    assert about == {"sample_rate": 48_000, "profile": "tiny", "version": 1}
    assert records == [turn.as_json() for turn in turns]
    assert records[0]["llm_latency_ms"] == 12.3 and records[0]["stt_latency_ms"] is None


def test_a_folder_whose_name_is_not_utf8(tmp_path: Path) -> None:
    folder = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9"))
    assert len(read_session(recorded(folder)).microphone) == 160


def test_the_files_are_plain(tmp_path: Path) -> None:
    recorded(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([ABOUT, WAV, TURNS, CONTROLS])
    info = sf.info(tmp_path / WAV)
    assert (info.channels, info.samplerate, info.subtype, info.frames) == (2, RATE, "PCM_16", 160)
    assert json.loads((tmp_path / TURNS).read_text(encoding="utf-8"))["assistant_text"] == "Hello!"


def test_what_is_told_later_is_kept_too(tmp_path: Path) -> None:
    with Recorder(tmp_path, RATE, {"profile": "tiny"}) as recorder:
        assert json.loads((tmp_path / ABOUT).read_text(encoding="utf-8")) == {
            "sample_rate": RATE,
            "profile": "tiny",
        }
        recorder.tell(lost_blocks=2)
    assert read_session(tmp_path).about == {
        "sample_rate": RATE,
        "profile": "tiny",
        "lost_blocks": 2,
    }


def test_turns_are_on_disk_at_once(tmp_path: Path) -> None:
    with Recorder(tmp_path, RATE, {}) as recorder:
        recorder.turn(ConversationTurn(user_text="hi"))
        assert json.loads((tmp_path / TURNS).read_text(encoding="utf-8"))["user_text"] == "hi"


def test_too_loud_is_clipped_not_wrapped(tmp_path: Path) -> None:
    loud = np.array([1.5, -1.5, 1.0, -1.0], dtype=np.float32)
    with Recorder(tmp_path, RATE, {}) as recorder:
        recorder.block(loud, np.zeros(4, dtype=np.float32))
    session = read_session(tmp_path)
    np.testing.assert_allclose(session.microphone, [1, -1, 1, -1], atol=2 * STEP)
    assert not session.loudspeaker.any()


def test_what_is_kept_once_is_kept_exactly(tmp_path: Path) -> None:
    loud = to_int16(2 * noise(4800, 3)).astype(np.float32) / np.float32(32768)
    with Recorder(tmp_path, RATE, {}) as recorder:
        recorder.block(loud, loud)
    np.testing.assert_array_equal(read_session(tmp_path).microphone, loud)


def test_an_empty_session_is_one_too(tmp_path: Path) -> None:
    with Recorder(tmp_path, RATE, {}):
        pass
    session = read_session(tmp_path)
    assert (
        len(session.microphone) == len(session.loudspeaker) == 0
        and session.turns == [] == session.controls
    )
    assert session.about["sample_rate"] == RATE


def test_a_session_of_before_there_were_controls(tmp_path: Path) -> None:
    (recorded(tmp_path) / CONTROLS).unlink()
    assert read_session(tmp_path).controls == []


def test_files_are_closed_when_the_conversation_fails(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="card gone"), Recorder(tmp_path, RATE, {}) as recorder:
        recorder.block(noise(160, 1), noise(160, 2))
        raise RuntimeError("card gone")
    assert len(read_session(tmp_path).microphone) == 160


@pytest.mark.parametrize("taken", ["", WAV, TURNS, CONTROLS, ABOUT])
def test_a_place_that_cannot_be_written(taken: str, tmp_path: Path) -> None:
    folder = tmp_path / "session"
    if taken:
        (folder / taken).mkdir(parents=True)  # a folder where a file should be: refused to root too
    else:
        folder.write_text("a file", encoding="utf-8")
    with pytest.raises(OutputError, match="cannot record into"):
        Recorder(folder, RATE, {})


@pytest.mark.parametrize("missing", ["", WAV, TURNS, ABOUT])
def test_a_place_without_a_session(missing: str, tmp_path: Path) -> None:
    folder = tmp_path / "session"
    if missing:
        (recorded(folder) / missing).unlink()
    with pytest.raises(AudioInputError, match="holds no recorded session"):
        read_session(folder)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        (WAV, "no sound"),
        (ABOUT, "{"),
        (TURNS, "{]\n"),
        (CONTROLS, "[]\n"),
        (CONTROLS, '{"block": 3}\n'),
        (CONTROLS, '{"block": 3, "what": "dance"}\n'),
    ],
)
def test_a_broken_session(name: str, content: str, tmp_path: Path) -> None:
    (recorded(tmp_path) / name).write_text(content, encoding="utf-8")
    with pytest.raises(AudioInputError, match="holds no recorded session"):
        read_session(tmp_path)


def test_another_recording_is_no_session(tmp_path: Path) -> None:
    sf.write(recorded(tmp_path) / WAV, noise(160, 1), RATE)
    with pytest.raises(AudioInputError, match="stereo"):
        read_session(tmp_path)
    sf.write(tmp_path / WAV, np.zeros((160, 2)), 2 * RATE)
    with pytest.raises(AudioInputError, match="stereo"):
        read_session(tmp_path)


def test_a_second_session_never_overwrites_the_first(tmp_path: Path) -> None:
    first = recorded(tmp_path / "session")
    before = {path.name: path.read_bytes() for path in first.iterdir()}
    with pytest.raises(OutputError, match="holds a session already"):
        Recorder(first, RATE, {})
    assert next_free(first) == tmp_path / "session-2"
    recorded(next_free(first))
    assert (
        next_free(first) == tmp_path / "session-3"
        and next_free(tmp_path / "new") == tmp_path / "new"
    )
    assert {path.name: path.read_bytes() for path in first.iterdir()} == before


def test_a_session_without_sound_is_taken_away(tmp_path: Path) -> None:
    with Recorder(tmp_path / "empty", RATE, {}):
        pass
    forget_empty(tmp_path / "empty")
    assert not (tmp_path / "empty").exists()
    forget_empty(recorded(tmp_path / "session"))
    assert read_session(tmp_path / "session").turns
    forget_empty(tmp_path / "nowhere")


@pytest.mark.parametrize("seconds", [0.2, 3.0])
def test_a_full_disk_ends_the_recording_with_what_was_there(seconds: float, tmp_path: Path) -> None:
    """A file that may not grow: what a full disk does, without one."""
    bound = 96_000
    code = (
        "import resource, signal, sys; from pathlib import Path; import numpy as np\n"
        "from voice_local.conversation.record import ConversationTurn\n"
        "from voice_local.errors import OutputError\n"
        "from voice_local.local.recorder import Recorder\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        f"resource.setrlimit(resource.RLIMIT_FSIZE, ({bound}, {bound}))\n"
        "block = np.full(160, 0.5, np.float32)\n"
        f"with Recorder(Path(sys.argv[1]), {RATE}, {{}}) as recorder:\n"
        f"    for _ in range(int({seconds} * 100)):\n"
        "        try:\n"
        "            recorder.block(block, block)\n"
        "        except OutputError as error:\n"
        "            print(error.cause)\n"
        "            break\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, tmp_path / "session"],
        capture_output=True,
        text=True,
        check=True,
    )
    session = read_session(tmp_path / "session")
    if seconds < 1:
        assert done.stdout == "" and len(session.microphone) == seconds * RATE
    else:
        assert done.stdout.startswith(f"recording into {tmp_path / 'session'} has ended")
        assert (
            len(session.microphone) == pytest.approx(bound / 4, abs=200)
            and (session.microphone > 0.49).all()
        )


@pytest.mark.parametrize(
    "about",
    ["[]", "null", "[" * 100_000, '{"sample_rate": 16000, "began": "soon"}', '{"block_ms": -5}'],
)
def test_a_description_that_is_none(about: str, tmp_path: Path) -> None:
    folder = recorded(tmp_path / "session")
    (folder / ABOUT).write_text(about)
    with pytest.raises(AudioInputError, match="no recorded session"):
        read_session(folder)


def test_a_last_line_that_was_cut_costs_only_itself(tmp_path: Path) -> None:
    folder = recorded(tmp_path / "session")
    whole = read_session(folder).turns
    with (folder / TURNS).open("a") as file:
        file.write('{"user_text": "and th')
    assert read_session(folder).turns == whole != []

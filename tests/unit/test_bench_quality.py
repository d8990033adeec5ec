"""The quality benchmarks' arithmetic, and the folders and tables they read."""

from __future__ import annotations

import json
import socket
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf
from sklearn.metrics import f1_score

from voice_local.bench import (
    calibration,
    classification,
    emotion,
    intent,
    intent_sets,
    invented_words,
    labelled_rows,
    recognizer,
    transcripts,
    wer_figures,
)
from voice_local.bench.classification import Decision
from voice_local.bench.labelled_rows import Row
from voice_local.bench.normalize import (
    Errors,
    count,
    whisper_english,
)
from voice_local.bench.schema import Section
from voice_local.errors import (
    AudioInputError,
    TextInputError,
    VoiceLocalError,
)
from voice_local.stages.classify.distilbert import OUT_OF_SCOPE

pytestmark = pytest.mark.unit
RATE = 16_000


def sound(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    sf.write(path, np.zeros(RATE // 10, dtype=np.float32), RATE)
    return path


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def told(rows: Sequence[transcripts.Utterance]) -> list[tuple[str, str, str, str]]:
    return [(row.audio.name, row.text, row.speaker, row.noise) for row in rows]


def test_librispeech(tmp_path: Path) -> None:
    for name in ("84-121-0000", "84-121-0001"):
        sound(tmp_path / "84" / "121" / f"{name}.flac")
    write(tmp_path / "84" / "121" / "84-121.trans.txt", "84-121-0000 GO ON\n84-121-0001 STOP\n")
    rows = [("84-121-0000.flac", "GO ON", "84", ""), ("84-121-0001.flac", "STOP", "84", "")]
    assert told(transcripts.read(tmp_path)) == rows
    assert told(transcripts.read(tmp_path / "84" / "121" / "84-121.trans.txt")) == rows


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("any.tsv", "a.wav\thello there\nb\t\n"),
        ("any.tsv", "\ufeffpath\tsentence\r\na.wav\thello there\r\nb.wav\t\r\n"),
        ("any.csv", 'text,file\n"hello there",a.wav\n,b.wav\n'),
        (
            "any.jsonl",
            '{"audio": "sub/a.wav", "text": "hello there"}\n\n{"path": "b.wav", "text": ""}\n',
        ),
    ],
)
def test_tables(tmp_path: Path, name: str, text: str) -> None:
    sound(tmp_path / "sub" / "a.wav")
    sound(tmp_path / "b.wav")
    write(tmp_path / name, text)
    assert told(transcripts.read(tmp_path)) == [
        ("a.wav", "hello there", "sub", ""),
        ("b.wav", "", tmp_path.name, ""),
    ]


def test_speaker_and_noise_columns(tmp_path: Path) -> None:
    sound(tmp_path / "clips" / "a.wav")
    write(tmp_path / "t.tsv", "client_id\tpath\tsentence\tsnr_db\nanna\ta.wav\thello\t20\n")
    assert told(transcripts.read(tmp_path)) == [("a.wav", "hello", "anna", "20")]


def test_texts_beside_the_recordings(tmp_path: Path) -> None:
    sound(tmp_path / "a.wav")
    write(tmp_path / "a.txt", "good morning\n")
    assert told(transcripts.read(tmp_path)) == [("a.wav", "good morning", "", "")]


def test_the_table_called_transcripts_is_meant(tmp_path: Path) -> None:
    sound(tmp_path / "a.wav")
    write(tmp_path / "hypotheses.tsv", "a\twrong\n")
    write(tmp_path / "transcripts.tsv", "a\tright\n")
    assert told(transcripts.read(tmp_path)) == [("a.wav", "right", "", "")]


@pytest.mark.parametrize(
    ("files", "error", "words"),
    [
        ({}, AudioInputError, "no recordings with transcripts"),
        ({"t.tsv": "gone\thello\n"}, AudioInputError, "t.tsv:1: no recording 'gone'"),
        ({"t.tsv": "a.wav\thello\na.wav only\n"}, TextInputError, "t.tsv:2: 1 columns"),
        ({"t.tsv": "path\tsentence\na.wav\n"}, TextInputError, "t.tsv:2: 1 columns"),
        (
            {"t.jsonl": '{"audio": "a.wav", "text": "x"}\n["a.wav"]\n'},
            TextInputError,
            "t.jsonl:2: no JSON object",
        ),
        ({"t.jsonl": '{"audio": "a.wav"}\n'}, TextInputError, "t.jsonl:1: a text is missing"),
        ({"t.jsonl": '{"text": "x"}\n'}, TextInputError, "t.jsonl:1: a recording is missing"),
        ({"t.csv": 'file,text\na.wav,"x\n'}, TextInputError, "t.csv:2"),
        ({"t.tsv": "a\tx\n", "u.tsv": "a\ty\n"}, TextInputError, "2 tables"),
        ({"t.tsv": "same\tx\n"}, TextInputError, "could be"),
    ],
)
def test_broken_folders(
    tmp_path: Path, files: dict[str, str], error: type[VoiceLocalError], words: str
) -> None:
    for name in ("a.wav", "x/same.wav", "y/same.wav"):
        sound(tmp_path / name)
    for name, text in files.items():
        write(tmp_path / name, text)
    with pytest.raises(error, match=words) as caught:
        transcripts.read(tmp_path)
    assert "\n" not in caught.value.cause and caught.value.remedy


def test_no_folder_and_no_text(tmp_path: Path) -> None:
    with pytest.raises(AudioInputError, match="does not exist"):
        transcripts.read(tmp_path / "gone")
    (tmp_path / "t.tsv").write_bytes(b"a\t\xff\xfe\n")
    with pytest.raises(TextInputError, match="UnicodeDecodeError"):
        transcripts.read(tmp_path)
    with pytest.raises(TextInputError, match="no table"):
        transcripts.read(sound(tmp_path / "a.wav"))


def test_normalizer(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("the normalizer opened a socket")

    monkeypatch.setattr(socket, "socket", refuse)
    normal = whisper_english()
    assert (
        normal("Mr. Smith won't pay TWENTY pounds, um, for the colour!")
        == "mister smith will not pay £20 for the color"
    )
    assert normal("order a b one two three four") == "order a b 1234"
    assert normal(" uh ") == ""


def test_errors_are_counted() -> None:
    assert count("", "two words") == Errors(0, 0, 0, 0, 2, 0, 9)
    assert count("a b c", "a b c") == Errors(3, 5, 0, 0, 0, 0, 0)
    assert count("zero", "") == Errors(1, 4, 0, 1, 0, 0, 4), "nothing right beside it: no lost word"
    found = count("the big red dog ran home", "the red cat ran right home")
    assert (found.words, found.substitutions, found.deletions, found.insertions, found.lost) == (
        6,
        1,
        1,
        1,
        1,
    )
    assert found.all == 3


def heard(truth: str, text: str) -> recognizer.Recognized:
    said = recognizer.Sample("x", truth, "anna", "none", lambda: np.zeros(0, dtype=np.float32))
    errors = count(truth, text)
    return recognizer.Recognized(said, text, errors, errors, 2.0, 0.5)


def test_lost_words_are_told_from_misheard_ones() -> None:
    truth = "one two three four five six seven eight nine ten"
    lost = heard(truth, truth.replace("four ", ""))
    misheard = heard(truth, truth.replace("four five", "for fife"))
    assert "deletions are 10.0%" in wer_figures.lost_words([lost] * 10)[0]
    assert wer_figures.lost_words([misheard] * 10) == [] == wer_figures.lost_words([])
    assert wer_figures.lost_words([lost] + [heard(truth, truth)] * 9) == []
    figures = {row.name: row.value for row in wer_figures.figures([lost, misheard], "real.x.")}
    assert (
        figures["real.x.wer"] == 0.15
        and figures["real.x.deletions"] == 0.05
        and figures["real.x.rtf"] == 0.25
    )


def test_wordless_sounds() -> None:
    sounds = invented_words.wordless_sounds()
    assert {len(audio) for audio in sounds.values()} == {10 * RATE}
    assert all(np.isfinite(audio).all() and np.abs(audio).max() <= 1 for audio in sounds.values())
    assert not sounds["digital silence"].any()


def test_macro_f1_is_scikit_learns() -> None:
    rng = np.random.default_rng(2)
    for _ in range(20):
        truth, guess = rng.integers(0, 6, 200), rng.integers(-1, 6, 200)
        wanted = f1_score(truth, guess, labels=list(range(6)), average="macro", zero_division=0)
        assert classification.macro_f1(truth, guess, 6) == pytest.approx(wanted)


def test_calibration_error() -> None:
    confidence, right = np.array([0.9, 0.9, 0.6, 0.6]), np.array([1.0, 0.0, 1.0, 1.0])
    assert calibration.calibration_error(confidence, right) == pytest.approx(
        (2 * 0.4 + 2 * 0.4) / 4
    )
    assert calibration.calibration_error(confidence, right, 2, adaptive=True) == pytest.approx(0.4)
    assert calibration.calibration_error(np.array([]), np.array([])) == 0
    rng = np.random.default_rng(3)
    confidence = rng.random(200_000)
    for adaptive in (False, True):
        right = (rng.random(len(confidence)) < confidence).astype(float)
        assert calibration.calibration_error(confidence, right, adaptive=adaptive) < 0.01
    bins = calibration.reliability(np.array([0.0, 1 / 15, 1.0]), np.ones(3))
    assert [(part.rows, round(part.confidence, 3)) for part in bins] == [(2, 0.033), (1, 1.0)], (
        "right-closed"
    )


def test_recall_at_precision() -> None:
    positive = np.array([1, 1, 1, 0, 1, 0, 0, 0])
    scores = np.array([0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2])
    assert classification.recall_at_precision(scores, positive, 0.9) == 0.75
    assert classification.recall_at_precision(scores, positive, 0.8) == 1.0
    assert classification.recall_at_precision(-scores, positive, 0.9) == 0.0
    together = np.array([0.9, 0.8, 0.6, 0.6, 0.5, 0.4, 0.3, 0.2])
    assert classification.recall_at_precision(together, positive, 0.9) == 0.5, (
        "rows of one score stand or fall together"
    )
    assert classification.recall_at_precision(np.array([]), np.array([]), 0.9) == 0.0


def decided(truth: str, label: str, confidence: float) -> Decision:
    return Decision(Row("x", truth), label, confidence, 1.0)


def test_out_of_scope_at_a_fixed_precision() -> None:
    decisions = [
        decided(OUT_OF_SCOPE, OUT_OF_SCOPE, 0.2),
        decided(OUT_OF_SCOPE, OUT_OF_SCOPE, 0.9),
        decided(OUT_OF_SCOPE, "music", 0.4),
        decided(OUT_OF_SCOPE, "music", 0.8),
        decided("music", "music", 0.6),
        decided("music", "music", 0.95),
    ]
    found = {row.name: row.value for row in intent.out_of_scope(decisions, 0.35)}
    assert found["out_of_scope.recall"] == 0.5 and found["out_of_scope.precision"] == 1.0
    assert found["out_of_scope.recall_at_90_precision"] == 0.75, (
        "all above the surest row that is in scope, and no more"
    )
    assert intent.out_of_scope(decisions[4:], 0.35) == []


def test_labels_taken_for_others() -> None:
    status, right = decided("status", "complaint", 0.9), decided("music", "music", 0.9)
    wrong = decided("music", "stop", 0.9)
    rows = [status] * 7 + [wrong] * 4 + [right] * 3
    assert classification.mistaken(rows) == [
        "music is mostly called stop (4 of 7)",
        "every status is called complaint (7 of 7)",
    ]
    assert classification.mistaken(rows[:2]) == [], "too few"
    assert classification.mistaken([decided("a", label, 0.9) for label in "abcabc"]) == []


def test_csv(tmp_path: Path) -> None:
    path = write(
        tmp_path / "rows.csv", 'id,Label,text\n1,music,"play it, please"\n\n2,oos,what is pi\n'
    )
    assert labelled_rows.read_csv(path) == [
        Row("play it, please", "music"),
        Row("what is pi", "oos"),
    ]
    section = Section("intent")
    assert len(labelled_rows.keep_known(labelled_rows.read_csv(path), {"music"}, section)) == 1
    assert not section.reason and section.detail["unknown_labels"] == {"oos": 1}
    assert labelled_rows.keep_known(labelled_rows.read_csv(path), {"other"}, section) == []
    assert section.status == "skipped" and "2 of 2 rows" in section.reason


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no rows"),
        ("text,label\n", "no rows"),
        ("words,label\nx,y\n", "no columns text and label"),
        ("text,label\nx,\n", "rows.csv:2: the label is missing"),
        ("text,label\nx\n", "rows.csv:2: the label is missing"),
        ("text,label\n ,y\n", "rows.csv:2: the text is missing"),
        ('text,label\n"x,y\n', "rows.csv:2"),
    ],
)
def test_broken_csv(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(TextInputError, match=words) as caught:
        labelled_rows.read_csv(write(tmp_path / "rows.csv", text))
    assert "\n" not in caught.value.cause
    with pytest.raises(TextInputError, match="cannot be read"):
        labelled_rows.read_csv(tmp_path / "gone.csv")


def test_public_sets(tmp_path: Path) -> None:
    assert (
        intent_sets.clinc(tmp_path)
        == intent_sets.hwu64(tmp_path)
        == emotion.goemotions(tmp_path)
        == []
    )
    clinc = {
        "train": [["a", "yes"]],
        "oos_train": [["b", "oos"]],
        "val": [["c", "yes"]],
        "oos_val": [["d", "oos"]],
    }
    write(tmp_path / "clinc_oos" / "train_val.json", json.dumps(clinc))
    assert intent_sets.clinc(tmp_path) == [Row("d", OUT_OF_SCOPE), Row("c", "yes")]
    write(
        tmp_path / "hwu64" / "trainset" / "play_music.csv",
        'answerid;answer_from_anno\n1;"play it"\n',
    )
    assert intent_sets.hwu64(tmp_path) == [Row("play it", "play_music")]
    write(tmp_path / "goemotions" / "ekman" / "labels.txt", "anger\njoy\n")
    write(tmp_path / "goemotions" / "ekman" / "dev.tsv", "hurrah\t1\tid\nboth\t0,1\tid\n")
    assert emotion.goemotions(tmp_path) == [Row("hurrah", "joy")]
    assert (
        intent_sets.meaning("yes", {"affirm"}) == "affirm"
        and intent_sets.meaning("yes", {"affirm", "yes"}) == "yes"
    )
    assert (
        intent_sets.meaning("yes", {"music"}) is None is intent_sets.meaning("nonsense", {"music"})
    )


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("clinc_oos/train_val.json", "[]"),
        ("clinc_oos/train_val.json", '{"val": [["a"]]}'),
        ("hwu64/trainset/x.csv", "a;b\n1;2\n"),
        ("goemotions/ekman/dev.tsv", "hurrah\t9\n"),
        ("goemotions/ekman/dev.tsv", "hurrah\n"),
    ],
)
def test_broken_public_sets(tmp_path: Path, name: str, text: str) -> None:
    write(tmp_path / "goemotions" / "ekman" / "labels.txt", "anger\njoy\n")
    write(tmp_path / name, text)
    with pytest.raises(TextInputError, match="form"):
        [*intent_sets.clinc(tmp_path), *intent_sets.hwu64(tmp_path), *emotion.goemotions(tmp_path)]

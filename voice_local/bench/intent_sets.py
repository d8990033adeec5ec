"""Public sets of intents, and which of their labels mean one of the model's."""

from __future__ import annotations

import csv
import json
from pathlib import Path

from voice_local.bench.labelled_rows import Row
from voice_local.errors import TextInputError
from voice_local.stages.classify.distilbert import OUT_OF_SCOPE

# Public labels that mean what one of the embedded model's does, by that one. A model that knows the
# public label is asked for that instead.
SAME_MEANING = {
    label: ours
    for ours, labels in {
        "affirm": "yes",
        "booking": "restaurant_reservation book_hotel",
        "check_order_status": "order_status",
        "command": "change_speed change_accent whisper_mode",
        "deny": "no",
        "explain": "definition qa_definition",
        "farewell": "goodbye",
        "billing": "bill_balance bill_due pay_bill",
        "repeat": "general_repeat",
        "home_control": "smart_home iot_hue_lightchange iot_hue_lightdim iot_hue_lightoff "
        "iot_hue_lighton iot_hue_lightup "
        "iot_wemo_off iot_wemo_on",
        "music": "play_music next_song what_song play_radio audio_volume_up audio_volume_down",
        "shopping_list": "shopping_list_update",
        "small_talk": "tell_joke fun_fact general_joke",
        "stop": "general_commandstop",
        "timer_reminder": "alarm timer reminder reminder_update alarm_set alarm_query alarm_remove",
    }.items()
    for label in labels.split()
}


def meaning(label: str, known: set[str]) -> str | None:
    """The model's label for a public one; None if it has none."""
    ours = label if label in known else SAME_MEANING.get(label)
    return ours if ours in known else None


def clinc(data: Path) -> list[Row]:
    """CLINC150 (Larson et al. 2019), without its training parts, which models may have been trained
    on; none without it.

    Raises:
        TextInputError: the file is of another form.
    """
    path = data / "clinc_oos" / "train_val.json"
    if not path.is_file():
        return []
    try:
        splits = json.loads(path.read_text(encoding="utf-8"))
        return [
            Row(text, OUT_OF_SCOPE if label == "oos" else label)
            for split, rows in sorted(splits.items())
            if "train" not in split
            for text, label in rows
        ]
    except (OSError, ValueError, AttributeError, TypeError) as error:
        raise TextInputError(
            f"{path} is not CLINC150's form ({type(error).__name__})", "get it again"
        ) from None


def hwu64(data: Path) -> list[Row]:
    """HWU64 (Liu et al. 2019), the training part, which the embedded model has seen; none without
    it.

    Raises:
        TextInputError: a file is of another form.
    """
    rows = []
    for path in sorted((data / "hwu64" / "trainset").glob("*.csv")):
        try:
            with path.open(encoding="utf-8", newline="") as file:
                rows += [
                    Row(row["answer_from_anno"], path.stem)
                    for row in csv.DictReader(file, delimiter=";")
                    if row["answer_from_anno"]
                ]
        except (OSError, ValueError, KeyError, csv.Error) as error:
            raise TextInputError(
                f"{path} is not HWU64's form ({type(error).__name__})", "get it again"
            ) from None
    return rows

"""Adds an output to the shipped understanding: whether an utterance asks for what nothing here can
do or know.

`python -m scripts.train.understanding_beyond --data-dir DIR`. The encoder stays as it is: a small
head is trained on its features and written into the same ONNX file as the output `beyond`, one
logit a kind. It learns from `world/beyond.tsv` and `world/dangers_told.tsv`, from CLINC150's and
HWU64's sentences by the map below, and from GoEmotions' remarks, which ask for nothing. It trains
in about a minute on two cores.
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from tokenizers import Tokenizer
from torch import nn

from scripts.train import common
from scripts.train.ears_data import public_labelled
from scripts.train.understanding_data import emotions
from voice_local.bench.public import kept_apart
from voice_local.models.folder import (
    read_manifest,
    write_manifest,
)
from voice_local.stages.classify.understanding import (
    BEYOND,
    NAME,
    NOTHING,
)
from voice_local.stages.onnx_session import make_session
from voice_local.text.plain import plain

FEATURES = "/Concat_1_output_0"
"""What the other heads read, in the graph."""
OUTPUT = "beyond"
HIDDEN, BATCH = 96, 32
OWN = tuple(Path(__file__).parent / "world" / name for name in ("beyond.tsv", "dangers_told.tsv"))
FOLDER = Path("models/small/understanding")
REMARKS = 3000
OWN_WEIGHT = 4.0
"""How much more a sentence of our own counts than one of a public set."""
TOPICS = 0.15
"""Share of sentences that are read with a topic beside them, as the conversation does it."""

MAPPED = {
    "live": "clinc:weather clinc:traffic clinc:exchange_rate clinc:flight_status "
    "clinc:current_location clinc:directions clinc:restaurant_reviews clinc:restaurant_suggestion "
    "clinc:how_busy clinc:travel_alert hwu:weather_query hwu:news_query hwu:qa_stock "
    "hwu:qa_currency hwu:transport_traffic hwu:transport_query hwu:recommendation_events "
    "hwu:recommendation_locations hwu:takeaway_query",
    "private": "clinc:balance clinc:transactions clinc:spending_history clinc:bill_balance "
    "clinc:bill_due clinc:credit_score clinc:credit_limit clinc:income clinc:payday "
    "clinc:pto_balance clinc:pto_used clinc:pto_request_status clinc:rewards_balance "
    "clinc:application_status clinc:min_payment clinc:calendar clinc:meeting_schedule "
    "clinc:last_maintenance hwu:email_query hwu:email_querycontact hwu:calendar_query "
    "hwu:social_query",
    "contact": "clinc:make_call clinc:text clinc:share_location hwu:email_sendemail "
    "hwu:social_post",
    "home": "clinc:smart_home hwu:iot_cleaning hwu:iot_coffee hwu:iot_hue_lightchange "
    "hwu:iot_hue_lightdim hwu:iot_hue_lightoff hwu:iot_hue_lighton hwu:iot_hue_lightup "
    "hwu:iot_wemo_off hwu:iot_wemo_on",
    "media": "clinc:play_music clinc:update_playlist clinc:next_song hwu:play_audiobook "
    "hwu:play_music hwu:play_podcasts hwu:play_radio hwu:music_query",
    "book": "clinc:book_flight clinc:book_hotel clinc:car_rental clinc:restaurant_reservation "
    "clinc:cancel_reservation clinc:schedule_meeting clinc:schedule_maintenance clinc:uber "
    "clinc:calendar_update clinc:pto_request hwu:calendar_set hwu:calendar_remove "
    "hwu:transport_taxi hwu:transport_ticket",
    "buy": "clinc:order clinc:pay_bill clinc:transfer hwu:takeaway_order",
    "list": "clinc:shopping_list_update clinc:todo_list_update clinc:shopping_list clinc:todo_list "
    "hwu:lists_createoradd hwu:lists_query hwu:lists_remove",
    "hands": "clinc:find_phone",
    NOTHING: "clinc:calories clinc:nutrition_info clinc:recipe clinc:definition clinc:spelling "
    "clinc:calculator clinc:measurement_conversion clinc:fun_fact clinc:tell_joke clinc:flip_coin "
    "clinc:roll_dice clinc:cook_time clinc:ingredient_substitution clinc:ingredients_list "
    "clinc:food_last clinc:meal_suggestion clinc:vaccines clinc:international_visa clinc:plug_type "
    "clinc:how_old_are_you clinc:are_you_a_bot clinc:meaning_of_life clinc:improve_credit_score "
    "clinc:rollover_401k clinc:taxes clinc:jump_start clinc:tire_change clinc:oil_change_how "
    "clinc:date clinc:time clinc:timer clinc:alarm clinc:reminder clinc:translate clinc:repeat "
    "clinc:thank_you clinc:greeting clinc:goodbye clinc:yes clinc:no clinc:maybe clinc:cancel "
    "clinc:what_are_your_hobbies clinc:what_can_i_ask_you clinc:what_is_your_name "
    "clinc:where_are_you_from clinc:who_do_you_work_for clinc:who_made_you clinc:do_you_have_pets "
    "clinc:travel_suggestion clinc:change_user_name clinc:change_ai_name clinc:change_speed "
    "clinc:change_volume clinc:order_status hwu:qa_definition hwu:qa_factoid hwu:qa_maths "
    "hwu:general_joke hwu:general_affirm hwu:general_confirm hwu:general_explain "
    "hwu:general_negate hwu:general_praise hwu:general_repeat hwu:general_dontcare "
    "hwu:general_commandstop hwu:cooking_recipe hwu:datetime_convert hwu:datetime_query "
    "hwu:alarm_query hwu:alarm_remove hwu:alarm_set hwu:play_game",
}
"""Public labels by kind; those that stand nowhere are not learnt from."""


def rows(data_dir: Path) -> tuple[list[tuple[str, str, float]], list[tuple[str, str, float]]]:
    """(text, kind, weight) to learn from, and kept apart."""
    kind_of = {label: kind for kind, labels in MAPPED.items() for label in labels.split()}
    found = [
        (plain(text), kind_of[label], 1.0)
        for text, label in public_labelled(data_dir)
        if label in kind_of
    ]
    remarks = [plain(text) for text, _ in emotions(data_dir, "train")]
    random.Random(5).shuffle(remarks)
    found += [(text, NOTHING, 1.0) for text in remarks[:REMARKS]]
    for line in (line for path in OWN for line in path.read_text(encoding="utf-8").splitlines()):
        kind, _, text = line.partition("\t")
        found.append((plain(text), kind, OWN_WEIGHT))
    measured_on = common.HeldOut()
    learnt = [
        row for row in found if row[0] and not kept_apart(row[0]) and not measured_on.near(row[0])
    ]
    return learnt, [row for row in found if row[0] and kept_apart(row[0])]


def features(folder: Path, texts: list[str], topics: list[str | None]) -> npt.NDArray[np.float32]:
    """(texts, width) of the shipped int8 encoder."""
    model = onnx.load(str(folder / f"{NAME}.onnx"))
    if FEATURES not in [one.name for one in model.graph.output]:
        model.graph.output.append(helper.make_tensor_value_info(FEATURES, TensorProto.FLOAT, None))
    about = json.loads((folder / f"{NAME}.json").read_text(encoding="utf-8"))
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()  # its file says 128 tokens, whatever the text
    tokenizer.enable_truncation(int(about["max_tokens"]))
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "with_features.onnx"
        onnx.save(model, str(path))
        session = make_session(path, 2)
    rows = [
        tokenizer.encode(text, topic) if topic else tokenizer.encode(text)
        for text, topic in zip(texts, topics, strict=True)
    ]
    order = sorted(range(len(rows)), key=lambda index: len(rows[index].ids))
    found = np.zeros((len(rows), 0), np.float32)
    for start in range(0, len(order), BATCH):
        part = order[start : start + BATCH]
        longest = len(rows[part[-1]].ids)
        ids, mask = (
            np.array(
                [
                    getattr(rows[index], name) + [0] * (longest - len(rows[index].ids))
                    for index in part
                ],
                np.int64,
            )
            for name in ("ids", "attention_mask")
        )
        told = np.asarray(session.run([FEATURES], {"input_ids": ids, "attention_mask": mask})[0])
        if not found.shape[1]:
            found = np.zeros((len(rows), told.shape[1]), np.float32)
        found[part] = told
        if start // BATCH % 100 == 0:
            print(f"read {start} of {len(texts)}", flush=True)
    return found


class Head(nn.Module):
    """(batch, width) → (batch, kinds)."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.first, self.second = nn.Linear(width, HIDDEN), nn.Linear(HIDDEN, len(BEYOND))
        self.drop = nn.Dropout(0.3)

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        return self.second(self.drop(torch.relu(self.first(inputs))))  # type: ignore[no-any-return]


def fit(inputs: torch.Tensor, wanted: torch.Tensor, weights: torch.Tensor, seed: int) -> Head:
    """Trains a head with AdamW on shuffled batches."""
    torch.manual_seed(seed)
    head = Head(inputs.shape[1])
    epochs, batch = 30, 128
    optimizer = torch.optim.AdamW(head.parameters(), lr=1e-3, weight_decay=0.05)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, epochs)
    for _ in range(epochs):
        head.train()
        for part in torch.randperm(len(inputs)).split(batch):
            losses = nn.functional.cross_entropy(
                head(inputs[part]), wanted[part], reduction="none", label_smoothing=0.02
            )
            loss = (losses * weights[part]).sum() / weights[part].sum()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        schedule.step()
    return head.eval()


def write(folder: Path, head: Head) -> None:
    """Puts the head into the graph, in the place of an older one; weights as float16, computed in
    float32."""
    path = folder / f"{NAME}.onnx"
    model = onnx.load(str(path))
    graph = model.graph
    parts: tuple[Any, ...] = (graph.node, graph.initializer, graph.output)
    for kept in parts:
        whole = [one for one in kept if not one.name.startswith(OUTPUT)]
        del kept[:]
        kept.extend(whole)
    at = FEATURES
    for name, layer in (("first", head.first), ("second", head.second)):
        weight, bias = (value.detach().numpy() for value in (layer.weight.T, layer.bias))
        graph.initializer.append(
            numpy_helper.from_array(weight.astype(np.float16), f"{OUTPUT}_{name}_weight")
        )
        graph.initializer.append(
            numpy_helper.from_array(bias.astype(np.float32), f"{OUTPUT}_{name}_bias")
        )
        last = name == "second"
        told = OUTPUT if last else f"{OUTPUT}_{name}_relu"
        graph.node.extend(
            [
                helper.make_node(
                    "Cast",
                    [f"{OUTPUT}_{name}_weight"],
                    [f"{OUTPUT}_{name}_wide"],
                    f"{OUTPUT}_{name}_cast",
                    to=TensorProto.FLOAT,
                ),
                helper.make_node(
                    "MatMul",
                    [at, f"{OUTPUT}_{name}_wide"],
                    [f"{OUTPUT}_{name}_product"],
                    f"{OUTPUT}_{name}_matmul",
                ),
                helper.make_node(
                    "Add",
                    [f"{OUTPUT}_{name}_product", f"{OUTPUT}_{name}_bias"],
                    [OUTPUT if last else f"{OUTPUT}_{name}_sum"],
                    f"{OUTPUT}_{name}_add",
                ),
            ]
        )
        if not last:
            graph.node.append(
                helper.make_node("Relu", [f"{OUTPUT}_{name}_sum"], [told], f"{OUTPUT}_{name}_max")
            )
        at = told
    graph.output.append(
        helper.make_tensor_value_info(OUTPUT, TensorProto.FLOAT, ["batch", len(BEYOND)])
    )
    onnx.checker.check_model(model)
    onnx.save(model, str(path))


def measured(
    head: Head, inputs: torch.Tensor, kept: list[tuple[str, str, float]], heat: float
) -> dict[str, Any]:
    """What the head tells of sentences kept apart, at some limits of its surety."""
    with torch.no_grad():
        chances = torch.softmax(head(inputs) / heat, 1).numpy()
    nothing = BEYOND.index(NOTHING)
    is_none = np.array([kind == NOTHING for _, kind, _ in kept])
    right = np.array(
        [BEYOND[index] == kind for index, (_, kind, _) in zip(chances.argmax(1), kept, strict=True)]
    )
    told: dict[str, Any] = {"rows": len(kept), "accuracy": round(float(right.mean()), 4)}
    for limit in (0.5, 0.7, 0.8, 0.9):
        beyond = (1 - chances[:, nothing]) >= limit
        told[f"beyond_at_{limit}"] = {
            "caught": round(float(beyond[~is_none].mean()), 4),
            "invented": round(float(beyond[is_none].mean()), 4),
        }
    return told


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data-dir", type=Path, required=True)
    parser.add_argument("--folder", type=Path, default=FOLDER)
    parser.add_argument("--seed", type=int, default=7)
    args = parser.parse_args()
    learnt, kept = rows(args.data_dir)
    about = json.loads((args.folder / f"{NAME}.json").read_text(encoding="utf-8"))
    draw = random.Random(args.seed)
    names = [label.replace("_", " ") for label in about["labels"]]
    topics = [draw.choice(names) if draw.random() < TOPICS else None for _ in learnt]
    inputs = torch.from_numpy(features(args.folder, [text for text, _, _ in learnt], topics))
    held = torch.from_numpy(
        features(args.folder, [text for text, _, _ in kept], [None] * len(kept))
    )
    wanted = torch.tensor([BEYOND.index(kind) for _, kind, _ in learnt])
    weights = torch.tensor([weight for _, _, weight in learnt])
    head = fit(inputs, wanted, weights, args.seed)
    own = [index for index, row in enumerate(kept) if row[2] == OWN_WEIGHT]
    figures = {
        "public_and_own": measured(head, held, kept, 1.0),
        "own": measured(head, held[own], [kept[index] for index in own], 1.0),
    }
    print(json.dumps(figures, indent=1))
    write(args.folder, head)
    about["beyond"], about["beyond_development"] = list(BEYOND), figures
    common.write_json(args.folder / f"{NAME}.json", about)
    write_manifest(args.folder.parent, read_manifest(args.folder.parent).models)


if __name__ == "__main__":
    main()

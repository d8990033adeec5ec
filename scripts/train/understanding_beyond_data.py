"""Sentences that the head `beyond` learns from: requests for what nothing here can do, by kind.

They come from `world/beyond.tsv` and `world/dangers_told.tsv`, from CLINC150 and HWU64 by the map
below, and from GoEmotions, whose remarks ask for nothing.
"""

from __future__ import annotations

import random
from pathlib import Path

from scripts.train import common
from scripts.train.ears_data import public_labelled
from scripts.train.understanding_data import emotions
from voice_local.bench.public import kept_apart
from voice_local.stages.classify.understanding import NOTHING
from voice_local.text.plain import plain

OWN = tuple(Path(__file__).parent / "world" / name for name in ("beyond.tsv", "dangers_told.tsv"))
REMARKS = 3000
"""Number of remarks from GoEmotions."""

OWN_WEIGHT = 4.0
"""The weight of a sentence of our own, where one of a public set has 1."""

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

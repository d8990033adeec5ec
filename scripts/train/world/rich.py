"""More values for the world's slots than the tiny world's words: for models that know the whole
language."""

from __future__ import annotations

import random

LISTS: dict[str, list[str]] = {
    name: text.split("|")
    for name, text in {
        "item": "espresso machine|garden chair|drone|yoga mat|running shoes|backpack|suitcase|"
        "lawn mower|blender|air fryer|vacuum|sofa|bookshelf|rug|curtains|pillow|wedding dress|"
        "tuxedo|sneakers|sandals|boots|raincoat|scarf|gloves|earrings|necklace|bracelet|sunglasses|"
        "perfume|guitar|violin|puzzle|board game|video game|console|e reader|smart watch|"
        "fitness tracker|toothbrush|hair dryer|coffee grinder|knife set|frying pan|kettle|toaster|"
        "dinner set|vase|mirror|crib|stroller|car seat|bike helmet|bicycle|tent|sleeping bag|"
        "hammock|grill|power drill|ladder|paint|light bulbs|hard drive|graphics card|webcam|"
        "microphone|projector|phone case|screen protector|cable|dog bed|aquarium|bird cage|"
        "fountain pen|notebook|calendar|poster|candles|christmas lights|birthday cake|flowers|"
        "wine glasses|vitamins|leather jacket|jeans|hoodie|swimsuit|socks|belt|wallet|handbag|"
        "umbrella|cushion|freezer|washing machine",
        "device": "scanner|modem|smart tv|soundbar|game console|tablet pen|webcam|microphone|"
        "earbuds|smart watch|thermostat|doorbell|dishwasher|washing machine|dryer|robot vacuum|"
        "projector|hard drive|desktop|macbook|iphone|android phone|kindle|hearing aid|"
        "navigation system|bluetooth speaker|mobile app|website|browser|email account|"
        "online banking|vpn|video call|touch screen|touchpad|usb stick|landline|fax machine|"
        "smart lock|air conditioner|microwave|freezer",
        "body": "wrist|hip|jaw|rib|toe|thumb|elbow|calf|thigh|left shoulder|upper back|big toe|"
        "lower belly|gums|nose|eyelid",
        "ill": "flu|migraine|sinus infection|rash on my arm|stiff neck|upset stomach|cramps|"
        "diarrhea|dizzy spell|ear infection|itchy skin|hay fever|runny nose|nausea|swollen ankle|"
        "blister|burning feeling when i pee|heartburn|insomnia",
        "name": "olivia|noah|emma|liam|amara|mateo|fatima|yuki|priya|chen|omar|ingrid|pierre|aisha|"
        "carlos|nina|george|hannah|mister jones|mrs miller|doctor smith|robert|susan|kevin|laura|"
        "ahmed|sofia|lucas|mia|jack|grace|daniel",
        "city": "new york|tokyo|sydney|lisbon|vienna|dublin|toronto|seattle|mumbai|cairo|oslo|"
        "prague|denver|miami|manchester|zurich",
        "food": "oat milk|yoghurt|avocados|garlic|onions|potatoes|salmon|ground beef|tofu|cereal|"
        "olive oil|honey|jam|peanut butter|orange juice|beer|toilet paper|dish soap|shampoo|"
        "diapers|flour|yeast|spinach|carrots|strawberries|ice cream|toothpaste|paper towels|"
        "trash bags|lemons|mushrooms|ham|crackers|chocolate|frozen pizza",
        "chore": "pay the rent|pick up the kids|renew my passport|take out the trash|"
        "water the plants|submit the report|feed the fish|call the plumber|book the flights|"
        "wish {n} a happy birthday|return the library books|move the laundry|take my vitamins|"
        "defrost the chicken|stretch|leave for the airport|check the mail|start dinner|"
        "join the meeting|charge the car",
        "appliance": "ceiling fan|air conditioner|dishwasher|robot vacuum|humidifier|air purifier|"
        "sprinkler|garage light|tv|stereo|projector|christmas lights|floor lamp|heated blanket|"
        "bathroom heater|kettle|toaster|hallway light|porch light",
        "room": "nursery|attic|basement|dining room|guest room|hallway|porch|study|laundry room|"
        "kids room|balcony|terrace|cellar",
    }.items()
}
LISTS["chore"] = [value.replace("{n}", "anna") for value in LISTS["chore"]]


def values(rng: random.Random) -> dict[str, str]:
    """A value each for some of the slots; the others are left to the world."""
    return {slot: rng.choice(words) for slot, words in LISTS.items() if rng.random() < 0.55}

"""Patterns of wording that name a danger, for `emergencies`.

They are matched against the result of `written_out`: lower case, "can't" as "can not", blanks
around punctuation.
"""

from __future__ import annotations

import re

PERSON = (
    r"(?:he|she|they|someone|somebody|everyone|everybody|father|mother|dad|daddy|mum|mummy|mom|"
    r"mommy|son|daughter|brother|sister|husband|wife|partner|baby|babies|child|children|kid|kids|"
    r"toddler|infant|boy|girl|grand\w+|gran|granny|nan|uncle|aunt|auntie|nephew|niece|cousin|twin|"
    r"twins|friend|friends|mate|boyfriend|girlfriend|roommate|flatmate|neighbou?rs?|colleague|"
    r"coworker|boss|teacher|guest|patient|driver|passenger|man|men|woman|women|lady|guy|person|"
    r"people|stranger|student|customer|cyclist|little one|one of \w+|swimmer|worker|carer|tenant|"
    r"in law)"
)
I_OR_PERSON = rf"(?:i|we|{PERSON})"
THING = (
    r"(?:house|home|kitchen|bedroom|bathroom|room|flat|apartment|building|garage|basement|cellar|"
    r"attic|hall|hallway|stairs|staircase|stairwell|corridor|roof|balcony|shed|barn|office|school|"
    r"shop|car|bus|train|oven|stove|cooker|hob|microwave|toaster|fryer|pan|curtains?|sofa|bed|"
    r"mattress|carpet|rug|tree|bin|dryer|machine|dishwasher|socket|outlet|fuse box|heater|radiator|"
    r"boiler|battery|charger|laptop|tv|television|fridge|wall|ceiling|floor|forest|field|garden|"
    r"place|cord|cables?|wires?|clothes|hair|sleeve|table|it|door|everything|neighbou?rs?)"
)
RESCUE = (
    r"(?:ambulances?|paramedics?|emergency (?:services?|doctor|team)|fire (?:brigade|department|"
    r"service|engine|fighters)|firefighters|police|cops|911|nine one one|999|nine nine nine|112|"
    r"one one two|coast ?guard|rescue (?:services?|team))"
)
ILLNESS = (
    r"(?:heart attack|stroke|seizures?|fit|cardiac arrest|asthma attack|anaphyla\w+|allergic "
    r"(?:shock|reaction)|miscarriage|heat ?stroke|hypothermia|alcohol poisoning|carbon monoxide "
    r"poisoning|convulsions)"
)
TOXIN = (
    r"(?:bleach|poison\w*|batter(?:y|ies)|antifreeze|detergent|cleaner|cleaning \w+|magnets?|acid|"
    r"pesticide|thinner|petrol|gasoline|razor \w+|buttons?|coins?|marbles?|pills|tablets|"
    r"painkillers|medication|sedatives|antidepressants|chemicals?|soap|mushrooms|berries|vodka)"
)

BODILY = tuple(
    re.compile(rf"\b(?:{pattern})\b")
    for pattern in (
        # breath and consciousness
        r"(?:not|never|no longer|stopped|quit|hardly|barely|trouble|difficulty|struggl\w+(?: to)?) "
        r"(?:really |even |properly )?breath\w*",
        r"(?:not|hardly|barely) get (?:any |enough )?(?:air|breath)|(?:gasping|fighting) for "
        r"(?:air|breath)|suffocating",
        r"unconscious|unresponsive|lifeless|face down in (?:the|a) \w+|foaming at the mouth|"
        r"turn(?:s|ed|ing) (?:all )?(?:blue|purple)|no pulse|without a pulse",
        rf"{PERSON} (?:\w+ ){{0,2}}(?:collapsed|fainted|passed out(?! \w+s\b)|passing out|blacked "
        rf"out|keeled over|went limp|convulsing)",
        rf"{PERSON} (?:\w+ ){{0,8}}not (?:wak\w+|respond\w*|react\w*(?! to (?!me\b|us\b|anything|"
        rf"pain|light|touch|my voice))|mov(?:e|ing)|answer(?:ing)? (?:me|us)|open \w+ eyes|(?:talk|"
        rf"speak)(?:ing)?(?! (?:to|with|about|much|french|english|german)\b))",
        rf"(?:can|could) not (?:be woken|wake (?:my |the |our )?(?:\w+ )?{PERSON}|wake (?:him|her|"
        rf"them))|not (?:get|find) (?:a|any) pulse",
        rf"{PERSON} (?:\w+ )?(?:is|was|are) (?:just )?(?:lying|down) (?:\w+ ){{0,3}}(?:floor|"
        rf"ground|street|road|stairs|bath\w*|tiles)",
        rf"{I_OR_PERSON} (?:\w+ )?(?:am|is|are|keeps|started) chok\w+(?! (?:up|down|back))|choked "
        rf"on|stuck in (?:my|his|her|the) (?:throat|windpipe)",
        # heart, head, blood, poison
        rf"(?:is|are|am|be|has|have|had|having|suffer\w+) (?:\w+ ){{0,3}}{ILLNESS}",
        r"chest (?:just |really )?(?:feels?|felt|is feeling) (?:\w+ ){0,3}(?:like|as if|as though) "
        r".*(?:sitting|standing|stood|sat|weight|elephant|brick|belt|crush\w*|squeez\w*|press\w*)|"
        r"chest .*(?:arm|jaw|crush\w*|breathe|numb|faint|sweat\w*)|(?:crushing|unbearable|severe) "
        r"(?:\w+ )?(?:pain|weight) .*chest",
        r"can not (?:feel|move|lift) (?:(?:my|his|her|one|the) )?(?:\w+ ){0,3}(?:arms?|legs?|face|"
        r"body|side)",
        r"(?:face|mouth|side) .*(?:droop\w*|sagg\w*|paralys\w*)|(?:arm|leg|face|side) (?:is|went|"
        r"goes|gone) (?:\w+ )?numb",
        r"bleed\w* (?:\w+ )?(?:heavily|badly|a lot|out|to death|everywhere|from|like|profusely|"
        r"so much)|(?:not|never) stop (?:the |his |her |my )?bleeding",
        r"(?:bleeding|blood) (?:\w+ ){0,2}not stop\w*|blood (?:is )?everywhere|(?:lost|losing|"
        r"so much|a lot of|lots of) blood",
        r"cut (?:open )?(?:my|his|her) (?:wrists?|throat|artery)|cut off (?:my|his|her|a) "
        r"(?:\w+ )?(?:finger|hand|thumb|toe|leg)",
        rf"{I_OR_PERSON} .*\b(?:swallow\w*|ate|eaten|drank|drunk|took|taken) .*{TOXIN}",
        r"overdos\w+(?! on (?:chocolate|coffee|sugar|cake|tv|cheese|sweets|sun|christmas))|(?:was|"
        r"been|got|is) poisoned|took (?:way )?too many",
        r"(?:throat|tongue|airway|lips|face) .*swell\w*|throat (?:is )?clos\w+|swollen shut",
        # injuries, water, traffic, birth, death
        rf"{I_OR_PERSON} .*(?:stabbed|been shot|was shot|got shot|electrocuted|run over|(?:badly|"
        rf"seriously|severely) (?:hurt|injured|burn\w*))",
        r"electric(?:al)? shock|thrown across the|(?:hit|struck|knocked (?:down|over)) by (?:a|"
        r"the) (?:\w+ )?(?:car|truck|lorry|bus|train|tram|van|bike)",
        rf"{PERSON} (?:\w+ )?(?:is|are|was) drowning|(?:fell|fallen) (?:in|into|through) the "
        rf"(?:\w+ )?(?:water|pool|river|lake|pond|sea|ice)",
        rf"{I_OR_PERSON} .*(?:fell|fallen|slipped) .*(?:not (?:mov\w+|get up|feel|walk|respond)|"
        rf"unconscious|bleeding|blood|tracks)",
        r"(?:fell|fallen) (?:a|into|in|through) (?:\w+ )?(?:pool|river|lake|pond)|(?:car|bus|train|"
        r"bike|bad|terrible) (?:crash|accident)",
        r"(?:cars?|trucks?|bus|van|bike) (?:\w+ ){0,2}(?:drove|smashed|crashed|ploughed) into",
        r"there (?:is|was|has been|is been) (?:just )?(?:an?|another) (?:\w+ ){0,2}(?:accident|"
        r"crash|collision|explosion|stabbing|shooting)",
        rf"{I_OR_PERSON} (?:am|is|are) (?:\w+ )?trapped|water (?:is|keeps) (?:rising|coming in)|"
        rf"(?:stuck|pinned|buried) under|people (?:are|were) (?:hurt|injured|trapped|dead)|"
        rf"underwater for|stuck .*(?:smoke|fire|flooded)",
        rf"waters? (?:just )?broke|baby is coming|{PERSON} (?:is|are) (?:\w+ )?(?:dying|going to "
        rf"die)|i (?:am|think i am) (?:dying|going to die)",
        # fire and gas
        rf"{THING} (?:\w+ ){{0,2}}(?:on fire|burning|in flames|ablaze|full of smoke|caught fire)|"
        rf"caught fire|burst into flames",
        r"(?:there is|there are|i see|we see|full of) (?:\w+ ){0,3}(?:fire|flames|smoke|gas)",
        rf"(?:smoke|flames|fire|gas) (?:is |are )?(?:coming|filling|pouring|shooting|spreading|"
        rf"leaking|rising|everywhere|all over|in (?:the|my|our) {THING})",
        rf"(?:{THING}|bomb|pipe|factory|plant|tank) (?:just |has )?exploded(?! with)|there is a "
        rf"(?:bomb|dead body)|snake bit|bitten by a snake",
        r"(?:fell|fallen|jumped|thrown) (?:out of|from|off) (?:the|a|our|my) (?:\w+ )?(?:window|"
        r"balcony|roof|building|bridge|stairs|ladder|cliff)",
        r"burn (?:us|\w+ (?:house|home) down|down)|fell on (?:a|me|us|him|her|my|our|the) (?!floor|"
        r"ground|sofa|bed)",
        r"can not put (?:it|the fire|this) out|(?:smell\w*|stinks?|reeks?) (?:\w+ ){0,2}(?:gas|"
        r"smoke|burning)|gas leak",
        r"(?:carbon monoxide|co|gas|smoke) (?:alarm|detector) (?:\w+ )?(?:going off|went off|"
        r"beep\w*)",
        # crime
        r"break(?:ing|s)? in(?:to)?|broke in(?:to)?|(?:break|kick|forc|smash)\w* (?:\w+ ){0,2}"
        r"(?:door|window)|try\w* to get in",
        r"(?:there is|i hear|i see|help) (?:an?|some|someone|somebody|the) (?:\w+ ){0,2}(?:burglar|"
        r"intruder|robber|prowler|gunman|shooter|in my (?:house|home|flat|apartment|garden|kitchen|"
        r"\w*room|garage|attic|cellar|basement|car\b))",
        rf"(?:burglar|intruder|robber|stranger|gunman|{PERSON}) (?:is |has )?(?:\w+ )?(?:in|"
        rf"inside) (?:my|our) (?:house|home|flat|apartment|\w*room)",
        rf"{PERSON} .*(?:has|with|holding|pulled) (?:got )?an? (?:gun|knife|weapon|bomb|rifle|"
        rf"pistol)(?! (?:collection|set|block|rack|show|shop))|shots? (?:\w+ )?fired|gunshots?",
        rf"{PERSON} (?:is|keeps|are) (?:\w+ )?(?:hitting|beating|strangling|attacking|threatening|"
        rf"hurting|stabbing|shooting)",
        rf"{PERSON} (?:\w+ ){{0,3}}(?:to|will) (?:kill|shoot|stab|hurt|murder) (?:me|us|him|her|my|"
        rf"our|people)|scared for my life",
        r"(?:am|are|is) being (?:attacked|robbed|followed|chased|beaten|raped|held)|(?:following|"
        r"chasing|stalking) me(?! on| online)",
    )
)
CALLS = tuple(
    re.compile(rf"\b(?:{pattern})\b")
    for pattern in (
        rf"(?:call|get|send|need|needs|phone|ring|dial|alert|fetch|want) (?:\w+ ){{0,3}}{RESCUE}"
        r"(?! (?:officers?|m[ae]n|station|report|clearance|certificate|uniform|costume|cars?|jokes|"
        r"and thieves)\b)|"
        rf"{RESCUE} (?:now|quick\w*|please|at once|fast)",
        r"(?:this|it) is (?:really )?an? (?:\w+ )?emergency|(?:have|has) an? (?:\w+ )?emergency|"
        r"medical emergency|life (?:and|or) death",
    )
)
"""Calls for rescue services; they count whatever the model says."""
ALONE = re.compile(
    rf"^(?:(?:help|please|oh|my|god|quick|fire|now|emergency|{RESCUE}|help me|[.,!?…]) ?)+$"
)
"""Text of cries for help only; see `CRIES`, since a single "help" is none."""
CRIES = re.compile(rf"\b(?:fire|emergency|{RESCUE}|help .*help)\b")

SELF_HARM = tuple(
    re.compile(rf"\b(?:{pattern})\b")
    for pattern in (
        r"(?:kill|hang|shoot|drown|harm|hurt|stab)(?:ing)? myself|cut(?:ting)? myself(?! (?:a|some|"
        r"another|shaving))",
        r"(?:end|ending|take|taking) my (?:own )?life|end(?:ing)? it all|suicide tonight|"
        r"(?:i|i am) .*(?:commit\w*|of|about|attempt\w*|consider\w*) suicide",
        r"(?:am|feel|feeling|been) (?:\w+ )?suicidal|suicidal thoughts",
        r"i (?:\w+ ){0,2}(?:want|wish|would like|am ready|am going|plan|deserve) (?:\w+ )?to "
        r"(?:die(?! (?:my|the|his|her)\b)|be dead|never wake up|stop living)",
        r"i (?:\w+ )?(?:do not|no longer) (?:\w+ )?want to (?:live(?! (?:in|near|with|by|here|"
        r"there|on|at|so|next)\b)|be alive|exist|go on living|wake up)",
        r"i do not want to be here any ?(?:more|longer)$|i wish i (?:was|were|had) (?:dead|never "
        r"been born|not been born)",
        r"better off (?:dead|without me)|no reason to (?:live|go on)|nothing (?:left )?to live for|"
        r"life is not worth living",
        r"(?:want|going|about|ready) to jump (?:off|from|in front)|can not go on living|(?:roof|"
        r"bridge|ledge|tracks|cliff) .*(?:jump|to die)",
    )
)
OTHERS_SELF_HARM = re.compile(
    rf"\b{PERSON} .*\b(?:(?:kill|hang|hurt|harm|cut|shoot)\w* (?:himself|herself|themsel\w+)|"
    rf"(?:end|take|ending|taking) (?:his|her|their) (?:own )?life|commit suicide|wants to die|"
    rf"to jump off)\b|\b{PERSON} (?:is|are) (?:\w+ )?suicidal\b"
)

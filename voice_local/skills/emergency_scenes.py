"""Patterns of dangerous situations, combined from parts (a person, and what happens to them)
instead of listed sentence by sentence.

As in `emergency_words`, they are matched against the result of `written_out`.
"""

from __future__ import annotations

import re

from voice_local.skills.emergency_words import (
    ILLNESS,
    PERSON,
    TOXIN,
)

PEOPLE = (
    rf"(?:i|we|{PERSON}|(?:one|some|two|three|several|a few) of \w+(?: \w+)?|(?:an?|the|this|some|"
    rf"that) (?:\w+ )?(?:teenager|pedestrian|bloke|"
    r"fella|dude|pensioner|tourist|climber|cleaner|surfer|diver|rider|biker|motorist|walker|runner|"
    r"skater|nurse|cashier|clerk|cook|builder|roofer|electrician|player|pupil|officer|farmer|"
    r"homeless \w+|elderly \w+|old \w+)|pupils|classmates?|workers|tenants|passengers|bystanders|"
    r"granddad|grandad|fianc\w+|step\w+)"
)
ANYONE = (
    rf"(?:{PEOPLE}|(?:my|our|his|her) (?:\w+ )?(?!phone|laptop|car|battery|computer|plants?|team|"
    rf"boss\b|heart\b|feet|legs|kernel|"
    r"script|backup|server|browser)\w+)"
)
SOMEBODY = (
    rf"(?:me|us|him|her|them|{PERSON}|(?:my|our|an?|the|his|some|two|one of the) "
    rf"(?:\w+ )?(?:{PERSON}|workers|crowd|\w+ist|\w+woman|(?:police|post|fire|bar|\w+work)m[ae]n|"
    rf"(?:farm|driv|work|teach|wait|climb|paint|runn|play|clean|offic|danc|build|deal|bak|keep|"
    rf"sing)er))"
)
_DONE = (
    r"(?:(?:just|also|now|suddenly|really|already|then|all|badly|completely|still|accidentally|"
    r"somehow) )*"
)
_IS = rf"(?:am|is|are|was|were|be|got|gets?|has|have|had|been|being) {_DONE}"
_LIMB = (
    r"(?:arms?|hands?|legs?|foot|feet|face|mouth|side|neck|head|wrists?|throat|chest|stomach|belly|"
    r"thigh|eyes?|back)"
)
_DROP = (
    r"(?:window|balcony|roof|bridge|cliff|ladder|scaffold\w*|tree|wall|stairs|stairwell|crane|"
    r"\w+ (?:floor|storey)|platform|tracks|well|canal|river|lake|sea|pond|pool|water|ice|hole|pit|"
    r"shaft|horse)"
)
_VEHICLE = (
    r"(?:cars?|trucks?|lorr(?:y|ies)|bus|van|bike|motor ?bike|motorcycle|tram|train|taxi|tractor|"
    r"scooter|ambulance|coach|tanker)"
)
_BOAT = r"(?:boat|ferry|canoe|ship|yacht|dinghy|kayak|raft|trawler)"
_STRUCTURE = (
    r"(?:roof|ceiling|walls?|crane|scaffold\w*|building|bridge|balcony|floor|mine|tunnel|tree|"
    r"shelf|shelves|stage|stand|pole)"
)
_WEAPON = (
    r"(?:guns?|knife|knives|weapons?|rifles?|pistols?|axe|machete|sword|hammer|crowbar|bat|bomb|"
    r"grenade|hostages?|blade|razor)"
)
_FIRE = r"(?:on fire|alight|ablaze|in flames|burning(?! (?:up|to|with|hot|out|for))|up in flames)"
_BURNS = (
    r"(?:pan|oil|grease|fat|fryer|tents?|caravan|hedge|hay|straw|field|forest|woods?|engine|"
    r"chimney|wiring|scooter|mattress|chair|hair|dress|jacket|shirt|clothes|candles?|bins?|rubbish|"
    r"van|boat|hut|hotel|warehouse|factory|house|flat|kitchen|shop|restaurant|school|hospital|oven|"
    r"toaster|microwave|dryer|heater|fridge|charger|phone|laptop|battery|sofa|bed|curtains?)"
)

SCENES = tuple(
    re.compile(rf"\b(?:{pattern})\b")
    for pattern in (
        # breath and consciousness
        r"(?:can not|could not|can barely|can hardly|barely|hardly) (?:catch (?:my|his|her|their|"
        r"a) breath|get (?:any )?air|swallow|breathe)",
        r"(?:not|no|without) (?:\w+ ){0,3}(?:pulse|heartbeat)|can not (?:wake|rouse|revive) (?:him|"
        r"her|them|my \w+)|can not (?:get|bring) (?:him|her|them|my \w+)(?: \w+){0,3} (?:round|up|"
        r"awake|to wake|reaction)",
        r"(?:grey|cold|pale|white|blue) and (?:\w+ )?(?:cold|grey|clammy|sweating|limp|floppy)|"
        r"(?:purple|blue|grey|red) in the face|white as a sheet and|burning up and|(?:had|has|"
        r"having) (?:a )?convulsions?|stopped shivering|worst headache .*(?:vomit|life)|slurs",
        r"(?:wheezing|gurgling|rattling|gasping)(?! with| in (?:delight|awe))",
        rf"{PEOPLE} {_DONE}(?:collaps\w+|slumped|crumpled|keeled over|blacked out|dropped (?:down|"
        rf"dead|to the)|went (?:limp|floppy|down and)|lost consciousness|(?:has|have|is|are|was) "
        rf"{_DONE}(?:collapsed|fainted|passed out(?! \w+s\b)|blacked out|out cold|gone "
        rf"(?:all )?(?:limp|floppy|blue|grey)|going (?:blue|grey)|unconscious|motionless|"
        rf"convulsing|fitting|jerking|twitching|lifeless))",
        rf"{PEOPLE} {_DONE}(?:(?:does|do|did|will|is|are|has|have) not|stopped) {_DONE}(?:react|"
        rf"respond|wak(?:e|ing)|mov(?:e|ing|ed)\b(?! (?:in|out|house|to|on|away|back|home))|come "
        rf"(?:round|to)\b|coming (?:round|to)\b|answer\w* (?:me|when|any|and)|answer$|responding|"
        rf"reacting)\w*(?! to (?!me\b|pain|light|touch|anything)\w+)",
        rf"(?:lies?|lying|lay) {_DONE}(?:\w+ ){{0,3}}(?:motionless|lifeless|unconscious|"
        rf"in (?:a pool of |his |her )?(?:own )?blood|face down|"
        r"not moving)",
        r"(?:about|going) to (?:pass out|faint|black out|collapse|lose consciousness)|(?:losing|"
        r"lost) consciousness|no longer conscious|do not think (?:\w+ ){1,4}(?:is|are) (?:still )?"
        r"(?:breathing|alive|conscious|going to make it)",
        # heart, head, sugar, fits
        r"(?:pressure|tight\w*|band|weight|squeez\w+|crush\w+|stabbing|pains?|burning|elephant) "
        r"(?:\w+ ){0,4}(?:on|in|round|around|across|of) (?:my|his|her|the) (?:left )?chest",
        rf"{ANYONE} (?:\w+ ){{0,2}}(?:have|has|having|got|had|feel\w*|clutch\w*|grab\w*|hold\w*|"
        rf"complain\w* of) (?:\w+ ){{0,3}}chest\b"
        r"(?! (?:of|infection|freezer|cold|set|hair|press))",
        rf"(?:having|has|had|is having) {_DONE}(?:an? )?(?:\w+ )?{ILLNESS}",
        rf"{_LIMB} (?:\w+ )?(?:{_IS}|feels? |went |goes )(?:\w+ )?(?:numb|dead|paraly[sz]ed|limp|"
        rf"droop\w*|tingl\w*)(?! tired)",
        r"slurr\w+|(?:my|his|her) speech (?:is|has|was) (?:\w+ )?(?:weird|gone|slurred|garbled|"
        r"all wrong)|can not (?:speak|talk|see|stand)(?: \w+)? (?:properly|right|clearly|straight|"
        r"any ?more|suddenly|at all)|talk\w* (?:gibberish|nonsense all)",
        r"(?:sugar|insulin) (?:level )?(?:is|has|was) (?:\w+ ){0,3}(?:low|crash\w*|dropp\w*|high "
        r"and)|eyes (?:have |are )?roll\w* back",
        # blood and wounds
        r"(?:cough|vomit|throw|spit|bring|pass)\w* (?:up )?(?:\w+ )?blood|blood (?:is |keeps |"
        r"just )?(?:pour|gush|spurt|com|runn|stream|spray|squirt|soak)\w*|blood in (?:my|his|her) "
        r"(?:vomit|urine|stool|spit)",
        rf"{_LIMB} (?:is|are|keeps|started|was) {_DONE}bleeding|{ANYONE} (?:is|are|am|keeps|"
        rf"started) {_DONE}bleeding(?! (?:money|into|edge|talent|"
        r"cash|heart|points))",
        rf"(?:cut|sliced|slashed|slit|ripped|tore|torn|gashed|chopped|severed|opened) "
        rf"(?:\w+ ){{0,3}}(?:{_LIMB}|wrists?|vein|artery|finger|fingers|thumb)"
        r" (?:\w+ ){0,2}(?:open|off|badly|deep\w*|to the bone|and)|(?:cut|slashed|slit|severed) "
        r"(?:\w+ ){0,2}(?:artery|vein|wrists|throat)|it (?:is|keeps) (?:gushing|spurting|pouring|"
        r"squirting)|deep (?:cut|wound|gash)|bone (?:is )?(?:stick|pok|com)\w*",
        rf"{ANYONE} (?:{_IS})(?:stabbed|shot(?! (?:down|in (?:rome|black|one)))|knocked (?:down|"
        rf"over|off)|run over|crushed|trampled|scalded|"
        r"electrocuted|beaten(?! (?:to|by (?:the|my|our) (?:team|sister|brother)))|mauled|impaled|"
        r"gored|strangled|struck by lightning|assaulted|raped|mugged|poisoned|kidnapped|drugged|"
        r"pinned|pulled under|dragged|swept away|thrown from|attacked(?! by (?:aphids|bugs|spam|"
        r"hackers|critics))|hit by an? (?:\w+ )?(?:car|truck|lorry|bus|train|van|tram|bike|"
        r"motor\w+|bullet|brick|falling \w+))",
        rf"{_IS}bitten by (?:an? )?(?:\w+ )?(?:snake|viper|adder|dog|shark|rat|spider|scorpion|bat|"
        rf"cobra)|(?:dog|pit ?bull|bear|bull|shark|snake|wasps?|bees|boar|wolf|crocodile|horse) "
        rf"(?:\w+ )?(?:is |are |has |have |just )?(?:attack|bit|maul|gor|kick|trampl|chas|stung|"
        rf"tore)\w* {SOMEBODY}",
        rf"{ANYONE} {_DONE}(?:has |have |is |are )?{_DONE}(?:fell|fallen|tumbled|slipped|jumped|"
        rf"pushed|thrown|plunged|dropped) (?:\w+ )?(?:off|from|out of|down|in|into|onto|through|"
        rf"over|under) (?:the |an? |his |her |our |my )?(?:\w+ )?{_DROP}",
        rf"push\w* (?:\w+ ){{1,4}}(?:onto|under|off|out of|down|in front of|into) (?:the |"
        rf"an? )?(?:\w+ )?(?:{_DROP}|{_VEHICLE})",
        rf"(?:had|took) a (?:bad |nasty |terrible |serious )?fall|{ANYONE} (?:\w+ )?fell .*(?:hip|"
        rf"neck|back|head|leg|can not|not mov\w*|bleed\w*|blood)",
        r"(?:boiling|hot|scalding|acid|bleach|kettle) .*(?:over|on|onto|in) (?:him|her|"
        r"my (?!tongue|tea|shirt|notebook)|the (?:baby|child|face|eyes?)|itself|them)\w*",
        r"lost (?:an?|his|her|two|my) (?:\w+ )?(?:fingers?|thumb|toes?|eye|hand|arm|leg)|(?:finger|"
        r"thumb|toe|hand|arm|ear) (?:is|was|got|has been) (?:\w+ )?(?:cut|torn|ripped|chopped|"
        r"sliced) off|through (?:the|a) (?:glass|window) (?:door|pane)",
        r"(?:acid|bleach|chemicals?|lime|cleaner|spray|splinter|glass|nail) .*in (?:\w+ )?eyes?\b|"
        r"eyes? .*(?:burn\w*|acid|chemical).*(?:can not see|blind)",
        # water, electricity, traffic, collapse
        r"(?:went|pulled|dragged|sucked|gone) under(?! (?:the knife|way|construction|cover|"
        r"contract))|not (?:come|coming) (?:back )?up|can not swim|swept (?:away|out)|(?:fell|"
        r"fallen|go(?:ne|es|ing)?) overboard",
        rf"{_BOAT} (?:\w+ ){{0,2}}(?:sinking|capsiz\w+|overturn\w*|going (?:down|under)|tak\w+ "
        rf"(?:on|in) water|flipped|sank)",
        r"(?:live|power) (?:wire|line|cable)|electric(?:al|ity)? shock|(?:shocked|electrocuted) by",
        rf"{_VEHICLE} (?:\w+ ){{0,3}}(?:hit|struck|ran (?:over|into)|knocked (?:down|over)|drove "
        rf"into|crashed into|ploughed into|mowed down) {SOMEBODY}",
        rf"{_VEHICLE} (?:\w+ ){{0,2}}(?:overturned|flipped(?: over)?|rolled over|derailed|"
        rf"crashed(?! (?:course|diet))|went off the (?:road|bridge)|(?:is|are|was) (?:hanging|"
        rf"leaking|smoking|sinking|on its (?:side|roof)))|(?:leaking|spilling) (?:petrol|fuel|gas|"
        rf"oil)",
        r"(?:i|we) (?:just |have |have just |had |been in )*(?:crashed|(?:had|have had|"
        r"been in) an? (?:\w+ )?(?:crash|accident)|rolled the car|hit a (?:tree|wall|"
        r"deer|person|child|man|woman|truck))",
        rf"{_STRUCTURE} (?:\w+ ){{0,3}}(?:collaps\w*|came down|caved in|fell|fallen|crash\w*|"
        rf"came crashing) (?:down )?(?:on|onto|in on|with) "
        r"(?!the (?:floor|ground|grass|road)\b)|(?:men|people|workers|kids|children|someone|"
        r"somebody|we|he|she|they) (?:is |are |am |were )?(?:trapped|buried|stuck|pinned)?(?: "
        r"\w+)? ?(?:underneath|beneath|under (?:it|the (?:rubble|car|tree|beam|machine|wall|"
        r"snow)))",
        rf"{ANYONE} (?:{_IS})?(?:trapped|stuck|locked|buried|pinned|caught) (?:\w+ )?(?:in|inside|"
        rf"under|beneath|by|up) (?:\w+ ){{0,3}}(?:rubble|avalanche|hot car|car\b|"
        r"vehicle|boot|trunk|freezer|basement|cellar|cave|lift and|lift with|smoke|flames|fire|"
        r"water|mud|snow|machine|beam|tree|wreck\w*|shaft|quicksand|bathroom (?:and|because))",
        r"(?:water|flood|river) (?:\w+ ){0,2}(?:rising|coming (?:in|into)|reached|up to|swept|"
        r"entering)(?! (?:prices|costs))",
        # allergy, poison, birth, children
        r"(?:stung|ate|eaten|allerg\w*|sting|nuts?|peanuts?) .*(?:can not (?:breathe|swallow|"
        r"get air)|swell\w*|swollen|shock|clos(?:ed|ing)|passed out|wheez\w*)",
        rf"{ANYONE} (?:\w+ )?(?:just |has |have |accidentally )*(?:drank|drunk|drinking|swallowed|"
        rf"swallowing|ate|eaten|took|taken|got into|inhaled|sniffed|licked) (?:\w+ ){{0,5}}"
        rf"(?:{TOXIN}|weed ?killer|rat poison|drain \w+|lighter fluid|methanol|nail polish\w*|"
        rf"paracetamol|aspirins?|ibuprofen|"
        r"sleeping \w+|heart pills|insulin|dishwasher \w+|glue|paint|perfume|overdose|too many|"
        r"too much|something and|a bad pill|dentures)",
        r"(?:bottle|pack|packet|box|handful) of (?:\w+ )?(?:pills|tablets|aspirins?|paracetamol|"
        r"painkillers|vodka|whisky) .*(?:not wak\w*|unconscious|asleep|gone|empty)|(?:whole|"
        r"entire) (?:bottle|pack|packet|box|handful) of (?:\w+ )?(?:pills|tablets|aspirins?|"
        r"paracetamol|painkillers|antidepressants|sleeping)",
        r"(?:injected|smoked|took|taken) (?:something and|something bad|heroin|fentanyl|too much "
        r"of)\b",
        r"in labou?r|giving birth|(?:having|delivering) (?:the|my|her|a) baby (?:now|right|here|"
        r"in)|(?:baby is|head is|feet are) (?:coming|out|showing)|contractions (?:are|every|come|"
        r"\w+ minutes)|having contractions|waters? (?:\w+ )?bro(?:ke|ken)|pregnant .*(?:bleed\w*|"
        r"blood|pain|collapsed|fell)|miscarr\w*|baby\w* (?:\w+ )?coming (?:right )?now",
        r"(?:child|son|daughter|boy|girl|kid|toddler|baby|little one|year old|grandson|"
        r"granddaughter|niece|nephew) (?:\w+ ){0,2}(?:is|has|was|got|been|went) "
        r"(?:\w+ )?(?:missing|disappeared|vanished|kidnapped|abducted|snatched|taken by|gone(?! to|"
        r"\s+for|\s+back|\s+home|\s+off to))",
        r"(?:kidnapped|abducted|snatched|grabbed|taken|stole|took) my (?:\w+ )?(?:child|children|"
        r"kids?|son|daughter|baby|boy|girl|toddler|niece|nephew)",
        # fire and gas
        rf"{_BURNS} (?:{_IS})?(?:{_FIRE}|caught (?:on )?fire|catching fire|went up|burst into|blew "
        rf"up|blown up|exploded|smoking and|sparking|full of smoke)",
        rf"(?:{PERSON}|sleeve|trousers) (?:is|are|has|have) (?:\w+ )?(?:burning(?! up| to| with|"
        rf" out)|on fire(?! (?:today|tonight|lately|this|on stage))|caught fire)",
        r"there (?:is|is been|was|were|has been|have been) (?:just )?(?:an? )?(?:\w+ )?(?:blast|"
        r"explosions?|gunshots?|shots)|(?:carbon monoxide|co|gas|smoke) (?:alarm|detector) "
        r".*(?:sick|dizzy|headaches?|smoke|smell\w*)",
        r"(?:fire|smoke|flames?) (?:\w+ )?(?:is|are|keeps?) (?:\w+ )?(?:spread\w*|gett\w* "
        r"(?:bigger|worse|close\w*)|com\w+ (?:up|from|out|under|in|through|closer)|reach\w*|"
        r"block\w*|everywhere|pour\w*|fill\w*)|trapped by (?:the )?(?:flames|fire|smoke)|can not "
        r"(?:put|get) (?:it|the fire|this|the flames) out",
        r"(?:gas|carbon monoxide|petrol|fuel|chemical|chlorine|ammonia|acid) (?:\w+ )?(?:leak"
        r"(?:ing|s)?|spill\w*|hissing|escaping|coming out)|smell of gas|(?:smell\w*|stinks?|"
        r"reeks?) (?:\w+ ){0,3}(?:gas\b(?! station)|smoke\b|burning)",
        # crime
        r"(?:hear|heard|hearing) (?:\w+ ){0,3}(?:shots|gunshots?|shooting|gunfire|screams?|"
        r"screaming|glass|explosions?|blast|footsteps (?:downstairs|in|upstairs)|moaning|breaking|"
        r"shouting for|intruder)|(?:scream|call|cry|shout|yell)\w* for help",
        rf"(?:{ANYONE}|guys?|men|robbers?|attacker|they) (?:\w+ ){{0,3}}(?:ha(?:s|ve|d)|with|"
        rf"pull\w*|wav\w+|hold\w*|point\w*|carr\w+|brandish\w*|swing\w*|got|grabbed) "
        rf"(?:\w+ )?(?:an? |the |his |her |two )?(?:\w+ )?{_WEAPON}(?! (?:collection|set|block|"
        rf"rack|show|shop|club|license|licence|fish))",
        r"(?:is|are) armed|at (?:gun|knife)point|held hostage|against my will|shooting "
        r"(?:at )?(?:people|us|everyone|him|her|them)|stabbing (?:people|him|her|someone)",
        rf"(?:{PERSON}|ex|gang|guys?|they|man|men|somebody|dad|stepfather) (?:\w+ ){{0,3}}(?:hit|"
        rf"beat|strangl|chok|kick|punch|attack|threaten|hurt|rap|drag|grabb|stab|assault|molest|"
        rf"abus|molest|robb|follow|chas|stalk)(?:s|es|ed|ing|ting|ping|bing)? (?:away )?{SOMEBODY}"
        rf"(?! (?:with (?:questions|kindness|love)|on (?:facebook|twitter|instagram|social|"
        rf"the pitch|stage|points)|at (?:chess|tennis|cards)|in (?:the|a) (?:game|race)))",
        r"(?:man|somebody|someone|burglar|intruder|stranger|guys?|they) (?:\w+ ){0,2}climb\w* "
        r"(?:in|through|over)|threaten\w* (?:me|us|her|him|my)|not let (?:me|us|her|him|them) "
        r"(?:go\b|out|leave)(?! (?:of my|to))|into (?:a|some) stranger s car|into a stranger",
        r"(?:pushed|dragged|pulled|forced|shoved) (?:\w+ ){0,3}(?:into (?:a|the|his) (?:van|car|"
        r"bush\w*|boot))|put something in (?:my|her) drink|(?:will|says he will|going to|wants to|"
        r"threat\w* to|said he would|would) (?:kill|shoot|stab|murder|burn|rape|hurt) (?:me|us|him|"
        r"her|them|someone|somebody|people|everyone|my|the (?:kids|house|children))",
        r"(?:lady|man|woman|neighbour|neighbor|tenant|granny|uncle|aunt) .*not (?:opened|answered|"
        r"been seen|come out|picked up|left) .*(?:days|week)",
        r"(?:dead|lifeless) (?:body|man|woman|person)|there is a (?:\w+ )?(?:body|corpse)|"
        r"(?:hanged|hung|hanging) (?:himself|herself|themsel\w+|from a)|man hanging",
    )
)
SELF = tuple(
    re.compile(rf"\b(?:{pattern})\b")
    for pattern in (
        r"(?:and|i|just) (?:\w+ )?(?:do not|no longer) (?:\w+ )?want to (?:live(?! (?:in|near|with|"
        r"by|here|there|on|at|so|next|alone|abroad)\b)|be alive|exist|go on)",
        r"i (?:just |have |already |have already )*(?:wrote|written|left|writing) (?:\w+ ){0,3}"
        r"(?:goodbye|farewell|suicide|last) (?:letter|note|message)",
        r"i (?:am )?(?:\w+ )?(?:standing|sitting|am|hanging) (?:\w+ )?on (?:the|a) "
        r"(?:\w+ )?(?:roof|ledge|edge|bridge|railing|tracks|cliff|parapet) .*(?:jump|die|live|end|"
        r"miss me|over|goodbye)",
        r"(?:world|family|kids|everyone|everybody|wife|husband|they|all) (?:\w+ ){0,3}better off "
        r"(?:when|if|once) i (?:am|was|were) (?:gone|dead|not)",
        r"i (?:am|have been|keep|was|started) (?:\w+ )?(?:cutting|burning|hurting|harming) "
        r"myself(?! (?:on|with the|short|off|some))",
        r"(?:end|finish) (?:it|everything|things)(?: all)? (?:tonight|today|now|here|for good)|"
        r"(?:pills|rope|noose|gun|razor|knife) (?:\w+ )?(?:ready|here|in (?:front|my hand)|next to "
        r"me|to my head|round my neck|around my neck).*",
        r"i (?:can not|could not) (?:go on|take (?:it|this)|do this|live like this|bear (?:it|this|"
        r"living)|stand (?:it|living)) (?:\w+ ){0,2}(?:any ?more|any longer|.*(?:pills|die|end|"
        r"rope|bridge|goodbye|letter|knife|over))",
        r"i (?:\w+ ){0,3}(?:want|going|plan|ready|decided|about|need) (?:\w+ )?to (?:die\b(?! "
        r"(?:my|the|his|her|before|laughing|of)\b)|kill myself|hang myself|shoot myself|end my|"
        r"take my (?:own )?life|jump (?:off|from|in front)|step in front|never wake|disappear "
        r"(?:forever|for good))",
        r"(?:want|need|wish) (?:it|this|my life|everything|the pain|all of it) to (?:end|be over|"
        r"stop forever)|plan\w* my (?:own )?(?:suicide|death)|cry at my funeral|i (?:\w+ ){0,3}"
        r"(?:want|going|might|will) (?:\w+ )?(?:to )?(?:drive (?:into a|off)|disappear forever|"
        r"be dead)",
        r"(?:nobody|no one|none) (?:would|will) (?:miss me|care if i (?:died|die|was gone)|notice "
        r"if i)",
        r"(?:if i|i could|i might|i may|i will|i should) (?:\w+ ){0,2}(?:step\w*|walk\w*|jump\w*|"
        r"threw myself) (?:out )?(?:in front of|under) (?:a|the|that) (?:\w+ )?(?:train|tram|bus|"
        r"truck|lorry|cars?|traffic)",
        r"(?:finish|end) it .*(?:letters|note)",
        r"(?:use|used) it on myself|gun to my head|tried to (?:kill|hang|drown) myself|"
        r"took (?:an )?overdose on purpose|slit my wrists|(?:slashed|cut|slit) (?:my|both) (?:own "
        r")?wrists?",
    )
)
OTHERS = re.compile(
    rf"\b(?!i\b|we\b)(?:{ANYONE}|ex|man|woman|girl|boy) .*\b(?:(?:throw|kill|hang|shoot|drown|hurt|"
    rf"harm|cut|hanged|shot|stab)\w* (?:him|her|them)sel\w+|on (?:the|a) (?:\w+ )?(?:ledge|railing|"
    r"bridge railing|roof) .*(?:jump|die)|want(?:s|ed)? to (?:die(?! (?:my|the|his|her|before|"
    r"of)\b)|jump(?! (?:rope|in|for|to))|be dead|end (?:it|her life|his life))|suicid(?:al|e note)|"
    r"(?:cut|slit|slashed) (?:his|her|their) wrists|talk\w* (?:about|of) (?:suicide|killing)|"
    r"on the (?:ledge|bridge railing)|(?:goodbye|farewell|suicide) (?:message|letter|note)|gun to "
    r"(?:his|her) head)\b"
)
ONESELF = re.compile(r"\b(?:i|me|myself|my (?:own )?(?:life|wrists|funeral))\b")
"""Words by which speakers refer to themselves."""

"""What only has the words of a danger: figures of speech, fiction, knowledge, what is long over,
what is denied.

As in `emergency_words`, all are matched against text as `written_out` leaves it.
"""

from __future__ import annotations

import re

FIGURES = tuple(
    re.compile(rf"\b(?:{pattern})\b")
    for pattern in (
        r"(?:nearly|almost|practically|virtually|about) (?:\w+ )?(?:had a|have a|jumped|exploded|"
        r"suffocat\w*|drowned|"
        r"killed|died|passed out|choked|"
        r"collapsed|lost my mind)(?! (?:crash|accident|fall))",
        r"(?:had|have|having) a (?:\w+ )?(?:heart attack|stroke|seizure|fit) (?:when|at the "
        r"(?:price|sight|thought)|"
        r"because|every time|over|just (?:looking|thinking))",
        r"so (?:hard|much|loud|long|badly) (?:that )?(?:i|we|he|she|my \w+) (?:could|nearly|almost|"
        r"can|thought|got|"
        r"was|hurt)",
        r"dying (?:of|for|to|from) (?!(?:blood|an? (?:overdose|bite)|the (?:smoke|gas|pain)|poison|"
        r"smoke|cancer|my|"
        r"his|her)\b)|"
        r"dying (?:art|breed|wish|trade|language)",
        r"(?:drowning|suffocating|choking|buried|swimming|trapped|stuck) (?:in|under|on|with) "
        r"(?:work|debts?|"
        r"paper\w*|e ?mails?|homework|laundry|chores|"
        r"deadlines|meetings?|kittens|nappies|diapers|requests|calls|messages|bills|data|love|"
        r"boredom|traffic|"
        r"my thoughts|the past|routine)",
        r"(?:by|from|with) (?:the )?(?:aphids|slugs|mould|mold|weeds|spam|critics|hackers|"
        r"nostalgia|emotion|joy|"
        r"laughter|curiosity|surprise|boredom|guilt|"
        r"shame|love|jealousy|applause)",
        r"(?:called|named|titled|entitled) (?:\w+ )?(?:fire|heart|stroke|killer|drowning|burning|"
        r"massacre|gunshot|"
        r"poison|suicide|attack|murder)",
        r"(?:toy|model|plastic|lego|fake|wooden|water|nerf|cardboard|inflatable|rubber) (?:\w+ "
        r")?(?:guns?|knife|"
        r"ambulances?|fire|police|pistols?|swords?|snakes?|"
        r"cars?|bombs?)|(?:fire|police|ambulance) (?:engine|truck|car|costume|helmet|toy|set)s? "
        r"(?:for|toy|costume|as a)",
        r"(?:kill|end|abort|terminate|execute|crash\w*) (?:the |that |this |a |my )?(?:process|"
        r"task|program|script|"
        r"job|app|thread|daemon|session|window|tab)",
        r"(?:wallet|budget|economy|company|startup|club|bank|account|team|campaign|radiator|"
        r"colours?|sauce|ink|pen|"
        r"brakes?) (?:is|are|was|were) (?:\w+ )?bleeding|"
        r"bleed (?:the|a|my) (?:radiator|brake)s?|bleeding (?:money|cash|talent|points|edge)",
        r"(?:suspense|diet|homework|heat|weather|meeting|silence|boredom|wait|commute|headline|"
        r"queue|exam|hangover|"
        r"workout|rent|traffic|cough|shoes|heels|"
        r"feet|back|legs|knees|cold|noise|stress|bills) (?:is|are|was|were) (?:\w+ "
        r")?(?:suffocating|killing|"
        r"murdering|destroying|crushing|choking)",
        r"(?:stabbed|stab|knife) (?:\w+ )?in the back (?:with|by)|die (?:before|without) (?:seeing|"
        r"having|ever)|"
        r"wake up early|(?:sick|tired) of (?:this|the) weather",
        r"(?:sunburn|calories|fat|rubber|bridges|cd|dvd|rice|toast|cake|cookies|milk|dinner|"
        r"lasagn\w|pizza|onions|"
        r"sausages|pancakes|tongue|curry|chili|sauce|"
        r"soup|salsa|cheeks|ears|thighs|lungs) (?:\w+ ){0,3}(?:burn\w*|on fire)|burn\w* (?:\w+ "
        r"){0,2}(?:calories|"
        r"the (?:rice|toast|cake|cookies|milk|dinner|pizza|"
        r"lasagn\w|onions|sausages|pancakes)|my tongue|incense|bridges|rubber)",
        r"(?:shot|shoot\w*|fire\w*|bomb\w*|attack\w*) (?:\w+ )?(?:to fame|up in price|questions|my "
        r"ideas?|his ideas?|"
        r"her ideas?|on stage|the (?:problem|ball|cake|crossword|piano))|"
        r"(?:amount|level|number|gallons|litres|tank|price|cost) of gas|how much gas|(?:hurt|kill|"
        r"damage|ruin) (?:my|"
        r"his|her|your) (?:credit|score|chances|feelings|pride|"
        r"reputation|eyes|ears)|broke in (?:half|two)|(?:we|i) (?:are|am) not moving|definition "
        r"(?:of|to|for)|"
        r"over my dead body|(?:light|lit|made|built|build|enjoy\w*|sat (?:around|by)) (?:\w+ "
        r")?(?:fire|bonfire|"
        r"campfire)|(?:trees?|oak|lavender|hedge|lawn|roses?|plants?|"
        r"basil|bonsai|browser|kernel|drone|reader|calculator|script|backup|currency|economy|cake|"
        r"souffle|tent|sofa|"
        r"argument|theory) (?:just )?(?:has |have |is |are |was |were |does "
        r"|will )?(?:not )?(?:collaps\w*(?! on (?:us|me|him|her|my|our|people|a|the))|respond\w*|"
        r"wak\w*|bleed\w*|"
        r"attack\w*|die\w*|dead|dying)",
        r"heart (?:sank|skipped|missed|melted|stopped when)|all heart|by heart",
        r"(?:i|you|he|she|we|they|team|band|crowd|code) (?:am|is|are|was|were) (?:\w+ )?on fire "
        r"(?:today|tonight|lately|"
        r"this \w+|right now)",
        r"(?:song|track|beat|outfit|album|playlist|salsa|tune|look|solo|dress|game|burger) (?:is|"
        r"was|"
        r"are) (?:\w+ )?(?:fire|lit|killer)",
        r"fir(?:e|ed|ing) up|fire the|fire ?(?:place|pit|works?|side|sale|drill)|camp ?fire|"
        r"bonfire|barbecue|"
        r"candles?(?! and (?:the|my|a)| (?:\w+ )?(?:fell|caught|set))|"
        r"(?:is|was|got|get|be|been|am) fired",
        r"fired (?:me|him|her|us|my|the)|light (?:a|the) fire|burn\w* (?:calories|fat|a cd|nicely|"
        r"low)|smoked? (?:salmon|"
        r"ham|cheese|machine)",
        r"(?:dying|dead|die|kill|burning) (?:to (?:know|see|meet|hear|try|go|get|tell|eat)|for an?|"
        r"of (?:boredom|"
        r"curiosity|laughter|shame))",
        r"(?:die|died|dying|killed|breathe|chok\w*|floor) .*(?:laugh\w*|embarrass\w*)|(?:laugh\w*|"
        r"embarrass\w*|"
        r"asham\w*) .*(?:die|died|breathe|chok\w*|floor)",
        r"(?:nearly|almost|practically) (?:\w+ )?(?:a heart attack|died|choked|fainted|drowned|"
        r"killed|burst|fell)|"
        r"(?:gave|giving) (?:me|him|her|us) a (?:heart attack|stroke)",
        r"(?:is|are|was|were) (?:\w+ )?(?:killing|murdering) (?:me|it|us)|killing it|to die for|"
        r"(?:was|is) (?:a killer|"
        r"murder|pure murder)",
        r"kill(?:ing|ed)? (?:\w+ )?(?:time|two birds|the (?:lights?|engine|music|volume|noise|"
        r"sound|mood|vibe))|"
        r"could kill for",
        r"(?:phone|laptop|battery|tablet|computer|tv|internet|wifi|connection|signal|server|app|"
        r"watch|remote|plants?|"
        r"conversation|party|"
        r"website|mouse|keyboard|printer|screen|economy|market|deal|company|tent|cake|bridge) "
        r"(?:\w+ ){0,3}(?:died|dead|"
        r"dying|dies|crash\w*|collaps\w*|frozen|not (?:respond|react|wak|mov|breath)\w*)",
        r"(?:drowning|buried|swimming|trapped|stuck|choking) (?:in|under|on) (?:work|debts?|"
        r"paper\w*|e ?mails?|homework|"
        r"traffic|tears|meetings|a meeting|my words|words)",
        r"(?:broke|burst|break|bursting|breaking) (?:out )?(?:into|in) (?:laughter|song|tears|a "
        r"(?:smile|sweat|dance|"
        r"grin)|applause)",
        r"breath\w* .*(?:dress|jeans|corset|collar|trousers|nose|mask)|(?:stuffy|blocked) nose|"
        r"breathtaking|"
        r"breath of fresh air|deep breath",
        r"not (?:wak\w+|get(?:ting)?|mov\w+)(?: up)? (?:before|until|till|early|on time|for "
        r"(?:school|work)|"
        r"in the mornings?|house|home|to)",
        r"(?:smoke|fire|gas|heating) (?:bills?|prices?|grill|ban|area|signals?)|gas station|police "
        r"(?:academy|dog|film|"
        r"series|song|band)",
        r"emergency (?:exits?|funds?|contacts?|brakes?|kits?|meetings?|plans?|budgets?|landings?|"
        r"stairs|lights?|drills?|"
        r"savings|number)",
        r"broken heart|heart (?:is )?broke\w*|(?:stole|broke|captured|won|melt\w*) (?:my|his|her|"
        r"the) hearts?|stroke of|"
        r"fell (?:in love|asleep|for)",
        r"hit (?:the|my|rock|it|a) (?:gym|road|target|ball|jackpot|snooze|bottom|off|personal|nail|"
        r"sack|hay|high|record)|"
        r"beat(?:ing)? the (?!kids|children|old|man|woman|boy|girl|dog|poor|driver|teacher|guard)|"
        r"heart attack on a plate",
        r"(?:shoot|shot|shooting) (?:\w+ ){0,2}(?:e ?mails?|messages?|texts?|photos?|photographs?|"
        r"pictures?|film|movie|"
        r"hoops|goal|stars?)",
        r"by accident|happy accidents?|crash (?:course|diet)|(?:give|gave|donat\w+) blood|blood "
        r"(?:oranges?|moon|type|"
        r"tests?|pressure pills?)",
        r"(?:was|got|been|were) shot (?:down|in (?:black|rome|one|\w+ (?:days|weeks)))|"
        r"jump(?:ing)? (?:rope|for joy|"
        r"to conclusions)|hang out|stabbed in the back by (?:his|her|my|their|the) (?:\w+ "
        r")?(?:party|friends?|"
        r"colleagues?|boss|team)|(?:knife|gun|sword) (?:collection|set|block|show|shop)",
    )
)
"""Figures of speech and things that are not what they sound like."""
UNREAL = re.compile(
    r"\b(?:reports?|plays?|documentar\w+|articles?|films?|movies?|books?|podcasts?|novels?|songs?|"
    r"poems?|"
    r"series) (?:about|on|of|with)\b|"
    r"\b(?:i|we|they|he|she) read that\b|\b(?:last|first|next) level\b|"
    r"\b(?:in|from|of|during|about|like|on) (?:(?:the|a|an|this|that|my|his|her|some|every) "
    r")?(?:\w+ ){0,2}(?:films?|"
    r"movies?|books?|novels?|"
    r"stor(?:y|ies)|shows?|series|games?|plays?|episodes?|dreams?|documentar\w+|paintings?|comics?|"
    r"operas?|poems?|"
    r"thriller|cartoon|video|musical|sitcom|anime|simulation|article|nightmare|"
    r"podcast|scene|trailer|tv|television|news|legend|fairy tales?|netflix)\b|"
    r"\b(?:i (?:dreamt|dreamed)|(?:dream|nightmare) (?:that|about|where)|(?:paper|papers|news|"
    r"radio|reporter|"
    r"article) (?:said|says|reported|reports)|"
    r"on the radio|in (?:round|level|chapter|act|season|episode|part) \w+|minecraft|fortnite|"
    r"halfway through|"
    r"in the (?:end|sequel)|the (?:hero|villain|wizard)|once upon a time|false alarm|(?:just|only) "
    r"(?:kidding|"
    r"joking|a (?:joke|drill|test)))\b"
)
"""Fiction, games, dreams, news, drills."""
LONG_OVER = re.compile(
    r"\b(?:yesterday|last (?:week|month|year|summer|winter|spring|autumn|christmas|century)|"
    r"(?:years?|months?|weeks?|"
    r"decades?|centuries) ago|"
    r"long ago|in (?:the )?(?:1[0-9]\d\d|20[0-2]\d|nineteen|eighteen|sixteen|two thousand|middle "
    r"ages|"
    r"(?:\w+ ){0,2}war)|as (?:a|an) (?:child|kid|boy|girl)|back in (?:the \w+(?:ies|s)\b|my (?:day|"
    r"youth))|"
    r"(?:before|after) (?:i|he|she|we|they) (?:was|were) born|long time ago|"
    r"it was nothing|of old age|peacefully|at (?:ninety|eighty|seventy|a great age)|ancestors?|"
    r"once(?: but| and|"
    r"$)|in (?:my|his|her|"
    r"their) (?:twenties|thirties|teens|youth)|"
    r"(?:last night|on \w+day) but|(?:we|i|they) were (?:students|kids|young)|(?:it|everything) "
    r"(?:is|was|"
    r"turned out) (?:over|fine)|laugh about it|"
    r"when (?:i|he|she|we|they) (?:was|were) (?:a |an )?(?:\w+ )?(?:child|children|kid|kids|boy|"
    r"girl|young|little|"
    r"small|years old|student)|"
    r"great (?:grand\w+|aunt|uncle)|used to|historic\w*|recovered|(?:is|are|am) (?:all )?(?:fine|"
    r"okay|well|better|"
    r"alright) (?:now|again)|luckily)\b"
)
NOW = re.compile(
    r"\b(?:help|(?<!fine )(?<!better )(?<!okay )(?<!well )(?<!again )(?<!over )now|(?:is|are|am|"
    r"can|will|does|"
    r"do) (?:still |just )?not (?:breath|wak|mov|respond|react|answer|stop|"
    r"get up|feel)\w*|"
    r"(?:is|are|am) (?:still |now )?(?:bleeding|choking|lying|burning|on fire|trapped|dying|"
    r"unconscious|"
    r"turning))\b(?! (?:fine|okay|better))"
)
"""What goes on, whenever it began."""
KNOWLEDGE = re.compile(
    r"^(?:(?:please|hey|hi|hello|so|well|and|but|um|uh|okay|just curious|by the way|listen|i "
    r"wonder|i was wondering|"
    r"i would like to know|"
    r"do you know|can you tell me|could you tell me|can you explain|could you explain|tell me|"
    r"explain|any idea|"
    r"[.,!?…]) )*"
    r"(?:what (?:is|are|was|were|caus\w+|does|did|do (?!i do\b)|happens?|happened|number|kinds?|"
    r"helps?|makes?)|"
    r"how (?:does|do (?!i (?:help|save|stop)\b)|did|can|many|much|long|often|common|likely|"
    r"dangerous|hot|fast|old|"
    r"far|is|are|was|were|to)|"
    r"why|who|when|where|which|did|does|do (?!not\b)|can (?:you|one|people|a|an|\w+s)|is (?:it|"
    r"there an?|\w+ing)|"
    r"are (?:there|\w+s)|have you|has (?:there|anyone)|"
    r"define|something about|(?:about|of) (?:the|a))\b"
)
"""How questions begin that want to know something."""
FIRST_HAND = re.compile(
    r"\b(?:my (?!life\b)|our|here|help|the (?:baby|kitchen|house)|(?:he|she|i|we) (?:am|is|are|can|"
    r"will|do|does|has|"
    r"have|just|think|smell|see) )"
)
"""What is in a question that is asked because of something that goes on."""
SAFE = re.compile(
    r"\b(?:if|when|in case|whenever) (?:someone|somebody|a person|people|you|anyone|anybody|one) "
    r"(?:\w+ )?(?:is|"
    r"are|has|have|had|gets?|starts?|stops?|can not|does not)\b(?!.*\b(?:my|he|"
    r"she|now|here)\b)|"
    r"\b(?:(?:is|are|was|were|am|do|does) (?:not|never) (?:\w+ ){0,2}(?:emergency|danger|hurt|"
    r"injured|suicidal|"
    r"on fire|burning|dangerous)|"
    r"(?<!oh )\bno (?:real |actual )?(?:emergency|fire|smoke|danger|harm|injuries)|(?:nobody|no "
    r"one) (?:is|was|got|"
    r"has been) (?:\w+ )?(?:hurt|injured|in danger|killed)|"
    r"i (?:do not want|would never want|am not going|would not) to (?:kill|harm|hurt)|i (?:will|"
    r"would) never (?:kill|"
    r"harm|hurt))\b"
)
ONLY_HELP = re.compile(
    r"^(?:(?:please|hey|hello|hi) )*/? ?help(?: me| menu| please)*(?: [.,!?…])*$|"
    r"\b(?:what can you (?:do|help)|how can you help)\b"
)
"""Words that ask what the assistant can do."""

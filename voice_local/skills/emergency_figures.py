"""Patterns of text that uses words of danger but reports none: figures of speech, fiction,
questions of knowledge, events long past, denials.

As in `emergency_words`, they are matched against the result of `written_out`.
"""

from __future__ import annotations

import re

FIGURES = tuple(
    re.compile(rf"\b(?:{pattern})\b")
    for pattern in (
        r"(?:remind (?:me|us)|reminder) .*(?:call|phone|ring|contact|thank|visit|pay)|"
        r"more police on|"
        r"(?:want|wants|wanted) to (?:be|become) an? (?:police|fire|paramedic)",
        r"(?:nearly|almost|practically|virtually|about) (?:\w+ )?(?:had a|have a|jumped|exploded|"
        r"suffocat\w*|drowned|killed|died|passed out|choked|collapsed|lost my mind)(?! (?:crash|"
        r"accident|fall))",
        r"(?:had|have|having) a (?:\w+ )?(?:heart attack|stroke|seizure|fit) (?:when|at the "
        r"(?:price|sight|thought)|because|every time|over|just (?:looking|thinking))",
        r"so (?:hard|much|loud|long|badly) (?:that )?(?:i|we|he|she|my \w+) (?:could|nearly|almost|"
        r"can|thought|got|was|hurt)",
        r"dying (?:of|for|to|from) (?!(?:blood|an? (?:overdose|bite)|the (?:smoke|gas|pain)|poison|"
        r"smoke|cancer|my|his|her)\b)|dying (?:art|breed|wish|trade|language)",
        r"(?:drowning|suffocating|choking|buried|swimming|trapped|stuck) (?:in|under|on|with) "
        r"(?:work|debts?|paper\w*|e ?mails?|homework|laundry|chores|deadlines|meetings?|kittens|"
        r"nappies|diapers|requests|calls|messages|bills|data|love|boredom|traffic|my thoughts|"
        r"the past|routine)",
        r"(?:by|from|with) (?:the )?(?:aphids|slugs|mould|mold|weeds|spam|critics|hackers|"
        r"nostalgia|emotion|joy|laughter|curiosity|surprise|boredom|guilt|shame|love|jealousy|"
        r"applause)",
        r"(?:called|named|titled|entitled) (?:\w+ )?(?:fire|heart|stroke|killer|drowning|burning|"
        r"massacre|gunshot|poison|suicide|attack|murder)",
        r"(?:toy|model|plastic|lego|fake|wooden|water|nerf|cardboard|inflatable|rubber) "
        r"(?:\w+ )?(?:guns?|knife|ambulances?|fire|police|pistols?|swords?|snakes?|cars?|bombs?)|"
        r"(?:fire|police|ambulance) (?:engine|truck|car|costume|helmet|toy|set)s? (?:for|toy|"
        r"costume|as a)",
        r"(?:kill|end|abort|terminate|execute|crash\w*) (?:the |that |this |a |my )?(?:process|"
        r"task|program|script|job|app|thread|daemon|session|window|tab)",
        r"(?:wallet|budget|economy|company|startup|club|bank|account|team|campaign|radiator|"
        r"colours?|sauce|ink|pen|brakes?) (?:is|are|was|were) (?:\w+ )?bleeding|bleed (?:the|a|my) "
        r"(?:radiator|brake)s?|bleeding (?:money|cash|talent|points|edge)",
        r"(?:suspense|diet|homework|heat|weather|meeting|silence|boredom|wait|commute|headline|"
        r"queue|exam|hangover|workout|rent|traffic|cough|shoes|heels|feet|back|legs|knees|cold|"
        r"noise|stress|bills) (?:is|are|was|were) (?:\w+ )?(?:suffocating|killing|murdering|"
        r"destroying|crushing|choking)",
        r"(?:stabbed|stab|knife) (?:\w+ )?in the back (?:with|by)|die (?:before|without) (?:seeing|"
        r"having|ever)|wake up early|(?:sick|tired) of (?:this|the) weather",
        r"(?:sunburn|calories|fat|rubber|bridges|cd|dvd|rice|toast|cake|cookies|milk|dinner|"
        r"lasagn\w|pizza|onions|sausages|pancakes|tongue|curry|chili|sauce|soup|salsa|cheeks|ears|"
        r"thighs|lungs) (?:\w+ ){0,3}(?:burn\w*|on fire)|burn\w* (?:\w+ ){0,2}(?:calories|"
        r"the (?:rice|toast|cake|cookies|milk|dinner|pizza|lasagn\w|onions|sausages|pancakes)|"
        r"my tongue|incense|bridges|rubber)",
        r"(?:shot|shoot\w*|fire\w*|bomb\w*|attack\w*) (?:\w+ )?(?:to fame|up in price|questions|"
        r"my ideas?|his ideas?|her ideas?|on stage|the (?:problem|ball|cake|crossword|piano))|"
        r"(?:amount|level|number|gallons|litres|tank|price|cost) of gas|how much gas|(?:hurt|kill|"
        r"damage|ruin) (?:my|his|her|your) (?:credit|score|chances|feelings|pride|reputation|eyes|"
        r"ears)|broke in (?:half|two)|(?:we|i) (?:are|am) not moving|definition (?:of|to|for)|over "
        r"my dead body|(?:light|lit|made|built|build|enjoy\w*|sat (?:around|by)) (?:\w+ )?(?:fire|"
        r"bonfire|campfire)|(?:trees?|oak|lavender|hedge|lawn|roses?|plants?|basil|bonsai|browser|"
        r"kernel|drone|reader|calculator|script|backup|currency|economy|cake|souffle|tent|sofa|"
        r"argument|theory) (?:just )?(?:has |have |is |are |was |were |does "
        r"|will )?(?:not )?(?:collaps\w*(?! on (?:us|me|him|her|my|our|people|a|the))|respond\w*|"
        r"wak\w*|bleed\w*|attack\w*|die\w*|dead|dying)",
        r"heart (?:sank|skipped|missed|melted|stopped when)|all heart|by heart",
        r"(?:i|you|he|she|we|they|team|band|crowd|code) (?:am|is|are|was|were) (?:\w+ )?on fire "
        r"(?:today|tonight|lately|this \w+|right now)",
        r"(?:song|track|beat|outfit|album|playlist|salsa|tune|look|solo|dress|game|burger) (?:is|"
        r"was|are) (?:\w+ )?(?:fire|lit|killer)",
        r"fir(?:e|ed|ing) up|fire the|fire ?(?:place|pit|works?|side|sale|drill)|camp ?fire|"
        r"bonfire|barbecue|candles?(?! and (?:the|my|a)| (?:\w+ )?(?:fell|caught|set))|(?:is|was|"
        r"got|get|be|been|am) fired",
        r"fired (?:me|him|her|us|my|the)|light (?:a|the) fire|burn\w* (?:calories|fat|a cd|nicely|"
        r"low)|smoked? (?:salmon|ham|cheese|machine)",
        r"(?:dying|dead|die|kill|burning) (?:to (?:know|see|meet|hear|try|go|get|tell|eat)|for an?|"
        r"of (?:boredom|curiosity|laughter|shame))",
        r"(?:die|died|dying|killed|breathe|chok\w*|floor) .*(?:laugh\w*|embarrass\w*)|(?:laugh\w*|"
        r"embarrass\w*|asham\w*) .*(?:die|died|breathe|chok\w*|floor)",
        r"(?:nearly|almost|practically) (?:\w+ )?(?:a heart attack|died|choked|fainted|drowned|"
        r"killed|burst|fell)|(?:gave|giving) (?:me|him|her|us) a (?:heart attack|stroke)",
        r"(?:is|are|was|were) (?:\w+ )?(?:killing|murdering) (?:me|it|us)|killing it|to die for|"
        r"(?:was|is) (?:a killer|murder|pure murder)",
        r"kill(?:ing|ed)? (?:\w+ )?(?:time|two birds|the (?:lights?|engine|music|volume|noise|"
        r"sound|mood|vibe))|could kill for",
        r"(?:phone|laptop|battery|tablet|computer|tv|internet|wifi|connection|signal|server|app|"
        r"watch|remote|plants?|conversation|party|website|mouse|keyboard|printer|screen|economy|"
        r"market|deal|company|tent|cake|bridge) (?:\w+ ){0,3}(?:died|dead|dying|dies|crash\w*|"
        r"collaps\w*|frozen|not (?:respond|react|wak|mov|breath)\w*)",
        r"(?:drowning|buried|swimming|trapped|stuck|choking) (?:in|under|on) (?:work|debts?|"
        r"paper\w*|e ?mails?|homework|traffic|tears|meetings|a meeting|my words|words)",
        r"(?:broke|burst|break|bursting|breaking) (?:out )?(?:into|in) (?:laughter|song|tears|"
        r"a (?:smile|sweat|dance|grin)|applause)",
        r"breath\w* .*(?:dress|jeans|corset|collar|trousers|nose|mask)|(?:stuffy|blocked) nose|"
        r"breathtaking|breath of fresh air|deep breath",
        r"not (?:wak\w+|get(?:ting)?|mov\w+)(?: up)? (?:before|until|till|early|on time|"
        r"for (?:school|work)|in the mornings?|house|home|to)",
        r"(?:smoke|fire|gas|heating) (?:bills?|prices?|grill|ban|area|signals?)|gas station|police "
        r"(?:academy|dog|film|series|song|band)",
        r"emergency (?:exits?|funds?|contacts?|brakes?|kits?|meetings?|plans?|budgets?|landings?|"
        r"stairs|lights?|drills?|savings|number)",
        r"broken heart|heart (?:is )?broke\w*|(?:stole|broke|captured|won|melt\w*) (?:my|his|her|"
        r"the) hearts?|stroke of|fell (?:in love|asleep|for)",
        r"hit (?:the|my|rock|it|a) (?:gym|road|target|ball|jackpot|snooze|bottom|off|personal|nail|"
        r"sack|hay|high|record)|beat(?:ing)? the (?!kids|children|old|man|woman|boy|girl|dog|poor|"
        r"driver|teacher|guard)|heart attack on a plate",
        r"(?:shoot|shot|shooting) (?:\w+ ){0,2}(?:e ?mails?|messages?|texts?|photos?|photographs?|"
        r"pictures?|film|movie|hoops|goal|stars?)",
        r"by accident|happy accidents?|crash (?:course|diet)|(?:give|gave|donat\w+) blood|blood "
        r"(?:oranges?|moon|type|tests?|pressure pills?)",
        r"(?:was|got|been|were) shot (?:down|in (?:black|rome|one|\w+ (?:days|weeks)))|"
        r"jump(?:ing)? (?:rope|for joy|to conclusions)|hang out|stabbed in the back by (?:his|her|"
        r"my|their|the) (?:\w+ )?(?:party|friends?|colleagues?|boss|team)|(?:knife|gun|sword) "
        r"(?:collection|set|block|show|shop)",
    )
)
"""Figures of speech, and names of things that contain words of danger."""
UNREAL = re.compile(
    r"\b(?:reports?|plays?|documentar\w+|articles?|films?|movies?|books?|podcasts?|novels?|songs?|"
    r"poems?|series) (?:about|on|of|with)\b|\b(?:i|we|they|he|she) read that\b|\b(?:last|first|"
    r"next) level\b|\b(?:in|from|of|during|about|like|on) (?:(?:the|a|an|this|that|my|his|her|some|"
    r"every) )?(?:\w+ ){0,2}(?:films?|movies?|books?|novels?|stor(?:y|ies)|shows?|series|games?|"
    r"plays?|episodes?|dreams?|documentar\w+|paintings?|comics?|operas?|poems?|thriller|cartoon|"
    r"video|musical|sitcom|anime|simulation|article|nightmare|podcast|scene|trailer|tv|television|"
    r"news|legend|fairy tales?|netflix)\b|\b(?:i (?:dreamt|dreamed)|(?:dream|nightmare) (?:that|"
    r"about|where)|(?:paper|papers|news|radio|reporter|article) (?:said|says|reported|reports)|"
    r"on the radio|in (?:round|level|chapter|act|season|episode|part) \w+|minecraft|fortnite|"
    r"halfway through|in the (?:end|sequel)|"
    r"the (?:hero|villain|wizard)|once upon a time|false "
    r"alarm|(?:just|only) (?:kidding|joking|a (?:joke|drill|test)))\b"
)
"""Fiction, games, dreams, news, drills."""

SUPPOSED = re.compile(
    r"^(?:(?:so|and|but|okay|well|now|let us) )*(?:just )?(?:suppose|supposing|imagine|"
    r"hypothetically|let us say)(?: that| ,)? (?:an?|you|someone|somebody|people|one)\b"
    r"(?!.*\b(?:my|our|now|here|help|ambulance|police)\b)"
)
"""A case that is only thought of."""

LONG_OVER = re.compile(
    r"\b(?:yesterday|last (?:week|month|year|summer|winter|spring|autumn|christmas|century)|"
    r"(?:years?|months?|weeks?|decades?|centuries) ago|long ago|in (?:the )?(?:1[0-9]\d\d|"
    r"20[0-2]\d|nineteen|eighteen|sixteen|two thousand|middle ages|(?:\w+ ){0,2}war)|as (?:a|an) "
    r"(?:child|kid|boy|girl)|back in (?:the \w+(?:ies|s)\b|my (?:day|youth))|(?:before|after) (?:i|"
    r"he|she|we|they) (?:was|were) born|long time ago|it was nothing|of old age|peacefully|"
    r"at (?:ninety|eighty|seventy|a great age)|ancestors?|once(?: but| and|$)|in (?:my|his|her|"
    r"their) (?:twenties|thirties|teens|youth)|(?:last night|on \w+day) but|(?:we|i|they) were "
    r"(?:students|kids|young)|(?:it|everything) (?:is|was|turned out) (?:over|fine)|laugh about it|"
    r"when (?:i|he|she|we|they) (?:was|were) (?:a |an )?(?:\w+ )?(?:child|children|kid|kids|boy|"
    r"girl|young|little|small|years old|student)|great (?:grand\w+|aunt|uncle)|used to|historic\w*|"
    r"recovered|(?:is|are|am) (?:all )?(?:fine|okay|well|better|alright) (?:now|again)|luckily)\b"
)
NOW = re.compile(
    r"\b(?:help|(?<!fine )(?<!better )(?<!okay )(?<!well )(?<!again )(?<!over )now|(?:is|are|am|"
    r"can|will|does|do) (?:still |just )?not (?:breath|wak|mov|respond|react|answer|stop|get up|"
    r"feel)\w*|(?:is|are|am) (?:still |now )?(?:bleeding|choking|lying|burning|on fire|trapped|"
    r"dying|unconscious|turning))\b(?! (?:fine|okay|better))"
)
"""Events that are still going on, even if they began long ago."""
KNOWLEDGE = re.compile(
    r"^(?:(?:please|hey|hi|hello|so|well|and|but|um|uh|okay|just curious|by the way|listen|"
    r"i wonder|i was wondering|i would like to know|do you know|can you tell me|could you tell me|"
    r"can you explain|could you explain|tell me|explain|any idea|[.,!?…]) )*(?:what (?:is|are|was|"
    r"were|caus\w+|does|did|do (?!i do\b)|happens?|happened|number|kinds?|helps?|makes?)|"
    r"how (?:does|do (?!i (?:help|save|stop)\b)|did|can|many|much|long|often|common|likely|"
    r"dangerous|hot|fast|old|far|is|are|was|were|to)|why|who|when|where|which|did|does|"
    r"do (?!not\b)|can (?:you|one|people|a|an|\w+s)|is (?:it|there an?|\w+ing)|are (?:there|\w+s)|"
    r"have you|has (?:there|anyone)|define|something about|(?:about|of) (?:the|a))\b"
)
"""Beginnings of questions of knowledge."""
FIRST_HAND = re.compile(
    r"\b(?:my (?!life\b)|our|here|help|the (?:baby|kitchen|house)|(?:he|she|i|we) (?:am|is|are|can|"
    r"will|do|does|has|have|just|think|smell|see) )"
)
"""Words in a question that is asked because of a present event."""
SAFE = re.compile(
    r"\b(?:if|when|in case|whenever) (?:someone|somebody|a person|people|you|anyone|anybody|one) "
    r"(?:\w+ )?(?:is|are|has|have|had|gets?|starts?|stops?|can not|does not)\b(?!.*\b(?:my|he|she|"
    r"now|here)\b)|\b(?:(?:is|are|was|were|am|do|does) (?:not|never) (?:\w+ ){0,2}(?:emergency|"
    r"danger|hurt|injured|suicidal|on fire|burning|dangerous)|(?<!oh )\bno (?:real |"
    r"actual )?(?:emergency|fire|smoke|danger|harm|injuries)|(?:nobody|no one) (?:is|was|got|"
    r"has been) (?:\w+ )?(?:hurt|injured|in danger|killed)|i (?:do not want|would never want|"
    r"am not going|would not) to (?:kill|harm|hurt)|i (?:will|would) never (?:kill|harm|hurt))\b"
)
ONLY_HELP = re.compile(
    r"^(?:(?:please|hey|hello|hi) )*/? ?help(?: me| menu| please)*(?: [.,!?…])*$|\b(?:what can you "
    r"(?:do|help)|how can you help)\b"
)
"""Questions about what the assistant can do."""

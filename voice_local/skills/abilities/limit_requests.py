"""Which requests ask for something that the assistant cannot do without a host program.

Only requests are recognized, never questions about the same things: "call my sister" and not "how
do people call a cat".
"""

from __future__ import annotations

import re

from voice_local.skills.abilities.limit_questions import (
    GOODS_QUESTIONS,
    QUESTIONS,
)
from voice_local.skills.abilities.limits import (
    BOOK,
    BUY,
    CONTACT,
    HANDS,
    HOME,
    LIST,
    MEDIA,
    PERSON,
)
from voice_local.skills.abilities.words import (
    bare,
    spelled,
)

_ON = r"(?:on|off|up|down)"
_HOUSE = (
    r"(?:lights?|lamps?|bulbs?|heat(?:ing|er)?|radiators?|thermostat|temperature|fan|"
    r"air ?con(?:ditioning)?|ac|tv|television|radio|stereo|oven|stove|kettle|coffee machine|coffee "
    r"maker|dishwasher|washing machine|dryer|vacuum|robot|blinds?|shutters?|curtains?|windows?|"
    r"doors?|gate|garage|locks?|sprinklers?|camera|alarm system|plug|socket|computer|laptop|"
    r"printer|music|screen|wifi|router|bedroom|kitchen|bathroom|living room|hallway|power)"
)
_THE = (
    r"(?:(?:all |both )?(?:of )?(?:the|my|our|that|this|these|those|a|an|all|every) )?(?:[\w']+ "
    r"){0,3}?"
)
_WHOM = (
    r"(?:(?:my|the|our|your|his|her|a|an) (?:[\w']+ ){0,2}?(?:mum|mom|mother|dad|father|sister|"
    r"brother|wife|husband|son|daughter|parents?|partner|friend|boyfriend|girlfriend|boss|"
    r"colleague|doctor|dentist|neighbou?rs?|office|school|bank|landlord|teacher|manager|assistant|"
    r"plumber|police|ambulance|fire brigade|hotel|restaurant|shop|grandma|grandpa|granny|uncle|"
    r"aunt|cousin|team|client|lawyer|vet|clinic|pharmacy|hospital)\b|him|her|them|mum|mom|dad|911|"
    r"999|112|(?:an? )?(?:ambulance|taxi|cab|uber|doctor)|emergency services)"
)
_REQUESTS = tuple(
    (re.compile(pattern), line)
    for pattern, line in (
        # Home.
        (rf"^(?:turn|switch|power) {_ON} {_THE}[\w']+", HOME),
        (
            rf"^(?:turn|switch|power) {_THE}[\w']+(?: [\w']+)? {_ON}\b|^(?:put|leave) "
            rf"{_THE}{_HOUSE} {_ON}\b",
            HOME,
        ),
        (
            rf"^(?:dim|brighten|lock|unlock|open|close|shut|lower|raise|heat|cool|preheat|start|"
            rf"stop|set|adjust|change|activate|deactivate|arm|disarm|fire) {_THE}{_HOUSE}\b",
            HOME,
        ),
        (
            rf"^(?:fire|power|light) {_THE}{_HOUSE} up$|^make it (?:\w+ )?(?:warmer|cooler|colder|"
            rf"hotter|brighter|darker)\b",
            HOME,
        ),
        (
            r"^(?:set|turn) (?:it|the \w+) to (?:[\w']+ ){1,3}(?:degrees|percent)\b|^lights? (?:on|"
            r"off)\b",
            HOME,
        ),
        (r"^run (?:the|my) (?:vacuum|dishwasher|washing machine|dryer|bath|robot)\b", HOME),
        # People.
        (
            r"^(?:talk|speak) (?:to|with) (?:a|an|the|your|some|another)(?: \w+){0,2} (?:person|"
            r"human|human being|agent|operator|representative|manager|supervisor|someone|advisor|"
            r"colleague)\b|^(?:talk|speak) (?:to|with) (?:someone|somebody|a human|a person|"
            r"customer service)\b|^let me (?:talk|speak) (?:to|with) (?!you\b)",
            PERSON,
        ),
        (
            r"^(?:connect|transfer|put|patch|pass|hand|forward) (?:me|us|this call|the call)(?:(?: "
            r"through| over)?(?: (?:to|with) (?!some |the internet|bluetooth)(?:[\w']+ ?){1,4}|"
            r" through))?$",
            PERSON,
        ),
        (
            r"^(?:get|give|find|bring|fetch) me (?:a|an|the|your|some)(?: \w+)? (?:person|human|"
            r"agent|operator|manager|supervisor|representative)\b|^(?:a )?(?:real |"
            r"human )(?:person|agent|being)$|"
            r"^(?:operator|agent|representative)$",
            PERSON,
        ),
        (
            rf"^(?:please )?(?:call|ring|phone|dial|text|message|email|e mail|contact|video call|"
            rf"facetime|notify|inform|alert)(?: up| back)? {_WHOM}",
            CONTACT,
        ),
        (
            r"^(?:call|ring|phone|dial|text|facetime) (?!me\b|it\b|you\b|that\b|this\b|yourself\b|"
            r"on\b|for\b)[a-z']+(?: (?:back|and|now|that|to|at home|on|for|at|about|mobile).*)?$",
            CONTACT,
        ),
        (
            r"^(?:send|forward|shoot|drop)(?: \w+)? (?:(?:an?|the|my|this|that) )?(?:\w+ )?"
            r"(?:e ?mail|mail|message|text|sms|note|fax|letter|invitation|reply|whatsapp)(?: "
            r"message)? (?:to|that|saying|about|back)\b|^(?:send|email|e mail|message) [a-z']+ "
            r"(?:an?|the|my|that|saying|about)\b|^(?:send|reply to) (?:an?|the|that|this|my|his|"
            r"her) (?:\w+ )?(?:e ?mail|message|text|sms)\b",
            CONTACT,
        ),
        (
            rf"^tell {_WHOM} (?:that|to|about|i|we|dinner|it)\b|^let {_WHOM} know\b|^(?:post|tweet|"
            rf"share) (?:this|that|it|a \w+) (?:on|to)\b",
            CONTACT,
        ),
        (
            r"^(?:make|place|start) (?:a|an|the) (?:\w+ )?(?:phone |video )?call\b|^answer the "
            r"(?:phone|door)|^hang up on\b",
            CONTACT,
        ),
        # Lists and notes.
        (
            r"^(?:add|put|write|note|enter|jot|scribble)\b.* (?:on|onto|to|in|into|from) (?:the|my|"
            r"our|a) (?:[\w']+ ){0,2}?(?:list|lists|calendar|diary|notes?|basket|cart|trolley)\b",
            LIST,
        ),
        (
            r"^(?:what is|what do i have|read|show|tell|clear|empty|delete|check|open)(?: me)?(?: "
            r"out)?(?: what is)?(?: on)? (?:the|my|our) (?:[\w']+ ){0,2}?(?:list|notes?|basket|"
            r"cart)$|^(?:write|note|jot|take)(?: (?:this|that|it))? down\b|"
            r"^(?:write|note|take|make) (?:a |down |me a )?notes?(?: (?:that|of|about|for|"
            r"to)\b.*)?$",
            LIST,
        ),
        (
            r"^(?:remove|delete|take|cross)\b.* (?:from|off) (?:the|my|our) (?:[\w']+ ){0,2}?list$|"
            r"^(?:make|start|create|begin) (?:a|me a|the) (?:new )?(?:shopping|grocery|to do|todo|"
            r"packing) list$|"
            r"^remember to (?!me\b)\w+ ",
            LIST,
        ),
        # Bookings.
        (
            r"^(?:book|reserve|schedule|arrange|set up|get me|make)(?: me| us)? (?:an?|the|my|two|"
            r"three|some|another) (?:[\w']+ ){0,3}?(?:table|room|flight|hotel|ticket|tickets|seat|"
            r"seats|appointment|reservation|booking|meeting|visit|haircut|cab|car|court|train|bus|"
            r"slot|call)\b",
            BOOK,
        ),
        (
            r"^(?:an? |the |another )?(?:[\w']+ )?(?:appointment|reservation|booking|table) "
            r"(?:with|at|for|on) ",
            BOOK,
        ),
        (
            r"^(?:move|cancel|change|reschedule|postpone|confirm|shift|delay) (?:my|the|our|that|"
            r"this) (?:[\w']+ ){0,2}?(?:appointment|reservation|booking|meeting|flight|table|room|"
            r"visit|hotel|ticket|subscription|membership|event)\b",
            BOOK,
        ),
        (r"^(?:check me in|check in)(?: for)? (?:my|the) flight", BOOK),
        # Buying.
        (
            r"^(?:order|buy|purchase|get)(?: me| us)? (?:an?|some|the|two|three|more|another|my) "
            r"(?:[\w']+ ){0,4}?(?:pizza|pizzas|food|dinner|lunch|takeaway|burgers?|sushi|coffee|"
            r"groceries|flowers|books?|shoes|tickets?|milk|bread|batteries|ones?|taxi|cab|uber|"
            r"present|gift|meal|beer|wine|water|ink|phone|delivery)\b|^order (?:me |us )?(?:an?|"
            r"some|two|three|four|more) \w+|^order (?:me |us )?the (?!\w+ (?:by|from|in|so|"
            r"alphabetically|according)\b)\w+",
            BUY,
        ),
        (
            r"^(?:return|exchange|send back|refund) (?:my|the|these|this|that|those|it)\b|"
            r"^my money back\b|^(?:pay|wire|send|transfer) (?:my |the |[\w.,$€£]+ )*(?:bill|rent|"
            r"invoice|euros?|dollars?|pounds?|money)\b",
            BUY,
        ),
        # Media.
        (
            r"^play(?: me| us)? (?!(?:.*\b)?(?:games?|chess|quiz|role|questions|riddles?|hangman|"
            r"with|against)\b)(?!(?:fair|dead|along|safe|nice|dumb)$|"
            r"(?:it (?:by|cool|safe|straight)|"
            r"hard to get|tricks)\b)",
            MEDIA,
        ),
        (
            r"^(?:skip|pause|resume|shuffle|rewind)(?: (?:this|the|that|my|to the))* (?:song|track|"
            r"music|album|playlist|podcast|next|video|film|movie|radio)\b|^(?:next|previous|last) "
            r"(?:song|track)$|"
            r"^(?:take|snap|shoot|make|record) (?:an?|the|my|our) (?:[\w']+ )?(?:photo|picture|"
            r"selfie|video|screenshot|recording|call)\b|^put on (?:some |a |the )?(?:[\w']+ ){0,2}?"
            r"(?:music|song|songs|radio|jazz|album|playlist|podcast)\b|^(?:start|stop) (?:the |"
            r"recording|a )?(?:music|recording|podcast|film|movie)?$",
            MEDIA,
        ),
    )
)
_HANDS = tuple(
    (re.compile(pattern), line)
    for pattern, line in (
        (
            r"^(?!.*\b(?:jokes?|poems?|story|songs?|recipe|sentence|rhyme|about)\b)(?:make|brew|"
            r"cook|bake|prepare|fix|pour|bring|fetch|get|hand|pass|give)(?: me| us)? (?:an?|some|"
            r"the|my|another|two)? ?(?:[\w']+ ){0,3}?(?:coffee|tea|sandwich|toast|breakfast|dinner|"
            r"lunch|cake|drink|beer|water|pizza|soup|eggs|cocktail|towel|newspaper|keys|glasses|"
            r"blanket|salt|umbrella|bag|phone|slippers)$|^you (?:can|could|may) (?:make|bring|"
            r"fetch|brew|cook) me\b|"
            r"^(?:print|scan|copy|download|install|upload|wash|clean|iron|water|feed|walk|charge|"
            r"repair|delete|open|close|launch|save|fold|sweep|vacuum|tidy) (?:the|my|this|that|"
            r"these|those|it|our)(?: [\w']+)*$|^(?:find|locate|where is|where are|ring) my "
            r"(?:[\w']+ )?(?:phone|keys?|glasses|wallet|car|remote|cat|dog|headphones|bag|watch|"
            r"tablet)$",
            HANDS,
        ),
    )
)
_OWN_DOING = re.compile(
    r"^(?:(?:so|well|and|but|now|today|tomorrow|oh|um) )*(?:i|we)(?: (?:really|just|also|still|"
    r"would|always))* (?:want|need|have|like|love|plan|hope|am going|are going|try|gotta|got) to "
    r"(?!hear\b|listen\b)(?P<act>\w+)(?P<music>.*\b(?:music|songs?|radio|album|playlist|podcast|"
    r"jazz|film|movie)\b)?"
)
"""What the user is about to do: "I want to make a cake" orders none."""
_TELLS = re.compile(r"^(?:how|why|who|whose|does|do you (?:think|like)|did)\b")
"""How a question about such a thing begins, as opposed to a request."""


def cannot_do(text: str) -> str | None:
    """The answer to `text` if it asks for something that nothing here can do; None otherwise."""
    words = bare(text)
    request = _TELLS.match(spelled(text)) is None
    own = _OWN_DOING.match(spelled(text))
    plays = own is not None and own["act"] == "play" and not own["music"]
    nobodys = {HANDS: own is not None, MEDIA: plays}
    for patterns, counts in (
        (GOODS_QUESTIONS, True),
        (_REQUESTS, request),
        (QUESTIONS, True),
        (_HANDS, request),
    ):
        for pattern, line in patterns:
            if counts and pattern.search(words) and not nobodys.get(line):
                return line
    return None
